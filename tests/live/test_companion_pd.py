"""patches/pd/mvae.pd in a real Pure Data, both ways: its sliders turn a real instrument, and the instrument's notes come back."""

import shutil
from pathlib import Path

from tests.live.companions import FOLDER, armed, companion, stands
from tests.parts import need

EAR = """#N canvas 0 0 300 200 10;
#X obj 10 10 r mvae-note;
#X obj 10 40 print note;
#X connect 0 0 1 0;
"""


def test_the_pure_data_patch_turns_a_real_instrument_and_hears_its_notes(tmp_path: Path) -> None:
    pd = shutil.which("pd")
    need("Pure Data", pd is not None, "apt-get install puredata-core")
    (tmp_path / "ear.pd").write_text(EAR)
    with armed("mvae-pd") as instrument:
        sent = [f"mvae-to 127.0.0.1 {instrument.port}", "mvae-density 1.25", "mvae-x 0.5", "mvae-y 0.25"]
        sent += ["mvae-tempo 200", "mvae-play bang"]
        words = [word for message in sent for word in ("-send", message)]
        files = [word for path in (FOLDER / "pd/mvae.pd", tmp_path / "ear.pd") for word in ("-open", str(path))]
        with companion([str(pd), "-nogui", "-noprefs", "-noaudio", "-nomidi", "-stderr", *files, *words]) as running:
            running.wait(lambda said: said.count("note: drums ") > 8)
            notes = [line.split() for line in running.said.splitlines() if line.startswith("note: drums ")]
        instrument.wait(lambda: stands(instrument, "/mvae/knob/density", 1.25))
        instrument.wait(lambda: stands(instrument, "/mvae/knob/x", 0.5) and stands(instrument, "/mvae/knob/y", 0.25))
        assert stands(instrument, "/mvae/tempo", 200.0) and stands(instrument, "/mvae/playing", 1)
        told = {(str(pitch), str(velocity)) for _, pitch, velocity, *_ in instrument.heard("/mvae/note")}
    assert all(len(note) == 6 and (note[2], note[3]) in told for note in notes[:8]), notes
    assert "error" not in running.said and "... couldn't create" not in running.said
