"""The spread that a decoder's means leave out, fitted so that a performance with `feel` 1 varies as much as real ones.

Residuals are what real hits differ by from decoded ones, per class; two common factors then make the spread over all
matched hits equal on the set they are fitted to. Knows nothing of when or how much a performer wants of it.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mvae.core.chance import gaussian
from mvae.core.groove import FEATURES, VOICES
from mvae.core.latent import Residual, Space
from mvae.live.decoder import add_feel
from mvae.train.coder import BundleCoder, Coder
from mvae.train.metrics import matched

Notes = NDArray[np.float32]  # (n, steps, 27)

HALVINGS = 12
MOST = 4.0  # times the residual: more would be another drummer


def residual_of(coder: Coder) -> Residual | None:
    """The residual a bundle carries; None for a run, or a bundle that is not calibrated."""
    return coder.space.residual if isinstance(coder, BundleCoder) else None


def with_feel(decoded: Notes, residual: Residual, amount: float, seed: int = 0) -> Notes:
    """Decoded phrases (n, steps, 27) as they are played at that amount of feel, each with chance of its own."""
    rows = decoded.reshape(-1, FEATURES)
    noise = gaussian(seed, 0, 0, len(rows) * 2 * VOICES).astype(np.float32).reshape(-1, 2 * VOICES)
    return add_feel(rows, noise, Space(0, {}, residual=residual), amount).reshape(decoded.shape)


def fit_residual(real: Notes, decoded: Notes) -> Residual:
    """Per class the sd of (real - decoded) on matched hits, scaled until the sd of all velocities and offsets is the real ones'."""
    pairs = matched(real, decoded)
    velocity = _sd_by_class(pairs.velocity - pairs.velocity_decoded, pairs.voice)
    offset = _sd_by_class(pairs.offset - pairs.offset_decoded, pairs.voice)

    def spread(scale_velocity: float, scale_offset: float) -> tuple[float, float]:
        felt = matched(real, with_feel(decoded, Residual(velocity * scale_velocity, offset * scale_offset), 1.0))
        return float(felt.velocity_decoded.std()), float(felt.offset_decoded.std())

    velocity_scale = _meet(lambda scale: spread(scale, 0.0)[0], float(pairs.velocity.std()))
    offset_scale = _meet(lambda scale: spread(0.0, scale)[1], float(pairs.offset.std()))
    return Residual((velocity * velocity_scale).astype(np.float32), (offset * offset_scale).astype(np.float32))


def _sd_by_class(values: NDArray[np.float64], voice: NDArray[np.int64]) -> NDArray[np.float64]:
    """(9,); a class with fewer than two hits takes the sd of all."""
    whole = float(values.std()) if values.size else 0.0
    return np.array([values[voice == v].std() if (voice == v).sum() > 1 else whole for v in range(VOICES)])


def _meet(spread: Callable[[float], float], target: float) -> float:
    """The scale at which the rising `spread` meets `target`, by bisection in 0..MOST."""
    low, high = 0.0, MOST
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if spread(middle) < target else (low, middle)
    return (low + high) / 2
