"""A decoder made of arithmetic: deterministic, a little autoregressive, with a feel and two fills. Counts what it is asked."""

import numpy as np
from numpy.typing import NDArray

from mvae.core.groove import FEATURES, HITS, VOICES
from mvae.core.latent import Latent, Residual, Space
from tests.toy_space import point, toy_space

Tokens = NDArray[np.float32]
Mask = NDArray[np.bool_]


class ToyDecoder:
    """A step is hit where chance stays below a threshold that z, the voice and what was hit one step earlier set."""

    def __init__(self, steps: int = 32, fills: int = 2) -> None:
        space, spread = toy_space(), np.full(VOICES, 0.05)
        points = {f"roll {n}": point(4.0 + n, 2.0, 0.0, -1.0) for n in range(fills)}
        self.space = Space(space.z_size, space.anchors, points, space.axes, residual=Residual(spread, 3 * spread))
        self.steps = steps
        self.asked: list[tuple[Latent, Tokens, Tokens | None, Mask | None]] = []

    def decode(self, z: Latent, hits: Tokens, temperature: float, forced: Tokens | None = None, mask: Mask | None = None) -> Tokens:
        self.asked.append((z, hits, forced, mask))
        tokens = np.zeros((self.steps, FEATURES), np.float32)
        before = np.zeros(VOICES, np.float32)
        for step in range(self.steps):
            level = 0.2 + 0.03 * float(z.sum()) + 0.05 * float(z[step % len(z)]) - 0.15 * before + 0.01 * np.arange(VOICES)
            free = self._row(hits[step], hits[step] ** (0.5 + temperature) < level, before)
            if forced is not None and mask is not None:
                free = np.where(np.tile(mask[step], 3), forced[step], free)
            tokens[step] = free
            before = free[HITS]
        return tokens

    def _row(self, chance: Tokens, hit: Mask, before: Tokens) -> Tokens:
        velocity = 0.2 + 0.7 * chance + 0.1 * before[::-1]
        offset = np.sin(40 * chance + before)
        return np.concatenate([hit, hit * velocity, hit * offset]).astype(np.float32)
