"""The two pipes between the instrument and the player: every message as a frozen tuple, its code and its bytes, in one table each.

Down (to the player's stdin) goes what the performer wants; up (from its stdout) comes what happened, in song ticks. A frame is a code
(u8), a length (u32) and the body, little-endian. Knows nothing of processes, and trusts the other end: both come from this file.
"""

import struct
from typing import Final, NamedTuple, TypeAlias

from mvae.core.score import Due, Handoff

STOP_NOW: Final = -1  # instead of a step in Stop
_FRAME = struct.Struct("<BI")
_HANDOFF = struct.Struct("<HIiiiI")
_DUE = struct.Struct("<hiiiBBB")


class Tempo(NamedTuple):
    """The internal clock's tempo from now on."""

    bpm: float


class Play(NamedTuple):
    """From bar 1 with these handoffs and none of the earlier ones; at once, if it plays already.

    The lead-in before the first line is as long as the notes of step 0 are early, at least half a step, and `lead_ticks` longer.
    """

    lead_ticks: int
    handoffs: tuple[Handoff, ...]


class Continue(NamedTuple):
    """From where it stopped, rounded to a 16th, after the same lead-in; the handoffs are spliced into what is held. Nothing if it plays."""

    lead_ticks: int
    handoffs: tuple[Handoff, ...]


class Stop(NamedTuple):
    """Silence at the line of an absolute step, or at once (STOP_NOW); `Stopped` tells the tick."""

    step: int


class Panic(NamedTuple):
    """Note-offs, then all notes off, controllers reset and all sound off on every channel used. What is to come plays on."""


class Resume(NamedTuple):
    """To a successor, once its listeners are connected: silence what its predecessor left sounding and play on where the clock stands."""

    handoffs: tuple[Handoff, ...]


class Ready(NamedTuple):
    """The player listens. `port` is the full name of its port or empty, `api` ALSA, JACK, ... or none; `remark` is for the performer."""

    port: str
    api: str
    virtual: bool
    remark: str


class Failed(NamedTuple):
    """The player could not open its port, and ends; `reason` is one line."""

    reason: str


class Accepted(NamedTuple):
    """What became of a handoff: notes kept, replaced, sounding late and dropped."""

    part: int
    generation: int
    tick: int
    kept: int
    replaced: int
    late: int
    dropped: int


class Sent(NamedTuple):
    """A note-on (`on`) or note-off was sent, `lateness_us` after the time of its scheduled tick."""

    tick: int
    on: bool
    channel: int
    pitch: int
    velocity: int
    part: int
    voice: int
    step: int
    lateness_us: int


class Repeated(NamedTuple):
    """Nothing new came in time: the part's last phrase begins again at `start_step`."""

    part: int
    start_step: int
    tick: int


class Started(NamedTuple):
    """Play begins at the line `line_tick` (0, or where it stopped); the lead-in before it began at `tick`."""

    tick: int
    line_tick: int


class Stopped(NamedTuple):
    """Silence from `tick` on."""

    tick: int


class Panicked(NamedTuple):
    """All notes were ended at `tick`."""

    tick: int


class TempoAt(NamedTuple):
    """The tempo from song tick `tick` on, exactly; while stopped the tick is the position."""

    tick: int
    bpm: float


class Died(NamedTuple):
    """The player died, and `remark` says what became of it. This message the link makes itself."""

    remark: str


class Stall(NamedTuple):
    """The player was kept from running for `overdue_ms`; `skipped` note-ons stayed silent, all that were due before `oldest_tick`."""

    tick: int
    overdue_ms: int
    skipped: int
    oldest_tick: int


class Succeeded(NamedTuple):
    """A successor took over from a dead player at `tick`: it ended what sounded, and notes sound again from `step` on."""

    tick: int
    step: int


Down: TypeAlias = Handoff | Tempo | Play | Continue | Stop | Panic | Resume
Up: TypeAlias = Ready | Failed | Accepted | Sent | Repeated | Started | Stopped | Panicked | TempoAt | Stall | Succeeded | Died

