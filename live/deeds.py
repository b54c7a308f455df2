"""What triggers do that are not transport: panic, tap, reseed, fill, and the recall of an anchor. A feature of the instrument.

Called from the instrument's own thread alone.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from mvae.core.change import Change
from mvae.core.phrase import TICKS_PER_STEP
from mvae.core.tap import TapTempo
from mvae.live import wire
from mvae.live.altering import alter
from mvae.live.control_log import Act
from mvae.live.glider import Glider
from mvae.live.status import Status

if TYPE_CHECKING:
    from mvae.live.instrument import Instrument

Doer = Callable[[Change, Status], None]


class Deeds:
    """The deeds of one instrument."""

    def __init__(self, instrument: "Instrument") -> None:
        self.instrument, self.glider, self.taps = instrument, Glider(instrument.panel), TapTempo()
        self.does: Mapping[str, Doer] = {
            "panic": self.panic, "tap": self.tap, "reseed": self.reseed, "fill": self.fill, "recall": self.recall,
        }  # fmt: skip
        instrument.patched.append(lambda ready, step: self.glider.end())

    def advance(self, status: Status, now_s: float) -> None:
        """Glide on."""
        if status.playing:
            self.glider.advance(status.tick_at(now_s) // TICKS_PER_STEP, now_s)

    def stopped(self) -> None:
        """A glide ends where it is."""
        self.glider.end()

    def panic(self, change: Change, status: Status) -> None:
        """All notes off, at once."""
        self.instrument.player.send(wire.Panic())
        self.instrument.recorder.act(Act("panic"), "panic")

    def tap(self, change: Change, status: Status) -> None:
        """The tempo of the last taps."""
        self.taps = self.taps.tap(change.at_s)
        if self.taps.bpm is not None:
            self.instrument.panel.turn(Change("tempo", self.taps.bpm, change.at_s, "tap"))

    def reseed(self, change: Change, status: Status) -> None:
        """New chance, heard when the quantise says."""
        self.instrument.band.reseed()
        alter(self.instrument, status, Act("reseed"))

    def fill(self, change: Change, status: Status) -> None:
        """A fill, where something plays. A move not yet handed over is still to be heard before it."""
        instrument, bars = self.instrument, int(change.value or 1)
        if status.playing:
            positions, tick = instrument.heard, status.tick_at(instrument.now_s() + instrument.gauges.heard_ahead_s())
            tick = max(tick, instrument.line_tick)
            instrument.hand("fill", tick, positions, lambda: instrument.band.fill(tick, bars, positions, instrument.tempo_bpm), bars)

    def recall(self, change: Change, status: Status) -> None:
        """Glide to an anchor, at once where nothing plays."""
        now_s = self.instrument.now_s()
        beats = float(change.value or 0.0) if status.playing else 0.0
        self.glider.begin(change.action.split()[1], beats, status.tick_at(now_s) // TICKS_PER_STEP, now_s)
