"""Attributes that have a dimension of z each: the last ones (`ModelConfig.attributes`), in standard deviations about the mean of training.

The encoder learns to say them there (the aim of Pati and Lerch 2020, arXiv 2004.05485, as a squared error), and the decoder to obey: given
a phrase's z with these dimensions moved to where an edit of the phrase has them, it is to say the edit (`mvae.train.edits`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor

from mvae.core.tokens import Tokens
from mvae.train.edits import EDITS, pairs
from mvae.train.token_attributes import ATTRIBUTES, MONO
from mvae.train.token_knobs import OF_ONE_VOICE
from mvae.train.token_windows import TokenWindows

MEASURES: Mapping[str, Callable[[Tokens], NDArray[np.float64]]] = {**MONO, **OF_ONE_VOICE}
WEIGHT = 10.0  # nats for an encoder that is a standard deviation off
MEASURED = 4096  # windows that mean and deviation are taken of

Values = NDArray[np.float32]  # (B, attributes), nan where a phrase has none


def teachable(streams: Sequence[str]) -> tuple[str, ...]:
    """The attributes that phrases of these streams can be taught: those of one voice that there are edits of."""
    return tuple(EDITS) if len(streams) == 1 and ATTRIBUTES[streams[0]] is MONO else ()


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """Mean and standard deviation of attributes, (attributes,) each; an infinite one where no phrase differs, which is not taught."""

    names: tuple[str, ...]
    mean: NDArray[np.float64]
    sd: NDArray[np.float64]

    def of(self, tokens: Tokens) -> Values:
        """Phrases (B, steps) of one voice, in standard deviations about the mean. (B, attributes)"""
        return np.asarray((raw(self.names, tokens) - self.mean) / self.sd, np.float32)


def raw(names: Sequence[str], tokens: Tokens) -> NDArray[np.float64]:
    """Attributes of phrases (B, steps), each in its own unit. (B, attributes)"""
    return np.stack([MEASURES[name](tokens) for name in names], axis=1)


def scale_of(names: tuple[str, ...], windows: TokenWindows, chosen: NDArray[np.int64], odds: NDArray[np.float64]) -> Scale:
    """The scale of what is drawn of the `chosen` windows by these odds."""
    rows = np.random.default_rng(0).choice(chosen, size=MEASURED, p=odds)
    values = raw(names, windows.batch(rows)[..., 0])
    sd = np.nanstd(values, 0)
    return Scale(names, np.nanmean(values, 0), np.where(sd > 1e-3, sd, np.inf))


def teach(tokens: Tokens, share: float, scale: Scale, rng: Generator) -> dict[str, Tensor]:
    """Of phrases (B, steps, 1): `tokens` that the encoder hears, `said` (the same shape) that the decoder is to say, and in standard
    deviations (B, attributes) where the encoder should say that the first are (`aim`), and how far from there the second lie (`move`)."""
    known = [name for name, sd in zip(scale.names, scale.sd, strict=True) if np.isfinite(sd)]
    first, second = pairs(tokens[..., 0], known, share, rng)
    aim, there = scale.of(first), scale.of(second)
    return {
        "tokens": torch.from_numpy(first[..., None]),
        "said": torch.from_numpy(second[..., None]),
        "aim": torch.from_numpy(aim),
        "move": torch.from_numpy(np.nan_to_num(there - aim)),
    }


def moved(z: Tensor, move: Tensor) -> Tensor:
    """z (B, z) with its last dimensions moved by (B, attributes)."""
    return torch.cat([z[:, : -move.shape[1]], z[:, -move.shape[1] :] + move], -1)


def astray(mu: Tensor, aim: Tensor) -> Tensor:
    """What an encoder pays that says mu (B, z) where it should say `aim` (B, attributes) in the last dimensions: (B,) nats."""
    off = torch.where(aim.isnan(), 0.0, mu[:, -aim.shape[1] :] - aim.nan_to_num())
    return WEIGHT * (off**2).sum(-1)


def taught_directions(names: Sequence[str], z_size: int) -> dict[str, NDArray[np.float32]]:
    """For each attribute its direction (z,), one step a standard deviation."""
    return {name: np.eye(z_size, dtype=np.float32)[z_size - len(names) + n] for n, name in enumerate(names)}
