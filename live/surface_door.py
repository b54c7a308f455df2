"""Who may come in at the surface: where it listens, which names it answers to, whose pages may speak to it, and the token.

On the loopback the name must be the loopback's, so that no foreign page reaches it through a name of its own. Beyond it whoever turns
something must show a token that only the terminal shows: pages, which see nothing without it, and programs, which send no origin and may
look and listen. A program on this machine needs none. A page of another origin never gets a WebSocket.
"""

import hmac
import ipaddress
import socket
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from mvae.core.errors import UserError

PORT: Final = 7771
TRIES: Final = 16  # ports, from the usual one on
SOMEWHERE: Final = "192.0.2.1"  # an address of nobody's, for documentation
LOOPBACK_NAMES: Final = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True)
class Door:
    """Where the surface listens and, beyond the loopback, what opens it."""

    host: str
    port: int
    token: str = ""

    @property
    def address(self) -> str:
        """For a browser: on this machine or, where it listens beyond it, on the stage's network."""
        host = outward() if is_any(self.host) else self.host
        host = f"[{host}]" if ":" in host else host
        return f"http://{host}:{self.port}" + (f"/?token={self.token}" if self.token else "")

    def knows_name(self, host: str) -> bool:
        """Whether a request's Host header is one that it answers to."""
        return not is_loopback(self.host) or urlsplit(f"//{host}").netloc.rpartition("@")[2].removesuffix(f":{self.port}") in LOOPBACK_NAMES

    def knows_origin(self, origin: str | None, host: str) -> bool:
        """Whether a WebSocket may be opened from there: by a page of this surface, or by no page at all."""
        return origin is None or urlsplit(origin).netloc == host

    def opens(self, token: str) -> bool:
        """Whether the token is the one; where none is wanted, always."""
        return not self.token or hmac.compare_digest(token.encode(), self.token.encode())

    def may_turn(self, token: str, origin: str | None, peer: str) -> bool:
        """Whether a WebSocket from the address of a peer may turn anything: with the token, or from a program of this machine."""
        return self.opens(token) or (origin is None and is_loopback(peer))


def is_loopback(host: str) -> bool:
    """Whether nobody beyond this machine reaches an address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_any(host: str) -> bool:
    """Whether it means every address of this machine."""
    return host in ("", "0.0.0.0", "::")


def outward() -> str:
    """This machine's address on the network, the loopback's where there is none. Nothing is sent."""
    try:
        return facing((SOMEWHERE, 9))
    except OSError:
        return "127.0.0.1"


def facing(peer: tuple[str, int]) -> str:
    """This machine's address on the way to a peer, which is given as numbers. Nothing is sent. Raises OSError where there is no way."""
    with socket.socket(socket.AF_INET6 if ":" in peer[0] else socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(peer)
        address: str = probe.getsockname()[0]
        return address


def listener(host: str, port: int | None) -> socket.socket:
    """A TCP socket that listens there; without a port at the usual one, or the next that is free. Raises UserError."""
    ports = range(PORT, PORT + TRIES) if port is None else (port,)
    for number in ports:
        try:
            return _bound(host, number)
        except OSError as error:
            problem = error.strerror or str(error)
    if port is None:
        raise UserError(f"--surface-port: {host}:{PORT} to {PORT + TRIES - 1}: {problem}: give a free port, or --no-surface")
    raise UserError(f"--surface-port {port}: {problem}: give another port, or end what uses this one")


def _bound(host: str, port: int) -> socket.socket:
    family, kind, _, _, where = socket.getaddrinfo(host or "0.0.0.0", port, type=socket.SOCK_STREAM)[0]
    door = socket.socket(family, kind)
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
            door.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(where)
        door.listen()
    except OSError:
        door.close()
        raise
    return door
