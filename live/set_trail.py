"""Writes down where the latents stand while a set plays: a feature of the instrument.

At most one point of a bundle in a 16th, and none while nothing moves. Times are beats of set.mid.
"""

from collections.abc import Mapping

from mvae.core.latent import Latent
from mvae.core.panel import Positions
from mvae.core.phrase import BEATS_PER_BAR, TICKS_PER_BEAT, TICKS_PER_STEP
from mvae.core.steer import Course, steer
from mvae.live.deeds import Doer
from mvae.live.instrument import Instrument
from mvae.live.lookahead import Lookahead
from mvae.live.set_recorder import SetRecorder
from mvae.live.status import Status


class Trail:
    """Watches the band of an instrument for a recorder."""

    does: Mapping[str, Doer] = {}

    def __init__(self, instrument: Instrument, recorder: SetRecorder):
        self.instrument, self.recorder = instrument, recorder
        self._step = -1  # of the take, in which the last points were written down
        self._stood: dict[str, tuple[Positions, Course]] = {}  # of each bundle, when it was
        self._placed: dict[str, dict[str, tuple[str, Latent]]] = {}  # by bundle and slot: a point put there, and its label

    def advance(self, status: Status, now_s: float) -> None:
        """Write down what stands elsewhere than before."""
        if not status.playing or not self.recorder.playing:
            return
        tick = self.recorder.offset + status.tick_at(now_s)
        if tick // TICKS_PER_STEP == self._step:
            return
        self._step = tick // TICKS_PER_STEP
        positions = self.instrument.heard
        for ahead in self.instrument.band.lookaheads:
            stood = self._stood.get(ahead.bundle)
            if stood is None or stood[0] is not positions or stood[1] is not ahead.course:
                self._stood[ahead.bundle] = positions, ahead.course
                z = steer(ahead.patch, positions, ahead.model.space, ahead.course)
                self.recorder.stood(ahead.bundle, tick / TICKS_PER_BEAT, z, self.anchors(ahead, tick))

    def anchors(self, ahead: Lookahead, tick: int) -> dict[str, Latent]:
        """The anchors in the slots, labelled: those of the patch with their names, others with the bar in which they came."""
        placed, known = ahead.course.placed, self._placed.setdefault(ahead.bundle, {})
        found = {}
        for slot, name in ahead.patch.anchors:
            if slot not in placed:
                found[f"{slot} {name}"] = ahead.model.space.anchors[name]
                continue
            if slot not in known or known[slot][1] is not placed[slot]:
                known[slot] = f"{slot} bar {tick // (BEATS_PER_BAR * TICKS_PER_BEAT) + 1}", placed[slot]
            found[known[slot][0]] = placed[slot]
        return found

    def stopped(self) -> None:
        """Nothing to do: where it goes on is written down then."""


def follow(instrument: Instrument) -> None:
    """Let an instrument that records a set write down the way of its latents, too."""
    if isinstance(instrument.recorder, SetRecorder):
        instrument.add(Trail(instrument, instrument.recorder))
