"""Windows of a few bars over songs on the grid: which there are, and a batch of them as float32.

Knows nothing of files: songs and rows are given to it.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mvae.core.groove import FEATURES, HITS
from mvae.core.phrase import STEPS_PER_BAR, STEPS_PER_BEAT

Rows = npt.NDArray[np.float16]
Index = npt.NDArray[np.int64]
MIN_HITS_PER_BAR = 2


@dataclass(frozen=True, slots=True)
class Song:
    """A performance in the corpus: its rows are [first_step, first_step + steps). `tempos` are (beat in the song, bpm)."""

    file: str
    split: str
    style: str
    beat_type: str
    drummer: str
    first_step: int
    steps: int
    tempos: tuple[tuple[float, float], ...]
    median_offset_steps: float

    @property
    def bpm(self) -> float:
        """The tempo at the start."""
        return self.tempos[0][1]

    def bpm_at(self, beat: float) -> float:
        """The tempo at a beat of the song."""
        return self.tempos[max(0, bisect_right(self.tempos, beat, key=lambda tempo: tempo[0]) - 1)][1]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was left out, and why."""

    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class Windows:
    """`len` windows of `bars` bars. `start` (n,) is each one's first row, `song` (n,) its song, `bpm` (n,) its tempo there,
    `is_fill` (n,) whether it is a short fill placed at the end of a window. Order: song by song, bar by bar, then fills."""

    bars: int
    rows: Rows
    songs: tuple[Song, ...]
    start: Index
    song: Index
    bpm: npt.NDArray[np.float64]
    is_fill: npt.NDArray[np.bool_]
    skipped: tuple[Skipped, ...] = ()  # where a folder was read: the files left out

    def __len__(self) -> int:
        return len(self.start)

    @property
    def steps(self) -> int:
        """Length of a window in 16th steps."""
        return self.bars * STEPS_PER_BAR

    def batch(self, indices: Sequence[int] | Index | slice) -> npt.NDArray[np.float32]:
        """The windows of these indices as groove arrays, float32 (B, steps, 27)."""
        at = self.start[indices][:, None] + np.arange(self.steps)
        return np.asarray(self.rows[at], np.float32)


def windows_of(rows: Rows, songs: Sequence[Song], bars: int, table: Index, fills: Index | None = None) -> Windows:
    """Windows from a table (n, 2) of start step and song, and one of fills, whose tempo is that of their song's start."""
    placed = np.zeros((0, 2), np.int64) if fills is None else fills
    both = np.concatenate([table, placed])
    is_fill = np.arange(len(both)) >= len(table)
    beats = (both[:, 0] - np.array([songs[song].first_step for song in both[:, 1]], np.int64)) / STEPS_PER_BEAT
    bpm = [songs[song].bpm if fill else songs[song].bpm_at(beat) for song, beat, fill in zip(both[:, 1], beats, is_fill, strict=True)]
    return Windows(bars, rows, tuple(songs), both[:, 0], both[:, 1], np.array(bpm, np.float64), is_fill)


def window_table(rows: Rows, songs: Sequence[Song], bars: int) -> Index:
    """int64 (n, 2): start step and song of every window, moved on by a bar from each song's first; every bar of a window has
    a hit and there are at least two hits a bar on average."""
    return np.array([pair for index, song in enumerate(songs) for pair in _of_song(rows, song, index, bars)], np.int64).reshape(-1, 2)


def _of_song(rows: Rows, song: Song, index: int, bars: int) -> Iterator[tuple[int, int]]:
    hits = hits_of_bars(rows[song.first_step : song.first_step + song.steps])
    for bar in range(len(hits) - bars + 1):
        here = hits[bar : bar + bars]
        if here.min() > 0 and here.sum() >= MIN_HITS_PER_BAR * bars:
            yield song.first_step + bar * STEPS_PER_BAR, index


def hits_of_bars(rows: Rows) -> Index:
    """Hits in each bar of rows (bars * 16, 27): int64 (bars,)."""
    hits: Index = np.count_nonzero(rows[:, HITS].reshape(-1, STEPS_PER_BAR * HITS.stop), axis=1).astype(np.int64)
    return hits


def placed_fill(fill: Rows, rows: Rows, groove: Song | None, bars: int, choice: int) -> Rows:
    """A fill shorter than `bars` bars at the end of a window: bars of `groove`, or silence, then the fill, float16 (steps, 27).

    `choice` picks the place in the groove among those where every bar has a hit.
    """
    missing = bars - len(fill) // STEPS_PER_BAR
    before = np.zeros((missing * STEPS_PER_BAR, FEATURES), np.float16)
    if groove is not None:
        starts = [start for start, _ in _of_song(rows, groove, 0, missing)]
        if starts:
            start = starts[choice % len(starts)]
            before = rows[start : start + len(before)]
    return np.concatenate([before, fill])
