"""The sockets that notes leave by, one for each way. What has a timetag leaves at once; what has none waits here for its moment.

A thread of its own waits, and only where there is something to wait for. What a host says is heard from any port of it: SuperCollider does
not answer from the port that it was asked at. Knows nothing of notes.
"""

import heapq
import socket
import threading
import time
from itertools import count
from typing import Final

from mvae.live.notes_out import Way
from mvae.live.surface_door import is_loopback

MOST_WAITING: Final = 4096
LARGEST: Final = 65_536


class Post:
    """One way out. A context manager's `close` ends its thread."""

    def __init__(self, way: Way) -> None:
        """Raises OSError where the network has no such way."""
        self.way, self.lost = way, 0
        self._socket = socket.socket(socket.AF_INET6 if ":" in way.host else socket.AF_INET, socket.SOCK_DGRAM)
        try:
            if is_loopback(way.host):
                self._socket.bind((way.host, 0))
            else:
                self._socket.connect((way.host, way.port))
        except OSError:
            self._socket.close()
            raise
        self._socket.setblocking(False)
        self._waiting: list[tuple[float, int, bytes]] = []
        self._number = count()
        self._rung = threading.Condition()
        self._over = False
        self._thread: threading.Thread | None = None

    def send(self, datagram: bytes) -> None:
        """At once. What the network does not take is lost, and counted."""
        try:
            self._socket.sendto(datagram, (self.way.host, self.way.port))
        except OSError:
            self.lost += 1

    def send_at(self, at_s: float, datagram: bytes) -> None:
        """At a monotonic time, in the order of times."""
        with self._rung:
            if len(self._waiting) >= MOST_WAITING:
                self.lost += 1
                return
            heapq.heappush(self._waiting, (at_s, next(self._number), datagram))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="notes", daemon=True)
                self._thread.start()
            self._rung.notify()

    def hear(self) -> list[bytes]:
        """What the peer has said since the last call."""
        said: list[bytes] = []
        try:
            while True:
                said.append(self._socket.recv(LARGEST))
        except OSError:  # no more, or nobody listens there
            return said

    def close(self) -> None:
        """What waits is not sent."""
        with self._rung:
            self._over = True
            self._rung.notify()
        if self._thread is not None:
            self._thread.join()
        self._socket.close()

    def _run(self) -> None:
        """Thread: each at its time."""
        with self._rung:
            while not self._over:
                ahead_s = self._waiting[0][0] - time.monotonic() if self._waiting else None
                if ahead_s is None or ahead_s > 0:
                    self._rung.wait(ahead_s)
                else:
                    self.send(heapq.heappop(self._waiting)[2])
