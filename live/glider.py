"""A glide under way: the knobs of an anchor or a scene turn with the music, step by step, until they are there or a hand takes one.

Knows nothing of what knobs do, nor what plays.
"""

from collections import deque
from collections.abc import Mapping

from mvae.core.change import Change
from mvae.core.glide import corner, way
from mvae.core.panel import Panel

SOURCE = "glide"


class Glider:
    """Turns knobs of `panel`. One thread at a time."""

    def __init__(self, panel: Panel):
        self._panel = panel
        self._ahead: deque[tuple[int, Mapping[str, float]]] = deque()  # knobs to turn, and the step from which they stand there
        self._left: Mapping[str, float] = {}  # where they were left

    def begin(self, slot: str, beats: float, step: int, now_s: float) -> None:
        """Glide to an anchor from a step of the song on; at once where `beats` is 0."""
        self.begin_to(corner(self._panel.snapshot(), slot), beats, step, now_s)

    def begin_to(self, target: Mapping[str, float], beats: float, step: int, now_s: float) -> None:
        """Glide to where some knobs shall stand."""
        positions = self._panel.snapshot()
        self._ahead = deque(way(positions, target, beats, step))
        self._left = {name: positions.knobs[name] for name in self._ahead[-1][1]}
        if beats == 0.0:
            self._turn(self._ahead.pop()[1], now_s)

    def advance(self, step: int, now_s: float) -> None:
        """The music has come to a step."""
        knobs = self._panel.snapshot().knobs
        if self._ahead and any(knobs[name] != value for name, value in self._left.items()):
            self.end()
        while self._ahead and self._ahead[0][0] <= step:
            self._turn(self._ahead.popleft()[1], now_s)

    def end(self) -> None:
        """Leave the knobs where they are."""
        self._ahead.clear()

    def _turn(self, knobs: Mapping[str, float], now_s: float) -> None:
        """As far as the patch lets them go: what they are compared with is where they stand then."""
        self._panel.turn(*(Change(name, value, now_s, SOURCE) for name, value in knobs.items()))
        stand = self._panel.snapshot().knobs
        self._left = {name: stand[name] for name in knobs}
