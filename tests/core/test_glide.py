import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.action_table import table
from mvae.core.actions import Actions
from mvae.core.glide import CORNERS, glide
from mvae.core.panel import Positions, start

ON_PAD = start(Actions(table("ABCD", (), ("drums",))))
ON_MORPH = start(Actions(table("AB", (), ("drums",))))
units = st.floats(0, 1)


@given(units, units, st.sampled_from("ABCD"), st.floats(0, 64), st.integers(-16, 10_000))
def test_a_glide_ends_exactly_at_the_corner_one_change_a_step(x: float, y: float, slot: str, beats: float, first: int) -> None:
    changes = list(glide(ON_PAD.moved({"x": x, "y": y}), slot, beats, first))
    steps = [step for step, _ in changes]
    assert changes[-1][1] == CORNERS[slot]
    assert steps == list(range(steps[0], steps[0] + len(steps)))
    assert steps[-1] - first == pytest.approx(beats * 4, abs=1) and steps[-1] - first >= beats * 4


@given(units, units, st.sampled_from("ABCD"))
def test_a_glide_is_straight(x: float, y: float, slot: str) -> None:
    for step, knobs in glide(ON_PAD.moved({"x": x, "y": y}), slot, 2, 0):
        for name, begin in (("x", x), ("y", y)):
            assert knobs[name] == pytest.approx(begin + (CORNERS[slot][name] - begin) * step / 8)


def test_no_beats_means_at_once() -> None:
    assert list(glide(ON_PAD, "D", 0, 7)) == [(7, {"x": 1.0, "y": 1.0})]


def test_between_two_anchors_the_morph_glides() -> None:
    assert list(glide(ON_MORPH, "B", 0.5, 0)) == [(1, {"morph": 0.5}), (2, {"morph": 1.0})]


def test_a_glide_touches_no_other_knob() -> None:
    before: Positions = ON_PAD.moved({"temperature": 1.2})
    assert {name for _, knobs in glide(before, "C", 1, 0) for name in knobs} == {"x", "y"}
