"""The ears of a set, put together: the input that is listened to, captures and infill, and what leads."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

from mvae.live.anchors import AnchorBoard
from mvae.live.capture import Capture
from mvae.live.ears import Ears
from mvae.live.encoding import Encoding
from mvae.live.ensemble import Opened
from mvae.live.hotplug import OnState, PortState
from mvae.live.instrument import Instrument
from mvae.live.leading import Leading
from mvae.live.listening import Listener, listeners_of
from mvae.live.midi_ports import OnMessage
from mvae.live.prepared import Prepared

Hears = Callable[[str, OnMessage, OnState, str], Callable[[], None]]  # a port's name, its messages and state, an option -> how to end it


class Inlet:
    """The input that is listened to: another one, or none. `listeners` are there once something has been listened to.

    One thread at a time may open and close it.
    """

    def __init__(self, ears: Ears, hears: Hears, listeners: Callable[[], Mapping[str, Listener]]) -> None:
        self.ears, self.listeners = ears, dict[str, Listener]()
        self.state = PortState("", "", False)
        self._hears, self._make, self._lock = hears, listeners, threading.Lock()  # over what listens
        self._turn = 0  # which of the inputs is the one
        self._end: Callable[[], None] | None = None

    def open(self, name: str, option: str = "--listen") -> None:
        """Listen to another input. Raises UserError, which names the `option`, for one that is not there: the old one stays."""
        with self._lock:
            if not self.listeners:
                self.listeners.update(self._make())
        turn = self._turn + 1

        def hear(message: bytes, at_s: float) -> None:
            if turn == self._turn:
                self.ears.hear(message, at_s)

        def note(state: PortState) -> None:
            if turn >= self._turn:
                self.state = state

        end, before = self._hears(name, hear, note, option), self._end
        self._turn, self._end, self.ears.name = turn, end, name
        if before is not None:
            before()

    def patched(self, ready: Prepared, step: int) -> None:
        """Another patch listens with its own bundles."""
        with self._lock:
            self._make = partial(listeners_of, ready.opened.decoders, ready.patch.parts)
            if self.listeners:
                self.listeners.clear()
                self.listeners.update(ready.listeners or self._make())

    def close(self) -> None:
        """Listen to nothing."""
        end, self._end = self._end, None
        self._turn += 1
        self.ears.name, self.state = "", PortState("", "", False)
        if end is not None:
            end()


@contextmanager
def hearing(instrument: Instrument, board: AnchorBoard, opened: Opened, ears: Ears, hears: Hears) -> Iterator[Inlet]:
    """Add the ears to an instrument; without an input they are deaf, and say so when they are asked. UserError as `hears`."""
    inlet = Inlet(ears, hears, partial(listeners_of, opened.decoders, opened.patch.parts))
    instrument.patched.append(inlet.patched)
    try:
        if ears.name:
            inlet.open(ears.name)
        instrument.add(ears)
        with Encoding(instrument) as encode:
            instrument.add(encode)
            instrument.add(Capture(instrument, board, ears, inlet.listeners, encode))
            instrument.add(Leading(instrument, board, ears, inlet.listeners, opened.patch.listen, encode))
            del opened  # its models go when another patch comes
            yield inlet
    finally:
        inlet.close()