_FLAT: Final[dict[type, tuple[int, struct.Struct]]] = {
    Tempo: (2, struct.Struct("<d")),
    Stop: (5, struct.Struct("<i")),
    Panic: (6, struct.Struct("")),
    Accepted: (18, struct.Struct("<HIiHHHH")),
    Sent: (19, struct.Struct("<i?BBBHhii")),
    Repeated: (20, struct.Struct("<Hii")),
    Started: (21, struct.Struct("<ii")),
    Stopped: (22, struct.Struct("<i")),
    TempoAt: (23, struct.Struct("<id")),
    Stall: (24, struct.Struct("<iIHi")),
    Panicked: (25, struct.Struct("<i")),
    Succeeded: (26, struct.Struct("<ii")),
}
_HANDOFF_CODE: Final = 1
_WITH_HANDOFFS: Final[dict[type, int]] = {Play: 3, Continue: 4, Resume: 7}
_WITH_TEXT: Final[dict[type, int]] = {Ready: 16, Failed: 17}
_FLAT_OF_CODE: Final = {code: (kind, body) for kind, (code, body) in _FLAT.items()}


def encode(message: Down | Up) -> bytes:
    """The frame of a message."""
    kind = type(message)
    if kind in _FLAT:
        code, body_format = _FLAT[kind]
        body = body_format.pack(*message)  # type: ignore[misc]
    else:
        code, body = _encode_long(message)
    return _FRAME.pack(code, len(body)) + body


def _encode_long(message: Down | Up) -> tuple[int, bytes]:
    match message:
        case Handoff():
            return _HANDOFF_CODE, _pack_handoff(message)
        case Play() | Continue():
            return _WITH_HANDOFFS[type(message)], struct.pack("<i", message.lead_ticks) + b"".join(map(_pack_handoff, message.handoffs))
        case Resume():
            return _WITH_HANDOFFS[Resume], struct.pack("<i", 0) + b"".join(map(_pack_handoff, message.handoffs))
        case Ready():
            return _WITH_TEXT[Ready], "\0".join((message.port, message.api, "virtual" * message.virtual, message.remark)).encode()
        case Failed():
            return _WITH_TEXT[Failed], message.reason.encode()
        case _:
            raise TypeError(f"no frame for {type(message).__name__}")


def _pack_handoff(handoff: Handoff) -> bytes:
    head = _HANDOFF.pack(
        handoff.part, handoff.generation, handoff.start_step, handoff.length_steps, handoff.take_hold_step, len(handoff.notes)
    )
    return head + b"".join([_DUE.pack(*note) for note in handoff.notes])


def _unpack_handoffs(body: memoryview) -> tuple[Handoff, ...]:
    handoffs, at = [], 0
    while at < len(body):
        part, generation, start, length, take_hold, count = _HANDOFF.unpack_from(body, at)
        at += _HANDOFF.size
        notes = tuple(map(Due._make, _DUE.iter_unpack(body[at : at + count * _DUE.size])))
        at += count * _DUE.size
        handoffs.append(Handoff(part, generation, start, length, take_hold, notes))
    return tuple(handoffs)


def _decode(code: int, body: memoryview) -> Down | Up:
    if code in _FLAT_OF_CODE:
        kind, body_format = _FLAT_OF_CODE[code]
        message: Down | Up = kind(*body_format.unpack(body))
        return message
    if code == _HANDOFF_CODE:
        return _unpack_handoffs(body)[0]
    if code == _WITH_TEXT[Ready]:
        port, api, virtual, remark = bytes(body).decode().split("\0")
        return Ready(port, api, bool(virtual), remark)
    if code == _WITH_TEXT[Failed]:
        return Failed(bytes(body).decode())
    lead_ticks, handoffs = struct.unpack_from("<i", body)[0], _unpack_handoffs(body[4:])
    if code == _WITH_HANDOFFS[Resume]:
        return Resume(handoffs)
    return (Play if code == _WITH_HANDOFFS[Play] else Continue)(lead_ticks, handoffs)


class Reader:
    """Bytes in as a pipe gives them, whole messages out."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[Down | Up]:
        """The messages that `data` completes, in order."""
        self._rest += data
        at, whole, messages = 0, memoryview(self._rest), []
        while len(whole) - at >= _FRAME.size:
            code, length = _FRAME.unpack_from(whole, at)
            if len(whole) - at < _FRAME.size + length:
                break
            messages.append(_decode(code, whole[at + _FRAME.size : at + _FRAME.size + length]))
            at += _FRAME.size + length
        self._rest = bytes(whole[at:])
        return messages
