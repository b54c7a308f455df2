"""patches/supercollider/mvae.scd in a real sclang: its functions turn a real instrument, whose notes call back and sound on a real server;
and patches/tidal/mvae_ctrl.scd beside it, which tells TidalCycles."""

import shutil
import socket
from pathlib import Path

from mvae.live.osc_codec import address_of, arguments
from tests.live import jack
from tests.live.command import free_port
from tests.live.companions import FOLDER, armed, sclang, sounds, stands
from tests.parts import need

DRIVER = """
"{folder}/supercollider/mvae.scd".load;
"{folder}/tidal/mvae_ctrl.scd".load;
~mvae[\\note] = {{ |part, pitch, velocity, beat, seconds| "heard % % % %".format(part, pitch, velocity, seconds > 0).postln }};
~mvae.knob(\\density, 1.25);
~mvae.pad(0.5, 0.25);
~mvae.send("/mvae/no/such/thing");
~mvae.start;
~mvae.recall(\\B, 2);
~mvae.fill(1);
AppClock.sched(0.2, {{ "density %".format(~mvae[\\knobs][\\density]).postln; 0.2 }});
"""
SOUND = """
Server.default = Server(\\test, NetAddr("127.0.0.1", {port}));
"{folder}/supercollider/mvae.scd".load;
Server.default.waitForBoot({{ Server.default.sync; ~mvae.start }});
"""


def controls(tidal: socket.socket, wanted: set[str]) -> bool:
    """Whether Tidal is told of all these; each with a number."""
    while wanted:
        datagram = tidal.recv(65536)
        name, number = arguments(datagram)
        assert address_of(datagram) == b"/ctrl" and isinstance(number, float)
        wanted = wanted - {str(name)}
    return True


def test_the_supercollider_companion_turns_a_real_instrument_and_hears_its_notes(tmp_path: Path) -> None:
    with armed("mvae-sc") as instrument, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as tidal:
        tidal.bind(("127.0.0.1", 0))
        tidal.settimeout(30)
        ports = {"MVAE_PORT": str(instrument.port), "TIDAL_PORT": str(tidal.getsockname()[1])}
        with sclang(tmp_path, DRIVER.format(folder=FOLDER), **ports) as running:
            running.wait(lambda said: said.count("heard drums ") > 8 and "density 1.25" in said)
        assert controls(tidal, {"density", "kick", "bar"})
        instrument.wait(lambda: stands(instrument, "/mvae/knob/density", 1.25) and stands(instrument, "/mvae/knob/x", 1.0))
        heard = [line.split() for line in running.said.splitlines() if line.startswith("heard drums ")]
        told = {(str(pitch), str(velocity)) for _, pitch, velocity, *_ in instrument.heard("/mvae/note")}
    assert all((note[2], note[3]) in told and note[4] == "true" for note in heard[:8]), heard
    assert "WARNING: mvae: unknown /mvae/no/such/thing" in running.said and "ERROR" not in running.said


def test_the_supercollider_companion_sounds(tmp_path: Path) -> None:
    need("SuperCollider's server", shutil.which("scsynth") is not None, "apt-get install --no-install-recommends supercollider-server")
    code = SOUND.format(folder=FOLDER, port=free_port())
    with jack.server(), armed("mvae-sc-sound") as instrument, sclang(tmp_path, code, MVAE_PORT=str(instrument.port)) as running:
        running.wait(lambda said: "Requested notification" in said)
        instrument.wait(lambda: stands(instrument, "/mvae/playing", 1))
        assert sounds()
        assert "FAILURE" not in running.said and "ERROR" not in running.said
