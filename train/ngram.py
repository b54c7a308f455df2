"""A language model of tokens that knows no latents: n-grams with interpolated Kneser-Ney smoothing.

R. Kneser and H. Ney, "Improved backing-off for m-gram language modeling", ICASSP 1995; interpolated as in S. F. Chen and J. Goodman, "An
empirical study of smoothing techniques for language modeling", Computer Speech and Language 13 (1999), one discount for each order,
n1 / (n1 + 2 n2), and below the unigrams every token alike. Of several streams each has a model of its own and costs add up.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mvae.core.tokens import STREAMS, VOCABULARY, Tokens, canonical_mono
from mvae.train.token_windows import TokenWindows

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]

ORDER = 5


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """The n-grams of one length: their codes in order and counts, and for each context its code, the sum and the number of its counts."""

    grams: Codes
    counts: Floats
    contexts: Codes
    totals: Floats
    followers: Floats
    discount: float


@dataclass(frozen=True, slots=True, eq=False)
class NGram:
    """A model of one stream: `levels[n]` holds the n-grams of n + 1 tokens. Make it with `fit`."""

    vocabulary: int
    levels: tuple[Level, ...]

    def bits(self, tokens: Tokens) -> Floats:
        """-log2 of each token's probability after those before it in its phrase, (n, steps)."""
        padded, base = _padded(tokens, self.vocabulary, len(self.levels)), self.vocabulary + 1
        chance = np.full(tokens.shape, 1 / self.vocabulary)
        context = np.zeros(tokens.shape, np.int64)
        for back, level in enumerate(self.levels):
            gram = context * base + tokens
            found, there = _find(level.contexts, context)
            total = np.where(there, level.totals[found], 1.0)
            place, known = _find(level.grams, gram)
            count = np.where(known, level.counts[place], 0.0)
            kept = np.maximum(count - level.discount, 0) / total
            spared = level.discount * level.followers[found] / total
            chance = np.where(there, kept + spared * chance, chance)
            first = len(self.levels) - 2 - back  # the token one further back, before the context
            if first >= 0:
                context = context + padded[:, first : first + tokens.shape[1]] * base**back
        return np.asarray(-np.log2(chance))


def fit(tokens: Tokens, vocabulary: int, order: int = ORDER) -> NGram:
    """The model of phrases (n, steps), each begun by `order` - 1 marks. ValueError without phrases."""
    if not tokens.size:
        raise ValueError("no phrases to learn from")
    padded, base = _padded(tokens, vocabulary, order), vocabulary + 1
    grams = np.zeros(tokens.shape, np.int64)
    for place in range(order):
        grams = grams * base + padded[:, place : place + tokens.shape[1]]
    codes, counts = np.unique(grams, return_counts=True)
    levels = [_level(codes, counts.astype(np.float64), base)]
    for length in range(order - 1, 0, -1):  # a shorter n-gram counts the different tokens that stand before it
        codes, counts = np.unique(codes % base**length, return_counts=True)
        levels.append(_level(codes, counts.astype(np.float64), base))
    return NGram(vocabulary, tuple(reversed(levels)))


def _level(codes: Codes, counts: Floats, base: int) -> Level:
    once, twice = (counts == 1).sum(), (counts == 2).sum()
    discount = float(once / (once + 2 * twice)) if once else 0.5
    contexts, first = np.unique(codes // base, return_index=True)
    followers = np.diff(np.append(first, len(codes))).astype(np.float64)
    return Level(codes, counts, contexts, np.add.reduceat(counts, first), followers, discount)


def _padded(tokens: Tokens, vocabulary: int, order: int) -> Tokens:
    """With `order` - 1 marks, the token after the last of the vocabulary, before each phrase."""
    return np.pad(tokens, ((0, 0), (order - 1, 0)), constant_values=vocabulary)


def _find(names: Codes, wanted: Codes) -> tuple[Codes, NDArray[np.bool_]]:
    """Places of codes among sorted ones, and whether they are there."""
    place = np.minimum(np.searchsorted(names, wanted), len(names) - 1)
    return place, names[place] == wanted


@dataclass(frozen=True, slots=True, eq=False)
class LanguageModel:
    """A model for each stream of a kind, and how many steps each learned from."""

    streams: tuple[NGram, ...]
    steps: int

    def bits(self, tokens: Tokens) -> Floats:
        """Phrases (n, steps, streams) -> bits of each stream, summed over steps, (n, streams)."""
        return np.stack([model.bits(tokens[..., n]).sum(1) for n, model in enumerate(self.streams)], axis=1)

    def cost(self, tokens: Tokens) -> Floats:
        """Bits of each phrase over all streams, (n,)."""
        return np.asarray(self.bits(tokens).sum(1))


def fit_windows(windows: TokenWindows, order: int = ORDER) -> LanguageModel:
    """Learned from every line that has windows, each step of it once."""
    models, steps = list[NGram](), 0
    for column, name in enumerate(STREAMS[windows.kind]):
        starts = disjoint(np.unique(windows.start[:, column]), windows.steps)
        tokens = np.asarray(windows.rows[starts[:, None] + np.arange(windows.steps)], np.int64)
        models.append(fit(tokens if name == "drums" else canonical_mono(tokens), VOCABULARY[name], order))
        steps += tokens.size
    return LanguageModel(tuple(models), steps)


def disjoint(starts: Codes | Sequence[int], steps: int) -> Codes:
    """Of rising places those that lie at least so many steps after the one chosen before."""
    chosen = list[int]()
    for start in np.asarray(starts).tolist():
        if not chosen or start >= chosen[-1] + steps:
            chosen.append(start)
    return np.array(chosen, np.int64)
