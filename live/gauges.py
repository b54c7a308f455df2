"""What the performer should see of the machine: decode times and how the player is doing. Knows nothing of screens and ports."""

import math
from collections import deque

from mvae.core.phrase import TICKS_PER_STEP
from mvae.live.status import Status

KEPT = 512  # decodes: the last five seconds of a hand that never rests, minutes of one that does
HEARD_AHEAD_S = 0.006  # about what a groove's decode and the pipe take
PIPE_S = 0.004  # the pipe alone, and then some
FARTHEST_AHEAD_S = 0.060  # however long a decode takes
MOST_LEFT_S = 60.0  # a player that holds more than this, or stands still, has all the time there is
SHORTEST_S = 0.001
ROUNDING = 1e-9  # 0.07 of 100 is 7, whatever float64 makes of it


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

    def heard_ahead_s(self) -> float:
        """How soon a note must be due to count as heard: it will have been, when what is decoded now reaches the player."""
        return min(max(HEARD_AHEAD_S, self.decode_ms(0.5) / 1000 + PIPE_S), FARTHEST_AHEAD_S)

    def decode_ms(self, share: float) -> float:
        """The time that `share` of the last decodes stayed below; 0 before the first."""
        return quantile(sorted(self._decodes_s.copy()), share) * 1000


def left_s(status: Status, now_s: float) -> float:
    """How long the player could play on with what it holds."""
    if not status.playing or not status.parts:
        return MOST_LEFT_S
    end = min(part.end_step for part in status.parts) * TICKS_PER_STEP
    return min(MOST_LEFT_S, max(0.0, status.time_of_tick(end) - now_s))


def headroom(decode_s: float, left_s: float) -> float:
    """The share of the time that is left which a decode leaves free, 0..1."""
    return max(0.0, 1.0 - decode_s / max(left_s, SHORTEST_S))


def quantile(ordered: list[float], share: float) -> float:
    """The smallest of `ordered` (ascending) that `share` 0..1 of them do not exceed (nearest rank); 0 of none."""
    rank = math.ceil(share * len(ordered) - ROUNDING)
    return ordered[max(rank, 1) - 1] if ordered else 0.0
