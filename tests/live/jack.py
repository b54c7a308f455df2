"""Real JACK for tests: a server of our own with the dummy driver, and a foreign client that records MIDI with frame times."""

import fcntl
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from tests.parts import need

RATE_HZ = 48_000
PERIOD_FRAMES = 64  # four times as many where JACK may not be real-time
START_S = 10.0
TRIES = 4
NAMES = 4
HOW = "install jackd2 (jackd, jack_lsp, jack_connect) and the JACK-Client package"


def present() -> bool:
    """Whether all parts are installed."""
    commands = all(map(shutil.which, ("jackd", "jack_lsp", "jack_connect")))
    return commands and importlib.util.find_spec("jack") is not None


def wait_until(true: Callable[[], bool], timeout_s: float, every_s: float = 0.01) -> bool:
    """Ask again and again, for a bounded time."""
    pause, deadline_s = threading.Event(), time.monotonic() + timeout_s
    while not true():
        if time.monotonic() > deadline_s:
            return False
        pause.wait(every_s)
    return True


def end(process: subprocess.Popen[str]) -> None:
    """End a process that we started, by its id."""
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def may_be_realtime() -> bool:
    """Whether this system lets a process ask for real-time scheduling. Without it a busy machine starves JACK itself."""
    ask = "import os; os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(40))"
    return subprocess.run([sys.executable, "-c", ask], capture_output=True, check=False).returncode == 0


@contextmanager
def own_name() -> Iterator[str]:
    """A server name that no other test run has. Few names, used again: JACK keeps one of 8 places for each that did not end well."""
    with ExitStack() as stack:
        for number in range(NAMES):
            lock = stack.enter_context(open(Path(tempfile.gettempdir()) / f"mvae-test-{number}.lock", "w"))
            with suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                yield f"mvae-test-{number}"
                return
        raise AssertionError(f"{NAMES} other runs of these tests have JACK servers")


@contextmanager
def server() -> Iterator[str]:
    """A JACK server of our own; while it runs it is the default one of this process and its children. Gives its name."""
    need("JACK", present(), HOW)
    with own_name() as name:
        yield from _serve(name)


def _serve(name: str) -> Iterator[str]:
    before = os.environ.get("JACK_DEFAULT_SERVER")
    os.environ["JACK_DEFAULT_SERVER"] = name
    scheduling, period = (["-R", "-P", "40", "-S"], PERIOD_FRAMES) if may_be_realtime() else (["-r"], 4 * PERIOD_FRAMES)
    command = ["jackd", "-n", name, *scheduling, "-d", "dummy", "-r", str(RATE_HZ), "-p", str(period)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True)
    try:
        assert wait_until(_lists_ports, START_S), "jackd did not start"
        yield name
    finally:
        end(process)
        os.environ.pop("JACK_DEFAULT_SERVER")
        if before is not None:
            os.environ["JACK_DEFAULT_SERVER"] = before


def _lists_ports() -> bool:
    return subprocess.run(["jack_lsp"], capture_output=True, check=False).returncode == 0


class Heard(NamedTuple):
    """A message as the foreign client got it."""

    frame: int  # of JACK; a server that cannot keep up counts too few
    at_s: float  # monotonic
    message: bytes

    @property
    def is_on(self) -> bool:
        return self.message[0] & 0xF0 == 0x90


class Listener:
    """The foreign client as a test sees it: what it has heard so far."""

    def __init__(self, name: str) -> None:
        script = Path(__file__).with_name("jack_listener.py")
        command = [sys.executable, "-P", str(script), name]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout and self._process.stdout.readline() == "ready\n"
        self.port = f"{name}:in"
        self.heard: list[Heard] = []
        self.overruns = 0
        self._connected = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            if line == "connected\n":
                self._connected.set()
                continue
            frame, at_s, message = line.split()
            if message == "overrun":
                self.overruns += 1
            else:
                self.heard.append(Heard(int(frame), float(at_s), bytes.fromhex(message)))

    def connect(self, output: str) -> None:
        """Listen to an output port."""
        assert self._process.stdin
        self._connected.clear()
        self._process.stdin.write(f"{output}\n")
        self._process.stdin.flush()
        assert self._connected.wait(START_S), f"cannot connect {output} to {self.port}"

    def notes(self) -> list[Heard]:
        """The note-ons and note-offs."""
        return [heard for heard in self.heard if heard.message[0] & 0xE0 == 0x80]

    def open_notes(self) -> set[tuple[int, int]]:
        """(channel, pitch) of what still sounds here."""
        sounding: set[tuple[int, int]] = set()
        for note in self.notes():
            (sounding.add if note.is_on else sounding.discard)((note.message[0] & 15, note.message[1]))
        return sounding

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        end(self._process)
        self._thread.join()


@contextmanager
def listener(name: str = "foreign") -> Iterator[Listener]:
    """A foreign client, closed at the end."""
    client = Listener(name)
    try:
        yield client
    finally:
        client.close()


def undisturbed(body: Callable[[Listener], None]) -> None:
    """Run a test with a foreign client; again, if it failed while JACK was overrun: messages are lost then, whoever sent them."""
    for attempt in range(TRIES):
        with listener() as foreign:
            try:
                return body(foreign)
            except AssertionError:
                if not foreign.overruns or attempt == TRIES - 1:
                    raise
                print(f"JACK was overrun {foreign.overruns} times: once more")
