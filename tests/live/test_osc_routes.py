from pathlib import Path

import pytest

from mvae.core.action_table import table
from mvae.core.actions import Actions
from mvae.core.change import Change
from mvae.live.osc_routes import Route, changes, routes, scene_route
from tests.toy_space import PAD, toy_patch

ACTIONS = Actions(table("ABCD", ("density",), ("drums",)))
ROUTES = routes(ACTIONS)


def route_of(address: bytes) -> Route:
    route = ROUTES.get(address) or scene_route(address, ACTIONS)
    assert route is not None
    return route


def test_every_action_is_at_its_address_and_every_knob_also_normalized() -> None:
    for action in ACTIONS.values():
        assert ROUTES[action.address.encode()].actions == (action.name,)
        assert (f"{action.address}/normalized".encode() in ROUTES) == (action.kind == "knob")
        assert ROUTES[action.address.encode()].coalesces == (action.kind == "knob")


def test_tempo_is_at_its_short_address_and_at_a_knobs() -> None:
    assert ROUTES[b"/mvae/tempo"] == ROUTES[b"/mvae/knob/tempo"]


def test_xy_is_there_only_with_a_pad() -> None:
    assert ROUTES[b"/mvae/xy"].actions == ("x", "y")
    assert b"/mvae/xy" not in routes(Actions(table("AB", (), ("drums",))))


def test_a_patch_gives_a_knob_an_address_of_its_own(tmp_path: Path) -> None:
    patch = toy_patch(tmp_path, PAD + '[knob.x]\nosc = "/fader/1"\n')
    assert routes(patch.actions(), patch)[b"/fader/1"] == Route(("x",), coalesces=True)


def test_arguments_become_changes() -> None:
    assert changes(ROUTES[b"/mvae/xy"], (0.25, 1), 7.0, "osc") == (Change("x", 0.25, 7.0, "osc"), Change("y", 1, 7.0, "osc"))
    assert changes(ROUTES[b"/mvae/knob/x/normalized"], (0.5,), 7.0, "osc") == (Change("x", 0.5, 7.0, "osc", "normalized"),)
    for values in ((), ("bang",), (None,)):
        assert changes(ROUTES[b"/mvae/play"], values, 7.0, "osc") == (Change("play", None, 7.0, "osc"),)


@pytest.mark.parametrize(
    ("values", "text"), [(("verse 2",), "verse 2"), (("verse", 2), "verse 2"), (("take", 1.5, "b"), "take 1.5 b"), ((2,), 2), ((), None)]
)
def test_words_of_free_text_may_come_one_by_one(values: tuple[object, ...], text: object) -> None:
    assert changes(route_of(b"/mvae/scene"), values, 7.0, "osc") == (Change("scene", text, 7.0, "osc"),)  # type: ignore[arg-type]


@pytest.mark.parametrize(("values", "value"), [((), "verse"), ((1,), "verse"), (("bang",), "verse"), ((0.0,), 0), ((False,), 0)])
def test_a_scene_is_recalled_by_an_address_of_its_own(values: tuple[object, ...], value: object) -> None:
    assert changes(route_of(b"/mvae/scene/verse"), values, 7.0, "osc") == (Change("scene", value, 7.0, "osc"),)  # type: ignore[arg-type]


def test_what_can_be_done_with_scenes_comes_before_a_scene_of_that_name() -> None:
    assert route_of(b"/mvae/scene/next").actions == ("scene next",)
    assert scene_route(b"/mvae/scene", ACTIONS) is scene_route(b"/mvae/scene/", ACTIONS) is scene_route(b"/mvae/scene/a/b", ACTIONS) is None
    assert scene_route(b"/mvae/scene/verse", Actions(table("AB", (), ("drums",)[:1])[:3])) is None


@pytest.mark.parametrize(
    ("address", "values"),
    [("xy", (1.0,)), ("xy", (1.0, 2.0, 3.0)), ("tempo", (1.0, 2.0)), ("play", (b"b",)), ("scene", ("a", b"2")), ("scene/verse", (1, 2))],
)
def test_too_many_too_few_and_strange_arguments_are_refused(address: str, values: tuple[object, ...]) -> None:
    with pytest.raises(ValueError, match="takes"):
        changes(route_of(f"/mvae/{address}".encode()), values, 0.0, "osc")
