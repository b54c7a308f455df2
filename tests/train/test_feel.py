"""Residuals bring the spread of a decoder's means back to that of performances."""

import numpy as np
import pytest

from mvae.core.latent import Residual
from mvae.train.feel import fit_residual, with_feel
from mvae.train.metrics import matched
from tests.train.toys import random_phrases

REAL = random_phrases(150, share=0.3)
MEANS = REAL.copy()
MEANS[..., 9:18] = np.where(MEANS[..., :9] > 0.5, 0.5 + 0.6 * (MEANS[..., 9:18] - 0.5), 0)
MEANS[..., 18:] *= 0.6


def test_with_feel_1_velocities_and_offsets_vary_as_much_as_the_real_ones() -> None:
    pairs = matched(REAL, with_feel(MEANS, fit_residual(REAL, MEANS), 1.0))
    assert pairs.velocity_decoded.std() / pairs.velocity.std() == pytest.approx(1.0, abs=0.01)
    assert pairs.offset_decoded.std() / pairs.offset.std() == pytest.approx(1.0, abs=0.01)


def test_a_class_that_is_played_more_loosely_gets_more() -> None:
    loose = MEANS.copy()
    loose[..., 9:18][..., 0] = np.where(loose[..., 0] > 0.5, 0.5, 0)
    sds = fit_residual(REAL, loose).velocity_sd
    assert sds[0] > 1.5 * sds[1:].max()


def test_feel_0_leaves_everything_as_it_is_and_hits_never_move() -> None:
    residual = Residual(np.full(9, 0.1, np.float32), np.full(9, 0.2, np.float32))
    assert (with_feel(MEANS, residual, 0.0) == MEANS).all()
    felt = with_feel(MEANS, residual, 1.0)
    assert (felt[..., :9] == MEANS[..., :9]).all()
    assert (with_feel(MEANS, residual, 1.0) == felt).all()


def test_a_model_that_already_varies_enough_gets_next_to_nothing() -> None:
    assert fit_residual(REAL, REAL).velocity_sd.max() == 0.0
