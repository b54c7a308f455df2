"""The player of a bounce: it goes on as one did that had a master (`follower`), from wherever in a step its song had come."""

from mvae.core.phrase import TICKS_PER_STEP
from mvae.live import wire
from mvae.live.player import Player, late_ticks


class Repeater(Player):
    """A player that plays a take again."""

    def go_on(self, lead_ticks: int, song_tick: int, began_tick: int, now_s: float) -> None:
        """Go on at a song tick with what is held, of that nothing that was too late where the take began its lead-in."""
        tick = self._come_to(now_s)
        self._score.seek(-(-song_tick // TICKS_PER_STEP))
        self._origin_tick = tick + lead_ticks - song_tick
        self._oldest_tick = began_tick - late_ticks(self.clock)
        self.playing = True
        self._up.post(wire.Started(tick - self._origin_tick, song_tick))
        self.step(now_s)
        self._publish()
