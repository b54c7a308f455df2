"""The windows that a model of tokens is measured on: any folders of MIDI, distinct windows of each song, spread where there are many.

Headline figures are of the data sets with open licences, where there are any. Knows nothing of models.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mvae.core.errors import UserError
from mvae.core.tokens import STREAMS, Tokens
from mvae.train.lines import pattern_of, read_lines, tracks_of
from mvae.train.prepare_tokens import Shelf
from mvae.train.sources import kit_of, sources_of
from mvae.train.token_sets import OPEN_SETS
from mvae.train.token_windows import TokenWindows
from mvae.train.windows import Skipped

Index = NDArray[np.int64]

BUDGET_STEPS = 1 << 18  # of music that is measured: 8,192 windows of 2 bars, 1,024 of 16


def read_windows(kind: str, folders: Sequence[Path], bars: int, split: str | None = None, tracks: str | None = None) -> TokenWindows:
    """Windows of the files of one split (None: all) of the folders. UserError where a folder is none or `tracks` is no pattern."""
    pattern = pattern_of(tracks)
    shelf, skipped = Shelf((bars,)), list[Skipped]()
    for folder in folders:
        sources = [source for source in sources_of(folder) if split in (None, source.split)]
        kit = kit_of(sources) if "drums" in STREAMS[kind] else "gm"
        for source in sources:
            try:
                shelf.add(kind, source, read_lines(source, STREAMS[kind], kit, tracks_of(kind, source, pattern)))
            except UserError as error:
                skipped.append(Skipped(source.file, str(error)))
    return replace(shelf.of(kind, bars), skipped=tuple(skipped))


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """Chosen windows: their tokens (n, steps, streams), the song (n,) and data set (n,) of each, and how they were chosen."""

    tokens: Tokens
    song: Index
    set: NDArray[np.str_]
    distinct: int  # windows before the cap
    per_song: int | None  # the cap: windows of a song, None where all are taken

    def of_sets(self, names: Sequence[str]) -> NDArray[np.bool_]:
        """Which windows are of these data sets. (n,)"""
        return np.isin(self.set, list(names))


def choose(windows: TokenWindows, budget_steps: int = BUDGET_STEPS, per_song: int | None = None) -> Chosen:
    """The distinct windows of each song, at most `per_song`; unless given, as many as keep all within `budget_steps`."""
    rows = distinct_of_songs(windows)
    counts = np.array(list(Counter(windows.song[rows].tolist()).values()), np.int64)
    cap = per_song or _cap(counts, budget_steps // windows.steps)
    chosen = spread(windows.song, rows, cap)
    song = np.asarray(windows.song[chosen], np.int64)
    sets = np.array([windows.songs[number].set for number in song.tolist()], np.str_)
    return Chosen(windows.batch(chosen), song, sets, len(rows), None if len(chosen) == len(rows) else cap)


def _cap(counts: Index, most: int) -> int:
    """The largest cap on each count with which they sum to no more than `most`, at least 1."""
    low, high = 1, int(counts.max(initial=1))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if np.minimum(counts, middle).sum() <= most else (low, middle - 1)
    return low


def distinct_of_songs(windows: TokenWindows) -> Index:
    """The indices of the first of each set of equal windows within a song, in order."""
    marks = np.concatenate([np.zeros(0, np.uint64), *(fingerprints(windows.batch(part)) for part in _parts(len(windows)))])
    of_song = marks + np.asarray(windows.song).astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return np.sort(np.unique(of_song, return_index=True)[1]).astype(np.int64)


def _parts(count: int) -> list[slice]:
    return [slice(first, first + 2048) for first in range(0, count, 2048)]


def fingerprints(tokens: Tokens) -> NDArray[np.uint64]:
    """A 64-bit number for each phrase (n, ...), the same for the same tokens: their product with odd random words."""
    flat = tokens.reshape(len(tokens), -1).astype(np.uint64) + np.uint64(1)
    keys = np.random.default_rng(20).integers(1 << 63, size=flat.shape[1], dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    mixed = (flat ^ (flat << np.uint64(7))) * keys
    return np.asarray(((mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)).sum(1, dtype=np.uint64))


def spread(song: Index, rows: Index, most: int) -> Index:
    """At most so many of the `rows` of each song, spread evenly over it. `song` (all windows,); rows in the order of the songs."""
    chosen = list[Index]()
    for own in np.split(rows, np.flatnonzero(np.diff(song[rows])) + 1):
        chosen.append(own if len(own) <= most else own[((np.arange(most) + 0.5) * len(own) / most).astype(np.int64)])
    return np.concatenate(chosen)


def headline_sets(sets: NDArray[np.str_]) -> tuple[str, ...]:
    """Those with open licences among the data sets of all windows (n,), or all where none has one."""
    there = sorted(set(sets.tolist()))
    return tuple(name for name in there if name in OPEN_SETS) or tuple(there)
