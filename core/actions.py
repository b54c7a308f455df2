"""Everything a performer can do, in one table: the source of OSC addresses, MIDI map, keys, help and tests.

An action is a knob (continuous), a choice, a switch or a trigger. Knows its range and how to read a value; not what it does, nor when.
"""

import math
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from mvae.core.change import Scale, Value
from mvae.core.curves import clip, travel_of, value_of
from mvae.core.errors import UserError
from mvae.core.names import match, unknown
from mvae.core.scale import KEYS, SCALES

Kind = Literal["knob", "choice", "switch", "trigger"]
COUNTS = 127  # of a 7-bit controller, end stops included
SLOTS = ("A", "B", "C", "D")


@dataclass(frozen=True, slots=True)
class Argument:
    """The optional argument of a trigger: one of `choices`, or a number from `low` to `high` of the type of `default`."""

    name: str
    default: float | int | str
    low: float = 0.0
    high: float = 0.0
    choices: tuple[str, ...] = ()

    @property
    def tag(self) -> str:
        """Its OSC type tag: s, i or f."""
        return "s" if isinstance(self.default, str) else "i" if isinstance(self.default, int) else "f"


@dataclass(frozen=True, slots=True)
class Action:
    """One action. `low`, `high`, `default`, `unit` and `curve` belong to knobs; `choices` (the first is the default) to choices."""

    name: str
    kind: Kind
    address: str
    help: str
    low: float = 0.0
    high: float = 1.0
    default: float = 0.0
    unit: str = ""
    curve: str = "linear"
    choices: tuple[str, ...] = ()
    argument: Argument | None = None

    def read(self, value: Value, scale: Scale = "own") -> Value:
        """The value in the action's own terms: clipped to the range, matched to the choices, None for a switch's other state.

        Raises ValueError, with the reason, for what cannot be meant.
        """
        if self.kind == "knob":
            return self._knob(number(value, self.name), scale)
        if self.kind == "choice":
            return chosen(value, self.choices, self.name)
        if self.kind == "switch":
            return None if value is None else number(value, self.name) != 0
        return self._argument(value)

    def fires(self, value: Value) -> bool:
        """Whether a trigger given `value` fires: a button's 0 on release never does."""
        return isinstance(value, str) or value is None or value != 0

    def travel(self, value: float) -> float:
        """Where a knob at `value` stands, 0..1."""
        return travel_of(value, self.low, self.high, self.curve)

    def _knob(self, given: float, scale: Scale) -> float:
        if scale == "own":
            return clip(given, self.low, self.high)
        return value_of(given / COUNTS if scale == "7-bit" else given, self.low, self.high, self.curve)

    def _argument(self, value: Value) -> Value:
        if self.argument is None:
            if value is not None:
                number(value, self.name)
            return None
        if value is None or isinstance(value, bool):
            return self.argument.default
        if self.argument.choices:
            return chosen(value, self.argument.choices, self.name) if isinstance(value, str) else self.argument.default
        limited = clip(number(value, self.name), self.argument.low, self.argument.high)
        return round(limited) if isinstance(self.argument.default, int) else limited


def number(value: Value, name: str) -> float:
    """`value` as a finite number. Raises ValueError for text, nothing, NaN and infinity."""
    if value is None or isinstance(value, str):
        raise ValueError(f"{name} takes a number, got {'nothing' if value is None else repr(value)}")
    if not math.isfinite(value):
        raise ValueError(f"{name} takes a finite number, got {value}")
    return float(value)


def chosen(value: Value, choices: tuple[str, ...], name: str) -> str:
    """The one of `choices` that `value` names. Raises ValueError with the list."""
    found = match(value, choices) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"{name} takes one of {', '.join(choices)}, got {'nothing' if value is None else repr(value)}")
    return found


class Actions(Mapping[str, Action]):
    """The actions of a patch by name, in the order of the table."""

    def __init__(self, actions: Iterable[Action]) -> None:
        self._by_name = {action.name: action for action in actions}

    def __getitem__(self, name: str) -> Action:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def of_kind(self, kind: Kind) -> tuple[Action, ...]:
        """The knobs, choices, switches or triggers."""
        return tuple(action for action in self._by_name.values() if action.kind == kind)

    def find(self, name: str, kind: Kind | None = None) -> Action:
        """The action that a performer's `name` means. Raises UserError with the list of what exists."""
        names = tuple(action.name for action in self._by_name.values() if kind in (None, action.kind))
        found = match(name, names)
        if found is None:
            raise UserError(unknown(kind or "action", name, names))
        return self._by_name[found]

    def parse(self, text: str) -> tuple[Action, Value]:
        """What a button does, as written in a patch: an action's name and perhaps a value: "mute drums", "fill 2", "stop bar".

        Raises UserError for an unknown action or a value that it does not take.
        """
        words = text.split()
        for count in range(len(words), 0, -1):
            name = match(" ".join(words[:count]), self._by_name)
            if name is not None and len(words) - count <= 1:
                try:
                    return self._by_name[name], self._by_name[name].read(literal(words[count:]))
                except ValueError as problem:
                    raise UserError(str(problem)) from None
        raise UserError(unknown("action", text, tuple(self._by_name)))


def literal(words: list[str]) -> Value:
    """A word as a number if it is one, else as text; None for no word."""
    if not words:
        return None
    try:
        return float(words[0])
    except ValueError:
        return words[0]


