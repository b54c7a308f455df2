"""patches/sonicpi/mvae.rb in a real Sonic Pi: it turns a real instrument, and plays each of its notes."""

import re
from collections import Counter
from pathlib import Path

from tests.live import jack
from tests.live.command import MvaeLive
from tests.live.companions import FOLDER, armed, sounds, stands
from tests.live.jack import wait_until
from tests.live.sonic_pi import SonicPi, sonic_pi


def buffer(instrument: MvaeLive, pi: SonicPi) -> str:
    """What a performer pastes, with the two ports of this test."""
    code = (FOLDER / "sonicpi/mvae.rb").read_text()
    assert code.count("7770") == 1 and code.count(", 4560") == 1
    return code.replace("7770", str(instrument.port)).replace(", 4560", f", {pi.cue_port}")


def velocities(pi: SonicPi) -> Counter[int]:
    """Those of all notes that it has heard."""
    return Counter(int(values.split(",")[2]) for address, values in list(pi.cues) if address.endswith("/mvae/note"))


def samples(pi: SonicPi) -> Counter[int]:
    """The velocities of all samples that it has played."""
    found = (re.search(r"sample .*amp: ([\d.]+)", line, re.DOTALL) for line in list(pi.lines))
    return Counter(round(float(sample[1]) * 127) for sample in found if sample)


def test_the_sonic_pi_companion_turns_a_real_instrument_and_plays_each_of_its_notes(tmp_path: Path) -> None:
    with jack.server(), sonic_pi(tmp_path) as pi, armed("mvae-sonic") as instrument:
        instrument.send("/mvae/tempo", 300)
        code = buffer(instrument, pi)
        pi.run(code)
        for address, value in {"/mvae/knob/density": 0.5, "/mvae/playing": 1}.items():
            instrument.wait(lambda address=address, value=value: stands(instrument, address, value))
        pi.wait_lines("sample ", "bd_haus", count=4)
        assert sounds(), "Sonic Pi is silent"
        instrument.wait(lambda: len(set(instrument.heard("/mvae/knob/syncopation"))) > 2)  # the loop :walk, at each bar

        pi.run(code.replace('density", 0.5', 'density", 1.5'))  # Run again while it plays
        instrument.wait(lambda: stands(instrument, "/mvae/knob/density", 1.5))
        pi.run(f'osc_send "127.0.0.1", {instrument.port}, "/mvae/no/such/thing"')
        pi.wait_lines("unknown", "/mvae/no/such/thing")
        pi.wait_lines("/mvae/fill, [1]")
        bars = [bar for (bar,) in instrument.heard("/mvae/bar")]
        assert bars == list(range(len(bars))), "without a gap"

        instrument.send("/mvae/stop")
        instrument.wait(lambda: stands(instrument, "/mvae/playing", 0))
        assert wait_until(lambda: samples(pi) == velocities(pi), 10), (velocities(pi) - samples(pi), samples(pi) - velocities(pi))
        pi.cue("/mvae/note", "bass", 40, 100, 0.0, 1.0)
        pi.cue("/mvae/note", "melody", 64, 100, 0.0, 1.0)
        for sound in ("synth :fm, {note: 40", "synth :pluck, {note: 64"):
            pi.wait_lines(sound)
        assert sum(samples(pi).values()) > 40 and not any(line.startswith("ERROR") for line in pi.lines), pi.said()
