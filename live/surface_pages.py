"""The pages that are open: the files they are made of, and a WebSocket each, which tells everything at first and then what is new.

A page that is slow is told less often and always the newest; none waits for another. Knows nothing of what is told.
"""

import asyncio
import time
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from aiohttp import WSMsgType, web

from mvae.live.surface_desk import Desk
from mvae.live.surface_news import News, change_of, line_of, merge, news_of

FOLDER: Final = Path(str(files("mvae.live"))) / "page"
TYPES: Final = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
LARGEST: Final = 16_384  # bytes of a request
MOST_PAGES: Final = 64
HEARTBEAT_S: Final = 10.0
POLICY: Final = "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'"
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def file_response(name: str) -> web.Response:
    """A file of the page. 404 for a name that is none of them."""
    known = {path.name: path for path in FOLDER.iterdir() if path.suffix in TYPES}
    if name not in known:
        raise web.HTTPNotFound
    path = known[name]
    return web.Response(body=path.read_bytes(), content_type=TYPES[path.suffix], charset="utf-8", headers=HEADERS)


class Pages:
    """The open pages of a desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.count = desk, 0
        self.sockets = set[web.WebSocketResponse]()

    async def talk(self, request: web.Request) -> web.WebSocketResponse:
        """One page, until it is closed."""
        if self.count >= MOST_PAGES:
            raise web.HTTPServiceUnavailable(text="too many pages are open")
        page = web.WebSocketResponse(heartbeat=HEARTBEAT_S, max_msg_size=LARGEST, compress=False)
        await page.prepare(request)
        self._count(1)
        self.sockets.add(page)
        teller = asyncio.create_task(self._tell(page))
        try:
            async for message in page:
                if message.type == WSMsgType.TEXT:
                    await self._do(page, message.data)
        finally:
            teller.cancel()
            self.sockets.discard(page)
            self._count(-1)
        return page

    def _count(self, more: int) -> None:
        self.count += more
        self.desk.take({"pages": self.count})
        self.desk.ask({"pages": self.count})

    async def close(self) -> None:
        """Say goodbye to all of them."""
        for page in tuple(self.sockets):
            await page.close()

    async def _tell(self, page: web.WebSocketResponse) -> None:
        """Everything, and then what is new as fast as the page takes it."""
        waiting, rung = dict(self.desk.known), asyncio.Event()
        rung.set()

        def hear(news: News) -> None:
            merge(waiting, news)
            rung.set()

        undo = self.desk.overhear(hear)
        try:
            while await rung.wait():
                rung.clear()
                told = line_of(waiting)
                waiting.clear()
                await page.send_str(told.decode())
        except ConnectionError:  # it has gone
            pass
        finally:
            undo()

    async def _do(self, page: web.WebSocketResponse, text: str) -> None:
        """What a page asks for; nonsense is answered and changes nothing."""
        try:
            asked: dict[str, Any] = news_of(text)
            if "ping" in asked:
                await page.send_str(line_of({"pong": asked["ping"], "now_s": time.monotonic()}).decode())
            for turn in asked.get("turns", ()):
                self.desk.turn(change_of(turn, 0.0))
        except (ValueError, TypeError) as problem:
            await page.send_str(line_of({"refused": str(problem)}).decode())
