"""Attributes of phrases written by hand."""

import numpy as np
import pytest

from mvae.train.attributes import ATTRIBUTES, attributes
from tests.train.toys import phrase, random_phrases


def of(name: str, notes: np.ndarray) -> float:  # type: ignore[type-arg]
    return float(ATTRIBUTES[name](notes[None])[0])


def test_counts_are_per_bar() -> None:
    notes = phrase({"kick": [0, 16], "closed_hat": [0, 4, 8], "open_hat": [20], "snare": [4, 12, 20, 28]})
    assert (of("density", notes), of("kick", notes), of("hats", notes)) == (5.0, 1.0, 2.0)


def test_sixteenth_syncopation_counts_odd_steps_with_nothing_just_before() -> None:
    assert of("syncopation", phrase({"kick": [3], "snare": [7, 17]})) == 1.5
    assert of("syncopation", phrase({"kick": [2, 3]})) == 0.0, "a hit on the step before takes the edge away"
    assert of("syncopation", phrase({"kick": [3], "snare": [2]})) == 0.0, "whichever of the two drums it is"
    assert of("syncopation", phrase({"closed_hat": [3, 7]})) == 0.0, "cymbals do not count"


def test_eighth_syncopation_counts_offbeats_with_nothing_on_the_two_steps_before() -> None:
    assert of("syncopation_8th", phrase({"kick": [2, 6, 26]})) == 1.5
    assert of("syncopation_8th", phrase({"kick": [4, 6, 9, 10]})) == 0.0
    assert of("syncopation_8th", phrase({"kick": [8, 12]})) == 0.0, "beats are not offbeats"


def test_velocity_and_lateness_are_means_over_hits() -> None:
    notes = phrase({"kick": [0, 8]}, velocity=0.4, offset=0.5)
    notes[8, [9, 18]] = 0.8, -0.1
    assert of("velocity", notes) == pytest.approx(0.6)
    assert of("lateness", notes) == pytest.approx(0.2)


def test_swing_is_how_much_later_odd_steps_are() -> None:
    notes = phrase({"closed_hat": [0, 1, 2, 3]})
    notes[:, 20] = np.where(np.arange(32) % 2, 0.6, 0.1) * notes[:, 2]
    assert of("swing", notes) == pytest.approx(0.5)


def test_a_phrase_with_no_odd_steps_has_no_swing_and_a_silent_one_no_velocity() -> None:
    assert np.isnan(of("swing", phrase({"kick": [0, 8]})))
    assert np.isnan(of("velocity", phrase({}))) and of("density", phrase({})) == 0


def test_fill_counts_toms_and_crashes_of_the_last_bar() -> None:
    assert of("fill", phrase({"low_tom": [16, 17], "mid_tom": [20], "high_tom": [24], "crash": [0, 31], "snare": [30]})) == 5.0


def test_every_attribute_measures_many_phrases_as_it_measures_one() -> None:
    notes = random_phrases(5)
    for name, values in attributes(notes).items():
        assert values.shape == (5,)
        assert values == pytest.approx([of(name, one) for one in notes]), name
