"""What an axis does to phrases, and whether it may be shipped as a knob.

Shipped: the attribute's mean rises at each of 17 points of the axis's range, at least 80 % of phrases follow the knob (rank
correlation >= 0.9), and no other attribute's mean moves by more than 0.5 of its standard deviation while the knob moves by 1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mvae.core.latent import Axis

Floats = NDArray[np.float64]
Values = Mapping[str, Floats]  # attribute -> (n,)

SPEARMAN, PHRASES, SIDEWAYS, SPAN = 0.9, 0.8, 0.5, 1.5
STILL = 1e-6  # in the place of the deviation of an attribute that never changes


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """Every attribute's mean over phrases at rising knob positions (k,), in its own unit; `own` (n, k) is the axis's of each phrase."""

    name: str
    knob: Floats
    own: Floats
    mean: Mapping[str, Floats]
    sd: Mapping[str, float]  # of every attribute over the training split

    @property
    def follow(self) -> float:
        """Share of phrases whose attribute has a rank correlation of at least 0.9 with the knob."""
        return float((spearman(self.own, self.knob) >= SPEARMAN).mean())

    @property
    def sideways(self) -> dict[str, float]:
        """The most each other attribute's mean moves while the knob moves by 1, in its standard deviations."""
        span = max(min(1.0, float(np.ptp(self.knob))), STILL)
        starts = self.knob[self.knob <= self.knob[-1] - span + STILL]
        moves = {name: np.interp(starts + span, self.knob, mean) - np.interp(starts, self.knob, mean) for name, mean in self.mean.items()}
        return {name: float(np.abs(move).max() / (max(self.sd[name], STILL) * span)) for name, move in moves.items() if name != self.name}

    def faults(self) -> list[str]:
        """Why the axis is not shipped; empty when it is."""
        found = []
        if float(np.ptp(self.knob)) < SPAN:
            found.append(f"its range is only {self.knob[0]:.2f} ... {self.knob[-1]:.2f}")
        if not (np.diff(self.mean[self.name]) > 0).all():
            found.append("its mean does not rise at each point")
        if self.follow < PHRASES:
            found.append(f"only {self.follow:.0%} of phrases follow the knob")
        return found + [f"{name} moves by {moved:.2f} sd a unit" for name, moved in self.sideways.items() if moved > SIDEWAYS]

    def part(self, first: int, last: int) -> "Response":
        """The same at positions `first` to `last` only."""
        at = slice(first, last + 1)
        return Response(self.name, self.knob[at], self.own[:, at], {name: mean[at] for name, mean in self.mean.items()}, self.sd)


def mean_of(values: Floats) -> float:
    """The mean of the phrases that have the attribute; nan where none has."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else float("nan")


def response_of(name: str, knob: Floats, told: Sequence[Values], sd: Mapping[str, float]) -> Response:
    """From the attributes of all phrases at each knob position."""
    mean = {attribute: np.array([mean_of(values[attribute]) for values in told]) for attribute in told[0]}
    return Response(name, knob, np.stack([values[name] for values in told], axis=1), mean, sd)


def spearman(rows: Floats, against: Floats) -> Floats:
    """Rank correlation of each row (n, k) with `against` (k,), equal values sharing a rank; -1 for a row that stands still or has a gap."""
    ranks, other = _ranks(rows), _ranks(against[None])[0]
    ranks, other = ranks - ranks.mean(1, keepdims=True), other - other.mean()
    scale = np.sqrt((ranks**2).sum(1) * (other**2).sum())
    whole = np.isfinite(rows).all(1) & (scale > 0)
    return np.asarray(np.where(whole, (ranks @ other) / np.where(scale > 0, scale, 1), -1.0))


def _ranks(rows: Floats) -> Floats:
    below, equal = rows[:, None, :] < rows[:, :, None], rows[:, None, :] == rows[:, :, None]
    return np.asarray(below.sum(2) + (equal.sum(2) - 1) / 2, dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Calibrated:
    """An axis with its response over its range, the attribute it was asked for at those positions, and the facts of its fit."""

    axis: Axis
    response: Response
    target: Floats
    rest: float  # the knob value whose training quantile is the unmoved mean
    predicted_r2: float = float("nan")

    def facts(self) -> dict[str, object]:
        """What the card says of the axis, shipped or not."""
        faults = self.response.faults()
        return {
            "shipped": not faults,
            "because": "; ".join(faults) or "it keeps all of the rules",
            "low": self.axis.low,
            "high": self.axis.high,
            "rest": round(self.rest, 3),
            "knob": _rounded(self.response.knob),
            "mean": _rounded(self.response.mean[self.axis.name]),
            "target": _rounded(self.target),
            "follow": round(self.response.follow, 3),
            "predicted_r2": round(self.predicted_r2, 3),
            "others_sd_per_unit": {name: round(moved, 3) for name, moved in self.response.sideways.items()},
        }


def _rounded(values: Floats) -> list[float]:
    return [round(float(value), 4) for value in values]
