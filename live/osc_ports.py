"""OSC in and out over UDP, on a thread of its own. Hop 1 of the signal path: datagrams become changes of the panel.

The socket is emptied at once and then rested for a moment, so a flood costs one wake-up for many messages and a knob's newest value
is the only one read. Bundles wait for their timetag on the loop's timer and hold nothing back. Knows nothing of what actions do.
"""

import asyncio
import ipaddress
import socket
import threading
import time
from dataclasses import dataclass

from mvae.core.actions import Actions
from mvae.core.errors import UserError
from mvae.core.panel import Panel
from mvae.core.patch import Patch
from mvae.live.osc_codec import Malformed, address_of, arguments, by_time, message, unix_s
from mvae.live.osc_routes import SUBSCRIBE, UNSUBSCRIBE, Route, changes, routes, scene_route
from mvae.live.subscribers import Address, Subscribers

HOST, PORT = "127.0.0.1", 7770
SOURCE = "osc "  # and the sender's address
LARGEST = 16_384  # bytes of a datagram
BUFFER = 1 << 20  # bytes that may wait in the kernel, as far as the system allows
BATCH = 256  # datagrams taken in one go
REST_S = 0.001  # between two goes
FEEDBACK_S = 0.03  # between two looks at the panel for subscribers
MOST_TIMED = 1024  # messages waiting for their timetag
FARTHEST_S = 60.0  # a timetag later than this means clocks that do not agree
OF_PATCH = ("/mvae/anchor/", "/mvae/port/")  # state that each patch tells for itself
MOST_ANSWERS = 100  # errors answered in a second


@dataclass(slots=True)
class Counts:
    """What came in since the start. `coalesced` were overtaken by a newer value, `refused` had a value that was answered with an error."""

    received: int = 0
    coalesced: int = 0
    malformed: int = 0
    oversize: int = 0
    unknown: int = 0
    refused: int = 0
    untimely: int = 0
    answered: int = 0


def parse_bind(text: str) -> Address:
    """[HOST:]PORT as (host, port). Raises UserError."""
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise UserError(f"--osc {text}: give [HOST:]PORT with a port 1..65535, such as {HOST}:{PORT}")
    return (host.strip("[]") or HOST), int(port)


def bound(host: str, port: int) -> socket.socket:
    """A UDP socket that listens there. Raises UserError for a port that is taken or a host that is not ours."""
    try:
        family, kind, _, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        listener = socket.socket(family, kind)
    except OSError as error:
        raise UserError(f"--osc {host}:{port}: {error.strerror or error}: give an address of this machine") from None
    try:
        listener.bind(where)
    except OSError as error:
        listener.close()
        raise UserError(f"--osc {host}:{port}: {error.strerror or error}: give another port, or end what uses this one") from None
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    listener.setblocking(False)
    return listener


