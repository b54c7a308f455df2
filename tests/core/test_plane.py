"""Two principal components: what they show, and that they always show it alike."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mvae.core.plane import plane_of


@settings(deadline=None)
@given(st.integers(0, 1000), st.integers(1, 600), st.integers(0, 5), st.integers(2, 40))
def test_the_plane_is_two_unit_vectors_at_right_angles_and_the_same_again(seed: int, count: int, anchors: int, size: int) -> None:
    draw = np.random.default_rng(seed)
    path, points = draw.normal(size=(count, size)), draw.normal(size=(anchors, size))
    plane = plane_of(path, points)
    assert plane.shares[0] >= plane.shares[1] >= 0 and sum(plane.shares) <= 1 + 1e-9
    if plane.shares[1] > 1e-9:
        np.testing.assert_allclose(plane.across @ plane.across.T, np.eye(2), atol=1e-9)
    np.testing.assert_array_equal(plane.seen(path), plane_of(path, points).seen(path))


def test_a_flat_way_is_seen_in_its_own_size() -> None:
    square = np.array([[0, 0], [4, 0], [4, 2], [0, 2]], float)
    turned = np.linalg.qr(np.random.default_rng(1).normal(size=(8, 8)))[0][:2]
    plane = plane_of(square @ turned, square[:1] @ turned)
    seen = plane.seen(square @ turned)
    lengths = np.linalg.norm(np.diff(seen, axis=0), axis=1)
    np.testing.assert_allclose(lengths, [4, 2, 4], atol=1e-9)
    assert sum(plane.shares) == pytest.approx(1)


def test_a_path_that_stands_still_is_a_point() -> None:
    plane = plane_of(np.ones((3, 4)), np.zeros((0, 4)))
    assert plane.shares == (0.0, 0.0)
    np.testing.assert_allclose(plane.seen(np.ones((3, 4))), 0, atol=1e-9)
