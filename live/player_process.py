"""The player's own process: `python -m mvae.live.player_process`, started by `player_link`, fed by its stdin, answering on its stdout.

It waits in select until a millisecond before the next deadline and spins the rest, takes messages in between, never blocks on the way back,
ignores SIGINT and SIGHUP, and ends when its stdin does or by SIGTERM: silent. Imports next to nothing: no numpy, no onnxruntime.
"""

import argparse
import os
import queue
import select
import signal
import sys
import threading
import time
from typing import Final

from mvae.core.errors import UserError
from mvae.live import frames, wire
from mvae.live.midi_ports import open_output
from mvae.live.output import DRAIN_S
from mvae.live.player import Player
from mvae.live.punctual import SPIN_S, claim
from mvae.live.status import StatusPage

READ_BYTES: Final = 1 << 16
CHUNK_BYTES: Final = getattr(select, "PIPE_BUF", 512)  # a write of at most this is taken whole or not at all
STDIN, STDOUT = 0, 1


class PipeUp:
    """Messages to the instrument, collected until `flush`; what the pipe does not take is dropped and counted."""

    def __init__(self, file: int) -> None:
        self.dropped = 0
        self._file = file
        self._frames: list[bytes] = []

    def post(self, message: wire.Up) -> None:
        self._frames.append(frames.encode(message))

    def flush(self) -> None:
        chunk: list[bytes] = []
        size = 0
        for frame in self._frames:
            if size + len(frame) > CHUNK_BYTES:
                self._write(chunk)
                chunk, size = [], 0
            chunk.append(frame)
            size += len(frame)
        if chunk:
            self._write(chunk)
        self._frames.clear()

    def _write(self, frames: list[bytes]) -> None:
        try:
            os.write(self._file, b"".join(frames))
        except OSError:  # full, or the instrument is gone: the end of stdin will say so
            self.dropped += len(frames)


class PipeInbox:
    """A pipe, stdin, waited for in select."""

    def __init__(self, file: int = STDIN) -> None:
        self._file = file

    def wait(self, timeout_s: float) -> bytes | None:
        """Bytes that came within the time, b"" at the end of the pipe, None if nothing came."""
        if not select.select((self._file,), (), (), max(0.0, timeout_s))[0]:
            return None
        return os.read(self._file, READ_BYTES)


class ThreadInbox:
    """A pipe read by a thread that sleeps until bytes come: for Windows, where select takes no pipes."""

    def __init__(self, file: int = STDIN) -> None:
        self._file = file
        self._queue: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        data = b"?"
        while data:
            data = os.read(self._file, READ_BYTES)
            self._queue.put(data)

    def wait(self, timeout_s: float) -> bytes | None:
        """As `PipeInbox.wait`."""
        try:
            return self._queue.get(timeout=timeout_s) if timeout_s > 0 else self._queue.get_nowait()
        except queue.Empty:
            return None


def run(player: Player, inbox: PipeInbox | ThreadInbox) -> None:
    """Play until the inbox ends."""
    now_s, reader = time.monotonic, frames.Reader()
    while True:
        deadline_s = player.deadline_s()
        data = inbox.wait(deadline_s - SPIN_S - now_s())
        if data is None:
            while (at_s := now_s()) < deadline_s:
                player.step(at_s)  # nothing is due yet: this keeps the code and its data in the caches
            player.step(at_s)
        elif data:
            for message in reader.feed(data):
                player.receive(message, now_s())  # type: ignore[arg-type]  # only Down comes down
        else:
            return


def _prepare() -> None:
    """Signals and standard files of a process that must not be disturbed, nor disturb the performer's terminal."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    sys.stderr = os.fdopen(os.dup(2), "w", buffering=1)  # for Python; C libraries keep quiet
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    if sys.platform != "win32":
        os.set_blocking(STDOUT, False)


def main() -> int:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--status", required=True)
    arguments.add_argument("--name", required=True)
    arguments.add_argument("--port")
    arguments.add_argument("--successor-of", default="")
    arguments.add_argument("--tempo", type=float, required=True)
    options = arguments.parse_args()
    _prepare()
    up, page = PipeUp(STDOUT), StatusPage.attach(options.status)
    try:
        out = open_output(options.port, options.name, options.successor_of)
    except UserError as error:
        up.post(wire.Failed(str(error)))
        up.flush()
        return 2
    claim()
    player = Player(time.monotonic, out, up, page, options.tempo)
    up.post(wire.Ready(out.port, out.api, out.virtual, out.remark))
    up.flush()
    try:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        run(player, PipeInbox() if sys.platform != "win32" else ThreadInbox())
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        for _ in range(2):  # JACK loses what comes while it is overrun
            player.shut()
            time.sleep(DRAIN_S)
        out.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
