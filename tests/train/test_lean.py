"""Where phrases rest on their knobs: between the quartiles of an attribute they differ on its own knob, and on no other."""

import numpy as np
import pytest

from mvae.core.tokens import HOLD
from mvae.train.lean import rests_of
from mvae.train.token_attributes import MONO, attributes, outer_quartiles
from tests.train.exam_toys import random_melodies

KNOBS = ("legato", *MONO)
PHRASES = np.concatenate([random_melodies(200, share=share / 10) for share in range(1, 7)])


def test_between_quartiles_the_rest_differs_on_the_own_knob() -> None:
    rests = rests_of("melody", KNOBS, PHRASES).of(PHRASES)
    values = attributes("melody", PHRASES)
    apart = [np.subtract(*(rests[ends].mean(0) for ends in reversed(outer_quartiles(values[name])))) for name in MONO]
    assert np.abs(apart - np.eye(5, 6, 1)).max() < 0.25  # less than 1, as no rest is further away than that
    assert all(row[n + 1] > 0.75 for n, row in enumerate(apart))


def test_without_the_limit_it_differs_by_one_and_by_nothing() -> None:
    rests = rests_of("melody", tuple(MONO), PHRASES)
    values = np.nan_to_num(np.stack(list(attributes("melody", PHRASES).values()), 1) - rests.mean) @ rests.apart.T
    ends = [outer_quartiles(each) for each in attributes("melody", PHRASES).values()]
    apart = np.stack([values[top].mean(0) - values[bottom].mean(0) for bottom, top in ends])
    assert apart == pytest.approx(np.eye(5), abs=0.05)  # phrases without an interval are not in its quartiles


def test_a_phrase_that_has_nothing_rests_where_the_others_let_it() -> None:
    rests = rests_of("melody", KNOBS, PHRASES).of(np.full((3, 32, 1), HOLD))
    assert np.isfinite(rests).all() and (np.abs(rests) <= 1).all() and not rests[:, 0].any()
    assert rests[:, 1].tolist() == [-1, -1, -1]  # no onset at all


def test_attributes_that_do_not_differ_lean_nowhere() -> None:
    same = np.repeat(random_melodies(1), 8, axis=0)
    assert not rests_of("melody", KNOBS, same).of(same).any()
