"""A network of our own for a test: a network namespace with nothing but loopback, multicast on it, and no way out of the machine."""

import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.parts import need

CLONE_NEWNET = 0x40000000
SETUP = (
    ("link", "set", "lo", "up"),
    ("link", "set", "lo", "multicast", "on"),
    ("route", "add", "224.0.0.0/4", "dev", "lo"),
)
HOW = "on Linux, as root (as in a container), with iproute2"


@contextmanager
def private(*addresses: str) -> Iterator[None]:
    """This thread, and every process that it starts, is in the network until the end. Threads that run already stay where they are.

    `addresses` are those of this machine besides the loopback's, such as 10.9.0.1/24.
    """
    usable = os.path.exists("/proc/self/ns/net") and hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("ip") is not None
    need("a network namespace", usable, HOW)
    library = ctypes.CDLL(None, use_errno=True)
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        need("a network namespace", library.unshare(CLONE_NEWNET) == 0, f"{HOW}: {os.strerror(ctypes.get_errno())}")
        for words in (*SETUP, *(("address", "add", address, "dev", "lo") for address in addresses)):
            subprocess.run(["ip", *words], check=True)
        yield
    finally:
        assert library.setns(before, CLONE_NEWNET) == 0
        os.close(before)
