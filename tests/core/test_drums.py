"""The map of drum notes, and a performance set on the grid."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.drums import CLASS_OF_NOTE, CLASSES, KITS, NOTE_OF_CLASS, TD11_CLASS_OF_NOTE, drum_notes, drum_phrase, without_median_offset
from mvae.core.midifile import Metre, Performance, PlayedNote

# Roland's list for the TD-11: kick, snare and rim and stick, toms and rims, hi-hat bow, edge and pedal, crashes, ride.
TD11 = (36, 38, 40, 37, 48, 50, 45, 47, 43, 58, 46, 26, 42, 22, 44, 49, 55, 57, 52, 51, 59, 53)
PLAYED = st.builds(
    lambda tick, length, pitch, velocity: PlayedNote(tick / 480, length / 480, 9, pitch, velocity),
    st.integers(0, 480 * 16),
    st.integers(0, 480),
    st.sampled_from(sorted(CLASS_OF_NOTE)),
    st.integers(1, 127),
)


@pytest.mark.parametrize("kit", KITS)
@pytest.mark.parametrize("note", [*range(27, 88), *TD11])
def test_every_drum_note_of_general_midi_and_of_the_td_11_has_a_class(kit: str, note: int) -> None:
    assert 0 <= KITS[kit][note] < len(CLASSES)


def test_what_a_class_sounds_as_reads_back_as_that_class() -> None:
    assert [CLASS_OF_NOTE[note] for note in NOTE_OF_CLASS] == list(range(len(CLASSES)))


@pytest.mark.parametrize(
    ("note", "name"), [(43, "low_tom"), (58, "low_tom"), (45, "mid_tom"), (47, "mid_tom"), (48, "high_tom"), (50, "high_tom")]
)
def test_the_three_toms_of_a_td_11_stay_three(note: int, name: str) -> None:
    assert CLASSES[TD11_CLASS_OF_NOTE[note]] == name


def test_only_channel_10_and_notes_with_a_class_are_drums() -> None:
    kick = PlayedNote(0.0, 0.1, 9, 36, 100)
    others = (PlayedNote(0.0, 0.1, 8, 36, 100), PlayedNote(0.0, 0.1, 9, 12, 100))
    assert drum_notes(Performance((kick, *others), ((0.0, 120.0),), (Metre(0.0, 4, 4),))) == (kick,)


@pytest.mark.parametrize(("beat", "step"), [(0.0, 0), (0.124, 0), (0.125, 1), (0.25, 1), (0.374, 1), (3.874, 15)])
def test_an_onset_goes_to_the_nearest_step_and_halves_go_up(beat: float, step: int) -> None:
    (note,) = drum_phrase((PlayedNote(beat, 0.01, 9, 36, 100),)).notes
    assert (note.step, note.beat) == (step, beat)


def test_an_early_onset_that_would_open_a_bar_after_the_end_is_lost() -> None:
    phrase = drum_phrase((PlayedNote(0.0, 0.01, 9, 36, 100), PlayedNote(3.99, 0.005, 9, 49, 100)))
    assert (phrase.bars, [note.pitch for note in phrase.notes]) == (1, [36])


def test_an_early_onset_that_sounds_past_the_line_opens_the_bar() -> None:
    phrase = drum_phrase((PlayedNote(0.0, 0.01, 9, 36, 100), PlayedNote(3.99, 0.1, 9, 49, 100)))
    assert (phrase.bars, [note.step for note in phrase.notes]) == (2, [0, 16])


@given(st.lists(PLAYED, min_size=1, max_size=60))
def test_without_its_median_offset_a_performance_keeps_its_steps_and_its_median_is_zero(played: list[PlayedNote]) -> None:
    phrase = drum_phrase(played)
    centred, median = without_median_offset(phrase)
    assert [note.step for note in centred.notes] == [note.step for note in phrase.notes]
    assert without_median_offset(centred)[1] == pytest.approx(0, abs=1e-9)
    moved = [late.offset_steps - early.offset_steps for late, early in zip(phrase.notes, centred.notes, strict=True)]
    assert all(abs(by - median) < 1e-9 or abs(note.offset_steps) == 0.5 for by, note in zip(moved, centred.notes, strict=True))


def test_silence_is_one_empty_bar() -> None:
    phrase, median = without_median_offset(drum_phrase(()))
    assert (phrase.bars, phrase.notes, median) == (1, (), 0.0)
