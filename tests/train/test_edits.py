"""Edits of a melody: each moves its own attribute, the further the more, and leaves a phrase that encodes again."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.tokens import FIRST_PITCH, HOLD, MONO_TOKENS, OFF, Tokens, canonical_mono, decode_mono, encode_mono
from mvae.train.edits import BACK, EDITS, edited, in_order, pairs
from mvae.train.taught import MEASURES

C, D, E, F, G = (FIRST_PITCH + pitch for pitch in (60, 62, 64, 65, 67))
AMOUNTS = (0.25, 0.5, 1.0)


def phrase(seed: int, steps: int = 32) -> Tokens:
    """Canonical tokens of many notes."""
    rng = np.random.default_rng(seed)
    events = np.where(rng.random(steps) < 0.4, FIRST_PITCH + rng.integers(50, 76, steps), rng.choice([HOLD, HOLD, OFF], steps))
    return canonical_mono(events)


def bar(**at: int) -> Tokens:
    """A bar with tokens at steps, s0=C, s4=E, ..."""
    tokens = np.zeros(16, np.int64)
    for step, token in at.items():
        tokens[int(step[1:])] = token
    return tokens


@given(st.integers(0, 2**32 - 1), st.sampled_from(list(EDITS)), st.booleans(), st.floats(0, 1))
def test_an_edit_encodes_again(seed: int, name: str, up: bool, amount: float) -> None:
    found = edited(phrase(seed), name, up, amount)
    assert found.shape == (32,) and found.min() >= 0 and found.max() < MONO_TOKENS
    assert np.array_equal(encode_mono(decode_mono(found)), found)


@given(st.integers(0, 2**32 - 1), st.sampled_from(list(EDITS)), st.booleans())
def test_an_edit_takes_the_same_phrase_further_with_its_amount(seed: int, name: str, up: bool) -> None:
    before = phrase(seed)
    steps = [set(np.flatnonzero(edited(before, name, up, amount) != before).tolist()) for amount in AMOUNTS]
    assert len(steps[0]) <= len(steps[1]) <= len(steps[2])


@pytest.mark.parametrize("name", list(EDITS))
@pytest.mark.parametrize("up", [True, False])
def test_the_mean_of_an_attribute_moves_the_way_it_is_edited(name: str, up: bool) -> None:
    before = [phrase(seed) for seed in range(60)]
    means = [float(np.nanmean(MEASURES[name](np.stack([edited(one, name, up, amount) for one in before])))) for amount in AMOUNTS]
    means = [float(np.nanmean(MEASURES[name](np.stack(before)))), *means]
    assert means == sorted(means, reverse=not up) and len(set(means)) == len(means)


def test_notes_are_added_on_the_strongest_free_step_of_what_sounds() -> None:
    assert np.array_equal(edited(bar(s0=C, s8=G), "density", True, 0.1), bar(s0=C, s4=C, s8=G))


def test_the_weakest_notes_go_first_and_the_first_note_stays() -> None:
    assert np.array_equal(edited(bar(s0=C, s3=D, s8=G), "density", False, 0.1), bar(s0=C, s8=G))
    assert np.array_equal(edited(bar(s4=C), "density", False, 1.0), bar(s4=C))


def test_a_note_comes_early_where_it_can_and_late_where_it_cannot() -> None:
    assert np.array_equal(edited(bar(s0=C, s8=G), "syncopation_8th", True, 0.1), bar(s0=C, s6=G))
    assert np.array_equal(edited(bar(s4=C, s6=D, s8=G), "syncopation", True, 0.1), bar(s4=C, s7=D, s8=G))


def test_a_note_off_the_beat_goes_back_onto_it() -> None:
    assert np.array_equal(edited(bar(s0=C, s7=G), "syncopation", False, 1.0), bar(s0=C, s6=G))
    assert np.array_equal(edited(bar(s0=C, s6=G), "syncopation_8th", False, 1.0), bar(s0=C, s4=G))


def test_leaps_go_where_intervals_grow_and_repeats_say_the_note_before_where_they_shrink() -> None:
    assert np.array_equal(edited(bar(s0=C, s4=E, s8=G), "interval", True, 0.1), bar(s0=C, s4=E + 12, s8=G))
    assert np.array_equal(edited(bar(s0=C, s4=G, s8=E), "interval", True, 1.0), bar(s0=C - 12, s4=G + 12, s8=E - 12))
    assert np.array_equal(edited(bar(s0=C, s4=E, s8=G), "interval", False, 0.1), bar(s0=C, s4=E, s8=E)), "E between C and G costs nothing"


@given(st.integers(0, 2**32 - 1), st.booleans())
def test_each_edit_of_intervals_goes_on_where_a_weaker_one_ended(seed: int, up: bool) -> None:
    before = phrase(seed)
    means = MEASURES["interval"](np.stack([before, *(edited(before, "interval", up, amount) for amount in np.linspace(0.1, 1, 10))]))
    assert (np.diff(means) * (1 if up else -1) >= -1e-9).all() or np.isnan(means).all()


def test_notes_are_joined_and_cut() -> None:
    assert np.array_equal(edited(bar(s0=C, s2=OFF, s8=G), "legato", True, 1.0), bar(s0=C, s8=G))
    assert np.array_equal(edited(bar(s0=C, s8=G, s9=D), "legato", False, 1.0), bar(s0=C, s1=OFF, s8=G, s9=D, s10=OFF))


def test_edits_reach_every_other_bar_before_those_between() -> None:
    assert in_order(64)[:6].tolist() == [0, 32, 16, 48, 8, 40]
    assert sorted(in_order(64, strongest_first=False).tolist()) == list(range(64))


def test_a_share_of_phrases_is_paired_with_edits_of_themselves_a_few_of_them_backwards() -> None:
    before = np.stack([phrase(seed) for seed in range(300)])
    first, second = pairs(before, tuple(EDITS), 0.5, np.random.default_rng(0))
    assert ((first == before).all(1) | (second == before).all(1)).all()
    unlike = (first != second).any(1)
    assert 0.35 < unlike.mean() < 0.55
    assert abs((first != before).any(1).sum() / unlike.sum() - BACK) < 0.08
    same, again = pairs(before, ("density",), 0.0, np.random.default_rng(0))
    assert np.array_equal(same, before) and np.array_equal(again, before)


def test_some_edits_are_of_two_attributes() -> None:
    before = np.stack([phrase(seed) for seed in range(200)])
    first, second = pairs(before, ("density", "diatonic"), 1.0, np.random.default_rng(0))
    told = [np.abs(MEASURES[name](first) - MEASURES[name](second)) > 1e-9 for name in ("density", "diatonic")]
    assert 0.05 < (told[0] & told[1]).mean() < (told[0] | told[1]).mean() - 0.3
