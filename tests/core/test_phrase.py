"""Notes that a phrase can hold, and phrases taken apart and joined."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.phrase import STEPS_PER_BAR, Note, Phrase, join

# Offsets of whole 1/960 beats, so that moving a note by bars is exact.
NOTES = st.builds(
    lambda step, voice, velocity, ticks: Note(step, voice, 36 + voice, velocity, (step + ticks / 240) / 4, 0.1),
    st.integers(0, 4 * STEPS_PER_BAR - 1),
    st.integers(0, 8),
    st.integers(1, 127),
    st.integers(-120, 119),
)


@given(st.lists(NOTES, max_size=40))
def test_a_phrase_is_its_bars_joined(notes: list[Note]) -> None:
    phrase = Phrase(4, tuple(notes))
    joined = join(phrase.bar(index) for index in range(4))
    assert [(note.step, note.voice, note.velocity) for note in joined.notes] == [(n.step, n.voice, n.velocity) for n in phrase.notes]
    assert [note.beat for note in joined.notes] == pytest.approx([note.beat for note in phrase.notes])


@given(st.lists(NOTES, max_size=40), st.randoms(use_true_random=False))
def test_the_order_in_which_notes_are_given_does_not_matter(notes: list[Note], chance: Random) -> None:
    shuffled = list(notes)
    chance.shuffle(shuffled)
    assert Phrase(4, tuple(shuffled)) == Phrase(4, tuple(notes))


@given(NOTES)
def test_a_bar_of_a_phrase_keeps_how_late_its_notes_are(note: Note) -> None:
    (alone,) = Phrase(4, (note,)).bar(note.step // STEPS_PER_BAR).notes
    assert 0 <= alone.step < STEPS_PER_BAR
    assert alone.offset_steps == pytest.approx(note.offset_steps, abs=1e-9)


@pytest.mark.parametrize(
    "changed", [{"velocity": 0}, {"velocity": 128}, {"pitch": 128}, {"pitch": -1}, {"duration": 0.0}, {"beat": 0.13}, {"beat": -0.13}]
)
def test_a_note_that_no_phrase_can_hold_is_refused(changed: dict[str, float]) -> None:
    with pytest.raises(ValueError):
        Note(**({"step": 0, "voice": 0, "pitch": 36, "velocity": 100, "beat": 0.0, "duration": 0.1} | changed))  # type: ignore[arg-type]


@pytest.mark.parametrize("step", [-1, 16])
def test_a_note_outside_the_bars_of_its_phrase_is_refused(step: int) -> None:
    with pytest.raises(ValueError):
        Phrase(1, (Note(step, 0, 36, 100, step / 4, 0.1),))


@pytest.mark.parametrize("bar", [-1, 2])
def test_a_phrase_has_no_bar_beyond_its_own(bar: int) -> None:
    with pytest.raises(IndexError):
        Phrase(2, ()).bar(bar)