def knob(name: str, low: float, high: float, default: float, unit: str, text: str, curve: str = "linear") -> Action:
    """A knob at its usual address."""
    return Action(name, "knob", f"/mvae/knob/{name}", text, float(low), float(high), float(default), unit, curve)


def trigger(name: str, address: str, text: str, argument: Argument | None = None) -> Action:
    """A trigger."""
    return Action(name, "trigger", address, text, argument=argument)


MORPH = (knob("morph", 0, 1, 0, "", "between anchors A and B"),)
PAD = (knob("x", 0, 1, 0, "", "the pad, from A and C to B and D"), knob("y", 0, 1, 0, "", "the pad, from A and B to C and D"))
KNOBS = (
    knob("temperature", 0, 1.5, 0.5, "", "how far chance may stray from the likeliest hits"),
    knob("variation", 0, 1, 0, "", "how much of the chance is drawn anew in each loop"),
    knob("feel", 0, 2, 1, "", "the drummer's spread of velocity and timing that the model's means leave out"),
    knob("timing", 0, 2, 1, "", "micro-timing: 0 on the grid, 1 as decoded"),
    knob("push", -30, 30, 0, "ms", "ahead of the beat; below 0 laid back"),
    knob("velocity", 0, 2, 1, "", "gain of every velocity"),
    replace(knob("tempo", 20, 400, 120, "BPM", "tempo"), address="/mvae/tempo"),
    knob("nudge", -100, 100, 0, "ms", "all notes later than the beat of clock or master; below 0 earlier"),
)
AXIS = knob("axis", -2, 2, 0, "sd", "an attribute of the music, in standard deviations")
TRIGGERS = (
    trigger("play", "/mvae/play", "from bar 1 at the next quantum"),
    trigger("continue", "/mvae/continue", "from where it stopped"),
    trigger("stop", "/mvae/stop", "silence now, or at the bar line", Argument("when", "now", choices=("now", "bar"))),
    trigger("panic", "/mvae/panic", "all notes off"),
    trigger("reseed", "/mvae/reseed", "a new roll of the dice"),
    trigger("tap", "/mvae/tap", "tap the tempo"),
    trigger("fill", "/mvae/fill", "a fill, and back exactly", Argument("bars", 1, 1, 16)),
)
CHOICES = (Action("quantise", "choice", "/mvae/quantise", "when changes take hold", choices=("now", "beat", "bar", "phrase")),)
KEY_AND_SCALE = (
    Action("key", "choice", "/mvae/key", "the root of the scale", choices=KEYS),
    Action("scale", "choice", "/mvae/scale", "the scale that pitches are locked to; chromatic locks none", choices=tuple(SCALES)),
)
PART_KNOBS = (
    knob("temperature", 0, 2, 1, "", "the part's share of the temperature"),
    knob("length", 0, 2, 1, "", "of notes: 0 staccato, 1 as decoded, 2 legato"),
    knob("swing", 0, 1, 0, "", "every second 16th late: 0 straight, 1 triplets"),
    knob("velocity", 0, 2, 1, "", "gain of the part's velocities"),
    knob("delay_ms", -50, 50, 0, "ms", "later than the patch says; below 0 earlier"),
)
MELODIC_KNOBS = (
    knob("transpose", -24, 24, 0, "st", "semitones up or down"),
    knob("octave", -3, 3, 0, "", "octaves up or down"),
)
HUMANIZE = (knob("humanize", 0, 1, 0, "", "how much of the groove's feel the part takes"),)
STANDARD_KNOBS = tuple(action.name for action in (*MORPH, *PAD, *KNOBS))


def recall(slot: str) -> Action:
    """The trigger that glides to the anchor in `slot`."""
    return trigger(f"recall {slot}", f"/mvae/anchor/{slot}/recall", f"glide to anchor {slot}", Argument("beats", 0.0, 0, 256))


def mute(part: str) -> Action:
    """The switch that silences a part; the part goes on silently in phase."""
    return Action(f"mute {part}", "switch", f"/mvae/part/{part}/mute", f"silence the {part}")


def part_knobs(part: str, melodic: bool = False, humanize: bool = False) -> tuple[Action, ...]:
    """The knobs of one part, called PART.KNOB."""
    own = (*PART_KNOBS, *(MELODIC_KNOBS if melodic else ()), *(HUMANIZE if humanize else ()))
    return tuple(
        replace(action, name=f"{part}.{action.name}", address=f"/mvae/part/{part}/{action.name}", help=f"{part}: {action.help}")
        for action in own
    )


def table(
    slots: Iterable[str], axis_knobs: Iterable[str], parts: Iterable[str], melodic: Container[str] = (), humanize: bool = False
) -> tuple[Action, ...]:
    """Every action of an instrument with these anchor slots (two: morph; four: the pad), axis knobs and parts, some of them `melodic`."""
    anchors, band = tuple(slots), tuple(parts)
    axes = tuple(replace(AXIS, name=name, address=f"/mvae/knob/{name}", help=f"{name}, in standard deviations") for name in axis_knobs)
    return (
        *(PAD if len(anchors) == len(SLOTS) else MORPH),
        *axes,
        *KNOBS,
        *(action for part in band for action in part_knobs(part, part in melodic, humanize)),
        *TRIGGERS,
        *(recall(slot) for slot in anchors),
        *(mute(part) for part in band),
        *CHOICES,
        *(KEY_AND_SCALE if any(part in melodic for part in band) else ()),
    )
