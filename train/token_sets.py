"""Which windows of tokens stand for a corpus: drawn by data set, song and window, so that no long song outweighs the others."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mvae.train.token_windows import TokenWindows

Index = NDArray[np.int64]

OPEN_SETS = ("groove", "cre", "fiddle_pd", "lieder", "freedoom", "simutrans", "easyrpg_rtp")  # whose music may be shipped


def drawn(windows: TokenWindows, count: int, mix: Mapping[str, float], seed: int = 0) -> Index:
    """At most `count` different windows: a data set by the shares of `mix` (none that the corpus has: all songs alike), in it a song,
    in that a window, each evenly. In the corpus's order."""
    draw = np.random.default_rng(seed)
    songs, first, size = np.unique(windows.song, return_index=True, return_counts=True)
    if not songs.size:
        return np.zeros(0, np.int64)
    sets = np.array([windows.songs[song].set for song in songs.tolist()])
    share = np.array([mix.get(name, 0.0) / (sets == name).sum() for name in sets.tolist()])
    odds = share / share.sum() if share.sum() > 0 else np.full(len(songs), 1 / len(songs))
    chosen = draw.choice(len(songs), size=count, p=odds)
    return np.unique(first[chosen] + draw.integers(size[chosen]))


def of_each_song(windows: TokenWindows, most: int, apart: int, sets: tuple[str, ...] = OPEN_SETS) -> Index:
    """At most `most` windows of every song of these data sets, spread evenly over those whose number in the song is a multiple of
    `apart`; of all data sets where the corpus has none of these."""
    songs, first, size = np.unique(windows.song, return_index=True, return_counts=True)
    usable = [windows.songs[song].set in sets for song in songs.tolist()]
    rows = list[int]()
    for start, count, good in zip(first.tolist(), size.tolist(), usable, strict=True):
        if good or not any(usable):
            places = np.arange(start, start + count, apart)
            rows += places[np.unique(np.linspace(0, len(places) - 1, most).round().astype(np.int64))].tolist()
    return np.array(rows, np.int64)