class OscPorts:
    """The OSC port of the instrument. Opens at once and reads until `close`; use as a context manager.

    `send` (events), `publish` (state) and `answer` may be called from any thread; knobs, switches and choices are published by themselves.
    """

    def __init__(self, panel: Panel, actions: Actions, patch: Patch | None = None, host: str = HOST, port: int = PORT) -> None:
        self._socket = bound(host, port)
        self._panel, self._actions = panel, actions
        self._routes = routes(actions, patch)
        self.counts = Counts()
        self.address: Address = self._socket.getsockname()[:2]
        self.subscribers = Subscribers(self._socket)
        self.send, self.publish = self.subscribers.send, self.subscribers.publish
        self._waiting: dict[bytes, tuple[bytes, Address]] = {}
        self._timed = 0
        self._answers = 0
        self._told = -1
        self._loop = asyncio.SelectorEventLoop()
        self._tell_positions()
        self._thread = threading.Thread(target=self._run, name="osc", daemon=True)
        self._thread.start()

    def __enter__(self) -> "OscPorts":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop reading and free the port."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        self._socket.close()

    def become(self, actions: Actions, patch: Patch) -> None:
        """The addresses are those of another patch from now on. State of the ones that are no more is forgotten."""
        before, now = self._actions, routes(actions, patch)
        self._actions, self._routes = actions, now
        gone = [address for address in self.subscribers.state() if address.startswith(OF_PATCH)]
        gone += [action.address for action in before.values() if action.address.encode() not in now]
        self.subscribers.forget(*gone)
        self._told = -1

    def answer(self, source: str, address: str, *values: float | int | str | bool) -> None:
        """To the sender that the source of a change names, what became of it later; to whoever is subscribed where it names none."""
        sender = sender_of(source)
        if sender is None:
            self.send(address, *values)
        else:
            self._loop.call_soon_threadsafe(self._answer_at, sender, address, *values)

    def _run(self) -> None:
        self._loop.add_reader(self._socket, self._read)
        self._feed_back()
        self._forgive()
        self._loop.run_forever()
        self._loop.close()

    def _read(self) -> None:
        """Take all that has come, then rest."""
        for _ in range(BATCH):
            try:
                datagram, sender = self._socket.recvfrom(LARGEST + 1)
            except BlockingIOError:
                break
            except OSError:  # Windows tells here of a subscriber that has gone
                continue
            self._take(datagram, sender[:2])
        self._flush()
        self._loop.remove_reader(self._socket)
        self._loop.call_later(REST_S, self._loop.add_reader, self._socket, self._read)

    def _take(self, datagram: bytes, sender: Address) -> None:
        self.counts.received += 1
        if len(datagram) > LARGEST:
            self.counts.oversize += 1
            return
        try:
            found = by_time(datagram)
        except Malformed:
            self.counts.malformed += 1
            return
        for timetag, together in found:
            self._in_time(unix_s(timetag) - time.time(), together, sender)

    def _in_time(self, ahead_s: float, together: tuple[bytes, ...], sender: Address) -> None:
        """Do messages of one moment now, or when their time has come, one after the other; a timetag in the past is now."""
        if ahead_s <= 0:
            for inner in together:
                self._route(inner, sender)
        elif self._timed + len(together) > MOST_TIMED or ahead_s > FARTHEST_S:
            self.counts.untimely += len(together)
            self._answer(sender, "timetag", f"more than {FARTHEST_S:g} s ahead, or too many: do the clocks agree?")
        else:
            self._timed += len(together)
            self._loop.call_later(ahead_s, self._when_due, together, sender)

    def _when_due(self, together: tuple[bytes, ...], sender: Address) -> None:
        self._timed -= len(together)
        for inner in together:
            self._route(inner, sender)
        self._flush()

    def _route(self, datagram: bytes, sender: Address) -> None:
        """Keep a knob's message for the flush, where only the newest of an address is read; do any other now, in order."""
        try:
            address = address_of(datagram)
        except Malformed:
            self.counts.malformed += 1
            return
        route = self._routes.get(address)
        if route is not None and route.coalesces:
            self.counts.coalesced += self._waiting.pop(address, None) is not None
            self._waiting[address] = (datagram, sender)
        else:
            self._flush()
            self._do(address, datagram, sender)

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for address, (datagram, sender) in waiting.items():
            self._do(address, datagram, sender)

    def _do(self, address: bytes, datagram: bytes, sender: Address) -> None:
        """Do what a message says, or answer its sender why not."""
        route = self._routes.get(address) or scene_route(address, self._actions)
        try:
            if route is not None:
                self._turn(route, datagram, sender)
            elif address in (SUBSCRIBE, UNSUBSCRIBE):
                self._subscribe(address, datagram, sender)
            else:
                self.counts.unknown += 1
                self._answer(sender, "unknown", address.decode("ascii", "replace"))
        except Malformed:
            self.counts.malformed += 1
        except ValueError as problem:
            self.counts.refused += 1
            self._answer(sender, "value", address.decode("ascii", "replace"), str(problem))

    def _turn(self, route: Route, datagram: bytes, sender: Address) -> None:
        values = arguments(datagram)
        answers = self._panel.turn(*changes(route, values, time.monotonic(), source_of(sender)))
        if any(answers):
            raise ValueError("; ".join(filter(None, answers)))

    def _subscribe(self, address: bytes, datagram: bytes, sender: Address) -> None:
        who = subscriber(arguments(datagram), sender)
        if address == UNSUBSCRIBE:
            self.subscribers.unsubscribe(who)
        else:
            self._tell_positions()
            self.subscribers.subscribe(who)

    def _answer(self, sender: Address, *values: str) -> None:
        self._answer_at(sender, "/mvae/error", *values)

    def _answer_at(self, sender: Address, address: str, *values: float | int | str | bool) -> None:
        if self._answers < MOST_ANSWERS:
            self._answers += 1
            self.counts.answered += 1
            self.subscribers.answer(sender, message(address, *values))

    def _forgive(self) -> None:
        self._answers = 0
        self._loop.call_later(1.0, self._forgive)

    def _feed_back(self) -> None:
        if len(self.subscribers):
            self._tell_positions()
        self._loop.call_later(FEEDBACK_S, self._feed_back)

    def _tell_positions(self) -> None:
        """Publish what has moved on the panel since the last look."""
        if self._panel.version == self._told:
            return
        actions, positions = self._actions, self._panel.snapshot()
        if actions is not self._panel.actions:
            return  # another patch is coming
        self._told = positions.version
        for standing in (positions.knobs, positions.switches, positions.choices):
            for name, value in standing.items():
                self.publish(actions[name].address, int(value) if isinstance(value, bool) else value)


def source_of(sender: Address) -> str:
    """What changes say of a sender."""
    return f"{SOURCE}{sender[0]}:{sender[1]}"


def sender_of(source: str) -> Address | None:
    """The address that a change's source names; None for one that did not come over OSC."""
    host, _, port = source.removeprefix(SOURCE).rpartition(":")
    return (host, int(port)) if source.startswith(SOURCE) and port.isdecimal() else None


def subscriber(values: tuple[object, ...], sender: Address) -> Address:
    """Who is meant: the sender, the sender's host at another port (i port), or (s host, i port). Raises ValueError."""
    *hosts, port = values or (sender[1],)
    host = hosts[0] if len(hosts) == 1 else sender[0]
    if len(hosts) > 1 or not isinstance(host, str) or not isinstance(port, (int, float)) or not 0 < port < 65536 or port != int(port):
        raise ValueError("takes nothing, a port, or a host and a port 1..65535")
    if host == "localhost":
        host = HOST
    try:
        ipaddress.ip_address(host)
    except ValueError:
        raise ValueError(f"takes the host as numbers, such as 192.168.0.5, not {host!r}") from None
    return host, int(port)
