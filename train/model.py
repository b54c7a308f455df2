"""GrooVAE in PyTorch: notes -> latent -> notes, for phrases on the 16th grid.

One step of music is 27 numbers: 9 hits {0, 1}, 9 velocities [0, 1], 9 offsets [-1, 1] in half steps, positive late
(`mvae.core.groove`). Sizes come from a `ModelConfig`. Knows nothing of files, schedules or corpora.
Sources: Roberts et al. 2018 (arXiv 1803.05428) for the VAE, Gillick et al. 2019 (arXiv 1905.06118) for the groove outputs.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mvae.train.configs import ModelConfig

VOICES = 9
FEATURES = 3 * VOICES


class Posterior(NamedTuple):
    mu: Tensor  # (B, z)
    sigma: Tensor  # (B, z), > 0


class Steps(NamedTuple):
    """What the decoder says of every step."""

    hits: Tensor  # (B, steps, 9) logits
    velocities: Tensor  # (B, steps, 9) in [0, 1]
    offsets: Tensor  # (B, steps, 9) in [-1, 1]


class GrooVAE(nn.Module):
    """Bidirectional LSTM encoder, flat LSTM decoder with z at every step."""

    def __init__(self, config: ModelConfig):
        super().__init__()
        self.config = config
        z, size, layers = config.z_size, config.decoder_size, config.decoder_layers
        self.encoder = nn.LSTM(FEATURES, config.encoder_size, config.encoder_layers, batch_first=True, bidirectional=True)
        self.to_mu = nn.Linear(2 * config.encoder_size, z)
        self.to_sigma = nn.Linear(2 * config.encoder_size, z)
        self.to_state = nn.Linear(z, 2 * layers * size)
        self.decoder = nn.LSTM(FEATURES + z, size, layers, batch_first=True)
        self.output = nn.Linear(size, FEATURES)

    def encode(self, notes: Tensor) -> Posterior:
        """Notes (B, steps, 27) -> posterior; the last layer's final forward and backward states side by side."""
        _, (hidden, _) = self.encoder(notes)
        last = torch.cat([hidden[-2], hidden[-1]], dim=-1)
        return Posterior(self.to_mu(last), F.softplus(self.to_sigma(last)))

    def start(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """z (B, z) -> the decoder's first (h, c), each (layers, B, size); order in the product: layer 0 h, layer 0 c, layer 1 h, ..."""
        state = torch.tanh(self.to_state(z)).view(z.shape[0], self.config.decoder_layers, 2, self.config.decoder_size)
        h, c = state.permute(2, 1, 0, 3).contiguous()
        return h, c

    def decode(self, z: Tensor, previous: Tensor, state: tuple[Tensor, Tensor] | None = None) -> tuple[Steps, tuple[Tensor, Tensor]]:
        """Teacher-forced: z (B, z), previous (B, steps, 27) the tokens one step earlier -> what each step says, and the state after."""
        conditioned = torch.cat([previous, z[:, None, :].expand(-1, previous.shape[1], -1)], dim=-1)
        hidden, state = self.decoder(conditioned, self.start(z) if state is None else state)
        hits, velocities, offsets = self.output(hidden).chunk(3, dim=-1)
        return Steps(hits, torch.sigmoid(velocities), torch.tanh(offsets)), state

    @torch.no_grad()
    def sample(self, z: Tensor, uniform: Tensor, temperature: float) -> Tensor:
        """Free-running decode, one step after another: z (B, z), uniform (B, steps, 9) in (0, 1) -> tokens (B, steps, 27).

        A hit sounds where logit + temperature * logit(u) > 0: a Bernoulli draw from the logits at temperature 1, their sign at 0.
        """
        state, heard, tokens = self.start(z), z.new_zeros(z.shape[0], 1, FEATURES), []
        for step in range(uniform.shape[1]):
            said, state = self.decode(z, heard, state)
            hits = (said.hits[:, 0] + temperature * torch.logit(uniform[:, step]) > 0).to(z.dtype)
            token = torch.cat([hits, said.velocities[:, 0] * hits, said.offsets[:, 0] * hits], dim=-1)[:, None]
            heard = token if self.config.hears == "own" else torch.zeros_like(token)
            tokens.append(token)
        return torch.cat(tokens, dim=1)


def one_step_late(notes: Tensor) -> Tensor:
    """What the decoder hears at each step under teacher forcing: the step before, silence at first. (B, steps, 27)"""
    return F.pad(notes, (0, 0, 1, 0))[:, :-1]


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
