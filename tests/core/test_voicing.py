"""Voicing: transposition, register, scale, length; and that a note stays the same note."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.phrase import Note, Phrase
from mvae.core.scale import SCALES, in_scale
from mvae.core.tokens import FIRST_PITCH, HOLD, OFF, decode_drums, decode_mono
from mvae.core.voicing import Voicing, folded, lengthened, next_beats, voiced

BARS = 2
STEPS = BARS * 16
LINES = st.lists(st.one_of(st.just(HOLD), st.just(OFF), st.integers(FIRST_PITCH, FIRST_PITCH + 127)), min_size=STEPS, max_size=STEPS)
PITCHES = st.integers(0, 127)
VOICINGS = st.builds(
    lambda root, scale, transpose, octave, edges, length: Voicing(root, scale, transpose, octave, *sorted(edges), length),
    st.integers(0, 11), st.sampled_from(sorted(SCALES)), st.integers(-24, 24), st.integers(-3, 3), st.tuples(PITCHES, PITCHES),
    st.floats(0, 2),
)  # fmt: skip


def mono(tokens: list[int]) -> Phrase:
    return decode_mono(np.array(tokens, np.int64))


def identities(phrase: Phrase) -> list[tuple[int, int, int, float]]:
    return [(note.step, note.voice, note.velocity, note.beat) for note in phrase.notes]


@given(LINES, VOICINGS)
def test_a_note_keeps_step_voice_velocity_and_onset_whatever_the_voicing(tokens: list[int], voicing: Voicing) -> None:
    phrase = mono(tokens)
    assert identities(voiced(phrase, voicing)) == identities(phrase)


@given(LINES, VOICINGS)
def test_every_pitch_is_in_the_scale_and_in_the_register_that_has_it(tokens: list[int], voicing: Voicing) -> None:
    has = any(in_scale(tone, voicing.root, voicing.scale) for tone in range(voicing.low, voicing.high + 1))
    for note in voiced(mono(tokens), voicing).notes:
        assert in_scale(note.pitch, voicing.root, voicing.scale)
        assert voicing.low <= note.pitch <= voicing.high or not has


@given(LINES, st.floats(0, 2))
def test_one_line_stays_one_line_at_any_length(tokens: list[int], length: float) -> None:
    notes = lengthened(mono(tokens), length).notes
    assert all(note.duration > 0 for note in notes)
    assert all(note.beat + note.duration <= following.beat + 1e-9 for note, following in pairwise(notes))
    assert all(note.beat + note.duration <= STEPS / 4 + 1e-9 for note in notes)


@given(LINES, st.floats(0, 2), st.floats(0, 2))
def test_a_greater_length_shortens_no_note(tokens: list[int], one: float, other: float) -> None:
    phrase = mono(tokens)
    shorter, longer = (lengthened(phrase, length).notes for length in sorted((one, other)))
    assert all(short.duration <= long.duration + 1e-9 for short, long in zip(shorter, longer, strict=True))


@given(LINES)
def test_without_a_wish_a_phrase_is_itself(tokens: list[int]) -> None:
    phrase = mono(tokens)
    assert voiced(phrase, Voicing()) == phrase


@given(LINES)
def test_legato_ends_each_note_where_the_next_begins(tokens: list[int]) -> None:
    notes = lengthened(mono(tokens), 2.0).notes
    ends = [following.beat for following in notes[1:]] + [STEPS / 4]
    assert [note.beat + note.duration for note in notes] == pytest.approx(ends[: len(notes)])


@given(PITCHES, PITCHES, st.integers(-80, 200))
def test_folding_moves_by_octaves_and_no_further_than_it_must(one: int, other: int, pitch: int) -> None:
    low, high = sorted((one, other))
    found = folded(pitch, low, high)
    octaves = [tone for tone in range(low, high + 1) if (tone - pitch) % 12 == 0]
    if octaves:
        assert found == min(octaves, key=lambda tone: abs(tone - pitch))
    else:
        assert found in (low, high)
        nearest = {edge: min((edge - pitch) % 12, (pitch - edge) % 12) for edge in (low, high)}
        assert nearest[found] == min(nearest.values())


@pytest.mark.parametrize(
    ("voicing", "pitch", "sounds"),
    [
        (Voicing(transpose=3, octave=-1), 60, 51),
        (Voicing(low=36, high=47), 60, 36),
        (Voicing(low=36, high=47), 71, 47),
        (Voicing(low=60, high=62), 67, 60),  # G has no place: C is five away, the G below D also five; the lower edge
        (Voicing(low=60, high=62), 57, 60),
        (Voicing(root=9, scale="minor", transpose=1), 60, 60),  # C# is not in A minor: C
        (Voicing(scale="major", low=61, high=72), 61, 62),  # C would be nearer, but lies below the register
        (Voicing(octave=3, transpose=24), 120, 120),  # beyond MIDI's range it comes back by octaves
    ],
)
def test_pitches_as_a_player_expects_them(voicing: Voicing, pitch: int, sounds: int) -> None:
    assert voicing.pitch(pitch) == sounds


def test_staccato_is_a_share_of_the_note_and_never_nothing() -> None:
    tokens = [FIRST_PITCH + 60, *[HOLD] * 7, OFF, *[HOLD] * 23]
    assert lengthened(mono(tokens), 0.5).notes[0].duration == 1.0
    assert lengthened(mono(tokens), 0.0).notes[0].duration == 1 / 32


def test_halfway_to_legato_fills_half_of_the_rest() -> None:
    tokens = [FIRST_PITCH + 60, *[HOLD] * 3, OFF, *[HOLD] * 3, FIRST_PITCH + 62, *[HOLD] * 23]
    assert lengthened(mono(tokens), 1.5).notes[0].duration == 1.5


def test_each_drum_grows_to_its_own_next_hit() -> None:
    tokens = np.zeros(16, np.int64)
    tokens[[0, 4, 8]] = [0b01, 0b10, 0b01]  # kick, snare, kick
    grown = lengthened(decode_drums(tokens), 2.0)
    assert [(note.step, note.voice, note.duration) for note in grown.notes] == [(0, 0, 2.0), (4, 1, 3.0), (8, 0, 2.0)]


def test_the_next_onset_of_a_chord_is_the_earliest_of_a_later_step() -> None:
    notes = [Note(0, 0, 60, 90, 0.0, 1.0), Note(0, 0, 64, 90, 0.05, 1.0), Note(4, 0, 60, 90, 1.02, 1.0), Note(4, 0, 67, 90, 0.95, 1.0)]
    assert next_beats(notes, 16) == [0.95, 0.95, 4.0, 4.0]


@pytest.mark.parametrize(("low", "high"), [(60, 59), (-1, 60), (60, 128)])
def test_a_register_that_is_none_is_refused(low: int, high: int) -> None:
    with pytest.raises(ValueError, match="register"):
        Voicing(low=low, high=high)
