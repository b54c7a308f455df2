"""The companions in patches/ run beside a real instrument: a program of somebody else's, what it prints, and when to end it."""

import selectors
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from os import environ, read

from mvae.core.patch import shipped_folder
from tests.live.command import MvaeLive, mvae_live

WAIT_S = 60.0
FOLDER = shipped_folder()
TOLD = {"/mvae/note", "/mvae/beat", "/mvae/bar", "/mvae/playing", "/mvae/patch", "/mvae/error"}  # besides all that stands on the panel


class Companion:
    """A running program, and what it has printed so far."""

    def __init__(self, words: Sequence[str], **more: str) -> None:
        self.process = subprocess.Popen(
            [*words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**environ, **more}
        )
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
        """End it, by its id."""
        self.process.kill()
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
def armed(name: str) -> Iterator[MvaeLive]:
    """A real instrument that waits for play, heard by the test as well."""
    with mvae_live("--seed", "1", "--start", "armed", "--no-surface", "--name", name, "--tempo", "240") as instrument:
        instrument.subscribe()
        yield instrument


def stands(instrument: MvaeLive, address: str, value: object) -> bool:
    """Whether the last that was heard of an address is this value."""
    heard = instrument.heard(address)
    return bool(heard) and heard[-1] == (value,)
