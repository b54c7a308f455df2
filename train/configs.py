"""Named settings of models and their training, as frozen records. Everything a run needs is here or on the command line."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mvae.core.errors import UserError, listing
from mvae.core.phrase import STEPS_PER_BAR
from mvae.core.tokens import STREAMS


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """Sizes of a VAE: a bidirectional LSTM encoder and an LSTM decoder for each stream, flat or led by a conductor."""

    bars: int
    z_size: int = 256
    encoder_size: int = 256  # per direction
    encoder_layers: int = 1
    decoder_size: int = 256
    decoder_layers: int = 2
    hears: str = "own"  # what a decoder hears of the step before: its "own" token, or only what is "forced" on it
    encoder_hears: str = "all"  # what a groove's encoder hears: "all" of it, its "taps", or its "hits" (mvae.train.hearing)
    kind: str = "groove"  # or of tokens (`mvae.core.tokens`): melody, bass, drums, trio
    input_size: int = 128  # tokens enter the LSTMs as vectors of this width, and c is added there: one product a bar, not one a step
    conductor_size: int = 0  # 0: a flat decoder
    conductor_layers: int = 2
    conductor_output: int = 0  # width of a bar's c; 0: the conductor's own
    conductor_hears: str = "nothing"  # or "z" at every bar; as published the conductor has it in its first state alone
    # Width of a bar's code, one for each stream. Each stream's bars are read one by one, a matrix joins their codes to z, and another gives
    # each bar of a hierarchical model its codes back, to which the conductor adds. 0: one encoder over all steps, as published.
    bar_size: int = 0
    attributes: tuple[str, ...] = ()  # of one voice: what the last dimensions of z are knobs of, one each (mvae.train.taught)
    play: float = 0.0  # how far from 0 a knob is taken to be at rest, for phrases to lean within (mvae.train.lean)

    @property
    def steps(self) -> int:
        return self.bars * STEPS_PER_BAR

    @property
    def streams(self) -> tuple[str, ...]:
        """The streams of tokens, none of a groove."""
        return STREAMS.get(self.kind, ())

    @property
    def hierarchical(self) -> bool:
        return self.conductor_size > 0

    @property
    def codes_size(self) -> int:
        """Width of the codes of a bar, of all streams."""
        return self.bar_size * len(self.streams)

    @property
    def c_size(self) -> int:
        """Width of what leads the decoder: z itself, or the conductor's word for a bar."""
        return (self.codes_size or self.conductor_output or self.conductor_size) if self.hierarchical else self.z_size


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """How a model is trained. Every schedule is a fraction of the run's total steps, so a short run sees all of it."""

    name: str
    model: ModelConfig
    steps: int  # optimiser steps
    patience: int = 0  # so many validations one after another without a better score end the run; 0: none do
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
    transpose: int = 5  # of tokens: melodies and basses go up or down by at most so many semitones, those of a trio together
    enrich: float = 0.25  # of tokens of one stream: the share joined from two windows, and of drums that whose pieces are exchanged
    taught: float = 0.5  # where z has knobs of attributes: the share of phrases of which an edit is to be said, with knobs turned
    sampling: float = 0.0  # of tokens: at the end, the share of steps at which the decoder hears what it would have said itself
    mix: Mapping[str, float] = field(default_factory=dict)  # of tokens: the share of each data set; empty: all songs alike


# Knobs of a melody that its z has: how long its notes are, and the paper's five attributes.
MELODY = ("legato", "density", "diatonic", "interval", "syncopation", "syncopation_8th")

# The sets whose licences let weights be shipped, by the music they add: half folk tunes and songs, half game music.
OPEN_MELODIES = {"cre": 0.13, "fiddle_pd": 0.25, "lieder": 0.17, "freedoom": 0.3, "simutrans": 0.12, "easyrpg_rtp": 0.03}
OPEN_DRUMS = {"groove": 0.5, "freedoom": 0.33, "simutrans": 0.14, "easyrpg_rtp": 0.03}
OPEN_TRIOS = {"freedoom": 0.77, "simutrans": 0.2, "easyrpg_rtp": 0.03}


def published(name: str, model: ModelConfig, batch: int = 512, beta: float = 0.2, free_bits: float | None = None) -> TrainConfig:
    """The MusicVAE settings (THIRD_PARTY.md): of 2 bars with few free bits and scheduled sampling, of 16 with more and teacher
    forcing. For 2 bars beta rises as 0.2 (1 - 0.99999^step), which is nearly a line to .0787 at its 50,000 steps."""
    short = model.bars == 2
    return TrainConfig(
        name=name, model=model, steps=50_000 if short else 100_000, batch=batch, lr=1e-3, schedule="exponential",
        beta=beta * 0.3935 if short else beta, beta_warmup=1.0 if short else 0.0, word_dropout=0.0,
        free_bits=(48.0 if short else 256.0) if free_bits is None else free_bits, sampling=1.0 if short else 0.0, enrich=0.0,
    )  # fmt: skip


