"""MIDI clock as a master: the port it comes in at, each message with the time of its arrival.

Messages come on a thread of the MIDI system's, which wakes the player. Knows nothing of what they mean (`core.midi_clock`).
"""

import sys
from collections import deque
from collections.abc import Callable, Collection, Sequence
from typing import Final

from mvae.core.midi_clock import MidiClock
from mvae.core.sync import Said
from mvae.live import wire
from mvae.live.midi_ports import open_clock_input

LOOK_S: Final = 0.1  # how often a silence is noticed
SWITCH_S: Final = 0.00005  # what comes waits no longer for the interpreter than this, even while the player spins


class MidiMaster:
    """The clock at the input whose name contains `fragment`; without one, at a virtual port called `name`. Raises UserError.

    `own` are the full names of the ports that are played to: they are never heard. `wake` is called from another thread.
    """

    def __init__(self, fragment: str | None, name: str, own: Collection[str], bpm: float, wake: Callable[[], None]) -> None:
        self.patience_s = LOOK_S
        self._clock = MidiClock(bpm)
        self._came: deque[tuple[bytes, float]] = deque()
        self._wake = wake
        sys.setswitchinterval(SWITCH_S)
        self._name = name
        self._input = open_clock_input(fragment, self._hear, own, name)
        self.heard_at: wire.Opened | None = wire.Opened(wire.CLOCK, self._input.port.name, self._input.port.api, fragment is None)
        self.remark = f"MIDI clock comes in at {self._input.port.name}"

    def take(self, now_s: float) -> Sequence[Said]:
        said: list[Said] = []
        while self._came:
            said += self._clock.hear(*self._came.popleft())
        return (*said, *self._clock.look(now_s))

    def join(self, now_s: float, lead_s: float, song_tick: int, bars: int) -> Sequence[Said]:
        return self._clock.join(now_s, lead_s, song_tick, bars)

    def adopt(self, song_tick: int) -> None:
        self._clock.adopt(song_tick)

    def share(self, playing: bool, now_s: float) -> None:
        """A master of MIDI clock hears nothing."""

    def reopen(self, port: str, own: Collection[str]) -> None:
        before = self._input
        self._input = open_clock_input(port, self._hear, own, self._name)
        self.heard_at = wire.Opened(wire.CLOCK, self._input.port.name, self._input.port.api, False)
        before.close()

    def close(self) -> None:
        self._input.close()

    def _hear(self, message: bytes, at_s: float) -> None:
        """On the MIDI system's thread."""
        if message[0] >= 0xF0:
            self._came.append((message, at_s))
            self._wake()
