"""What training frees stays with the process, where the C library can do that."""

import platform
import subprocess
import sys

import pytest

from mvae.core.errors import UserError
from mvae.train import main

FAULTS = """
import resource
import torch
from mvae.train.memory import keep_memory
kept = {keep} and keep_memory()
def work():
    blocks = [torch.ones(10 << 20) for _ in range(2)]  # 40 MiB each, more than glibc ever takes from its heap by itself
    return sum(float(block[0]) for block in blocks)
for _ in range(20):  # until the heap has grown as far as it does
    work()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    work()
print(int(kept), resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(keep: bool) -> tuple[int, int]:
    """Whether memory is kept, and the page faults of ten rounds over 80 MiB, in a process of its own."""
    said = subprocess.run([sys.executable, "-c", FAULTS.format(keep=keep)], capture_output=True, text=True, check=True, timeout=120)
    kept, count = said.stdout.split()
    return int(kept), int(count)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library keeps memory as it likes")
def test_memory_once_used_is_not_asked_for_again() -> None:
    kept, count = faults(True)
    assert kept == 1
    assert faults(False)[1] > 5 * (count + 1)


def test_the_command_keeps_memory_and_what_it_runs_in_another_process_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = list[bool]()
    monkeypatch.setattr(main, "keep_memory", lambda: kept.append(True))
    monkeypatch.setattr(sys, "argv", ["mvae-train", "evaluate"])
    assert main.main() == 2 and kept == [True]
    with pytest.raises(UserError):
        main.run(["evaluate"])
    assert kept == [True]
