"""What a run learns from: a batch, its losses and the validation, for grooves and for tokens. Knows nothing of files or optimisers."""

from typing import Any, Protocol

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor, nn

from mvae.core.errors import UserError
from mvae.train.configs import TrainConfig
from mvae.train.corpus import Corpus
from mvae.train.groove_lesson import GrooveLesson
from mvae.train.token_lesson import TokenLesson

Batch = dict[str, Tensor]
Losses = dict[str, Tensor]  # per example (B,); "loss" is what is minimised, "kl" is in nats


class Lesson(Protocol):
    """A batch is drawn whole from (generator, draw) alone, so that every process of a run knows all of it and takes its own rows."""

    score: str  # the validation figure by which the best checkpoint is chosen

    def batch(self, rng: Generator, draw: torch.Generator) -> Batch: ...

    def losses(self, model: Any, batch: Batch, progress: float) -> Losses: ...

    def validate(self, model: Any, device: torch.device) -> dict[str, float]: ...


def lesson_of(config: TrainConfig, corpus: Corpus) -> Lesson:
    """The lesson of a config. UserError where the corpus is of another kind or has no training windows of that length."""
    if corpus.kind != config.model.kind:
        raise UserError(f"{corpus.folder}: a corpus of kind '{corpus.kind}'; {config.name} learns '{config.model.kind}'")
    return TokenLesson(config, corpus) if config.model.streams else GrooveLesson(config, corpus)


class Student(nn.Module):
    """A model and its lesson as one module whose forward pass gives the losses, as DistributedDataParallel wants it."""

    def __init__(self, model: nn.Module, lesson: Lesson):
        super().__init__()
        self.model, self.lesson = model, lesson

    def forward(self, batch: Batch, progress: float) -> Losses:
        return self.lesson.losses(self.model, batch, progress)


def drawn_batch(lesson: Lesson, seed: int, step: int) -> Batch:
    """The whole batch of a step."""
    rng = np.random.default_rng((seed, step))
    return lesson.batch(rng, torch.Generator().manual_seed(int(rng.integers(2**62))))
