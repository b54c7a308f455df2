"""The actions of a playing instrument as names in a REPL: `i.knob.density = 1`, `i.mute.drums = True`, `i.fill(2)`.

Everything comes from the table of actions, so a patch's own knobs and parts are there, and tab completes them. A name with a dot is an
attribute of an attribute: `i.knob.drums.velocity`. Knows the panel and nothing else of the instrument.
"""

import time
from collections.abc import Iterator
from functools import partial
from typing import Any, NoReturn, Protocol

from mvae.core.actions import Action, Actions
from mvae.core.change import Change, Value
from mvae.core.errors import UserError
from mvae.core.names import match, unknown
from mvae.core.panel import Panel

SOURCE = "python"


class Turn(Protocol):
    """Does several things at once, each an action and its value. UserError with what was refused."""

    def __call__(self, *changes: tuple[str, Value]) -> None: ...


def turn_panel(panel: Panel, *changes: tuple[str, Value]) -> None:
    """Do several things at once. UserError in one line with what was refused."""
    now_s = time.monotonic()
    answers = panel.turn(*(Change(name, value, now_s, SOURCE) for name, value in changes))
    if any(answers):
        raise UserError("; ".join(filter(None, answers)))


class Names:
    """The knobs, switches or choices whose names begin with `prefix`: read and set as attributes or, by any name, as items."""

    _panel: Panel
    _kind: str
    _prefix: str

    def __init__(self, panel: Panel, kind: str, prefix: str = "") -> None:
        self.__dict__.update(_panel=panel, _kind=kind, _prefix=prefix)

    def _names(self) -> list[str]:
        """What is here, without the prefix."""
        known, prefix = self._panel.actions, self._prefix
        return [name.removeprefix(prefix) for name, action in known.items() if action.kind == self._kind and name.startswith(prefix)]

    def _standing(self) -> dict[str, float | bool | str]:
        """Where all of the kind stand, by full name."""
        positions = self._panel.snapshot()
        return {**positions.knobs, **positions.switches, **positions.choices}

    def _find(self, name: str) -> str:
        """The full name of what is meant. UserError with the list."""
        found = match(name, self._names())
        if found is None:
            raise UserError(unknown(self._kind, name, self._names()))
        return self._prefix + found

    def __getitem__(self, name: str) -> float | bool | str:
        return self._standing()[self._find(name)]

    def __setitem__(self, name: str, value: Value) -> None:
        if value is None:
            raise UserError(f"{self._prefix}{name} takes a value, got nothing")
        turn_panel(self._panel, (self._find(name), value))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        names = self._names()
        if match(name, names) is None and any(other.startswith(f"{name}.") for other in names):
            return Names(self._panel, self._kind, f"{self._prefix}{name}.")
        return self[name]

    def __setattr__(self, name: str, value: Value) -> None:
        self[name] = value

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __dir__(self) -> list[str]:
        return sorted({name.partition(".")[0] for name in self._names()})

    def __repr__(self) -> str:
        actions, standing = self._panel.actions, self._standing()
        rows = [(name, standing[self._prefix + name], actions[self._prefix + name]) for name in self._names()]
        width = max((len(name) for name, _, _ in rows), default=0)
        return "\n".join(f"{name:{width}}  {shown(value)}{bounds(action)}  {action.help}" for name, value, action in rows)


def shown(value: float | bool | str) -> str:
    """A value, short."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def bounds(action: Action) -> str:
    """What an action takes, in brackets; a switch takes what everyone knows."""
    if action.kind == "knob":
        return f" ({action.low:g}..{action.high:g}{' ' * bool(action.unit)}{action.unit})"
    return f" ({', '.join(action.choices)})" if action.choices else ""


class Trigger:
    """The triggers that begin with one word, to be called: `i.stop("bar")`, `i.recall("A", beats=4)`, `i.scene("next")`."""

    def __init__(self, panel: Panel, word: str, turn: "Turn | None" = None) -> None:
        """`turn` takes the panel's place, where more is known of what becomes of it."""
        self._panel, self._word, self._turn = panel, word, turn or partial(turn_panel, panel)

    def _actions(self) -> list[Action]:
        return triggers(self._panel.actions, self._word)

    def __call__(self, *values: Value, **named: Value) -> None:
        """Do it. UserError for what it does not take."""
        action, rest = self._chosen(values)
        argument = action.argument
        if argument is not None and argument.name in named and not rest:
            rest = (named.pop(argument.name),)
        if named or len(rest) > 1 or (rest and argument is None):
            raise UserError(f"{action.name}: {takes(action)}")
        given = rest[0] if rest else None
        if argument is not None and given == 0 and argument.low <= 0:  # a button's 0 does nothing; here it is meant
            given = None
        self._turn((action.name, given))

    def _chosen(self, values: tuple[Value, ...]) -> tuple[Action, tuple[Value, ...]]:
        """The action that the first value names, and the other values; without such a name the one that is the word alone."""
        named = {action.name: action for action in self._actions()}
        if values and isinstance(values[0], str):
            found = match(f"{self._word} {values[0]}", named)
            if found is not None:
                return named[found], values[1:]
        if self._word not in named:
            words = [name.partition(" ")[2] for name in named]
            raise UserError(unknown(self._word, str(values[0]) if values else "", words))
        return named[self._word], values

    def __repr__(self) -> str:
        return "\n".join(f"{action.name}: {action.help}; {takes(action)}" for action in self._actions())


def triggers(actions: Actions, word: str) -> list[Action]:
    """The triggers whose name begins with this word."""
    return [action for action in actions.of_kind("trigger") if action.name.partition(" ")[0] == word]


def takes(action: Action) -> str:
    """What a trigger takes, in words."""
    argument = action.argument
    if argument is None:
        return "takes nothing more"
    if argument.choices:
        return f"takes {argument.name}: {', '.join(argument.choices)}"
    return f"takes {argument.name}" + ("" if argument.is_free else f", {argument.low:g} to {argument.high:g}")


def nothing_called(name: str, names: list[str]) -> NoReturn:
    """AttributeError with the list of what there is: what Python's own tools expect of an attribute."""
    raise AttributeError(unknown("attribute", name, names))
