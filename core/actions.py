"""What a performer can do: a knob (continuous), a choice, a switch or a trigger. The table of them all is `mvae.core.action_table`.

An action knows its range and how to read a value; not what it does, nor when.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from mvae.core.change import Scale, Value
from mvae.core.curves import clip, travel_of, value_of
from mvae.core.errors import UserError
from mvae.core.names import match, unknown

Kind = Literal["knob", "choice", "switch", "trigger"]
COUNTS = 127  # of a 7-bit controller, end stops included
LONGEST_TEXT = 64  # characters
LONGEST_PATH = 1024


@dataclass(frozen=True, slots=True)
class Argument:
    """The optional argument of a trigger: one of `choices`, a number from `low` to `high` of the type of `default`, or free text.

    A text default without choices takes any text of up to `longest` characters; a number is read as text, too.
    """

    name: str
    default: float | int | str
    low: float = 0.0
    high: float = 0.0
    choices: tuple[str, ...] = ()
    longest: int = LONGEST_TEXT

    @property
    def tag(self) -> str:
        """Its OSC type tag: s, i or f."""
        return "s" if isinstance(self.default, str) else "i" if isinstance(self.default, int) else "f"

    @property
    def is_free(self) -> bool:
        """Whether it takes any text."""
        return isinstance(self.default, str) and not self.choices


@dataclass(frozen=True, slots=True)
class Action:
    """One action. `low`, `high`, `default`, `unit` and `curve` belong to knobs; `choices` (the first is the default) to choices.

    A `whole` knob moves like any other and is meant, and shown, as the nearest whole number.
    """

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
    whole: bool = False

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

    @property
    def is_free(self) -> bool:
        """Whether it is a trigger that takes any text."""
        return self.argument is not None and self.argument.is_free

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
        if self.argument.is_free:
            return text(value, self.name, self.argument.longest)
        limited = clip(number(value, self.name), self.argument.low, self.argument.high)
        return round(limited) if isinstance(self.argument.default, int) else limited


def number(value: Value, name: str) -> float:
    """`value` as a finite number. Raises ValueError for text, nothing, NaN, infinity and whole numbers that are too large."""
    if value is None or isinstance(value, str):
        raise ValueError(f"{name} takes a number, got {'nothing' if value is None else repr(value)}")
    try:
        given = float(value)
    except OverflowError:  # a whole number that is beyond them
        given = math.inf if value > 0 else -math.inf
    if not math.isfinite(given):
        raise ValueError(f"{name} takes a finite number, got {given}")
    return given


def text(value: Value, name: str, longest: int = LONGEST_TEXT) -> str:
    """`value` as a performer's text, spaces at its ends left out. Raises ValueError for one too long or that does not print."""
    said = (value if isinstance(value, str) else f"{number(value, name):g}").strip()
    if len(said) > longest or not said.isprintable():
        raise ValueError(f"{name} takes up to {longest} characters that print, got {said[:longest]!r}")
    return said


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
            action = self._by_name[name] if name is not None else None
            if action is not None and (len(words) - count <= 1 or action.is_free):
                try:
                    return action, action.read(" ".join(words[count:]) or None if action.is_free else literal(words[count:]))
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
