"""The player's own process: `python -m mvae.live.player_process`, started by `player_link`, fed by its stdin, answering on its stdout.

It waits in select until a millisecond before the next deadline and spins the rest, takes messages in between, hears its master's clock if
it has one, never blocks on the way back, ignores SIGINT and SIGHUP, and ends when its stdin does or by SIGTERM: silent. Imports next to
nothing: no numpy, no onnxruntime.
"""

import argparse
import math
import os
import queue
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Final

from mvae.core.errors import UserError
from mvae.live import frames, wire
from mvae.live.follower import Follower, Master
from mvae.live.midi_ports import open_output
from mvae.live.output import DRAIN_S, NoOutput, Output
from mvae.live.outputs import Outputs, Slot, open_slots, slots_of_text
from mvae.live.player import Player
from mvae.live.punctual import SPIN_S, claim
from mvae.live.status import StatusPage
from mvae.live.switching import ASKED, Switching

READ_BYTES: Final = 1 << 16
CHUNK_BYTES: Final = getattr(select, "PIPE_BUF", 512)  # a write of at most this is taken whole or not at all
STDIN, STDOUT = 0, 1
TAKING_S: Final = 0.002  # what taking a phrase may cost: a sixth of a millisecond at rest, more than one where others empty the caches


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
        self._woken, self._waker = os.pipe()
        os.set_blocking(self._waker, False)

    def wait(self, timeout_s: float) -> bytes | None:
        """Bytes that came within the time, b"" at the end of the pipe, None if nothing came or something woke it."""
        ready, _, _ = select.select((self._file, self._woken), (), (), max(0.0, timeout_s))
        if self._woken in ready:
            os.read(self._woken, READ_BYTES)
        return os.read(self._file, READ_BYTES) if self._file in ready else None

    def wake(self) -> None:
        """End the wait under way, or the next. From any thread."""
        with suppress(BlockingIOError):  # it has been woken often enough
            os.write(self._waker, b"!")


class ThreadInbox:
    """A pipe read by a thread that sleeps until bytes come: for Windows, where select takes no pipes."""

    def __init__(self, file: int = STDIN) -> None:
        self._file = file
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
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

    def wake(self) -> None:
        """As `PipeInbox.wake`."""
        self._queue.put(None)


def run(player: Player, inbox: PipeInbox | ThreadInbox, switching: Switching, up: PipeUp) -> None:
    """Play until the inbox ends."""
    now_s, reader = time.monotonic, frames.Reader()
    patience_s, follow = (player.patience_s, player.follow) if isinstance(player, Follower) else (math.inf, None)
    while True:
        data = inbox.wait(min(player.deadline_s() - SPIN_S - now_s(), patience_s))
        if follow is not None:
            follow(now_s())
        switching.settle(player, up, now_s())
        if data is None:
            meet(player, SPIN_S)
        elif data:
            for message in reader.feed(data):
                meet(player, TAKING_S)  # what is due in a moment goes first
                if isinstance(message, ASKED):
                    switching.ask(message)
                else:
                    player.receive(message, now_s())  # type: ignore[arg-type]  # only Down comes down
        else:
            return


def meet(player: Player, within_s: float) -> None:
    """Spin to the player's next deadline and do what is due, if that is so near."""
    now_s, deadline_s = time.monotonic, player.deadline_s()
    if deadline_s - now_s() > within_s:
        return
    while (at_s := now_s()) < deadline_s:
        player.step(at_s)  # nothing is due yet: this keeps the code and its data in the caches
    player.step(at_s)


def open_master(options: argparse.Namespace, own: Collection[str], wake: Callable[[], None]) -> Master | None:
    """The clock to follow. Raises UserError where it cannot be heard."""
    match options.sync:
        case "midi":
            from mvae.live.sync_midi import MidiMaster

            return MidiMaster(options.clock_port, options.name, own, options.tempo, wake)
        case "link":
            from mvae.live.sync_link import LinkMaster

            return LinkMaster(options.tempo)
        case _:
            return None


def open_one(slot: Slot, opened: list[Output]) -> Output:
    """The port of a slot. Raises UserError if it has to be there and is not."""
    try:
        return open_output(slot.fragment or None, slot.name, slot.successor_of, opened, slot.option)
    except UserError:
        if slot.option:
            raise
        return NoOutput("", slot.fragment)


def ready(out: Outputs, master: Master | None) -> wire.Ready:
    """What there is to play on, and to hear the clock from."""
    clock = master.heard_at if master else None
    remarks = out.remark, master.remark if master else ""
    ports = (*out.opened(), *([clock] if clock else []))
    return wire.Ready(out.port, out.api, out.virtual, "; ".join(filter(None, remarks)), ports)


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
    arguments.add_argument("--slots", type=slots_of_text, required=True)
    arguments.add_argument("--tempo", type=float, required=True)
    arguments.add_argument("--sync", default="internal")
    arguments.add_argument("--clock-port")
    arguments.add_argument("--nudge", type=float, default=0.0)
    arguments.add_argument("--count-in", type=int, default=0)
    options = arguments.parse_args()
    _prepare()
    up, page = PipeUp(STDOUT), StatusPage.attach(options.status)
    inbox = PipeInbox() if sys.platform != "win32" else ThreadInbox()
    try:
        out = open_slots(options.slots, open_one)
        claim()
        master = open_master(options, [opened.port for opened in out.opened()], inbox.wake)
    except UserError as error:
        up.post(wire.Failed(str(error)))
        up.flush()
        return 2
    player = (
        Player(time.monotonic, out, up, page, options.tempo, options.nudge)
        if master is None
        else Follower(time.monotonic, out, up, page, options.tempo, options.nudge, master, options.count_in)
    )
    up.post(ready(out, master))
    up.flush()
    switching = Switching(out, options.name, inbox.wake, master)
    try:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        run(player, inbox, switching, up)
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        for _ in range(2):  # JACK loses what comes while it is overrun
            player.shut()
            time.sleep(DRAIN_S)
        out.close()
        if master is not None:
            master.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
