"""A real browser for tests: headless Chromium with one page, driven over its DevTools protocol on the loopback."""

import asyncio
import importlib.util
import json
import shutil
import subprocess
import tempfile
import threading
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from queue import Queue
from typing import Any, TypeVar

from mvae.live.chromium import FLAGS, find
from tests.parts import need

Given = TypeVar("Given")
START_S, ANSWER_S = 60.0, 60.0


class Page:
    """One page of the browser."""

    def __init__(self, socket: Any, door: str = ""):
        self._socket, self._count, self._door = socket, 0, door
        self._events = deque[dict[str, Any]]()

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a method of the protocol, and wait for its result."""
        self._count += 1
        await self._socket.send(json.dumps({"id": self._count, "method": method, "params": params}))
        while (told := await self._receive()).get("id") != self._count:
            self._events.append(told)
        assert "error" not in told, f"{method}: {told['error']}"
        return dict(told["result"])

    async def value(self, script: str) -> Any:
        """What a script gives, awaited where it is a promise."""
        told = await self.ask("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    async def press(self, key: str) -> None:
        """A key as a listener presses it: it counts as a gesture."""
        for kind in ("keyDown", "keyUp"):
            await self.ask("Input.dispatchKeyEvent", type=kind, key=key, text=key if kind == "keyDown" else "")

    async def until(self, script: str, within_s: float = 30.0) -> Any:
        """The first true value of a script that is asked frame by frame in the page."""
        frames = f"""new Promise((done, fail) => {{
            const end = performance.now() + {within_s * 1000};
            const look = () => {{ const x = {script}; if (x) done(x); else if (performance.now() > end) fail("in vain");
                                  else requestAnimationFrame(look) }}; look() }})"""
        return await self.value(frames)

    async def saved(self, script: str, folder: Path) -> Path:
        """The file that the page hands out when the script runs."""
        await self.ask("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder), eventsEnabled=True)
        await self.value(script)
        name = ""
        while (told := await self._event()).get("params", {}).get("state") != "completed":
            name = told.get("params", {}).get("suggestedFilename", name)
        return folder / name

    async def open(self, address: str) -> None:
        """Go there and wait until it is loaded."""
        await self.ask("Page.enable")
        await self.ask("Page.navigate", url=address)
        while (await self._event()).get("method") != "Page.loadEventFired":
            pass

    @asynccontextmanager
    async def beside(self, address: str) -> AsyncIterator["Page"]:
        """Another page of the same browser, in a window of its own."""
        async with _window(self._door, address) as page:
            yield page

    async def _event(self) -> dict[str, Any]:
        """The next of what happened, in order."""
        return self._events.popleft() if self._events else await self._receive()

    async def _receive(self) -> dict[str, Any]:
        return dict(json.loads(await asyncio.wait_for(self._socket.recv(), ANSWER_S)))


@contextmanager
def browser(profile: Path | None = None) -> Iterator[str]:
    """A fresh browser, as the door of its protocol. `profile` is a folder that outlives it."""
    program = find()
    need("chromium", program is not None, "apt-get install chromium")
    need("websockets", importlib.util.find_spec("websockets") is not None, "pip install .[test]")
    folder = Path(tempfile.mkdtemp(prefix="mvae-chromium-")) if profile is None else profile
    command = [str(program), *FLAGS, f"--user-data-dir={folder}", "about:blank"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        door = Queue[str]()
        threading.Thread(target=_listen, args=(process, door), daemon=True).start()
        try:
            yield door.get(timeout=START_S)
        finally:
            process.terminate()
            process.wait(30)
            if profile is None:
                shutil.rmtree(folder, ignore_errors=True)


def browse(address: str, visit: Callable[[Page], Awaitable[Given]], profile: Path | None = None) -> Given:
    """Open a page in a browser of its own and give what `visit` finds."""
    with browser(profile) as door:
        return asyncio.run(_visit(door, address, visit))


def look(door: str, address: str, visit: Callable[[Page], Awaitable[Given]]) -> Given:
    """Open a page in a browser that is there, give what `visit` finds, and close the page."""

    async def looked() -> Given:
        async with _window(door, address) as page:
            return await visit(page)

    return asyncio.run(looked())


def _listen(process: "subprocess.Popen[str]", door: "Queue[str]") -> None:
    """Find where the browser listens in what it says, and read on so that it never waits."""
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("DevTools listening on "):
            door.put(line.split()[-1])


def _connected(door: str) -> Any:
    """A connection to one of the browser's doors."""
    from websockets.asyncio.client import connect

    return connect(door, max_size=None, proxy=None)


def _page_door(door: str, target: str) -> str:
    return f"{door.partition('/devtools/')[0]}/devtools/page/{target}"


@asynccontextmanager
async def _window(door: str, address: str) -> AsyncIterator[Page]:
    async with _connected(door) as browser:
        target = (await Page(browser).ask("Target.createTarget", url="about:blank", newWindow=True))["targetId"]
    async with _connected(_page_door(door, target)) as socket:
        page = Page(socket, door)
        await page.open(address)
        yield page
        await page.ask("Page.close")


async def _visit(door: str, address: str, visit: Callable[[Page], Awaitable[Given]]) -> Given:
    async with _connected(door) as browser:
        targets = (await Page(browser).ask("Target.getTargets"))["targetInfos"]
        target = next(each["targetId"] for each in targets if each["type"] == "page")
    async with _connected(_page_door(door, target)) as socket:
        page = Page(socket, door)
        await page.open(address)
        result = await visit(page)
        await page.ask("Browser.close")
        return result
