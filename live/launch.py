"""`mvae-live` as a performer starts it, in processes of its own: how long until the first note, and how much memory it all takes.

Hears the instrument over OSC only. Memory is the sum of PSS (a page that n processes share counts a n-th for each), which Linux gives.
"""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mvae.core.errors import UserError
from mvae.live.osc_codec import Malformed, address_of, message
from mvae.live.rig import free_port

ASK_S = 0.01
PATIENCE_S = 30.0
SETTLED_BARS = 4  # the process of the page begins after the first
CLOSE_S = 5.0
MB = 1000_000


@contextmanager
def launched(patch: str, osc_port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """The command, playing until the block ends."""
    command = [sys.executable, "-P", "-m", "mvae.live.main", "play", "--patch", patch, "--osc", f"127.0.0.1:{osc_port}"]
    command += ["--start", "now", "--seed", "1", "--name", "mvae-bench"]
    nowhere = subprocess.DEVNULL
    with subprocess.Popen(command, stdin=nowhere, stdout=nowhere, stderr=nowhere) as process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(CLOSE_S)
            except subprocess.TimeoutExpired:
                process.kill()


class Subscriber:
    """Hears what an instrument tells over OSC."""

    def __init__(self, osc_port: int):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(ASK_S)
        self.to = ("127.0.0.1", osc_port)

    def wait_for(self, address: bytes, timeout_s: float = PATIENCE_S) -> None:
        """Subscribe until it answers, and wait for a message to this address. UserError when none comes."""
        end_s, heard = time.monotonic() + timeout_s, False
        while time.monotonic() < end_s:
            if not heard:
                self.socket.sendto(message("/mvae/subscribe"), self.to)
            try:
                datagram = self.socket.recv(65536)
                heard = True
                if address_of(datagram) == address:
                    return
            except (TimeoutError, ConnectionError, Malformed):  # it does not listen yet
                continue
        raise UserError(f"bench: mvae-live sent no {address.decode()} in {timeout_s:g} s; does it play here?")


def first_note_s(patch: str) -> tuple[float, float | None]:
    """Seconds from launching the command until its first note was sent, and the MB with the page's process (None: not Linux)."""
    osc_port = free_port()
    begin_s = time.monotonic()
    with launched(patch, osc_port) as process:
        ear = Subscriber(osc_port)
        with ear.socket:
            ear.wait_for(b"/mvae/note")
            first_s = time.monotonic() - begin_s
            for _ in range(SETTLED_BARS):
                ear.wait_for(b"/mvae/bar")
            return first_s, memory_mb(process.pid)


def memory_mb(pid: int) -> float | None:
    """Memory of a process and all its descendants, in MB of 10**6 bytes; None where the system does not tell."""
    return sum(map(pss_bytes, family(pid))) / MB if told_here() else None


def told_here() -> bool:
    """Whether this system tells the memory of a process without what it shares."""
    return Path("/proc/self/smaps_rollup").exists()


def family(pid: int) -> list[int]:
    """A process and its descendants."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:  # it has gone
                continue
    found = [pid]
    for member in found:
        found += [child for child, parent in parents.items() if parent == member]
    return found


def pss_bytes(pid: int) -> int:
    """Proportional set size of one process; 0 when it has gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)
