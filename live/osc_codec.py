"""OSC datagrams to messages and back: the framing of bundles here, arguments by python-osc's codec.

Whatever the bytes, nothing but `Malformed` is raised and nothing is logged. Knows no addresses, sockets or clocks.
"""

import struct
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

from pythonosc.osc_message import OscMessage, ParseError
from pythonosc.osc_message_builder import OscMessageBuilder

BUNDLE = b"#bundle\0"
IMMEDIATELY = 1  # the timetag that means now
DEEPEST = 8  # bundles within bundles
NTP_TO_UNIX_S = 2_208_988_800  # from 1900 to 1970
TAGS = frozenset(b"ifdhsbTFNrmt[]IcS")
# python-osc does not read I (a bang), c (a character) and S (a symbol): of the same shape are T, i and s.
AS_READ = bytes.maketrans(b"IcS", b"Tis")
PLAIN = b"/\0\0\0"


class Malformed(Exception):
    """Not OSC."""


def address_of(datagram: bytes) -> bytes:
    """The address bytes of a message, found without reading anything else."""
    end = datagram.find(b"\0")
    if end < 1 or datagram[0] != 0x2F:
        raise Malformed("no address")
    return datagram[:end]


def arguments(datagram: bytes) -> tuple[object, ...]:
    """The arguments of a message: a bang (I) is True, as T is."""
    rest = datagram[padded(len(address_of(datagram))) :]
    tags, _, _ = rest.partition(b"\0")
    if not tags:
        return ()
    if tags[:1] != b"," or not set(tags[1:]) <= TAGS:
        raise Malformed("type tags")
    try:
        return tuple(OscMessage(PLAIN + tags.translate(AS_READ) + rest[len(tags) :]).params)
    except (ParseError, ValueError) as problem:
        raise Malformed(str(problem)) from None


def padded(length: int) -> int:
    """The bytes that a string of `length` takes: at least one zero, to a multiple of four."""
    return length + 4 - length % 4


def by_time(datagram: bytes) -> list[tuple[int, tuple[bytes, ...]]]:
    """The messages of a datagram with their timetag, those of one moment together, in their order. Raises Malformed."""
    return [(tag, tuple(inner for _, inner in together)) for tag, together in groupby(messages(datagram), itemgetter(0))]


def messages(datagram: bytes, deep: int = 0) -> Iterator[tuple[int, bytes]]:
    """(timetag, message) of a message or of everything in a bundle, in order; a lone message's timetag is `IMMEDIATELY`.

    A bundle within a bundle is never earlier than the one around it.
    """
    if not datagram.startswith(BUNDLE):
        yield IMMEDIATELY, datagram
        return
    if len(datagram) < 16 or deep >= DEEPEST:
        raise Malformed("bundle")
    timetag = int.from_bytes(datagram[8:16], "big")
    at = 16
    while at < len(datagram):
        size = int.from_bytes(datagram[at : at + 4], "big")
        element = datagram[at + 4 : at + 4 + size]
        if size < 4 or size % 4 or len(element) < size:
            raise Malformed("bundle element")
        for inner, found in messages(element, deep + 1):
            yield max(timetag, inner), found
        at += 4 + size


def unix_s(timetag: int) -> float:
    """A timetag (NTP, 32.32 bits) in seconds since 1970."""
    return timetag / 2**32 - NTP_TO_UNIX_S


def timetag_of(at_unix_s: float) -> int:
    """The timetag of a moment in seconds since 1970."""
    return int((at_unix_s + NTP_TO_UNIX_S) * 2**32)


def message(address: str, *values: float | int | str | bool) -> bytes:
    """The datagram of a message: text as s, true and false as T and F, whole numbers as i, others as f."""
    builder = OscMessageBuilder(address)
    for value in values:
        builder.add_arg(value)
    return builder.build().dgram


def bundle(timetag: int, *elements: bytes) -> bytes:
    """The datagram of a bundle of messages or bundles."""
    return BUNDLE + struct.pack(">Q", timetag) + b"".join(struct.pack(">i", len(element)) + element for element in elements)
