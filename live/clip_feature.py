"""Writes the phrase that plays into clips of Ableton Live, through AbletonOSC: a feature of the instrument.

Live is asked first what is in the slot. AbletonOSC answers at port 11001; where another program has that, clips are written unasked, into
empty slots. Nothing is held open between two clips. Called from the instrument's own thread alone.
"""

import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mvae.core.change import Change
from mvae.core.phrase import TICKS_PER_STEP
from mvae.core.shaping import Placed
from mvae.live import wire
from mvae.live.altering import complain
from mvae.live.clips import HAS_CLIP, Clip, Place, asks, clip_of, phrase_units, read_place, writes
from mvae.live.deeds import Doer
from mvae.live.osc_codec import Malformed, address_of, arguments
from mvae.live.osc_ports import HOST, subscriber
from mvae.live.status import Status
from mvae.live.surface_door import facing

if TYPE_CHECKING:
    from mvae.live.instrument import Instrument

PORT: Final = 11000
REPLY_PORT: Final = 11001
PATIENCE_S: Final = 1.0
AFTER_S: Final = 0.5  # in which an error of what was written is still heard
KEPT_PHRASES: Final = 2
WRITE, WRITTEN = "clip write", "/mvae/clip/written"


@dataclass(slots=True)
class Writing:
    """A clip on its way."""

    part: str
    place: Place
    clip: Clip
    until_s: float  # for an answer
    sent: bool = False


