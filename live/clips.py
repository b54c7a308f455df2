"""Phrases as clips of Ableton Live: a loop of notes, and the messages by which AbletonOSC writes it into a slot.

Pure. Tracks and slots are numbered as Live shows them, from 1; AbletonOSC counts from 0. Knows no sockets and no instrument.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from mvae.core.phrase import TICKS_PER_BEAT, TICKS_PER_STEP
from mvae.core.shaping import Placed
from mvae.live.osc_codec import message

HAS_CLIP: Final = "/live/clip_slot/get/has_clip"
NOTES_IN_ONE: Final = 64  # of a message: about 2 kB
EVERYTHING: Final = (0, 128, -8192.0, 32768.0)  # pitches and beats, to be removed
MOST: Final = 1000
HOW: Final = "give TRACK SLOT, such as 1 1, or TRACK SLOT PART"


class Place(NamedTuple):
    """A slot of a track, as Live shows them."""

    track: int
    slot: int

    @property
    def counted(self) -> tuple[int, int]:
        """As AbletonOSC counts."""
        return self.track - 1, self.slot - 1


@dataclass(frozen=True, slots=True)
class Clip:
    """A loop: (pitch, start in beats, length in beats, velocity) of each note."""

    name: str
    beats: float
    notes: tuple[tuple[int, float, float, int], ...]


def read_place(text: str, parts: Sequence[str]) -> tuple[Place, str]:
    """The place and the part (none: all parts, a track each) that a performer means. Raises ValueError."""
    track, slot, part, *rest = (*text.split(), "", "", "")
    if not (track.isdecimal() and slot.isdecimal()) or any(rest) or not (0 < int(track) <= MOST and 0 < int(slot) <= MOST):
        raise ValueError(f"{text.strip() or 'nothing'!r} is no place for a clip: {HOW}")
    if part and part not in parts:
        raise ValueError(f"no part {part!r}; there are: {', '.join(parts)}")
    return Place(int(track), int(slot)), part


def clip_of(name: str, units: Sequence[Sequence[Placed]], unit_steps: int) -> Clip:
    """The units of a phrase, ticks from the line of each, as one loop: what is played ahead of its first line comes at its end."""
    length = len(units) * unit_steps * TICKS_PER_STEP
    found = list[tuple[int, float, float, int]]()
    for number, notes in enumerate(units):
        line = number * unit_steps * TICKS_PER_STEP
        for note in notes:
            start, lasts = (line + note.on_tick) % length, min(length, max(1, note.off_tick - note.on_tick))
            found.append((note.pitch, start / TICKS_PER_BEAT, lasts / TICKS_PER_BEAT, note.velocity))
    return Clip(name, length / TICKS_PER_BEAT, tuple(sorted(found, key=lambda note: note[1])))


def phrase_units(index: int, units: int, known: Mapping[int, Sequence[Placed]]) -> list[Sequence[Placed]] | None:
    """The whole phrase around a unit, or the one before it, from the units that are known; None while there is none."""
    first = index - index % units
    for begin in (first, first - units):
        if all(begin + number in known for number in range(units)):
            return [known[begin + number] for number in range(units)]
    return None


def asks(place: Place) -> bytes:
    """Whether there is a clip."""
    return message(HAS_CLIP, *place.counted)


def writes(place: Place, clip: Clip, is_there: bool) -> Iterator[bytes]:
    """What writes the clip: into a new one, or over the notes of the one that is there, which keeps its colour and launch settings."""
    at = place.counted
    if is_there:
        yield message("/live/clip/remove/notes", *at, *EVERYTHING)
        yield message("/live/clip/set/loop_start", *at, 0.0)
        yield message("/live/clip/set/loop_end", *at, clip.beats)
    else:
        yield message("/live/clip_slot/create_clip", *at, clip.beats)
    for begin in range(0, len(clip.notes), NOTES_IN_ONE):
        few = clip.notes[begin : begin + NOTES_IN_ONE]
        flat = [word for pitch, start, lasts, velocity in few for word in (pitch, start, lasts, velocity, False)]
        yield message("/live/clip/add/notes", *at, *flat)
    yield message("/live/clip/set/name", *at, clip.name)
