from hypothesis import given
from hypothesis import strategies as st

from mvae.live.gauges import KEPT, Gauges, quantile

TIMES = st.lists(st.floats(0, 10), min_size=1, max_size=50).map(sorted)


@given(TIMES, st.floats(0, 1))
def test_a_share_of_the_values_does_not_exceed_the_quantile_and_of_no_smaller_value_that_is_true(times: list[float], share: float) -> None:
    found = quantile(times, share)
    within = [time for time in times if time <= found]
    below = [time for time in times if time < found]
    assert found in times and len(within) >= share * len(times) - 1e-6
    assert not below or len(below) < share * len(times)


def test_shares_that_float64_cannot_write_fall_on_the_rank_that_is_meant() -> None:
    ordered = [float(rank) for rank in range(1, 101)]
    assert [quantile(ordered, percent / 100) for percent in range(1, 101)] == ordered
    assert quantile(ordered, 0.0) == 1.0 and quantile(ordered, 0.999) == 100.0


def test_of_nothing_it_is_nought() -> None:
    assert quantile([], 0.5) == 0.0 and Gauges().decode_ms(0.99) == 0.0


def test_decode_times_are_told_in_milliseconds_and_old_ones_forgotten() -> None:
    gauges = Gauges()
    for _ in range(10):
        gauges.decoded(9.0)
    for milliseconds in range(KEPT):
        gauges.decoded(milliseconds / 1000)
    assert gauges.count == KEPT + 10 and gauges.last_ms == KEPT - 1
    assert gauges.decode_ms(1.0) == KEPT - 1 and abs(gauges.decode_ms(0.5) - KEPT / 2) <= 1
