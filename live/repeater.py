"""The player of a bounce: it begins as one did that had a master (`follower`), wherever in a step its song had come."""

from collections.abc import Sequence

from mvae.core.phrase import STEPS_PER_BAR, TICKS_PER_STEP
from mvae.core.score import BEFORE, Handoff, Score
from mvae.live import wire
from mvae.live.player import Player, late_ticks


class Repeater(Player):
    """A player that plays a take again."""

    def begin(self, cued: Sequence[Handoff], line_tick: int, began_tick: int, bars: int, now_s: float) -> None:
        """Begin at `began_tick` what enters at a line after so many bars: what was cued, or if it had stopped there what is held.

        Of what is held nothing sounds that was too late where the take began.
        """
        if cued or abs(line_tick - self._stopped_tick) > TICKS_PER_STEP:
            self._score = Score()
        for handoff in cued:
            self._accept(handoff, BEFORE)
        self._score.seek(-(-line_tick // TICKS_PER_STEP) - bars * STEPS_PER_BAR)
        self._origin_tick = self._come_to(now_s) - began_tick
        self._oldest_tick = BEFORE if cued else began_tick - late_ticks(self.clock)
        self.playing = True
        self._up.post(wire.Started(began_tick, line_tick, bars))
        self.step(now_s)
        self._publish()
