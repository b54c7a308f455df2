"""The stretches of a performance that are in 4/4, and its drums in them. Knows nothing of grids, models or files.

Music that cannot be used raises UserError with the reason alone: who knows the file's name puts it in front.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil, floor, inf

from mvae.core.drums import drum_notes
from mvae.core.errors import UserError
from mvae.core.midifile import Metre, Performance, PlayedNote
from mvae.core.phrase import BEATS_PER_BAR, STEPS_PER_BEAT

MAX_BARS = 20_000  # 11 hours at 120 BPM; a broken file can claim weeks


def four_four_drums(performance: Performance) -> Performance:
    """The drums of the stretches in 4/4, one after the other. Raises UserError with the reason why there are none."""
    drums = replace(performance, notes=drum_notes(performance))
    if not drums.notes:
        raise UserError("no drums on channel 10")
    check_length(drums)
    music = four_four(drums)
    if not music.notes:
        raise UserError(not_four_four(drums.metre_at(drums.notes[0].beat)))
    return music


def check_length(performance: Performance) -> None:
    """Raises UserError for a performance longer than MAX_BARS; it must have notes."""
    if max(note.beat + note.duration for note in performance.notes) > MAX_BARS * BEATS_PER_BAR:
        raise UserError(f"longer than {MAX_BARS} bars")


def not_four_four(metre: Metre) -> str:
    """The reason why music in another metre is not used."""
    return f"metre {metre.numerator}/{metre.denominator}; only 4/4 is read"


def four_four(performance: Performance) -> Performance:
    """The stretches in 4/4 one after the other, with an empty bar between two."""
    notes, tempos, at = list[PlayedNote](), list[tuple[float, float]](), 0.0
    for stretch in stretches(performance):
        notes += [replace(note, beat=at + note.beat) for note in stretch.notes]
        tempos += [(at + beat, bpm) for beat, bpm in stretch.tempos]
        at += (stretch.bars + 1) * BEATS_PER_BAR
    return Performance(tuple(notes), tuple(tempos), (Metre(0.0, 4, 4),), performance.tracks)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Music in 4/4 without a break: notes and tempos in beats from its own first bar line, and the bars that they reach."""

    notes: tuple[PlayedNote, ...]
    tempos: tuple[tuple[float, float], ...]
    bars: int


def stretches(performance: Performance) -> Iterator[Stretch]:
    """The stretches in 4/4 that have notes. An onset belongs to the bar of its nearest step."""
    for start, end in _stretches(performance.metres):
        steps = (end - start) * STEPS_PER_BEAT
        moved = [replace(note, beat=note.beat - start) for note in performance.notes if start - 1 <= note.beat < end]
        inside = tuple(note for note in moved if 0 <= floor(note.beat * STEPS_PER_BEAT + 0.5) < steps)
        if inside:
            tempos = [(0.0, performance.bpm_at(start))]
            tempos += [(beat - start, bpm) for beat, bpm in performance.tempos if start < beat < end]
            length = min(end - start, max(note.beat + note.duration for note in inside))
            yield Stretch(inside, tuple(tempos), ceil(length / BEATS_PER_BAR))


def _stretches(metres: Sequence[Metre]) -> Iterator[tuple[float, float]]:
    """(start, end) in beats of the stretches in 4/4; the same metre said again on a bar line goes on."""
    start: float | None = None
    for metre in metres:
        if start is not None and metre.is_four_four and (metre.beat - start) % BEATS_PER_BAR == 0:
            continue
        if start is not None:
            yield start, metre.beat
        start = metre.beat if metre.is_four_four else None
    if start is not None:
        yield start, inf
