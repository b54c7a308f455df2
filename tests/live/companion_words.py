"""What the companions in patches/ say to the instrument and hear of it, read out of their files: an address and its values."""

import ast
import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

SOME = 1.0  # for a value that is known only while it runs
NAMES = {  # for a part of an address that is
    "name": "density", "slot": "A", "knob": "density", "turn": "temperature", "recall": "B", "transport": "play", "number": "1",
}  # fmt: skip

PD_CONTROLS = {"hsl": (7, (SOME,)), "vsl": (7, (SOME,)), "tgl": (3, (SOME,)), "bng": (5, ())}  # where they name whom they tell, and what
PD_GIVES: Mapping[str, tuple[object, ...]] = {"t": (), "pack": (SOME, SOME)}


class Word(NamedTuple):
    """A message: sent with these values, or waited for."""

    address: str
    values: tuple[object, ...] = ()
    heard: bool = False


def value(text: str) -> object:
    """What is written, as a value; a name stands for a number."""
    text = text.strip()
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    if re.fullmatch(r"-?\d*\.\d+", text):
        return float(text)
    return text[1:-1] if text[:1] in "\"'" else SOME


def arguments(text: str) -> list[str]:
    """The arguments of a call, from behind its opening bracket: split at its own commas."""
    found, depth, quoted = [""], 0, False
    for letter in text:
        quoted ^= letter == '"'
        if not quoted and letter in ")]}":
            depth -= 1
        if depth < 0 or (letter == "\n" and depth == 0):
            break
        if letter == "," and not depth and not quoted:
            found.append("")
        else:
            found[-1] += letter
        depth += not quoted and letter in "([{"
    return found


def joined(text: str) -> str:
    """An address of pieces: "/mvae/knob/" ++ name."""
    return "".join(piece.strip()[1:-1] if '"' in piece else NAMES[piece.strip()] for piece in text.split("++"))


def scd(text: str) -> Iterator[Word]:
    code = re.sub(r"//.*", "", text)
    for found in re.finditer(r'\.(?:sendMsg|send)\((?="/mvae)', code):
        address, *values = arguments(code[found.end() :])
        yield Word(joined(address), tuple(map(value, values)))
    for found in re.finditer(r"'(/mvae[^']*)'", code):
        yield Word(found[1], heard=True)


def rb(text: str) -> Iterator[Word]:
    for line in re.sub(r"\s#.*", "", text).splitlines():
        if found := re.match(r'\s*osc ("/mvae.*)', line):
            address, *values = arguments(found[1])
            yield Word(str(value(address)), tuple(map(value, values)))
        for heard in re.finditer(r'"/osc\*(/mvae[^"]*)"', line):
            yield Word(heard[1], heard=True)


def tidal(text: str) -> Iterator[Word]:
    for found in re.finditer(r'OSC "(/mvae[^"]*)" \$ ArgList \[(.*?)\]', text):
        address = re.sub(r"\{(\w+)\}", lambda name: NAMES[name[1]], found[1])
        yield Word(address, (SOME,) * found[2].count("("))


