"""Tokens and phrases: each says the other, whatever a model may have decoded."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.drums import NOTE_OF_CLASS
from mvae.core.phrase import Note, Phrase
from mvae.core.tokens import (
    DRUM_TOKENS,
    FIRST_PITCH,
    HOLD,
    MONO_TOKENS,
    OFF,
    STREAMS,
    VOCABULARY,
    Tokens,
    canonical_mono,
    decode,
    decode_mono,
    encode,
    encode_mono,
)


def note(step: int, pitch: int, beats: float, late_steps: float = 0.0) -> Note:
    return Note(step, 0, pitch, 90, (step + late_steps) / 4, beats)


def phrase(*notes: Note, bars: int = 1) -> Phrase:
    return Phrase(bars, notes)


def line(events: dict[int, int], steps: int = 16) -> list[int]:
    """Tokens with HOLD wherever nothing is said."""
    return [events.get(step, HOLD) for step in range(steps)]


@st.composite
def any_tokens(draw: st.DrawFn, kind: str) -> Tokens:
    """One to three bars of any tokens at all, events as frequent as holds."""
    steps = 16 * draw(st.integers(1, 3))
    columns = []
    for name in STREAMS[kind]:
        token = st.one_of(st.just(HOLD), st.just(OFF), st.integers(0, VOCABULARY[name] - 1))
        columns.append(draw(st.lists(token, min_size=steps, max_size=steps)))
    return np.array(columns, np.int64).T


def canonical(kind: str, tokens: Tokens) -> Tokens:
    columns = [canonical_mono(tokens[:, n]) if name != "drums" else tokens[:, n] for n, name in enumerate(STREAMS[kind])]
    return np.stack(columns, 1)


def slow_canonical(tokens: list[int]) -> list[int]:
    sounds, said = False, []
    for token in tokens:
        said.append(HOLD if token == OFF and not sounds else token)
        sounds = token >= FIRST_PITCH or (sounds and token == HOLD)
    return said


@pytest.mark.parametrize("kind", STREAMS)
@given(data=st.data())
def test_any_tokens_decode_encode_and_decode_to_the_same_phrases(kind: str, data: st.DataObject) -> None:
    tokens = data.draw(any_tokens(kind))
    phrases = decode(kind, tokens)
    again = encode(kind, phrases)
    assert np.array_equal(again, canonical(kind, tokens))
    assert decode(kind, again) == phrases
    assert np.array_equal(encode(kind, decode(kind, again)), again)


@given(st.lists(st.sampled_from((HOLD, OFF, 40, 60)), min_size=1, max_size=40))
def test_an_off_that_ends_nothing_is_a_hold_as_a_slow_reading_says(tokens: list[int]) -> None:
    assert canonical_mono(np.array(tokens)).tolist() == slow_canonical(tokens)


@given(st.lists(st.lists(st.sampled_from((HOLD, OFF, 40, 60)), min_size=8, max_size=8), min_size=1, max_size=5))
def test_many_voices_are_made_canonical_each_by_itself(rows: list[list[int]]) -> None:
    assert canonical_mono(np.array(rows)).tolist() == [slow_canonical(row) for row in rows]


def test_the_highest_of_the_notes_that_begin_at_a_step_is_the_melody() -> None:
    assert encode_mono(phrase(note(4, 60, 1.0), note(4, 72, 0.5), note(4, 64, 1.0))).tolist() == line({4: FIRST_PITCH + 72, 6: OFF})


def test_a_note_that_begins_ends_the_one_before() -> None:
    """Even a lower one: only notes that begin together are weighed against each other."""
    assert encode_mono(phrase(note(0, 72, 4.0), note(4, 60, 1.0))).tolist() == line({0: FIRST_PITCH + 72, 4: FIRST_PITCH + 60, 8: OFF})


def test_the_end_of_a_note_that_was_overtaken_says_nothing() -> None:
    tokens = encode_mono(phrase(note(0, 72, 1.5), note(4, 60, 2.0)))
    assert tokens.tolist() == line({0: FIRST_PITCH + 72, 4: FIRST_PITCH + 60, 12: OFF})


def test_notes_that_touch_have_no_off_between_them() -> None:
    assert encode_mono(phrase(note(0, 60, 1.0), note(4, 60, 3.0))).tolist() == line({0: FIRST_PITCH + 60, 4: FIRST_PITCH + 60})


@pytest.mark.parametrize(("beats", "off"), [(0.01, 1), (0.25, 1), (0.374, 1), (0.375, 2), (0.5, 2), (0.625, 3)])
def test_a_note_ends_at_the_nearest_step_halves_up_and_lasts_at_least_one(beats: float, off: int) -> None:
    assert encode_mono(phrase(note(0, 60, beats))).tolist() == line({0: FIRST_PITCH + 60, off: OFF})


def test_the_end_is_that_of_the_note_as_played_not_as_placed() -> None:
    late = note(0, 60, 0.5, late_steps=0.5)
    assert encode_mono(phrase(late)).tolist() == line({0: FIRST_PITCH + 60, 3: OFF})


def test_a_note_held_to_the_end_has_no_off_and_comes_back_as_long() -> None:
    tokens = encode_mono(phrase(note(8, 60, 9.0)))
    assert tokens.tolist() == line({8: FIRST_PITCH + 60})
    assert decode_mono(tokens).notes[0].duration == 2.0


def test_the_highest_and_the_lowest_pitch_are_the_ends_of_the_vocabulary() -> None:
    tokens = encode_mono(phrase(note(0, 0, 1.0), note(8, 127, 1.0)))
    assert (tokens[0], tokens[8]) == (FIRST_PITCH, MONO_TOKENS - 1)
    assert [each.pitch for each in decode_mono(tokens).notes] == [0, 127]


def test_drums_are_the_set_of_what_is_struck() -> None:
    struck = Phrase(1, (Note(2, 0, 36, 90, 0.5, 0.1), Note(2, 8, 51, 40, 0.5, 0.1), Note(2, 0, 35, 90, 0.5, 0.1)))
    tokens = encode("drums", (struck,))
    assert tokens[:, 0].tolist() == line({2: 0b100000001})
    assert [(each.step, each.voice, each.pitch) for each in decode("drums", tokens)[0].notes] == [(2, 0, 36), (2, 8, 51)]


def test_every_set_of_drums_comes_back() -> None:
    tokens = np.arange(DRUM_TOKENS)[:, None]
    (decoded,) = decode("drums", tokens)
    assert len(decoded.notes) == DRUM_TOKENS // 2 * len(NOTE_OF_CLASS)
    assert np.array_equal(encode("drums", (decoded,)), tokens)


def test_a_trio_is_its_three_streams_side_by_side() -> None:
    melody, bass = phrase(note(0, 72, 1.0)), phrase(note(2, 36, 1.0))
    drums = phrase(Note(3, 1, 38, 90, 0.75, 0.1))
    tokens = encode("trio", (melody, bass, drums))
    assert tokens[:4].tolist() == [[74, 0, 0], [0, 0, 0], [0, 38, 0], [0, 0, 2]]


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="trio takes 3 phrases"):
        encode("trio", (phrase(), phrase()))
    with pytest.raises(ValueError, match="same length"):
        encode("trio", (phrase(), phrase(), phrase(bars=2)))
    for shape in ((15, 1), (16, 2), (0, 1), (16,)):
        with pytest.raises(ValueError, match="tokens of a melody"):
            decode("melody", np.zeros(shape, np.int64))


@pytest.mark.parametrize(("kind", "token"), [("melody", MONO_TOKENS), ("melody", -1), ("drums", DRUM_TOKENS)])
def test_a_token_outside_the_vocabulary_is_refused(kind: str, token: int) -> None:
    with pytest.raises(ValueError, match=f"a token of {kind}"):
        decode(kind, np.full((16, 1), token))
