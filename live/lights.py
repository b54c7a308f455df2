"""Lamps, rings and motor faders: what a controller shows of what its controls do. Values become messages; only what is new is sent.

Pure but for what each light showed last. Knows no ports and no panel: how an action stands is asked of whoever knows.
"""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from mvae.core.control import TOP7, Control, said
from mvae.live.assign import Binding, Bindings
from mvae.live.controller_file import VALUE, ControllerFile, Handle, Light

Stand: TypeAlias = float | bool  # the travel 0..1 of a knob; of all else whether it is on
Stands: TypeAlias = Callable[[Binding], Stand]
NEAR: Final = 1.5 / TOP7  # a motor fader this near to its value is not moved: the hand that has put it there wavers


class Lights:
    """The lights of one controller."""

    def __init__(self, kind: ControllerFile) -> None:
        self._handles = tuple(handle for handle in kind.handles if handle.light is not None)
        self._lit: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._handles)

    def forget(self) -> None:
        """It was unplugged: it may show anything."""
        self._lit.clear()

    def moved(self, shown: Mapping[Control, int]) -> None:
        """A hand has moved controls that follow their values: they stand there already."""
        for handle in self._handles:
            if handle.follows and handle.control in shown:
                self._lit[handle.name] = shown[handle.control]

    def news(self, bindings: Bindings, stands: Stands, most: int) -> list[bytes]:
        """The messages for lights that do not show what they should, of at most so many lights; the others' turn comes."""
        messages: list[bytes] = []
        left = most
        for handle in self._handles:
            light = handle.light
            if light is None or not left:
                continue
            level = level_of(light, bindings.at(handle.control), stands)
            before = self._lit.get(handle.name)
            if level == before or (before is not None and handle.follows and near(light, level, before)):
                continue
            self._lit[handle.name] = level
            messages += shows(handle, light, level)
            left -= 1
        return messages


def near(light: Light, level: int, before: int) -> bool:
    """Whether a motor would be moved by no more than a pot at rest wavers; its end stops are exact."""
    return 0 < level < light.control.top and abs(level - before) <= light.control.top * NEAR


def level_of(light: Light, binding: Binding | None, stands: Stands) -> int:
    """What a light is to show: nothing, where its control does nothing."""
    if binding is None:
        return light.off
    stand = stands(binding)
    if isinstance(stand, bool):
        return light.on if stand else light.ready
    if light.levels:
        return light.levels[min(int(stand * len(light.levels)), len(light.levels) - 1)]
    return round(stand * light.control.top)


def shows(handle: Handle, light: Light, level: int) -> list[bytes]:
    """The messages by which a light shows a level."""
    if light.sysex:
        return [bytes(level if byte == VALUE else byte for byte in light.sysex)]
    return list(said(light.control, level))
