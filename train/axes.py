"""The travel of an axis: which knob position means how many steps along its direction.

A table knob -2 ... 2 -> steps, such that the mean attribute over the calibration phrases (decoded at temperature 0) meets the training
quantile Phi(knob). A knob at rest must leave the phrase as it is, but a mean is not a median: what is met is
Phi(knob + rest * (1 - |knob| / 2)), `rest` being where the mean stands of itself: exact at both ends, step 0 in the middle.
Where a quantile is out of reach, or the rules of `mvae.train.response` are kept on a part of the way only, the range ends there.
Where the model's own knobs have play, in which they do nothing, the table goes on at the first touch (`EDGE`) from where they do.
Knows nothing of what a phrase is: it is told the attributes of points.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from mvae.core.latent import KNOB_POINTS, Axis
from mvae.train.directions import directions, disturbed, uncoupled
from mvae.train.response import PHRASES, SPAN, Calibrated, Response, Values, mean_of, response_of

Floats = NDArray[np.float64]
Points = NDArray[np.float32]  # (n, z)
Tell = Callable[[Points], Values]  # the attributes of what points (n, z) decode to at temperature 0: name -> (n,)

KNOB = np.linspace(-2.0, 2.0, KNOB_POINTS)
MIDDLE = KNOB_POINTS // 2
EDGE = 0.02  # where on the knob a play is passed
HARDLY = 1e-9  # what a mean within the play is taken to have risen by, in its own size
SCAN = np.linspace(-8.0, 8.0, 33)  # steps: predicted standard deviations
APART = (0.5, 1.0)  # how far around training points the decoder's own directions are learnt, in the set's own spread
HOPELESS = 0.25  # by how much the share of phrases that follow may fall short in the scan before the axis is given up


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """Real phrases: their points (n, z) and attributes, name -> (n,)."""

    mu: Points
    values: Values


def find_axes(
    names: Sequence[str], tell: Tell, train: Known, check: Known, points: Points, around: int, scan: Floats = SCAN,
    taught: Mapping[str, Points] = MappingProxyType({}), play: float = 0.0,
) -> list[Calibrated]:  # fmt: skip
    """The axis of every attribute in `names`, each for `points` (n, z), along the direction (z,) that the model was `taught`, mixed to
    hold the others or alone, along that which real phrases give or, where that serves better, along one of the decoder's own, learnt from
    `around` decodes around them. All values hold every attribute. `scan` holds the two ends of the `play` of what was taught."""
    candidates = [directions(train.mu, train.values, check.mu, check.values)]
    for apart in APART:
        near, far = disturbed(train.mu, around, apart), disturbed(check.mu, around // 4, apart)
        candidates.append(directions(near, tell(near), far, tell(far)))
    held = uncoupled(taught, tell, points, {name: float(np.nanstd(train.values[name])) for name in taught}) if taught else {}
    found = list[Calibrated]()
    for name in tqdm(names, desc="axes", unit="axis"):
        tried = list[Calibrated]()
        own = [(held, candidates[0][1]), (taught, candidates[0][1])] if name in taught else []
        for moves, predicted in (*own, *candidates):
            axis = calibrate(name, moves[name], tell, points, train.values, scan, play if moves is held or moves is taught else 0.0)
            tried.append(replace(axis, predicted_r2=predicted[name]))
            if not tried[-1].response.faults():
                break
        found.append(min(tried, key=lambda axis: (len(axis.response.faults()), -axis.response.follow)))
    return found


def calibrate(
    name: str, direction: Points, tell: Tell, points: Points, training: Values, steps: Floats = SCAN, play: float = 0.0
) -> Calibrated:
    """The axis along `direction` (z,) for `points` (n, z). `training` holds every attribute over the training split; `steps` (odd
    in number, 0 in the middle) are the places along the direction that are tried first, those next to the middle the ends of its `play`."""
    told = [tell(_moved(points, direction, step)) for step in steps]
    scan = np.array([mean_of(values[name]) for values in told])
    still = float(scan[len(steps) // 2])
    if play:
        scan = _beyond_play(scan)
    rising = _rising(scan)
    rest = knob_of(training[name], still)

    def wanted(knob: Floats) -> Floats:
        return quantile_of(training[name], knob + rest * (1 - np.abs(knob) / 2))

    target = wanted(KNOB)
    target[MIDDLE] = still
    low, high = _reach(target, scan[rising])

    def along(values: Floats) -> Floats:
        return np.asarray(np.interp(np.clip(values, target[low], target[high]), scan[rising], steps[rising]))

    step = along(target)
    step[MIDDLE] = 0.0
    knobs, table = with_edges(step, *along(wanted(np.array([-EDGE, EDGE])))) if play else (KNOB, step)
    sd = {attribute: float(np.nanstd(values)) for attribute, values in training.items()}
    inside = np.flatnonzero((steps >= step[low]) & (steps <= step[high]))
    first = response_of(name, np.interp(steps[inside], step[low : high + 1], KNOB[low : high + 1]), [told[i] for i in inside], sd)

    def measured(knob: Floats) -> Response:
        return response_of(name, knob, [tell(_moved(points, direction, float(np.interp(k, knobs, table)))) for k in knob], sd)

    if KNOB[high] - KNOB[low] < SPAN or _promise(first) < PHRASES - HOPELESS:
        response = first
    else:
        whole = measured(KNOB[low : high + 1])
        start, end = _kept(whole)
        low, high = low + start, low + end
        response = measured(np.linspace(KNOB[low], KNOB[high], KNOB_POINTS)) if high - low < KNOB_POINTS - 1 else whole
    table = np.interp(np.clip(knobs, KNOB[low], KNOB[high]), knobs, table)
    axis = Axis(name, direction, knobs.astype(np.float32), table.astype(np.float32), float(KNOB[low]), float(KNOB[high]))
    return Calibrated(axis, response, np.interp(response.knob, KNOB, target), rest)


def with_edges(step: Floats, down: float, up: float) -> tuple[Floats, Floats]:
    """The table of `step` (17,), and beside its middle where a first touch goes, `down` and `up`: knob positions and steps (19,)."""
    ends = [(-EDGE, float(np.clip(down, step[MIDDLE - 1], 0))), (EDGE, float(np.clip(up, 0, step[MIDDLE + 1])))]
    knobs, order = np.unique([*KNOB, *(knob for knob, _ in ends)], return_index=True)
    return knobs, np.array([*step, *(end for _, end in ends)])[order]


def _beyond_play(scan: Floats) -> Floats:
    """Means (k,) of which those next to the middle are at the ends of the play: no step back is made within it."""
    found, middle = scan.copy(), len(scan) // 2
    least = HARDLY * max(abs(scan[middle]), HARDLY)
    found[middle - 1] = min(scan[middle - 1], scan[middle] - least)
    found[middle + 1] = max(scan[middle + 1], scan[middle] + least)
    return found


def _promise(first: Response) -> float:
    """The share of phrases that follow on the whole way, or on the better side of rest: what is all legato can still be cut."""
    rest = int(np.abs(first.knob).argmin())
    return max(part.follow for part in (first, first.part(0, rest), first.part(rest, len(first.knob) - 1)))


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


def _kept(whole: Response) -> tuple[int, int]:
    """The widest part of the points of `whole`, the middle within, on which the axis keeps its rules: its first and last point; all of
    it when it keeps them nowhere."""
    last = len(whole.knob) - 1
    middle = int(np.flatnonzero(whole.knob == 0)[0])
    parts = [(a, b) for a in range(middle + 1) for b in range(middle, last + 1) if whole.knob[b] - whole.knob[a] >= SPAN]
    for a, b in sorted(parts, key=lambda ends: (ends[0] - ends[1], abs(ends[0] + ends[1] - 2 * middle))):
        if not whole.part(a, b).faults():
            return a, b
    return 0, last


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
