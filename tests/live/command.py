"""The real `mvae-live` as a test sees it: a process of its own, driven and heard over OSC."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from mvae.live.launch import family
from mvae.live.osc_codec import address_of, arguments, message
from tests.live.jack import wait_until

START_S = 30.0
SCRIPT = Path(sys.executable).with_name("mvae-live")
COMMAND = [str(SCRIPT)] if SCRIPT.exists() else [sys.executable, "-P", "-m", "mvae.live.main"]


class Told(NamedTuple):
    """A message over OSC, and when it came."""

    address: str
    values: tuple[object, ...]
    at_s: float


def free_port() -> int:
    """A UDP port that nobody uses just now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class MvaeLive:
    """A running instrument. `told` is all that it has said to its subscriber."""

    def __init__(self, *words: str, osc_host: str = "127.0.0.1") -> None:
        port = free_port()
        page = [] if "--surface-port" in words else ["--no-surface"]  # most tests need none
        command = [*COMMAND, *words, *page, "--osc", f"{osc_host}:{port}"]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.told: list[Told] = []
        self.port = port
        self._to = ("127.0.0.1", port)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._hear, daemon=True)
        self._thread.start()

    def _hear(self) -> None:
        while True:
            try:
                datagram = self._socket.recv(65536)
            except ConnectionError:  # it does not listen yet, or no more
                continue
            except OSError:  # closed
                return
            if not datagram:
                return
            self.told.append(Told(address_of(datagram).decode(), arguments(datagram), time.monotonic()))

    def subscribe(self) -> None:
        """Until it answers: it may not listen yet."""

        def answered() -> bool:
            self.send("/mvae/subscribe")
            return bool(self.told) or self.process.poll() is not None

        assert wait_until(answered, START_S, 0.02) and self.told, self.said()

    def send(self, address: str, *values: float | int | str) -> None:
        self._socket.sendto(message(address, *values), self._to)

    def heard(self, address: str) -> list[tuple[object, ...]]:
        """The values of every message to an address."""
        return [told.values for told in self.told if told.address == address]

    def wait(self, reached: Callable[[], object], timeout_s: float = START_S) -> None:
        """Wait until something is so, while it lives."""
        assert wait_until(lambda: bool(reached()) or self.process.poll() is not None, timeout_s) and reached(), self.said()

    def wait_beats(self, count: int) -> None:
        """Until so many more beats have begun."""
        before = len(self.heard("/mvae/beat"))
        self.wait(lambda: len(self.heard("/mvae/beat")) >= before + count)

    def player_pid(self) -> int | None:
        """The player's process."""
        for pid in family(self.process.pid)[1:]:
            try:
                if b"player_process" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    return pid
            except OSError:
                continue
        return None

    def signal(self, kind: str) -> None:
        os.kill(self.process.pid, getattr(signal, kind))

    def end(self, timeout_s: float = 10.0) -> int:
        """Its exit code, once it has ended by itself or by a signal sent before."""
        return self.process.wait(timeout_s)

    def said(self) -> str:
        """What it printed, once it is over; for a failing test."""
        self.process.kill()
        assert self.process.stdout
        return f"mvae-live: {self.process.wait()}: {self.process.stdout.read()}"

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", self._socket.getsockname())
        self._thread.join()
        self._socket.close()
        assert self.process.stdout
        self.process.stdout.close()


@contextmanager
def mvae_live(*words: str, osc_host: str = "127.0.0.1") -> Iterator[MvaeLive]:
    """An instrument, killed at the end if it still runs."""
    instrument = MvaeLive(*words, osc_host=osc_host)
    try:
        yield instrument
    finally:
        instrument.close()


def run(*words: str) -> "subprocess.CompletedProcess[str]":
    """A command of mvae-live that ends by itself."""
    return subprocess.run([*COMMAND, *words], capture_output=True, text=True, timeout=60, check=False)
