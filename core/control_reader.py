"""MIDI messages of a controller become touches: which number of which kind was touched on which channel, and the value that it said.

Remembers on each channel which parameter NRPN and RPN have chosen, and the coarse halves of 14-bit values; otherwise pure. RPNs are no
controls: their data is left alone. Knows nothing of what is bound to what.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from mvae.core.control import (
    CONTROL_CHANGE,
    DATA,
    DATA_FINE,
    DECREMENT,
    FINE,
    INCREMENT,
    NOTE_OFF,
    NOTE_ON,
    NOTHING,
    NRPN_COARSE,
    NRPN_FINE,
    PITCH_BEND,
    PROGRAM_CHANGE,
    RPN_COARSE,
    RPN_FINE,
    TOP7,
    ControlKind,
)

LENGTHS = {NOTE_OFF: 3, NOTE_ON: 3, CONTROL_CHANGE: 3, PROGRAM_CHANGE: 2, PITCH_BEND: 3}
Half = Literal["whole", "coarse", "fine", "steps"]
Place: TypeAlias = tuple[ControlKind, int, int]  # kind, channel, number


@dataclass(frozen=True, slots=True)
class Touch:
    """A number of a kind said `value`, 0..127 (pitch bend 0..16383). An NRPN says `half` a value at a time, or steps.

    A program change has its program as its number; a note that ends says 0.
    """

    kind: ControlKind
    channel: int
    number: int
    value: int
    half: Half = "whole"


class Reader:
    """Reads one port."""

    def __init__(self) -> None:
        self._chosen: dict[int, tuple[int, int] | None] = {}  # channel -> the two halves of an NRPN's number; None: an RPN or nothing
        self._coarse: dict[Place, int] = {}
        self._fine: dict[Place, int] = {}
        self._alone: set[Place] = set()  # whose last coarse half no fine one has followed

    def read(self, message: Sequence[int]) -> Touch | None:
        """What a whole message touches; None for what is no control's, and for what is no message."""
        kind = message[0] & 0xF0 if message else 0
        if LENGTHS.get(kind) != len(message) or not 0 <= message[0] <= 255 or not 0 <= min(message[1:]) <= max(message[1:]) <= TOP7:
            return None
        channel = message[0] & 0x0F
        if kind in (NOTE_ON, NOTE_OFF):
            return Touch("note", channel, message[1], message[2] if kind == NOTE_ON else 0)
        if kind == PROGRAM_CHANGE:
            return Touch("program", channel, message[1], TOP7)
        if kind == PITCH_BEND:
            return Touch("pitchbend", channel, 0, message[1] | message[2] << 7)
        return self._control_change(channel, message[1], message[2])

    def joined(self, touch: Touch) -> int | None:
        """The 14-bit value that a touch ends; None as long as the coarse half has not been said.

        A coarse half waits for its fine one, but where the last one waited in vain: then the coarse half is all that is said, or the fine
        one stands as it did. Of a CC below 32 the touch is the coarse half, of n + 32 the fine one.
        """
        is_fine = touch.half == "fine" or (touch.kind == "cc" and touch.number >= FINE)
        number = touch.number - FINE if touch.kind == "cc" and is_fine else touch.number
        key = touch.kind, touch.channel, number
        if not is_fine:
            waits, self._coarse[key] = key not in self._alone, touch.value
            self._alone.add(key)
            return None if waits else touch.value << 7 | self._fine.get(key, touch.value)  # from end to end
        self._alone.discard(key)
        self._fine[key] = touch.value
        return self._coarse[key] << 7 | touch.value if key in self._coarse else None

    def _control_change(self, channel: int, number: int, value: int) -> Touch:
        chosen = self._chosen.get(channel)
        parameter = chosen[0] << 7 | chosen[1] if chosen else NOTHING
        if number in (NRPN_COARSE, NRPN_FINE):
            coarse, fine = chosen or (TOP7, TOP7)
            self._chosen[channel] = (value, fine) if number == NRPN_COARSE else (coarse, value)
        elif number in (RPN_COARSE, RPN_FINE):
            self._chosen[channel] = None
        elif number in (DATA, DATA_FINE) and parameter != NOTHING:
            return Touch("nrpn", channel, parameter, value, "coarse" if number == DATA else "fine")
        elif number in (INCREMENT, DECREMENT) and parameter != NOTHING:
            return Touch("nrpn", channel, parameter, 1 if number == INCREMENT else -1, "steps")
        return Touch("cc", channel, number, value)


CHOOSING = (NRPN_FINE, NRPN_COARSE, RPN_FINE, RPN_COARSE)  # CCs that choose a parameter
DATA_ENTRY = (DATA, DATA_FINE, INCREMENT, DECREMENT)  # and those that change the chosen one
