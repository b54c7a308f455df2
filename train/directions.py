"""Directions of the latent space that move one attribute and leave the others.

Each attribute is predicted from mu by ridge regression, its strength chosen on validation. Of all moves that raise one prediction by
one standard deviation and hold the others, the direction is the one the training data makes least unlikely:
d = S W (W' S W)^-1 e, with S the covariance of mu and W the weights of the regressions (the conditional mean of a Gaussian).
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Points = NDArray[np.float32]  # (n, z)
Values = Mapping[str, Floats]  # attribute -> (n,), nan where a phrase has none

APART = np.float32(1.5)  # steps, at which what a direction does is measured
STRENGTHS = tuple(10.0**e for e in range(-4, 3))  # of the ridge, in units of mu's variance


def directions(mu: Points, values: Values, check_mu: Points, check_values: Values) -> tuple[dict[str, Points], dict[str, float]]:
    """For each attribute its direction (z,), one step a predicted standard deviation; and how well it is predicted, R2 on the check set."""
    centre = mu.mean(0, dtype=np.float64)
    x, y = mu - centre, check_mu - centre
    spread = x.T @ x / len(x)
    strength, basis = np.linalg.eigh(spread)
    fits = {name: _ridge(x, values[name], y, check_values[name], strength, basis) for name in values}
    weights = np.stack([weight for weight, _ in fits.values()], axis=1)
    sds = np.array([np.nanstd(values[name]) for name in values])
    likely = spread @ weights
    moves = ((likely @ np.linalg.pinv(weights.T @ likely)) * sds).T.astype(np.float32)
    return dict(zip(values, moves, strict=True)), {name: r2 for name, (_, r2) in fits.items()}


def _ridge(x: Floats, values: Floats, y: Floats, check: Floats, strength: Floats, basis: Floats) -> tuple[Floats, float]:
    """Weights (z,) of `values` on centred `x` (n, z), of the ridge strength that is best on the check set, and its R2 there."""
    known, seen = np.isfinite(values), np.isfinite(check)
    mean = values[known].mean()
    slope = basis.T @ (x[known].T @ (values[known] - mean) / known.sum())
    candidates = [basis @ (slope / (strength + added)) for added in STRENGTHS]
    errors = [float(np.mean((y[seen] @ weight + mean - check[seen]) ** 2)) for weight in candidates]
    best = int(np.argmin(errors))
    return candidates[best], 1 - errors[best] / max(float(check[seen].var()), 1e-12)


def disturbed(mu: Points, count: int, share: float, seed: int = 0) -> Points:
    """Points around those of `mu` (n, z), `share` of the set's own spread away: where moved phrases lie. (count, z)"""
    draw = np.random.default_rng(seed)
    strength, basis = np.linalg.eigh(np.cov(mu.T.astype(np.float64)))
    away = draw.standard_normal((count, mu.shape[1])) @ (basis * np.sqrt(np.maximum(strength, 0))).T
    return np.asarray(mu[draw.integers(len(mu), size=count)] + share * away, dtype=np.float32)


def uncoupled(moves: Mapping[str, Points], tell: Callable[[Points], Values], points: Points, sd: Mapping[str, float]) -> dict[str, Points]:
    """Directions (z,) mixed so that each holds the attributes of the others, as far as decodes at +-`APART` of it tell.

    With R_ij what direction i does to attribute j, in its deviation `sd`, the mix is R^-1, each row taken by its own diagonal.
    """
    names = list(moves)
    ends = [[tell(np.asarray(points + end * moves[name], np.float32)) for end in (-APART, APART)] for name in names]
    response = np.array([[np.nanmean(high[to] - low[to]) / sd[to] for to in names] for low, high in ends])
    mix = np.linalg.pinv(response)
    own = np.where(np.abs(np.diag(mix)) > 0, np.diag(mix), 1.0)
    mix = np.clip(mix / own[:, None], -1.0, 1.0)
    given = np.stack([moves[name] for name in names])
    return dict(zip(names, (mix @ given).astype(np.float32), strict=True))
