"""The ports that are played to, as the performer has to do with them: who has which, another one for the instrument or a part, and those
that are unplugged and plugged in again. A feature of the instrument.

What there is comes from the watch (`hotplug`), on its thread; all else happens on the instrument's own.
"""

import threading
import time
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mvae.core.change import Change
from mvae.core.part import MAIN, VIRTUAL, Part
from mvae.core.patch import Patch
from mvae.live import wire
from mvae.live.deeds import Doer
from mvae.live.hotplug import PortState, PortWatch, There, bare, found_again
from mvae.live.midi_ports import Port
from mvae.live.outputs import Slot
from mvae.live.status import Status

if TYPE_CHECKING:
    from mvae.live.instrument import Instrument
    from mvae.live.prepared import Prepared

OWN_NAME: Final = "main"  # of the instrument's own port, where a part's name may stand
REMARK_S: Final = 10.0  # how long it is told that a port is back
NOWHERE: Final = "none"  # the MIDI system of a port that is not there


def part_slots(patch: Patch, port: str | None, name: str) -> tuple[Slot, ...]:
    """The slots of parts that have ports of their own. Where all have, and no `port` is asked for, the instrument has none besides."""
    own = {part.slot: slot_of(part, name, patch.file) for part in reversed(patch.parts) if part.port is not None}
    slots = tuple(own[number] for number in sorted(own))
    if port is None and all(part.port is not None for part in patch.parts):
        first = slots[0]
        return (Slot(MAIN, first.name, first.fragment, first.option), *slots)
    return slots


def slot_of(part: Part, name: str, file: Path) -> Slot:
    """A part's own slot: the port that its patch names, or a virtual one."""
    fragment = "" if part.port in (None, VIRTUAL) else str(part.port)
    return Slot(part.slot, own_name(name, part.name), fragment, f'{file}: [[part]] name = "{part.name}" port =')


def own_name(name: str, part: str) -> str:
    """What a virtual port of a part's own is called."""
    return f"{name} {part}"


