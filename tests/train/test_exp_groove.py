"""Grooves that a model makes up, through a MIDI file and back."""

import numpy as np
import pytest

from mvae.core.groove import HITS, OFFSETS, VELOCITIES
from mvae.train.coder import Array
from mvae.train.exp_groove import groove_encodes_again, is_same, through_a_file
from tests.train.toys import Dials, phrase, random_phrases


class Drawn(Dials):
    """Says phrases from chance, with velocities and offsets that no MIDI file holds exactly, and some beyond what it can hold."""

    def decode(self, z: Array, uniform: Array | None = None, temperature: float = 0.0) -> Array:
        notes = 1.8 * random_phrases(len(z), seed=int(abs(z[0, 0]) * 1e6), share=0.4)
        notes[..., HITS] = notes[..., HITS] > 0
        return notes.astype(np.float32)


def test_what_a_model_says_comes_back_from_a_file_the_same() -> None:
    told = groove_encodes_again(Drawn(), 30)
    assert (told["n"], told["same_notes"], told["encoded"]) == (30, 1.0, 1.0)


def test_silent_bars_and_notes_at_the_edges_of_their_steps_come_back() -> None:
    early, late, silent = (phrase({"kick": [0, 1, 31], "ride": [31]}, offset=offset) for offset in (-1.0, 1.0, 0.0))
    silent[:] = 0
    notes = np.stack([early, late, silent, early, silent])
    again = through_a_file(notes)
    assert is_same(notes, again).all()
    assert (through_a_file(again) == again).all()
    assert again[0, 0, OFFSETS].min() == -1.0 and not again[2].any() and not again[4].any()


def test_velocities_half_way_between_two_come_back_as_the_one_that_is_played() -> None:
    notes = np.repeat(phrase({"kick": [0]})[None], 126, axis=0)
    notes[:, 0, VELOCITIES.start] = (np.arange(1, 127) + 0.5) / 127
    assert is_same(notes, through_a_file(notes)).all()


@pytest.mark.parametrize(
    ("part", "change", "same"),
    [
        (HITS, lambda x: np.roll(x, 1, 1), False),
        (VELOCITIES, lambda x: x + 1.2 / 127, False),
        (VELOCITIES, lambda x: x + 0.2 / 127, True),
        (OFFSETS, lambda x: x + 2 / 240, False),
        (OFFSETS, lambda x: x - 2 / 240, False),
        (OFFSETS, lambda x: x + 0.9 / 240, True),
    ],
)
def test_the_same_is_to_the_nearest_velocity_and_tick(part: slice, change, same: bool) -> None:  # type: ignore[no-untyped-def]
    notes = np.stack([phrase({"snare": [0, 4], "crash": [8]}, velocity=64 / 127, offset=0.25), phrase({"kick": [3]}, velocity=64 / 127)])
    other = notes.copy()
    other[0, :, part] = change(notes[0, :, part])
    assert is_same(notes, other).tolist() == [same, True]


def test_a_file_with_other_drums_is_not_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mvae.core.groove.NOTE_OF_CLASS", (36, 38, 42, 46, 45, 45, 50, 49, 51))  # mid toms are written as low ones
    assert groove_encodes_again(Drawn(), 12)["same_notes"] == 0.0


def test_an_encoder_that_breaks_is_counted() -> None:
    class Broken(Drawn):
        def encode(self, notes: Array) -> tuple[Array, Array]:
            mu, sigma = super().encode(notes)
            mu[::3] = np.nan
            return mu, sigma

    told = groove_encodes_again(Broken(), 30)
    assert (told["same_notes"], told["encoded"]) == (1.0, pytest.approx(20 / 30))
