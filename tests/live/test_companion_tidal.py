"""patches/tidal/ in a real TidalCycles: its patterns turn a real instrument, whose notes and knobs come back into patterns by sclang."""

import math
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mvae.live.osc_codec import address_of, arguments
from tests.live.command import MvaeLive, free_port
from tests.live.companions import FOLDER, Companion, armed, companion, sclang, stands
from tests.parts import need

BOOT = """
:set -XOverloadedStrings
:set prompt ""
import Sound.Tidal.Context
tidal <- startTidal (superdirtTarget {{oLatency = 0.1, oPort = {dirt}, oHandshake = False}}) (defaultConfig {{cCtrlPort = {control}}})
let d1 = streamReplace tidal 1 . (|< orbit 0)
let d2 = streamReplace tidal 2 . (|< orbit 1)
let hush = streamHush tidal
let setcps = streamOnce tidal . cps
setcps 2
"""  # as a performer boots, with ports of this test, and faster
CORNERS = {(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)}


class Tidal:
    """A real Tidal in ghci, and what it prints."""

    def __init__(self, ghci: Companion) -> None:
        self.ghci = ghci

    def evaluate(self, block: str) -> None:
        """What an editor does with the block under the cursor."""
        assert self.ghci.process.stdin is not None
        self.ghci.process.stdin.write(f":{{\n{block}\n:}}\n".encode())
        self.ghci.process.stdin.flush()

    def faults(self) -> str:
        """What ghci had against any of it, once it has come to its end."""
        self.evaluate('putStrLn "no more"')
        self.ghci.wait(lambda said: "no more" in said)
        return "\n".join(line for line in self.ghci.said.splitlines() if "rror" in line or "ailed" in line)


@contextmanager
def tidal(dirt: int, control: int) -> Iterator[Tidal]:
    ghci = shutil.which("ghci")
    there = ghci is not None and subprocess.run(["ghc-pkg", "latest", "tidal"], capture_output=True, check=False).returncode == 0
    need("TidalCycles", there, "apt-get install --no-install-recommends libghc-tidal-dev")
    with companion([str(ghci), "-v0", "-ignore-dot-ghci"]) as running:
        assert running.process.stdin is not None
        running.process.stdin.write(BOOT.format(dirt=dirt, control=control).encode())
        yield Tidal(running)


def blocks(port: int) -> list[str]:
    """The patch's blocks of code, with the port of this test."""
    text = (FOLDER / "tidal/mvae.tidal").read_text()
    assert text.count("7770") == 1
    code = re.sub(r"^--.*\n", "", text.replace("7770", str(port)), flags=re.MULTILINE)
    return [block.strip() for block in re.split(r"\n\s*\n", code) if block.strip()]


def places(instrument: MvaeLive) -> set[tuple[float, float]]:
    """Where on the pad it has stood, to a tenth; it tells what has changed."""
    found, stood = set[tuple[float, float]](), {"x": 0.0, "y": 0.0}
    for told in list(instrument.told):
        name = told.address.removeprefix("/mvae/knob/")
        if name in stood:
            stood[name] = round(float(str(told.values[0])), 1)
            found.add((stood["x"], stood["y"]))
    return found


def log_of(take: Path) -> str:
    """The control log that is written beside a recording, so far."""
    log = take.with_suffix(".log")
    return log.read_text() if log.exists() else ""


def test_the_patterns_of_a_real_tidal_turn_a_real_instrument(tmp_path: Path) -> None:
    take = tmp_path / "take.mid"
    with armed("mvae-tidal", "--record", str(take)) as instrument, tidal(free_port(), free_port()) as running:
        start, names, play, *patterns, hush, stop = blocks(instrument.port)
        density, temperature, pad, fill, glide = [block for block in patterns if re.match(r"m\d", block)]
        for block in (start, names, play):
            running.evaluate(block)
        instrument.wait(lambda: stands(instrument, "/mvae/playing", 1))
        for block in (density, temperature, pad, fill):
            running.evaluate(block)
        instrument.wait(lambda: {-1.0, 0.0, 1.0, 2.0} <= {value for (value,) in instrument.heard("/mvae/knob/density")})
        instrument.wait(lambda: len(set(instrument.heard("/mvae/knob/temperature"))) > 30)
        instrument.wait(lambda: len(places(instrument)) > 12)
        instrument.wait(lambda: "fill" in log_of(take))
        running.evaluate("setcps 1")
        running.evaluate(glide)
        instrument.wait(lambda: places(instrument) >= CORNERS)
        running.evaluate(hush)
        running.evaluate(stop)
        instrument.wait(lambda: stands(instrument, "/mvae/playing", 0))
        assert running.faults() == "" and not instrument.heard("/mvae/error")


def events(dirt: socket.socket) -> Iterator[dict[object, object]]:
    """The events that Tidal sends to SuperDirt, each in a bundle of one message."""
    while True:
        bundled = dirt.recv(65536)
        assert bundled.startswith(b"#bundle\0")
        datagram = bundled[20:]
        assert address_of(datagram) == b"/dirt/play"
        values = arguments(datagram)
        yield dict(zip(values[::2], values[1::2], strict=True))


def test_the_notes_and_knobs_of_a_real_instrument_come_into_the_patterns_of_a_real_tidal(tmp_path: Path) -> None:
    control = free_port()
    with armed("mvae-cycles") as instrument, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as dirt:
        dirt.bind(("127.0.0.1", 0))
        dirt.settimeout(30)
        ports = {"MVAE_PORT": str(instrument.port), "TIDAL_PORT": str(control)}
        with tidal(dirt.getsockname()[1], control) as running, sclang(tmp_path, (FOLDER / "tidal/mvae_ctrl.scd").read_text(), **ports):
            for block in blocks(instrument.port):
                if re.match(r"d\d", block):
                    running.evaluate(block)
            instrument.send("/mvae/play")
            instrument.send("/mvae/knob/variation", 0.5)
            heard = set[float]()
            for event in events(dirt):
                heard |= {float(str(event["gain"]))} if event["s"] == "hh" else set()
                if event.get("cutoff") == 300 + 0.5 * (6000 - 300) and len(heard) > 4:
                    break
            assert running.faults() == ""
        kicks = {velocity / 127 for _, pitch, velocity, *_ in instrument.heard("/mvae/note") if pitch == 36}
    assert all(gain == 0 or any(math.isclose(gain, kick, rel_tol=1e-6) for kick in kicks) for gain in heard), (heard, kicks)
