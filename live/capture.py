"""Capture and infill: what was just played in becomes the anchor in a slot, or is locked for the rest to be played around it. A feature.

Either takes the bars up to the bar line that is nearest when it is asked for. Half a step before a line all that belongs to the bars
before it has been heard: there it is taken, and from the line on it plays. While the song stands, what was played since is taken: after a
silence of two bars its first note is on the line, as loopers have it. What does not fit changes nothing and says why. Called from
the instrument's own thread alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from mvae.core.change import Change
from mvae.core.errors import UserError
from mvae.core.heard import HALF_STEP, HeardNote, nearest_line, since_pause
from mvae.core.phrase import TICKS_PER_STEP
from mvae.core.points import texts_of
from mvae.live.altering import alter, complain
from mvae.live.anchors import AnchorBoard
from mvae.live.control_log import INFILL, Act
from mvae.live.deeds import Doer
from mvae.live.ears import Ears
from mvae.live.encoding import Encode, Encoded, at_once, encoded
from mvae.live.ensemble import Ensemble
from mvae.live.listening import Listener, Music
from mvae.live.status import Status

if TYPE_CHECKING:
    from mvae.live.instrument import Instrument

DEAF = "nothing is listened to: name an input with --listen"


@dataclass(frozen=True, slots=True)
class Wish:
    """A capture or an infill that waits for its line."""

    action: str  # as the performer asked
    source: str  # who asked
    bars: int
    line_tick: int


class Capture:
    """The captures of one instrument. `listeners` are its bundles, by name."""

    def __init__(
        self, instrument: "Instrument", board: AnchorBoard, ears: Ears, listeners: Mapping[str, Listener], encode: Encode = at_once
    ) -> None:  # fmt: skip
        self.instrument, self.board, self.ears, self.listeners, self.encode = instrument, board, ears, listeners, encode
        self.wishes: list[Wish] = []
        self.captured = 0
        self.does: Mapping[str, Doer] = {"capture": self.ask, "infill": self.ask}
        instrument.patched.append(lambda ready, step: self.forget("another patch came before the bar was over"))

    def ask(self, change: Change, status: Status) -> None:
        """The bars up to the nearest line are wanted."""
        if not self.ears.listens:
            complain(self.instrument, change.action, DEAF, change.source)
            return
        self.ears.advance(status, self.instrument.now_s())
        line = nearest_line(max(0, status.tick_at(change.at_s or self.instrument.now_s())))
        wish = Wish(change.action, change.source, int(change.value or 2), line)
        self.wishes = [other for other in self.wishes if other.action != wish.action] + [wish]  # of a slot's the newest
        self.advance(status, self.instrument.now_s())

    def advance(self, status: Status, now_s: float) -> None:
        """Do what has come to its line, or all where the song stands."""
        if not self.wishes or self.instrument.answering():
            return
        tick = status.tick_at(now_s)
        ripe = [wish for wish in self.wishes if not status.playing or tick >= wish.line_tick - HALF_STEP]
        self.wishes = [wish for wish in self.wishes if wish not in ripe]
        for wish in ripe:
            self.take(wish)

    def stopped(self) -> None:
        """What waited for a line has none to wait for."""
        self.forget("the song stopped before the bar was over")

    def forget(self, why: str) -> None:
        """Nothing waits any more."""
        for wish in self.wishes:
            complain(self.instrument, wish.action, why, wish.source)
        self.wishes = []

    def take(self, wish: Wish) -> None:
        """Take what fits."""
        try:
            if wish.action == INFILL:
                self.infill(wish)
            else:
                self.capture(wish)
        except UserError as problem:
            complain(self.instrument, wish.action, str(problem), wish.source)

    def capture(self, wish: Wish) -> None:
        """Encode, and place. UserError where nothing fits."""
        fitting = [(self.listeners[bundle], music) for bundle, music in self.fitting(wish).items()]
        self.encode(lambda: encoded(fitting), partial(self.place, wish, self.instrument.band))

    def place(self, wish: Wish, band: Ensemble, points: Encoded) -> None:
        """From the line on the slot has what was captured; not if another patch plays by now."""
        if band is not self.instrument.band:
            complain(self.instrument, wish.action, "another patch came before it was encoded", wish.source)
            return
        self.captured += 1
        self.board.place(wish.action.split()[1], points, f"capture {self.captured}", hold_step=wish.line_tick // TICKS_PER_STEP)

    def fitting(self, wish: Wish, as_taps: bool = True) -> dict[str, Music]:
        """What each bundle that it fits takes it for: the bars before the line, or what was played since the song stands. UserError."""
        status = self.instrument.player.status()
        stood = [] if status.playing else self.ears.stood(60 / self.instrument.tempo_bpm)
        notes, line = since_pause(stood, wish.bars) if stood else (self.ears.notes, wish.line_tick)
        return musics(self.listeners, notes, self.ears.source, line, wish.bars, as_taps)

    def infill(self, wish: Wish) -> None:
        """Lock the voices that were played, as they were played. UserError where nothing fits."""
        fitting = self.fitting(wish, as_taps=False)
        band, panel = self.instrument.band, self.instrument.panel
        names = [name for ahead in band.lookaheads if ahead.bundle in fitting for name in ahead.locks.switches_of(fitting[ahead.bundle])]
        panel.turn(*(Change(name, True, source=INFILL) for name in names))
        flat = {bundle: music.astype(np.float32).ravel() for bundle, music in fitting.items()}
        band.offer(flat)
        step = wish.line_tick // TICKS_PER_STEP
        alter(self.instrument, self.instrument.player.status(), Act(INFILL, value=step, points={INFILL: texts_of(flat)}), step)


def musics(
    listeners: Mapping[str, Listener], notes: Sequence[HeardNote], source: str, line_tick: int, bars: int, as_taps: bool
) -> dict[str, Music]:
    """What was heard in the bars before a line as each bundle takes it, of those that it fits. UserError with the first reason where it
    fits none. Unless it goes `as_taps`, bundles that hear taps take it as the drums that they play."""
    found, problems = dict[str, Music](), list[UserError]()
    for bundle, listener in listeners.items():
        try:
            found[bundle] = listener.music(notes, line_tick, bars, source, as_taps)
        except UserError as problem:
            problems.append(problem)
    if not found:
        raise problems[0]
    return found
