"""patches/supercollider/mvae.scd in a real sclang, without a sound server: its functions turn a real instrument, whose notes call back."""

import shutil
from pathlib import Path

from tests.live.companions import FOLDER, armed, companion, stands
from tests.parts import need

DRIVER = """
"{patch}".load;
~mvae[\\note] = {{ |part, pitch, velocity, beat, seconds| "heard % % % %".format(part, pitch, velocity, seconds > 0).postln }};
~mvae.knob(\\density, 1.25);
~mvae.pad(0.5, 0.25);
~mvae.send("/mvae/no/such/thing");
~mvae.start;
~mvae.recall(\\B, 2);
~mvae.fill(1);
AppClock.sched(0.2, {{ "density %".format(~mvae[\\knobs][\\density]).postln; 0.2 }});
"""


def test_the_supercollider_companion_turns_a_real_instrument_and_hears_its_notes(tmp_path: Path) -> None:
    sclang = shutil.which("sclang")
    need("SuperCollider's language", sclang is not None, "apt-get install --no-install-recommends supercollider-language")
    script = tmp_path / "driver.scd"
    script.write_text(DRIVER.format(patch=FOLDER / "supercollider/mvae.scd"))
    home = {"HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen", "QTWEBENGINE_DISABLE_SANDBOX": "1", "XDG_RUNTIME_DIR": str(tmp_path)}
    with armed("mvae-sc") as instrument:
        with companion([str(sclang), str(script)], MVAE_PORT=str(instrument.port), **home) as running:
            running.wait(lambda said: said.count("heard drums ") > 8 and "density 1.25" in said)
        instrument.wait(lambda: stands(instrument, "/mvae/knob/density", 1.25) and stands(instrument, "/mvae/knob/x", 1.0))
        heard = [line.split() for line in running.said.splitlines() if line.startswith("heard drums ")]
        told = {(str(pitch), str(velocity)) for _, pitch, velocity, *_ in instrument.heard("/mvae/note")}
    assert all((note[2], note[3]) in told and note[4] == "true" for note in heard[:8]), heard
    assert "WARNING: mvae: unknown /mvae/no/such/thing" in running.said and "ERROR" not in running.said
