"""The mixture that samples are drawn from."""

import numpy as np
import pytest

from mvae.core.latent import Mixture
from mvae.train.mixture import fit_mixture, posterior_samples, responsibilities, sample, spread_starts

DRAW = np.random.default_rng(0)
TWO = np.concatenate([DRAW.normal((5, 0), (0.5, 1), (300, 2)), DRAW.normal((-5, 1), (1, 0.2), (100, 2))]).astype(np.float32)


def test_two_clouds_are_found_with_their_weights_means_and_spreads() -> None:
    found = fit_mixture(TWO, components=2)
    order = np.argsort(found.mean[:, 0])
    assert found.weight[order] == pytest.approx([0.25, 0.75], abs=0.01)
    assert found.mean[order] == pytest.approx(np.array([[-5, 1], [5, 0]]), abs=0.25)
    assert found.sd[order] == pytest.approx(np.array([[1, 0.2], [0.5, 1]]), abs=0.15)


def test_the_same_seed_fits_the_same_mixture() -> None:
    one, other = fit_mixture(TWO, 5), fit_mixture(TWO, 5)
    assert (one.mean == other.mean).all() and (one.weight == other.weight).all()
    assert one.weight.sum() == pytest.approx(1.0, abs=1e-5)


def test_more_rounds_never_make_the_data_less_likely() -> None:
    few = fit_mixture(TWO, components=1)
    many = fit_mixture(TWO, components=4)
    assert responsibilities(TWO.astype(float), many)[1] > responsibilities(TWO.astype(float), few)[1]


def test_shares_are_those_of_bayes() -> None:
    mixture = Mixture(np.array([0.3, 0.7]), np.array([[0.0], [2.0]]), np.array([[1.0], [0.5]]))
    shares, _ = responsibilities(np.array([[1.0]]), mixture)
    density = [w / s * np.exp(-((1 - m) ** 2) / (2 * s * s)) for w, m, s in ((0.3, 0, 1), (0.7, 2, 0.5))]
    assert shares[0] == pytest.approx(np.array(density) / sum(density))


def test_starts_are_points_of_the_data_and_apart() -> None:
    starts = spread_starts(TWO.astype(float), 2, np.random.default_rng(1))
    assert abs(starts[0, 0] - starts[1, 0]) > 5
    assert fit_mixture(np.ones((3, 2), np.float32), components=8).mean.shape == (3, 2)


def test_samples_have_the_moments_of_the_mixture() -> None:
    mixture = Mixture(np.array([0.5, 0.5]), np.array([[3.0], [-3.0]]), np.array([[0.1], [0.1]]))
    drawn = sample(mixture, 2000)
    assert drawn.shape == (2000, 1)
    assert np.abs(np.abs(drawn).mean() - 3) < 0.02 and abs((drawn > 0).mean() - 0.5) < 0.05


def test_posterior_samples_lie_around_their_means() -> None:
    drawn = posterior_samples(np.zeros((4000, 1), np.float32), np.full((4000, 1), 0.5, np.float32))
    assert drawn.std() == pytest.approx(0.5, abs=0.02)
