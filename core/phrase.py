"""Frozen music: notes and phrases on a grid of 16th steps, with times in beats (quarter notes).

Knows nothing of clocks, ports, drums or tensors. A phrase counts from its own line (step 0, beat 0); where the line lies in
a song is the player's business. A note may sound before its line: its beat may be up to half a step early.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

STEPS_PER_BEAT = 4
STEPS_PER_BAR = 16
BEATS_PER_BAR = STEPS_PER_BAR // STEPS_PER_BEAT
TICKS_PER_BEAT = 960
TICKS_PER_STEP = TICKS_PER_BEAT // STEPS_PER_BEAT


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """One onset. `step` counts 16ths from the phrase's line, `beat` is the played onset in beats from the same line
    (within half a step of `step / 4`), `duration` is in beats, `velocity` is MIDI's 1..127.

    Raises ValueError for a note that no phrase can hold.
    """

    step: int
    voice: int
    pitch: int
    velocity: int
    beat: float
    duration: float

    def __post_init__(self) -> None:
        if not 1 <= self.velocity <= 127 or not 0 <= self.pitch <= 127:
            raise ValueError(f"pitch {self.pitch} or velocity {self.velocity} is outside MIDI's range")
        if not -0.5 <= self.offset_steps <= 0.5:
            raise ValueError(f"beat {self.beat} is not within half a step of step {self.step}")
        if not self.duration > 0:
            raise ValueError(f"duration {self.duration} is not above 0")

    @property
    def offset_steps(self) -> float:
        """How late the note is against its step, in steps, -0.5..0.5."""
        return self.beat * STEPS_PER_BEAT - self.step

    def moved(self, steps: int) -> "Note":
        """The same note, so many steps later."""
        return replace(self, step=self.step + steps, beat=self.beat + steps / STEPS_PER_BEAT)


@dataclass(frozen=True, slots=True)
class Phrase:
    """`bars` bars of 4/4 and their notes, sorted by step, then voice."""

    bars: int
    notes: tuple[Note, ...]

    def __post_init__(self) -> None:
        if any(not 0 <= note.step < self.steps for note in self.notes):
            raise ValueError(f"a note lies outside the {self.bars} bars of its phrase")
        if any(later < note for note, later in zip(self.notes, self.notes[1:], strict=False)):
            object.__setattr__(self, "notes", tuple(sorted(self.notes)))

    @property
    def steps(self) -> int:
        """Length in 16th steps."""
        return self.bars * STEPS_PER_BAR

    def bar(self, index: int) -> "Phrase":
        """Bar `index` (0-based) as a phrase of its own."""
        if not 0 <= index < self.bars:
            raise IndexError(f"bar {index} of a phrase of {self.bars} bars")
        start = index * STEPS_PER_BAR
        return Phrase(1, tuple(note.moved(-start) for note in self.notes if start <= note.step < start + STEPS_PER_BAR))


def join(phrases: Iterable[Phrase]) -> Phrase:
    """The phrases one after the other."""
    bars, notes = 0, list[Note]()
    for phrase in phrases:
        notes.extend(note.moved(bars * STEPS_PER_BAR) for note in phrase.notes)
        bars += phrase.bars
    return Phrase(bars, tuple(notes))
