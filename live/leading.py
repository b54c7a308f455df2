"""What is played in leads: bar by bar the bars just heard are encoded, and put into the slot that the patch names. A feature.

So a tap model makes a groove of taps while they are played, and one that hears hits alone plays a stiff pattern with a drummer's hands.
A bar in which nothing was heard changes nothing, nor does any while `freeze` is on. Called from the instrument's own thread alone.
"""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from mvae.core.errors import UserError
from mvae.core.heard import HALF_STEP, TICKS_PER_BAR, in_bars
from mvae.core.phrase import TICKS_PER_STEP
from mvae.live.anchors import AnchorBoard
from mvae.live.deeds import Doer
from mvae.live.ears import Ears
from mvae.live.encoding import Encode, Encoded, at_once, encoded
from mvae.live.ensemble import Ensemble
from mvae.live.listening import Listener, Music
from mvae.live.status import Status

if TYPE_CHECKING:
    from mvae.live.instrument import Instrument
    from mvae.live.prepared import Prepared

NAME = "heard"


class Leading:
    """The lead that one input has. `slot` is where what was heard lies; None in a patch that is not led."""

    def __init__(
        self, instrument: "Instrument", board: AnchorBoard, ears: Ears, listeners: Mapping[str, Listener], slot: str | None,
        encode: Encode = at_once,
    ) -> None:  # fmt: skip
        self.instrument, self.board, self.ears, self.listeners, self.slot = instrument, board, ears, listeners, slot
        self.encode = encode
        instrument.patched.append(self.patched)
        self.line_tick = 0  # the last that was looked at
        self.does: Mapping[str, Doer] = {}

    def patched(self, ready: "Prepared", step: int) -> None:
        """Another patch may be led into another slot."""
        self.slot = ready.patch.listen

    def advance(self, status: Status, now_s: float) -> None:
        """Half a step before a line, take the bars before it; once for each line."""
        if self.slot is None or not status.playing or self.instrument.answering():
            return
        line = (status.tick_at(now_s) + HALF_STEP) // TICKS_PER_BAR * TICKS_PER_BAR
        if line == self.line_tick:
            return
        self.line_tick = line
        frozen = self.instrument.panel.snapshot().switches.get("freeze", False)
        if line > 0 and not frozen and in_bars(self.ears.notes, line, 1):
            self.lead(line, self.slot)

    def stopped(self) -> None:
        """The next song has lines of its own."""
        self.line_tick = 0

    def lead(self, line: int, slot: str) -> None:
        """Encode what fits, and let it play from the line on."""
        heard = ((listener, self.music(listener, line)) for listener in self.listeners.values())
        fitting = [(listener, music) for listener, music in heard if music is not None]
        if fitting:
            self.encode(lambda: encoded(fitting), partial(self.place, line, slot, self.instrument.band))

    def place(self, line: int, slot: str, band: Ensemble, points: Encoded) -> None:
        """From the line on it plays, unless another patch plays by now."""
        if band is self.instrument.band:
            self.board.place(slot, points, NAME, hold_step=line // TICKS_PER_STEP)

    def music(self, listener: Listener, line: int) -> Music | None:
        """What leads a bundle: as many bars as it has, fewer while nothing was heard before. None where it fits none."""
        notes = self.ears.notes
        sizes = halves(listener.bars)
        bars = next((bars for bars in sizes if in_bars(notes, line - bars // 2 * TICKS_PER_BAR, bars - bars // 2)), 1)
        try:
            return listener.music(notes, line, bars, self.ears.source)
        except UserError:
            return None


def halves(bars: int) -> tuple[int, ...]:
    """The number, its half, and so on while they are whole."""
    return (bars, *halves(bars // 2)) if bars > 1 and bars % 2 == 0 else (bars,)
