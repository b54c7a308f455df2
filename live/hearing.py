"""The ears of a set, put together: the input that is listened to, captures and infill, and what leads."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from mvae.live.anchors import AnchorBoard
from mvae.live.capture import Capture
from mvae.live.ears import Ears
from mvae.live.ensemble import Opened
from mvae.live.instrument import Instrument
from mvae.live.leading import Leading
from mvae.live.listening import listeners_of
from mvae.live.midi_ports import OnMessage

Hears = Callable[[str, OnMessage], Callable[[], None]]  # a port's name and what to do with its messages -> how to end it


@contextmanager
def hearing(instrument: Instrument, board: AnchorBoard, opened: Opened, ears: Ears, hears: Hears) -> Iterator[Ears]:
    """Add the ears to an instrument; without an input they are deaf, and say so when they are asked. UserError as `hears`."""
    with ExitStack() as stack:
        if ears.listens:
            stack.callback(hears(ears.name, ears.hear))
        listeners = listeners_of(opened.decoders, opened.patch.parts) if ears.listens else {}
        instrument.add(ears)
        instrument.add(Capture(instrument, board, ears, listeners))
        if ears.listens and opened.patch.listen is not None:
            instrument.add(Leading(instrument, board, ears, listeners, opened.patch.listen))
        yield ears
