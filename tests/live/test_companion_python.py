"""patches/python/mvae_osc.py beside a real instrument: it needs python-osc alone."""

import sys

from tests.live.companions import FOLDER, TOLD, armed, companion, stands
from tests.live.jack import wait_until


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
