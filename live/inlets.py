"""The inputs as the performer has to do with them while it plays: what is listened to, one controller more, one less. A feature.

Ports are opened and closed on a thread of its own, one wish after the other: that may take longer than a decode's deadline. What is played
to is never heard (`hotplug.InputKeeper`), nor what was just sent (`echoes`).
"""

import threading
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Final

from mvae.core.change import Change
from mvae.core.errors import UserError
from mvae.live.altering import complain
from mvae.live.deeds import Doer
from mvae.live.hands import Hands
from mvae.live.hearing import Inlet
from mvae.live.punctual import USUAL, prefer
from mvae.live.status import Status

if TYPE_CHECKING:
    from mvae.live.instrument import Instrument

MOST_WAITING: Final = 16  # wishes
LISTEN, ADD, REMOVE = "listen port", "controller", "controller remove"


class Inlets:
    """The inputs of one instrument. Use as a context manager."""

    def __init__(self, instrument: "Instrument", inlet: Inlet, hands: Hands) -> None:
        self.instrument, self.inlet, self.hands = instrument, inlet, hands
        self.does: Mapping[str, Doer] = {"listen": self.do, "controller": self.do}
        self._pool = ThreadPoolExecutor(1, "inlets", initializer=prefer, initargs=(USUAL,))
        self._waiting = threading.Semaphore(MOST_WAITING)
        self._wrong: deque[tuple[Change, str]] = deque()  # from the thread: what was asked for, and why not
        self._told: dict[str, tuple[str | int, ...]] = {}
        self.tell()

    def __enter__(self) -> "Inlets":
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def do(self, change: Change, status: Status) -> None:
        """Another input, soon."""
        if not self._waiting.acquire(blocking=False):
            complain(self.instrument, change.action, "ports are still being opened: once more in a moment", change.source)
            return
        self._pool.submit(self._try, change)

    def advance(self, status: Status, now_s: float) -> None:
        """Say what has become of it."""
        while self._wrong:
            change, why = self._wrong.popleft()
            complain(self.instrument, change.action, why, change.source)
        self.tell()

    def stopped(self) -> None:
        """Ports stay as they are."""

    def tell(self) -> None:
        """Which inputs there are, for whoever listens: what is listened to and whether it is there, and the controllers."""
        state = self.inlet.state
        self._tell("/mvae/listen/input", state.port or state.wanted, int(state.present))
        self._tell("/mvae/controller/list", *(station.port or station.fragment for station in self.hands.stations))

    def _tell(self, address: str, *words: str | int) -> None:
        if self._told.get(address) != words:
            self._told[address] = words
            self.instrument.feedback.out.publish(address, *words)

    def _try(self, change: Change) -> None:
        """On the thread."""
        name = str(change.value or "")
        deeds: dict[str, Callable[[], None]] = {
            LISTEN: partial(self.inlet.open, name, "/mvae/listen/port") if name else self.inlet.close,
            ADD: partial(self.hands.add, name),
            REMOVE: partial(self.hands.remove, name),
        }
        try:
            deeds[change.action]()
        except UserError as problem:
            self._wrong.append((change, str(problem)))
        finally:
            self._waiting.release()
        self.instrument.panel.changed.set()
