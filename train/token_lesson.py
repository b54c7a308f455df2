"""Tokens as a lesson: windows drawn by data set, then song; transposed; cross entropy and KL.

Scheduled sampling runs in parallel (Duckworth et al. 2019, arXiv 1906.04331): a first pass says every step from what was played, a
second one hears a share of what the first said.
"""

from collections import Counter
from collections.abc import Mapping

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor

from mvae.core.errors import UserError, listing
from mvae.train.configs import TrainConfig
from mvae.train.corpus import Corpus
from mvae.train.groove_lesson import beta_at
from mvae.train.hearing import parts_heard
from mvae.train.losses import hinge_kl, kl_nats, token_nats
from mvae.train.model import MusicVAE, Posterior
from mvae.train.taught import teach, teachable, turned
from mvae.train.token_augment import augment_tokens
from mvae.train.token_windows import TokenWindows

VALIDATION_STEPS = 16_384  # of music: 512 phrases of 2 bars, 64 of 16
PUBLISHED_STEPS, SAMPLING_RATE = 50_000, 1_000  # of the published schedule of scheduled sampling


class TokenLesson:
    """See `mvae.train.lesson.Lesson`."""

    score = "sampled"

    def __init__(self, config: TrainConfig, corpus: Corpus):
        self.config = config
        self.train = corpus.tokens("train", config.model.bars)
        self.validation = corpus.tokens("validation", config.model.bars)
        self.chosen = self.train.distinct()
        self.odds = set_odds(self.train, self.chosen, config.mix)
        if not self.odds.size:
            raise UserError(f"{corpus.folder}: no training windows of {config.model.bars} bars; prepare a larger folder")
        if unknown := sorted(set(config.model.attributes) - set(teachable(config.model.streams))):
            known = listing(teachable(config.model.streams)) or "none"
            raise UserError(f"model.attributes: '{unknown[0]}' of a {config.model.kind} cannot be taught; what can: {known}")

    def batch(self, rng: Generator, draw: torch.Generator) -> dict[str, Tensor]:
        """tokens (B, steps, streams), noise (B, z), keep (B, steps, streams) where the decoder hears what was played, chance (B, steps,
        streams) for scheduled sampling; where attributes are taught, what `teach` gives."""
        config = self.config
        rows = self.chosen[rng.choice(len(self.chosen), size=config.batch, p=self.odds)]
        share = config.enrich if config.augment else 0.0
        rich = augment_tokens(self.train.batch(rows), config.model.streams, config.transpose, share, rng)
        attributes = config.model.attributes
        drawn = teach(rich, attributes, config.taught, config.model.play, rng) if attributes else {"tokens": torch.from_numpy(rich)}
        tokens = drawn["tokens"]
        noise = torch.randn(len(tokens), config.model.z_size, generator=draw)
        if config.model.hears == "forced":
            keep = parts_heard(len(tokens), tokens.shape[1], tokens.shape[2], draw)
        else:
            keep = torch.rand(tokens.shape, generator=draw) >= config.word_dropout
        return drawn | {"noise": noise, "keep": keep, "chance": torch.rand(tokens.shape, generator=draw)}

    def losses(self, model: MusicVAE, batch: dict[str, Tensor], progress: float) -> dict[str, Tensor]:
        """Per example, in nats: the cross entropy of each stream, kl, and the loss."""
        return token_losses(self.config, model, batch, progress)

    def validate(self, model: MusicVAE, device: torch.device) -> dict[str, float]:
        """Accuracy of phrases spread over the split, z = mu: teacher-forced, and sampled at temperature 1; KL in bits."""
        return validate(model, self.validation, self.config.mix, device)


def token_losses(config: TrainConfig, model: MusicVAE, batch: Mapping[str, Tensor], progress: float) -> dict[str, Tensor]:
    """What `TokenLesson.losses` gives, for any batch."""
    tokens, keep = batch.get("said", batch["tokens"]), batch["keep"]
    posterior = model.encode(batch["tokens"])
    z = posterior.mu + posterior.sigma * batch["noise"]
    if "turns" in batch:
        z = turned(z, batch["turns"])
    share = sampling_share(config.sampling, progress)
    heard = own_words(model, z.detach(), tokens, keep, batch["chance"], share) if share > 0 else tokens
    said = [logits.float() for logits in model.decode(z, heard, keep, config.dropout)]
    nats, kl = token_nats(said, tokens), kl_nats(Posterior(*(x.float() for x in posterior)))
    loss = nats.sum(1) + beta_at(config, progress) * hinge_kl(kl, config.free_bits)
    told = {name: nats[:, n] for n, name in enumerate(config.model.streams)} | {"kl": kl}
    return told | {"loss": loss}


