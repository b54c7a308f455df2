"""Grooves as a lesson: windows half by song, augmented, and the losses of hits, velocities and offsets."""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from mvae.core.errors import UserError
from mvae.train.augment import augment
from mvae.train.configs import TrainConfig
from mvae.train.corpus import Corpus
from mvae.train.hearing import parts_heard
from mvae.train.losses import groove_losses, hinge_kl
from mvae.train.metrics import count_hits, f1_by_file, micro
from mvae.train.model import FEATURES, VOICES, GrooVAE, Posterior, Steps, one_step_late
from mvae.train.windows import Windows

VALIDATION_PHRASES = 512


class GrooveLesson:
    """See `mvae.train.lesson.Lesson`."""

    score = "hit_f1_by_file"

    def __init__(self, config: TrainConfig, corpus: Corpus):
        self.config = config
        self.train = corpus.windows("train", config.model.bars, fills=True)
        self.validation = corpus.windows("validation", config.model.bars)
        if not len(self.train):
            raise UserError(f"{corpus.folder}: no training windows of {config.model.bars} bars; prepare a larger folder")
        self.odds = window_odds(self.train, config.fills)

    def batch(self, rng: Generator, draw: torch.Generator) -> dict[str, Tensor]:
        """notes (B, steps, 27), noise (B, z), and keep, 1 where the decoder hears what was played."""
        config = self.config
        windows = self.train.batch(rng.choice(len(self.train), size=config.batch, p=self.odds))
        notes = torch.from_numpy(augment(windows, rng, one_drummer=config.model.encoder_hears != "all") if config.augment else windows)
        noise = torch.randn(len(notes), config.model.z_size, generator=draw)
        if config.model.hears == "forced":
            keep = parts_heard(len(notes), notes.shape[1], VOICES, draw).float().repeat(1, 1, FEATURES // VOICES)
        else:
            keep = (torch.rand(*notes.shape[:2], 1, generator=draw) >= config.word_dropout).float()
        return {"notes": notes, "noise": noise, "keep": keep}

    def losses(self, model: GrooVAE, batch: dict[str, Tensor], progress: float) -> dict[str, Tensor]:
        """Per example, in nats: hits, velocities, offsets, kl, and their weighted sum, the loss."""
        return weighed_losses(self.config, model, batch, progress)

    def validate(self, model: GrooVAE, device: torch.device) -> dict[str, float]:
        """Free-running decodes of z = mu at temperature 0, against up to 512 windows spread over the split."""
        return validate(model, self.validation, device)


def weighed_losses(config: TrainConfig, model: GrooVAE, batch: Mapping[str, Tensor], progress: float) -> dict[str, Tensor]:
    """What `GrooveLesson.losses` gives, for any batch."""
    notes = batch["notes"]
    posterior = model.encode(notes)
    heard = F.dropout(one_step_late(notes * batch["keep"]), config.dropout)
    said, _ = model.decode(posterior.mu + posterior.sigma * batch["noise"], heard)
    losses = groove_losses(notes, Steps(*(x.float() for x in said)), Posterior(*(x.float() for x in posterior)), config.masked)
    loss = losses.hits + config.velocity_weight * losses.velocities + config.offset_weight * losses.offsets
    return losses._asdict() | {"loss": loss + beta_at(config, progress) * hinge_kl(losses.kl, config.free_bits)}


def beta_at(config: TrainConfig, progress: float) -> float:
    """The weight of the KL at a share of the run: a linear rise over `beta_warmup`."""
    return config.beta * min(1.0, progress / config.beta_warmup) if config.beta_warmup else config.beta


def window_odds(windows: Windows, fills: float) -> NDArray[np.float64]:
    """Chance of each window: half even over windows, half even over songs; short fills get the share `fills`. (n,), sums to 1."""
    each = 0.5 / len(windows) + 0.5 / np.bincount(windows.song)[windows.song] / len(np.unique(windows.song))
    for chosen, share in ((windows.is_fill, fills), (~windows.is_fill, 1 - fills)):
        if chosen.any():
            each[chosen] *= share / each[chosen].sum()
    return np.asarray(each / each.sum())


@torch.no_grad()
def validate(model: GrooVAE, windows: Windows, device: torch.device) -> dict[str, float]:
    """Hits, velocity and KL of up to 512 windows; zeros where there are none."""
    if not len(windows):
        return {"hit_f1": 0.0, "hit_f1_by_file": 0.0, "kl_bits": 0.0}
    chosen = np.unique(np.linspace(0, len(windows) - 1, VALIDATION_PHRASES).astype(np.int64))
    notes = windows.batch(chosen)
    posterior = model.encode(torch.from_numpy(notes).to(device))
    still = torch.full((*notes.shape[:2], 9), 0.5, device=device)
    decoded = model.sample(posterior.mu, still, 0.0).cpu().numpy()
    hits = count_hits(notes, decoded)
    both = (notes[..., :9] > 0.5) & (decoded[..., :9] > 0.5)
    velocity = np.abs(notes[..., 9:18] - decoded[..., 9:18])[both]
    mu, sigma = (x.cpu().numpy() for x in posterior)
    return {
        "hit_f1": micro(hits).f1,
        "hit_f1_by_file": float(f1_by_file(hits, windows.song[chosen]).mean()),
        "velocity_mae": float(velocity.mean()) if velocity.size else 0.0,
        "kl_bits": float((0.5 * (mu**2 + sigma**2 - 1 - 2 * np.log(sigma))).sum(1).mean() / np.log(2)),
    }
