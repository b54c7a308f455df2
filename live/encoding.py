"""What was heard is encoded aside: the encoder of sixteen bars takes longer than a decode may, and the music goes on. A feature.

One piece of music after the other, as preferred as what decodes: it is due at a line, too. What becomes of it happens on the instrument's
own thread, in the round after.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from mvae.core.latent import Latent
from mvae.live.deeds import Doer
from mvae.live.listening import Listener, Music
from mvae.live.status import Status

if TYPE_CHECKING:
    from mvae.live.instrument import Instrument

Encoded = Mapping[str, Latent]  # by bundle
Work = Callable[[], Encoded]
Then = Callable[[Encoded], None]
Encode = Callable[[Work, Then], None]


def encoded(fitting: Iterable[tuple[Listener, Music]]) -> Encoded:
    """The point that each bundle takes its music for."""
    return {listener.bundle: listener.encode(music) for listener, music in fitting}


def at_once(work: Work, then: Then) -> None:
    """Encode it here and now."""
    then(work())


class Encoding:
    """The encoders of one instrument, on a thread of its own. Use as a context manager."""

    def __init__(self, instrument: "Instrument") -> None:
        self.instrument = instrument
        self.does: Mapping[str, Doer] = {}
        self.waiting: deque[tuple[Future[Encoded], Then]] = deque()
        self._pool = ThreadPoolExecutor(1, "encoder")

    def __enter__(self) -> "Encoding":
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def __call__(self, work: Work, then: Then) -> None:
        """Encode it soon; `then` is called on the instrument's thread."""
        coming = self._pool.submit(work)
        self.waiting.append((coming, then))
        coming.add_done_callback(lambda _: self.instrument.panel.changed.set())

    def advance(self, status: Status, now_s: float) -> None:
        """What is encoded by now."""
        while self.waiting and self.waiting[0][0].done() and not self.instrument.answering():
            coming, then = self.waiting.popleft()
            then(coming.result())

    def stopped(self) -> None:
        """What has been asked for is encoded all the same."""
