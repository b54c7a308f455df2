"""Swing and the feel of a groove: notes stay in their step and in their order, and at nothing nothing changes."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mvae.core.feel import LATEST_STEPS, Feel, feel_of, humanized, humanized_groove, swung, swung_groove
from mvae.core.groove import FEATURES, HITS, LATEST, OFFSETS, VELOCITIES, decode, encode
from mvae.core.phrase import Note, Phrase
from mvae.core.tokens import DRUM_TOKENS, FIRST_PITCH, HOLD, OFF, decode_drums, decode_mono

STEPS = 32
LINES = st.lists(st.one_of(st.just(HOLD), st.just(OFF), st.integers(FIRST_PITCH, FIRST_PITCH + 127)), min_size=STEPS, max_size=STEPS)
MONO = LINES.map(lambda tokens: decode_mono(np.array(tokens, np.int64)))
DRUMS = arrays.arrays(np.int64, STEPS, elements=st.integers(0, DRUM_TOKENS - 1)).map(decode_drums)
PHRASES = st.one_of(MONO, DRUMS)
GROOVES = arrays.arrays(np.float32, (16, FEATURES), elements=st.floats(-1, 1, width=32))
FEELS = GROOVES.map(feel_of)
SHARES = st.floats(0, 1)


def identities(phrase: Phrase) -> list[tuple[int, int, int]]:
    return [(note.step, note.voice, note.pitch) for note in phrase.notes]


def in_order_and_apart(phrase: Phrase) -> None:
    for voice in {note.voice for note in phrase.notes}:
        notes = [note for note in phrase.notes if note.voice == voice]
        for note, following in pairwise(notes):
            assert note.beat < following.beat
            assert note.beat + note.duration <= following.beat + 1e-9


@given(PHRASES, FEELS, SHARES)
def test_a_note_lent_a_feel_keeps_its_step_its_order_and_its_end_before_the_next(phrase: Phrase, feel: Feel, amount: float) -> None:
    felt = humanized(phrase, feel, amount)
    assert identities(felt) == identities(phrase)
    in_order_and_apart(felt)


@given(PHRASES, FEELS, SHARES, SHARES)
def test_swing_and_feel_together_keep_every_step_too(phrase: Phrase, feel: Feel, amount: float, share: float) -> None:
    both = humanized(swung(phrase, share), feel, amount)
    assert identities(both) == identities(phrase)
    assert all(-0.5 <= note.offset_steps <= LATEST_STEPS + 1e-9 for note in both.notes)
    in_order_and_apart(both)


@given(PHRASES, FEELS)
def test_nothing_of_a_feel_or_of_swing_is_the_phrase_itself(phrase: Phrase, feel: Feel) -> None:
    assert humanized(phrase, feel, 0.0) == phrase
    assert swung(phrase, 0.0) == phrase


@given(MONO, SHARES)
def test_a_line_without_gaps_stays_without_gaps(phrase: Phrase, share: float) -> None:
    for (note, following), (now, then) in zip(pairwise(phrase.notes), pairwise(swung(phrase, share).notes), strict=True):
        if note.beat + note.duration == following.beat:
            assert now.beat + now.duration == pytest.approx(then.beat)
        else:
            assert now.duration == pytest.approx(min(note.duration, then.beat - now.beat))


def test_full_swing_makes_triplets_of_a_pair_of_sixteenths() -> None:
    phrase = decode_drums(np.full(16, 1, np.int64))
    assert [note.beat for note in swung(phrase, 1.0).notes[:4]] == pytest.approx([0, 1 / 3, 1 / 2, 5 / 6])
    assert [note.beat for note in swung(phrase, 0.5).notes[:2]] == pytest.approx([0, 7 / 24])


@given(GROOVES.map(lambda array: encode(decode(array))), SHARES)
def test_a_groove_swings_as_its_phrase_does(groove: npt.NDArray[np.float32], share: float) -> None:
    by_phrase, by_array = swung(decode(groove), share), decode(swung_groove(groove, share))
    assert [note.beat for note in by_phrase.notes] == pytest.approx([note.beat for note in by_array.notes], abs=1e-6)


def test_swing_leaves_cells_without_a_hit_alone() -> None:
    groove = np.zeros((16, FEATURES), np.float32)
    assert not swung_groove(groove, 1.0).any()
    assert swung_groove(groove, 0.0) is groove


def groove(*cells: tuple[int, int, float, float], bars: int = 1) -> npt.NDArray[np.float32]:
    """(step, class, velocity, offset) of each hit."""
    array = np.zeros((16 * bars, FEATURES), np.float32)
    for step, voice, velocity, offset in cells:
        array[step, [voice, 9 + voice, 18 + voice]] = 1, velocity, offset
    return array


def test_the_feel_of_a_step_is_the_mean_of_its_hits() -> None:
    feel = feel_of(groove((0, 0, 1.0, 0.2), (0, 2, 0.5, 0.4), (5, 1, 0.25, -0.5)))
    assert (feel.velocity[0], feel.offset[0]) == pytest.approx((0.75, 0.3))
    assert (feel.velocity[5], feel.offset[5]) == pytest.approx((0.25, -0.5))


def test_a_step_without_hits_feels_like_its_place_in_other_bars_then_in_other_beats_then_like_all() -> None:
    feel = feel_of(groove((16 + 4, 0, 1.0, 0.1), (8, 0, 0.5, 0.3), (2, 0, 0.1, -0.1), bars=2))
    assert feel.velocity[4] == pytest.approx(1.0)  # step 4 of bar 2
    assert feel.velocity[12] == pytest.approx(0.75)  # the beats that have hits
    assert feel.velocity[6] == pytest.approx(0.1)
    assert feel.velocity[1] == pytest.approx(1.6 / 3)  # all three
    assert feel.offset[1] == pytest.approx(0.1)


def test_a_groove_without_hits_lends_nothing() -> None:
    phrase = decode_mono(np.array([FIRST_PITCH + 60, *[HOLD] * 15], np.int64))
    assert humanized(phrase, feel_of(groove()), 1.0) == phrase


def test_velocities_follow_the_groove_around_the_parts_own_level() -> None:
    feel = Feel(np.array([0.8, 0.4] * 8), np.zeros(16))
    phrase = Phrase(1, tuple(Note(step, 0, 60, 60, step / 4, 0.25) for step in range(16)))
    assert [note.velocity for note in humanized(phrase, feel, 1.0).notes[:2]] == [80, 40]
    assert [note.velocity for note in humanized(phrase, feel, 0.5).notes[:2]] == [70, 50]


def test_onsets_move_by_the_grooves_offset_in_half_steps_and_it_repeats() -> None:
    feel = Feel(np.full(16, 0.5), np.array([0.4] + [0.0] * 15))
    phrase = Phrase(2, tuple(Note(step, 0, 60, 60, step / 4, 0.25) for step in (0, 16)))
    assert [note.offset_steps for note in humanized(phrase, feel, 0.5).notes] == pytest.approx([0.1, 0.1])


def test_a_groove_gives_its_own_feel_for_anothers() -> None:
    own = groove((0, 0, 0.9, 0.2), (4, 1, 0.4, -0.4), (4, 2, 0.5, -0.2), (8, 0, 0.6, 0.0))
    other = Feel(np.full(16, 0.2), np.zeros(16))
    other.velocity[[0, 4, 8]], other.offset[[4, 8]] = (0.4, 0.5, 0.4), (0.5, -0.5)
    half, full = (humanized_groove(own, other, amount) for amount in (0.5, 1.0))
    assert feel_of(full).offset[[0, 4, 8]] == pytest.approx([0.0, 0.5, -0.5])
    assert feel_of(half).offset[[0, 4, 8]] == pytest.approx([0.1, 0.1, -0.25])
    assert feel_of(full).velocity[[0, 4, 8]] == pytest.approx([0.6, 0.75, 0.6])  # their mean is the groove's own, .65
    assert feel_of(half).velocity[[0, 4]] == pytest.approx([0.75, 0.6])
    assert full[4, 9 + 2] == pytest.approx(1.25 * full[4, 9 + 1]) and full[4, 18 + 2] - full[4, 18 + 1] == pytest.approx(0.2)
    assert (full[:, :9] == own[:, :9]).all()


@given(GROOVES.map(lambda array: encode(decode(array))), FEELS, SHARES)
def test_a_groove_with_its_own_feel_is_itself_and_with_any_other_it_keeps_its_hits(
    own: npt.NDArray[np.float32], feel: Feel, amount: float
) -> None:
    assert humanized_groove(own, feel_of(own), amount) == pytest.approx(own, abs=1e-5)
    moved = humanized_groove(own, feel, amount)
    assert identities(decode(moved)) == identities(decode(own))
    assert moved[:, VELOCITIES].min() >= 0 and moved[:, VELOCITIES].max() <= 1
    assert moved[:, OFFSETS].min() >= -1 and moved[:, OFFSETS].max() <= LATEST
    unheard = own[:, HITS] == 0
    assert not moved[:, VELOCITIES][unheard].any() and not moved[:, OFFSETS][unheard].any()


def test_a_longer_groove_takes_a_shorter_feel_again_and_again() -> None:
    own = groove((0, 0, 0.5, 0.0), (16, 0, 0.5, 0.0), bars=2)
    moved = humanized_groove(own, Feel(np.full(16, 0.5), np.array([0.4] + [0.0] * 15)), 1.0)
    assert moved[[0, 16], 18] == pytest.approx([0.4, 0.4])


@pytest.mark.parametrize("steps", [0, 15])
def test_a_feel_is_of_whole_bars(steps: int) -> None:
    with pytest.raises(ValueError, match="whole bars"):
        feel_of(np.zeros((steps, FEATURES), np.float32))
