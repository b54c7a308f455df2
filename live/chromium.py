"""A headless Chromium with several pages of one address, each in a window of its own, spoken to over the DevTools protocol.

For measuring: what is not found is said, and nothing is left of it at the end. Knows nothing of what the pages show.
"""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from tempfile import TemporaryDirectory
from typing import Any, Final

from aiohttp import ClientSession, ClientWebSocketResponse

FLAGS: Final = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--mute-audio", "--remote-debugging-port=0",
)  # fmt: skip
NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
PLACES: Final = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe", r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)  # fmt: skip
START_S: Final = 60.0
END_S: Final = 10.0
LISTENING: Final = b"DevTools listening on "
SIZE: Final = {"width": 1280, "height": 800, "deviceScaleFactor": 1, "mobile": False}


def find() -> str | None:
    """A Chromium, or a browser made of it, that is installed here."""
    return next(filter(None, map(shutil.which, (*NAMES, *PLACES))), None)


class Tab:
    """One page of a browser."""

    def __init__(self, browser: "Browser", session: str):
        self._browser, self._session = browser, session

    async def value(self, script: str) -> Any:
        """What a script gives, awaited where it is a promise. RuntimeError where it throws."""
        words = {"expression": script, "awaitPromise": True, "returnByValue": True}
        told = await self._browser.ask("Runtime.evaluate", words, self._session)
        if "exceptionDetails" in told:
            raise RuntimeError(f"the page: {told['exceptionDetails']}")
        return told["result"].get("value")


class Browser:
    """A browser that runs."""

    def __init__(self, socket: ClientWebSocketResponse):
        self._socket, self._count = socket, 0
        self._lock = asyncio.Lock()

    async def ask(self, method: str, words: dict[str, Any] | None = None, session: str = "") -> dict[str, Any]:
        """Call a method of the protocol and give its result. RuntimeError where the browser refuses."""
        async with self._lock:
            self._count += 1
            request = {"id": self._count, "method": method, "params": words or {}} | ({"sessionId": session} if session else {})
            await self._socket.send_str(json.dumps(request))
            while (told := await self._socket.receive_json()).get("id") != self._count:
                pass  # events are nobody's here
        if "error" in told:
            raise RuntimeError(f"{method}: {told['error']}")
        return dict(told["result"])

    async def version(self) -> str:
        """Such as HeadlessChrome/142.0.7444.59."""
        return str((await self.ask("Browser.getVersion"))["product"])

    async def open(self, address: str) -> Tab:
        """A window with that page."""
        target = await self.ask("Target.createTarget", {"url": address, "newWindow": True})
        session = (await self.ask("Target.attachToTarget", {"targetId": target["targetId"], "flatten": True}))["sessionId"]
        await self.ask("Emulation.setDeviceMetricsOverride", SIZE, session)
        return Tab(self, session)


@asynccontextmanager
async def browsing(program: str) -> AsyncIterator[Browser]:
    """A browser with a profile of its own, until the block ends. TimeoutError where it does not start."""
    with TemporaryDirectory(prefix="mvae-chromium-", ignore_cleanup_errors=True) as profile:
        words = (*FLAGS, f"--user-data-dir={profile}", "about:blank")
        silent, heard = asyncio.subprocess.DEVNULL, asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(program, *words, stdin=silent, stdout=silent, stderr=heard)
        assert process.stderr
        reading: asyncio.Task[bytes] | None = None
        try:
            door = await asyncio.wait_for(door_of(process.stderr), START_S)
            reading = asyncio.create_task(process.stderr.read())  # so that it never waits
            async with ClientSession() as session, session.ws_connect(door, max_msg_size=0) as socket:
                yield Browser(socket)
        finally:
            if process.returncode is None:
                process.terminate()
            try:
                await asyncio.wait_for(process.wait(), END_S)
            except TimeoutError:
                process.kill()
                await process.wait()
            if reading is not None:
                reading.cancel()


async def door_of(told: asyncio.StreamReader) -> str:
    """Where the browser listens, as it says itself."""
    while line := await told.readline():
        if line.startswith(LISTENING):
            return line[len(LISTENING) :].decode().strip()
    raise TimeoutError("the browser ended before it listened")
