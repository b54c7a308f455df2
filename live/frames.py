"""The messages of the two pipes (`wire`) as bytes: the code and the format of each, in one table.

A frame is a code (u8), a length (u32) and the body, little-endian. Trusts the other end: both come from this file.
"""

import struct
from collections.abc import Callable, Sequence
from typing import Final

from mvae.core.score import Due, Handoff
from mvae.live import wire

_FRAME = struct.Struct("<BI")
_HANDOFF = struct.Struct("<HIiii?I")
_DUE = struct.Struct("<hiiiHBB")
_FLAT: Final[dict[type, tuple[int, struct.Struct]]] = {
    wire.Tempo: (2, struct.Struct("<d")),
    wire.Stop: (5, struct.Struct("<i")),
    wire.Panic: (6, struct.Struct("")),
    wire.Nudge: (8, struct.Struct("<d")),
    wire.Locate: (9, struct.Struct("<i")),
    wire.Join: (11, struct.Struct("<iH")),
    wire.Share: (12, struct.Struct("<?")),
    wire.Unplugged: (13, struct.Struct("<B")),
    wire.Hush: (32, struct.Struct("<B")),
    wire.Thru: (14, struct.Struct("<HBBB")),
    wire.Accepted: (18, struct.Struct("<HIiHHHH")),
    wire.Sent: (19, struct.Struct("<i?BBBHhii")),
    wire.Repeated: (20, struct.Struct("<Hii")),
    wire.Started: (21, struct.Struct("<iiHI")),
    wire.Stopping: (34, struct.Struct("<ii")),
    wire.Stopped: (22, struct.Struct("<i")),
    wire.TempoAt: (23, struct.Struct("<id")),
    wire.Stall: (24, struct.Struct("<iIHi")),
    wire.Panicked: (25, struct.Struct("<i")),
    wire.Succeeded: (26, struct.Struct("<ii")),
    wire.Located: (27, struct.Struct("<i")),
}
_HANDOFF_CODE: Final = 1
_WITH_HANDOFFS: Final[dict[type, int]] = {wire.Play: 3, wire.Continue: 4, wire.Resume: 7, wire.Cue: 10, wire.Enter: 33}
_WITH_TEXT: Final[dict[type, int]] = {wire.Ready: 16, wire.Failed: 17, wire.Sync: 28}
_WITH_SLOT: Final[dict[type, int]] = {wire.Open: 15, wire.Plugged: 29, wire.Opened: 30, wire.Refused: 31}  # a slot and texts
_SLOTTED: Final[dict[int, Callable[..., wire.Down | wire.Up]]] = {15: wire.Open, 29: wire.Plugged, 31: wire.Refused}
_NUMBERED: Final[dict[int, type[wire.Play | wire.Continue | wire.Cue | wire.Enter]]] = {
    3: wire.Play, 4: wire.Continue, 10: wire.Cue, 33: wire.Enter,
}  # fmt: skip
_FLAT_OF_CODE: Final = {code: (kind, body) for kind, (code, body) in _FLAT.items()}


def encode(message: wire.Down | wire.Up) -> bytes:
    """The frame of a message."""
    kind = type(message)
    if kind in _FLAT:
        code, body_format = _FLAT[kind]
        body = body_format.pack(*message)  # type: ignore[misc]
    else:
        code, body = _encode_long(message)
    return _FRAME.pack(code, len(body)) + body


def _encode_long(message: wire.Down | wire.Up) -> tuple[int, bytes]:
    match message:
        case Handoff():
            return _HANDOFF_CODE, _pack_handoff(message)
        case wire.Play() | wire.Continue() | wire.Cue() | wire.Enter():
            return _WITH_HANDOFFS[type(message)], struct.pack("<i", message[0]) + b"".join(map(_pack_handoff, message.handoffs))
        case wire.Resume():
            return _WITH_HANDOFFS[wire.Resume], struct.pack("<i", 0) + b"".join(map(_pack_handoff, message.handoffs))
        case wire.Ready():
            words = [message.port, message.api, "virtual" * message.virtual, message.remark]
            return _WITH_TEXT[wire.Ready], "\0".join([*words, *(word for port in message.ports for word in _texts(*port))]).encode()
        case wire.Open() | wire.Plugged() | wire.Opened() | wire.Refused():
            return _WITH_SLOT[type(message)], "\0".join(_texts(*message)).encode()
        case wire.Failed():
            return _WITH_TEXT[wire.Failed], message.reason.encode()
        case wire.Sync():
            return _WITH_TEXT[wire.Sync], f"{message.state}\0{message.peers}".encode()
        case _:
            raise TypeError(f"no frame for {type(message).__name__}")


def _texts(*fields: object) -> list[str]:
    """Fields as texts; a yes is a word, a no is none."""
    return ["yes" * field if isinstance(field, bool) else str(field) for field in fields]


def _opened(words: Sequence[str]) -> wire.Opened:
    slot, port, api, virtual = words
    return wire.Opened(int(slot), port, api, bool(virtual))


def _pack_handoff(handoff: Handoff) -> bytes:
    head = _HANDOFF.pack(
        handoff.part,
        handoff.generation,
        handoff.start_step,
        handoff.length_steps,
        handoff.take_hold_step,
        handoff.silent,
        len(handoff.notes),
    )
    return head + b"".join([_DUE.pack(*note) for note in handoff.notes])


def _unpack_handoffs(body: memoryview) -> tuple[Handoff, ...]:
    handoffs, at = [], 0
    while at < len(body):
        part, generation, start, length, take_hold, silent, count = _HANDOFF.unpack_from(body, at)
        at += _HANDOFF.size
        notes = tuple(map(Due._make, _DUE.iter_unpack(body[at : at + count * _DUE.size])))
        at += count * _DUE.size
        handoffs.append(Handoff(part, generation, start, length, take_hold, notes, silent))
    return tuple(handoffs)


def _decode(code: int, body: memoryview) -> wire.Down | wire.Up:
    if code in _FLAT_OF_CODE:
        kind, body_format = _FLAT_OF_CODE[code]
        message: wire.Down | wire.Up = kind(*body_format.unpack(body))
        return message
    if code == _HANDOFF_CODE:
        return _unpack_handoffs(body)[0]
    if code == _WITH_TEXT[wire.Ready]:
        port, api, virtual, remark, *rest = bytes(body).decode().split("\0")
        return wire.Ready(port, api, bool(virtual), remark, tuple(_opened(rest[at : at + 4]) for at in range(0, len(rest), 4)))
    if code in _WITH_SLOT.values():
        slot, *texts = bytes(body).decode().split("\0")
        return _opened([slot, *texts]) if code == _WITH_SLOT[wire.Opened] else _SLOTTED[code](int(slot), *texts)
    if code == _WITH_TEXT[wire.Failed]:
        return wire.Failed(bytes(body).decode())
    if code == _WITH_TEXT[wire.Sync]:
        state, peers = bytes(body).decode().split("\0")
        return wire.Sync(state, int(peers))
    number, handoffs = struct.unpack_from("<i", body)[0], _unpack_handoffs(body[4:])
    if code == _WITH_HANDOFFS[wire.Resume]:
        return wire.Resume(handoffs)
    return _NUMBERED[code](number, handoffs)


class Reader:
    """Bytes in as a pipe gives them, whole messages out."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[wire.Down | wire.Up]:
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
