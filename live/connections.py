"""Who listens to the player's virtual ports: remembered, for when a port comes back after its player died, or a listener after it was gone.

A listener that somebody has disconnected stays so; one that has vanished is connected again by its name. Looked at once a second, far from
the player. Knows nothing of named ports, which the player opens again itself (`switching`).
"""

from collections.abc import Iterable

from mvae.live import wire
from mvae.live.peers import Patchbay


class Connections:
    """The listeners of each slot, as a patchbay shows them."""

    def __init__(self, bay: Patchbay) -> None:
        self._bay = bay
        self._peers: dict[int, tuple[str, ...]] = {}
        self._lost: dict[int, set[str]] = {}  # those that have vanished

    def peers(self, slot: int) -> tuple[str, ...]:
        """Who listens to a slot's port, or did before that went."""
        return self._peers.get(slot, ())

    def connect(self, port: str, peer: str) -> bool:
        """Let somebody listen to a port; False if that failed."""
        return self._bay.connect(port, peer)

    def close(self) -> None:
        """Look no more."""
        self._bay.close()

    def look(self, ports: Iterable[wire.Opened]) -> list[int]:
        """Look again, and connect whoever is back: the slots of whose ports that is true."""
        return [opened.slot for opened in ports if opened.virtual and self._look(opened)]

    def _look(self, opened: wire.Opened) -> bool:
        peers, lost = self._bay.peers(opened.port), self._lost.setdefault(opened.slot, set())
        if peers is None:
            return False  # the port itself is gone: its peers are kept
        lost |= {peer for peer in self.peers(opened.slot) if peer not in peers and not self._exists(peer)}
        back = [peer for peer in sorted(lost) if peer not in peers and self._exists(peer) and self._bay.connect(opened.port, peer)]
        lost.difference_update(peers, back)
        self._peers[opened.slot] = (*peers, *back)
        return bool(back)

    def _exists(self, peer: str) -> bool:
        return self._bay.peers(peer) is not None
