from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.change import Change
from mvae.core.control import Control, said
from mvae.core.panel import Panel
from mvae.live.controllers import Controllers
from tests.toy_space import PAD, toy_patch

PATCH = (
    PAD
    + """
[knob.x]
cc = 1
[knob.y]
cc = 2
channel = 3
[button.out]
does = "mute drums"
note = 36
[button.two]
does = "fill 2"
cc = 41
channel = 16
"""
)


@pytest.fixture
def pads(tmp_path: Path) -> Controllers:
    return Controllers(toy_patch(tmp_path, PATCH), "midi pads")


def test_a_cc_is_a_7_bit_count_of_its_knob_on_any_channel(pads: Controllers) -> None:
    for channel in range(16):
        assert pads.changes([0xB0 | channel, 1, 64], 2.0) == (Change("x", 64, 2.0, "midi pads", "7-bit"),)


def test_a_cc_bound_to_a_channel_is_heard_only_there(pads: Controllers) -> None:
    assert pads.changes([0xB2, 2, 5], 0.0) == (Change("y", 5, 0.0, "midi pads", "7-bit"),)
    assert pads.changes([0xB0, 2, 5], 0.0) == ()


def test_a_note_presses_its_button_when_it_begins_and_not_when_it_ends(pads: Controllers) -> None:
    assert pads.changes([0x99, 36, 1], 1.0) == (Change("mute drums", None, 1.0, "midi pads"),)
    assert pads.changes([0x99, 36, 0], 1.0) == pads.changes([0x89, 36, 64], 1.0) == ()


def test_a_cc_button_fires_once_each_time_it_goes_down(pads: Controllers) -> None:
    fired = [len(pads.changes([0xBF, 41, count], 0.0)) for count in (127, 127, 100, 0, 0, 63, 64, 65, 0)]
    assert fired == [1, 0, 0, 0, 0, 0, 1, 0, 0]
    assert pads.changes([0xBF, 41, 127], 3.0) == (Change("fill", 2, 3.0, "midi pads"),)


@given(message=st.binary(max_size=4) | st.lists(st.integers(-1, 300), max_size=4))
def test_no_bytes_at_all_raise_anything_or_are_refused(tmp_path_factory: pytest.TempPathFactory, message: list[int] | bytes) -> None:
    patch = toy_patch(tmp_path_factory.getbasetemp(), PATCH)
    panel = Panel(patch.actions())
    panel.turn(*Controllers(patch, "midi").changes(message, 0.0))
    assert panel.refused == 0


def test_the_end_stops_of_a_pot_reach_the_ends_of_the_range(pads: Controllers, tmp_path: Path) -> None:
    panel = Panel(toy_patch(tmp_path, PATCH).actions())
    for count, value in ((126, 126 / 127), (127, 1.0), (1, 1 / 127), (0, 0.0)):
        panel.turn(*pads.changes([0xB0, 1, count], 0.0))
        assert panel.snapshot().knobs["x"] == pytest.approx(value)


HANDS = (
    PAD
    + """
[knob.x]
cc = 1
encoding = "absolute14"
[knob.y]
nrpn = 300
encoding = "absolute14"
[knob.density]
axis = "density"
cc = 20
encoding = "sign bit"
[knob.velocity]
nrpn = 7
[knob.tempo]
pitchbend = true
channel = 2
[button.song]
does = "scene 3"
program = 5
[button.quantise]
does = "quantise"
note = 40
"""
)


@pytest.fixture
def hands(tmp_path: Path) -> Controllers:
    return Controllers(toy_patch(tmp_path, HANDS), "hands")


def turned(hands: Controllers, *messages: bytes) -> list[tuple[str, object, str]]:
    return [(change.action, change.value, change.scale) for message in messages for change in hands.changes(message, 0.0)]


def test_a_control_of_14_bits_that_says_its_coarse_half_alone_moves_its_knob_all_the_same(hands: Controllers) -> None:
    coarse = [bytes((0xB4, 1, value)) for value in (0, 1, 64, 127)]
    assert [place for _, place, _ in turned(hands, *coarse)] == [pytest.approx(value / 127, abs=1e-4) for value in (1, 64, 127)]


def test_14_bits_are_one_place_and_are_heard_once_both_halves_are_there(hands: Controllers) -> None:
    assert turned(hands, *said(Control("cc", 1, 4, "absolute14"), 16383)) == [("x", 1.0, "normalized")]
    assert turned(hands, *said(Control("nrpn", 300, 4, "absolute14"), 8192)) == [("y", 8192 / 16383, "normalized")]
    assert turned(hands, *said(Control("pitchbend", 0, 1, "absolute14"), 0)) == [("tempo", 0.0, "normalized")]


def test_an_nrpn_of_7_bits_is_heard_at_once_and_its_increments_are_steps(hands: Controllers) -> None:
    assert turned(hands, *said(Control("nrpn", 7, 0), 64), b"\xb0\x26\x05", b"\xb0\x60\x00", b"\xb0\x61\x7f") == [
        ("velocity", 64, "7-bit"), ("velocity", 1, "steps"), ("velocity", -1, "steps"),
    ]  # fmt: skip


def test_an_encoder_says_steps_and_none_is_no_change(hands: Controllers) -> None:
    assert turned(hands, b"\xb0\x14\x02", b"\xb0\x14\x41", b"\xb0\x14\x00") == [("density", 2, "steps"), ("density", -1, "steps")]


def test_a_program_change_recalls_and_a_pad_goes_through_choices(hands: Controllers) -> None:
    assert turned(hands, b"\xc7\x04", b"\xc7\x05") == [("scene", "3", "own")]
    assert turned(hands, b"\x90\x28\x7f", b"\x80\x28\x00") == [("quantise", "beat", "own")]


def test_program_changes_are_patches_where_the_patch_says_so_but_for_those_that_a_button_has(tmp_path: Path) -> None:
    hands = Controllers(toy_patch(tmp_path, HANDS + '[program]\ndoes = "patch"\n'), "hands")
    assert turned(hands, b"\xc7\x04", b"\xc7\x05") == [("scene", "3", "own"), ("patch load", "6", "own")]


def test_a_pot_takes_its_knob_over_by_crossing_and_says_which_way_until_then(tmp_path: Path) -> None:
    patch = toy_patch(tmp_path, PATCH)
    panel, told = Panel(patch.actions()), list[tuple[str, str]]()
    pots = Controllers(patch, "pots", panel, lambda knob, way: told.append((knob, way)))
    panel.turn(Change("x", 0.5))

    def turn(*counts: int) -> float:
        for count in counts:
            panel.turn(*pots.changes([0xB0, 1, count], 0.0))
        return panel.snapshot().knobs["x"]

    assert turn(10, 40) == 0.5 and told == [("x", "up")]
    assert turn(90) == pytest.approx(90 / 127) and told[1:] == [("x", "")]
    panel.turn(Change("x", 0.1))
    assert turn(80) == 0.1 and told[2:] == [("x", "down")]
    assert turn(0) == 0.0 and turn(127) == 1.0


def test_without_takeover_a_pot_jumps(tmp_path: Path) -> None:
    patch = toy_patch(tmp_path, PATCH)
    panel = Panel(patch.actions())
    pots = Controllers(patch, "pots", panel, crosses=False)
    panel.turn(Change("x", 0.5), *pots.changes([0xB0, 1, 127], 0.0))
    assert panel.snapshot().knobs["x"] == 1.0
