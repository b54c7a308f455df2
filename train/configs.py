"""Named settings of models and their training, as frozen records. Everything a run needs is here or on the command line."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from mvae.core.errors import UserError, listing

STEPS_PER_BAR = 16


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """Sizes of a GrooVAE: a bidirectional LSTM encoder and a flat LSTM decoder."""

    bars: int
    z_size: int = 256
    encoder_size: int = 256  # per direction
    encoder_layers: int = 1
    decoder_size: int = 256
    decoder_layers: int = 2
    hears: str = "own"  # what the decoder hears of the step before: its "own" token, or only what is "forced" on it

    @property
    def steps(self) -> int:
        return self.bars * STEPS_PER_BAR


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """How a model is trained. Every schedule is a fraction of the run's total steps, so a short run sees all of it."""

    name: str
    model: ModelConfig
    steps: int  # optimiser steps
    batch: int = 64
    lr: float = 1.5e-3  # peak of the one-cycle schedule, or the start of the exponential one
    schedule: str = "onecycle"  # or "exponential": lr * decay^step, not below lr_floor
    lr_decay: float = 0.9999
    lr_floor: float = 1e-5
    beta: float = 0.03
    beta_warmup: float = 0.3  # share of the run over which beta rises linearly to `beta`
    free_bits: float = 0.0  # bits per example
    word_dropout: float = 0.5  # share of the decoder's inputs replaced by zeros; where it hears only what is forced, see mvae.train.hearing
    dropout: float = 0.0  # on the inputs of the decoder's LSTM
    velocity_weight: float = 12.5
    offset_weight: float = 5.0
    masked: bool = True  # velocity and offset losses on hits only
    clip: float = 1.0  # global norm of the gradient
    augment: bool = True
    fills: float = 0.05  # share of a batch drawn from the short fills


CONFIGS = {
    config.name: config
    for config in (
        # The published GrooVAE settings (THIRD_PARTY.md): teacher forcing; its keep probability of 0.3 is the dropout 0.7.
        TrainConfig(
            name="groove_4bar", model=ModelConfig(bars=4, encoder_size=512), steps=50_000, batch=512, lr=1e-3, schedule="exponential",
            beta=0.2, beta_warmup=0.0, free_bits=48.0, word_dropout=0.0, dropout=0.7, velocity_weight=1.0, offset_weight=1.0,
            masked=False, augment=False, fills=0.0,
        ),
        TrainConfig(name="groove_2bar_live", model=ModelConfig(bars=2, hears="forced"), steps=20_000, beta=0.02),
        TrainConfig(name="groove_4bar_live", model=ModelConfig(bars=4, hears="forced"), steps=20_000, beta=0.02),
        TrainConfig(name="tiny", model=ModelConfig(bars=2, z_size=16, encoder_size=16, decoder_size=16), steps=60, batch=16),
    )
}


def named_config(name: str) -> TrainConfig:
    """The config of that name; UserError with the list of names otherwise."""
    if name not in CONFIGS:
        raise UserError(f"config: '{name}' is not known; choose one of {listing(sorted(CONFIGS))}")
    return CONFIGS[name]


def config_record(config: TrainConfig) -> dict[str, Any]:
    """The config as plain data, for a checkpoint's header."""
    return dataclasses.asdict(config)


def config_from_record(record: dict[str, Any]) -> TrainConfig:
    """The inverse of `config_record`; UserError when the record has other fields than this version knows."""
    try:
        return TrainConfig(**{**record, "model": ModelConfig(**record["model"])})
    except (KeyError, TypeError) as error:
        raise UserError(f"checkpoint: its config does not fit this version ({error}); use the version that wrote it") from error
