"""What augmentation may do to tokens, and what it may not."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.tokens import FIRST_PITCH, HOLD, MONO_TOKENS, OFF, STREAMS, VOCABULARY, Tokens, canonical_mono
from mvae.train.token_augment import GROUP_BITS, augment_tokens, exchange, joined, transposed


def batch(kind: str, count: int = 8, seed: int = 0, low: int = 40, high: int = 80) -> Tokens:
    """Two bars of many events in a range of pitches."""
    rng = np.random.default_rng(seed)
    columns = []
    for name in STREAMS[kind]:
        events = rng.integers(0, 512, (count, 32)) if name == "drums" else FIRST_PITCH + rng.integers(low, high, (count, 32))
        events = np.where(rng.random((count, 32)) < 0.4, events, rng.choice([HOLD, OFF] if name != "drums" else [0], (count, 32)))
        columns.append(events if name == "drums" else canonical_mono(events))
    return np.stack(columns, -1)


@given(st.integers(0, 2**32 - 1), st.sampled_from(["melody", "bass", "trio"]), st.integers(1, 12))
def test_transposition_moves_all_pitches_of_a_phrase_together_and_nothing_else(seed: int, kind: str, most: int) -> None:
    before = batch(kind, seed=seed, low=0, high=128) if seed % 2 else batch(kind, seed=seed)
    after = transposed(before, STREAMS[kind], most, np.random.default_rng(seed))
    pitched = np.array([name != "drums" for name in STREAMS[kind]])
    is_pitch = (before >= FIRST_PITCH) & pitched
    for one, two, where in zip(before, after, is_pitch, strict=True):
        steps = np.unique(two[where] - one[where])
        assert steps.size <= 1 and (np.abs(steps) <= most).all()
        assert np.array_equal(one[~where], two[~where])
    assert ((after[is_pitch] >= FIRST_PITCH) & (after[is_pitch] < MONO_TOKENS)).all()


def test_every_step_up_and_down_is_taken_as_often() -> None:
    before = np.full((6000, 16, 1), FIRST_PITCH + 60)
    after = transposed(before, ("melody",), 5, np.random.default_rng(0))
    steps, counts = np.unique(after[:, 0, 0] - before[:, 0, 0], return_counts=True)
    assert steps.tolist() == list(range(-5, 6)) and counts.min() > 450


def test_a_phrase_at_the_edge_stays_rather_than_leave_the_range() -> None:
    before = np.zeros((400, 16, 1), np.int64)
    before[:, 0], before[:, 8] = FIRST_PITCH, MONO_TOKENS - 1  # pitches 0 and 127: no room either way
    assert np.array_equal(transposed(before, ("melody",), 5, np.random.default_rng(0)), before)


def test_nothing_is_transposed_by_nothing_and_drums_never() -> None:
    rng = np.random.default_rng(0)
    melody, drums = batch("melody"), batch("drums")
    assert transposed(melody, ("melody",), 0, rng) is melody
    assert transposed(drums, ("drums",), 5, rng) is drums


def test_a_joined_phrase_is_one_up_to_a_bar_line_and_the_other_from_there() -> None:
    one, other = np.zeros((200, 48, 1), np.int64), np.ones((200, 48, 1), np.int64)
    firsts = joined(one, other, np.random.default_rng(0)).sum((1, 2))
    assert set(firsts.tolist()) == {0, 16, 32}


@given(st.integers(0, 2**32 - 1))
def test_joined_melodies_end_nothing_that_does_not_sound(seed: int) -> None:
    after = augment_tokens(batch("melody", seed=seed), ("melody",), 5, 1.0, np.random.default_rng(seed))
    assert np.array_equal(after[..., 0], canonical_mono(after[..., 0]))


@given(st.integers(0, 2**32 - 1))
def test_exchanged_drums_take_one_group_of_pieces_from_the_other(seed: int) -> None:
    one, other = batch("drums", seed=seed), batch("drums", seed=seed + 1)
    for mixed, a, b in zip(exchange(one, other, np.random.default_rng(seed)), one, other, strict=True):
        assert any(np.array_equal(mixed, a & ~bits | b & bits) for bits in GROUP_BITS)


def test_exchange_never_leaves_drums_silent() -> None:
    kick = np.where(np.arange(32)[None, :, None] % 4, 0, 1) * np.ones((64, 1, 1), np.int64)
    hats = kick * 4
    after = augment_tokens(np.concatenate([kick, hats]), ("drums",), 0, 1.0, np.random.default_rng(0))
    assert (after.sum((1, 2)) > 0).all() and len(np.unique(after)) > 3


def test_a_trio_is_transposed_and_otherwise_left_alone() -> None:
    before = batch("trio", 64)
    after = augment_tokens(before, STREAMS["trio"], 5, 1.0, np.random.default_rng(0))
    moved = np.where((before >= FIRST_PITCH) & [True, True, False], after - before, 0)
    assert np.array_equal(before + moved, after) and (moved != 0).any()


def test_without_a_share_nothing_is_joined_or_exchanged() -> None:
    for kind in ("melody", "drums"):
        before = batch(kind)
        assert np.array_equal(augment_tokens(before, STREAMS[kind], 0, 0.0, np.random.default_rng(0)), before)


@given(st.integers(0, 2**32 - 1), st.sampled_from(list(STREAMS)))
def test_what_comes_out_is_in_the_vocabulary_and_of_the_same_shape(seed: int, kind: str) -> None:
    before = batch(kind, seed=seed, low=0, high=128)
    copy = before.copy()
    after = augment_tokens(before, STREAMS[kind], 5, 0.5, np.random.default_rng(seed))
    assert after.shape == before.shape and (after >= 0).all() and (after < [VOCABULARY[name] for name in STREAMS[kind]]).all()
    assert np.array_equal(before, copy)
