"""Points of a latent space and the ways between them: slerp, the four-corner pad, calibrated axes, and what a bundle says of its space.

Works on arrays only; knows nothing of models, bundles on disk, knobs or patches.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

Latent = NDArray[np.float32]  # (z,)
Doubles = NDArray[np.float64]

KNOB_POINTS = 17  # -2, -1.75, ..., 2 standard deviations
PARALLEL = 1e-12  # below this sine two directions count as one line


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """An attribute direction with its calibration.

    `direction` (z,) is added `step` times; `knob` (k,) rises from -2 to 2 standard deviations of the attribute, `step` (k,) is monotone.
    `low` and `high` are what the attribute really reaches: the knob stops there.
    """

    name: str
    direction: Latent
    knob: NDArray[np.floating]
    step: NDArray[np.floating]
    low: float
    high: float

    def move(self, value: float) -> Latent:
        """What the knob at `value` (standard deviations) adds to a latent: (z,) float32, zeros where the table says step 0."""
        steps = np.interp(min(max(value, self.low), self.high), self.knob, self.step)
        return np.asarray(self.direction * np.float32(steps), dtype=np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Mixture:
    """The prior that samples are drawn from: k diagonal Gaussians. `weight` (k,) sums to 1, `mean` and `sd` are (k, z)."""

    weight: NDArray[np.floating]
    mean: NDArray[np.floating]
    sd: NDArray[np.floating]


@dataclass(frozen=True, slots=True, eq=False)
class Residual:
    """What a decoder's means leave out of a performance, per voice: `velocity_sd` (9,) of 0..1, `offset_sd` (9,) in half steps."""

    velocity_sd: NDArray[np.floating]
    offset_sd: NDArray[np.floating]


@dataclass(frozen=True, slots=True, eq=False)
class Space:
    """A bundle's latent space: named points, fills, axes, and the two fits. Every point is (z_size,) float32."""

    z_size: int
    anchors: Mapping[str, Latent]
    fills: Mapping[str, Latent] = field(default_factory=dict)
    axes: Mapping[str, Axis] = field(default_factory=dict)
    mixture: Mixture | None = None
    residual: Residual | None = None


def slerp(a: ArrayLike, b: ArrayLike, t: float) -> Latent:
    """From `a` (z,) to `b` (z,) at `t` 0..1: the direction turns along the great circle (Shoemake 1985), the norm changes linearly.

    Exact at 0 and 1. Opposite points turn through a fixed direction at right angles; a zero point has no direction and takes the other's.
    """
    start, end = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if t <= 0.0 or t >= 1.0:
        return np.array(start if t <= 0.0 else end, dtype=np.float32)
    start_norm, end_norm = float(np.linalg.norm(start)), float(np.linalg.norm(end))
    norm = (1.0 - t) * start_norm + t * end_norm
    if start_norm == 0.0 or end_norm == 0.0:
        return np.asarray(t * end if start_norm == 0.0 else (1.0 - t) * start, dtype=np.float32)
    return np.asarray(norm * _turn(start / start_norm, end / end_norm, t), dtype=np.float32)


def _turn(a: Doubles, b: Doubles, t: float) -> Doubles:
    """The unit vector a share `t` of the way from unit vector `a` to unit vector `b`."""
    cosine = float(a @ b)
    across = b - cosine * a
    sine = float(np.linalg.norm(across))
    side = across / sine if sine > PARALLEL else _right_angle(a)
    angle = t * float(np.arctan2(sine, cosine))
    turned = np.cos(angle) * a + np.sin(angle) * side
    return np.asarray(turned / np.linalg.norm(turned), dtype=np.float64)


def _right_angle(a: Doubles) -> Doubles:
    """A unit vector at right angles to unit vector `a`: the coordinate axis it leans on least, straightened. In one dimension, `a`."""
    if a.size < 2:
        return a
    side = np.zeros_like(a)
    side[int(np.argmin(np.abs(a)))] = 1.0
    side -= (side @ a) * a
    return np.asarray(side / np.linalg.norm(side), dtype=np.float64)


def pad(corners: Sequence[ArrayLike] | NDArray[np.floating], x: float, y: float) -> Latent:
    """The four-corner pad, exact at the corners: `corners` are A, B, C, D (4, z); x goes from A to B and C to D, y from AB to CD."""
    a, b, c, d = corners
    return slerp(slerp(a, b, x), slerp(c, d, x), y)
