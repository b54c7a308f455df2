"""What a model pays: cross entropy of what it says, and the KL divergence of its posterior. Per example, in nats.

Pure functions of tensors. Sources: Roberts et al. 2018 (arXiv 1803.05428), Gillick et al. 2019 (arXiv 1905.06118).
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from mvae.train.model import Posterior, Steps


def token_nats(logits: list[Tensor], tokens: Tensor) -> Tensor:
    """Cross entropy of the tokens (B, steps, streams), summed over steps: (B, streams) nats."""
    by_stream = (F.cross_entropy(said.flatten(0, 1), tokens[..., n].flatten(), reduction="none") for n, said in enumerate(logits))
    return torch.stack([nats.view(tokens.shape[:2]).sum(1) for nats in by_stream], -1)


def kl_nats(posterior: Posterior) -> Tensor:
    """KL(q(z|x) || N(0, 1)) per example in nats: 1/2 sum(mu^2 + sigma^2 - 1 - ln sigma^2). (B,)"""
    mu, sigma = posterior
    return 0.5 * (mu**2 + sigma**2 - 1 - 2 * torch.log(sigma)).sum(-1)


class Losses(NamedTuple):
    """Per example, summed over steps. (B,)"""

    hits: Tensor
    velocities: Tensor
    offsets: Tensor
    kl: Tensor


def groove_losses(notes: Tensor, said: Steps, posterior: Posterior, masked: bool) -> Losses:
    """Cross entropy of hits, squared error of velocity and offset (on hits only where `masked`), KL in nats."""
    hits, velocities, offsets = notes.chunk(3, dim=-1)
    weight = hits if masked else torch.ones_like(hits)
    return Losses(
        F.binary_cross_entropy_with_logits(said.hits, hits, reduction="none").sum((1, 2)),
        (weight * (said.velocities - velocities) ** 2).sum((1, 2)),
        (weight * (said.offsets - offsets) ** 2).sum((1, 2)),
        kl_nats(posterior),
    )


def hinge_kl(kl: Tensor, free_bits: float) -> Tensor:
    """KL above the free bits of each example, in nats. (B,)"""
    return (kl - free_bits * math.log(2)).clamp(min=0)
