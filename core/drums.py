"""The nine drum classes, the drum notes of General MIDI and of the Roland TD-11, and a performance set on the grid.

Every drum note of either kit has a class in both maps. The maps differ only in the toms: the nine notes that the classes
sound as map to themselves in General MIDI, so a phrase that was played out reads back as it was, while a TD-11 sends 43, 45
and 48 for its three toms. Only a TD-11 sends 22 and 26, the edges of its hi-hat: by them a folder's kit is known.

Knows nothing of kits with other note numbers: a note that is in no map is not a drum.
"""

from collections.abc import Iterable, Mapping
from math import ceil, floor
from statistics import median
from types import MappingProxyType

from mvae.core.midifile import Performance, PlayedNote
from mvae.core.phrase import BEATS_PER_BAR, STEPS_PER_BAR, STEPS_PER_BEAT, TICKS_PER_BEAT, Note, Phrase

CLASSES = ("kick", "snare", "closed_hat", "open_hat", "low_tom", "mid_tom", "high_tom", "crash", "ride")
NOTE_OF_CLASS = (36, 38, 42, 46, 45, 48, 50, 49, 51)
DRUM_CHANNEL = 9  # channel 10, as performers count

_NOTES = {
    "kick": (35, 36),
    "snare": (27, 28, 31, 32, 33, 34, 37, 38, 39, 40, 56, 65, 66, 75, 85),
    "closed_hat": (22, 42, 44, 54, 68, 69, 70, 71, 73, 78, 80),
    "open_hat": (26, 46, 67, 72, 74, 79, 81),
    "low_tom": (29, 41, 43, 45, 58, 61, 64, 84),
    "mid_tom": (47, 48, 60, 63, 77, 86, 87),
    "high_tom": (30, 50, 62, 76, 83),
    "crash": (49, 52, 55, 57),
    "ride": (51, 53, 59, 82),
}
_TD11_TOMS = {"low_tom": (43, 58), "mid_tom": (45, 47), "high_tom": (48, 50)}  # head and rim of each


def _by_note(notes: Mapping[str, Iterable[int]]) -> dict[int, int]:
    return {note: CLASSES.index(name) for name, group in notes.items() for note in group}


CLASS_OF_NOTE: Mapping[int, int] = MappingProxyType(_by_note(_NOTES))
TD11_CLASS_OF_NOTE: Mapping[int, int] = MappingProxyType(_by_note(_NOTES) | _by_note(_TD11_TOMS))
KITS: Mapping[str, Mapping[int, int]] = MappingProxyType({"gm": CLASS_OF_NOTE, "td11": TD11_CLASS_OF_NOTE})
TD11_ONLY = frozenset((22, 26))


def drum_notes(performance: Performance) -> tuple[PlayedNote, ...]:
    """The notes on channel 10 that have a class."""
    return tuple(note for note in performance.notes if note.channel == DRUM_CHANNEL and note.pitch in CLASS_OF_NOTE)


def drum_phrase(notes: Iterable[PlayedNote], kit: str = "gm") -> Phrase:
    """Drum notes on the grid: onsets at the nearest step (halves round up), `kit` one of KITS.

    The phrase has as many bars as reach the end of the last note; an onset whose nearest step lies beyond them is lost, as it
    would open a bar of its own. Several notes of a class at one step are all kept. No notes: one empty bar.
    """
    classes = KITS[kit]
    played = tuple(notes)
    bars = max(1, ceil(max((note.beat + note.duration for note in played), default=0.0) / BEATS_PER_BAR))
    on_grid = []
    for note in played:
        step = floor(note.beat * STEPS_PER_BEAT + 0.5)
        if step < bars * STEPS_PER_BAR:
            duration = max(note.duration, 1 / TICKS_PER_BEAT)
            on_grid.append(Note(step, classes[note.pitch], note.pitch, note.velocity, note.beat, duration))
    return Phrase(bars, tuple(on_grid))


def without_median_offset(phrase: Phrase) -> tuple[Phrase, float]:
    """The phrase with every onset moved by the median offset of its notes, and that median in steps.

    Steps stay as they are; an onset that would leave its step is held at the step's edge. No notes: unchanged, and 0.
    """
    if not phrase.notes:
        return phrase, 0.0
    middle = median(note.offset_steps for note in phrase.notes)
    return Phrase(phrase.bars, tuple(_moved_in_step(note, middle) for note in phrase.notes)), middle


def _moved_in_step(note: Note, steps: float) -> Note:
    offset = min(max(note.offset_steps - steps, -0.5), 0.5)
    return Note(note.step, note.voice, note.pitch, note.velocity, (note.step + offset) / STEPS_PER_BEAT, note.duration)
