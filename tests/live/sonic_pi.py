"""A real Sonic Pi without its window: the server of the Debian package, started and talked to as its window does it."""

import os
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mvae.live.osc_codec import address_of, arguments, message
from tests.live.command import free_port
from tests.live.jack import wait_until
from tests.parts import need

SERVER = Path("/usr/lib/sonic-pi/app/server/ruby/bin/sonic-pi-server.rb")
HOW = "apt-get install --no-install-recommends sonic-pi-server"
START_S, WAIT_S, END_S = 60.0, 60.0, 10.0
WINDOW = "window"  # a name that it asks of whoever talks to it


class SonicPi:
    """A running server. `lines` is what stands in its log, `cues` what came in over OSC, each as (address, values as it writes them)."""

    def __init__(self, home: Path) -> None:
        self.lines: list[str] = []
        self.cues: list[tuple[str, str]] = []
        self.cue_port = free_port()
        self._answers = 0
        self._window = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._window.bind(("127.0.0.1", 0))
        listens, sounds = free_port(), free_port()
        self._to = ("127.0.0.1", listens)
        ports = [listens, self._window.getsockname()[1], sounds, sounds, self.cue_port, *(free_port() for _ in range(4))]
        self._output = (home / "sonic-pi.txt").open("w+")
        self.process = subprocess.Popen(
            [str(shutil.which("ruby")), "-E", "utf-8", str(SERVER), "-u", *map(str, ports)],
            env={**os.environ, "SONIC_PI_HOME": str(home), "TMPDIR": str(home)},
            stdin=subprocess.DEVNULL, stdout=self._output, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        self._thread = threading.Thread(target=self._hear, daemon=True)
        self._thread.start()

    def _hear(self) -> None:
        while datagram := self._window.recv(65536):
            address, values = address_of(datagram), arguments(datagram)
            if address == b"/ack":
                self._answers += 1
            elif address == b"/log/multi_message":  # a run, a thread, a time, and how many pairs of a colour and a line follow
                self.lines += map(str, values[5::2])
            elif address == b"/incoming/osc":
                self.cues.append((str(values[2]), str(values[3])))
            elif address.endswith(b"error"):
                self.lines.append(" ".join(map(str, ("ERROR", *values))))

    def boot(self) -> None:
        """Until it answers; then its port for cues is opened to this computer, as its window does at the start."""

        def answered() -> bool:
            self._send("/ping", 1)
            return self._answers > 0 or self.process.poll() is not None

        assert wait_until(answered, START_S, 0.1) and self.process.poll() is None, self.said()
        self._send("/cue-port-internal")
        self._send("/cue-port-start")

    def _send(self, address: str, *values: str | int) -> None:
        self._window.sendto(message(address, WINDOW, *values), self._to)

    def run(self, code: str) -> None:
        """What the button Run does with a buffer."""
        self._send("/run-code", code)

    def cue(self, address: str, *values: str | float) -> None:
        """What anybody's OSC would be to it."""
        self._window.sendto(message(address, *values), ("127.0.0.1", self.cue_port))

    def wait_lines(self, *words: str, count: int = 1) -> None:
        """Until so many lines of its log have all these words."""

        def found() -> bool:
            return sum(all(word in line for word in words) for line in list(self.lines)) >= count

        assert wait_until(found, WAIT_S), self.said()

    def said(self) -> str:
        """What it printed and logged; for a failing test."""
        self._output.flush()
        return Path(self._output.name).read_text() + "\n".join(self.lines)

    def close(self) -> None:
        """End it; it ends what it has started."""
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(END_S)
        with suppress(ProcessLookupError):  # nobody is left of its session, as it should be
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", self._window.getsockname())
        self._thread.join()
        self._window.close()
        self._output.close()


@contextmanager
def sonic_pi(home: Path) -> Iterator[SonicPi]:
    """A Sonic Pi that listens to code and cues; it needs a JACK server."""
    need("Sonic Pi's server", SERVER.exists() and shutil.which("ruby") is not None, HOW)
    running = SonicPi(home)
    try:
        running.boot()
        yield running
    finally:
        running.close()
