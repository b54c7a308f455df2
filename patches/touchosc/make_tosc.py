"""mvae.tosc out of layout.toml: TouchOSC's format is zlib-compressed XML, a tree of nodes with properties, values and messages.

    python make_tosc.py           # after a change of layout.toml
"""

import tomllib
import uuid
import zlib
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

HERE = Path(__file__).parent
GAP, BUTTON = 10, 44
PRESSED, MOVED = "RISE", "ANY"
Frame = tuple[int, int, int, int]  # x, y, width, height
Colour = tuple[float, float, float]
Argument = tuple[str, str, object, float, float]  # CONSTANT or VALUE; its type; which; what 0 and 1 of a VALUE mean


def tag(parent: Element, name: str, text: object = "") -> Element:
    made = SubElement(parent, name)
    made.text = str(text)
    return made


def node(parent: Element, kind: str, name: str, frame: Frame, colour: Colour, **more: object) -> Element:
    """A control: its place, its colour and what else it says of itself."""
    made = SubElement(parent, "node", ID=str(uuid.uuid5(uuid.NAMESPACE_URL, f"mvae/{kind}/{name}")), type=kind)
    properties = SubElement(made, "properties")
    for key, value in {"name": name, "frame": frame, "color": (*colour, 1.0), **more}.items():
        kinds = {"frame": "r", "color": "c"}
        plain = "s" if isinstance(value, str) else "b" if isinstance(value, bool) else "i"
        entry = SubElement(properties, "property", type=kinds.get(key, plain))
        tag(entry, "key", key)
        held = SubElement(entry, "value")
        if isinstance(value, tuple):
            for letter, part in zip("xywh" if key == "frame" else "rgba", value, strict=True):
                tag(held, letter, part)
        else:
            held.text = str(int(value)) if isinstance(value, bool) else str(value)
    SubElement(made, "values"), SubElement(made, "messages"), SubElement(made, "children")
    return made


def partial(parent: Element, argument: Argument) -> None:
    """A piece of an address, or an argument."""
    made = SubElement(parent, "partial")
    for name, text in zip(("type", "conversion", "value", "scaleMin", "scaleMax"), argument, strict=True):
        tag(made, name, text)


def osc(control: Element, address: str, arguments: list[Argument], when: str = MOVED, variables: str = "x") -> None:
    """The message that a control sends and, where it shows a value, receives."""
    made = SubElement(next(control.iter("messages")), "osc")
    for name, text in (("enabled", 1), ("send", 1), ("receive", int(when == MOVED)), ("feedback", 0), ("connections", "00001")):
        tag(made, name, text)
    triggers = SubElement(made, "triggers")
    for variable in variables:
        entry = SubElement(triggers, "trigger")
        tag(entry, "var", variable), tag(entry, "condition", when)
    partial(SubElement(made, "path"), constant(address))
    held = SubElement(made, "arguments")
    for argument in arguments:
        partial(held, argument)


def constant(value: object) -> Argument:
    """An argument that is always the same."""
    return "CONSTANT", "STRING" if isinstance(value, str) else "FLOAT" if isinstance(value, float) else "INTEGER", value, 0.0, 1.0


def moved(variable: str, low: float = 0.0, high: float = 1.0, conversion: str = "FLOAT") -> Argument:
    """An argument that goes from `low` to `high` with the control."""
    return "VALUE", conversion, variable, low, high


def label(parent: Element, text: str, x: int, y: int, width: int) -> None:
    made = node(parent, "LABEL", f"label {text}", (x, y, width, 18), (0.8, 0.85, 0.9), background=False, textSize=13)
    held = SubElement(next(made.iter("values")), "value")
    tag(held, "key", "text"), tag(held, "locked", 1), tag(held, "default", text)


def layout(told: dict[str, Any]) -> bytes:
    """The whole .tosc, from what layout.toml says."""
    root = Element("lexml", version="3")
    top = node(root, "GROUP", "mvae", (0, 0, told["width"], told["height"]), (0.07, 0.08, 0.1))
    board, size, knob = top[-1], told["pad"]["size"], told["knob"]
    pad = node(board, "XY", "pad", (GAP, 40, size, size), (1.0, 0.69, 0.36))
    osc(pad, told["pad"]["address"], [moved("x"), moved("y", 1.0, 0.0)], variables="xy")
    label(board, "A B above, C D below", GAP, 14, size)
    for number, (name, (low, high)) in enumerate(told["knobs"].items()):
        x, y = size + 3 * GAP + number % told["columns"] * (knob + 8), 14 + number // told["columns"] * (knob + 26)
        made = node(board, "RADIAL", name, (x, y, knob, knob), (0.38, 0.78, 1.0))
        osc(made, f"/mvae/knob/{name}", [moved("x", low, high)])
        label(board, name, x, y + knob, knob)
    for number, (name, (address, value)) in enumerate(told["buttons"].items()):
        x, y = place(number, size)
        osc(node(board, "BUTTON", name, (x, y, 110, BUTTON), (0.66, 0.9, 0.47), buttonType=0), address, [constant(value)], PRESSED)
        label(board, name, x, y + BUTTON, 110)
    for number, (name, address) in enumerate(told["toggles"].items(), len(told["buttons"])):
        x, y = place(number, size)
        osc(node(board, "BUTTON", name, (x, y, 110, BUTTON), (1.0, 0.45, 0.4), buttonType=1), address, [moved("x", conversion="INTEGER")])
        label(board, name, x, y + BUTTON, 110)
    return zlib.compress(b"<?xml version='1.0' encoding='UTF-8'?>" + tostring(root))


def place(number: int, below: int) -> tuple[int, int]:
    """Where a button stands: eight in a row, under the pad."""
    return GAP + number % 8 * 124, below + 60 + number // 8 * (BUTTON + 26)


if __name__ == "__main__":
    (HERE / "mvae.tosc").write_bytes(layout(tomllib.loads((HERE / "layout.toml").read_text())))
