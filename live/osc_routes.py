"""What each OSC address means: a dict of exact addresses, made from the table of actions, and reading arguments into changes.

Pure. Knows no sockets, subscribers or times but those it is told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mvae.core.actions import Actions
from mvae.core.change import Change, Scale, Value
from mvae.core.patch import Patch

NORMALIZED = "/normalized"
XY = "/mvae/xy"
SUBSCRIBE, UNSUBSCRIBE = b"/mvae/subscribe", b"/mvae/unsubscribe"
BANG = "bang"


@dataclass(frozen=True, slots=True)
class Route:
    """The actions that an address turns, one argument each. Only knobs coalesce: the newest value before the next decode wins."""

    actions: tuple[str, ...]
    scale: Scale = "own"
    coalesces: bool = False


def routes(actions: Actions, patch: Patch | None = None) -> Mapping[bytes, Route]:
    """Every address of the `actions`, the knobs' normalized ones, the pad's, and those that the patch gives its knobs."""
    found: dict[str, Route] = {}
    for action in actions.values():
        is_knob = action.kind == "knob"
        found[action.address] = Route((action.name,), coalesces=is_knob)
        if is_knob:
            for address in {action.address, f"/mvae/knob/{action.name}"}:
                found[address] = Route((action.name,), coalesces=True)
                found[address + NORMALIZED] = Route((action.name,), "normalized", True)
    if {"x", "y"} <= set(actions):
        found[XY] = Route(("x", "y"), coalesces=True)
    for knob in patch.knobs if patch is not None else ():
        if knob.osc is not None:
            found[knob.osc] = Route((knob.name,), coalesces=True)
    return {address.encode("ascii"): route for address, route in found.items()}


def changes(route: Route, values: Sequence[object], at_s: float, source: str) -> tuple[Change, ...]:
    """The changes that a message means. Raises ValueError for too many or too few arguments, or of a type that no action takes."""
    wanted = len(route.actions)
    if len(values) > wanted or (wanted > 1 and len(values) != wanted):
        raise ValueError(f"takes {wanted} argument{'s' * (wanted > 1)}, got {len(values)}")
    given = [*map(value_of, values)] or [None]
    return tuple(Change(action, value, at_s, source, route.scale) for action, value in zip(route.actions, given, strict=True))


def value_of(argument: object) -> Value:
    """An argument as a change's value; the word bang is none. Raises ValueError for a blob, a colour, a list or nil."""
    if isinstance(argument, (bool, int, float)):
        return argument
    if isinstance(argument, str):
        return None if argument == BANG else argument
    raise ValueError(f"takes a number or text, got {type(argument).__name__}")
