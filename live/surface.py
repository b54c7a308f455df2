"""The surface: a process of its own that shows the instrument to pages and to programs, over one HTTP port. Run by `surface_link`.

News comes in at stdin, requests go out at stdout, the listening socket is inherited; the end of stdin ends it. Whatever happens here,
the instrument plays on. Pages get `/`, `/page/...` and `/ws`; every other path is for OSCQuery.
"""

import argparse
import asyncio
import os
import signal
import socket
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Final

from aiohttp import web

from mvae.live.oscquery_web import add_routes
from mvae.live.surface_desk import Desk
from mvae.live.surface_door import Door, listener
from mvae.live.surface_news import News, line_of, news_of
from mvae.live.surface_pages import Pages, file_response
from mvae.live.zeroconf_names import announced

GOODBYE_S: Final = 0.5
READ_BYTES: Final = 1 << 16
PAGE, SOCKET = "/page/", "/ws"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def make_app(desk: Desk, door: Door) -> web.Application:
    """The application: the page's paths, and what else is added to it, all behind the door."""
    pages = Pages(desk)

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not door.knows_name(request.host):
            raise web.HTTPForbidden(text=f"open {door.address.partition('/?')[0]}\n")
        if is_socket(request) and not door.knows_origin(request.headers.get("Origin"), request.host):
            raise web.HTTPForbidden(text="another page may not speak to this instrument\n")
        if wants_page(request):
            return file_response("index.html" if door.opens(request.query.get("token", "")) else "token.html")
        return await handler(request)

    async def talk(request: web.Request) -> web.StreamResponse:
        if not door.opens(request.query.get("token", "")):
            raise web.HTTPForbidden(text="the token is shown in the terminal\n")
        return await pages.talk(request)

    async def page_file(request: web.Request) -> web.StreamResponse:
        return file_response(request.match_info["name"])

    async def goodbye(_: web.Application) -> None:
        await pages.close()

    app = web.Application(middlewares=[guard])
    app.router.add_get(SOCKET, talk)
    app.router.add_get(PAGE + "{name}", page_file)
    app.on_shutdown.append(goodbye)
    add_routes(app, desk, door)
    return app


def is_socket(request: web.Request) -> bool:
    """Whether a WebSocket is asked for."""
    return request.headers.get("Upgrade", "").lower() == "websocket"


def wants_page(request: web.Request) -> bool:
    """Whether a browser asks for the page itself, with nothing but perhaps the token behind it."""
    is_root = request.path == "/" and set(request.query) <= {"token"} and not is_socket(request)
    return is_root and "text/html" in request.headers.get("Accept", "")


class Process:
    """The surface between its pipes."""

    def __init__(self, door: Door, bound: socket.socket, told: Iterator[bytes]) -> None:
        self.door, self.bound, self.told = door, bound, told
        self.desk = Desk(self.ask)
        self.over = asyncio.Event()

    def ask(self, request: News) -> None:
        """A request to the instrument; once that is gone, to nobody."""
        try:
            os.write(sys.stdout.fileno(), line_of(request))
        except OSError:
            self.over.set()

    def hear(self, loop: asyncio.AbstractEventLoop) -> None:
        """Thread: read the instrument until it ends."""
        for line in self.told:
            loop.call_soon_threadsafe(self.desk.take, news_of(line))
        loop.call_soon_threadsafe(self.over.set)

    async def run(self) -> None:
        """Serve until the instrument hangs up."""
        runner = web.AppRunner(make_app(self.desk, self.door), access_log=None, shutdown_timeout=GOODBYE_S)
        await runner.setup()
        loop = asyncio.get_running_loop()
        if sys.platform != "win32":
            loop.add_signal_handler(signal.SIGTERM, self.over.set)  # time to say goodbye to the network
        threading.Thread(target=self.hear, args=(loop,), name="instrument", daemon=True).start()
        await web.SockSite(runner, self.bound).start()
        async with announced(self.desk, self.door):
            await self.over.wait()
        await runner.cleanup()


def lines(file: int) -> Iterator[bytes]:
    """What comes in, line by line, to the end. Past Python's own buffer: a thread that waits in it is fatal when the interpreter ends."""
    rest = b""
    while data := os.read(file, READ_BYTES):
        *whole, rest = (rest + data).split(b"\n")
        yield from whole


def inherited(words: str, host: str, port: int) -> socket.socket:
    """The listening socket: a descriptor that the instrument has opened, or one opened here where none can be inherited."""
    kind, _, number = words.partition(":")
    return socket.socket(fileno=int(number)) if kind == "fd" else listener(host, port)


def main(arguments: list[str] | None = None) -> int:
    """The process."""
    parser = argparse.ArgumentParser(prog="mvae surface")
    parser.add_argument("--socket", required=True)
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    chosen = parser.parse_args(arguments)
    for name in ("SIGINT", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    told = lines(sys.stdin.fileno())
    door = Door(chosen.host, chosen.port, next(told, b"").decode())  # the words of a command all on this machine can read: no token there
    asyncio.run(Process(door, inherited(chosen.socket, chosen.host, chosen.port), told).run())
    return 0


if __name__ == "__main__":
    sys.exit(main())
