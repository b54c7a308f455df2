"""The notes of a real instrument in programs that are not ours: sclang hears `/dirt/play` as SuperDirt does, Pure Data the flat notes."""

import shutil
import subprocess
from pathlib import Path

from tests.live.command import free_port
from tests.live.companions import armed, sclang, stands
from tests.live.test_osc_pd import lines_until
from tests.parts import need

# What SuperDirt does with these messages, without its sounds: it answers the handshake, takes the pairs as an event, and plays it at the
# bundle's time.
DIRT = """
thisProcess.openUDPPort({port});
OSCFunc({{ |msg, time, from|
	from.sendMsg("/dirt/handshake/reply", "&serverHostname", "127.0.0.1", "&serverPort", 57110, "&controlBusIndices", 1, 2)
}}, "/dirt/handshake");
OSCFunc({{ |msg, time|
	var event = ();
	event.putPairs(msg[1..]);
	"heard % % % % % % % %".format(event[\\s], (event[\\note] ? event[\\n]).class, event[\\gain] > 0, event[\\delta] > 0, event[\\orbit],
		(event[\\cps] * 1000).round, ((time - Main.elapsedTime) * 1000).round,
		event[\\note] !? {{ (event[\\note] + (5 * 12)).asInteger }}).postln; // its octave is 5
}}, "/dirt/play");
"listening".postln;
"""
PD = """#N canvas 0 0 600 400 10;
#X obj 60 260 netreceive -u -b;
#X msg 60 230 listen PORT;
#X obj 60 200 loadbang;
#X obj 60 290 oscparse;
#X obj 60 320 list trim;
#X obj 60 350 print heard;
#X connect 2 0 1 0;
#X connect 1 0 0 0;
#X connect 0 0 3 0;
#X connect 3 0 4 0;
#X connect 4 0 5 0;
"""
SAMPLES = {"bd", "sn", "hh", "ho", "lt", "mt", "ht", "cr", "ab"}


def test_supercollider_hears_each_note_as_superdirt_does_ahead_of_its_time(tmp_path: Path) -> None:
    port = free_port()
    with armed("mvae-dirt") as instrument, sclang(tmp_path, DIRT.format(port=port)) as dirt:
        dirt.wait(lambda said: "listening" in said)
        instrument.send("/mvae/notes/to", f"dirt:{port}")
        instrument.wait(lambda: stands(instrument, "/mvae/notes/dirt", "answers"))
        instrument.send("/mvae/play")
        dirt.wait(lambda said: said.count("heard ") > 30)
        played = len(instrument.heard("/mvae/note"))
    events = [line.split()[1:] for line in dirt.said.splitlines() if line.startswith("heard ")]
    assert "ERROR" not in dirt.said and played > 20
    assert {event[0] for event in events} <= SAMPLES
    assert {tuple(event[1:6]) for event in events} == {("Float", "true", "true", "0", "1000.0")}
    ahead_ms = sorted(float(event[6]) for event in events)
    assert ahead_ms[len(ahead_ms) // 2] > 0 and ahead_ms[-1] <= 101, ahead_ms  # in time for its scheduler, and never later than the delay


def test_supercollider_hears_a_melody_as_the_pitches_of_superdirts_piano(tmp_path: Path) -> None:
    port = free_port()
    with armed("mvae-dirt-piano", "--patch", "morph_melody") as instrument, sclang(tmp_path, DIRT.format(port=port)) as dirt:
        dirt.wait(lambda said: "listening" in said)
        instrument.send("/mvae/notes/to", f"dirt:{port}")
        instrument.send("/mvae/play")
        dirt.wait(lambda said: said.count("heard ") > 12)
        told = {str(pitch) for _, pitch, *_ in instrument.heard("/mvae/note")}
    events = [line.split()[1:] for line in dirt.said.splitlines() if line.startswith("heard ")]
    assert "ERROR" not in dirt.said
    assert {tuple(event[:4]) for event in events} == {("superpiano", "Float", "true", "true")}
    assert {event[7] for event in events} <= told and len(told) > 2, events


def test_pure_data_hears_flat_notes(tmp_path: Path) -> None:
    pd = shutil.which("pd")
    need("Pure Data", pd is not None, "apt-get install puredata-core")
    port = free_port()
    patch = tmp_path / "ears.pd"
    patch.write_text(PD.replace("PORT", str(port)))
    command = [str(pd), "-nogui", "-noprefs", "-noaudio", "-nomidi", "-stderr", "-open", str(patch)]
    nowhere = subprocess.DEVNULL
    with armed("mvae-flat") as instrument, subprocess.Popen(command, stdin=nowhere, stdout=nowhere, stderr=subprocess.PIPE) as process:
        try:
            instrument.send("/mvae/notes/to", "flat", f"flat:{port}")  # two words are no way
            instrument.wait(lambda: instrument.heard("/mvae/error"))
            instrument.send("/mvae/notes/to", f"flat:{port}")
            instrument.send("/mvae/play")
            instrument.wait(lambda: len(instrument.heard("/mvae/note")) > 10)
            told = [" ".join(map(str, note[:3])) for note in instrument.heard("/mvae/note")[4:10]]
            heard = lines_until(process, tuple(f"heard: mvae note {note} " for note in told))
        finally:
            process.kill()
    assert [note for note in told if f"heard: mvae note {note} " not in heard] == [], heard