class Clips:
    """The clips that one instrument writes. `reply_port` is where AbletonOSC answers."""

    def __init__(self, instrument: "Instrument", peer: tuple[str, int] = (HOST, PORT), reply_port: int = REPLY_PORT) -> None:
        self.instrument, self.peer, self.reply_port = instrument, peer, reply_port
        self.does: Mapping[str, Doer] = {"clip": self.do}
        self._known: dict[int, dict[int, Sequence[Placed]]] = {}  # part -> unit -> its notes
        self._writing: list[Writing] = []
        self._socket: socket.socket | None = None
        self._hears = False
        self._asker = ""  # the source of the last wish
        instrument.overhear(self.begins)
        instrument.patched.append(lambda ready, step: self._known.clear())

    def do(self, change: Change, status: Status) -> None:
        """Write the phrase, or say where AbletonOSC is."""
        text = str(change.value or "")
        try:
            if change.action == WRITE:
                self._asker = change.source
                self.write(text, status)
            else:
                host, _, port = text.rpartition(":")
                self.peer = subscriber((host or HOST, int(port or PORT)), (HOST, PORT))
        except (ValueError, OSError) as problem:
            complain(self.instrument, change.action, str(problem), change.source)

    def write(self, text: str, status: Status) -> None:
        """Begin to write. Raises ValueError and OSError."""
        numbers = {part.name: number for number, part in self.instrument.band.numbered}
        names = tuple(numbers)
        place, only = read_place(text, names)
        chosen = [only] if only else names
        clips = [self.clip(numbers[name], name, status) for name in chosen]
        self.open()
        until_s = self.instrument.now_s() + PATIENCE_S
        for number, (name, clip) in enumerate(zip(chosen, clips, strict=True)):
            writing = Writing(name, Place(place.track + number, place.slot), clip, until_s)
            self._writing.append(writing)
            if self._hears:
                self.send(asks(writing.place))
            else:
                self.finish(writing, is_there=False)

    def clip(self, number: int, name: str, status: Status) -> Clip:
        """The phrase of a part as a clip. Raises ValueError while there is none."""
        ahead = next(ahead for ahead in self.instrument.band.lookaheads if number in ahead.numbers)
        index = max(0, status.tick_at(self.instrument.now_s())) // TICKS_PER_STEP // ahead.steps
        units = phrase_units(index, ahead.model.units, self._known.get(number, {}))
        if units is None:
            raise ValueError(f"no whole phrase of the {name} has been decoded yet: play to the end of it")
        return clip_of(f"{self.instrument.band.patch.name} {name}", units, ahead.steps)

    def advance(self, status: Status, now_s: float) -> None:
        """Remember what plays, and hear what Live says."""
        for ahead in self.instrument.band.lookaheads:
            for row, number in enumerate(ahead.numbers):
                known = self._known.setdefault(number, {})
                known.update((index, plan.placed[row]) for index, plan in ahead.plans.items())
                for index in sorted(known)[: -(KEPT_PHRASES + 1) * ahead.model.units]:
                    del known[index]
        if self._writing:
            self.hear()
            self.forget(now_s)

    def begins(self, message: wire.Up) -> None:
        """The song begins at a line, perhaps an earlier one: what is known from there on is of what was played before."""
        if isinstance(message, wire.Started):
            for ahead in self.instrument.band.lookaheads:
                first = message.line_tick // TICKS_PER_STEP // ahead.steps
                for number in ahead.numbers:
                    known = self._known.get(number, {})
                    self._known[number] = {index: placed for index, placed in known.items() if index < first}

    def stopped(self) -> None:
        """The music stops; clips are written all the same."""

    def hear(self) -> None:
        """Live's answers."""
        assert self._socket
        try:
            while self._hears:
                self.answer(self._socket.recv(65536))
        except BlockingIOError:
            return
        except OSError:  # nobody listens there: its time runs out
            return

    def answer(self, datagram: bytes) -> None:
        """One answer: whether there is a clip, or an error."""
        try:
            address, values = address_of(datagram).decode("ascii", "replace"), arguments(datagram)
        except Malformed:
            return
        if address == "/live/error":
            complain(self.instrument, WRITE, f"Live: {' '.join(map(str, values))}", self._asker)
            self._writing.clear()
        for writing in self._writing:
            if address == HAS_CLIP and not writing.sent and values[:2] == writing.place.counted and len(values) == 3:
                self.finish(writing, is_there=bool(values[2]))

    def finish(self, writing: Writing, is_there: bool) -> None:
        """Write it; errors are heard a little longer."""
        for datagram in writes(writing.place, writing.clip, is_there):
            self.send(datagram)
        writing.sent, writing.until_s = True, self.instrument.now_s() + AFTER_S
        self.instrument.feedback.out.send(WRITTEN, writing.part, *writing.place, len(writing.clip.notes))

    def forget(self, now_s: float) -> None:
        """What has been written, and what Live did not answer."""
        over = [writing for writing in self._writing if now_s > writing.until_s]
        if any(not writing.sent for writing in over):
            host, port = self.peer
            why = f"AbletonOSC does not answer at {host}:{port}: choose it as a control surface in Live"
            complain(self.instrument, WRITE, why, self._asker)
        self._writing = [writing for writing in self._writing if writing not in over]
        if not self._writing:
            self.close()

    def open(self) -> None:
        """The socket: at the port of the answers, if that is free, at the one address that faces the peer, and for this peer alone.

        Beyond the loopback it listens only where the performer has named a peer there. Raises OSError where no way leads to the peer.
        """
        if self._socket is not None:
            return
        here = facing(self.peer)
        made = socket.socket(socket.AF_INET6 if ":" in here else socket.AF_INET, socket.SOCK_DGRAM)
        try:
            made.setblocking(False)
            self._hears = bound(made, here, self.reply_port)
            made.connect(self.peer)
        except OSError:
            made.close()
            raise
        self._socket = made

    def close(self) -> None:
        """Free the port."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def send(self, datagram: bytes) -> None:
        assert self._socket
        try:
            self._socket.send(datagram)
        except OSError:  # nobody listens there: its time runs out
            return


def bound(to_bind: socket.socket, host: str, port: int) -> bool:
    """Whether the port was free."""
    try:
        to_bind.bind((host, port))
    except OSError:
        return False
    return True
