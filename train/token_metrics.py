"""What decoded tokens are measured by, and their figures over songs: pure functions of arrays.

Accuracy is the share of equal tokens. An onset is a step where a note begins (of drums: where anything is struck); onset F1 matches
step and pitch, or step and class. Every figure is taken over all phrases of a song, then averaged over songs; intervals are a bootstrap
over songs (`mvae.train.bootstrap`). Arrays are (n, steps, streams) as in `mvae.core.tokens`; figures come as tables by stream.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mvae.core.tokens import FIRST_PITCH, Tokens
from mvae.train.bootstrap import DRAWS, places, sum_by_song, weights

Floats = NDArray[np.float64]
Counts = NDArray[np.float64]  # (n, streams)
Record = dict[str, Any]


def accuracy(real: Tokens, decoded: Tokens) -> Floats:
    """Share of equal tokens. (n, streams)"""
    return np.asarray((real == decoded).mean(1), dtype=np.float64)


def begins(streams: Sequence[str], tokens: Tokens) -> NDArray[np.bool_]:
    """Where something begins. (n, steps, streams)"""
    return np.asarray(tokens >= np.array([1 if name == "drums" else FIRST_PITCH for name in streams]))


def onset_counts(streams: Sequence[str], real: Tokens, decoded: Tokens) -> tuple[Counts, Counts, Counts]:
    """Onsets in both, decoded, real: of drums hits. (n, streams) each"""
    both, there, heard = (np.zeros((len(real), len(streams))) for _ in range(3))
    for n, name in enumerate(streams):
        a, b = real[..., n], decoded[..., n]
        if name == "drums":
            counted = (np.bitwise_count(x).sum(1) for x in (a & b, b, a))
        else:
            counted = ((x >= FIRST_PITCH).sum(1) for x in (np.where(a == b, a, 0), b, a))
        both[:, n], there[:, n], heard[:, n] = counted
    return both, there, heard


def right_onsets(streams: Sequence[str], real: Tokens, decoded: Tokens) -> tuple[Counts, Counts]:
    """Steps where something begins and the token is right, and all where something begins. (n, streams) each"""
    starts = begins(streams, real)
    return (starts & (real == decoded)).sum(1).astype(np.float64), starts.sum(1).astype(np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Songs:
    """Which song each phrase is of (n,), as places 0..count-1, and how often each resample counts each song (1 + draws, count)."""

    place: NDArray[np.int64]
    count: int
    weights: Floats

    @classmethod
    def of(cls, song: NDArray[np.int64], draws: int = DRAWS) -> "Songs":
        place, count = places(song)
        return cls(place, count, weights(count, draws))

    def sums(self, values: NDArray[np.generic]) -> Floats:
        """(n, k) -> (count, k)"""
        return sum_by_song(values, self.place, self.count)

    def means(self, values: NDArray[np.generic]) -> Floats:
        """Mean over the phrases of each song, (n, k) -> (count, k)."""
        return np.asarray(self.sums(values) / np.bincount(self.place, minlength=self.count)[:, None])

    def ratios(self, above: NDArray[np.generic], below: NDArray[np.generic]) -> Floats:
        """Sum over sum within each song, nan where there is nothing to divide by. (count, k)"""
        over, under = self.sums(above), self.sums(below)
        return np.asarray(np.divide(over, under, out=np.full(over.shape, np.nan), where=under > 0))

    def drawn(self, by_song: Floats) -> Floats:
        """Means over songs (those that are not nan), as they are and for each resample: (count, k) -> (1 + draws, k)."""
        there = np.isfinite(by_song)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray((self.weights @ np.where(there, by_song, 0)) / (self.weights @ there))


def onset_f1(songs: Songs, streams: Sequence[str], real: Tokens, decoded: Tokens) -> Floats:
    """F1 of each song. (count, streams)"""
    both, there, heard = onset_counts(streams, real, decoded)
    return songs.ratios(2 * both, there + heard)


def tables(names: Mapping[str, Floats], streams: Sequence[str]) -> Record:
    """KEY: {stream: value} and KEY_ci: {stream: [low, high]} of figures (1 + draws, streams)."""
    told: Record = {}
    for name, values in names.items():
        pairs = [number(values[:, n]) for n in range(len(streams))]
        told[name] = {stream: value for stream, (value, _) in zip(streams, pairs, strict=True)}
        told[f"{name}_ci"] = {stream: interval for stream, (_, interval) in zip(streams, pairs, strict=True)}
    return told


def numbers(names: Mapping[str, Floats]) -> Record:
    """KEY: value and KEY_ci: [low, high] of figures (1 + draws,)."""
    told: Record = {}
    for name, values in names.items():
        told[name], told[f"{name}_ci"] = number(values)
    return told


def number(values: Floats) -> tuple[float | None, list[float] | None]:
    """The value in row 0 and the 95 % interval of the other rows; None where there is none."""
    usable = values[1:][np.isfinite(values[1:])]
    interval = [float(x) for x in np.percentile(usable, (2.5, 97.5))] if usable.size else None
    return (float(values[0]) if np.isfinite(values[0]) else None), interval


def skill(accuracy: Floats, hold: Floats) -> Floats:
    """(accuracy - hold) / (1 - hold): 0 for a model that holds all the way, 1 for a perfect one."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((accuracy - hold) / (1 - hold))
