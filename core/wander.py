"""A slow walk that a seed decides: where in the unit ball it stands after so many turns. Pure; the same everywhere and always.

Turns are points drawn once from the seed; between two of them the walk is smooth. It begins at the middle. Knows nothing of beats.
"""

import math
from functools import lru_cache

import numpy as np

from mvae.core.chance import WALK, box_muller, doubles, words
from mvae.core.latent import Latent

KEPT_TURNS = 64
NEAREST = 0.5  # to the middle that a turn lies


def walk(seed: int, number: int, phase: float, z_size: int) -> Latent:
    """The point (z_size,) float32, of a norm below 1, after `phase` turns (0 and more) of the walk of `number` of the seed."""
    turn = math.floor(phase)
    share = (1.0 - math.cos(math.pi * (phase - turn))) / 2.0
    here, there = turn_of(seed, number, turn, z_size), turn_of(seed, number, turn + 1, z_size)
    return np.asarray((1.0 - share) * here + share * there, dtype=np.float32)


@lru_cache(KEPT_TURNS)
def turn_of(seed: int, number: int, turn: int, z_size: int) -> Latent:
    """Where the walk turns: (z_size,) float32, a direction drawn evenly and a distance from a half up to 1; the middle for turn 0."""
    if turn == 0:
        return np.zeros(z_size, dtype=np.float32)
    raw = words(seed, 0, number, turn, WALK, 2 * z_size + 1)
    direction = box_muller(raw[1:].reshape(z_size, 2))
    far = NEAREST + (1.0 - NEAREST) * float(doubles(raw[:1])[0])
    return np.asarray(far * direction / np.linalg.norm(direction), dtype=np.float32)
