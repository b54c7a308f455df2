"""The position of the song on the instrument's own clock: play goes on from another bar. A feature of the instrument.

While something plays it stops there and goes on from the bar, after the usual lead-in; at rest the next `continue` does. Called from the
instrument's own thread alone.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mvae.core.change import Change
from mvae.core.phrase import STEPS_PER_BAR
from mvae.live import wire
from mvae.live.deeds import Doer
from mvae.live.status import Status

if TYPE_CHECKING:
    from mvae.live.instrument import Instrument


class Locator:
    """Takes an instrument on its own clock elsewhere."""

    def __init__(self, instrument: "Instrument"):
        self.instrument = instrument
        self.does: Mapping[str, Doer] = {"locate": self.locate, "continue": self.go_on, "play": self.play}
        self._step: int | None = None  # from which the next continue plays
        self._goes_on = False  # it stops only to go on from elsewhere

    def locate(self, change: Change, status: Status) -> None:
        """To the line of a bar, counted from 1."""
        if status.playing:
            self.instrument.stop(Change("stop"), status)
            self.instrument.asked.again(change)
            self._goes_on = True
            return
        self._step = (int(change.value or 1) - 1) * STEPS_PER_BAR
        self.instrument.player.send(wire.Locate(self._step))
        if self._goes_on:
            self._goes_on = False
            self.go_on(change, status)

    def go_on(self, change: Change, status: Status) -> None:
        """From the bar that was named, or where it stopped."""
        if self._step is None or status.playing:
            self.instrument.go_on(change, status)
            return
        instrument, step, self._step = self.instrument, self._step, None
        positions = instrument.panel.snapshot()
        instrument.hand("from", None, positions, lambda: instrument.band.begin(positions, instrument.tempo_bpm, step), step)
        instrument.count_bars()

    def play(self, change: Change, status: Status) -> None:
        """From bar 1, whatever was named."""
        self._step = None
        self.instrument.play(change, status)

    def advance(self, status: Status, now_s: float) -> None:
        """Nothing happens by itself."""

    def stopped(self) -> None:
        """What was named stays named, and nothing goes on by itself."""
        self._goes_on = False
