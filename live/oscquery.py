"""What OSCQuery says of the instrument: a tree of nodes made from the table of actions and where they stand, and answers to queries.

Pure: gives dicts as JSON has them. Addresses that mean the same as another (`/normalized`, a patch's own) are answered, but not listed, so
that a program that builds a fader for each node builds one for each knob. Knows no HTTP and no sockets.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from mvae.core.actions import Action, Actions, Argument
from mvae.core.change import Value
from mvae.core.panel import Positions
from mvae.core.scene import WORDS

Node: TypeAlias = dict[str, Any]
Published: TypeAlias = Mapping[str, tuple[Value, ...]]  # state that is no action's: an address and its values
ATTRIBUTES: Final = ("FULL_PATH", "CONTENTS", "TYPE", "ACCESS", "VALUE", "RANGE", "UNIT", "DESCRIPTION", "CLIPMODE")
EXTENSIONS: Final = {
    **dict.fromkeys(("ACCESS", "VALUE", "RANGE", "UNIT", "DESCRIPTION", "CLIPMODE", "LISTEN", "PATH_CHANGED", "PATH_ADDED"), True),
    **dict.fromkeys(("TAGS", "EXTENDED_TYPE", "CRITICAL", "OVERLOADS", "HTML", "ECHO", "PATH_REMOVED", "PATH_RENAMED"), False),
}
HOST_INFO: Final = "HOST_INFO"
READ, WRITE = 1, 2
UNITS: Final = {"ms": "time.ms", "BPM": "time.bpm"}  # as the proposal names them; others as they are
NORMALIZED, XY = "/normalized", "/mvae/xy"
ROOT: Final = "the instrument"
SCENES: Final = "/mvae/scene/names"  # where all scenes are told
PATCHES: Final = "/mvae/patch/list"
NAMED: Final[Mapping[str, tuple[tuple[str, ...], str]]] = {
    "scene": ((), SCENES), "scene then": (WORDS, SCENES), "patch load": ((), PATCHES),
}  # fmt: skip
SUBSCRIPTIONS: Final = (
    ("/mvae/subscribe", "tell a host and port all that stands and moves; without arguments, the sender"),
    ("/mvae/unsubscribe", "and no more"),
)


class Unknown(LookupError):
    """There is no such address: 404."""


class BadQuery(ValueError):
    """There is no such attribute: 400."""


def tree(actions: Actions, positions: Positions, published: Published) -> Node:
    """The root, with everything below it."""
    root: Node = {"FULL_PATH": "/", "ACCESS": 0, "DESCRIPTION": ROOT, "CONTENTS": {}}
    for leaf in leaves(actions, positions, published):
        put(root, leaf)
    return root


def leaves(actions: Actions, positions: Positions, published: Published) -> Iterator[Node]:
    """Every node that takes or has a value."""
    for action in actions.values():
        yield of_action(action, positions) | named(action, published)
    if {"x", "y"} <= set(actions):
        yield xy(actions, positions)
    for address, text in SUBSCRIPTIONS:
        yield {"FULL_PATH": address, "TYPE": "si", "ACCESS": WRITE, "DESCRIPTION": text}
    for address, values in published.items():
        yield of_state(address, values)


def find(actions: Actions, positions: Positions, published: Published, path: str) -> Node:
    """The node at a path, with everything below it. Raises Unknown."""
    path = path.rstrip("/") or "/"
    if path.endswith(NORMALIZED):
        for action in actions.of_kind("knob"):
            if path == action.address + NORMALIZED:
                return normalized(action, positions)
    node = tree(actions, positions, published)
    for name in filter(None, path.split("/")):
        try:
            node = node["CONTENTS"][name]
        except KeyError:
            raise Unknown(path) from None
    return node


def attribute(node: Node, name: str) -> Node | None:
    """One attribute of a node; None where it has none. Raises BadQuery."""
    if name not in ATTRIBUTES:
        raise BadQuery(name)
    return {name: node[name]} if name in node else None


def put(root: Node, leaf: Node) -> None:
    """Hang a node where its path says; one that is there already, as what holds others, becomes both."""
    node, path = root, ""
    for name in leaf["FULL_PATH"].split("/")[1:]:
        path = f"{path}/{name}"
        node = node.setdefault("CONTENTS", {}).setdefault(name, {"FULL_PATH": path, "ACCESS": 0})
    node.update(leaf)


def of_action(action: Action, positions: Positions) -> Node:
    """The node of an action: what stands can be read and written, what happens only be written."""
    node: Node = {"FULL_PATH": action.address, "DESCRIPTION": action.help, "ACCESS": READ | WRITE}
    match action.kind:
        case "knob":
            value = positions.knobs.get(action.name, action.default)
            node |= {"TYPE": "f", "VALUE": [value], "RANGE": [bounds(action.low, action.high)], "CLIPMODE": ["both"]}
            return node | ({"UNIT": [UNITS.get(action.unit, action.unit)]} if action.unit else {})
        case "switch":
            on = positions.switches.get(action.name, False)
            return node | {"TYPE": "T" if on else "F", "VALUE": [on]}
        case "choice":
            stands = positions.choices.get(action.name, action.choices[0])
            return node | {"TYPE": "s", "VALUE": [stands], "RANGE": [{"VALS": list(action.choices)}]}
        case _:
            return node | {"ACCESS": WRITE} | taken(action.argument)


def named(action: Action, published: Published) -> Node:
    """The names that an action takes, of those that are kept under another address: they may become more."""
    before, address = NAMED.get(action.name, ((), ""))
    names = dict.fromkeys((*before, *map(str, published.get(address, ()))))
    return {"RANGE": [{"VALS": list(names)}]} if published.get(address) else {}


def taken(argument: Argument | None) -> Node:
    """What a trigger takes."""
    if argument is None:
        return {"TYPE": "I"}
    if argument.choices:
        return {"TYPE": "s", "RANGE": [{"VALS": list(argument.choices)}]}
    if argument.is_free:
        return {"TYPE": "s"}
    return {"TYPE": argument.tag, "RANGE": [bounds(argument.low, argument.high)], "CLIPMODE": ["both"]}


def normalized(knob: Action, positions: Positions) -> Node:
    """A knob from 0 to 1."""
    stands = knob.travel(positions.knobs.get(knob.name, knob.default))
    node: Node = {"FULL_PATH": knob.address + NORMALIZED, "DESCRIPTION": f"{knob.help}, 0 to 1", "ACCESS": READ | WRITE, "TYPE": "f"}
    return node | {"VALUE": [stands], "RANGE": [bounds(0.0, 1.0)], "CLIPMODE": ["both"]}


def xy(actions: Actions, positions: Positions) -> Node:
    """Both axes of the pad at once."""
    axes = [of_action(actions[name], positions) for name in "xy"]
    pairs = {key: [*axes[0][key], *axes[1][key]] for key in ("VALUE", "RANGE", "CLIPMODE")}
    return {"FULL_PATH": XY, "DESCRIPTION": "both axes of the pad", "ACCESS": READ | WRITE, "TYPE": "ff", **pairs}


def of_state(address: str, values: Iterable[Value]) -> Node:
    """What can only be read."""
    told = list(values)
    return {"FULL_PATH": address, "ACCESS": READ, "TYPE": "".join(map(tag, told)), "VALUE": told}


def bounds(low: float, high: float) -> Node:
    """From and to."""
    return {"MIN": low, "MAX": high}


def tag(value: Value) -> str:
    """The type tag that a value goes out with."""
    if isinstance(value, bool):
        return "T" if value else "F"
    return "i" if isinstance(value, int) else "f" if isinstance(value, float) else "s" if isinstance(value, str) else "N"


def host_info(name: str, osc: tuple[str, int], web: tuple[str, int]) -> Node:
    """Who this is, and where OSC and the WebSocket are."""
    places = {"OSC_IP": osc[0], "OSC_PORT": osc[1], "OSC_TRANSPORT": "UDP", "WS_IP": web[0], "WS_PORT": web[1]}
    return {"NAME": name, "EXTENSIONS": dict(EXTENSIONS), **places}
