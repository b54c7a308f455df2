import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.curves import CURVES, travel_of, value_of

curves = st.sampled_from(sorted(CURVES))
ranges = st.tuples(st.floats(0.1, 100), st.floats(0.1, 100)).map(lambda ends: (min(ends), max(ends) + 1))
travels = st.floats(0, 1)


@given(travels, ranges, curves)
def test_travel_of_undoes_value_of(travel: float, ends: tuple[float, float], curve: str) -> None:
    value = value_of(travel, *ends, curve)
    assert value_of(travel_of(value, *ends, curve), *ends, curve) == pytest.approx(value, rel=1e-9)


@given(travels, travels, ranges, curves)
def test_every_curve_rises(one: float, other: float, ends: tuple[float, float], curve: str) -> None:
    low, high = sorted((one, other))
    assert value_of(low, *ends, curve) <= value_of(high, *ends, curve)


@given(st.floats(allow_nan=False, allow_infinity=False), ranges, curves)
def test_end_stops_are_exact_and_nothing_lies_beyond(travel: float, ends: tuple[float, float], curve: str) -> None:
    assert ends[0] <= value_of(travel, *ends, curve) <= ends[1]
    assert (value_of(0, *ends, curve), value_of(1, *ends, curve)) == ends


def test_square_is_fine_at_the_low_end_and_log_doubles_by_equal_travel() -> None:
    assert value_of(0.5, 0, 1, "square") == 0.25
    assert value_of(0.5, 100, 400, "log") == pytest.approx(200)
