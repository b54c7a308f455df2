"""OSCQuery's tree: every address of the table once, with what it takes and where it stands."""

import json
from collections.abc import Iterator

import pytest

from mvae.core.action_table import table
from mvae.core.actions import Actions
from mvae.core.change import Change
from mvae.core.panel import Panel, Positions, start
from mvae.live.osc_routes import routes
from mvae.live.oscquery import ATTRIBUTES, BadQuery, Node, Unknown, attribute, find, host_info, tree

ACTIONS = Actions(table("ABCD", ("density",), ("drums", "bass"), ("bass",)))
STANDING = start(ACTIONS)
PUBLISHED = {"/mvae/patch": ("Four corners",), "/mvae/gauge/decode_ms": (2.5,), "/mvae/playing": (1,)}


def at(path: str, positions: Positions = STANDING) -> Node:
    return find(ACTIONS, positions, PUBLISHED, path)


def all_nodes(node: Node) -> Iterator[Node]:
    yield node
    for inner in node.get("CONTENTS", {}).values():
        yield from all_nodes(inner)


def test_every_action_has_a_node_at_its_address_and_every_node_is_where_its_path_says() -> None:
    nodes = {node["FULL_PATH"]: node for node in all_nodes(tree(ACTIONS, STANDING, PUBLISHED))}
    assert {action.address for action in ACTIONS.values()} | set(PUBLISHED) <= set(nodes)
    for path, node in nodes.items():
        assert set(node) <= set(ATTRIBUTES) and at(path) == node
        for name, inner in node.get("CONTENTS", {}).items():
            assert inner["FULL_PATH"] == f"{path.rstrip('/')}/{name}"


def test_the_tree_is_json_and_what_it_lists_osc_takes() -> None:
    nodes = [node for node in all_nodes(tree(ACTIONS, STANDING, PUBLISHED)) if node["ACCESS"] & 2]
    assert json.loads(json.dumps(nodes, allow_nan=False)) == nodes
    known = {address.decode() for address in routes(ACTIONS)} | {"/mvae/subscribe", "/mvae/unsubscribe"}
    assert {node["FULL_PATH"] for node in nodes} <= known


def test_a_node_has_an_argument_for_each_type_tag_and_a_value_only_where_it_can_be_read() -> None:
    for node in all_nodes(tree(ACTIONS, STANDING, PUBLISHED)):
        for listed in ("VALUE", "RANGE", "CLIPMODE", "UNIT"):
            assert len(node.get(listed, node.get("TYPE", ""))) == len(node.get("TYPE", ""))
        assert ("VALUE" in node) == bool(node["ACCESS"] & 1)


def test_a_knob_says_where_it_stands_and_how_far_it_goes() -> None:
    panel = Panel(ACTIONS)
    panel.turn(Change("tempo", 98.5), Change("density", -1.0))
    tempo = at("/mvae/tempo", panel.snapshot())
    assert (tempo["TYPE"], tempo["VALUE"], tempo["ACCESS"], tempo["UNIT"]) == ("f", [98.5], 3, ["time.bpm"])
    assert tempo["RANGE"] == [{"MIN": 20.0, "MAX": 400.0}] and tempo["CLIPMODE"] == ["both"]
    assert at("/mvae/knob/density", panel.snapshot())["UNIT"] == ["sd"]
    assert at("/mvae/knob/density/normalized", panel.snapshot())["VALUE"] == [0.25]


def test_a_switch_is_true_or_false_and_a_choice_one_of_its_values() -> None:
    panel = Panel(ACTIONS)
    panel.turn(Change("mute bass", True), Change("quantise", "bar"))
    mute, solo = (at(f"/mvae/part/bass/{what}", panel.snapshot()) for what in ("mute", "solo"))
    assert (mute["TYPE"], mute["VALUE"], solo["TYPE"], solo["VALUE"]) == ("T", [True], "F", [False])
    quantise = at("/mvae/quantise", panel.snapshot())
    assert quantise["VALUE"] == ["bar"] and quantise["RANGE"] == [{"VALS": ["now", "beat", "bar", "phrase"]}]


@pytest.mark.parametrize(
    ("path", "type_tags", "limits"),
    [
        ("/mvae/play", "I", None),
        ("/mvae/fill", "i", {"MIN": 1, "MAX": 16}),
        ("/mvae/stop", "s", {"VALS": ["now", "bar"]}),
        ("/mvae/anchor/B/recall", "f", {"MIN": 0, "MAX": 256}),
        ("/mvae/scene", "s", None),
    ],
)
def test_a_trigger_can_only_be_written_and_says_what_it_takes(path: str, type_tags: str, limits: Node | None) -> None:
    node = at(path)
    assert (node["TYPE"], node["ACCESS"], node.get("RANGE")) == (type_tags, 2, [limits] if limits else None)


def test_an_address_may_take_something_and_hold_others() -> None:
    assert at("/mvae/scene")["ACCESS"] == 2 and "next" in at("/mvae/scene")["CONTENTS"]
    assert at("/mvae/part/bass")["ACCESS"] == 0 and "TYPE" not in at("/mvae/part/bass")


def test_the_pad_is_two_numbers() -> None:
    assert (at("/mvae/xy")["TYPE"], at("/mvae/xy")["VALUE"]) == ("ff", [0.0, 0.0])


def test_state_that_is_told_can_be_read() -> None:
    assert at("/mvae/patch")["VALUE"] == ["Four corners"] and at("/mvae/gauge/decode_ms")["TYPE"] == "f"


def test_what_is_not_there_is_unknown_and_a_slash_at_the_end_means_nothing() -> None:
    assert at("/mvae/knob/") == at("/mvae/knob")
    for path in ("/foo", "/mvae/knob/no", "/mvae/play/normalized", "/mvae/knob/density/normalized/more"):
        with pytest.raises(Unknown):
            at(path)


def test_one_attribute_is_given_by_itself() -> None:
    assert attribute(at("/mvae/quantise"), "VALUE") == {"VALUE": ["now"]}
    assert attribute(at("/mvae/play"), "VALUE") is None
    with pytest.raises(BadQuery):
        attribute(at("/mvae/play"), "COLOUR")


def test_the_host_tells_its_name_and_its_ports() -> None:
    info = host_info("mvae", ("127.0.0.1", 7770), ("127.0.0.1", 7771))
    assert info["NAME"] == "mvae" and info["EXTENSIONS"]["LISTEN"] is True
    assert (info["OSC_PORT"], info["OSC_TRANSPORT"], info["WS_PORT"]) == (7770, "UDP", 7771)


def test_scenes_are_listed_by_their_names_as_soon_as_there_are_some() -> None:
    assert "RANGE" not in at("/mvae/scene") and "RANGE" not in at("/mvae/scene/then")
    published = {**PUBLISHED, "/mvae/scene/names": ("verse", "late night")}
    scene = find(ACTIONS, STANDING, published, "/mvae/scene")
    assert scene["RANGE"] == [{"VALS": ["verse", "late night"]}] and (scene["TYPE"], scene["ACCESS"]) == ("s", 2)
    assert find(ACTIONS, STANDING, published, "/mvae/scene/then")["RANGE"] == [{"VALS": ["again", "next", "random", "verse", "late night"]}]


def test_patches_are_listed_by_their_names() -> None:
    node = find(ACTIONS, STANDING, {**PUBLISHED, "/mvae/patch/list": ("band", "trio")}, "/mvae/patch/load")
    assert node["RANGE"] == [{"VALS": ["band", "trio"]}] and (node["TYPE"], node["ACCESS"]) == ("s", 2)
