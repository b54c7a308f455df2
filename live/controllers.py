"""MIDI controllers: bytes of a message become changes by the bindings of a patch. Hop 1 of the signal path.

Pure but for one memory: whether a CC button is down, so that it fires once. Knows nothing of ports or of what actions do; ranges,
curves and the deadband are the panel's.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from mvae.core.change import Change
from mvae.core.patch import Button, Patch

Bound = TypeVar("Bound")
Control = tuple[int, int]  # channel 0..15, CC or note number

NOTE_ON, CONTROL_CHANGE = 0x90, 0xB0
DOWN = 64  # a CC button is down from this count


class Controllers:
    """The bindings of a patch. One for each controller: `source` names it, and its buttons are its own."""

    def __init__(self, patch: Patch, source: str) -> None:
        self.source = source
        self._knobs = by_control((knob, knob.cc, knob.channel) for knob in patch.knobs)
        self._cc_buttons = by_control((button, button.cc, button.channel) for button in patch.buttons)
        self._note_buttons = by_control((button, button.note, button.channel) for button in patch.buttons)
        self._down: set[str] = set()

    def changes(self, message: Sequence[int], at_s: float) -> tuple[Change, ...]:
        """What a whole MIDI message means: a knob's 7-bit count, a button's action, or nothing."""
        if len(message) != 3 or max(message[1:]) > 127 or min(message) < 0:
            return ()
        kind, channel = message[0] & 0xF0, message[0] & 0x0F
        control = (channel, message[1])
        if kind == CONTROL_CHANGE and control in self._knobs:
            return (Change(self._knobs[control].name, message[2], at_s, self.source, "7-bit"),)
        if kind == CONTROL_CHANGE and control in self._cc_buttons:
            return self._pressed(self._cc_buttons[control], message[2] >= DOWN, at_s)
        if kind == NOTE_ON and message[2] > 0 and control in self._note_buttons:
            return (self._does(self._note_buttons[control], at_s),)
        return ()

    def _pressed(self, button: Button, down: bool, at_s: float) -> tuple[Change, ...]:
        fires = down and button.name not in self._down
        (self._down.add if down else self._down.discard)(button.name)
        return (self._does(button, at_s),) if fires else ()

    def _does(self, button: Button, at_s: float) -> Change:
        return Change(button.action, button.value, at_s, self.source)


def by_control(bindings: Iterable[tuple[Bound, int | None, int | None]]) -> Mapping[Control, Bound]:
    """(channel, number) -> what is bound there, of (what, number, channel); no channel means every one, no number none."""
    return {
        (channel, number): what
        for what, number, only in bindings
        if number is not None
        for channel in (range(16) if only is None else (only,))
    }
