"""Hop 3 of the signal path: from where the knobs stand to the latent they name. Pure.

Base point: the pad between four anchors, or slerp between two, on the course that the band is on: points placed in the slots, a glide
from where it was, a walk around it. Then every axis knob adds its calibrated step.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from mvae.core.action_table import SLOTS
from mvae.core.latent import Latent, Space, pad, slerp
from mvae.core.panel import Positions
from mvae.core.patch import Patch


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """What leads one bundle's latent besides the knobs. Every point is (z,) float32.

    `placed` are the points in slots that hold another one than the patch says; `left` is where a glide began and `share` 0..1 how far it
    has come; `walk` is where in the unit ball a walk stands.
    """

    placed: Mapping[str, Latent] = field(default_factory=dict)
    left: Latent | None = None
    share: float = 1.0
    walk: Latent | None = None

    def with_point(self, slot: str, point: Latent | None) -> "Course":
        """The same with this point in a slot; with the patch's own again for None."""
        others = {name: z for name, z in self.placed.items() if name != slot}
        return replace(self, placed=others if point is None else {**others, slot: point})

    def leaving(self, point: Latent) -> "Course":
        """The same, a glide about to begin where the latent stands."""
        return replace(self, left=point, share=0.0)

    def come(self, share: float) -> "Course":
        """The same with the glide so far, 0..1."""
        return replace(self, left=self.left if share < 1.0 else None, share=min(share, 1.0))

    def walked(self, walk: Latent) -> "Course":
        """The same with the walk elsewhere."""
        return replace(self, walk=walk)


STRAIGHT = Course()


def steer(patch: Patch, positions: Positions, space: Space, course: Course = STRAIGHT) -> Latent:
    """The latent (z,) float32 that `positions` mean. The patch must have been checked against `space`."""
    point = base(patch, positions, space, course)
    for knob, axis in patch.axes:
        point = point + space.axes[axis].move(positions.knobs[knob])
    return np.asarray(point, dtype=np.float32)


def base(patch: Patch, positions: Positions, space: Space, course: Course = STRAIGHT) -> Latent:
    """The point (z,) float32 that anchors, glide and walk give, before any axis."""
    corners = [course.placed[slot] if slot in course.placed else space.anchors[name] for slot, name in patch.anchors]
    if len(corners) == len(SLOTS):
        point = pad(corners, positions.knobs["x"], positions.knobs["y"])
    else:
        point = slerp(corners[0], corners[1], positions.knobs["morph"])
    if course.left is not None and course.share < 1.0:
        point = slerp(course.left, point, course.share)
    radius = positions.knobs["wander"]
    if course.walk is None or radius == 0.0:
        return point
    return np.asarray(point + np.float32(radius) * np.linalg.norm(point) * course.walk, dtype=np.float32)
