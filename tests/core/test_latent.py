import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mvae.core.latent import KNOB_POINTS, Axis, Latent, pad, slerp

points = arrays(np.float32, 6, elements=st.floats(-4, 4, width=32))
shares = st.floats(0, 1)
LINE = np.array([1, 0, 0, 0, 0, 0], dtype=np.float32)


@given(points, points)
def test_slerp_is_exact_at_both_ends(a: Latent, b: Latent) -> None:
    assert np.array_equal(slerp(a, b, 0.0), a)
    assert np.array_equal(slerp(a, b, 1.0), b)


@given(points, points, shares)
@example(LINE, -LINE, 0.5)
@example(LINE, 3 * LINE, 0.25)
@example(0 * LINE, LINE, 0.5)
@example(0 * LINE, 0 * LINE, 0.5)
def test_slerp_interpolates_the_norm_linearly(a: Latent, b: Latent, t: float) -> None:
    expected = (1 - t) * np.linalg.norm(a.astype(float)) + t * np.linalg.norm(b.astype(float))
    assert np.linalg.norm(slerp(a, b, t).astype(float)) == pytest.approx(expected, rel=1e-5, abs=1e-6)


@given(points, points, shares)
@example(LINE, -LINE, 0.5)
@example(LINE, 3 * LINE, 0.5)
def test_slerp_turns_at_constant_speed(a: Latent, b: Latent, t: float) -> None:
    assume(np.linalg.norm(a) > 0.1 and np.linalg.norm(b) > 0.1)

    def angle(u: Latent, v: Latent) -> float:
        u, v = u / np.linalg.norm(u.astype(float)), v / np.linalg.norm(v.astype(float))
        return float(2 * np.arctan2(np.linalg.norm(u - v), np.linalg.norm(u + v)))

    assert angle(a, slerp(a, b, t)) == pytest.approx(t * angle(a, b), abs=1e-4)


@given(points, points, shares)
def test_slerp_is_the_same_read_backwards(a: Latent, b: Latent, t: float) -> None:
    cosine = float(a @ b) / max(float(np.linalg.norm(a) * np.linalg.norm(b)), 1e-9)
    assume(cosine > -0.99)  # opposite points turn through a side that is chosen from the first
    assert np.allclose(slerp(a, b, t), slerp(b, a, 1 - t), atol=1e-4)


@given(arrays(np.float32, (4, 6), elements=st.floats(-4, 4, width=32)))
def test_pad_is_exact_at_the_four_corners(corners: Latent) -> None:
    for corner, (x, y) in zip(corners, ((0, 0), (1, 0), (0, 1), (1, 1)), strict=True):
        assert np.array_equal(pad(corners, x, y), corner)


def test_opposite_points_in_one_dimension_shrink_to_a_finite_point() -> None:
    assert np.isfinite(slerp([1.0], [-1.0], 0.5)).all()


def axis(low: float, high: float) -> Axis:
    knob = np.linspace(-2, 2, KNOB_POINTS, dtype=np.float32)
    return Axis("density", LINE, knob, 3 * knob, low, high)


def test_an_axis_moves_along_its_direction_by_the_calibrated_step() -> None:
    assert np.allclose(axis(-2, 2).move(0.5), 1.5 * LINE)
    assert axis(-2, 2).move(0.5).dtype == np.float32


@given(st.floats(-5, 5))
def test_an_axis_stops_where_its_attribute_cannot_follow(value: float) -> None:
    assert np.allclose(axis(-1, 0.5).move(value), 3 * min(max(value, -1), 0.5) * LINE, atol=1e-6)
