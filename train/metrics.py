"""What a decoded groove is measured by: pure functions of arrays, shared by training and evaluation.

Definitions: a decoded hit is true when the real phrase has a hit of the same class at the same step. Arrays are (n, steps, 27)
as in `mvae.core.groove`.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mvae.core.groove import HITS, OFFSETS, VELOCITIES, VOICES

Notes = NDArray[np.float32]  # (n, steps, 27)
Figures = NDArray[np.float64]


class Hits(NamedTuple):
    """Counts per phrase, each (n,)."""

    true: NDArray[np.float64]
    decoded: NDArray[np.float64]
    real: NDArray[np.float64]


class Score(NamedTuple):
    precision: float
    recall: float
    f1: float


def count_hits(real: Notes, decoded: Notes) -> Hits:
    """Hits per phrase: in both, decoded, real."""
    a, b = real[..., :VOICES] > 0.5, decoded[..., :VOICES] > 0.5
    return Hits(*(x.sum((1, 2)).astype(np.float64) for x in (a & b, b, a)))


def micro(hits: Hits) -> Score:
    """Precision, recall and F1 over all cells; 0 where there is nothing to divide by."""
    true, decoded, real = (float(x.sum()) for x in hits)
    return Score(true / decoded if decoded else 0.0, true / real if real else 0.0, 2 * true / (decoded + real) if decoded + real else 0.0)


def f1_by_file(hits: Hits, song: NDArray[np.int64]) -> NDArray[np.float64]:
    """F1 over the cells of each song, in the order of the distinct song numbers. (songs,)"""
    _, place = np.unique(song, return_inverse=True)
    true, decoded, real = (np.bincount(place, x) for x in hits)
    return np.asarray(2 * true / np.maximum(decoded + real, 1))


class Matched(NamedTuple):
    """Hits that the real and the decoded phrase share, one row each (m,): velocities 0..1, offsets in half steps."""

    phrase: NDArray[np.int64]
    voice: NDArray[np.int64]
    velocity: Figures
    velocity_decoded: Figures
    offset: Figures
    offset_decoded: Figures


def matched(real: Notes, decoded: Notes) -> Matched:
    """The true hits with what both phrases play there."""
    phrase, step, voice = np.nonzero((real[..., HITS] > 0.5) & (decoded[..., HITS] > 0.5))
    values = (notes[phrase, step, part.start + voice].astype(np.float64) for part in (VELOCITIES, OFFSETS) for notes in (real, decoded))
    return Matched(phrase.astype(np.int64), voice.astype(np.int64), *values)


def half_steps_to_ms(bpm: Figures) -> Figures:
    """Milliseconds in half a 16th step: 60000 / bpm / 8."""
    return np.asarray(60_000 / bpm / 8)


def histogram(values: Figures, place: NDArray[np.int64], songs: int, bins: int, low: float) -> Figures:
    """Counts by song of values between `low` and 1 in equal bins, values outside in the outermost. (songs, bins)"""
    bin_of = np.clip(((values - low) / (1 - low) * bins).astype(np.int64), 0, bins - 1)
    return np.bincount(place * bins + bin_of, minlength=songs * bins).reshape(songs, bins).astype(np.float64)


def divergence(real: Figures, decoded: Figures) -> Figures:
    """KL(real || decoded) in nats of histograms (..., bins), one count added to every bin. (...)"""
    p, q = ((x + 1) / (x + 1).sum(-1, keepdims=True) for x in (real, decoded))
    return np.asarray((p * np.log(p / q)).sum(-1))


def kl_bits(mu: NDArray[np.float32], sigma: NDArray[np.float32]) -> Figures:
    """KL(N(mu, sigma) || N(0, 1)) of each phrase: 1/2 sum(mu^2 + sigma^2 - 1 - ln sigma^2) / ln 2. (n,)"""
    mu64, variance = mu.astype(np.float64), sigma.astype(np.float64) ** 2
    return np.asarray(0.5 * (mu64**2 + variance - 1 - np.log(variance)).sum(1) / np.log(2))
