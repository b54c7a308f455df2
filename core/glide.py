"""The way to an anchor or a scene: knob changes, one a 16th step, straight in beats. Pure; the instrument schedules them."""

from collections.abc import Iterator, Mapping

from mvae.core.panel import Positions
from mvae.core.phrase import STEPS_PER_BEAT

CORNERS: Mapping[str, Mapping[str, float]] = {
    "A": {"x": 0.0, "y": 0.0},
    "B": {"x": 1.0, "y": 0.0},
    "C": {"x": 0.0, "y": 1.0},
    "D": {"x": 1.0, "y": 1.0},
}
ENDS: Mapping[str, Mapping[str, float]] = {"A": {"morph": 0.0}, "B": {"morph": 1.0}}


def corner(positions: Positions, slot: str) -> Mapping[str, float]:
    """Where the knobs of the pad, or of the morph, stand when only the anchor in `slot` sounds. Raises KeyError for no such slot."""
    return (CORNERS if "x" in positions.knobs else ENDS)[slot]


def glide(positions: Positions, slot: str, beats: float, start_step: int) -> Iterator[tuple[int, Mapping[str, float]]]:
    """The `way` from `positions` to the anchor in `slot`."""
    return way(positions, corner(positions, slot), beats, start_step)


def way(
    positions: Positions, target: Mapping[str, float], beats: float, start_step: int
) -> Iterator[tuple[int, Mapping[str, float]]]:
    """(step, knobs) from `positions` to the `target` of some knobs: linear over `beats`, rounded up to a step; at once for 0.

    The first change is heard one step after `start_step`, the last is exactly the target.
    """
    steps = max(0, -int(-beats * STEPS_PER_BEAT // 1))
    if steps == 0:
        yield start_step, target
    for taken in range(1, steps + 1):
        share = taken / steps
        yield (
            start_step + taken,
            target if taken == steps else {name: (1 - share) * positions.knobs[name] + share * end for name, end in target.items()},
        )
