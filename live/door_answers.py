"""What becomes of what the Python door asks for: whether it was done by now, and why not.

Stands between the instrument and its way out, and in its rounds as a feature. `settle` is for any one thread, the rest is the instrument's.
"""

import time
from collections import deque
from collections.abc import Mapping
from threading import Event
from typing import Final

from mvae.core.errors import UserError
from mvae.live.deeds import Doer
from mvae.live.instrument import Instrument
from mvae.live.names_door import SOURCE
from mvae.live.status import Status

ERROR: Final = "/mvae/error"
ROUNDS: Final = 2  # of the instrument: the one that was under way, and a whole one
LONGEST_S: Final = 0.5  # a decode of the largest model, and then some
LOOK_S: Final = 0.002
MOST: Final = 16


class Answers:
    """The answers to one door."""

    def __init__(self, instrument: Instrument) -> None:
        """Before the instrument runs."""
        self.does: Mapping[str, Doer] = {}
        self.rounds = 0
        self._instrument, self._out = instrument, instrument.feedback.out
        self._refused: deque[str] = deque(maxlen=MOST)
        instrument.feedback.out = self
        instrument.add(self)

    def advance(self, status: Status, now_s: float) -> None:
        """A round has done what was asked."""
        self.rounds += 1

    def stopped(self) -> None:
        """Whether it plays makes no difference."""

    def send(self, address: str, *values: float | int | str | bool) -> None:
        """On to the way out."""
        self._out.send(address, *values)

    def publish(self, address: str, *values: float | int | str | bool) -> None:
        """On to the way out."""
        self._out.publish(address, *values)

    def answer(self, source: str, address: str, *values: float | int | str | bool) -> None:
        """On to the way out; why the door's own wish was refused is kept for it."""
        if (source, address) == (SOURCE, ERROR):
            self._refused.append(str(values[-1]))
        self._out.answer(source, address, *values)

    def forget(self) -> None:
        """What was refused before is of no interest."""
        self._refused.clear()

    def settle(self) -> None:
        """Return when what was asked last has been done, or is to wait. UserError with the reason, where it was refused at once."""
        until, end_s, pause = self.rounds + ROUNDS, time.monotonic() + LONGEST_S, Event()
        while (self.rounds < until or self._instrument.asked) and time.monotonic() < end_s and not self._instrument.over:
            pause.wait(LOOK_S)
        if self._refused:
            raise UserError("; ".join(self._refused))
