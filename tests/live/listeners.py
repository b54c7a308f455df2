"""Which sockets a process and all that it started listen with, as the system tells it (`ss`, of iproute2)."""

import re
import shutil
import subprocess
from typing import NamedTuple

from mvae.live.launch import family
from tests.parts import need

LOOPBACK = re.compile(r"(127\.\d+\.\d+\.\d+|\[::1\]|.*%lo)$")  # an address of it, or bound to its device


class Listening(NamedTuple):
    """A socket that takes what comes from anybody."""

    kind: str  # tcp or udp
    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether nobody beyond this machine reaches it."""
        return LOOPBACK.match(self.host) is not None


def listening(pid: int) -> list[Listening]:
    """Of a process and its descendants. Connected sockets, which hear one peer only, are left out."""
    need("ss", shutil.which("ss") is not None, "apt-get install iproute2")
    told = subprocess.run(["ss", "-H", "-l", "-t", "-u", "-n", "-p"], capture_output=True, text=True, check=True).stdout
    own = {f"pid={member}," for member in family(pid)}
    rows = (line.split() for line in told.splitlines() if any(mark in line for mark in own))
    return [Listening(row[0], *address(row[4])) for row in rows]


def address(text: str) -> tuple[str, int]:
    """host:port as ss writes it."""
    host, _, port = text.rpartition(":")
    return host, int(port)
