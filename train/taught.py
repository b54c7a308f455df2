"""Attributes that have a dimension of z each: the last ones (`ModelConfig.attributes`), knobs that are at rest in every phrase as it is
encoded: at 0, or leaning a little towards what the phrase has of them (`mvae.train.lean`).

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
from mvae.train.lean import attribute_vectors
from mvae.train.model import MusicVAE
from mvae.train.token_attributes import ATTRIBUTES, MONO

SETTLED_AT_ONCE = 256  # phrases
WHOLE = 4.0  # where a dimension stands when all is edited that can be


def teachable(streams: Sequence[str]) -> tuple[str, ...]:
    """The attributes that phrases of these streams can be taught: those of one voice that there are edits of."""
    return tuple(EDITS) if len(streams) == 1 and ATTRIBUTES[streams[0]] is MONO else ()


def teach(tokens: Tokens, names: Sequence[str], share: float, rng: Generator) -> dict[str, Tensor]:
    """Of phrases (B, steps, 1): `tokens` that the encoder hears, `said` (the same shape) that the decoder is to say, of `share` of them an
    edit, and where the last dimensions of z stand (B, attributes), `turns`."""
    said, amounts = edits(tokens[..., 0], names, share, rng)
    turns = (WHOLE * amounts).astype(np.float32)
    return {"tokens": torch.from_numpy(tokens), "said": torch.from_numpy(said[..., None]), "turns": torch.from_numpy(turns)}


def turned(z: Tensor, mu: Tensor, turns: Tensor, ways: Tensor) -> Tensor:
    """z (B, z) with knobs `turns` (B, attributes) along `ways` (attributes, z) away from where they rest in `mu` (B, z). What `mu` says of
    rests is not for the decoder to change: it would be told the phrase through them, as they have no noise."""
    count = turns.shape[1]
    return torch.cat([z[:, :-count], mu[:, -count:].detach()], -1) + turns @ ways


def own_ways(names: Sequence[str], z_size: int) -> NDArray[np.float32]:
    """Each attribute's own dimension, (attributes, z)."""
    return np.eye(z_size, dtype=np.float32)[z_size - len(names) :]


@torch.no_grad()
def settle(model: MusicVAE, tokens: Tokens) -> None:
    """Let the paper's vectors of phrases (n, steps, streams) turn the knobs from now on, each as far as half of what can be edited; an
    attribute that the paper has not keeps its own dimension. The encoder learns no more, or they would be others."""
    config, device = model.config, model.ways.device
    parts = (torch.from_numpy(tokens[first : first + SETTLED_AT_ONCE]).to(device) for first in range(0, len(tokens), SETTLED_AT_ONCE))
    vectors = attribute_vectors(config.kind, torch.cat([model.encode(part).mu for part in parts]).cpu().numpy(), tokens)
    for n, name in enumerate(config.attributes):
        if name in vectors:
            model.ways[n] = torch.from_numpy(vectors[name]).to(device) / (WHOLE / 2)


def taught_directions(names: Sequence[str], ways: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    """For each attribute its direction (z,)."""
    return dict(zip(names, ways, strict=True))
