"""Augmentation gives phrases that a drummer could have played: the same kind of array, and nothing out of thin air."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import Generator, default_rng

from mvae.train import augment as a

Change = Callable[[a.Batch, a.Batch, Generator], a.Batch]
CHANGES: tuple[Change, ...] = (a.exchange_voices, a.join_bars, a.rotate_bars, a.trade_pieces, a.drop_piece, a.other_hands)


def batch(seed: int, count: int = 6, bars: int = 2) -> a.Batch:
    rng = default_rng(seed)
    hits = (rng.random((count, bars * 16, 9)) < 0.2).astype(np.float32)
    velocities, offsets = rng.uniform(0.1, 1, hits.shape), rng.uniform(-1, 1, hits.shape)
    return np.concatenate([hits, hits * velocities, hits * offsets], axis=2).astype(np.float32)


def is_groove(notes: a.Batch) -> bool:
    hits, velocities, offsets = notes[..., :9], notes[..., 9:18], notes[..., 18:]
    silent = hits == 0
    return bool(
        np.isin(hits, (0, 1)).all()
        and (velocities[silent] == 0).all()
        and (offsets[silent] == 0).all()
        and ((velocities[~silent] > 0) & (velocities[~silent] <= 1)).all()
        and (np.abs(offsets) <= 1).all()
    )


@given(st.integers(0, 10_000))
@settings(max_examples=50, deadline=None)
def test_a_batch_stays_a_batch_of_grooves(seed: int) -> None:
    before = batch(seed)
    after = a.augment(before, default_rng(seed))
    assert after.shape == before.shape and after.dtype == np.float32
    assert is_groove(after)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: str(change.__name__))
def test_each_change_leaves_its_inputs_as_they_were(change: Change) -> None:
    one, other = batch(1), batch(2)
    before = one.copy(), other.copy()
    assert is_groove(change(one, other, default_rng(0)))
    assert np.array_equal(one, before[0]) and np.array_equal(other, before[1])


def test_the_same_draw_gives_the_same_batch() -> None:
    assert np.array_equal(a.augment(batch(3), default_rng(5)), a.augment(batch(3), default_rng(5)))


def test_exchanged_voices_come_whole_from_the_other_window() -> None:
    one, other = batch(1), batch(2)
    mixed = a.exchange_voices(one, other, default_rng(0))
    for row in range(len(mixed)):
        for voice in range(9):
            columns = [voice, 9 + voice, 18 + voice]
            assert any(np.array_equal(mixed[row][:, columns], source[row][:, columns]) for source in (one, other))


def test_bars_are_joined_at_a_bar_line() -> None:
    one, other = batch(1), batch(2)
    joined = a.join_bars(one, other, default_rng(0))
    for row in range(len(joined)):
        for bar in (slice(0, 16), slice(16, 32)):
            assert np.array_equal(joined[row, bar], one[row, bar]) or np.array_equal(joined[row, bar], other[row, bar])


def test_a_window_rotated_by_whole_bars_keeps_all_its_bars() -> None:
    one = batch(1, bars=4)
    rotated = a.rotate_bars(one, one, default_rng(1))
    for row in range(len(one)):
        before, after = (sorted(bar.tobytes() for bar in phrase[row].reshape(4, 16, 27)) for phrase in (one, rotated))
        assert before == after


def test_the_last_piece_of_a_kit_is_never_dropped() -> None:
    only_kick = np.zeros((50, 32, 27), np.float32)
    only_kick[:, ::4, 0], only_kick[:, ::4, 9] = 1, 0.5
    assert (a.drop_piece(only_kick, only_kick, default_rng(0))[..., :9].sum((1, 2)) > 0).all()


def test_with_one_drummer_every_step_of_a_window_is_played_by_one() -> None:
    windows = batch(5, count=40)
    steps = {step.tobytes() for window in windows for step in window}
    changed = a.augment(windows, default_rng(1), p=1.0, one_drummer=True)
    assert all(step.tobytes() in steps for window in changed for step in window) and not np.array_equal(changed, windows)
