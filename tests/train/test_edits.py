"""Edits of a melody: each moves its own attribute, the further the more, and leaves a phrase that encodes again."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.tokens import FIRST_PITCH, HOLD, MONO_TOKENS, OFF, Tokens, canonical_mono, decode_mono, encode_mono
from mvae.train.edits import EDITS, edited, edits, in_order
from mvae.train.token_attributes import MONO
from mvae.train.token_knobs import OF_ONE_VOICE

C, D, E, F, G = (FIRST_PITCH + pitch for pitch in (60, 62, 64, 65, 67))
AMOUNTS = (0.25, 0.5, 1.0)
MEASURES = {**MONO, **OF_ONE_VOICE}


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


@given(st.integers(0, 2**32 - 1), st.sampled_from(list(EDITS)), st.floats(-1, 1))
def test_an_edit_encodes_again(seed: int, name: str, amount: float) -> None:
    found = edited(phrase(seed), name, amount)
    assert found.shape == (32,) and found.min() >= 0 and found.max() < MONO_TOKENS
    assert np.array_equal(encode_mono(decode_mono(found)), found)


@given(st.integers(0, 2**32 - 1), st.sampled_from([name for name in EDITS if name != "interval"]), st.booleans())
def test_an_edit_takes_the_same_phrase_further_with_its_amount(seed: int, name: str, up: bool) -> None:
    before = phrase(seed)
    steps = [set(np.flatnonzero(edited(before, name, amount if up else -amount) != before).tolist()) for amount in (0.0, *AMOUNTS)]
    assert len(steps[0]) == 0 and len(steps[1]) <= len(steps[2]) <= len(steps[3])


@pytest.mark.parametrize("name", list(EDITS))
@pytest.mark.parametrize("up", [True, False])
def test_the_mean_of_an_attribute_moves_the_way_it_is_edited(name: str, up: bool) -> None:
    before = [phrase(seed) for seed in range(60)]
    edits_of = [np.stack([edited(one, name, amount if up else -amount) for one in before]) for amount in AMOUNTS]
    means = [float(np.nanmean(MEASURES[name](each))) for each in edits_of]
    means = [float(np.nanmean(MEASURES[name](np.stack(before)))), *means]
    assert means == sorted(means, reverse=not up) and len(set(means)) == len(means)


def test_notes_are_added_on_the_strongest_free_step_of_what_sounds() -> None:
    assert np.array_equal(edited(bar(s0=C, s8=G), "density", 0.05), bar(s0=C, s4=C, s8=G))


def test_the_weakest_notes_go_first_and_the_first_note_stays() -> None:
    assert np.array_equal(edited(bar(s0=C, s3=D, s8=G), "density", -0.3), bar(s0=C, s8=G))
    assert np.array_equal(edited(bar(s4=C), "density", -1.0), bar(s4=C))


def test_a_note_comes_early_where_it_can_and_late_where_it_cannot() -> None:
    assert np.array_equal(edited(bar(s0=C, s8=G), "syncopation_8th", 0.3), bar(s0=C, s6=G))
    assert np.array_equal(edited(bar(s4=C, s6=D, s8=G), "syncopation", 0.3), bar(s4=C, s7=D, s8=G))


def test_a_note_off_the_beat_goes_back_onto_it() -> None:
    assert np.array_equal(edited(bar(s0=C, s7=G), "syncopation", -1.0), bar(s0=C, s6=G))
    assert np.array_equal(edited(bar(s0=C, s6=G), "syncopation_8th", -1.0), bar(s0=C, s4=G))


def test_intervals_are_stretched_about_the_middle_onto_pitches_of_the_phrase_and_pressed_together() -> None:
    assert np.array_equal(edited(bar(s0=C, s4=E, s8=G), "interval", 1.0), bar(s0=C - 12, s4=E, s8=E + 12))
    assert np.array_equal(edited(bar(s0=C, s4=E, s8=G), "interval", -1.0), bar(s0=E, s4=E, s8=E))
    assert np.array_equal(edited(bar(), "interval", 1.0), bar()) and np.array_equal(edited(bar(s3=C), "interval", 1.0), bar(s3=C))


@given(st.integers(0, 2**32 - 1), st.floats(-1, 1))
def test_stretched_phrases_keep_their_rhythm_their_pitch_classes_and_the_order_of_their_pitches(seed: int, amount: float) -> None:
    before = phrase(seed)
    found = edited(before, "interval", amount)
    notes = before >= FIRST_PITCH
    assert np.array_equal(notes, found >= FIRST_PITCH)
    assert set((found[notes] - FIRST_PITCH) % 12) <= set((before[notes] - FIRST_PITCH) % 12)
    assert (np.diff(found[notes][np.argsort(before[notes], kind="stable")]) >= 0).all()


def test_notes_are_joined_and_cut() -> None:
    assert np.array_equal(edited(bar(s0=C, s2=OFF, s8=G), "legato", 1.0), bar(s0=C, s8=G))
    assert np.array_equal(edited(bar(s0=C, s8=G, s9=D), "legato", -1.0), bar(s0=C, s1=OFF, s8=G, s9=D, s10=OFF))


def test_edits_reach_every_other_bar_before_those_between() -> None:
    assert in_order(64)[:6].tolist() == [0, 32, 16, 48, 8, 40]
    assert sorted(in_order(64, strongest_first=False).tolist()) == list(range(64))


def test_a_share_of_phrases_is_edited_by_as_much_as_is_said_some_in_two_attributes() -> None:
    before, names = np.stack([phrase(seed) for seed in range(300)]), ("density", "syncopation", "legato")
    found, amounts = edits(before, names, 0.5, np.random.default_rng(0))
    turned = (amounts != 0).sum(1)
    assert amounts.shape == (300, 3) and np.abs(amounts).max() <= 1 and set(turned) == {0, 1, 2}
    assert 0.4 < (turned > 0).mean() < 0.6 and 0.2 < (turned == 2).sum() / (turned > 0).sum() < 0.4
    assert np.array_equal(found[turned == 0], before[turned == 0]) and (found != before).any(1).mean() > 0.4
    for row in np.flatnonzero(turned == 1):
        at = int(np.flatnonzero(amounts[row])[0])
        assert np.array_equal(found[row], edited(before[row], names[at], amounts[row, at]))
