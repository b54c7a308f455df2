"""What a performer turns in phrases of tokens: the attributes of `mvae.train.token_attributes`, and two more of each single voice.

Pure functions of tokens. Says which attributes get an axis: all of a single stream, of a trio the first things to reach for.
"""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
from numpy.typing import NDArray

from mvae.core.tokens import FIRST_PITCH, OFF, STREAMS, Tokens
from mvae.train.token_attributes import attributes, named

Values = NDArray[np.float64]  # (n,)

OF_TRIO = (
    "melody_density", "melody_height", "melody_syncopation", "bass_density", "bass_height",
    "drums_density", "drums_syncopation", "drums_kick", "drums_hats",
)  # fmt: skip


def height(tokens: Tokens) -> Values:
    """Mean pitch of the notes of one voice (n, steps), in semitones as MIDI counts them. nan without notes."""
    begins = tokens >= FIRST_PITCH
    count = begins.sum(1).astype(np.float64)
    total = np.where(begins, tokens - FIRST_PITCH, 0).sum(1)
    return np.asarray(np.divide(total, count, out=np.full(len(tokens), np.nan), where=count > 0))


def legato(tokens: Tokens) -> Values:
    """Share of the steps at which one voice (n, steps) sounds."""
    steps = np.arange(tokens.shape[1])
    last = np.maximum.accumulate(np.where(tokens > 0, steps, -1), axis=1)  # the last event up to each step
    event = np.take_along_axis(tokens, np.maximum(last, 0), axis=1)
    return np.asarray(((last >= 0) & (event > OFF)).mean(1), dtype=np.float64)


OF_ONE_VOICE: Mapping[str, Callable[[Tokens], Values]] = {"height": height, "legato": legato}


def _of_stream(measure: Callable[[Tokens], Values], column: int, tokens: Tokens) -> Values:
    return measure(tokens[..., column])


def extras(kind: str) -> dict[str, Callable[[Tokens], Values]]:
    """The further attributes of phrases (n, steps, streams) of a kind, named as the others are."""
    streams = STREAMS[kind]
    return {
        named(stream, name, streams): partial(_of_stream, measure, column)
        for column, stream in enumerate(streams)
        if stream != "drums"
        for name, measure in OF_ONE_VOICE.items()
    }


def told(kind: str, tokens: Tokens) -> dict[str, Values]:
    """Every attribute of each phrase (n, steps, streams), name -> (n,)."""
    return attributes(kind, tokens) | {name: measure(tokens) for name, measure in extras(kind).items()}


def turned(kind: str, known: Mapping[str, Values]) -> list[str]:
    """The attributes that get an axis: those that differ between the phrases `known`."""
    return [name for name, values in known.items() if (kind != "trio" or name in OF_TRIO) and float(np.nanstd(values)) > 0]
