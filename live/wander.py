"""The slow walk of the latents while something plays: a step further at every beat. A feature of the instrument.

How far and how fast are knobs, `wander` and `wander_beats`; where it goes is the seed's. Called from the instrument's own thread alone.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mvae.core.phrase import TICKS_PER_BEAT
from mvae.live.altering import alter, in_play
from mvae.live.control_log import Act
from mvae.live.deeds import Doer
from mvae.live.status import Status

if TYPE_CHECKING:
    from mvae.live.instrument import Instrument


class Wanderer:
    """Leads the band of one instrument astray."""

    def __init__(self, instrument: "Instrument"):
        self.instrument = instrument
        self.does: Mapping[str, Doer] = {}
        self._beat: int | None = None  # the last one at which it walked

    def advance(self, status: Status, now_s: float) -> None:
        """Walk on where a new beat has begun."""
        if not in_play(self.instrument, status):
            self._beat = None
            return
        beat, knobs = status.tick_at(now_s) // TICKS_PER_BEAT, self.instrument.panel.snapshot().knobs
        if self._beat is None or knobs["wander"] == 0.0:
            self._beat = beat
        elif beat != self._beat:
            self._beat, phase = beat, self.instrument.band.phase + 1.0 / knobs["wander_beats"]
            self.instrument.band.wander(phase)
            alter(self.instrument, status, Act("wander", value=phase))

    def stopped(self) -> None:
        """The walk rests where it is."""
