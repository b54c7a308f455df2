"""A line through the ticks of a master clock: when the last one was due, and how long one takes, whatever the jitter of their arrival.

An alpha-beta filter whose gains are those of least squares over the ticks so far, up to two beats of them. A tick far off the line moves
nothing; several that agree on another line, of another tempo or shifted, make that the line. Ticks that were lost are counted again.
Gains: Brookner, Tracking and Kalman Filtering Made Easy (1998), 1.3 (the growing-memory filter). Knows nothing of MIDI and reads no clock.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

MEMORY: Final = 48  # ticks that the filter looks back over
NIMBLE: Final = 12  # and when the tempo moves
SETTLED: Final = 8  # ticks from which an outlier is told from the rest
GATE_S: Final = 0.0025  # a tick this far off the line, or
GATE_SPREADS: Final = 4.0  # so many times as far as ticks usually are, moves nothing
JUMP, SHIFT = 4, 12  # ticks beside the line that must agree: on another tempo, on the same one
SAME_TEMPO: Final = 0.02  # relative
FIT_S: Final = 0.0015  # how far ticks that agree may lie off their own line
LEAN: Final = 0.9  # of the spread: ticks that all come late, or all early, tell of a tempo that moves
LEAN_S: Final = 0.0003
SMOOTH: Final = 1 / 8  # of the running means
FEW: Final = 4.5  # up to so many ticks a gap counts as lost ticks only if it is a whole number of them,
WHOLE: Final = 0.2  # to this part of one
SHORTEST_S, LONGEST_S = 60 / 1100 / 24, 60 / 18 / 24  # a tick; a little beyond 999 and 20 BPM


class Line(NamedTuple):
    """Tick `tick` was due at `at_s`, and a tick takes `period_s`."""

    tick: int
    at_s: float
    period_s: float

    def time_of(self, tick: int) -> float:
        return self.at_s + (tick - self.tick) * self.period_s


class PhaseLock:
    """Ticks in, with the monotonic times at which they came; `line` out. The first tick is number 0. `period_s` is a first guess."""

    def __init__(self, period_s: float) -> None:
        self.line = Line(-1, 0.0, period_s)
        self.age = 0  # ticks on this line
        self._spread_s = self._lean_s = 0.0  # running means of how far ticks are off the line: without and with their sign
        self._beside: list[tuple[int, float]] = []  # the last ticks in a row that were far off: number and time

    @property
    def gate_s(self) -> float:
        """A tick farther off the line than this moves nothing."""
        return max(GATE_S, GATE_SPREADS * self._spread_s)

    def hear(self, at_s: float) -> None:
        """The next tick came."""
        due = Line(self.line.tick + 1, self.line.at_s + self.line.period_s, self.line.period_s)
        if self.age == 0:
            due = due._replace(at_s=at_s)
        late_s = at_s - due.at_s
        if self.age >= SETTLED and abs(late_s) > self.gate_s:
            self.line = due
            self._beside.append((due.tick, at_s))
            self._reconsider()
        else:
            self._beside.clear()
            self._take(due, late_s)

    def restart(self, at_s: float) -> None:
        """The next tick came, and the master says that it counts from this one: here it is, and the tempo is about what it was."""
        self.line = Line(self.line.tick + 1, at_s, self.line.period_s)
        self.age = min(self.age, 2) or 1
        self._beside.clear()

    def _take(self, due: Line, late_s: float) -> None:
        n = min(self.age, MEMORY)
        alpha, beta = 2 * (2 * n + 1) / ((n + 1) * (n + 2)), 6 / ((n + 1) * (n + 2)) if n else 0.0
        period_s = due.period_s + beta * late_s
        if not SHORTEST_S <= period_s <= LONGEST_S:  # a pause, or a burst, among the first ticks
            self.line, self.age = due._replace(at_s=due.at_s + late_s), 1
            return
        self.line = Line(due.tick, due.at_s + alpha * late_s, period_s)
        self.age += 1
        if self.age > 2:
            self._spread_s += SMOOTH * (abs(late_s) - self._spread_s)
            self._lean_s += SMOOTH * (late_s - self._lean_s)
        if abs(self._lean_s) > max(LEAN_S, LEAN * self._spread_s):
            self.age, self._lean_s = min(self.age, NIMBLE), 0.0

    def _reconsider(self) -> None:
        """Whether the ticks beside the line agree on another one."""
        for count in (JUMP, SHIFT):
            if len(self._beside) < count:
                return
            found = fit(self._beside[-count:])
            off_s = max(abs(at_s - found.time_of(tick)) for tick, at_s in self._beside[-count:])
            agrees = SHORTEST_S <= found.period_s <= LONGEST_S and off_s <= max(FIT_S, 3 * self._spread_s)
            if agrees and (count == SHIFT or abs(found.period_s / self.line.period_s - 1) > SAME_TEMPO):
                self._move_to(found, count)
                return

    def _move_to(self, found: Line, age: int) -> None:
        last = self._beside[0][0] - 1  # the last tick on the old line
        gap = (found.time_of(last) - self.line.time_of(last)) / found.period_s
        lost = round(gap) if gap > FEW or abs(gap - round(gap)) < WHOLE else 0
        self.line = Line(found.tick + max(0, lost), found.at_s, found.period_s)
        self.age, self._lean_s = age, 0.0
        self._beside.clear()


def fit(ticks: Sequence[tuple[int, float]]) -> Line:
    """Least squares: the line through (tick, time) that is off by least, at the last tick."""
    mean_tick = sum(tick for tick, _ in ticks) / len(ticks)
    mean_s = sum(at_s for _, at_s in ticks) / len(ticks)
    period_s = sum((tick - mean_tick) * (at_s - mean_s) for tick, at_s in ticks) / sum((tick - mean_tick) ** 2 for tick, _ in ticks)
    last = ticks[-1][0]
    return Line(last, mean_s + (last - mean_tick) * period_s, period_s)