class Outlets:
    """The ports of one instrument, called `name` where they are virtual."""

    def __init__(self, instrument: "Instrument", watch: PortWatch, name: str) -> None:
        self.instrument, self.player, self.name = instrument, instrument.player, name
        self.does: Mapping[str, Doer] = {"port": self.port}
        self._parts = {part.name: part for part in instrument.band.patch.parts}
        self._askers: dict[int, str] = {}  # slot -> who asked for another port last
        self._wanted: dict[int, str] = {}  # slot -> the part for which another port is being opened
        self._gone: dict[Port, bool] = {}  # ports that have vanished -> whether they are being opened again
        self._lock = threading.Lock()  # over what has vanished
        self._seen_s: dict[Port, float] = {}  # of the player's ports, when they were seen first; on the watch's thread
        self._missing: set[str] = set()  # inputs that are wanted and not there
        self._news: deque[PortState] = deque()  # from the watch's thread
        self._told = "", 0.0  # the last remark, and when it was made
        instrument.overhear(self.hear)
        instrument.patched.append(self.patched)
        for number in self.player.ports:
            self.tell(number)
        self.close = watch.add(self.look)

    def patched(self, ready: "Prepared", step: int) -> None:
        """The parts are those of another patch; the ports stay."""
        self._parts = {part.name: part for part in ready.patch.parts}
        for number in self.player.ports:
            self.tell(number)

    def port(self, change: Change, status: Status) -> None:
        """Another port for the instrument, or for a part: opened first, and then played on."""
        said = str(change.value or "")
        _, _, part = change.action.partition(" ")
        fragment = "" if said.casefold() == VIRTUAL else said
        if not part:
            self._askers[MAIN] = change.source
            self.player.send(wire.Open(MAIN, fragment, self.name))
        elif said.casefold() in ("", OWN_NAME):
            self.instrument.panel.turn(Change(f"{part}.out", "main", change.at_s, "port"))
        elif (slot := self._parts[part].slot) != MAIN:
            self._wanted[slot], self._askers[slot] = part, change.source
            self.player.send(wire.Open(slot, fragment, own_name(self.name, part)))

    def note(self, state: PortState) -> None:
        """How an input stands (`hotplug.InputKeeper`): told where it is missing, and when it is back. On any thread."""
        was_missing = state.wanted in self._missing
        (self._missing.discard if state.present else self._missing.add)(state.wanted)
        if was_missing == state.present:
            self._news.append(state)

    def advance(self, status: Status, now_s: float) -> None:
        """Tell what has come and gone; that all is well is told for a while only."""
        remark, told_s = self._told
        if remark and not self._gone and not self._missing and now_s - told_s > REMARK_S:
            self._told = "", 0.0
            if self.instrument.remark == remark:
                self.instrument.remark = ""
        while self._news:
            state = self._news.popleft()
            self.instrument.remark = state.remark
            self._told = state.remark, now_s
            self.instrument.feedback.out.send("/mvae/remark", state.remark)
            for number in [number for number, opened in self.player.ports.items() if opened.port == state.port]:
                self.tell(number, state.present)

    def stopped(self) -> None:
        """Ports stay as they are."""

    def hear(self, message: wire.Up) -> None:
        """What the player says of its ports."""
        match message:
            case wire.Opened(slot, port, api, _):
                self.opened(slot, Port(api, port))
            case wire.Refused(slot, reason):
                self._wanted.pop(slot, None)
                with self._lock:
                    self._gone.update(dict.fromkeys(self._gone, False))
                self.instrument.remark = reason
                self.instrument.feedback.out.answer(self._askers.pop(slot, ""), "/mvae/error", "port", reason)

    def opened(self, slot: int, port: Port) -> None:
        """A slot has this port now."""
        self._askers.pop(slot, None)
        if port.api == NOWHERE:
            return
        with self._lock:
            back = [gone for gone in self._gone if bare(gone.name) == bare(port.name)]
            for gone in back:
                del self._gone[gone]
        self._news.extend(PortState(port.name, port.name, True) for _ in back)
        self.tell(slot)
        part = self._wanted.pop(slot, None)
        if part is not None:
            self.instrument.panel.turn(Change(f"{part}.out", "own", self.instrument.now_s(), "port"))

    def tell(self, slot: int, present: bool = True) -> None:
        """Which port a slot has, for whoever listens: its part's name, the port's, and whether it is there."""
        names = [part.name for part in self._parts.values() if part.slot == slot]
        for name in {MAIN: [OWN_NAME], wire.CLOCK: ["clock"]}.get(slot, names):
            self.instrument.feedback.out.publish(f"/mvae/port/{name}", self.player.ports[slot].port, int(present))

    def look(self, there: There) -> None:
        """On the watch's thread: which of the player's ports are there."""
        homes: dict[Port, int] = {}
        for number, opened in sorted(self.player.ports.items()):
            if opened.port and not opened.virtual:
                homes.setdefault(Port(opened.api, opened.port), number)
        now_s = time.monotonic()
        self._seen_s = {home: self._seen_s.get(home, now_s) for home in homes}
        for home, slot in homes.items():
            came_anew = there.anew(home, self._seen_s[home])
            self._seen_s[home] = now_s if came_anew else self._seen_s[home]
            if came_anew and home not in self._gone:
                self.see(home, slot, [])  # it was gone; the next look finds it
                continue
            ports = there.inputs if slot == wire.CLOCK else there.outputs
            self.see(home, slot, [Port(NOWHERE, port.name) for port in ports] if home.api == NOWHERE else list(ports))

    def see(self, home: Port, slot: int, ports: list[Port]) -> None:
        """One port that a slot has, or has had."""
        with self._lock:
            opening = self._gone.get(home)
            if opening is None and home not in ports:
                self._gone[home] = False
                self.player.send(wire.Unplugged(slot))
                self._news.append(PortState(home.name, home.name, False))
            elif opening is False and (again := found_again(home, ports)):
                self._gone[home] = True
                self.player.send(wire.Plugged(slot, again.name))
