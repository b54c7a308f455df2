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
SCENE = "/mvae/scene"
SUBSCRIBE, UNSUBSCRIBE = b"/mvae/subscribe", b"/mvae/unsubscribe"
BANG = "bang"


@dataclass(frozen=True, slots=True)
class Route:
    """The actions that an address turns, one argument each. Only knobs coalesce: the newest value before the next decode wins.

    One that `joins` takes free text, and many arguments as its words: Pd and Max send `verse 2` as two. What is `said` by the address
    itself needs no argument, and a 0 means nothing, as with every button.
    """

    actions: tuple[str, ...]
    scale: Scale = "own"
    coalesces: bool = False
    joins: bool = False
    said: str = ""


def routes(actions: Actions, patch: Patch | None = None) -> Mapping[bytes, Route]:
    """Every address of the `actions`, the knobs' normalized ones, the pad's, and those that the patch gives its knobs."""
    found: dict[str, Route] = {}
    for action in actions.values():
        is_knob = action.kind == "knob"
        found[action.address] = Route((action.name,), coalesces=is_knob, joins=action.is_free)
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


def scene_route(address: bytes, actions: Actions) -> Route | None:
    """The route of /mvae/scene/NAME; None for any other address, and where there are no scenes."""
    room, _, name = address.decode("ascii", "replace").rpartition("/")
    return Route(("scene",), said=name) if room == SCENE and name and "scene" in actions else None


def changes(route: Route, values: Sequence[object], at_s: float, source: str) -> tuple[Change, ...]:
    """The changes that a message means. Raises ValueError for too many or too few arguments, or of a type that no action takes."""
    if route.said:
        return (Change(route.actions[0], route.said if fires(values) else 0, at_s, source),)
    if route.joins and len(values) > 1:
        values = (" ".join(map(word, values)),)
    wanted = len(route.actions)
    if len(values) > wanted or (wanted > 1 and len(values) != wanted):
        raise ValueError(f"takes {wanted} argument{'s' * (wanted > 1)}, got {len(values)}")
    given = [*map(value_of, values)] or [None]
    return tuple(Change(action, value, at_s, source, route.scale) for action, value in zip(route.actions, given, strict=True))


def fires(values: Sequence[object]) -> bool:
    """Whether a message to an address that says all by itself means it: with no argument, a bang or a number but 0."""
    if len(values) > 1:
        raise ValueError(f"takes 1 argument, got {len(values)}")
    return value_of(values[0]) != 0 if values else True


def word(argument: object) -> str:
    """An argument as a word of free text."""
    value = value_of(argument)
    return f"{value:g}" if isinstance(value, (int, float)) else value or BANG


def value_of(argument: object) -> Value:
    """An argument as a change's value; nil and the word bang are none. Raises ValueError for a blob, a colour or a list."""
    if argument is None or isinstance(argument, (bool, int, float)):
        return argument
    if isinstance(argument, str):
        return None if argument == BANG else argument
    raise ValueError(f"takes a number or text, got {type(argument).__name__}")
