"""What a MIDI controller has under the hands: a control is a kind of message, its number and channel, and how its value is encoded.

Facts of the protocol in tables, and the bytes that a control says; `mvae.core.control_reader` is the way back. Knows no ports or actions.
"""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

ControlKind: TypeAlias = Literal["cc", "note", "nrpn", "pitchbend", "program"]
Encoding: TypeAlias = Literal["absolute7", "absolute14", "twos_complement", "offset_64", "sign_bit"]

NUMBERS: Final[dict[str, int]] = {"cc": 127, "note": 127, "nrpn": 16383, "pitchbend": 0, "program": 127}  # the highest number of a kind
ENCODINGS: Final[tuple[Encoding, ...]] = ("absolute7", "absolute14", "twos_complement", "offset_64", "sign_bit")
ABSOLUTE: Final = ("absolute7", "absolute14")
NOTE_OFF, NOTE_ON, CONTROL_CHANGE, PROGRAM_CHANGE, PITCH_BEND = 0x80, 0x90, 0xB0, 0xC0, 0xE0
FINE: Final = 32  # CC n + 32 is the fine half of CC n, for n below this
DATA, DATA_FINE, INCREMENT, DECREMENT = 6, 38, 96, 97
NRPN_FINE, NRPN_COARSE, RPN_FINE, RPN_COARSE = 98, 99, 100, 101
NOTHING: Final = 16383  # the parameter that is none
TOP7, TOP14 = 127, 16383
MOST_STEPS: Final = 63  # of a relative message, either way


@dataclass(frozen=True, slots=True)
class Control:
    """One control. `number` None is any (of a program change), `channel` 0..15, None any."""

    kind: ControlKind
    number: int | None = 0
    channel: int | None = None
    encoding: Encoding = "absolute7"

    @property
    def is_relative(self) -> bool:
        """Whether it says steps, not where it stands."""
        return self.encoding not in ABSOLUTE

    @property
    def top(self) -> int:
        """The highest value of an absolute one."""
        return TOP14 if self.encoding == "absolute14" else TOP7

    def __str__(self) -> str:
        channel = "" if self.channel is None else f" on channel {self.channel + 1}"
        if self.kind == "pitchbend":
            return f"pitch bend{channel}"
        number = "" if self.number is None else f" {self.number + (self.kind == 'program')}"
        return f"{'CC' if self.kind == 'cc' else 'NRPN' if self.kind == 'nrpn' else self.kind}{number}{channel}"


def wrong(control: Control) -> str:
    """Why there can be no such control, with the remedy; empty for one that there can be."""
    if control.number is None:
        return "" if control.kind == "program" else f"a {control.kind} needs a number"
    if not 0 <= control.number <= NUMBERS[control.kind]:
        return f"give a number 0..{NUMBERS[control.kind]}"
    if control.kind == "pitchbend":
        return "" if control.encoding == "absolute14" else "pitch bend is absolute14"
    if control.kind in ("note", "program"):
        return "" if control.encoding == "absolute7" else f"a {control.kind} has no other encoding than absolute7"
    if control.kind == "cc" and control.encoding == "absolute14" and control.number >= FINE:
        return f"14 bits are CC n and n + {FINE}: give n, 0..{FINE - 1}"
    if control.kind == "nrpn" and control.is_relative:
        return "an NRPN is absolute7 or absolute14; its increments and decrements are heard in any case"
    return ""


def steps_of(encoding: Encoding, value: int) -> int:
    """The steps that a relative `value` 0..127 means, those to the left below 0."""
    if encoding == "twos_complement":
        return value if value < 64 else value - 128
    if encoding == "offset_64":
        return value - 64
    return value if value < 64 else 64 - value  # the sign bit, as Mackie's encoders send it


def value_of_steps(encoding: Encoding, steps: int) -> int:
    """The relative value 0..127 that means so many steps, at most 63 either way."""
    steps = max(-MOST_STEPS, min(steps, MOST_STEPS))
    if encoding == "twos_complement":
        return steps % 128
    if encoding == "offset_64":
        return 64 + steps
    return steps if steps >= 0 else 64 - steps


def said(control: Control, value: int, channel: int = 0) -> tuple[bytes, ...]:
    """The messages by which a control says a value (absolute, 0..top; or of a relative one, what `value_of_steps` gives)."""
    channel, number = channel if control.channel is None else control.channel, control.number or 0
    change = CONTROL_CHANGE | channel
    match control.kind:
        case "note":
            return (bytes((NOTE_ON | channel, number, value)),)
        case "program":
            return (bytes((PROGRAM_CHANGE | channel, value if control.number is None else number)),)
        case "pitchbend":
            return (bytes((PITCH_BEND | channel, value & 127, value >> 7)),)
        case "nrpn":
            chosen = bytes((change, NRPN_COARSE, number >> 7)), bytes((change, NRPN_FINE, number & 127))
            if control.encoding == "absolute14":
                return (*chosen, bytes((change, DATA, value >> 7)), bytes((change, DATA_FINE, value & 127)))
            return (*chosen, bytes((change, DATA, value)))
    if control.encoding == "absolute14":
        return bytes((change, number, value >> 7)), bytes((change, number + FINE, value & 127))
    return (bytes((change, number, value)),)
