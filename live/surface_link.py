"""The instrument's end of the surface: starts its process, tells it what is new, does what it asks for, and replaces it when it dies.

Two threads of its own: one looks at the instrument at most thirty times a second and writes, one reads. The instrument never waits for
either; while the pipe is full nothing is looked at, so the newest wins. The listening socket stays with the instrument: a successor goes
on where browsers already look for it. Knows nothing of pages.
"""

import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import BinaryIO, Final

from mvae.core.panel import Panel
from mvae.live.library import home
from mvae.live.punctual import BEHIND, preferred
from mvae.live.surface_door import Door, is_loopback, listener
from mvae.live.surface_news import News, actions_record, change_of, line_of, news_of
from mvae.live.surface_portrait import Portrait
from mvae.live.surface_token import page_token

STATE_S: Final = 1 / 30
NOTES_S: Final = 0.010  # notes are told more often, so that they can be heard soon
STILL_S: Final = 1.0  # an instrument that does not begin by then waits for play
CLOSE_S: Final = 2.0
DEATHS, DEATHS_S = 5, 10.0  # a surface that dies this often in this time is not started again


class SurfaceLink:
    """A surface and, should it die, its successors. A context manager; entering it begins, leaving it ends the process.

    `begun` says whether the music sounds: the first note goes before the surface.
    """

    def __init__(
        self, panel: Panel, portrait: Portrait, facts: News, host: str = "127.0.0.1", port: int | None = None,
        begun: Callable[[], bool] = lambda: True,
    ) -> None:  # fmt: skip
        self._socket = listener(host, port)
        token = "" if is_loopback(host) else page_token(home())
        self.door = Door(host, self._socket.getsockname()[1], token)
        self.panel, self.portrait, self.facts, self.begun = panel, portrait, facts, begun
        self.pages = self.successors = 0
        self.remark = ""
        self._deaths: deque[float] = deque(maxlen=DEATHS)
        self._over, self._rung = threading.Event(), threading.Event()
        self._asked: deque[News] = deque(maxlen=64)  # news that answers a request
        self._process: subprocess.Popen[bytes] | None = None
        self._anew = False  # everything is to be told again
        self._writer = threading.Thread(target=self._run, name="surface", daemon=True)
        portrait.rung = self._rung.set

    @property
    def address(self) -> str:
        """Where a browser finds it."""
        return self.door.address

    @property
    def pid(self) -> int | None:
        """Of the process that serves now."""
        return self._process.pid if self._process is not None else None

    def become(self, facts: News) -> None:
        """Another patch plays: everything is told anew. On any thread."""
        self.facts, self._anew = facts, True
        self._rung.set()

    def __enter__(self) -> "SurfaceLink":
        self._writer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process and free the port, in a few seconds even where the process is held up."""
        self._over.set()
        self._rung.set()
        process = self._process
        if process is not None and process.poll() is None:
            process.terminate()
        self._writer.join(CLOSE_S)
        if self._writer.is_alive() and self._process is not None:  # it is held up, and the pipe is full
            self._process.kill()
        self._writer.join(CLOSE_S)
        self._socket.close()

    def _run(self) -> None:
        """Thread: the surface and its successors, until the end."""
        self._wait_to_begin()
        while not self._over.is_set():
            self._process = process = self._spawn()
            assert process.stdout
            said = os.fdopen(os.dup(process.stdout.fileno()), "rb")  # of the reader's own: it may begin when the process has ended
            reader = threading.Thread(target=self._read, args=(said,), name="surfaceread", daemon=True)
            reader.start()
            self._tell(process)
            end(process)
            reader.join()
            if not self._over.is_set() and not self._succeed():
                return

    def _wait_to_begin(self) -> None:
        """The first note sounds before anything here costs time."""
        until_s = time.monotonic() + STILL_S
        while not self.begun() and time.monotonic() < until_s and not self._over.wait(STATE_S):
            pass

    def _succeed(self) -> bool:
        """Whether a dead surface has a successor."""
        now_s, self.pages = time.monotonic(), 0
        often = len(self._deaths) == DEATHS and now_s - self._deaths[0] < DEATHS_S
        self._deaths.append(now_s)
        self.successors += not often
        what = f"died {DEATHS} times in {DEATHS_S:.0f} s and is not replaced" if often else "died and was replaced"
        self.remark = f"the page's process {what}"
        return not often

    def _spawn(self) -> "subprocess.Popen[bytes]":
        inherits = sys.platform != "win32"
        words = f"fd:{self._socket.fileno()}" if inherits else "own"
        if not inherits:
            self._socket.close()
        command = [sys.executable, "-P", "-m", "mvae.live.surface", "--socket", words]
        with preferred(BEHIND):
            return subprocess.Popen(
                [*command, "--host", self.door.host, "--port", str(self.door.port)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
                pass_fds=(self._socket.fileno(),) if inherits else (),
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )

    def _tell(self, process: "subprocess.Popen[bytes]") -> None:
        """Everything, and then what is new, until it is over or the surface is dead."""
        looked_s = time.monotonic()
        first = self._all(looked_s)
        try:
            write(process, f"{self.door.token}\n".encode())
            write(process, line_of(first))
            while not self._over.is_set() and process.poll() is None:
                now_s = time.monotonic()
                notes = self.portrait.notes()
                news = notes if self.pages else {}  # to nobody they are not told later
                if self._anew or now_s - looked_s >= STATE_S:
                    looked_s = now_s
                    news |= self._all(now_s) if self._anew else self.portrait.look(now_s)
                while self._asked:
                    news |= self._asked.popleft()
                if news:
                    write(process, line_of(news))
                self._over.wait(NOTES_S)
                self._rung.wait(max(0.0, STATE_S - NOTES_S))
                self._rung.clear()
        except OSError:  # it is dead
            pass

    def _all(self, now_s: float) -> News:
        """All there is to tell."""
        self._anew = False
        self.portrait.forget()
        return {"facts": self.facts, "actions": actions_record(self.panel.actions)} | self.portrait.look(now_s)

    def _read(self, lines: BinaryIO) -> None:
        """Thread: do what the surface asks for, until it ends. What cannot be meant is answered as refused."""
        with lines:
            for line in lines:
                try:
                    self._do(news_of(line))
                except ValueError as problem:
                    self._answer({"refused": str(problem)})
        self._rung.set()

    def _do(self, asked: News) -> None:
        """One request."""
        if "turn" in asked:
            answer = self.panel.turn(change_of(asked["turn"], time.monotonic()))
            if answer[0]:
                self._answer({"refused": answer[0]})
        if "pages" in asked:
            self.pages = int(asked["pages"])

    def _answer(self, news: News) -> None:
        self._asked.append(news)
        self._rung.set()


def write(process: "subprocess.Popen[bytes]", line: bytes) -> None:
    """All of a line. Raises OSError when the process is dead."""
    assert process.stdin
    while line:
        line = line[process.stdin.write(line) :]


def end(process: "subprocess.Popen[bytes]") -> None:
    """Make sure that it is gone and leaves nothing behind: time to go by itself, then SIGKILL."""
    assert process.stdin and process.stdout
    process.stdin.close()
    try:
        process.wait(CLOSE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()
