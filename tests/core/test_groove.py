"""Phrase -> array -> phrase loses only what the grid cannot hold."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mvae.core.drums import NOTE_OF_CLASS
from mvae.core.groove import FEATURES, GATE_BEATS, LATEST, VOICES, decode, encode
from mvae.core.phrase import STEPS_PER_BAR, STEPS_PER_BEAT, Note, Phrase

TICK = 1 / 960
BARS = 2
NOTES = st.builds(
    lambda step, voice, velocity, offset, duration: Note(step, voice, NOTE_OF_CLASS[voice], velocity, (step + offset) / 4, duration),
    st.integers(0, BARS * STEPS_PER_BAR - 1),
    st.integers(0, VOICES - 1),
    st.integers(1, 127),
    st.floats(-0.499, 0.499),
    st.floats(0.001, 2.0),
)
PHRASES = st.lists(NOTES, max_size=80).map(lambda notes: Phrase(BARS, tuple(notes)))
ANYTHING = arrays.arrays(np.float32, (BARS * STEPS_PER_BAR, FEATURES), elements=st.floats(-2, 2, width=32))


@given(PHRASES)
def test_a_phrase_that_has_been_through_an_array_goes_through_it_unchanged(phrase: Phrase) -> None:
    once = encode(phrase)
    assert np.array_equal(encode(decode(once)), once)


@given(PHRASES)
def test_of_each_cell_the_loudest_note_survives_with_its_velocity_and_its_time(phrase: Phrase) -> None:
    loudest: dict[tuple[int, int], Note] = {}
    for note in phrase.notes:
        cell = (note.step, note.voice)
        loudest[cell] = max(loudest.get(cell, note), note, key=lambda note: (note.velocity, -note.beat))
    back = {(note.step, note.voice): note for note in decode(encode(phrase)).notes}
    assert back.keys() == loudest.keys()
    for cell, note in loudest.items():
        assert back[cell].velocity == note.velocity
        assert back[cell].pitch == note.pitch
        assert back[cell].beat == pytest.approx(min(note.beat, (note.step + float(LATEST) / 2) / STEPS_PER_BEAT), abs=1e-7)


@given(ANYTHING)
def test_every_array_decodes_to_a_phrase_that_encodes_again(array: npt.NDArray[np.float32]) -> None:
    phrase = decode(array)
    again = encode(phrase)
    assert np.array_equal(again[:, :VOICES] > 0, array[:, :VOICES] > 0.5)
    assert np.allclose(encode(decode(again)), again, atol=1e-6)


@given(ANYTHING, st.floats(0.01, 4.0))
def test_a_note_ends_before_the_next_onset_of_its_class(array: npt.NDArray[np.float32], gate_beats: float) -> None:
    phrase = decode(array, gate_beats)
    for voice in range(VOICES):
        notes = [note for note in phrase.notes if note.voice == voice]
        for note, following in pairwise(notes):
            assert 0.9 * TICK < note.duration <= gate_beats
            assert note.beat + note.duration < following.beat


@given(ANYTHING)
def test_the_last_notes_end_before_the_earliest_onset_of_the_next_phrase(array: npt.NDArray[np.float32]) -> None:
    phrase = decode(array, gate_beats=1.0)
    assert all(note.beat + note.duration < (phrase.steps - 0.5) / STEPS_PER_BEAT for note in phrase.notes)


@given(ANYTHING)
def test_no_velocity_is_below_1(array: npt.NDArray[np.float32]) -> None:
    assert all(1 <= note.velocity <= 127 for note in decode(array).notes)


def test_the_features_are_hits_then_velocities_then_offsets_in_half_steps_positive_late() -> None:
    array = encode(Phrase(1, (Note(5, 1, 38, 127, (5 + 0.25) / 4, 0.1), Note(8, 0, 36, 64, (8 - 0.5) / 4, 0.1))))
    cells = {(int(step), int(feature)): float(array[step, feature]) for step, feature in np.argwhere(array)}
    assert cells == pytest.approx({(5, 1): 1, (5, 10): 1, (5, 19): 0.5, (8, 0): 1, (8, 9): 64 / 127, (8, 18): -1})


def test_a_note_with_room_lasts_the_gate() -> None:
    array = np.zeros((16, FEATURES), np.float32)
    array[0, [0, 9]] = 1
    assert decode(array).notes[0].duration == GATE_BEATS


@pytest.mark.parametrize("shape", [(0, FEATURES), (15, FEATURES), (16, 26), (16,)])
def test_an_array_that_is_not_whole_bars_of_27_features_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="groove array"):
        decode(np.zeros(shape, np.float32))
