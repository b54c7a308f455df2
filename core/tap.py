"""Tap tempo: the median of the last four intervals. Frozen: a tap gives a new value. Knows the times it is told, no clock."""

from dataclasses import dataclass
from statistics import median

INTERVALS = 4
GAP_S = 2.0  # a longer pause starts afresh
SECONDS_PER_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class TapTempo:
    """The last taps, in seconds, oldest first."""

    times_s: tuple[float, ...] = ()

    def tap(self, at_s: float) -> "TapTempo":
        """With one more tap. A tap that is not later than the last is ignored; one after more than two seconds is a first tap."""
        if not self.times_s or at_s - self.times_s[-1] > GAP_S:
            return TapTempo((at_s,))
        if at_s <= self.times_s[-1]:
            return self
        return TapTempo((*self.times_s, at_s)[-(INTERVALS + 1) :])

    @property
    def bpm(self) -> float | None:
        """The tempo of one tap a beat; None before the second tap."""
        intervals_s = [later - earlier for earlier, later in zip(self.times_s, self.times_s[1:], strict=False)]
        return SECONDS_PER_MINUTE / median(intervals_s) if intervals_s else None
