"""The real instrument on a measuring bench: staged as `play` stages it, run by a thread, with a witness who writes down what was sent.

Its screen is drawn, to nowhere; its keys are off. Beside it stand processes as all are: the spinner, the reference sender, a hand. This
thread keeps the instrument's place among others: while it holds the interpreter's lock, the instrument waits for it.
Knows nothing of what is measured.
"""

import io
import os
import socket
import subprocess
import sys
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager, redirect_stdout, suppress
from pathlib import Path

from mvae.core.errors import UserError
from mvae.live import wire
from mvae.live.feedback import Feedback
from mvae.live.instrument import Instrument
from mvae.live.main import parser
from mvae.live.punctual import USUAL, preferred
from mvae.live.stage import stage

START_S = 15.0  # what does not play after this long never will
POLL_S = 0.01
TEMPO = "120"  # BPM, that of the promises


class Nowhere(io.StringIO):
    """A terminal that nobody looks at."""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        return len(text)


class Witness(Feedback):
    """Feedback that remembers what sounds, when each send was reported, how late it was and, unless it `forgets`, all that was struck."""

    def __init__(self, feedback: Feedback, forgets: bool = False):
        super().__init__(feedback.out, feedback.parts)
        self.forgets = forgets
        self.played: dict[tuple[int, int, int], tuple[int, int, int]] = {}  # (part, voice, step) -> song tick, pitch, velocity
        self.sounding: set[tuple[int, int]] = set()  # (channel, pitch)
        self.at_s, self.late_ms = array("d"), array("d")

    def hear(self, message: wire.Up) -> None:
        if isinstance(message, wire.Sent):
            self.at_s.append(time.monotonic())
            self.late_ms.append(message.lateness_us / 1000)
            (self.sounding.add if message.on else self.sounding.discard)((message.channel, message.pitch))
            if message.on and not self.forgets:
                self.played[message.part, message.voice, message.step] = (message.tick, message.pitch, message.velocity)
        elif isinstance(message, wire.Panicked):
            self.sounding.clear()
        super().hear(message)

    def late_between(self, begin_s: float, end_s: float) -> list[float]:
        """Lateness in ms of what was reported between two monotonic times."""
        return [late for at_s, late in zip(self.at_s, self.late_ms, strict=True) if begin_s <= at_s < end_s]


class Rig:
    """An instrument that plays."""

    def __init__(self, instrument: Instrument, osc_port: int, pool: Executor, forgets: bool = False):
        self.instrument, self.osc_port = instrument, osc_port
        self.witness = Witness(instrument.feedback, forgets)
        instrument.feedback = self.witness
        self.running = pool.submit(instrument.run)

    @property
    def pid(self) -> int:
        """The process that holds the instrument; the player is its child."""
        return os.getpid()

    def wait(self, reached: Callable[[], bool], timeout_s: float) -> None:
        """Wait until something is so. UserError when it is not so in time."""
        end_s = time.monotonic() + timeout_s
        while not reached():
            if time.monotonic() > end_s:
                raise UserError(f"bench: the instrument did not get there in {timeout_s:g} s; is this machine that busy?")
            self.pause(POLL_S)

    def pause(self, seconds: float) -> None:
        """Let it play. What ended it, if anything did, is raised here."""
        with suppress(TimeoutError):
            self.running.result(seconds)

    def wait_until_it_sounds(self) -> None:
        self.wait(lambda: self.instrument.playing and self.instrument.player.status().counters.sent > 0, START_S)


@contextmanager
def rig(
    patch: str, folder: Path | None, osc_port: int, controllers: Sequence[str] = (), name: str = "mvae-bench", words: Sequence[str] = ()
) -> Iterator[Rig]:
    """The instrument with a patch, playing at once at 120 BPM with seed 1; `words` say otherwise. It records to `folder`/take.mid.

    Without a folder it does not, and nothing that was played is remembered but how late it was: it may play for hours.
    """
    usual = ["play", "--patch", patch, "--seed", "1", "--osc", f"127.0.0.1:{osc_port}", "--name", name, "--start", "now", "--tempo", TEMPO]
    usual += ["--takeover", "jump"]  # a hand that is measured turns knobs by chance
    usual += ["--record", str(folder / "take.mid")] if folder is not None else []
    usual += [word for controller in controllers for word in ("--controller", controller)]
    keyboard = sys.stdin
    with open(os.devnull) as nothing, redirect_stdout(Nowhere()), ThreadPoolExecutor(1, "instrument") as pool:
        sys.stdin = nothing
        try:
            with stage(parser().parse_args([*usual, *words])) as instrument:
                made = Rig(instrument, osc_port, pool, forgets=folder is None)
                try:
                    yield made
                finally:
                    instrument.end()
                    made.running.result()
        finally:
            sys.stdin = keyboard


def free_port(kind: socket.SocketKind = socket.SOCK_DGRAM) -> int:
    """A port, of UDP unless it is told otherwise, that nobody uses just now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def process(*words: str) -> Iterator["subprocess.Popen[str]"]:
    """A module of mvae in a process of its own, with pipes; it ends with the block."""
    command = [sys.executable, "-P", "-m", *words]
    with preferred(USUAL):  # it is no part of the instrument
        made = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with made as started:
        try:
            yield started
        finally:
            started.kill()
