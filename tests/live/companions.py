"""The companions in patches/ run beside a real instrument: a program of somebody else's, what it prints, and when to end it."""

import selectors
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from os import environ, killpg, read
from pathlib import Path
from signal import SIGKILL

from mvae.core.patch import shipped_folder
from tests.live.command import MvaeLive, mvae_live
from tests.parts import need

WAIT_S = 60.0
FOLDER = shipped_folder()
TOLD = {"/mvae/note", "/mvae/beat", "/mvae/bar", "/mvae/playing", "/mvae/patch", "/mvae/error"}  # besides all that stands on the panel


class Companion:
    """A running program, and what it has printed so far."""

    def __init__(self, words: Sequence[str], **more: str) -> None:
        pipe, to_stdout = subprocess.PIPE, subprocess.STDOUT
        self.process = subprocess.Popen(
            [*words], stdin=pipe, stdout=pipe, stderr=to_stdout, env={**environ, **more}, start_new_session=True
        )  # fmt: skip
        self.said = ""

    def wait(self, reached: Callable[[str], object]) -> None:
        """Read on until what it has printed is as wanted, for a bounded time."""
        assert self.process.stdout is not None
        end_s = time.monotonic() + WAIT_S
        with selectors.DefaultSelector() as ready:
            ready.register(self.process.stdout, selectors.EVENT_READ)
            while not reached(self.said):
                assert time.monotonic() < end_s, self.said
                if ready.select(0.05):
                    piece = read(self.process.stdout.fileno(), 65536)
                    assert piece or reached(self.said), f"it has ended: {self.said}"
                    self.said += piece.decode("utf-8", "replace")

    def close(self) -> None:
        """End it and what it has started: a sound server would hold its output open."""
        with suppress(ProcessLookupError):
            killpg(self.process.pid, SIGKILL)
        self.process.communicate()


@contextmanager
def companion(words: Sequence[str], **more: str) -> Iterator[Companion]:
    """A program beside the test, ended with the block; `more` are variables of its environment."""
    running = Companion(words, **more)
    try:
        yield running
    finally:
        running.close()


@contextmanager
def sclang(folder: Path, code: str, **more: str) -> Iterator[Companion]:
    """SuperCollider's language, which runs this code with a folder as its home; `more` are variables of its environment."""
    program = shutil.which("sclang")
    need("SuperCollider's language", program is not None, "apt-get install --no-install-recommends supercollider-language")
    script = folder / "test.scd"
    script.write_text(code)
    home = {"HOME": str(folder), "QT_QPA_PLATFORM": "offscreen", "QTWEBENGINE_DISABLE_SANDBOX": "1", "XDG_RUNTIME_DIR": str(folder)}
    with companion([str(program), str(script)], **home, **more) as running:
        yield running


@contextmanager
def armed(name: str, *more: str) -> Iterator[MvaeLive]:
    """A real instrument that waits for play, heard by the test as well; `more` are words of its command."""
    with mvae_live("--seed", "1", "--start", "armed", "--no-surface", "--name", name, "--tempo", "240", *more) as instrument:
        instrument.subscribe()
        yield instrument


LOUD = """
import sys, threading, jack, numpy
client, heard = jack.Client("ear", no_start_server=True), threading.Event()
port = client.inports.register("in")
@client.set_process_callback
def process(frames):
    if numpy.abs(port.get_array()).max() > 0.05: heard.set()
with client:
    client.connect("SuperCollider:out_1", port)
    sys.exit(not heard.wait(30))
"""


def sounds() -> bool:
    """Whether the sound server of a companion, a scsynth on this test's JACK, is heard within half a minute."""
    return subprocess.run([sys.executable, "-c", LOUD], check=False).returncode == 0


def stands(instrument: MvaeLive, address: str, value: object) -> bool:
    """Whether the last that was heard of an address is this value."""
    heard = instrument.heard(address)
    return bool(heard) and heard[-1] == (value,)
