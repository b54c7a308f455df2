"""What an instrument's processes hold while it plays, again and again: whether that is flat over time.

Knows nothing of who else measures.
"""

import time
from pathlib import Path
from typing import Final

from mvae.live.launch import MB, family, pss_bytes, told_here

OWN: Final = (b"mvae.live.player_process", b"mvae.live.surface")  # modules; other children are a measurement's, not the instrument's
SAMPLES: Final = 12  # in a measurement, however long it is
SHORTEST_S: Final = 1.0  # between two


class Memory:
    """Samples of the instrument that process `pid` holds: (seconds since the first, MB of 10**6 bytes). None where nothing is told."""

    def __init__(self, pid: int, over_s: float):
        self.pid, self.every_s = pid, max(SHORTEST_S, over_s / SAMPLES)
        self.samples: list[tuple[float, float]] = []
        self._pids: list[int] = []
        self._begin_s = self._last_s = 0.0

    def look(self) -> None:
        """Take a sample if one is due: the first a while after the first look, when all that begins late is there."""
        now_s = time.monotonic()
        self._last_s = self._last_s or now_s
        if now_s - self._last_s >= self.every_s:
            self._last_s = now_s
            self.sample(now_s)

    def sample(self, now_s: float) -> None:
        """Take a sample. Cheap: the processes are looked up once, and again when one has gone."""
        if not told_here():
            return
        held = list(map(pss_bytes, self._pids))
        if not held or 0 in held:
            self._pids = own(self.pid)
            held = list(map(pss_bytes, self._pids))
        self._begin_s = self._begin_s or now_s
        self.samples.append((round(now_s - self._begin_s, 1), round(sum(held) / MB, 1)))

    @property
    def begin_mb(self) -> float | None:
        return self.samples[0][1] if self.samples else None

    @property
    def most_mb(self) -> float | None:
        return max((mb for _, mb in self.samples), default=None)

    @property
    def growth_mb(self) -> float | None:
        """From the first sample to the last."""
        return round(self.samples[-1][1] - self.samples[0][1], 1) if self.samples else None


def own(pid: int) -> list[int]:
    """The processes of the instrument that this one holds."""
    return [pid, *filter(is_own, family(pid)[1:])]


def is_own(pid: int) -> bool:
    """Whether a child belongs to the instrument."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:  # it has gone
        return False
    return any(module in command for module in OWN)
