"""One player process as its parent holds it: started, spoken to, read from, ended. Knows nothing of the music, nor of successors."""

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mvae.core.errors import UserError
from mvae.live import frames, wire
from mvae.live.outputs import Slot, slots_text
from mvae.live.status import StatusPage

READY_S: Final = 10.0  # a player that says nothing for so long did not start
CLOSE_S: Final = 2.0
PIPE_BYTES: Final = 1 << 20
READ_BYTES: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Timing:
    """Whose beat the player keeps: `sync` is internal, midi or link; `clock_port` a fragment of the name of MIDI clock's input."""

    sync: str = "internal"
    clock_port: str | None = None
    nudge_ms: float = 0.0
    count_in: int = 0  # bars, where a master starts

    def words(self) -> list[str]:
        """As the player's process is told it."""
        port = [] if self.clock_port is None else ["--clock-port", self.clock_port]
        return ["--sync", self.sync, "--nudge", repr(self.nudge_ms), "--count-in", str(self.count_in), *port]


INTERNAL: Final = Timing()


class Child:
    """A player that is ready. Spawned, in a session of its own; the end of its stdin ends it.

    Raises UserError if a port does not open, its clock cannot be heard, or it does not start.
    """

    def __init__(self, page: StatusPage, name: str, slots: Sequence[Slot], tempo_bpm: float, timing: Timing = INTERNAL) -> None:
        command = [sys.executable, "-P", "-m", "mvae.live.player_process", "--status", page.address, "--name", name]
        command += ["--tempo", repr(tempo_bpm), "--slots", slots_text(slots), *timing.words()]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            pass_fds=page.inherited(),
            pipesize=PIPE_BYTES,
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        assert self._process.stdin and self._process.stdout
        self._up = self._process.stdout.fileno()
        self._reader = frames.Reader()
        self.pid = self._process.pid
        self.ready, self.early = self._await_ready()

    def _await_ready(self) -> tuple[wire.Ready, list[wire.Up]]:
        """The first message, and what came with it."""
        timer = threading.Timer(READY_S, self._process.kill)
        timer.start()
        try:
            messages = self.read()
        finally:
            timer.cancel()
        match messages:
            case [wire.Ready() as ready, *early]:
                return ready, early
            case [wire.Failed(reason), *_]:
                self.end()
                raise UserError(reason)
            case _:
                self.end()
                raise UserError(f"the player did not start (exit code {self._process.returncode})")

    def read(self) -> list[wire.Up]:
        """Wait for messages; none at all means that the player has ended."""
        messages: list[wire.Up] = []
        while not messages and (data := os.read(self._up, READ_BYTES)):
            messages = self._reader.feed(data)  # type: ignore[assignment]  # only Up comes up
        return messages

    def write(self, message: wire.Down) -> None:
        """Send a message. Raises BrokenPipeError if the player is dead, ValueError after `hang_up`."""
        assert self._process.stdin
        frame = frames.encode(message)
        while frame:
            frame = frame[self._process.stdin.write(frame) :]

    def hang_up(self) -> None:
        """End the player's stdin: it silences everything and exits, which `read` notices."""
        assert self._process.stdin
        self._process.stdin.close()

    def end(self) -> None:
        """Make sure that the process is gone and leaves nothing behind: time to go by itself, then SIGKILL."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        try:
            self._process.wait(CLOSE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
