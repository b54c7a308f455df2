"""Hop 3 of the signal path: from where the knobs stand to the latent they name. Pure.

Base point: the pad between four anchors, or slerp between two; then every axis knob adds its calibrated step.
"""

import numpy as np

from mvae.core.action_table import SLOTS
from mvae.core.latent import Latent, Space, pad, slerp
from mvae.core.panel import Positions
from mvae.core.patch import Patch


def steer(patch: Patch, positions: Positions, space: Space) -> Latent:
    """The latent (z,) float32 that `positions` mean. The patch must have been checked against `space`."""
    point = base(patch, positions, space)
    for knob, axis in patch.axes:
        point = point + space.axes[axis].move(positions.knobs[knob])
    return np.asarray(point, dtype=np.float32)


def base(patch: Patch, positions: Positions, space: Space) -> Latent:
    """The point (z,) that the anchors alone give."""
    corners = [space.anchors[name] for _, name in patch.anchors]
    if len(corners) == len(SLOTS):
        return pad(corners, positions.knobs["x"], positions.knobs["y"])
    return slerp(corners[0], corners[1], positions.knobs["morph"])
