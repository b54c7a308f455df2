"""A latent space small enough to check by hand, and patches written to a temporary folder."""

from pathlib import Path

import numpy as np

from mvae.core.latent import KNOB_POINTS, Axis, Latent, Space
from mvae.core.patch import Patch
from mvae.core.patch_file import read_patch

Z = 4
PAD = """format = 1
name = "Test"
[[part]]
bundle = "toy"
[anchors]
A = "rock"
B = "funk"
C = "jazz"
D = "latin"
"""
MORPH = PAD.replace('C = "jazz"\nD = "latin"\n', "")


def point(*values: float) -> Latent:
    """A latent of four numbers."""
    return np.array(values, dtype=np.float32)


def toy_space() -> Space:
    """Four anchors along the coordinate axes, and one axis "density" along the last, reachable from -1 to 2."""
    knob = np.linspace(-2, 2, KNOB_POINTS)
    density = Axis("density", point(0, 0, 0, 1), knob, knob**3, -1.0, 2.0)
    anchors = {name: point(*(2.0 * (i == j) for j in range(Z))) for i, name in enumerate(("rock", "funk", "jazz", "latin"))}
    return Space(Z, anchors, {}, {"density": density})


def write_patch(folder: Path, text: str) -> Path:
    """The patch file of a text."""
    path = folder / "test.toml"
    path.write_text(text, encoding="utf-8")
    return path


def toy_patch(folder: Path, text: str = PAD) -> Patch:
    """The patch of a text."""
    return read_patch(write_patch(folder, text))
