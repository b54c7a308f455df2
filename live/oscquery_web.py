"""OSCQuery over HTTP and WebSocket, in the surface's process: every path is a query, every WebSocket but the page's hears and says OSC.

A GET answers from what the desk knows. A WebSocket asks to LISTEN to addresses and is told their values as OSC messages, the newest of
each as fast as it takes them; OSC messages that it sends are done like those over UDP, if the door lets it turn anything: else it is hung
up on, with the reason.
"""

import asyncio
import json
import time
from contextlib import suppress
from typing import Any, Final
from urllib.parse import urlsplit

from aiohttp import WSCloseCode, WSMsgType, web

from mvae.core.change import Value
from mvae.live.osc_codec import Malformed, address_of, arguments, by_time, message, unix_s
from mvae.live.osc_ports import FARTHEST_S, MOST_TIMED
from mvae.live.osc_routes import Route, changes, routes, scene_route
from mvae.live.oscquery import HOST_INFO, NAMED, NORMALIZED, SCENES, XY, BadQuery, Node, Unknown, attribute, find, host_info
from mvae.live.surface_desk import Desk
from mvae.live.surface_door import Door, is_any, is_loopback
from mvae.live.surface_news import News

LARGEST: Final = 16_384  # bytes of a message
MOST_LISTENERS: Final = 64
MOST_ADDRESSES: Final = 1024  # that one of them listens to
HEARTBEAT_S: Final = 20.0
TOKEN: Final = "token"
BEARER: Final = "Bearer "  # before the token in an Authorization header
WANTED: Final = "the token is shown in the terminal"
SOURCE: Final = "oscquery"


class OscQuery:
    """The queries of a desk."""

    def __init__(self, desk: Desk, door: Door) -> None:
        self.desk, self.door = desk, door
        self.listeners = set[Listener]()
        self.timed = 0  # messages of them all that wait for their timetag
        self._actions, self._routes = desk.actions, routes(desk.actions)

    async def take(self, request: web.Request) -> web.StreamResponse:
        """One request at any path."""
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self.listen(request)
        return self.answer(request)

    def answer(self, request: web.Request) -> web.Response:
        """A node, one of its attributes (204: it has none; 400: there is none of that name; 404: no such node), or who the host is."""
        asked = [name for name in request.query if name != TOKEN]
        headers = allowed(request.headers.get("Origin"))
        try:
            found = self.host(request) if HOST_INFO in asked else self.query(request.path, asked)
        except Unknown:
            return web.json_response({"error": f"no address {request.path}"}, status=404, headers=headers)
        except BadQuery as problem:
            return web.json_response({"error": f"no attribute {problem}"}, status=400, headers=headers)
        return web.Response(status=204, headers=headers) if found is None else web.json_response(found, headers=headers)

    def query(self, path: str, asked: list[str]) -> Node | None:
        """A node, or what is asked of it."""
        if len(asked) > 1:
            raise BadQuery(", ".join(asked))
        node = self.node(path)
        return attribute(node, asked[0]) if asked else node

    def node(self, path: str) -> Node:
        """What is at an address. Raises Unknown."""
        return find(self.desk.actions, self.desk.positions(), self.desk.published(), path)

    def route(self, address: bytes) -> Route | None:
        """What a message to an address does."""
        if self._actions is not self.desk.actions:
            self._actions, self._routes = self.desk.actions, routes(self.desk.actions)
        return self._routes.get(address) or scene_route(address, self._actions)

    def host(self, request: web.Request) -> Node:
        """Who and where this is, at the address by which the asker found it."""
        assert request.transport is not None
        here = request.transport.get_extra_info("sockname")[0]
        facts = self.desk.facts
        osc_host = here if is_any(facts.osc_host) else facts.osc_host
        return host_info(facts.name, (osc_host, facts.osc_port), (here, self.door.port))

    async def listen(self, request: web.Request) -> web.StreamResponse:
        """A WebSocket until it is closed. Where there is a token a browser shows it, and no other is taken."""
        token, origin = token_of(request), request.headers.get("Origin")
        if (token or origin is not None) and not self.door.opens(token):
            raise web.HTTPForbidden(text=f"{WANTED}\n")
        if len(self.listeners) >= MOST_LISTENERS:
            raise web.HTTPServiceUnavailable(text="too many programs listen\n")
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT_S, max_msg_size=LARGEST, compress=False)
        await socket.prepare(request)
        listener = Listener(self, socket, self.door.may_turn(token, origin, request.remote or ""))
        self.listeners.add(listener)
        try:
            await listener.run()
        finally:
            self.listeners.discard(listener)
        return socket

    async def close(self) -> None:
        """Say goodbye to all that listen."""
        for listener in tuple(self.listeners):
            await listener.socket.close()


