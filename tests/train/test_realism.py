"""Density, memory and smoothness, of a model whose numbers are dials."""

import numpy as np
import pytest

from mvae.train.baselines import hit_bits
from mvae.train.realism import best_temperature, chance, likeness, midpoints_of, morph
from tests.train.toys import Dials, random_phrases

DIALS = Dials()


def test_a_dial_that_only_adds_hits_morphs_in_a_straight_way() -> None:
    ends = [(np.float32([-2, 0, 0, 1]), np.float32([2, 0, 0, 1]))]
    found = morph(DIALS, ends, 0.0)
    assert found["toggles_per_differing_hit"] == 1.0
    assert (found["differing_hits"], found["largest_jump"]) == (20.0, 1.0)


def test_a_detour_counts_every_cell_that_comes_and_goes() -> None:
    there_and_back = [(np.float32([1, 0, 0, 2]), np.float32([1, 0, 0, -2]))]  # halfway the norm is kept: the first dial turns up, then back
    found = morph(DIALS, there_and_back, 0.0)
    assert found["differing_hits"] == 0
    assert found["toggles_per_differing_hit"] >= 8


def test_frozen_chance_adds_hits_but_no_toggles() -> None:
    ends = [(np.float32([-2, 0, 0, 1]), np.float32([2, 0, 0, 1]))]
    assert morph(DIALS, ends, 1.0)["toggles_per_differing_hit"] == 1.0


def test_chance_is_the_same_for_the_same_phrase_and_lies_inside() -> None:
    few, many = chance(2, 2), chance(5, 2)
    assert (many[:2] == few).all()
    assert many.min() > 0 and many.max() < 1


def test_density_counts_as_real_within_the_range_and_copies_as_memorised() -> None:
    notes = random_phrases(20, share=0.3)
    density = notes[..., :9].sum((1, 2)) / 2
    low, high = np.sort(density)[[5, 14]]
    found = likeness(notes, float(low), float(high), hit_bits(notes[:8]))
    assert found["density_in_range"] == pytest.approx(((density >= low) & (density <= high)).mean())
    assert found["memorised"] == 8 / 20
    assert found["hits_per_window_sd"] == pytest.approx(notes[..., :9].sum((1, 2)).std())


def test_midpoints_lie_halfway() -> None:
    found = midpoints_of(DIALS, [(np.float32([2, 0, 0, 0]), np.float32([2, 0, 0, 0]))], 0.0, 0.0, 20.0)
    assert found == {"density_in_range": 1.0, "density_mean": 13.5}


def test_the_default_temperature_is_that_of_the_smoothest_morphs_above_zero() -> None:
    found = {t: {"morph": {"toggles_per_differing_hit": ratio}} for t, ratio in (("0", 1.0), ("0.5", 1.2), ("1", 1.1))}
    assert best_temperature(found) == 1.0
    assert best_temperature({"0": found["0"]}) == 0.0
