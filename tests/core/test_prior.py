"""Fresh points: repeatable, each its own, and distributed as the bundle's mixture is."""

import numpy as np
import pytest

from mvae.core.latent import Mixture, Space
from mvae.core.prior import drawn

FAR = Mixture(np.array([0.25, 0.75]), np.array([[-100.0, 0.0], [100.0, 0.0]]), np.array([[1.0, 2.0], [1.0, 3.0]]))
MANY = 2000


def points(space: Space, seed: int = 1) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return np.array([drawn(space, seed, number) for number in range(MANY)])


def test_the_same_seed_and_number_give_the_same_point_and_others_another() -> None:
    space = Space(2, {}, mixture=FAR)
    assert np.array_equal(drawn(space, 1, 0), drawn(space, 1, 0))
    assert len({point.tobytes() for point in (drawn(space, 1, 0), drawn(space, 1, 1), drawn(space, 2, 0))}) == 3


def test_a_mixture_is_drawn_by_weight_mean_and_spread() -> None:
    found = points(Space(2, {}, mixture=FAR))
    right = found[:, 0] > 0
    assert found.dtype == np.float32
    assert right.mean() == pytest.approx(0.75, abs=0.04)
    assert found[right].mean(0) == pytest.approx([100, 0], abs=0.3) and found[right].std(0) == pytest.approx([1, 3], rel=0.1)
    assert found[~right].std(0) == pytest.approx([1, 2], rel=0.15)


def test_without_a_mixture_it_is_the_standard_normal() -> None:
    found = points(Space(2, {}))
    assert found.mean(0) == pytest.approx([0, 0], abs=0.1) and found.std(0) == pytest.approx([1, 1], rel=0.1)
