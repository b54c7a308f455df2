"""The travel of an axis: which knob position means how many steps along its direction.

A table knob -2 ... 2 -> steps, such that the mean attribute over the calibration phrases (decoded at temperature 0) meets the training
quantile Phi(knob). A knob at rest must leave the phrase as it is, but a mean is not a median: what is met is
Phi(knob + rest * (1 - |knob| / 2)), `rest` being where the mean stands of itself: exact at both ends, step 0 in the middle.
Where a quantile is out of reach, or the rules of `mvae.train.response` are kept on a part of the way only, the range ends there.
"""

from collections.abc import Callable, Iterator, Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from mvae.core.latent import KNOB_POINTS, Axis
from mvae.train.attributes import ATTRIBUTES, attributes
from mvae.train.response import SPAN, Calibrated, Response, Values, response_of

Floats = NDArray[np.float64]
Points = NDArray[np.float32]  # (n, z)
Decode = Callable[[Points], NDArray[np.float32]]  # (n, z) -> (n, steps, 27), temperature 0

KNOB = np.linspace(-2.0, 2.0, KNOB_POINTS)
MIDDLE = KNOB_POINTS // 2
SCAN = np.linspace(-8.0, 8.0, 33)  # steps: predicted standard deviations


def calibrate(name: str, direction: Points, decode: Decode, points: Points, training: Values) -> Calibrated:
    """The axis along `direction` (z,) for `points` (n, z). `training` holds every attribute over the training split."""
    scan = np.array([np.nanmean(ATTRIBUTES[name](decode(_moved(points, direction, step)))) for step in SCAN])
    still, rising = float(scan[len(SCAN) // 2]), _rising(scan)
    rest = knob_of(training[name], still)
    target = quantile_of(training[name], KNOB + rest * (1 - np.abs(KNOB) / 2))
    target[MIDDLE] = still
    low, high = _reach(target, scan[rising])
    step = np.interp(np.clip(target, target[low], target[high]), scan[rising], SCAN[rising])
    step[MIDDLE] = 0.0
    sd = {attribute: float(np.nanstd(values)) for attribute, values in training.items()}

    def told(value: float) -> Values:
        return attributes(decode(_moved(points, direction, float(np.interp(value, KNOB, step)))))

    low, high = _kept(name, low, high, [told(value) for value in KNOB[low : high + 1]], sd)
    step = np.interp(np.clip(KNOB, KNOB[low], KNOB[high]), KNOB, step)
    axis = Axis(name, direction, KNOB.astype(np.float32), step.astype(np.float32), float(KNOB[low]), float(KNOB[high]))
    knob = np.linspace(axis.low, axis.high, KNOB_POINTS)
    return Calibrated(axis, response_of(name, knob, [told(value) for value in knob], sd), np.interp(knob, KNOB, target), rest)


def _moved(points: Points, direction: Points, step: float) -> Points:
    return np.asarray(points + np.float32(step) * direction, dtype=np.float32)


def _rising(scan: Floats) -> slice:
    """The longest stretch around the middle over which `scan` rises."""
    low = high = len(scan) // 2
    while low > 0 and scan[low - 1] < scan[low]:
        low -= 1
    while high < len(scan) - 1 and scan[high + 1] > scan[high]:
        high += 1
    return slice(low, high + 1)


def _reach(target: Floats, scan: Floats) -> tuple[int, int]:
    """The outermost of the 17 points whose target the scan's means reach; a target that stands still ends the range."""
    low = high = MIDDLE
    while low > 0 and scan[0] <= target[low - 1] < target[low]:
        low -= 1
    while high < KNOB_POINTS - 1 and target[high] < target[high + 1] <= scan[-1]:
        high += 1
    return low, high


def _kept(name: str, low: int, high: int, told: Sequence[Values], sd: dict[str, float]) -> tuple[int, int]:
    """The widest part of low..high on which the axis keeps its rules; all of it when it keeps them nowhere."""
    for first, last in _parts(low, high):
        response: Response = response_of(name, KNOB[first : last + 1], told[first - low : last - low + 1], sd)
        if not response.faults():
            return first, last
    return low, high


def _parts(low: int, high: int) -> Iterator[tuple[int, int]]:
    """Ranges of table points that hold the middle, widest first, down to SPAN."""
    ranges = [(first, last) for first in range(low, MIDDLE + 1) for last in range(MIDDLE, high + 1) if KNOB[last] - KNOB[first] >= SPAN]
    yield from sorted(ranges, key=lambda ends: (ends[0] - ends[1], abs(ends[0] + ends[1] - 2 * MIDDLE)))


def quantile_of(values: Floats, knob: Floats) -> Floats:
    """The quantiles Phi(knob) of `values`, (k,): the mid-distribution function drawn as lines, so that tied values still rise."""
    distinct, middle = _middles(values)
    return np.asarray(np.interp([NormalDist().cdf(float(k)) for k in knob], middle, distinct))


def knob_of(values: Floats, value: float) -> float:
    """The inverse of `quantile_of`, within -3 ... 3."""
    distinct, middle = _middles(values)
    share = float(np.interp(value, distinct, middle))
    return float(np.clip(NormalDist().inv_cdf(min(max(share, 1e-6), 1 - 1e-6)), -3, 3))


def _middles(values: Floats) -> tuple[Floats, Floats]:
    """The distinct values and the share of all that lies below the middle of each."""
    distinct, counts = np.unique(values[np.isfinite(values)], return_counts=True)
    return distinct, (np.cumsum(counts) - counts / 2) / counts.sum()
