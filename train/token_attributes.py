"""What a performer hears a phrase of tokens by: the five attributes of the MusicVAE paper for a melody or a bass, six for drums.

Attributes on the 16th grid after Roberts et al. 2018 (arXiv 1803.05428), section 5.3; those of drums are counts per bar, as
`mvae.train.attributes` has them for grooves. A figure that a phrase has nothing to take from (no notes, one note) is nan.
Pure functions of tokens (B, steps); knows nothing of models or axes.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from mvae.core.drums import CLASSES
from mvae.core.phrase import STEPS_PER_BAR
from mvae.core.tokens import FIRST_PITCH, STREAMS, Tokens

Values = NDArray[np.float64]  # (B,)
Onsets = NDArray[np.bool_]  # (B, steps)
Measure = Callable[[Tokens], Values]

DIATONIC = np.isin(np.arange(12), (0, 2, 4, 5, 7, 9, 11))


def _bits(*names: str) -> int:
    return sum(1 << CLASSES.index(name) for name in names)


KICK, SNARE, HATS = _bits("kick"), _bits("snare"), _bits("closed_hat", "open_hat")
TOMS = _bits("low_tom", "mid_tom", "high_tom")
ALL = (1 << len(CLASSES)) - 1


def onsets(tokens: Tokens) -> Onsets:
    """Where a note of one voice begins. (B, steps)"""
    return np.asarray(tokens >= FIRST_PITCH)


def density(tokens: Tokens) -> Values:
    """Onsets / steps."""
    return np.asarray(onsets(tokens).mean(1), dtype=np.float64)


def c_diatonic(tokens: Tokens) -> Values:
    """Share of the notes that lie in C major. nan without notes."""
    return _share(onsets(tokens) & DIATONIC[(tokens - FIRST_PITCH) % 12], onsets(tokens))


def mean_interval(tokens: Tokens) -> Values:
    """Mean distance of consecutive notes in semitones. nan with fewer than two notes."""
    phrase, step = np.nonzero(onsets(tokens))
    pitch = tokens[phrase, step]
    same = phrase[1:] == phrase[:-1]
    wide = np.abs(np.diff(pitch))[same].astype(np.float64)
    return _ratio(np.bincount(phrase[1:][same], wide, len(tokens)), np.bincount(phrase[1:][same], minlength=len(tokens)))


def syncopation_16th(tokens: Tokens) -> Values:
    """Onsets on odd steps with none on the step before, / notes. nan without notes."""
    return _share(_late(onsets(tokens)), onsets(tokens))


def syncopation_8th(tokens: Tokens) -> Values:
    """Onsets on steps 2, 6, 10, ... with none on the two steps before, / notes. nan without notes."""
    return _share(_offbeat(onsets(tokens)), onsets(tokens))


def hits_per_bar(tokens: Tokens, classes: int = ALL) -> Values:
    """Hits of the drum classes whose bits are set, per bar."""
    return np.asarray(np.bitwise_count(tokens & classes).mean(1, dtype=np.float64) * STEPS_PER_BAR)


def drum_syncopation(tokens: Tokens) -> Values:
    """Kick-or-snare onsets on odd steps with none on the step before, per bar."""
    return np.asarray(_late((tokens & (KICK | SNARE)) > 0).mean(1, dtype=np.float64) * STEPS_PER_BAR)


def drum_syncopation_8th(tokens: Tokens) -> Values:
    """Kick-or-snare onsets on steps 2, 6, 10, 14 with none on the two steps before, per bar."""
    return np.asarray(_offbeat((tokens & (KICK | SNARE)) > 0).mean(1, dtype=np.float64) * STEPS_PER_BAR)


def _late(begins: Onsets) -> Onsets:
    """Onsets on odd steps with none one step before."""
    odd = np.arange(begins.shape[1]) % 2 == 1
    return np.asarray(begins & odd & ~np.pad(begins, ((0, 0), (1, 0)))[:, :-1])


def _offbeat(begins: Onsets) -> Onsets:
    """Onsets on steps 2, 6, 10, ... with none one and two steps before."""
    between = np.arange(begins.shape[1]) % 4 == 2
    before = np.pad(begins, ((0, 0), (2, 0)))
    return np.asarray(begins & between & ~before[:, 1:-1] & ~before[:, :-2])


def _share(some: Onsets, of: Onsets) -> Values:
    return _ratio(some.sum(1), of.sum(1))


def _ratio(above: NDArray[np.generic], below: NDArray[np.integer]) -> Values:
    empty = np.full(len(below), np.nan)
    return np.asarray(np.divide(above, below, out=empty, where=below > 0), dtype=np.float64)


MONO: Mapping[str, Measure] = {
    "density": density,
    "diatonic": c_diatonic,
    "interval": mean_interval,
    "syncopation": syncopation_16th,
    "syncopation_8th": syncopation_8th,
}
DRUMS: Mapping[str, Measure] = {
    "density": hits_per_bar,
    "syncopation": drum_syncopation,
    "syncopation_8th": drum_syncopation_8th,
    "kick": partial(hits_per_bar, classes=KICK),
    "hats": partial(hits_per_bar, classes=HATS),
    "toms": partial(hits_per_bar, classes=TOMS),
}
ATTRIBUTES: Mapping[str, Mapping[str, Measure]] = {"melody": MONO, "bass": MONO, "drums": DRUMS}  # by stream, of tokens (B, steps)

# Of each stream: counts of some of the hits that an attribute counts all of. A change of the whole in per cent is a weighted mean of those
# of its parts, so that it is not to be asked of the whole to change more than each of them.
PARTS: Mapping[str, Mapping[str, tuple[str, ...]]] = {"drums": {"density": ("kick", "hats", "toms")}}


def measures(kind: str) -> dict[str, Measure]:
    """Every attribute of phrases (B, steps, streams) of a kind; of a trio as STREAM_NAME, else as NAME."""
    streams = STREAMS[kind]
    return {
        named(stream, name, streams): partial(_of_stream, measure, column)
        for column, stream in enumerate(streams)
        for name, measure in ATTRIBUTES[stream].items()
    }


def parts(kind: str) -> dict[str, list[str]]:
    """For each attribute of a kind that others are parts of, their names."""
    streams = STREAMS[kind]
    return {
        named(stream, whole, streams): [named(stream, part, streams) for part in own]
        for stream in streams
        for whole, own in PARTS.get(stream, {}).items()
    }


def named(stream: str, attribute: str, streams: Sequence[str]) -> str:
    """An attribute's name among those of all streams of a kind."""
    return attribute if len(streams) == 1 else f"{stream}_{attribute}"


def _of_stream(measure: Measure, column: int, tokens: Tokens) -> Values:
    return measure(tokens[..., column])


def attributes(kind: str, tokens: Tokens) -> dict[str, Values]:
    """Every attribute of each phrase of tokens (B, steps, streams), name -> (B,)."""
    return {name: measure(tokens) for name, measure in measures(kind).items()}


def outer_quartiles(values: Values) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which of the phrases that have an attribute (n,) are in its bottom and in its top quartile."""
    known = np.flatnonzero(np.isfinite(values))
    order, quarter = known[np.argsort(values[known], kind="stable")], max(1, len(known) // 4)
    return order[:quarter], order[-quarter:]
