"""Pages that are open while the instrument is measured, in a process of their own: what each of them got, and what it knows.

`python -m mvae.live.watchers KIND COUNT ADDRESS`. KIND is `chromium`, which draws real pages, or `client`, a program that speaks the page's
protocol and reads all of it. Says what it is once every page is in step, then answers each line on stdin with a report of each page, and
ends with stdin. Knows nothing of the instrument but the page's address.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Literal

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

from mvae.core.errors import UserError
from mvae.live import chromium
from mvae.live.punctual import USUAL, preferred
from mvae.live.surface_news import NOTES, News, line_of, merge, news_of

Kind = Literal["chromium", "client"]
PING_S: Final = 1.0  # as the page does
PATIENCE_S: Final = 60.0
CLOSE_S: Final = 20.0
COUNT: Final = """(async () => {
    const { model } = await import("/page/main.js");
    const seen = { sections: {}, notes: [], told_ms: [], took_ms: [], frames: 0, news: 0, begin_ms: performance.now() };
    const take = model.take.bind(model), pong = model.pong.bind(model);
    model.take = (news) => {
        seen.news += 1;
        for (const section of Object.keys(news)) seen.sections[section] = (seen.sections[section] ?? 0) + 1;
        for (const [at_s, on, part, voice, , , step] of news.notes ?? []) if (on === true) {
            seen.notes.push([part, voice, step]);
            seen.told_ms.push(1000 * (model.now_s() - at_s));
        }
        take(news);
    };
    model.pong = (sent_s, came_s, theirs_s) => { seen.took_ms.push(1000 * (came_s - sent_s)); pong(sent_s, came_s, theirs_s); };
    const frame = () => { seen.frames += 1; requestAnimationFrame(frame); };
    requestAnimationFrame(frame);
    window.report = () => ({ ...seen, seconds: (performance.now() - seen.begin_ms) / 1000,
        positions: model.known.positions, phrases: model.known.phrases });
    return Boolean(model.known.positions);
})()"""


@dataclass(slots=True)
class Seen:
    """What a page got since it was in step, and how things stand as far as it knows."""

    news: int = 0
    seconds: float = 0.0
    sections: dict[str, int] = field(default_factory=dict)  # how often there was news of each
    notes: list[tuple[int, int, int]] = field(default_factory=list)  # that began: part, voice, step
    took_ms: list[float] = field(default_factory=list)  # of a question to its answer
    frames: int | None = None  # drawn; None: it draws nothing
    positions: dict[str, Any] = field(default_factory=dict)
    phrases: dict[str, Any] = field(default_factory=dict)
    told_ms: list[float] = field(default_factory=list)  # how long after its time each note was told


class Client:
    """A page without a window: keeps what it is told as the page does."""

    def __init__(self, socket: ClientWebSocketResponse):
        self.socket, self.seen = socket, Seen()
        self.known: News = {}
        self.begin_s = time.monotonic()

    async def read(self) -> None:
        """Everything, to the end."""
        async for message in self.socket:
            if message.type == WSMsgType.TEXT:
                self.take(news_of(message.data))

    def take(self, news: News) -> None:
        if "pong" in news:
            self.seen.took_ms.append(1000 * (time.monotonic() - news["pong"]))
            return
        self.seen.news += 1
        for section in news:
            self.seen.sections[section] = self.seen.sections.get(section, 0) + 1
        began = [note for note in news.get(NOTES, ()) if note[1] is True]
        self.seen.notes += [(part, voice, step) for _, _, part, voice, _, _, step in began]
        self.seen.told_ms += [1000 * (time.monotonic() - note[0]) for note in began]
        merge(self.known, news, notes=False)

    async def ping(self) -> None:
        """Ask now and then, as a page does."""
        while True:
            await asyncio.sleep(PING_S)
            await self.socket.send_str(line_of({"ping": time.monotonic()}).decode())

    async def report(self) -> Seen:
        self.seen.seconds = time.monotonic() - self.begin_s
        self.seen.positions, self.seen.phrases = self.known.get("positions", {}), self.known.get("phrases", {})
        return self.seen


Report = Callable[[], Awaitable[Seen]]


@asynccontextmanager
async def clients(count: int, address: str) -> AsyncIterator[tuple[str, list[Report]]]:
    """Programs that read what pages are told."""
    async with ClientSession() as session, AsyncExitStack() as stack:
        made = [Client(await stack.enter_async_context(session.ws_connect(f"{address}ws", max_msg_size=0))) for _ in range(count)]
        tasks = [asyncio.create_task(work) for client in made for work in (client.read(), client.ping())]
        try:
            await asyncio.wait_for(all_true([partial(known, client) for client in made]), PATIENCE_S)
            yield "programs that speak the page's protocol", [client.report for client in made]
        finally:
            for task in tasks:
                task.cancel()


async def known(client: Client) -> bool:
    return "positions" in client.known


@asynccontextmanager
async def tabs(count: int, address: str) -> AsyncIterator[tuple[str, list[Report]]]:
    """Pages in a headless Chromium."""
    program = chromium.find()
    assert program is not None
    async with chromium.browsing(program) as browser:
        made = [await browser.open(address) for _ in range(count)]
        await asyncio.wait_for(all_true([partial(counts, tab) for tab in made]), PATIENCE_S)
        yield await browser.version(), [partial(report_of, tab) for tab in made]


async def counts(tab: chromium.Tab) -> bool:
    """Whether the page is here and counts from now on."""
    try:
        return bool(await tab.value(COUNT))
    except RuntimeError:  # it is not loaded yet
        return False


async def report_of(tab: chromium.Tab) -> Seen:
    told: dict[str, Any] = await tab.value("report()")
    told.pop("begin_ms")
    return Seen(**told)


async def all_true(questions: list[Callable[[], Awaitable[bool]]]) -> None:
    """Until each of them has been answered with yes once."""
    for question in questions:
        while not await question():
            await asyncio.sleep(0.05)


async def watch(kind: str, count: int, address: str) -> None:
    """The process: open, say so, answer."""
    loop = asyncio.get_running_loop()
    async with (tabs if kind == "chromium" else clients)(count, address) as (by, reports):
        tell(by)
        while await loop.run_in_executor(None, sys.stdin.readline):
            tell([seen_record(await report()) for report in reports])


def seen_record(seen: Seen) -> dict[str, Any]:
    return {name: getattr(seen, name) for name in Seen.__slots__}


def tell(what: object) -> None:
    print(json.dumps(what), flush=True)


class Watchers:
    """The process as a measurement holds it. `by` says what the pages are."""

    def __init__(self, process: "subprocess.Popen[str]"):
        self._process = process
        self.by: str = self._hear()

    def reports(self) -> list[Seen]:
        """What each page got so far. UserError where the pages are gone."""
        assert self._process.stdin
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return [Seen(**{**told, "notes": [tuple(note) for note in told["notes"]]}) for told in self._hear()]

    def _hear(self) -> Any:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise UserError("bench --pages: the pages did not open, or have gone; see the lines above")
        return json.loads(line)


@contextmanager
def watching(kind: Kind, count: int, address: str) -> Iterator[Watchers]:
    """Pages that are open until the block ends. UserError where they do not open."""
    command = [sys.executable, "-P", "-m", "mvae.live.watchers", kind, str(count), address]
    with preferred(USUAL):
        opened = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with opened as process:
        try:
            yield Watchers(process)
        finally:
            assert process.stdin
            process.stdin.close()
            try:
                process.wait(CLOSE_S)
            except subprocess.TimeoutExpired:
                process.kill()


if __name__ == "__main__":
    asyncio.run(watch(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
