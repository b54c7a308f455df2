"""Exchanges the player's ports while it plays: opened on a thread of its own, put in their places by the player between two notes.

In the player's process. Opening a port takes a client of the MIDI system some 50 ms; meanwhile the music plays on. Knows nothing of which
ports there are: that is found out elsewhere (`hotplug`), and told.
"""

import queue
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TypeAlias

from mvae.core.errors import UserError
from mvae.live import wire
from mvae.live.follower import Master
from mvae.live.midi_ports import open_output
from mvae.live.output import MIDI_ERRORS, MidiOutput, Output
from mvae.live.outputs import Outputs
from mvae.live.player import Player

Asked: TypeAlias = wire.Open | wire.Plugged | wire.Unplugged
ASKED = (wire.Open, wire.Plugged, wire.Unplugged)


class Switching:
    """For one player's `outputs`, and the input of its `master` if it has one; `wake` makes it call `settle` soon."""

    def __init__(self, outputs: Outputs, name: str, wake: Callable[[], None], master: Master | None = None) -> None:
        self._outputs, self._name, self._wake, self._master = outputs, name, wake, master
        self._jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._ready: deque[tuple[Asked, Output | wire.Opened | str]] = deque()  # opened, or why not
        self._thread: threading.Thread | None = None

    def ask(self, message: Asked) -> None:
        """What is to be done. Does not wait."""
        match message:
            case wire.Unplugged(slot):
                out = self._outputs.of(slot)
                if isinstance(out, MidiOutput):
                    out.away = True
            case wire.Plugged(wire.CLOCK, port):
                self._do(lambda: self._reopen_clock(port))
            case wire.Plugged(slot, port):
                self._do(lambda: self._open(message, port, self._name, self._outputs.of(slot)))
            case wire.Open(_, fragment, name):
                self._do(lambda: self._open(message, fragment, name))

    def settle(self, player: Player, up: wire.UpPipe, now_s: float) -> None:
        """Put in place what has been opened since. On the player's thread."""
        while self._ready:
            asked, opened = self._ready.popleft()
            slot = asked.slot
            if isinstance(opened, (str, wire.Opened)):
                up.post(wire.Refused(slot, opened) if isinstance(opened, str) else opened)
                up.flush()
                continue
            slots = self._outputs.sharing(slot) if isinstance(asked, wire.Plugged) else (slot,)
            before = self._outputs.of(slot)
            player.exchange(slots, partial(self._outputs.put, slots, opened), now_s)
            for number in slots:
                up.post(wire.Opened(number, opened.port, opened.api, opened.virtual))
            up.flush()
            if before is not None and before not in self._outputs.distinct():
                self._do(partial(close, before))

    def _do(self, job: Callable[[], None]) -> None:
        self._jobs.put(job)
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="switching", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while True:
            self._jobs.get()()

    def _open(self, asked: Asked, fragment: str, name: str, gone: Output | None = None) -> None:
        """On the thread of its own. A client whose port has gone is closed first, so that the new one gets its name."""
        try:
            if isinstance(gone, MidiOutput):
                gone.close()
            others = [out for out in self._outputs.distinct() if out is not gone]
            opened: Output | str = open_output(fragment, name, opened=others, option="port")
        except UserError as error:
            opened = str(error)
        except MIDI_ERRORS as error:  # it has gone again meanwhile
            opened = f"{fragment}: {error}"
        self._ready.append((asked, opened))
        self._wake()

    def _reopen_clock(self, port: str) -> None:
        if self._master is None:
            return
        asked, own = wire.Plugged(wire.CLOCK, port), [out.port for out in self._outputs.distinct()]
        try:
            self._master.reopen(port, own)
            self._ready.append((asked, self._master.heard_at or ""))
        except (UserError, *MIDI_ERRORS) as error:
            self._ready.append((asked, f"{port}: {error}"))
        self._wake()


def close(out: Output) -> None:
    """Close an output that nothing plays on any more: one that cannot be closed is gone already."""
    with suppress(*MIDI_ERRORS):
        out.close()
