"""Every companion in patches/: each address that it uses is in the instrument's table, with values that the instrument takes."""

import json
import tomllib
import zlib
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import py2tosc
import pytest

from mvae.core.panel import Panel
from mvae.core.patch import DEFAULT_PATCH, find_patch
from mvae.core.patch_file import load_patch
from mvae.live.osc_ports import subscriber
from mvae.live.osc_routes import SUBSCRIBE, UNSUBSCRIBE, changes, routes
from tests.live.companion_words import READERS, Word, words
from tests.live.companions import FOLDER, TOLD

MAKER = FOLDER / "touchosc/make_tosc.py"
FILES = sorted(path for path in FOLDER.glob("*/*.*") if path.suffix in (*READERS, ".tosc") and path != MAKER)
FEWEST = {".maxpat": 40, ".pd": 40, ".scd": 3, ".tidal": 6, ".rb": 7, ".tosc": 35, ".json": 40, ".py": 2}
INLETS_AND_OUTLETS = {  # of the Max objects that the patch uses
    "udpsend": (1, 0), "udpreceive": (1, 1), "r": (0, 1), "s": (1, 0), "loadbang": (1, 1), "prepend": (1, 1), "scale": (6, 1),
    "t": (1, None), "pack": (None, 1), "unpack": (1, None), "gate": (2, 1), "expr": (2, 1), "makenote": (3, 2), "noteout": (3, 0),
}  # fmt: skip


@pytest.fixture(scope="module")
def panel() -> Panel:
    return Panel(load_patch(DEFAULT_PATCH).actions())


def fault(panel: Panel, word: Word) -> str:
    """Why the instrument would not take a message, or never says it."""
    address = word.address.encode()
    if word.heard:
        told = {action.address for action in panel.actions.values() if action.kind != "trigger"} | TOLD
        told |= {f"/mvae/knob/{action.name}" for action in panel.actions.of_kind("knob")}
        return "" if word.address in told else "is never said"
    if address in (SUBSCRIBE, UNSUBSCRIBE):
        subscriber(word.values, ("127.0.0.1", 4000))
        return ""
    route = routes(panel.actions, load_patch(DEFAULT_PATCH)).get(address)
    if route is None:
        return "is not in the table"
    panel.drain()
    return "; ".join(filter(None, panel.turn(*changes(route, word.values, 0.0, "test"))))


@pytest.mark.parametrize("path", [pytest.param(path, id=str(path.relative_to(FOLDER))) for path in FILES])
def test_every_address_of_a_companion_is_in_the_table_and_takes_its_values(panel: Panel, path: Path) -> None:
    used = words(path)
    assert len(used) >= FEWEST[path.suffix]
    assert {word: why for word in used if (why := fault(panel, word))} == {}


def test_every_program_has_a_companion_and_a_word_in_the_readme() -> None:
    assert {path.suffix for path in FILES} == {*READERS, ".tosc"}
    readme = (FOLDER / "README.md").read_text()
    assert [path.name for path in FILES if f"`{path.relative_to(FOLDER)}`" not in readme] == []
    sections = readme.split("\n## ")[1:]
    assert all(len([line for line in section.splitlines() if line.startswith("* ")]) >= 5 for section in sections), "five lines each"


def test_the_words_of_a_wrong_companion_are_found_out(panel: Panel) -> None:
    wrong = [Word("/mvae/knob/densty", (1.0,)), Word("/mvae/knob/density"), Word("/mvae/stop", ("never",)), Word("/mvae/nots", heard=True)]
    assert all(fault(panel, word) for word in wrong)
    with pytest.raises(ValueError, match="takes 2 arguments"):
        fault(panel, Word("/mvae/xy", (1.0,)))


def test_the_cords_of_the_max_patch_lead_from_outlets_to_inlets_that_are_there() -> None:
    patcher = json.loads((FOLDER / "max/mvae.maxpat").read_text())["patcher"]
    boxes = {each["box"]["id"]: each["box"] for each in patcher["boxes"]}
    assert len(boxes) == len(patcher["boxes"])
    for line in patcher["lines"]:
        (source, outlet), (destination, inlet) = line["patchline"]["source"], line["patchline"]["destination"]
        assert outlet < boxes[source]["numoutlets"] and inlet < boxes[destination]["numinlets"], line
    for box in boxes.values():
        assert len(box["patching_rect"]) == 4 and len(box.get("outlettype", [])) == box["numoutlets"]
        if box["maxclass"] == "newobj":
            name, *given = box["text"].split()
            inlets, outlets = (1, len(given) + 1) if name == "route" else INLETS_AND_OUTLETS[name]
            many = len(given)
            assert (box["numinlets"], box["numoutlets"]) == (many if inlets is None else inlets, many if outlets is None else outlets), box
    shown = {box["maxclass"] for box in boxes.values()}
    assert {"pictslider", "slider", "flonum", "message", "toggle", "comment"} <= shown


def test_the_touchosc_layout_is_what_its_source_says_and_keeps_to_the_format() -> None:
    spec = spec_from_file_location("make_tosc", MAKER)
    assert spec is not None and spec.loader is not None
    maker = module_from_spec(spec)
    spec.loader.exec_module(maker)
    made = maker.layout(tomllib.loads((FOLDER / "touchosc/layout.toml").read_text()))
    assert zlib.decompress(made) == zlib.decompress((FOLDER / "touchosc/mvae.tosc").read_bytes())
    document = py2tosc.load(FOLDER / "touchosc/mvae.tosc")
    assert document.validate() == []
    controls = [str(node.control_type) for node in document.walk()]
    assert controls.count("ControlType.XY") == 1 or controls.count("XY") == 1


def test_the_open_stage_control_session_has_each_control_once_and_sends_to_the_instrument() -> None:
    session = json.loads((FOLDER / "openstage/mvae.json").read_text())
    widgets = session["content"]["widgets"]
    assert session["type"] == "session" and session["content"]["type"] == "root"
    assert len({widget["id"] for widget in widgets}) == len(widgets)
    assert all(widget["target"] == ["127.0.0.1:7770"] or widget["type"] == "text" for widget in widgets)
    places = [(widget["left"], widget["top"]) for widget in widgets]
    assert len(set(places)) == len(places)


def test_the_ranges_of_knobs_are_those_of_the_table(panel: Panel) -> None:
    session = json.loads((FOLDER / "openstage/mvae.json").read_text())
    turned = [widget for widget in session["content"]["widgets"] if widget["type"] == "knob"]
    knobs = {widget["id"]: (widget["range"]["min"], widget["range"]["max"]) for widget in turned}
    knobs |= {name: tuple(ends) for name, ends in tomllib.loads((FOLDER / "touchosc/layout.toml").read_text())["knobs"].items()}
    assert {name: ends for name, ends in knobs.items() if ends != (panel.actions[name].low, panel.actions[name].high)} == {}
    assert find_patch(DEFAULT_PATCH).exists()
