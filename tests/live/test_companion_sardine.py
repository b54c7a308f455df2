"""patches/python/mvae_sardine.py in a real Sardine session: its swimming functions turn a real instrument, whose bars it follows."""

import importlib.util
import json
import sys
from pathlib import Path

from tests.live import jack
from tests.live.command import free_port
from tests.live.companions import FOLDER, armed, companion, stands
from tests.parts import need


def test_the_sardine_companion_swims_beside_a_real_instrument_and_follows_its_bars(tmp_path: Path) -> None:
    need("Sardine", importlib.util.find_spec("sardine_core") is not None, "pip install sardine-system==0.4.0")
    settings = tmp_path / "Sardine/config.json"
    settings.parent.mkdir()
    settings.write_text(json.dumps({"config": {"bpm": 480, "boot_supercollider": False}}))
    home = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path), "MIDO_BACKEND": "mido.backends.rtmidi/UNIX_JACK"}
    take, code = tmp_path / "take.mid", (FOLDER / "python/mvae_sardine.py").read_text()
    assert code.count("7770") == 1 and code.count("7774") == 2
    with jack.server(), armed("mvae-sardine", "--record", str(take)) as instrument:
        code = code.replace("7770", str(instrument.port)).replace("7774", str(free_port()))
        with companion([sys.executable, "-m", "sardine"], **home) as running:
            assert running.process.stdin is not None
            running.process.stdin.write(code.encode() + b"\n")
            running.process.stdin.flush()
            instrument.wait(lambda: stands(instrument, "/mvae/playing", 1))
            instrument.wait(lambda: {-1.0, 0.0, 1.0, 2.0} <= {value for (value,) in instrument.heard("/mvae/knob/density")})
            instrument.wait(lambda: all({0.0, 1.0} <= {value for (value,) in instrument.heard(f"/mvae/knob/{name}")} for name in "xy"))
            instrument.wait(lambda: "fill" in take.with_suffix(".log").read_text())
            running.wait(lambda said: "/mvae/" in said)
        assert "Error" not in running.said and not instrument.heard("/mvae/error"), running.said
