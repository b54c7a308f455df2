from pathlib import Path

import pytest

from mvae.core.action_table import table
from mvae.core.actions import Actions
from mvae.core.change import Change
from mvae.live.osc_routes import Route, changes, routes
from tests.toy_space import PAD, toy_patch

ACTIONS = Actions(table("ABCD", ("density",), ("drums",)))
ROUTES = routes(ACTIONS)


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
    for values in ((), ("bang",)):
        assert changes(ROUTES[b"/mvae/play"], values, 7.0, "osc") == (Change("play", None, 7.0, "osc"),)


@pytest.mark.parametrize(
    ("address", "values"),
    [("xy", (1.0,)), ("xy", (1.0, 2.0, 3.0)), ("tempo", (1.0, 2.0)), ("play", (b"blob",)), ("tempo", (None,))],
)
def test_too_many_too_few_and_strange_arguments_are_refused(address: str, values: tuple[object, ...]) -> None:
    with pytest.raises(ValueError, match="takes"):
        changes(ROUTES[f"/mvae/{address}".encode()], values, 0.0, "osc")
