"""A mixture of diagonal Gaussians, fitted by expectation and maximisation (Dempster, Laird and Rubin 1977) from a k-means++ start.

The prior that samples are drawn from: at high KL the decodes of N(0, 1) are not music, those of the posteriors' mixture are.
"""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mvae.core.latent import Mixture

Floats = NDArray[np.float64]
Points = NDArray[np.float32]  # (n, z)

COMPONENTS = 64
ROUNDS = 60
SETTLED = 1e-4  # nats per point
LEAST_VARIANCE = 1e-4


def posterior_samples(mu: Points, sigma: Points, seed: int = 0) -> Points:
    """One draw mu + sigma * eps of each posterior, (n, z)."""
    return np.asarray(mu + sigma * np.random.default_rng(seed).standard_normal(mu.shape), dtype=np.float32)


def fit_mixture(points: Points, components: int = COMPONENTS, seed: int = 0) -> Mixture:
    """The mixture of `points` (n, z); fewer components where there are fewer points."""
    x = points.astype(np.float64)
    mean = spread_starts(x, min(components, len(x)), np.random.default_rng(seed))
    weight, sd = np.full(len(mean), 1 / len(mean)), np.tile(np.sqrt(x.var(0) + LEAST_VARIANCE), (len(mean), 1))
    before = -np.inf
    for _ in range(ROUNDS):
        shares, likelihood = responsibilities(x, Mixture(weight, mean, sd))
        weight, mean, sd = _maximise(x, shares)
        if likelihood - before < SETTLED:
            break
        before = likelihood
    return Mixture(weight.astype(np.float32), mean.astype(np.float32), sd.astype(np.float32))


def spread_starts(x: Floats, count: int, draw: Generator) -> Floats:
    """k-means++ (Arthur and Vassilvitskii 2007): points (count, z) of `x` (n, z), each drawn by its squared distance from those before."""
    chosen = [int(draw.integers(len(x)))]
    distance = ((x - x[chosen[0]]) ** 2).sum(1)
    while len(chosen) < count:
        total = distance.sum()
        chosen.append(int(draw.choice(len(x), p=distance / total if total > 0 else None)))
        distance = np.minimum(distance, ((x - x[chosen[-1]]) ** 2).sum(1))
    return np.asarray(x[chosen])


def responsibilities(x: Floats, mixture: Mixture) -> tuple[Floats, float]:
    """Each component's share of each point (n, k), and the mean log likelihood in nats."""
    mean, precision = mixture.mean.astype(np.float64), 1 / mixture.sd.astype(np.float64) ** 2
    distance = (x**2) @ precision.T - 2 * x @ (mean * precision).T + (mean**2 * precision).sum(1)
    log_joint = np.log(mixture.weight) + 0.5 * (np.log(precision).sum(1) - x.shape[1] * np.log(2 * np.pi) - distance)
    top = log_joint.max(1, keepdims=True)
    scaled = np.exp(log_joint - top)
    total = scaled.sum(1, keepdims=True)
    return scaled / total, float((np.log(total) + top).mean())


def _maximise(x: Floats, shares: Floats) -> tuple[Floats, Floats, Floats]:
    count = shares.sum(0) + 1e-9
    mean = shares.T @ x / count[:, None]
    variance = shares.T @ x**2 / count[:, None] - mean**2
    return count / count.sum(), mean, np.sqrt(np.maximum(variance, LEAST_VARIANCE))


def sample(mixture: Mixture, count: int, seed: int = 0) -> Points:
    """Points of the mixture, (count, z)."""
    draw = np.random.default_rng(seed)
    weight = mixture.weight.astype(np.float64)
    component = draw.choice(len(weight), size=count, p=weight / weight.sum())
    away = mixture.sd[component] * draw.standard_normal((count, mixture.mean.shape[1]))
    return np.asarray(mixture.mean[component] + away, dtype=np.float32)
