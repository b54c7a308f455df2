from pathlib import Path

import numpy as np
import pytest

from mvae.core.latent import slerp
from mvae.core.panel import start
from mvae.core.steer import steer
from tests.toy_space import MORPH, PAD, point, toy_patch, toy_space

DENSITY = '[knob.density]\naxis = "density"\n'


@pytest.mark.parametrize(("x", "y", "name"), [(0, 0, "rock"), (1, 0, "funk"), (0, 1, "jazz"), (1, 1, "latin")])
def test_the_corners_of_the_pad_are_the_anchors_exactly(tmp_path: Path, x: float, y: float, name: str) -> None:
    patch, space = toy_patch(tmp_path), toy_space()
    assert np.array_equal(steer(patch, start(patch.actions()).moved({"x": x, "y": y}), space), space.anchors[name])


def test_two_anchors_are_joined_by_slerp(tmp_path: Path) -> None:
    patch, space = toy_patch(tmp_path, MORPH), toy_space()
    z = steer(patch, start(patch.actions()).moved({"morph": 0.3}), space)
    assert np.array_equal(z, slerp(space.anchors["rock"], space.anchors["funk"], 0.3))


def test_an_axis_knob_adds_its_calibrated_step_and_stops_at_the_true_range(tmp_path: Path) -> None:
    patch, space = toy_patch(tmp_path, PAD + DENSITY), toy_space()
    positions = start(patch.actions())
    assert np.allclose(steer(patch, positions.moved({"density": 2.0}), space), point(2, 0, 0, 8))
    assert np.allclose(steer(patch, positions.moved({"density": -2.0}), space), point(2, 0, 0, -1))


def test_steer_gives_float32_and_leaves_the_space_alone(tmp_path: Path) -> None:
    patch, space = toy_patch(tmp_path, PAD + DENSITY), toy_space()
    z = steer(patch, start(patch.actions()).moved({"density": 1.0}), space)
    assert z.dtype == np.float32 and z.shape == (space.z_size,)
    assert np.array_equal(space.anchors["rock"], point(2, 0, 0, 0))
