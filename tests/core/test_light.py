"""Light: it adds up, spreads without getting lost, and never burns out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mvae.core.light import TIMES, blurred, dark, exposed, ring, splat, tint


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 20), st.integers(30, 60), st.integers(30, 60))
def test_what_is_spread_is_as_bright_as_before(radius: int, height: int, width: int) -> None:
    light = dark(height + 4 * radius, width + 4 * radius)
    light[height // 2 + 2 * radius, width // 2 + 2 * radius] = (1, 2, 3)
    spread = blurred(light, radius)
    assert spread.shape == light.shape and spread.min() >= 0 and spread.max() < 3
    np.testing.assert_allclose(spread.sum(axis=(0, 1)), (1, 2, 3), rtol=0.3)


@given(st.floats(0, 8.99), st.floats(0, 6.99))
def test_a_point_is_shared_out_around_its_place(x: float, y: float) -> None:
    light = dark(9, 11)
    splat(light, np.array([x]), np.array([y]), np.array([[1.0, 0.5, 0.0]]))
    np.testing.assert_allclose(light.sum(axis=(0, 1)), (1.0, 0.5, 0.0), rtol=1e-5)
    rows, columns = np.nonzero(light[:, :, 0] > 1e-6)
    assert set(rows) <= {int(y), int(y) + 1} and set(columns) <= {int(x), int(x) + 1}


def test_points_outside_are_cut() -> None:
    light = dark(4, 4)
    splat(light, np.array([-5.0, 99.0]), np.array([1.0, 1.0]), np.ones((2, 3)))
    ring(light, 50, 50, 3, 2, (255, 255, 255))
    assert not light.any()


def test_no_light_is_the_ground_and_much_light_is_not_black() -> None:
    light = dark(1, 2)
    light[0, 1] = (1000, 0, 0)
    (ground, bright), = exposed(light, (10, 20, 30))
    assert tuple(ground) == (10, 20, 30) and bright[0] == 255 and bright[1] > 100


def test_time_begins_with_the_first_colour_and_ends_with_the_last() -> None:
    first, last = tint([-1.0, 2.0])
    assert (first * 255).tolist() == pytest.approx(TIMES[0]) and (last * 255).tolist() == pytest.approx(TIMES[-1])