def groovae(name: str, bars: int, hears: str = "all") -> TrainConfig:
    """The GrooVAE settings (THIRD_PARTY.md): teacher forcing; its keep probability of 0.3 is the dropout 0.7."""
    return TrainConfig(
        name=name, model=ModelConfig(bars, encoder_size=512, encoder_hears=hears), steps=50_000, batch=512, lr=1e-3,
        schedule="exponential", beta=0.2, beta_warmup=0.0, free_bits=48.0, word_dropout=0.0, dropout=0.7, velocity_weight=1.0,
        offset_weight=1.0, masked=False, augment=False, fills=0.0,
    )  # fmt: skip


def live(name: str, model: ModelConfig, steps: int, mix: Mapping[str, float], **changes: Any) -> TrainConfig:
    """Widths that train on two cores and decode in a few milliseconds, or with patience (`_medium`)."""
    settings = {"batch": 64, "lr": 2e-3, "beta": 0.1, "word_dropout": 0.3, "dropout": 0.1} | changes
    return TrainConfig(name=name, model=model, steps=steps, mix=mix, **settings)


# input_size is tokens + c, the width of the published decoder's input, so that table and product can say any weights of it. The encoder
# takes in as much, which adds 13 % or less to the published parameters, or 34 % (melody) and 90 % (drums) where it is narrow (_small).
PAPER_16: dict[str, Any] = {"bars": 16, "z_size": 512, "encoder_size": 2048, "encoder_layers": 2, "input_size": 642}
PAPER_HIER = PAPER_16 | {"decoder_size": 1024, "conductor_size": 1024, "conductor_output": 512}
PAPER_FLAT = PAPER_16 | {"decoder_size": 2048, "decoder_layers": 3}
MAGENTA_HIER = PAPER_HIER | {"conductor_output": 0, "input_size": 1154}
# Small ones read bar by bar, too: 16 bars of 16 steps are learnt in far fewer updates than 256 in a row. The flat decoder has a layer more,
# for the sizes to be equal within a tenth.
SMALL_16: dict[str, Any] = {"bars": 16, "z_size": 512, "encoder_size": 256, "decoder_size": 256}
SMALL_HIER = SMALL_16 | {"conductor_size": 128, "conductor_layers": 1, "conductor_hears": "z"}
SMALL_FLAT = SMALL_16 | {"decoder_layers": 3}
KNOBS: dict[str, Any] = {"kind": "melody", "hears": "forced", "attributes": MELODY, "play": 0.6}
TUNE = KNOBS | {"bar_size": 96}
DRUMS: dict[str, Any] = {"beta": 0.02, "word_dropout": 0.25, "enrich": 0.5}
LONG: dict[str, Any] = {"batch": 32, "lr": 1e-3, "beta": 0.08, "beta_warmup": 0.0, "word_dropout": 0.25}
SHORT_LONG = LONG | {"lr": 5e-4, "patience": 8}  # few songs: what the one-bar models know is to be kept
# Between the small ones and the published, for a GPU or more patience: 17 million parameters for 2 bars, 13 for 16, a trio 37. Those of
# 16 begin from one-bar models of their widths, as the small ones do: --set model.encoder_size=512 --set model.decoder_size=512
# --set model.z_size=128.
MEDIUM: dict[str, Any] = {"bars": 2, "z_size": 512, "encoder_size": 1024, "decoder_size": 512, "input_size": 256}
MEDIUM_16: dict[str, Any] = {"bars": 16, "z_size": 768, "encoder_size": 512, "decoder_size": 512, "bar_size": 128}
MEDIUM_HIER = MEDIUM_16 | {"conductor_size": 256, "conductor_layers": 1, "conductor_hears": "z"}
CAREFUL: dict[str, Any] = {"lr": 1e-3, "dropout": 0.2, "patience": 8}  # wider ones learn a small corpus by heart sooner

