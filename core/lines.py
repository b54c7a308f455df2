"""A song as lines of tokens on one grid: each melody, each bass, the drums. Knows nothing of files, windows or of what is kept on disk.

A line is what one track plays on one channel with one program.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import floor

from mvae.core.drums import CLASS_OF_NOTE, DRUM_CHANNEL, KITS
from mvae.core.errors import UserError
from mvae.core.midifile import Performance, PlayedNote
from mvae.core.phrase import STEPS_PER_BAR, STEPS_PER_BEAT, TICKS_PER_BEAT, Note, Phrase
from mvae.core.stretches import Stretch, check_length, not_four_four, stretches
from mvae.core.tokens import Tokens, encode_drums, encode_mono

BASSES = range(32, 40)
MELODIES = tuple(program for program in range(96) if program not in BASSES)  # General MIDI's families from pianos to synthesizer pads


@dataclass(frozen=True, slots=True)
class Lines:
    """A stretch of a song in 4/4: its lines by stream, each (steps,) tokens of the same length, and its first tempo."""

    streams: Mapping[str, tuple[Tokens, ...]]
    steps: int
    bpm: float


def lines_of(performance: Performance, streams: Sequence[str], kit: str = "gm", tracks: re.Pattern[str] | None = None) -> tuple[Lines, ...]:
    """The stretches in 4/4 of a performance. `tracks` keeps only the melodies and basses of the tracks whose name it finds; a stretch is
    as long as all that is played in it, whichever tracks are kept.

    Raises UserError with the reason why there are none.
    """
    if not performance.notes:
        raise UserError("no notes")
    check_length(performance)
    parts = tuple(stretches(performance))
    if tracks is not None:
        left_out = {number for number, name in enumerate(performance.tracks) if not tracks.search(name)}
        if all(_is_of(left_out, note) for note in performance.notes):
            raise UserError(f"no drums, and no track whose name '{tracks.pattern}' finds")
        parts = tuple(replace(part, notes=tuple(note for note in part.notes if not _is_of(left_out, note))) for part in parts)
    found = tuple(_lines(part, streams, kit) for part in parts)
    if not found:
        raise UserError(not_four_four(performance.metre_at(performance.notes[0].beat)))
    if not any(any(lines.streams.values()) for lines in found):
        raise UserError(f"no {' or '.join(streams)} in it")
    return found


def _is_of(tracks: set[int], note: PlayedNote) -> bool:
    """Whether a note is of one of these tracks and no drum."""
    return note.track in tracks and note.channel != DRUM_CHANNEL


def _lines(stretch: Stretch, streams: Sequence[str], kit: str) -> Lines:
    steps = stretch.bars * STEPS_PER_BAR
    return Lines({name: _stream(name, stretch.notes, steps, kit) for name in streams}, steps, stretch.tempos[0][1])


def _stream(name: str, notes: Sequence[PlayedNote], steps: int, kit: str) -> tuple[Tokens, ...]:
    if name == "drums":
        struck = [note for note in notes if note.channel == DRUM_CHANNEL and note.pitch in CLASS_OF_NOTE]
        return (encode_drums(on_grid(struck, steps, KITS[kit])),) if struck else ()
    programs = BASSES if name == "bass" else MELODIES
    voices = defaultdict[tuple[int, int, int], list[PlayedNote]](list)
    for note in notes:
        if note.channel != DRUM_CHANNEL and note.program in programs:
            voices[note.track, note.channel, note.program].append(note)
    return tuple(encode_mono(on_grid(voices[key], steps)) for key in sorted(voices))


def on_grid(notes: Iterable[PlayedNote], steps: int, voice_of_pitch: Mapping[int, int] | None = None) -> Phrase:
    """Played notes at their nearest steps (halves round up), of one voice or of their pitch's; those beyond the steps are lost."""
    placed = list[Note]()
    for note in notes:
        step = floor(note.beat * STEPS_PER_BEAT + 0.5)
        if 0 <= step < steps:
            voice = 0 if voice_of_pitch is None else voice_of_pitch[note.pitch]
            placed.append(Note(step, voice, note.pitch, note.velocity, note.beat, max(note.duration, 1 / TICKS_PER_BEAT)))
    return Phrase(steps // STEPS_PER_BAR, tuple(placed))