def py(text: str) -> Iterator[Word]:
    for call in (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        first = call.args[0] if call.args else None
        pieces = first.values if isinstance(first, ast.JoinedStr) else [first]
        address = "".join(map(said, pieces))
        if address.startswith("/mvae"):
            heard = isinstance(call.func, ast.Attribute) and call.func.attr in ("map", "attach")
            given = [each for arg in call.args[1:] for each in (arg.elts if isinstance(arg, ast.List) else [arg])]
            yield Word(address, () if heard else tuple(spread(given)), heard)


def spread(given: list[ast.expr]) -> Iterator[object]:
    """The values of arguments; *one stands for two, as a place on the pad has."""
    for each in given:
        yield from (SOME, SOME) if isinstance(each, ast.Starred) else (value(ast.unparse(each)),)


def said(piece: ast.expr | None) -> str:
    """A piece of an address in Python: text, or a name in braces."""
    return NAMES[ast.unparse(piece.value)] if isinstance(piece, ast.FormattedValue) else str(getattr(piece, "value", ""))


def pd(text: str) -> Iterator[Word]:
    """An oscformat and what feeds it, by a cord or by name from a control; the selectors behind `route mvae`."""
    canvases = pd_canvases(text)
    gives = {}
    for box in (box for boxes, _ in canvases for box in boxes):
        if box[0] in PD_CONTROLS:
            place, values = PD_CONTROLS[box[0]]
            gives[box[place]] = values
    for boxes, cords in canvases:
        feeds = {destination: boxes[source] for source, destination in cords}
        for number, box in enumerate(boxes):
            if box[0] == "oscformat":
                source = feeds[number]
                yield Word("/" + "/".join(box[1:]), gives[source[1]] if source[0] == "r" else PD_GIVES[source[0]])
            if box[0] == "route" and "mvae" not in box and "drums" not in box:
                deep = "/mvae/" if "note" in box else "/mvae/knob/"
                yield from (Word(deep + word, heard=True) for word in box[1:] if word != "knob")


def pd_canvases(text: str) -> list[tuple[list[list[str]], list[tuple[int, int]]]]:
    """Every canvas of a Pd patch: its boxes, each as its words, and its cords from box to box."""
    canvases, open_ones = [], list[tuple[list[list[str]], list[tuple[int, int]]]]()
    for line in (line.split() for line in re.split(r"(?<!\\);", text) if line.strip()):
        match line[:2]:
            case ["#N", "canvas"]:
                open_ones.append(([], []))
            case ["#X", "connect"]:
                open_ones[-1][1].append((int(line[2]), int(line[4])))
            case ["#X", "restore"]:
                canvases.append(open_ones.pop())
                open_ones[-1][0].append(line[4:])
            case ["#X", kind]:
                open_ones[-1][0].append(line[4:] if kind == "obj" else [kind])
    return canvases + open_ones


def maxpat(text: str) -> Iterator[Word]:
    patcher = json.loads(text)["patcher"]
    boxes = {each["box"]["id"]: each["box"] for each in patcher["boxes"]}
    feeds = {line["patchline"]["destination"][0]: boxes[line["patchline"]["source"][0]] for line in patcher["lines"]}
    for box in boxes.values():
        words = box.get("text", "").split()
        if words[:1] == ["route"]:
            yield from (Word(word, heard=True) for word in words[1:] if word.startswith("/mvae"))
        elif words[:1] == ["prepend"] and words[1].startswith("/mvae"):
            packed = feeds[box["id"]].get("text", "").startswith("pack ")
            yield Word(words[1], (SOME, SOME) if packed else (SOME,))
        elif box["maxclass"] == "message" and words and words[0].startswith("/mvae"):
            quoted = (each if re.match(r"[-.\d]", each) else f'"{each}"' for each in words[1:])
            yield Word(words[0], tuple(map(value, quoted)))


def tosc(data: bytes) -> Iterator[Word]:
    for osc in ElementTree.fromstring(zlib.decompress(data)).iter("osc"):
        values = [part.findtext("value", "") if part.findtext("type") == "CONSTANT" else SOME for part in osc.iterfind("arguments/partial")]
        kinds = [part.findtext("conversion") for part in osc.iterfind("arguments/partial")]
        typed = (each if kind == "STRING" else float(each) for each, kind in zip(values, kinds, strict=True))
        yield Word("".join(part.findtext("value", "") for part in osc.iterfind("path/partial")), tuple(typed))


def openstage(text: str) -> Iterator[Word]:
    for widget in json.loads(text)["content"]["widgets"]:
        match widget["type"]:
            case "text" if widget["address"] != "auto":
                yield Word(widget["address"], heard=True)
            case "xy":
                yield Word(widget["address"], (widget["rangeX"]["min"], widget["rangeY"]["min"]))
            case "knob" | "fader":
                yield from (Word(widget["address"], (widget["range"][end],)) for end in ("min", "max"))
            case "button":
                yield Word(widget["address"], (widget["on"],))
            case "switch":
                yield from (Word(widget["address"], (each,)) for each in widget["values"])


READERS: Mapping[str, Callable[[str], Iterator[Word]]] = {
    ".scd": scd, ".rb": rb, ".tidal": tidal, ".py": py, ".pd": pd, ".maxpat": maxpat, ".json": openstage,
}  # fmt: skip


def words(path: Path) -> list[Word]:
    """Everything that a companion says and hears."""
    return list(tosc(path.read_bytes()) if path.suffix == ".tosc" else READERS[path.suffix](path.read_text()))
