"""Which control was touched, and how it encodes its value: found out from what it says while a performer turns or presses it.

Pure. A pot says other values, near each other; an encoder says the same small steps again and again; a button says 127 and 0. What cannot
be told yet, two's complement from sign bit while an encoder goes to the right, `clarified` tells as soon as it goes to the left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

from mvae.core.control import ENCODINGS, FINE, TOP7, Control, Encoding, steps_of
from mvae.core.control_reader import CHOOSING, DATA_ENTRY, Touch

ENOUGH: Final = 5  # messages after which a control that does not repeat itself is a pot
FEWEST: Final = 3  # messages from which an encoder is known
SMALL: Final = 15  # steps that a hand turns an encoder between two messages
FAR: Final = 64  # between two values: no pot
RELATIVE: Final[tuple[Encoding, ...]] = ENCODINGS[2:]
BUTTON: Final = "button"
CHANNEL_MODE: Final = 120  # CCs from here on are no controls


@dataclass(frozen=True, slots=True)
class Found:
    """A control, and whether it is pressed."""

    control: Control
    button: bool = False


class Guess:
    """Hears touches of one controller until it knows. A `press` is enough for a trigger or a switch; a knob has to be turned."""

    def __init__(self, press: bool) -> None:
        self._press = press
        self._said: dict[tuple[str, int, int, str], list[int]] = {}
        self._last: Touch | None = None
        self._chosen = False  # an NRPN or RPN

    def heard(self, touch: Touch) -> Found | None:
        """One more touch; what it was, once that is clear."""
        if touch.kind == "cc" and self._is_no_control(touch.number):
            return None
        self._last = touch
        self._said.setdefault((touch.kind, touch.channel, touch.number, touch.half), []).append(touch.value)
        return self._concluded(final=False)

    def quiet(self) -> Found | None:
        """Nothing more comes just now: what it was, as far as that can be told."""
        return self._concluded(final=True)

    def _is_no_control(self, number: int) -> bool:
        """Whether a CC speaks of parameters or modes. Data entry is a control of its own where no parameter was chosen."""
        self._chosen = self._chosen or number in CHOOSING
        return number >= CHANNEL_MODE or number in CHOOSING or (self._chosen and number in DATA_ENTRY)

    def _concluded(self, final: bool) -> Found | None:
        touch = self._last
        if touch is None:
            return None
        match touch.kind:
            case "note":
                return Found(Control("note", touch.number, touch.channel), True) if self._press and touch.value else None
            case "program":
                return Found(Control("program", touch.number, touch.channel), True) if self._press else None
            case "pitchbend":
                return None if self._press else Found(Control("pitchbend", 0, touch.channel, "absolute14"))
            case "nrpn":
                return self._nrpn(touch, final)
        return self._cc(touch, final)

    def _nrpn(self, touch: Touch, final: bool) -> Found | None:
        coarse, fine = (self._of(touch, half) for half in ("coarse", "fine"))
        if touch.half == "steps" or (len(coarse) > 1 and len(fine) == 0 and (final or len(coarse) >= FEWEST)):
            return Found(Control("nrpn", touch.number, touch.channel))
        return Found(Control("nrpn", touch.number, touch.channel, "absolute14")) if coarse and fine else None

    def _cc(self, touch: Touch, final: bool) -> Found | None:
        number, values = touch.number, self._of(touch, touch.half)
        if self._press:
            return Found(Control("cc", number, touch.channel), True) if touch.value else None
        coarse = self._said.get(("cc", touch.channel, number - FINE, "whole"), [])
        fine = self._said.get(("cc", touch.channel, number + FINE, "whole"), [])
        if number < FINE and fine and len(values) > 1:
            return Found(Control("cc", number, touch.channel, "absolute14"))
        if coarse and number >= FINE:
            return None
        encoding = encoding_of(values, final)
        if encoding is None:
            return None
        if encoding == BUTTON:
            return Found(Control("cc", number, touch.channel), True)
        return Found(Control("cc", number, touch.channel, encoding))

    def _of(self, touch: Touch, half: str) -> list[int]:
        return self._said.get((touch.kind, touch.channel, touch.number, half), [])


def encoding_of(values: Sequence[int], final: bool = False) -> Encoding | Literal["button"] | None:
    """How a CC that said these values encodes them, or "button"; None as long as that is not clear."""
    steps = [(before, after) for before, after in pairwise(values)]
    if set(values) == {0, TOP7}:
        return BUTTON
    if len(values) >= FEWEST and any(before == after or abs(before - after) >= FAR for before, after in steps):
        relative = [encoding for encoding in RELATIVE if all(is_small(encoding, value) for value in values)]
        if relative:
            return relative[0]
    return "absolute7" if len(values) >= ENOUGH or (final and len(set(values)) > 1) else None


def is_small(encoding: Encoding, value: int) -> bool:
    """Whether a value would be a few steps, one at least."""
    return 0 < abs(steps_of(encoding, value)) <= SMALL


def clarified(encoding: Encoding, value: int) -> Encoding:
    """The encoding of an encoder, now that it has said this value, too.

    The sign bit looks like two's complement to the right, and like offset 64 to the left; the other way is a leap in those.
    """
    mistaken = encoding in RELATIVE and not is_small(encoding, value) and is_small("sign_bit", value)
    return "sign_bit" if mistaken else encoding
