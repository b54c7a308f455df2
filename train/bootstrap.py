"""Bootstrap by song: sums per song, weighted by how often each resample drew the song, and figures of those sums.

A figure is a function of totals, so its value and its interval come from one product: row 0 of the weights counts every song
once, the other rows are the resamples. Knows nothing of music.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Totals = Mapping[str, Floats]  # name -> (1 + draws, ...)
Figure = Callable[[Totals], Floats]  # -> (1 + draws,)
Told = dict[str, float | list[float] | None]  # KEY: a value, KEY_ci: [low, high]

DRAWS = 1000


def weights(songs: int, draws: int = DRAWS, seed: int = 0) -> Floats:
    """How often each song counts, (1 + draws, songs): once in row 0, as drawn with replacement in the others."""
    drawn = np.random.default_rng(seed).integers(songs, size=(draws, songs))
    counts = np.stack([np.bincount(row, minlength=songs) for row in drawn])
    return np.concatenate([np.ones((1, songs)), counts]).astype(np.float64)


def sum_by_song(values: NDArray[np.generic], place: NDArray[np.int64], songs: int) -> Floats:
    """Values (n, ...) of phrases or hits -> sums over those of the same song `place` (n,), (songs, ...)."""
    sums = np.zeros((songs, *values.shape[1:]), np.float64)
    np.add.at(sums, place, values.astype(np.float64))
    return sums


def places(song: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    """Song numbers (n,) -> their places among the distinct ones (n,), and how many those are."""
    distinct, place = np.unique(song, return_inverse=True)
    return place.astype(np.int64), len(distinct)


def estimate(figures: Mapping[str, Figure], sums: Mapping[str, Floats], draws: int = DRAWS, seed: int = 0) -> Told:
    """KEY and KEY_ci (95 %) of each figure, from sums by song (songs, ...). Where there is nothing to divide by, None."""
    songs = len(next(iter(sums.values())))
    drawn = weights(songs, draws, seed)
    totals = {name: np.tensordot(drawn, values, axes=1) for name, values in sums.items()} | {"songs": drawn.sum(1)}
    told: Told = {}
    for name, figure in figures.items():
        with np.errstate(divide="ignore", invalid="ignore"):
            values = figure(totals)
        usable = values[1:][np.isfinite(values[1:])]
        told[name] = float(values[0]) if np.isfinite(values[0]) else None
        told[f"{name}_ci"] = [float(x) for x in np.percentile(usable, (2.5, 97.5))] if usable.size else None
    return told