class Listener:
    """One WebSocket: the addresses that it hears, and what it is still to be told, the newest of each. `turns`: it may turn things."""

    def __init__(self, query: OscQuery, socket: web.WebSocketResponse, turns: bool) -> None:
        self.query, self.desk, self.socket, self.turns = query, query.desk, socket, turns
        self.wanted = set[str]()
        self.known = frozenset(self.desk.published())
        self.waiting = dict[str, bytes | str]()
        self.rung = asyncio.Event()

    async def run(self) -> None:
        """Until it is closed."""
        undo = (self.desk.listen(self.told, self.published), self.desk.overhear(self.changed))
        teller = asyncio.create_task(self.tell())
        try:
            async for heard in self.socket:
                if heard.type == WSMsgType.TEXT:
                    self.command(heard.data)
                elif heard.type == WSMsgType.BINARY and self.turns:
                    self.osc(heard.data)
                elif heard.type == WSMsgType.BINARY:
                    await self.socket.close(code=WSCloseCode.POLICY_VIOLATION, message=WANTED.encode())
        finally:
            teller.cancel()
            for end in undo:
                end()

    async def tell(self) -> None:
        """Everything that waits, as fast as it is taken."""
        try:
            while await self.rung.wait():
                self.rung.clear()
                told, self.waiting = self.waiting, {}
                for said in told.values():
                    await (self.socket.send_str(said) if isinstance(said, str) else self.socket.send_bytes(said))
        except ConnectionError:  # it has gone
            pass

    def put(self, key: str, said: bytes | str) -> None:
        self.waiting[key] = said
        self.rung.set()

    def command(self, text: str) -> None:
        """LISTEN or IGNORE an address; nonsense changes nothing."""
        match read(text):
            case {"COMMAND": "LISTEN", "DATA": str(path)} if len(self.wanted) < MOST_ADDRESSES:
                self.wanted.add(path)
                self.say(path)
            case {"COMMAND": "IGNORE", "DATA": str(path)}:
                self.wanted.discard(path)
            case _:
                pass

    def say(self, path: str) -> None:
        """Where an address stands now, if it can be read."""
        try:
            node = self.query.node(path)
        except Unknown:
            return
        if "VALUE" in node:
            self.put(path, message(path, *node["VALUE"]))

    def told(self, name: str, value: Value) -> None:
        """An action moved."""
        address = self.desk.actions[name].address
        if address in self.wanted and value is not None:
            self.put(address, message(address, value))
        for path in {address + NORMALIZED, XY if name in ("x", "y") else ""} & self.wanted:
            self.say(path)

    def published(self, address: str, values: tuple[Value, ...]) -> None:
        """State that is no action's; an address that is new is told to everyone, and where names are others than they were."""
        if address == SCENES:
            for action in NAMED:
                path = self.desk.actions[action].address if action in self.desk.actions else ""
                self.put(f"~{path}", json.dumps({"COMMAND": "PATH_CHANGED", "DATA": path}))
        if address in self.wanted:
            self.put(address, message(address, *(value for value in values if value is not None)))
        if address not in self.known:
            self.known |= {address}
            self.put(f"+{address}", json.dumps({"COMMAND": "PATH_ADDED", "DATA": address}))

    def changed(self, news: News) -> None:
        """Another table of actions."""
        if "actions" in news:
            self.put("actions", json.dumps({"COMMAND": "PATH_CHANGED", "DATA": "/mvae"}))

    def osc(self, datagram: bytes) -> None:
        """OSC as over UDP: each message when its time has come. What is not OSC, is for no address, or is too far ahead or
        too many, is nothing."""
        try:
            found = by_time(datagram)
        except Malformed:
            return
        for timetag, together in found:
            ahead_s = unix_s(timetag) - time.time()
            if ahead_s <= 0:
                self.do(together)
            elif ahead_s < FARTHEST_S:
                waiting = together[: MOST_TIMED - self.query.timed]
                self.query.timed += len(waiting)
                asyncio.get_running_loop().call_later(ahead_s, self.when_due, waiting)

    def when_due(self, together: tuple[bytes, ...]) -> None:
        """Messages that have waited for one moment."""
        self.query.timed -= len(together)
        self.do(together)

    def do(self, together: tuple[bytes, ...]) -> None:
        """Messages of one moment, one after the other."""
        for datagram in together:
            with suppress(Malformed, ValueError):
                route = self.query.route(address_of(datagram))
                for change in changes(route, arguments(datagram), 0.0, SOURCE) if route is not None else ():
                    self.desk.turn(change)


def token_of(request: web.Request) -> str:
    """What a request shows: `?token=` or `Authorization: Bearer`; nothing else is a token."""
    said = request.headers.get("Authorization", "")
    return request.query.get(TOKEN, "") or (said.removeprefix(BEARER) if said.startswith(BEARER) else "")


def read(text: str) -> Any:
    """A command as JSON has it; None for what is none."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def allowed(origin: str | None) -> dict[str, str]:
    """The header by which a browser lets a page read an answer: pages of this machine only."""
    host = urlsplit(origin or "").hostname
    return {"Access-Control-Allow-Origin": origin, "Vary": "Origin"} if origin and host and is_loopback(host) else {}


def add_routes(app: web.Application, desk: Desk, door: Door) -> OscQuery:
    """All paths that nobody else wants are queries."""
    query = OscQuery(desk, door)

    async def goodbye(_: web.Application) -> None:
        await query.close()

    app.router.add_get("/{path:.*}", query.take)
    app.on_shutdown.append(goodbye)
    return query
