"""What a model has to beat, found without one: the nearest training window, the bar before again, a class's mean.

The nearest window is found knowing the answer: of all training windows it has the highest hit F1 against the phrase itself.
Arrays are (n, steps, 27) as in `mvae.core.groove`.
"""

import numpy as np
from numpy.typing import NDArray

from mvae.core.groove import FEATURES, HITS, OFFSETS, VELOCITIES, VOICES
from mvae.core.phrase import STEPS_PER_BAR
from mvae.train.metrics import matched

Notes = NDArray[np.float32]
Bits = NDArray[np.float32]  # (n, steps * 9), 0 and 1

BLOCK = 512  # phrases at a time: their products with 16,000 windows are 32 MB


def hit_bits(notes: Notes) -> Bits:
    """Hits as rows of 0 and 1. (n, steps * 9)"""
    return np.ascontiguousarray(notes[..., HITS] > 0.5, dtype=np.float32).reshape(len(notes), -1)


def nearest(bits: Bits, training: Bits) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Of each row the row of `training` with the highest F1, and that F1. (n,) each"""
    sizes = training.sum(1)
    found, best = np.zeros(len(bits), np.int64), np.zeros(len(bits), np.float32)
    for at in range(0, len(bits), BLOCK):
        block = bits[at : at + BLOCK]
        f1 = 2 * (block @ training.T) / np.maximum(block.sum(1)[:, None] + sizes, 1)
        found[at : at + BLOCK] = f1.argmax(1)
        best[at : at + BLOCK] = f1.max(1)
    return found, best


def bars_after_the_first(notes: Notes) -> tuple[Notes, Notes]:
    """The phrases from bar 2 on, and bar 1 in the place of each of those bars. (n, steps - 16, 27) each"""
    later = notes[:, STEPS_PER_BAR:]
    return later, np.tile(notes[:, :STEPS_PER_BAR], (1, later.shape[1] // STEPS_PER_BAR, 1))


def class_means(notes: Notes) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean velocity and mean offset of each class's hits, (9,) each; 0 for a class that is never struck."""
    own = matched(notes, notes)
    count = np.maximum(np.bincount(own.voice, minlength=VOICES), 1)
    return np.bincount(own.voice, own.velocity, VOICES) / count, np.bincount(own.voice, own.offset, VOICES) / count


def played_with(notes: Notes, velocity: NDArray[np.float64], offset: NDArray[np.float64]) -> Notes:
    """The phrases' own hits, each class with one velocity and one offset, (9,) each."""
    struck = notes[..., HITS] > 0.5
    played = np.zeros((*notes.shape[:2], FEATURES), np.float32)
    for part, values in ((HITS, np.ones(VOICES)), (VELOCITIES, velocity), (OFFSETS, offset)):
        played[..., part] = struck * values
    return played
