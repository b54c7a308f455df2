"""How a knob's travel 0..1 becomes its value, and back. A table of curves; the inverse is exact but for rounding.

Knows nothing of knobs, counts or deadbands.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Curve:
    """`value(travel, low, high)` and its inverse `travel(value, low, high)`; both rise."""

    value: Callable[[float, float, float], float]
    travel: Callable[[float, float, float], float]


CURVES: dict[str, Curve] = {
    "linear": Curve(lambda t, low, high: low + t * (high - low), lambda v, low, high: (v - low) / (high - low)),
    # Fine at the low end.
    "square": Curve(lambda t, low, high: low + t * t * (high - low), lambda v, low, high: math.sqrt((v - low) / (high - low))),
    # Equal ratios for equal travel; needs 0 < low.
    "log": Curve(lambda t, low, high: low * (high / low) ** t, lambda v, low, high: math.log(v / low) / math.log(high / low)),
}


def clip(value: float, low: float, high: float) -> float:
    """`value`, or the end of low..high that it lies beyond."""
    return min(max(value, low), high)


def value_of(travel: float, low: float, high: float, curve: str) -> float:
    """The value at `travel` 0..1 (clipped); exactly `low` at 0 and `high` at 1."""
    if travel <= 0.0:
        return low
    if travel >= 1.0:
        return high
    return clip(CURVES[curve].value(travel, low, high), low, high)


def travel_of(value: float, low: float, high: float, curve: str) -> float:
    """The travel 0..1 at which the curve gives `value` (clipped to low..high)."""
    if value <= low:
        return 0.0
    if value >= high:
        return 1.0
    return clip(CURVES[curve].travel(value, low, high), 0.0, 1.0)