def sampling_share(most: float, progress: float) -> float:
    """How much of its own words the decoder hears: an inverse sigmoid, k = 1,000 over 50,000 steps as published, scaled to the run."""
    return most * (1 - SAMPLING_RATE / (SAMPLING_RATE + float(np.exp(progress * PUBLISHED_STEPS / SAMPLING_RATE)))) if most else 0.0


@torch.no_grad()
def own_words(model: MusicVAE, z: Tensor, tokens: Tensor, keep: Tensor, chance: Tensor, share: float) -> Tensor:
    """Tokens (B, steps, streams) with those whose `chance` is below `share` replaced by draws from what the model says of them.

    Given that it is below, chance / share is as likely anywhere in 0..1: it chooses the token, too.
    """
    drawn = list[Tensor]()
    for stream, logits in enumerate(model.decode(z, tokens, keep)):
        below = torch.softmax(logits.float(), -1).cumsum(-1)
        token = torch.searchsorted(below, (chance[..., stream, None] / share).clamp(max=1), right=True)[..., 0]
        drawn.append(token.clamp(max=logits.shape[-1] - 1))
    return torch.where(chance < share, torch.stack(drawn, -1), tokens)


def set_odds(windows: TokenWindows, chosen: NDArray[np.int64], mix: Mapping[str, float]) -> NDArray[np.float64]:
    """Chance of each chosen window: a data set by the mix, in it a song, in that a window, each even. (n,), sums to 1.

    UserError where the corpus lacks a data set of the mix.
    """
    shares = dict(mix)
    song = windows.song[chosen]
    sets = [windows.songs[number].set for number in song.tolist()]
    if missing := sorted(set(shares) - set(sets)):
        known = listing(sorted(set(sets)))
        raise UserError(f"mix.{missing[0]}: the corpus has no such data set; it has {known}; give --set mix=NAME:SHARE,... or --set mix=")
    of_song = Counter(song.tolist())
    songs_of_set = Counter(windows.songs[number].set for number in of_song)
    shares = shares or {name: float(count) for name, count in songs_of_set.items()}
    odds = [shares.get(name, 0.0) / songs_of_set[name] / of_song[number] for name, number in zip(sets, song.tolist(), strict=True)]
    total = sum(odds)
    return np.array(odds, np.float64) / (total or 1.0)


@torch.no_grad()
def validate(model: MusicVAE, windows: TokenWindows, mix: Mapping[str, float], device: torch.device) -> dict[str, float]:
    """Zeros where there are no windows of the sets in the mix."""
    known = [n for n, song in enumerate(windows.song.tolist()) if not mix or windows.songs[song].set in mix]
    if not known:
        return {"sampled": 0.0, "teacher_forced": 0.0, "kl_bits": 0.0}
    picks = np.unique(np.linspace(0, len(known) - 1, max(1, VALIDATION_STEPS // windows.steps)).astype(np.int64))
    rows = np.array(known, np.int64)[picks]
    tokens = torch.from_numpy(windows.batch(rows)).to(device)
    posterior = model.encode(tokens)
    said = model.decode(posterior.mu, tokens)
    draw = torch.Generator().manual_seed(0)
    uniform = [torch.rand(logits.shape, generator=draw).clamp(1e-7, 1 - 1e-7).to(device) for logits in said]
    decoded = model.sample(posterior.mu, [-torch.log(-torch.log(u)) for u in uniform], 1.0)
    forced = torch.stack([logits.argmax(-1) for logits in said], -1)
    figures = {}
    for name, found in (("sampled", decoded), ("teacher_forced", forced)):
        right = (found == tokens).float().mean(1)  # (n, streams)
        figures[name] = float(right.mean())
        if len(model.config.streams) > 1:
            figures |= {f"{name}/{stream}": float(right[:, n].mean()) for n, stream in enumerate(model.config.streams)}
    nats = token_nats([logits.float() for logits in said], tokens).sum(1)
    return figures | {"nats": float(nats.mean()), "kl_bits": float(kl_nats(posterior).mean() / np.log(2))}
