"""Attributes that have a dimension of z each: the last ones (`ModelConfig.attributes`), knobs that are at rest in every phrase as it is
encoded: at 0 or, where knobs have play, within it (`mvae.train.lean`).

The decoder learns to obey them: given a phrase's z with one of these dimensions, or two, turned up or down to the share of what can be
edited in the phrase, it is to say the edit (`mvae.train.edits`). To have z say the attributes themselves, as Pati and Lerch do (2020,
arXiv 2004.05485), serves worse: a decoder then has to work out how far that is from what the rest of z says.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor

from mvae.core.tokens import Tokens
from mvae.train.edits import EDITS, edits
from mvae.train.token_attributes import ATTRIBUTES, MONO

WHOLE = 4.0  # where a dimension stands when all is edited that can be


def teachable(streams: Sequence[str]) -> tuple[str, ...]:
    """The attributes that phrases of these streams can be taught: those of one voice that there are edits of."""
    return tuple(EDITS) if len(streams) == 1 and ATTRIBUTES[streams[0]] is MONO else ()


def teach(tokens: Tokens, names: Sequence[str], share: float, play: float, rng: Generator) -> dict[str, Tensor]:
    """Of phrases (B, steps, 1): `tokens` that the encoder hears, `said` (the same shape) that the decoder is to say, of `share` of them an
    edit, and where the last dimensions of z stand (B, attributes), `turns`: anywhere within the `play` of where the edit has them."""
    said, amounts = edits(tokens[..., 0], names, share, rng)
    turns = (WHOLE * amounts + rng.uniform(-play, play, amounts.shape)).astype(np.float32)
    return {"tokens": torch.from_numpy(tokens), "said": torch.from_numpy(said[..., None]), "turns": torch.from_numpy(turns)}


def turned(z: Tensor, turns: Tensor) -> Tensor:
    """z (B, z) with its last dimensions at `turns` (B, attributes)."""
    return torch.cat([z[:, : -turns.shape[1]], turns], -1)


def taught_directions(names: Sequence[str], z_size: int) -> dict[str, NDArray[np.float32]]:
    """For each attribute its direction (z,)."""
    return {name: np.eye(z_size, dtype=np.float32)[z_size - len(names) + n] for n, name in enumerate(names)}
