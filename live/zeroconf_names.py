"""Tells the network by zeroconf where the instrument is: `_oscjson._tcp` for OSCQuery and `_osc._udp` for OSC, under the instrument's name.

Announced only where the instrument listens: on the loopback unless it listens beyond it. A name that is taken gets a number. Where there
is no multicast, or no way to keep it to the loopback (Windows), it is not announced, and that is all. Knows nothing of what is served.
"""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

import ifaddr
from zeroconf import Error, IPVersion, NonUniqueNameException
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from mvae.live.surface_desk import Desk
from mvae.live.surface_door import Door, is_any, is_loopback

OSCJSON, OSC = "_oscjson._tcp.local.", "_osc._udp.local."
LOOPBACK: Final = "127.0.0.1"
LABEL_BYTES: Final = 63  # of a name, as DNS has it
TRIES: Final = 16
IP_BOUND_IF: Final = 25  # of macOS, which Python does not name
KEEPING: Final = ("linux", "darwin")  # systems that can keep a socket to the loopback


class Announcement:
    """The names of one instrument while it is there. `start` and `stop` in one event loop."""

    def __init__(self, name: str, host: str, osc_port: int, web_port: int) -> None:
        self.name, self.addresses = label(name), addresses(host)
        self.ports = ((OSCJSON, web_port), (OSC, osc_port))
        self._zeroconf: AsyncZeroconf | None = None

    async def start(self) -> bool:
        """Whether it is announced now."""
        inside = all(map(is_loopback, self.addresses))
        if inside and sys.platform not in KEEPING:
            return False
        try:
            self._zeroconf = AsyncZeroconf(interfaces=list(self.addresses), ip_version=version(self.addresses))
            if inside:  # before the loop runs again, so that nothing is read of what came from elsewhere
                for listener in opened(self._zeroconf):
                    keep_to_loopback(listener)
            await self._zeroconf.zeroconf.async_wait_for_start()
            await self._register(self._zeroconf)
        except (OSError, Error):
            await self.stop()
            return False
        return True

    async def stop(self) -> None:
        """Say that it goes."""
        going, self._zeroconf = self._zeroconf, None
        if going is not None:
            await going.async_unregister_all_services()
            await going.async_close()

    async def _register(self, zeroconf: AsyncZeroconf) -> None:
        """Both services under one name, the first that is free. Raises NonUniqueNameException."""
        for number in range(1, TRIES + 1):
            name = self.name if number == 1 else f"{self.name}-{number}"
            try:
                done = [await zeroconf.async_register_service(self._info(kind, name, port)) for kind, port in self.ports]
            except NonUniqueNameException:
                await zeroconf.async_unregister_all_services()
                continue
            await asyncio.gather(*done)
            self.name = name
            return
        raise NonUniqueNameException

    def _info(self, kind: str, name: str, port: int) -> AsyncServiceInfo:
        server = f"{host_label(name)}.local."
        places = list(self.addresses)
        return AsyncServiceInfo(kind, f"{name}.{kind}", port, parsed_addresses=places, server=server, properties={"txtvers": "1"})


@asynccontextmanager
async def announced(desk: Desk, door: Door) -> AsyncIterator[None]:
    """While the block runs the instrument of a desk is announced, from when it has told its name on."""
    telling = asyncio.create_task(announce(desk, door))
    try:
        yield
    finally:
        telling.cancel()
        with suppress(asyncio.CancelledError):
            await telling


async def announce(desk: Desk, door: Door) -> None:
    """Announce the instrument until this is cancelled."""
    known = asyncio.Event()
    undo = desk.overhear(lambda news: known.set() if "facts" in news else None)
    if "facts" not in desk.known:
        await known.wait()
    undo()
    facts = desk.facts
    names = Announcement(facts.name, door.host, facts.osc_port, door.port)
    try:
        desk.take({"zeroconf": names.name if await names.start() else ""})
        await asyncio.Event().wait()
    finally:
        await names.stop()


def keep_to_loopback(listener: socket.socket) -> None:
    """Let a socket hear the loopback only: multicast wants it bound to every address. What it has heard by now is thrown away.

    On a system of `KEEPING`. Raises OSError where that refuses.
    """
    if sys.platform == "linux":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo\0")
    elif sys.platform == "darwin":
        listener.setsockopt(socket.IPPROTO_IP, IP_BOUND_IF, socket.if_nametoindex("lo0"))
    listener.setblocking(False)
    with suppress(BlockingIOError):
        while True:
            listener.recv(1)


def opened(zeroconf: AsyncZeroconf) -> list[socket.socket]:
    """The sockets that the library has opened and not yet read: it has no public name for them until it reads."""
    engine = zeroconf.zeroconf.engine
    return [one for one in (engine._listen_socket, *engine._respond_sockets) if one is not None]


def addresses(host: str) -> tuple[str, ...]:
    """Where to announce: the loopback, one address, or all that this machine has."""
    if host == "localhost":
        return (LOOPBACK,)
    if not is_any(host):
        return (host,)
    own = [str(ip.ip) for adapter in ifaddr.get_adapters() for ip in adapter.ips if ip.is_IPv4]
    return tuple(address for address in own if not is_loopback(address)) or (LOOPBACK,)


def version(places: tuple[str, ...]) -> IPVersion:
    """Of the addresses."""
    return IPVersion.V6Only if any(":" in place for place in places) else IPVersion.V4Only


def label(name: str) -> str:
    """A name as DNS takes one: without dots, and short enough for a number behind it."""
    room = LABEL_BYTES - len(f"-{TRIES}")
    return name.replace(".", " ").encode()[:room].decode("utf-8", "ignore").strip() or "mvae"


def host_label(name: str) -> str:
    """A name of a host: letters, digits and dashes, and this machine's name, so that two machines do not mean one."""
    plain = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in f"{name}-{socket.gethostname()}")
    return plain[:LABEL_BYTES].strip("-").lower() or "mvae"
