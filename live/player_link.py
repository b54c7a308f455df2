"""The instrument's end of the player: starts its process, hands it what to play, reads what it did, and replaces it when it dies.

Every method may be called from any thread. One thread of its own reads the player's pipe, another remembers once a second who is
connected to its virtual ports. Knows nothing of decoders, knobs and files.
"""

import math
import select
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

from mvae.core.errors import UserError
from mvae.core.part import MAIN
from mvae.core.score import Handoff
from mvae.live import wire
from mvae.live.connections import Connections
from mvae.live.outputs import Slot
from mvae.live.peers import patchbay
from mvae.live.player_child import INTERNAL, Child, Timing
from mvae.live.status import Status, StatusPage, lateness_quantile_us

PEERS_S: Final = 1.0
SETTLE_S: Final = 0.05  # the first message after a connection can be lost
DEATHS, DEATHS_S = 5, 10.0  # a player that dies this often in this time is not started again
KEPT_PHRASES: Final = 8


class Kept:
    """The newest form of the last phrases of every part, for a successor: of an older form the steps before the take-hold step stay."""

    def __init__(self, handoffs: Sequence[Handoff] = ()) -> None:
        self._parts: dict[int, dict[int, Handoff]] = {}  # part -> start step -> handoff
        for handoff in handoffs:
            self.add(handoff)

    def add(self, new: Handoff) -> None:
        part = self._parts.setdefault(new.part, {})
        old = part.get(new.start_step)
        notes = tuple(note for note in old.notes if note.step < new.take_hold_step) if old else ()
        notes += tuple(note for note in new.notes if note.step >= new.take_hold_step)
        part[new.start_step] = Handoff(new.part, new.generation, new.start_step, new.length_steps, new.start_step, notes)
        for start in sorted(part)[:-KEPT_PHRASES]:
            del part[start]

    def handoffs(self) -> tuple[Handoff, ...]:
        return tuple(part[start] for part in self._parts.values() for start in sorted(part))


