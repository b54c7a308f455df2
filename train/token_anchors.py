"""Named points of a bundle of tokens, encoded from test songs of the open data sets: tunes that the model has never heard.

A window may be an anchor when it begins on its first beat, the model plays it back faithfully at temperature 0 and at its default one,
no attribute lies outside the middle 90 % of the training windows and, of melodies and basses, at least 85 % of the notes are in C major
or one sharp or flat away: the way between two anchors then stays in related keys. Of these, each data set in turn gives the one
least like those chosen before, in attributes; one for each song. The corners of a pad are the four that lie farthest apart.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from mvae.core.tokens import FIRST_PITCH, STREAMS, Tokens
from mvae.train.token_windows import TokenWindows
from mvae.train.tune_names import speaks, tune_name, unique_name

Floats = NDArray[np.float64]
Index = NDArray[np.int64]
Values = Mapping[str, Floats]  # attribute -> (n,)

ANCHORS = 16
CORNERS = 4
FAITHFUL = 0.9  # F1 of the notes of a window and its own decodes; where too few reach it, the best are taken
IN_KEY = 0.85
KEYS = tuple(np.isin(np.arange(12), [(key + degree) % 12 for degree in (0, 2, 4, 5, 7, 9, 11)]) for key in (0, 7, 5))  # C, G, F major
MIDDLING = (5, 95)  # percentiles of the training windows
DULL = 0.5  # how much nearer a tune with only a number for a name must lie to the others, in standard deviations, to be passed over


@dataclass(frozen=True, slots=True)
class Tune:
    """A point's name, the row of the windows it was encoded from, and where that is."""

    name: str
    row: int
    file: str
    set: str
    window: int  # 1 is the song's first in the corpus
    f1: float  # of the notes of the window and its decodes, the lesser of both temperatures

    def fact(self) -> dict[str, object]:
        return {"file": self.file, "set": self.set, "window": self.window, "note_f1": round(self.f1, 3)}


def note_f1(kind: str, tokens: Tokens, decoded: Tokens) -> Floats:
    """F1 of each phrase (n, steps, streams) and its decode, of the worst stream: notes at the same step and pitch, or hits. (n,)"""
    by_stream = [_stream_f1(name, tokens[..., n], decoded[..., n]) for n, name in enumerate(STREAMS[kind])]
    return np.asarray(np.stack(by_stream).min(0), dtype=np.float64)


def _stream_f1(stream: str, tokens: Tokens, decoded: Tokens) -> Floats:
    if stream == "drums":
        same, one, other = (np.bitwise_count(bits).sum(1) for bits in (tokens & decoded, tokens, decoded))
    else:
        same = ((tokens == decoded) & (tokens >= FIRST_PITCH)).sum(1)
        one, other = (tokens >= FIRST_PITCH).sum(1), (decoded >= FIRST_PITCH).sum(1)
    return np.asarray(2 * same / np.maximum(one + other, 1), dtype=np.float64)


def in_key(kind: str, tokens: Tokens) -> Floats:
    """The share of the pitched notes of each phrase that lie in one of C, G and F major, whichever holds most; 1 without any. (n,)"""
    pitched = [n for n, name in enumerate(STREAMS[kind]) if name != "drums"]
    notes = tokens[..., pitched].reshape(len(tokens), -1)
    begins = notes >= FIRST_PITCH
    held = np.stack([(begins & key[(notes - FIRST_PITCH) % 12]).sum(1) for key in KEYS]).max(0)
    return np.where(begins.any(1), held / np.maximum(begins.sum(1), 1), 1.0)


def usable(kind: str, tokens: Tokens, values: Values, training: Values) -> NDArray[np.bool_]:
    """The windows that may be anchors if they are played back well. (n,)"""
    first = tokens[:, 0]
    drums = np.array([name == "drums" for name in STREAMS[kind]])
    good = np.where(drums, first > 0, first >= FIRST_PITCH).any(1) & (in_key(kind, tokens) >= IN_KEY)
    for name, known in training.items():
        low, high = np.nanpercentile(known, MIDDLING)
        good &= np.isnan(values[name]) | (values[name] >= low) & (values[name] <= high)
    return np.asarray(good)


def places(values: Values, training: Values) -> Floats:
    """Where phrases lie in attributes, in standard deviations of the training windows; what a phrase has not counts as usual. (n, a)"""
    columns = [np.nan_to_num((values[name] - np.nanmean(known)) / max(float(np.nanstd(known)), 1e-6)) for name, known in training.items()]
    return np.stack(columns, axis=1)


def choose_tunes(
    windows: TokenWindows, rows: Index, f1: Floats, good: NDArray[np.bool_], place: Floats, titles: Mapping[str, str]
) -> list[Tune]:
    """The anchors among the candidates `rows` (n,), of which `f1`, `good` and `place` (n, a) are told."""
    song = windows.song[rows]
    left = _best(song, f1, good)
    names = [tune_name(windows.songs[number].file, titles.get(windows.songs[number].file, "")) for number in song.tolist()]
    sets = [windows.songs[number].set for number in song.tolist()]
    number = np.array([not speaks(name) for name in names])
    chosen = list[int]()
    while len(chosen) < ANCHORS and left.any():
        of_set = Counter(sets[i] for i in chosen)
        turn = min({sets[i] for i in np.flatnonzero(left)}, key=lambda name: (of_set[name], name))
        among = np.array([i for i in np.flatnonzero(left) if sets[i] == turn])
        apart = _distance(place[among], place[chosen]).min(1) if chosen else -np.linalg.norm(place[among], axis=1)
        chosen.append(int(among[(apart - DULL * number[among]).argmax()]))
        left &= song != song[chosen[-1]]
    found = list[Tune]()
    for i in chosen:
        of_song = windows.songs[song[i]]
        name = unique_name(names[i], (tune.name for tune in found))
        window = int(rows[i] - np.flatnonzero(windows.song == song[i])[0]) + 1
        found.append(Tune(name, int(rows[i]), of_song.file, of_song.set, window, float(f1[i])))
    return found


def _best(song: Index, f1: Floats, good: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The good windows that are faithful; where they come from too few songs, the most faithful window of each other song too."""
    best = np.zeros(len(f1), bool)
    for number in np.unique(song):
        mine = np.flatnonzero(good & (song == number)) if (good & (song == number)).any() else np.flatnonzero(song == number)
        best[mine[f1[mine].argmax()]] = True
    for fits in (good & (f1 >= FAITHFUL), good & ((f1 >= FAITHFUL) | best), best):
        if len(np.unique(song[fits])) >= ANCHORS:
            return np.asarray(fits)
    return best


def _distance(one: Floats, other: Floats) -> Floats:
    return np.asarray(np.linalg.norm(one[:, None] - other[None], axis=2))


def corners(names: Sequence[str], place: Floats) -> list[str]:
    """The four of the anchors whose nearest two lie farthest apart; fewer where there are fewer. `place` (n, a) is each one's."""
    if len(names) <= CORNERS:
        return list(names)
    apart = _distance(place, place)
    best = max(combinations(range(len(names)), CORNERS), key=lambda four: min(apart[a, b] for a, b in combinations(four, 2)))
    return [names[i] for i in best]
