"""The scripts in patches/ beside a real instrument: Python as it is, Sardine on a stand-in for its words."""

import os
import sys
from pathlib import Path

from tests.live.companions import FOLDER, TOLD, armed, companion, stands
from tests.live.jack import wait_until

SARDINE = """
import threading
def swim(function):
    threading.Timer(0.1, function).start()
    return function
def again(function, p=1, i=0):
    threading.Timer(p / 4, function, kwargs={"i": i}).start()
"""


def test_the_python_companion_walks_the_pad_of_a_real_instrument_and_prints_its_notes() -> None:
    with armed("mvae-python") as instrument:
        with companion([sys.executable, str(FOLDER / "python/mvae_osc.py")], MVAE_PORT=str(instrument.port)) as running:
            assert wait_until(lambda: running.process.poll() is not None, 60)
            running.wait(lambda said: said.count("drums ") > 20)
            assert running.process.returncode == 0, running.said
        instrument.wait(lambda: stands(instrument, "/mvae/playing", 0))
        instrument.send("/mvae/no/such/thing")
        instrument.wait(lambda: instrument.heard("/mvae/error"))
        assert len(set(instrument.heard("/mvae/knob/x"))) >= 4
        assert {told.address for told in instrument.told} >= TOLD


def test_the_sardine_companion_swims_beside_a_real_instrument(tmp_path: Path) -> None:
    (tmp_path / "sardine_core").mkdir()
    (tmp_path / "sardine_core/run.py").write_text(SARDINE)
    found = os.pathsep.join([str(tmp_path), str(FOLDER / "python")])
    with armed("mvae-sardine") as instrument:
        more = {"MVAE_PORT": str(instrument.port), "PYTHONPATH": found}
        with companion([sys.executable, str(FOLDER / "python/mvae_sardine.py")], **more) as running:
            for value in (-1.0, 0.0, 1.0):
                instrument.wait(lambda value=value: (value,) in instrument.heard("/mvae/knob/density"))
            instrument.wait(lambda: instrument.heard("/mvae/note"))
        assert "Error" not in running.said and not instrument.heard("/mvae/error")
