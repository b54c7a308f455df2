"""How a melodic part lies: transposed, folded into a register, locked to a scale, its notes shortened or joined.

Pure. A note keeps its voice, its step, its onset and its velocity, whatever becomes of its pitch and length: it stays the same note.
Knows nothing of models, channels or of what was played before; what is done to each note depends on nothing but that note and, for
its length, on the next onset.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mvae.core.phrase import STEPS_PER_BEAT, Note, Phrase
from mvae.core.scale import OCTAVE, quantise

SHORTEST_BEATS = 1 / 32
LEGATO = 2.0


@dataclass(frozen=True, slots=True)
class Voicing:
    """`root` is a pitch class 0..11 and `scale` one of SCALES; `transpose` in semitones; `low`..`high` the register, MIDI pitches.

    `length`: 1 as decoded, towards 0 staccato, towards 2 legato (each note up to the next). ValueError for an empty register.
    """

    root: int = 0
    scale: str = "chromatic"
    transpose: int = 0
    octave: int = 0
    low: int = 0
    high: int = 127
    length: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.high <= 127:
            raise ValueError(f"a register lies within 0..127 and goes up, not {self.low}..{self.high}")

    def pitch(self, pitch: int) -> int:
        """What a pitch sounds as: transposed, folded into the register, then the nearest tone of the scale within the register.

        A register without a tone of the scale gives way: the scale is kept.
        """
        moved = pitch + self.transpose + OCTAVE * self.octave
        return quantise(folded(moved, self.low, self.high), self.root, self.scale, self.low, self.high)


def folded(pitch: int, low: int, high: int) -> int:
    """The pitch moved by octaves into `low`..`high`, as few as it takes.

    Where the register is narrower than an octave and has no place for it, the edge of the register that one of its octaves is
    nearest to, the lower of two.
    """
    if pitch < low:
        pitch += -(-(low - pitch) // OCTAVE) * OCTAVE  # the first octave at or above `low`
    elif pitch > high:
        pitch -= -(-(pitch - high) // OCTAVE) * OCTAVE  # the first at or below `high`
    if low <= pitch <= high:
        return pitch
    above = pitch if pitch > high else pitch + OCTAVE
    return low if low - (above - OCTAVE) <= above - high else high


def voiced(phrase: Phrase, voicing: Voicing) -> Phrase:
    """The phrase of a melody or a bass as it is voiced. Not for drums, whose pitches are their kit's: for them `lengthened`."""
    notes = tuple(replace(note, pitch=voicing.pitch(note.pitch)) for note in phrase.notes)
    return lengthened(Phrase(phrase.bars, notes), voicing.length)


def lengthened(phrase: Phrase, length: float) -> Phrase:
    """Notes `length` times as long below 1, none shorter than a 32nd of a beat unless it was; from 1 to 2 they grow to the next
    onset of their voice, the last to the end of the phrase."""
    if length == 1.0:
        return phrase
    ends = next_beats(phrase.notes, phrase.steps)
    pairs = zip(phrase.notes, ends, strict=True)
    return Phrase(phrase.bars, tuple(replace(note, duration=_duration(note, end, length)) for note, end in pairs))


def _duration(note: Note, next_beat: float, length: float) -> float:
    if length < 1.0:
        return min(note.duration, max(note.duration * length, SHORTEST_BEATS))
    room = max(next_beat - note.beat, note.duration)  # a note that already sounds beyond it is left alone
    return note.duration + (min(length, LEGATO) - 1.0) * (room - note.duration)


def next_beats(notes: Sequence[Note], steps: int) -> list[float]:
    """For each of `notes`, sorted by step, the beat of its voice's first onset at a later step; after the last, where `steps` end."""
    found = [0.0] * len(notes)
    lines = dict[int, tuple[int, float, float]]()  # by voice: a step, its first onset, and the first onset after it
    for index in reversed(range(len(notes))):
        note = notes[index]
        step, first, after = lines.get(note.voice, (steps, steps / STEPS_PER_BEAT, steps / STEPS_PER_BEAT))
        if step > note.step:
            first, after = note.beat, first
        found[index] = after
        lines[note.voice] = (note.step, min(first, note.beat), after)
    return found
