"""The rank test and the interval against published values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.train.ranks import chi_square_above, kruskal_wallis, ranks, wilson

SCORES = st.lists(st.sampled_from((0.0, 0.5, 1.0)), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("groups", "h", "p"),
    [  # the examples in the documentation of scipy.stats.kruskal: without and with ties
        (([1, 3, 5, 7, 9], [2, 4, 6, 8, 10]), 0.27272727272727337, 0.6015081344405895),
        (([1, 1, 1], [2, 2, 2], [2, 2]), 7.0, 0.0301973834223185),
    ],
)
def test_kruskal_wallis_gives_the_published_values(groups: tuple[list[float], ...], h: float, p: float) -> None:
    result = kruskal_wallis(groups)
    assert (result.h, result.p) == pytest.approx((h, p), rel=1e-9)
    assert result.degrees == len(groups) - 1


@pytest.mark.parametrize(("degrees", "x"), [(1, 3.841), (2, 5.991), (3, 7.815), (4, 9.488), (5, 11.070), (10, 18.307)])
def test_one_in_twenty_lies_above_the_tabled_chi_square(degrees: int, x: float) -> None:
    assert chi_square_above(x, degrees) == pytest.approx(0.05, abs=2e-5)  # NIST/SEMATECH handbook, 1.3.6.7.4


def test_nothing_differs_where_all_values_are_equal() -> None:
    assert kruskal_wallis([[1, 1], [1, 1, 1]]).h == 0.0
    assert kruskal_wallis([[1, 1], [1, 1, 1]]).p == 1.0


@pytest.mark.parametrize("groups", [[[1.0]], [[1.0], []], []])
def test_a_missing_group_is_refused(groups: list[list[float]]) -> None:
    with pytest.raises(ValueError, match="two groups"):
        kruskal_wallis(groups)


@given(st.lists(SCORES, min_size=2, max_size=4))
def test_h_does_not_depend_on_the_order_and_p_is_a_probability(groups: list[list[float]]) -> None:
    result, turned = kruskal_wallis(groups), kruskal_wallis([group[::-1] for group in groups[::-1]])
    assert result.h == pytest.approx(turned.h, abs=1e-9)
    assert 0.0 <= result.p <= 1.0


@given(SCORES)
def test_the_ranks_of_n_values_sum_to_those_of_n_places(values: list[float]) -> None:
    table = ranks(values)
    assert sum(table[value] for value in values) == len(values) * (len(values) + 1) / 2


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_published_intervals(successes: int, trials: int, low: float, high: float) -> None:
    assert wilson(successes, trials) == pytest.approx((low, high), abs=5e-5)  # Newcombe 1998, table I, method 3


def test_without_trials_nothing_is_known() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
