"""Soft takeover: a pot or fader that does not stand where its knob does turns nothing until it crosses that place.

Crossing, not matching: a fast turn never meets the place itself. Pure but for where each control was last. Knows no knobs: places are
travels, 0..1.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final, Literal

Way = Literal["", "up", "down"]  # which way to turn to take over; empty: it has the knob
SLACK: Final = 1.5 / 127  # a control this near to its knob has it: a pot at rest wavers


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a control has its knob, and if not, which way to turn; `is_new` where that was otherwise before."""

    has: bool
    way: Way
    is_new: bool


class Takeover:
    """The controls of one controller."""

    def __init__(self) -> None:
        self._last: dict[Hashable, float] = {}
        self._ways: dict[Hashable, Way] = {}

    def turned(self, control: Hashable, travel: float, stands: float) -> Verdict:
        """A control has come to `travel`; its knob stands at `stands`."""
        last = self._last.get(control, travel)
        self._last[control] = travel
        has = min(abs(last - stands), abs(travel - stands)) <= SLACK or (last - stands) * (travel - stands) < 0
        way: Way = "" if has else "up" if stands > travel else "down"
        before = self._ways.get(control, "")
        self._ways[control] = way
        return Verdict(has, way, way != before)

    def forget(self) -> None:
        """The controls may stand elsewhere now: they were unplugged."""
        self._last.clear()
        self._ways.clear()
