"""Batches made richer than the corpus: other kits, other hands, other bars, from the same drummers.

Pure functions of (batch, generator). A batch is float32 (B, steps, 27): 9 hits | 9 velocities | 9 offsets (`mvae.core.groove`).
"""

from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Batch = NDArray[np.float32]
Change = Callable[[Batch, Batch, Generator], Batch]

VOICES = 9
STEPS_PER_BAR = 16
KICK, SNARE, CLOSED_HAT, OPEN_HAT, LOW_TOM, MID_TOM, HIGH_TOM, CRASH, RIDE = range(VOICES)
GROUPS = ((KICK, SNARE), (KICK,), (SNARE,), (CLOSED_HAT, OPEN_HAT, CRASH, RIDE), (LOW_TOM, MID_TOM, HIGH_TOM))  # what two drummers exchange
TRADES = ((CLOSED_HAT, RIDE), (OPEN_HAT, CRASH), (LOW_TOM, HIGH_TOM), (MID_TOM, LOW_TOM))  # what one drummer plays on another piece


def augment(batch: Batch, rng: Generator, p: float = 0.5, one_drummer: bool = False) -> Batch:
    """A new batch of the same shape, each transformation applied to a share of its windows. With `one_drummer` what a window plays at a
    time stays the playing of one: its voices are of one groove, in their own dynamics and timing."""
    batch = batch.copy()
    rare = p / 4
    changes: tuple[tuple[Change, float], ...] = ((join_bars, p), (rotate_bars, p))
    if not one_drummer:
        changes = (
            (join_bars, p), (exchange_voices, p), (rotate_bars, p), (trade_pieces, rare), (drop_piece, rare), (other_hands, p)
        )  # fmt: skip
    for change, share in changes:
        chosen = np.flatnonzero(rng.random(len(batch)) < share)
        if chosen.size:
            batch[chosen] = change(batch[chosen], batch[rng.permutation(len(batch))[: chosen.size]], rng)
    return batch


def _voices(batch: Batch) -> Batch:
    """The batch seen as (B, steps, 3, 9)."""
    return batch.reshape(*batch.shape[:2], 3, VOICES)


def exchange_voices(batch: Batch, other: Batch, rng: Generator) -> Batch:
    """One group of voices of each window comes from another window."""
    group = rng.integers(len(GROUPS), size=len(batch))
    taken = np.zeros((len(GROUPS), VOICES), bool)
    for row, voices in enumerate(GROUPS):
        taken[row, list(voices)] = True
    return np.where(taken[group][:, None, None, :], _voices(other), _voices(batch)).reshape(batch.shape)


def join_bars(batch: Batch, other: Batch, rng: Generator) -> Batch:
    """From a random bar line on, each window goes on as another window does."""
    bars = batch.shape[1] // STEPS_PER_BAR
    line = rng.integers(1, bars + 1, size=len(batch)) * STEPS_PER_BAR
    return np.where(np.arange(batch.shape[1])[None, :, None] < line[:, None, None], batch, other)


def rotate_bars(batch: Batch, other: Batch, rng: Generator) -> Batch:
    """Each window starts on another of its own bars."""
    bars = batch.shape[1] // STEPS_PER_BAR
    by = rng.integers(bars, size=len(batch))[:, None] * STEPS_PER_BAR
    steps = (np.arange(batch.shape[1])[None, :] + by) % batch.shape[1]
    return np.take_along_axis(batch, steps[:, :, None], axis=1)


def trade_pieces(batch: Batch, other: Batch, rng: Generator) -> Batch:
    """Two pieces of the kit change places."""
    order = np.tile(np.arange(VOICES), (len(TRADES), 1))
    for row, (a, b) in enumerate(TRADES):
        order[row, [a, b]] = b, a
    picked = order[rng.integers(len(TRADES), size=len(batch))]
    return np.take_along_axis(_voices(batch), picked[:, None, None, :], axis=3).reshape(batch.shape)


def drop_piece(batch: Batch, other: Batch, rng: Generator) -> Batch:
    """One piece of the kit falls silent, unless nothing would be left."""
    dropped = rng.integers(VOICES, size=len(batch))[:, None] == np.arange(VOICES)
    quieter = (_voices(batch) * ~dropped[:, None, None, :]).reshape(batch.shape)
    silent = quieter[:, :, :VOICES].sum((1, 2)) == 0
    return np.where(silent[:, None, None], batch, quieter)


def other_hands(batch: Batch, other: Batch, rng: Generator) -> Batch:
    """Louder or softer, tighter or looser, ahead or behind: velocities to a power and scaled, offsets scaled and shifted."""
    hits, velocities, offsets = _voices(batch).transpose(2, 0, 1, 3)
    column = (len(batch), 1, 1)
    velocities = np.clip(velocities ** rng.uniform(0.7, 1.4, column) * rng.uniform(0.75, 1.2, column), 1 / 127, 1) * hits
    offsets = np.clip(offsets * rng.uniform(0.6, 1.3, column) + rng.uniform(-0.1, 0.1, column), -1, 1) * hits
    return np.concatenate([hits, velocities, offsets], axis=2).astype(np.float32)
