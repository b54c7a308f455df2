"""Chance: the frozen random numbers of a phrase, drawn once from a seed.

Raw 64-bit words of Philox 4x64 (Salmon et al. 2011), keyed by (seed, roll, part) and counted by (loop, purpose), mapped to
numbers by our own code: numpy promises a bit generator's words across versions, not the streams of its distributions.
Knows nothing of music, models or when a roll of the dice is asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Philox
from numpy.typing import NDArray

Words = NDArray[np.uint64]
Doubles = NDArray[np.float64]
Singles = NDArray[np.float32]

WORD = 2**64  # seeds and loops are taken modulo this
HALF_WORD = 2**32  # rolls and parts are taken modulo this: they share a word of the key
BASE = 0  # the loop counter's value for what every loop shares; loop n counts as n + 1
PLAIN, PHRASE, TOKENS, TURNS, WALK = 0, 1, 2, 3, 4  # purposes: they keep the streams of a key apart


@dataclass(frozen=True, slots=True, eq=False)
class PhraseNoise:
    """The chance of one phrase: `hits` (steps, voices) uniform in (0, 1), both ends open; `feel` (steps, 2 * voices) Gaussian,
    first for velocities, then for offsets."""

    hits: Singles
    feel: Singles


def uniform(seed: int, roll: int, part: int, count: int) -> Doubles:
    """`count` float64 numbers in the open interval (0, 1); a longer draw begins with the shorter one."""
    return doubles(words(seed, roll, part, BASE, PLAIN, count))


def gaussian(seed: int, roll: int, part: int, count: int) -> Doubles:
    """`count` float64 numbers of the standard normal distribution; a longer draw begins with the shorter one."""
    return box_muller(words(seed, roll, part, BASE, PLAIN, 2 * count).reshape(count, 2))


def gumbel(seed: int, roll: int, part: int, count: int) -> Doubles:
    """`count` float64 numbers of the standard Gumbel distribution: argmax(logits + gumbel) samples the softmax of the logits."""
    return np.asarray(-np.log(-np.log(uniform(seed, roll, part, count))))


def phrase_noise(seed: int, roll: int, part: int, loop: int, variation: float, steps: int, voices: int) -> PhraseNoise:
    """The noise of one pass through a phrase.

    Each cell (step, voice) keeps the chance that all loops share with probability 1 - `variation`, else it takes this loop's own:
    0 repeats exactly, 1 is fresh in every loop, and turning `variation` up only adds cells to those that already differ.
    A longer phrase begins with the noise of the shorter one.
    """
    cells = _cells(seed, roll, part, BASE, steps, voices)
    if variation > 0:
        fresh = _cells(seed, roll, part, loop + 1, steps, voices)
        turns = doubles(fresh[..., 0]) < variation
        cells = np.where(turns[..., None], fresh, cells)
    hits = singles(cells[..., 1])
    feel = box_muller(cells[..., 2:].reshape(steps, voices, 2, 2)).astype(np.float32)
    return PhraseNoise(hits, np.concatenate([feel[..., 0], feel[..., 1]], axis=1))


def token_noise(
    seed: int, roll: int, part: int, loop: int, variation: float, steps: int, vocabulary: Sequence[int]
) -> Singles:
    """The Gumbel noise of one pass through a phrase of tokens: (steps, sum of the streams' vocabularies).

    Each cell (step, stream) keeps the chance that all loops share with probability 1 - `variation`, else it takes this loop's own, as in
    `phrase_noise`. A longer phrase begins with the noise of the shorter one.
    """
    width = sum(vocabulary)
    noise = words(seed, roll, part, BASE, TOKENS, steps * width).reshape(steps, width)
    if variation > 0:
        turns = doubles(words(seed, roll, part, loop + 1, TURNS, steps * len(vocabulary))).reshape(steps, -1) < variation
        fresh = words(seed, roll, part, loop + 1, TOKENS, steps * width).reshape(steps, width)
        noise = np.where(np.repeat(turns, vocabulary, axis=1), fresh, noise)
    return np.asarray(-np.log(-np.log(doubles(noise))), dtype=np.float32)


def words(seed: int, roll: int, part: int, loop: int, purpose: int, count: int) -> Words:
    """`count` raw words; Philox counts up in the low word of its counter, so (loop, purpose) name streams of 2**64 blocks each."""
    key = np.array([seed % WORD, roll % HALF_WORD * HALF_WORD + part % HALF_WORD], dtype=np.uint64)
    counter = np.array([0, loop % WORD, purpose, 0], dtype=np.uint64)
    return np.asarray(Philox(counter=counter, key=key).random_raw(count), dtype=np.uint64)


def doubles(raw: Words) -> Doubles:
    """Words -> float64 in [2**-53, 1 - 2**-53]: the middles of 2**52 equal cells."""
    return np.asarray(((raw >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52)


def singles(raw: Words) -> Singles:
    """Words -> float32 in [2**-24, 1 - 2**-24], each exact: neither end is reached, so its logit is finite."""
    return np.asarray(((raw >> np.uint64(41)).astype(np.float64) + 0.5) * 2.0**-23, dtype=np.float32)


def box_muller(pairs: Words) -> Doubles:
    """Pairs of words (..., 2) -> standard normal (...): sqrt(-2 ln u) cos(2 pi v) (Box and Muller 1958)."""
    u, v = doubles(pairs[..., 0]), doubles(pairs[..., 1])
    return np.asarray(np.sqrt(-2.0 * np.log(u)) * np.cos(2.0 * np.pi * v))


def _cells(seed: int, roll: int, part: int, loop: int, steps: int, voices: int) -> Words:
    """Six words a cell, (steps, voices, 6): when it turns, its hit, two for its velocity, two for its offset."""
    return words(seed, roll, part, loop, PHRASE, steps * voices * 6).reshape(steps, voices, 6)
