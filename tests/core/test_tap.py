from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.tap import TapTempo


def bpm(*times_s: float) -> float | None:
    return reduce(TapTempo.tap, times_s, TapTempo()).bpm


def test_one_tap_says_nothing_and_two_give_a_tempo() -> None:
    assert bpm(1.0) is None
    assert bpm(1.0, 1.5) == pytest.approx(120)


def test_one_slip_among_four_intervals_does_not_move_the_median_far() -> None:
    assert bpm(0, 0.5, 1.0, 1.9, 2.4) == pytest.approx(120)


def test_only_the_last_four_intervals_count() -> None:
    assert bpm(0, 1, 2, 3, 4, 5, 5.5, 6, 6.5, 7) == pytest.approx(120)


def test_a_gap_over_two_seconds_starts_afresh() -> None:
    assert bpm(0, 0.5, 2.6) is None
    assert bpm(0, 0.5, 2.6, 3.6) == pytest.approx(60)
    assert bpm(0, 2.0) == pytest.approx(30)


@given(st.lists(st.floats(0, 100), max_size=12))
def test_taps_in_any_order_never_fail_and_never_give_less_than_thirty(times_s: list[float]) -> None:
    tempo = bpm(*times_s)
    assert tempo is None or tempo >= 29.999
