"""Who hears feedback, and what they hear: events as they are sent, and state, which a newcomer is told in full.

`send` and `publish` may be called from any thread. Subscribers are few and bounded; one whose address the socket refuses is dropped.
Knows nothing of actions.
"""

import socket
import threading

from mvae.live.osc_codec import message

MOST = 64
Address = tuple[str, int]
Values = tuple[float | int | str | bool, ...]


class Subscribers:
    """The subscribers of a socket. `dropped` counts those that the socket refused, `lost` the datagrams that it had no room for."""

    def __init__(self, port: socket.socket) -> None:
        self._port = port
        self._lock = threading.Lock()
        self._addresses: dict[Address, None] = {}
        self._state: dict[str, Values] = {}
        self.dropped = 0
        self.lost = 0

    def __len__(self) -> int:
        return len(self._addresses)

    def subscribe(self, address: Address) -> None:
        """Tell `address` the full state now and everything from now on; of too many the oldest goes."""
        with self._lock:
            self._addresses.pop(address, None)
            while len(self._addresses) >= MOST:
                del self._addresses[next(iter(self._addresses))]
            self._addresses[address] = None
            for name, values in self._state.items():
                self._send_to(address, message(name, *values))

    def unsubscribe(self, address: Address) -> None:
        """Tell `address` no more."""
        with self._lock:
            self._addresses.pop(address, None)

    def send(self, address: str, *values: float | int | str | bool) -> None:
        """An event, to whoever is subscribed now."""
        if not self._addresses:
            return
        datagram = message(address, *values)
        with self._lock:
            for subscriber in tuple(self._addresses):
                self._send_to(subscriber, datagram)

    def publish(self, address: str, *values: float | int | str | bool) -> None:
        """State: sent when it is not what was published last, and to everyone who subscribes later."""
        if self._state.get(address) != values:
            with self._lock:
                self._state[address] = values
            self.send(address, *values)

    def forget(self, *addresses: str) -> None:
        """State that is no more: those who subscribe later are not told of it."""
        with self._lock:
            for address in addresses:
                self._state.pop(address, None)

    def state(self) -> dict[str, Values]:
        """All that was published, by address."""
        with self._lock:
            return dict(self._state)

    def answer(self, address: Address, datagram: bytes) -> None:
        """One datagram to one sender, subscribed or not."""
        with self._lock:
            self._send_to(address, datagram)

    def _send_to(self, address: Address, datagram: bytes) -> None:
        try:
            self._port.sendto(datagram, address)
        except BlockingIOError:
            self.lost += 1
        except OSError:
            self.dropped += self._addresses.pop(address, False) is None
