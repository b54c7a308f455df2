"""So many bars out of a performance, as a model takes them: a groove array, or tokens.

Bars are counted from 1, over the stretches in 4/4. Knows nothing of files or models. What does not fit raises UserError with the reason
and the remedy alone: who knows the file's name puts it in front.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mvae.core.drums import TD11_ONLY, drum_notes, drum_phrase, without_median_offset
from mvae.core.errors import UserError
from mvae.core.groove import HITS, encode
from mvae.core.lines import Lines, lines_of
from mvae.core.midifile import Performance
from mvae.core.phrase import BEATS_PER_BAR, STEPS_PER_BAR
from mvae.core.stretches import four_four_drums
from mvae.core.tokens import FIRST_PITCH, STREAMS, Tokens, canonical_mono

Truths = NDArray[np.bool_]

SOUGHT: Mapping[str, str] = {  # what counts as each stream
    "melody": "melody (notes off channel 10 whose program is 1-32 or 41-96)",
    "bass": "bass (notes off channel 10 whose program is 33-40)",
    "drums": "drums on channel 10",
}


@dataclass(frozen=True, slots=True, eq=False)
class Excerpt:
    """`music` is float32 (steps, 27) of a groove, else tokens int64 (steps, streams); it begins with bar `bar`, at `tempo_bpm`."""

    music: NDArray[Any]
    bar: int
    tempo_bpm: float


def groove_excerpt(performance: Performance, bars: int, bar: int | None = None) -> Excerpt:
    """The drums as a groove array without their median offset, from bar `bar` or from the first `bars` bars with a hit in them."""
    music = four_four_drums(performance)
    phrase, _ = without_median_offset(drum_phrase(music.notes, kit_of(performance)))
    array = encode(phrase)
    first = _first_bar(bars, bar, {"drums": _each(array[:, HITS] > 0)})
    rows = slice(first * STEPS_PER_BAR, (first + bars) * STEPS_PER_BAR)
    return Excerpt(array[rows], first + 1, music.bpm_at(first * BEATS_PER_BAR))


def token_excerpt(performance: Performance, kind: str, bars: int, bar: int | None = None) -> Excerpt:
    """The streams of `kind` as tokens, from bar `bar` or from the first `bars` bars in which each of them begins something.

    Of several lines of a stream it is the one with the most onsets in these bars. It is read from the first stretch in 4/4 that has all
    streams and the bars.
    """
    try:
        stretches = lines_of(performance, STREAMS[kind], kit_of(performance))
    except UserError as error:
        raise UserError(f"no {SOUGHT[kind]} in it" if str(error) == f"no {kind} in it" else str(error)) from None
    complete = [lines for lines in stretches if all(lines.streams.values())]
    if not complete:
        missing = next(name for name in STREAMS[kind] if not any(lines.streams[name] for lines in stretches))
        raise UserError(f"no {SOUGHT[missing]} in it")
    long_enough = [lines for lines in complete if lines.steps >= bars * STEPS_PER_BAR]
    return _of_lines((long_enough or complete)[0], STREAMS[kind], bars, bar)


def _of_lines(lines: Lines, streams: Sequence[str], bars: int, bar: int | None) -> Excerpt:
    begins = {name: np.array([_onsets(name, line) for line in lines.streams[name]]) for name in streams}
    first = _first_bar(bars, bar, {name: _each(found.T) for name, found in begins.items()})
    rows = slice(first * STEPS_PER_BAR, (first + bars) * STEPS_PER_BAR)
    columns = []
    for name in streams:
        fullest = int(begins[name][:, rows].sum(1).argmax())
        line = lines.streams[name][fullest][rows]
        columns.append(line if name == "drums" else canonical_mono(line))
    return Excerpt(np.stack(columns, axis=1), first + 1, lines.bpm)


def _onsets(name: str, line: Tokens) -> Truths:
    """Where something begins. (steps,)"""
    return np.asarray(line > 0 if name == "drums" else line >= FIRST_PITCH)


def _each(found: Truths) -> Truths:
    """Whether anything is true in each row."""
    return np.asarray(found.any(1))


def _first_bar(bars: int, bar: int | None, begins: Mapping[str, Truths]) -> int:
    """The bar, counted from 0, that an excerpt begins with: `bar`, counted from 1, or the first from which every stream begins something.

    `begins` is (whole bars of 16,) for each stream.
    """
    by_bar = {name: _each(found.reshape(-1, STEPS_PER_BAR)) for name, found in begins.items()}
    length = len(next(iter(by_bar.values())))
    if length < bars:
        raise UserError(f"{length} {'bar' if length == 1 else 'bars'} of 4/4 in it, and the model plays {bars}; give a longer one")
    last = length - bars + 1
    if bar is not None:
        if bar > last:
            raise UserError(f"bar {bar}: it has {length} bars, so an excerpt of {bars} begins with bar {last} at the latest")
        silent = [name for name, found in by_bar.items() if not found[bar - 1 : bar - 1 + bars].any()]
        if silent:
            raise UserError(f"no {silent[0]} in bars {bar} to {bar + bars - 1}; choose another bar")
        return bar - 1
    for first in range(last):
        if all(found[first : first + bars].any() for found in by_bar.values()):
            return first
    raise UserError(f"no {bars} bars in it in which {' and '.join(by_bar)} play together")


def kit_of(performance: Performance) -> str:
    """The kit a performance was played on: td11 where it has a note that only a TD-11 sends, else gm."""
    return "gm" if TD11_ONLY.isdisjoint(note.pitch for note in drum_notes(performance)) else "td11"
