"""What is played in leads: bar by bar the bars just heard are encoded, and put into the slot that the patch names. A feature.

So a tap model makes a groove of taps while they are played, and one that hears hits alone plays a stiff pattern with a drummer's hands.
A bar in which nothing was heard changes nothing, nor does any while `freeze` is on. Called from the instrument's own thread alone.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mvae.core.errors import UserError
from mvae.core.heard import HALF_STEP, TICKS_PER_BAR, in_bars
from mvae.core.latent import Latent
from mvae.core.phrase import TICKS_PER_STEP
from mvae.live.anchors import AnchorBoard
from mvae.live.deeds import Doer
from mvae.live.ears import Ears
from mvae.live.listening import Listener
from mvae.live.status import Status

if TYPE_CHECKING:
    from mvae.live.instrument import Instrument

NAME = "heard"


class Leading:
    """The lead that one input has. `slot` is where what was heard lies."""

    def __init__(self, instrument: "Instrument", board: AnchorBoard, ears: Ears, listeners: Mapping[str, Listener], slot: str) -> None:
        self.instrument, self.board, self.ears, self.listeners, self.slot = instrument, board, ears, listeners, slot
        self.line_tick = 0  # the last that was looked at
        self.does: Mapping[str, Doer] = {}

    def advance(self, status: Status, now_s: float) -> None:
        """Half a step before a line, take the bars before it; once for each line."""
        if not status.playing or self.instrument.answering():
            return
        line = (status.tick_at(now_s) + HALF_STEP) // TICKS_PER_BAR * TICKS_PER_BAR
        if line == self.line_tick:
            return
        self.line_tick = line
        frozen = self.instrument.panel.snapshot().switches.get("freeze", False)
        if line > 0 and not frozen and in_bars(self.ears.notes, line, 1):
            self.lead(line)

    def stopped(self) -> None:
        """The next song has lines of its own."""
        self.line_tick = 0

    def lead(self, line: int) -> None:
        """Encode what fits, and let it play from the line on."""
        points = {bundle: point for bundle, listener in self.listeners.items() if (point := self.point(listener, line)) is not None}
        if points:
            self.board.place(self.slot, points, NAME, hold_step=line // TICKS_PER_STEP)

    def point(self, listener: Listener, line: int) -> Latent | None:
        """Where a bundle is led: by as many bars as it has, by fewer while nothing was heard before. None where it fits none."""
        notes = self.ears.notes
        sizes = halves(listener.bars)
        bars = next((bars for bars in sizes if in_bars(notes, line - bars // 2 * TICKS_PER_BAR, bars - bars // 2)), 1)
        try:
            return listener.encode(listener.music(notes, line, bars, self.ears.source))
        except UserError:
            return None


def halves(bars: int) -> tuple[int, ...]:
    """The number, its half, and so on while they are whole."""
    return (bars, *halves(bars // 2)) if bars > 1 and bars % 2 == 0 else (bars,)
