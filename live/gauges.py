"""What the performer should see of the machine: decode times and how the player is doing. Knows nothing of screens and ports."""

from collections import deque

KEPT = 512  # decodes, about the last minute of a moving hand


class Gauges:
    """Decode times as they come; one writer, any reader."""

    def __init__(self) -> None:
        self._decodes_s: deque[float] = deque(maxlen=KEPT)
        self.last_ms = 0.0
        self.count = 0

    def decoded(self, seconds: float) -> None:
        """A decode, from knobs to handoff, took so long."""
        self._decodes_s.append(seconds)
        self.last_ms = seconds * 1000
        self.count += 1

    def decode_ms(self, share: float) -> float:
        """The time that `share` of the last decodes stayed below; 0 before the first."""
        return quantile(sorted(self._decodes_s.copy()), share) * 1000


def quantile(ordered: list[float], share: float) -> float:
    """The smallest of `ordered` (ascending) that `share` of them do not exceed; 0 of none."""
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * len(ordered) * 1000) // 1000) - 1))] if ordered else 0.0
