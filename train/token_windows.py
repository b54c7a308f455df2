"""Windows of a few bars over lines of tokens: which there are, and a batch of them. Knows nothing of files: songs and rows are given to it.

A window holds for each stream the place in `rows` where it starts. A note that sounds into a window from before it is lost.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import product
from math import ceil

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from mvae.core.lines import Lines
from mvae.core.phrase import STEPS_PER_BAR
from mvae.core.tokens import FIRST_PITCH, STREAMS, Tokens, canonical_mono
from mvae.train.windows import MIN_HITS_PER_BAR, Index, Skipped

Rows = npt.NDArray[np.uint16]
Starts = npt.NDArray[np.int64]  # (n, streams): a place for each stream


@dataclass(frozen=True, slots=True)
class Rule:
    """What a window of a line must hold: the least share of its bars in which something begins, and of different pitches and onsets."""

    share: float
    pitches: int = 1
    per_bar: float = 0.0  # onsets, or of drums hits, on average


RULES = {  # by kind and stream
    ("melody", "melody"): Rule(0.75, pitches=3, per_bar=1.5),
    ("bass", "bass"): Rule(0.75),
    ("drums", "drums"): Rule(1.0, per_bar=MIN_HITS_PER_BAR),
    ("trio", "melody"): Rule(10 / 16, pitches=3),
    ("trio", "bass"): Rule(12 / 16),
    ("trio", "drums"): Rule(12 / 16),
}


@dataclass(frozen=True, slots=True)
class TokenSong:
    """A song in the corpus, the data set it comes from and its first tempo."""

    file: str
    split: str
    set: str
    bpm: float


@dataclass(frozen=True, slots=True)
class TokenWindows:
    """`len` windows of `bars` bars: `start` (n, streams) into `rows`, `song` (n,) into `songs`. Order: song by song, bar by bar."""

    kind: str
    bars: int
    rows: Rows
    songs: tuple[TokenSong, ...]
    start: Starts
    song: Index
    skipped: tuple[Skipped, ...] = ()  # where a folder was read: the files left out

    def __len__(self) -> int:
        return len(self.start)

    @property
    def steps(self) -> int:
        """Length of a window in 16th steps."""
        return self.bars * STEPS_PER_BAR

    def batch(self, indices: Sequence[int] | Index | slice) -> Tokens:
        """The windows of these indices, int64 (B, steps, streams)."""
        at = self.start[indices][:, None, :] + np.arange(self.steps)[None, :, None]
        tokens = np.asarray(self.rows[at], np.int64)
        for column, name in enumerate(STREAMS[self.kind]):
            if name != "drums":
                tokens[..., column] = canonical_mono(tokens[..., column])
        return tokens

    def distinct(self) -> Index:
        """The indices of the first of each set of equal windows."""
        seen = dict[bytes, int]()  # digests: the windows themselves may be a gigabyte
        for first in range(0, len(self), 4096):
            for offset, window in enumerate(self.batch(slice(first, first + 4096)).astype(np.uint16)):
                seen.setdefault(blake2b(window.tobytes(), digest_size=16).digest(), first + offset)
        return np.array(sorted(seen.values()), np.int64)


def window_starts(kind: str, lines: Lines, bars: int) -> Iterator[tuple[tuple[int, int], ...]]:
    """Of one stretch, for each window and stream: (line of that stream, first step). Moved on by a bar from the first."""
    streams = STREAMS[kind]
    rules = {name: RULES[kind, name] if bars > 1 else Rule(1.0) for name in streams}  # of a single bar: that something begins
    fits = {name: [_fits(rules[name], name == "drums", line, bars) for line in lines.streams[name]] for name in streams}
    for bar in range(lines.steps // STEPS_PER_BAR - bars + 1):
        for choice in product(*([n for n, fit in enumerate(fits[name]) if fit[bar]] for name in streams)):
            yield tuple((line, bar * STEPS_PER_BAR) for line in choice)


def _fits(rule: Rule, drums: bool, line: Tokens, bars: int) -> npt.NDArray[np.bool_]:
    """Whether a window of one line may begin at each bar: (bars of the line - bars + 1,)."""
    if len(line) < bars * STEPS_PER_BAR:
        return np.zeros(0, bool)
    by_bar = line.reshape(-1, STEPS_PER_BAR)
    begins = by_bar > 0 if drums else by_bar >= FIRST_PITCH
    sounds = sliding_window_view(begins.any(1), bars).sum(1)
    onsets = np.bitwise_count(by_bar).sum(1) if drums else begins.sum(1)
    fits = (sounds >= ceil(rule.share * bars)) & (sliding_window_view(onsets, bars).sum(1) >= rule.per_bar * bars)
    if rule.pitches > 1:
        for bar in np.flatnonzero(fits):
            window = slice(bar, bar + bars)
            fits[bar] = len(np.unique(by_bar[window][begins[window]])) >= rule.pitches
    return np.asarray(fits)
