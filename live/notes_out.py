"""The notes that sound, as other programs read them: `/mvae/note` with a timetag, the same flat for Pure Data, `/dirt/play` for SuperDirt.

Pure: a note and a moment become a datagram. Knows no sockets, and not when a note is heard of.
"""

from dataclasses import dataclass
from typing import Final, Literal

from mvae.core.drums import CLASSES
from mvae.live.osc_codec import bundle, message, timetag_of
from mvae.live.osc_ports import HOST, subscriber

Kind = Literal["timed", "flat", "dirt"]
NOTE, PLAY = "/mvae/note", "/dirt/play"
HANDSHAKE, REPLY = "/dirt/handshake", b"/dirt/handshake/reply"
DIRT_PORT: Final = 57120
OFF: Final = "off"
BEATS_PER_CYCLE: Final = 4  # a bar
MIDDLE_C: Final = 60
LOUD: Final = 100  # the velocity that SuperDirt's usual gain plays
# Drum class -> a sample of Dirt-Samples, which every SuperDirt loads, and its number. The only ride is in the set called ab.
SAMPLES: Final = dict(
    zip(CLASSES, (("bd", 0), ("sn", 0), ("hh", 0), ("ho", 0), ("lt", 0), ("mt", 0), ("ht", 0), ("cr", 0), ("ab", 9)), strict=True)
)
CLICK: Final = ("rm", 0)  # of a count-in
SYNTH: Final = "superpiano"
SHORTEST_S: Final = 0.05  # SuperDirt drops what is shorter than its fades
HOW: Final = "give a port, HOST:PORT, flat:HOST:PORT for Pure Data, dirt for SuperDirt, or off"


@dataclass(frozen=True, slots=True)
class Way:
    """Where notes go, and in which form."""

    kind: Kind
    host: str
    port: int

    def __str__(self) -> str:
        return ("" if self.kind == "timed" else f"{self.kind}:") + f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Heard:
    """A note as it sounds. `row` is the part's place in the band, `voice` a drum class where the part is `drums`."""

    part: str
    row: int
    drums: bool
    voice: int
    pitch: int
    velocity: int
    beat: float
    duration_beats: float
    seconds_per_beat: float


def read_way(text: str) -> Way:
    """A way as a performer writes it: 9000, 10.0.0.5:9000, flat:9001, dirt, dirt:10.0.0.5:57120. Raises ValueError."""
    word, colon, rest = text.strip().partition(":")
    kind: Kind = "timed"
    if word in ("flat", "dirt"):
        kind, place = ("flat" if word == "flat" else "dirt"), rest
        if word == "dirt" and not colon:
            place = str(DIRT_PORT)
    else:
        place = text.strip()
    host, _, port = place.rpartition(":")
    if not port.isdecimal():
        raise ValueError(f"{text.strip() or 'nothing'!r} is no way for notes: {HOW}")
    return Way(kind, *subscriber((host.strip("[]") or HOST, int(port)), (HOST, 0)))


def datagram(way: Way, note: Heard, at_unix_s: float) -> bytes:
    """The note as it goes that way, to sound at a moment."""
    if way.kind == "dirt":
        return bundle(timetag_of(at_unix_s), message(PLAY, *dirt_pairs(note)))
    said = message(NOTE, note.part, note.pitch, note.velocity, note.beat, note.duration_beats)
    return said if way.kind == "flat" else bundle(timetag_of(at_unix_s), said)


def dirt_pairs(note: Heard) -> tuple[str | float | int, ...]:
    """The keys and values of `/dirt/play`: a sample for each drum class, a synth's pitch for the rest, in the cycle that is a bar."""
    lasts_s = max(SHORTEST_S, note.duration_beats * note.seconds_per_beat)
    pairs: dict[str, str | float | int] = {
        "_id_": note.part,
        "cps": 1 / (note.seconds_per_beat * BEATS_PER_CYCLE),
        "cycle": note.beat / BEATS_PER_CYCLE,
        "delta": lasts_s,
        "orbit": note.row,
        "gain": (note.velocity / LOUD) ** 0.5,  # SuperDirt's amplitude is its fourth power: the square of the velocity, as in MIDI
    }
    if note.drums:
        sample, number = SAMPLES[CLASSES[note.voice]] if 0 <= note.voice < len(CLASSES) else CLICK
        pairs |= {"s": sample, "n": float(number)}
    else:
        pairs |= {"s": SYNTH, "note": float(note.pitch - MIDDLE_C), "sustain": lasts_s}
    return tuple(word for pair in pairs.items() for word in pair)
