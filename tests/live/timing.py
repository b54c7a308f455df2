"""What tests of time on a busy machine share: how often to try, the latest 1 %, and a period of the JACK server that runs."""

import re
import subprocess
from collections.abc import Sequence

from tests.live.jack import RATE_HZ

TRIES = 3  # at being in time: the latest 1 % of 200 notes are two, and this machine may have had something else to do


def period_ms() -> float:
    """Of the JACK server that runs: a message waits for its turn so long."""
    said = subprocess.run(["jack_bufsize"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"\d+", said)
    assert found is not None, said
    return int(found[0]) / RATE_HZ * 1000


def p99(ascending: Sequence[float]) -> float:
    return ascending[len(ascending) * 99 // 100]
