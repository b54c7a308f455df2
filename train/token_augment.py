"""Batches of tokens made richer than the corpus. Pure functions of (batch, generator); a batch is int64 (B, steps, streams)."""

import numpy as np
from numpy.random import Generator

from mvae.core.phrase import STEPS_PER_BAR
from mvae.core.tokens import FIRST_PITCH, MONO_TOKENS, VOCABULARY, Tokens, canonical_mono
from mvae.train.augment import GROUPS

GROUP_BITS = np.array([sum(1 << voice for voice in group) for group in GROUPS], np.int64)


def augment_tokens(tokens: Tokens, streams: tuple[str, ...], transpose: int, share: float, rng: Generator) -> Tokens:
    """A new batch of the same shape: transposed; a share of single streams goes on as another window from some bar line on, and of
    drums a share takes a group of pieces from another window."""
    tokens = transposed(tokens, streams, transpose, rng)
    if len(streams) > 1 or not share:
        return tokens
    tokens = np.where(rng.random((len(tokens), 1, 1)) < share, joined(tokens, tokens[rng.permutation(len(tokens))], rng), tokens)
    if streams == ("drums",):
        exchanged = exchange(tokens, tokens[rng.permutation(len(tokens))], rng)
        return np.where((rng.random((len(tokens), 1, 1)) < share) & exchanged.any((1, 2), keepdims=True), exchanged, tokens)
    return canonical_mono(tokens[..., 0])[..., None]


def transposed(tokens: Tokens, streams: tuple[str, ...], most: int, rng: Generator) -> Tokens:
    """Each phrase up or down by at most `most` semitones, its streams together; by none where a pitch would leave MIDI's range."""
    pitched = np.array([VOCABULARY[name] == MONO_TOKENS for name in streams])
    if not most or not pitched.any():
        return tokens
    by = rng.integers(-most, most + 1, size=(len(tokens), 1, 1))
    is_pitch = (tokens >= FIRST_PITCH) & pitched
    moved = np.where(is_pitch, tokens + by, tokens)
    fits = ((moved >= FIRST_PITCH) & (moved < MONO_TOKENS) | ~is_pitch).all((1, 2), keepdims=True)
    return np.where(fits, moved, tokens)


def joined(tokens: Tokens, other: Tokens, rng: Generator) -> Tokens:
    """From a random bar line on, each window goes on as another window does."""
    bars = tokens.shape[1] // STEPS_PER_BAR
    line = rng.integers(1, bars + 1, size=(len(tokens), 1, 1)) * STEPS_PER_BAR
    return np.where(np.arange(tokens.shape[1])[None, :, None] < line, tokens, other)


def exchange(tokens: Tokens, other: Tokens, rng: Generator) -> Tokens:
    """One group of the pieces of each drum window comes from another window."""
    bits = GROUP_BITS[rng.integers(len(GROUP_BITS), size=(len(tokens), 1, 1))]
    return np.asarray(tokens & ~bits | other & bits)
