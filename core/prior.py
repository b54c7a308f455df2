"""A fresh point of a latent space, drawn from what its bundle knows of music.

The same (space, seed, number) gives the same point everywhere. Knows nothing of models: what a point sounds like is the decoder's.
"""

import numpy as np

from mvae.core.chance import gaussian, uniform
from mvae.core.latent import Latent, Space

WHICH, WHERE = 1 << 20, (1 << 20) + 1  # parts of their own, so that no phrase shares their chance


def drawn(space: Space, seed: int, number: int) -> Latent:
    """The `number`-th draw: of the bundle's mixture, or of N(0, 1) where it has none. (z,) float32"""
    away = gaussian(seed, number, WHERE, space.z_size)
    if space.mixture is None:
        return away.astype(np.float32)
    weight = np.cumsum(space.mixture.weight, dtype=np.float64)
    component = int(np.searchsorted(weight / weight[-1], uniform(seed, number, WHICH, 1)[0]))
    return np.asarray(space.mixture.mean[component] + space.mixture.sd[component] * away, np.float32)
