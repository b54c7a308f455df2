"""The groove representation: a drum phrase as an array, and back.

An array is float32 (steps, 27): `[0:9]` hits {0, 1}, `[9:18]` velocities 0..1 (MIDI / 127), `[18:27]` offsets -1..1 in units
of half a step, positive is late. The grid holds one note for each class and step, the loudest. Offsets stop 2 ticks (1/480
beat) short of the latest possible, so that a note always ends before the next onset of its class.

Knows nothing of models: what makes an array musical is not its business.
"""

import numpy as np
import numpy.typing as npt

from mvae.core.drums import CLASSES, NOTE_OF_CLASS
from mvae.core.phrase import STEPS_PER_BAR, STEPS_PER_BEAT, TICKS_PER_BEAT, TICKS_PER_STEP, Note, Phrase

Array = npt.NDArray[np.float32]

VOICES = len(CLASSES)
FEATURES = 3 * VOICES
HITS = slice(0, VOICES)
VELOCITIES = slice(VOICES, 2 * VOICES)
OFFSETS = slice(2 * VOICES, FEATURES)
LATEST = np.float32(1 - 2 / (TICKS_PER_STEP / 2))
GATE_BEATS = 0.125
_TICK = 1 / TICKS_PER_BEAT


def encode(phrase: Phrase) -> Array:
    """The phrase as float32 (phrase.steps, 27). Of several notes in a cell the loudest wins, of equals the earliest."""
    array = np.zeros((phrase.steps, FEATURES), np.float32)
    for note in sorted(phrase.notes, key=lambda note: (note.velocity, -note.beat)):
        array[note.step, note.voice] = 1.0
        array[note.step, VOICES + note.voice] = note.velocity / 127
        array[note.step, 2 * VOICES + note.voice] = min(np.float32(2 * note.offset_steps), LATEST)
    return array


def decode(array: Array, gate_beats: float = GATE_BEATS) -> Phrase:
    """The phrase of an array (steps, 27); a hit is a value above 0.5, velocity and offset are clipped to what a note can hold.

    A note lasts `gate_beats`, less where the next onset of its class comes sooner; the last ones end before the earliest
    onset the following phrase can have. Raises ValueError unless the array is whole bars of 27 features.
    """
    if array.ndim != 2 or array.shape[1] != FEATURES or array.shape[0] % STEPS_PER_BAR or not len(array):
        raise ValueError(f"a groove array is (whole bars of {STEPS_PER_BAR}, {FEATURES}), not {array.shape}")
    velocities = np.clip(np.rint(array[:, VELOCITIES].astype(np.float64) * 127), 1, 127).astype(int)
    offsets = np.clip(array[:, OFFSETS], np.float32(-1), LATEST).astype(np.float64)
    end_beat = (len(array) - 0.5) / STEPS_PER_BEAT
    next_beat = [end_beat] * VOICES
    notes = []
    for step, voice in reversed(np.argwhere(array[:, HITS] > 0.5).tolist()):
        beat = (step + offsets[step, voice] / 2) / STEPS_PER_BEAT
        duration = min(gate_beats, next_beat[voice] - beat - _TICK)
        notes.append(Note(step, voice, NOTE_OF_CLASS[voice], int(velocities[step, voice]), float(beat), float(duration)))
        next_beat[voice] = beat
    return Phrase(len(array) // STEPS_PER_BAR, tuple(reversed(notes)))
