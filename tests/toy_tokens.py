"""A decoder of tokens made of arithmetic, flat or bar by bar: it hears itself, and it likes to hold. Counts what it is asked."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mvae.core.latent import Latent
from mvae.core.phrase import STEPS_PER_BAR
from mvae.core.tokens import FIRST_PITCH, HOLD, OFF, STREAMS, VOCABULARY
from tests.toy_space import toy_space

Tokens = NDArray[np.int64]
SCALE = (0, 2, 4, 5, 7, 9, 11, 12)
LOWEST = {"melody": 60, "bass": 36}
DRUMS = (0, 1, 2, 4, 5, 8)  # sets of classes


class ToyTokens:
    """Each step weighs a few tokens by z, the step and the token before, and adds the chance that it is given."""

    def __init__(self, kind: str = "melody", bars: int = 2, hierarchical: bool = False) -> None:
        self.space, self.kind, self.streams = toy_space(), kind, STREAMS[kind]
        self.vocabulary = tuple(VOCABULARY[name] for name in self.streams)
        self.bars, self.steps, self.width, self.hierarchical = bars, bars * STEPS_PER_BAR, sum(self.vocabulary), hierarchical
        self.asked: list[tuple[Latent, range, Tokens | None, NDArray[np.bool_] | None]] = []

    def decode(
        self, z: Latent, noise: NDArray[np.float32], temperature: float | Sequence[float], forced: Tokens | None = None,
        mask: NDArray[np.bool_] | None = None, bars: range | None = None,
    ) -> Tokens:  # fmt: skip
        chosen = range(self.bars) if bars is None else bars
        self.asked.append((z, chosen, forced, mask))
        assert noise.shape == (self.steps, self.width)
        degrees = np.broadcast_to(np.asarray(temperature, float), (len(self.streams),))
        first = chosen.start if self.hierarchical else 0
        tokens = np.zeros((self.steps, len(self.streams)), np.int64)
        for column, name in enumerate(self.streams):
            start = sum(self.vocabulary[:column])
            choices = np.array([sum(1 << v for v in range(9) if d >> v & 1) for d in DRUMS] if name == "drums" else self.pitches(name))
            before = HOLD
            for step in range(first * STEPS_PER_BAR, chosen.stop * STEPS_PER_BAR):
                if self.hierarchical and step % STEPS_PER_BAR == 0:
                    before = HOLD
                if forced is not None and mask is not None and mask[step, column]:
                    before = int(forced[step, column])
                else:
                    weights = np.sin(3.0 * z.sum() + 1.7 * z[step % len(z)] + step // 16 + 0.9 * choices + 0.3 * before)
                    weights[0] += 2.0
                    chance = noise[step, start + choices]
                    before = int(choices[np.argmax(weights + degrees[column] * chance)])
                tokens[step, column] = before
        return tokens[chosen.start * STEPS_PER_BAR : chosen.stop * STEPS_PER_BAR]

    def pitches(self, name: str) -> list[int]:
        return [HOLD, OFF, *(FIRST_PITCH + LOWEST[name] + tone for tone in SCALE)]
