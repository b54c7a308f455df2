from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.change import Change
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
