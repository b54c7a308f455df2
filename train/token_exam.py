"""Models of tokens under examination: beside phrases in and out, what they say of every step, and what they were trained on.

Everything works on any number of phrases, a block at a time. Chance is drawn in bulk here, ten times faster than by roll. Knows nothing
of figures.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from mvae.core.latent import Axis, Mixture
from mvae.core.phrase import STEPS_PER_BAR
from mvae.core.tokens import STREAMS, VOCABULARY, Tokens
from mvae.train.token_coder import BundleTokens, Points, TokenCoder, TorchTokens, open_tokens

if TYPE_CHECKING:
    from mvae.train.checkpoint import Checkpoint

Logits = NDArray[np.float32]  # (n, steps, width): the vocabularies of all streams side by side

BLOCK_NUMBERS = 1 << 23  # logits at a time: 32 MB
RUN_TEMPERATURE = 0.5  # a run has no default of its own


class Exam(TokenCoder, Protocol):
    """A coder that can be examined. `sets` are the data sets it was trained on, none where that is all of its corpus."""

    temperature: float  # the default of free-running decodes
    hierarchical: bool
    mixture: Mixture | None
    axes: Mapping[str, Axis]
    sets: tuple[str, ...]

    def logits(self, z: Points, tokens: Tokens) -> Logits:
        """Teacher-forced: what every step says, having heard the tokens (n, steps, streams) before it."""
        ...


class BundleExam(BundleTokens):
    """An exported bundle."""

    def __init__(self, bundle: BundleTokens):
        super().__init__(bundle.decoder)
        card = self.decoder.card
        self.temperature, self.hierarchical = card.temperature, card.hierarchical
        self.mixture: Mixture | None = self.decoder.space.mixture
        self.axes: Mapping[str, Axis] = self.decoder.space.axes
        self.sets: tuple[str, ...] = tuple(card.training.get("config", {}).get("mix", ()))

    def logits(self, z: Points, tokens: Tokens) -> Logits:
        return self.decoder.logits_batch(z, tokens)


class TorchExam(TorchTokens):
    """A checkpoint's model, before it is exported."""

    def __init__(self, found: "Checkpoint", run: TorchTokens):
        super().__init__(run.model)
        self.temperature, self.hierarchical = RUN_TEMPERATURE, found.config.model.hierarchical
        self.mixture: Mixture | None = None
        self.axes: Mapping[str, Axis] = {}
        self.sets: tuple[str, ...] = tuple(found.config.mix)

    def logits(self, z: Points, tokens: Tokens) -> Logits:
        import torch

        with torch.no_grad():
            said = self.model.decode(torch.from_numpy(np.ascontiguousarray(z)), torch.from_numpy(np.ascontiguousarray(tokens)))
        return np.asarray(torch.cat(said, -1).numpy())


def open_exam(path: Path) -> Exam:
    """The bundle or run at `path`. UserError where it is neither or not of tokens."""
    opened = open_tokens(path)
    if isinstance(opened, BundleTokens):
        return BundleExam(opened)
    from mvae.train import checkpoint

    return TorchExam(checkpoint.load(checkpoint.find(path)), opened)


def streams_of(coder: TokenCoder) -> tuple[str, ...]:
    return STREAMS[coder.kind]


def width_of(coder: TokenCoder) -> int:
    """The vocabularies of all streams side by side."""
    return sum(VOCABULARY[name] for name in streams_of(coder))


def gumbel(draw: np.random.Generator, *shape: int) -> Logits:
    """Standard Gumbel noise, -ln of exponential noise: the largest of logits + noise is a draw from their softmax."""
    return -np.log(np.maximum(draw.standard_exponential(shape, np.float32), np.float32(1e-30)))


def blocks(coder: TokenCoder, count: int) -> Iterator[slice]:
    """Slices of `count` phrases whose logits stay within a block."""
    size = max(16, BLOCK_NUMBERS // (STEPS_PER_BAR * coder.bars * width_of(coder)))
    return (slice(at, min(at + size, count)) for at in range(0, count, size))


def play(coder: TokenCoder, z: Points, temperature: float = 0.0, seed: int = 0, frozen: bool = False) -> Tokens:
    """Free-running: tokens (n, steps, streams) of any number of points (n, z). Above temperature 0 each has its own chance or, `frozen`,
    all the same."""
    draw, steps, width = np.random.default_rng(seed), STEPS_PER_BAR * coder.bars, width_of(coder)
    decoded = np.zeros((len(z), steps, len(streams_of(coder))), np.int64)
    once = gumbel(draw, 1, steps, width) if frozen and temperature else None
    for part in blocks(coder, len(z)):
        points = np.asarray(z[part], np.float32)
        noise = None if not temperature else gumbel(draw, len(points), steps, width) if once is None else np.repeat(once, len(points), 0)
        decoded[part] = coder.decode(points, noise, temperature)
    return decoded


def teach(coder: Exam, z: Points, tokens: Tokens) -> tuple[Tokens, NDArray[np.float64]]:
    """Teacher-forced: the likeliest tokens (n, steps, streams), and the bits of the real ones, summed over steps, (n, streams)."""
    likeliest, bits = np.zeros_like(tokens), np.zeros((len(tokens), tokens.shape[2]))
    for part in blocks(coder, len(tokens)):
        said, at = coder.logits(np.asarray(z[part], np.float32), tokens[part]), 0
        for n, name in enumerate(streams_of(coder)):
            own = said[..., at : at + VOCABULARY[name]]
            likeliest[part, :, n] = own.argmax(-1)
            bits[part, n] = surprise_bits(own, tokens[part, :, n]).sum(1)
            at += VOCABULARY[name]
    return likeliest, bits


def surprise_bits(logits: Logits, tokens: Tokens) -> NDArray[np.float64]:
    """-log2 softmax(logits (n, steps, vocabulary)) of the tokens (n, steps). (n, steps)"""
    top = logits.max(-1, keepdims=True)
    total = np.log(np.exp(logits - top).sum(-1, dtype=np.float64)) + top[..., 0]
    real = np.take_along_axis(logits, tokens[..., None], -1)[..., 0]
    return np.asarray((total - real) / np.log(2))