# `_paper`: the sizes and training of the paper; `_magenta`: what Magenta's own configs have otherwise. `_medium` lies between them and the
# small ones, which are named by kind and bars alone (`melody_2bar`, `trio_16bar_flat`, ...), grooves by `_live`: what ships is trained so.
#
# Magenta's drums of 2 bars (small and big), its flat melody and its flat trio of 16 are as in the paper: `drums_2bar_paper_small`,
# `drums_2bar_paper`, `melody_16bar_flat_paper`, `trio_16bar_flat_paper`. Its melodies have 90 tokens, here 130 as in the paper. Of its
# taps the model for 2 bars hears no velocities, here their loudness is heard; the variants that add a closed hi-hat or are led by given
# hits are none of these, as no encoder here hears a part of the classes and no decoder hits that come from elsewhere.
CONFIGS = {
    config.name: config
    for config in (
        groovae("groove_4bar", 4),
        groovae("humanize_2bar_magenta", 2, "hits"),
        groovae("drumify_2bar_magenta", 2, "taps"),
        TrainConfig(name="groove_2bar_live", model=ModelConfig(bars=2, hears="forced"), steps=20_000, beta=0.02),
        TrainConfig(name="groove_4bar_live", model=ModelConfig(bars=4, hears="forced"), steps=20_000, beta=0.02),
        # A groove from its taps, a performance from its hits. No voices are exchanged between drummers: each is to be told by the others.
        TrainConfig("drumify_2bar", ModelConfig(bars=2, hears="forced", encoder_hears="taps"), 1_800, lr=1e-3, beta=0.06, beta_warmup=0.0),
        TrainConfig("humanize_2bar", ModelConfig(bars=2, hears="forced", encoder_hears="hits"), 1_800, lr=1e-3, beta=0.06, beta_warmup=0.0),
        published("melody_2bar_paper", ModelConfig(2, 512, 2048, 1, 2048, 3, kind="melody", input_size=642)),
        published("melody_2bar_paper_small", ModelConfig(2, 256, 512, 1, 256, 2, kind="melody", input_size=386)),
        published("drums_2bar_paper", ModelConfig(2, 512, 2048, 1, 2048, 3, kind="drums", input_size=1024)),
        published("drums_2bar_paper_small", ModelConfig(2, 256, 512, 1, 256, 2, kind="drums", input_size=768)),
        published("melody_16bar_paper", ModelConfig(kind="melody", **PAPER_HIER)),
        published("melody_16bar_flat_paper", ModelConfig(kind="melody", **PAPER_FLAT)),
        published("trio_16bar_paper", ModelConfig(kind="trio", **PAPER_HIER), batch=256),
        published("trio_16bar_flat_paper", ModelConfig(kind="trio", **PAPER_FLAT), batch=256),
        published("melody_2bar_magenta", ModelConfig(2, 512, 2048, 1, 2048, 3, kind="melody", input_size=642), beta=0.5, free_bits=0.0),
        published("melody_2bar_magenta_small", ModelConfig(2, 256, 512, 1, 256, 2, kind="melody", input_size=386), free_bits=0.0),
        published("melody_16bar_magenta", ModelConfig(kind="melody", **MAGENTA_HIER)),
        published("trio_16bar_magenta", ModelConfig(kind="trio", **MAGENTA_HIER), batch=256),
        live("melody_2bar_medium", ModelConfig(**KNOBS, **MEDIUM), 30_000, OPEN_MELODIES, taught=0.6, **CAREFUL),
        live("drums_2bar_medium", ModelConfig(kind="drums", **MEDIUM), 10_000, OPEN_DRUMS, **DRUMS | CAREFUL),
        live("melody_16bar_medium", ModelConfig(**KNOBS, **MEDIUM_HIER), 3_500, OPEN_MELODIES, **LONG | CAREFUL),
        live("melody_16bar_flat_medium", ModelConfig(**KNOBS, **MEDIUM_16, decoder_layers=3), 3_500, OPEN_MELODIES, **LONG | CAREFUL),
        live("trio_16bar_medium", ModelConfig(kind="trio", **MEDIUM_HIER), 800, OPEN_TRIOS, **CAREFUL | SHORT_LONG),
        # One bar, for those of 16 to begin from (mvae.train.joined): their encoder reads bars as it does, their decoder speaks from its z.
        live("melody_1bar", ModelConfig(1, 96, kind="melody"), 3_000, OPEN_MELODIES, batch=128, beta=0.2, enrich=0.0),
        live("bass_1bar", ModelConfig(1, 96, kind="bass"), 3_000, OPEN_TRIOS, batch=128, beta=0.2, enrich=0.0),
        live("drums_1bar", ModelConfig(1, 96, kind="drums"), 3_000, OPEN_DRUMS, batch=128, beta=0.1, enrich=0.25),
        live("bass_2bar", ModelConfig(2, kind="bass"), 7_000, OPEN_TRIOS),
        live("melody_2bar", ModelConfig(2, **KNOBS), 30_000, OPEN_MELODIES, taught=0.6),
        live("drums_2bar", ModelConfig(2, kind="drums"), 10_000, OPEN_DRUMS, **DRUMS),
        live("melody_16bar", ModelConfig(**TUNE, **SMALL_HIER), 3_500, OPEN_MELODIES, **LONG),
        live("melody_16bar_flat", ModelConfig(**TUNE, **SMALL_FLAT), 3_500, OPEN_MELODIES, **LONG),
        live("trio_16bar", ModelConfig(kind="trio", bar_size=96, **SMALL_HIER), 800, OPEN_TRIOS, **SHORT_LONG),
        live("trio_16bar_flat", ModelConfig(kind="trio", bar_size=96, **SMALL_FLAT), 800, OPEN_TRIOS, **SHORT_LONG),
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


RETIRED = {"encoder_bars": 0}  # settings of earlier versions, with the value at which a model is as it is now


def config_from_record(record: dict[str, Any]) -> TrainConfig:
    """The inverse of `config_record`; UserError when the record has other fields than this version knows."""
    try:
        model = {name: value for name, value in record["model"].items() if RETIRED.get(name, ()) != value}
        model["attributes"] = tuple(model.get("attributes", ()))
        return TrainConfig(**{**record, "model": ModelConfig(**model)})
    except (KeyError, TypeError) as error:
        raise UserError(f"checkpoint: its config does not fit this version ({error}); use the version that wrote it") from error
