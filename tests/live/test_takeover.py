"""Soft takeover: by crossing, however fast the turn, and never by a leap."""

from hypothesis import given
from hypothesis import strategies as st

from mvae.live.takeover import SLACK, Takeover

travels = st.integers(0, 127).map(lambda count: count / 127)


@given(travels, st.lists(travels, min_size=1))
def test_a_knob_never_moves_before_its_control_has_been_there(stands: float, turns: list[float]) -> None:
    """And from then on it does."""
    takeover, has = Takeover(), False
    for before, travel in zip([turns[0], *turns], turns, strict=False):
        verdict = takeover.turned("pot", travel, stands)
        near = min(abs(travel - stands), abs(before - stands)) <= SLACK
        crosses = min(before, travel) < stands < max(before, travel)
        has = has or near or crosses
        assert verdict.has == has
        assert verdict.way == ("" if has else "up" if stands > travel else "down")
        stands = travel if has else stands


@given(st.lists(st.tuples(travels, travels), min_size=2))
def test_which_way_to_turn_is_news_once(moves: list[tuple[float, float]]) -> None:
    takeover, told = Takeover(), ""
    for travel, stands in moves:
        verdict = takeover.turned("pot", travel, stands)
        assert verdict.is_new == (verdict.way != told)
        told = verdict.way


def test_a_fast_turn_that_never_meets_the_place_takes_over() -> None:
    takeover = Takeover()
    assert not takeover.turned("pot", 0.1, 0.5).has and takeover.turned("pot", 0.9, 0.5).has


def test_a_pot_whose_knob_somebody_else_has_moved_waits_again() -> None:
    takeover = Takeover()
    assert takeover.turned("pot", 0.5, 0.5).has
    assert takeover.turned("pot", 0.52, 0.9).way == "up" and takeover.turned("pot", 0.95, 0.9).has


def test_controls_are_apart_and_what_was_unplugged_begins_anew() -> None:
    takeover = Takeover()
    takeover.turned("pot", 0.1, 0.5)
    assert not takeover.turned("other", 0.9, 0.5).has
    takeover.forget()
    assert not takeover.turned("pot", 0.9, 0.5).has
