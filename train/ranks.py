"""Whether several groups of judgements differ: the Kruskal-Wallis test, and the Wilson interval of a share.

Plain formulas on plain numbers; knows nothing of music or of who judged.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import erfc, exp, gamma, sqrt

Z_95 = 1.959963984540054  # the normal quantile that leaves 2.5 % above


@dataclass(frozen=True, slots=True)
class KruskalWallis:
    """The statistic H, corrected for ties, its degrees of freedom, and the chance of one as large where the groups do not differ."""

    h: float
    degrees: int
    p: float


def kruskal_wallis(groups: Sequence[Sequence[float]]) -> KruskalWallis:
    """Kruskal and Wallis 1952, "Use of ranks in one-criterion variance analysis", with their correction for ties.

    H = (12 / (N (N + 1)) sum R_j^2 / n_j - 3 (N + 1)) / (1 - sum(t^3 - t) / (N^3 - N)), R_j the sum of the ranks of group j and
    t the size of each tie; chi-square with k - 1 degrees of freedom. Where all values are equal, H = 0. ValueError for fewer
    than two groups or an empty one.
    """
    if len(groups) < 2 or not all(groups):
        raise ValueError("the test compares at least two groups, each with a value in it")
    values = [value for group in groups for value in group]
    rank, ties, n = ranks(values), Counter(values), len(values)
    sums = sum(sum(rank[value] for value in group) ** 2 / len(group) for group in groups)
    untied = 1 - sum(t**3 - t for t in ties.values()) / (n**3 - n)
    h = max(0.0, (12 / (n * (n + 1)) * sums - 3 * (n + 1)) / untied) if untied else 0.0
    return KruskalWallis(h, len(groups) - 1, chi_square_above(h, len(groups) - 1))


def ranks(values: Sequence[float]) -> dict[float, float]:
    """The rank of each value among all, from 1; equal ones share the mean of their ranks."""
    ordered = sorted(Counter(values).items())
    ends = accumulate(count for _, count in ordered)
    return {value: end - (count - 1) / 2 for (value, count), end in zip(ordered, ends, strict=True)}


def chi_square_above(x: float, degrees: int) -> float:
    """The probability that chi-square exceeds `x` >= 0: the finite sums of Abramowitz and Stegun 1964, 26.4.4 and 26.4.5."""
    half, odd = x / 2, degrees % 2
    first = erfc(sqrt(half)) if odd else 0.0
    orders = [i + odd / 2 for i in range(degrees // 2)]
    return first + exp(-half) * sum(float(half**order) / gamma(order + 1) for order in orders)


def wilson(successes: int, trials: int, z: float = Z_95) -> tuple[float, float]:
    """The score interval of a share (Wilson 1927); without trials, nothing is known: 0..1."""
    if not trials:
        return 0.0, 1.0
    share, spread = successes / trials, z * z / trials
    middle = (share + spread / 2) / (1 + spread)
    reach = sqrt(share * (1 - share) * spread + spread * spread / 4) / (1 + spread)
    return max(0.0, middle - reach), min(1.0, middle + reach)