class PlayerLink:
    """A running player and, should it die, its successors. A context manager: leaving it closes it.

    `port` is a fragment of the name of an output, None for a virtual port called `name`; `slots` are those of parts that have ports of
    their own. Raises UserError for an unknown port.
    """

    def __init__(
        self, port: str | None = None, name: str = "mvae", tempo_bpm: float = 120.0, timing: Timing = INTERNAL, slots: Sequence[Slot] = ()
    ) -> None:
        self._slots = {MAIN: Slot(MAIN, name, port or "")} | {slot.number: slot for slot in slots}
        self._page, self._name, self._tempo_bpm, self._timing = StatusPage.make(), name, tempo_bpm, timing
        self._events: deque[wire.Up] = deque()
        self.witnesses: list[Callable[[wire.Up], None]] = []  # told of all the player says as it comes, on the thread that listens
        self._bell, self._ringer = socket.socketpair()
        self._bell.setblocking(False)
        self._ringer.setblocking(False)
        self._lock = threading.Lock()  # over the pipe down and what a successor must be told
        self._plugging = threading.Lock()  # over virtual ports: those of a successor have no listeners at first
        self._kept = Kept()
        self._unsent: list[wire.Down] = []
        self._stop: wire.Stop | None = None  # asked for and not yet done
        self._closing = threading.Event()
        self._deaths: deque[float] = deque(maxlen=DEATHS)
        self._child = Child(self._page, name, list(self._slots.values()), tempo_bpm, timing)
        self.ready = self._child.ready
        self.ports = {opened.slot: opened for opened in self.ready.ports}  # what each slot plays on
        bay = patchbay(next((opened.api for opened in self.ready.ports if opened.virtual), ""))
        self._connections = Connections(bay) if bay else None
        self._take(self._child.early)
        self._threads = [threading.Thread(target=body, name=f"player{body.__name__}", daemon=True) for body in (self._listen, self._watch)]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> "PlayerLink":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def port(self) -> str:
        """Full name of the instrument's own port; empty without one."""
        return self.ports[MAIN].port

    @property
    def own(self) -> tuple[str, ...]:
        """Full names of all ports that are played to. Do not listen to them."""
        return tuple({opened.port: None for opened in list(self.ports.values()) if opened.slot != wire.CLOCK and opened.port})

    @property
    def peers(self) -> tuple[str, ...]:
        """Who is connected to the instrument's own port, if that is a virtual one."""
        return self._connections.peers(MAIN) if self._connections else ()

    @property
    def remark(self) -> str:
        """One line for the performer, such as why there is no MIDI; or empty."""
        return self.ready.remark

    @property
    def pid(self) -> int:
        """Process id of the player that plays now."""
        return self._child.pid

    def send(self, message: wire.Down) -> None:
        """Ask the player for something. It answers in `events`; if it is dead its successor is asked."""
        with self._lock:
            match message:
                case Handoff():
                    self._kept.add(message)
                case wire.Play(_, handoffs):
                    self._kept, self._stop = Kept(handoffs), None
                case wire.Continue(_, handoffs):
                    self._kept, self._stop = Kept((*self._kept.handoffs(), *handoffs)), None
                case wire.Cue(_, handoffs) | wire.Enter(_, handoffs):
                    self._kept = Kept(handoffs)
                case wire.Locate() | wire.Join():
                    self._kept, self._stop = Kept(), None
                case wire.Nudge(ms):
                    self._timing = replace(self._timing, nudge_ms=ms)
                case wire.Stop():
                    self._stop = message
                case wire.Tempo(bpm):
                    self._tempo_bpm = bpm
                case wire.Open(slot, fragment, name):
                    self._slots[slot] = Slot(slot, name, fragment)
            self._write(message)

    def status(self) -> Status:
        """A consistent look at the player: microseconds, no pipe."""
        status = self._page.read()
        assert status is not None  # written before Ready was sent
        return status

    def lateness_us(self, share: float) -> int:
        """The send lateness that `share` of all notes stayed below, since the start."""
        return lateness_quantile_us(self._page.lateness(), share)

    def sounding(self) -> list[tuple[int, int]]:
        """(channel, pitch) of what sounds."""
        return self._page.sounding()

    def events(self) -> list[wire.Up]:
        """What has happened since the last call, in order. For one reader only."""
        with suppress(OSError):  # nothing rang, or it is closed
            self._bell.recv(4096)
        return [self._events.popleft() for _ in range(len(self._events))]

    def fileno(self) -> int:
        """Readable while there are events: for select, and for asyncio's add_reader."""
        return self._bell.fileno()

    def wait(self, timeout_s: float) -> list[wire.Up]:
        """The events, waiting at most `timeout_s` for the first."""
        select.select([self._bell], [], [], timeout_s)
        return self.events()

    def close(self) -> None:
        """Silence everything and end the player."""
        if self._closing.is_set():
            return
        self._closing.set()
        with self._lock:
            self._child.hang_up()
        for thread in self._threads:
            thread.join()
        if self._connections is not None:
            self._connections.close()
        self._child.end()
        self._page.close()
        self._bell.close()
        self._ringer.close()

    def _write(self, message: wire.Down) -> None:
        """To the player; if it is dead, everything waits for its successor but handoffs, which are kept anyway, and what hands play."""
        try:
            self._child.write(message)
        except (BrokenPipeError, ValueError):
            if not isinstance(message, (Handoff, wire.Thru)):
                self._unsent.append(message)

    def struck(self, channel: int, pitch: int) -> tuple[float, int]:
        """When a note of MIDI channel 0..15 was last sent, in monotonic seconds, and its velocity."""
        return self._page.struck(channel, pitch)

    def _take(self, messages: Sequence[wire.Up]) -> None:
        for message in messages:
            if isinstance(message, wire.Opened):
                self.ports = self.ports | {message.slot: message}
        self._events.extend(messages)
        for witness in self.witnesses:
            for message in messages:
                witness(message)
        if any(isinstance(message, wire.Stopped) for message in messages):
            self._stop = None
        with suppress(BlockingIOError):  # it rings already
            self._ringer.send(b"!")

    def _listen(self) -> None:
        """Thread: read the player until it ends, and then its successor."""
        while True:
            if messages := self._child.read():
                self._take(messages)
            else:
                with self._plugging:
                    if self._closing.is_set() or not self._succeed():
                        return

    def _watch(self) -> None:
        """Thread: remember who is connected to the virtual ports, and connect again who was gone."""
        while self._connections and not self._closing.wait(PEERS_S):
            with self._plugging:
                back = self._connections.look(self.ports.values())
            for slot in back:
                self._closing.wait(SETTLE_S)
                self.send(wire.Hush(slot))

    def _succeed(self) -> bool:
        """Start a player in a dead one's place; False if there will be none."""
        with self._lock:
            self._child.end()
        died_s = time.monotonic()
        often = len(self._deaths) == DEATHS and died_s - self._deaths[0] < DEATHS_S
        self._deaths.append(died_s)
        try:
            if often:
                raise UserError(f"it died {DEATHS} times in {DEATHS_S:.0f} s")
            child = Child(self._page, self._name, self._successors(), self._tempo_bpm, self._timing)
        except UserError as error:
            self._take([wire.Died(f"the player died and is not replaced: {error}")])
            return False
        remark = self._reconnect(child.ready)
        with self._lock:
            self._child, self.ready, self._unsent, unsent = child, child.ready, [], self._unsent
            self.ports = {opened.slot: opened for opened in child.ready.ports}
            self._write(wire.Resume(self._kept.handoffs()))
            if not math.isclose(self.status().clock.bpm, self._tempo_bpm):
                self._write(wire.Tempo(self._tempo_bpm))
            for message in (*unsent, self._stop):
                if message is not None:
                    self._write(message)
            if self._closing.is_set():
                child.hang_up()
        self._take([*child.ready.ports, *child.early, wire.Died(f"the player died and was replaced{remark}")])
        return True

    def _successors(self) -> list[Slot]:
        """The ports of a dead player, for its successor; one that is gone just now may be missing."""
        slots = []
        for number, opened in self.ports.items():
            if number != wire.CLOCK:
                slot = self._slots.get(number) or Slot(number, self._name)
                virtual = opened.virtual or not opened.port
                slots.append(replace(slot, fragment="" if virtual else opened.port, option="", successor_of=opened.port if virtual else ""))
        return slots

    def _reconnect(self, ready: wire.Ready) -> str:
        """Connect the new virtual ports to the peers of the old ones, before anything is played on them."""
        virtual = [opened for opened in ready.ports if opened.virtual]
        if not virtual:
            return ""
        names = ", ".join(opened.port for opened in virtual)
        if self._connections is None:
            return f"; connect to {names} again, {ready.api} gives no way to do it"
        wanted = [(opened.port, peer) for opened in virtual for peer in self._connections.peers(opened.slot)]
        failed = [peer for port, peer in wanted if not self._connections.connect(port, peer)]
        self._closing.wait(SETTLE_S)
        return f"; connect {', '.join(failed)} to {names} again" if failed else ""
