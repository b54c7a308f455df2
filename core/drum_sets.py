"""Sets of drums in which some pieces are decided: chance that leaves a model those sets alone that agree.

A token is argmax(logits + temperature * noise). Noise far below every logit bars a set, so that what is chosen among the others is what
the model would choose if it knew, by the chance that it has anyway; and the next step hears it. Knows nothing of models or locks.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

BARRED = np.float32(-1e9)  # no logit comes near

Singles = NDArray[np.float32]
Numbers = NDArray[np.int64]


def agreeing(
    noise: Singles, temperatures: Sequence[float], vocabulary: Sequence[int], sets: Numbers, bits: Numbers
) -> tuple[Singles, list[float]]:
    """Noise (steps, sum of the vocabularies) and the temperature of each stream, with which those `bits` (steps, streams) of what is
    chosen are as in `sets` (steps, streams). A stream without any keeps its noise and its temperature."""
    barred, degrees = noise.copy(), list(temperatures)
    ends = np.cumsum(vocabulary)
    for column in np.flatnonzero(bits.any(axis=0)).tolist():
        tokens, own = np.arange(vocabulary[column]), slice(ends[column] - vocabulary[column], ends[column])
        agrees = ((tokens ^ sets[:, column, None]) & bits[:, column, None]) == 0
        barred[:, own] = np.where(agrees, np.float32(degrees[column]) * noise[:, own], BARRED)
        degrees[column] = 1.0
    return barred, degrees
