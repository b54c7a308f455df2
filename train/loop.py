"""`mvae-train train`: one loop, top to bottom. Every draw depends on (seed, step) alone, so a resumed run goes on to the same result."""

import argparse
import dataclasses
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.tensorboard import SummaryWriter
from tqdm import tqdm

from mvae.core.card import HEARD
from mvae.core.errors import UserError, listing
from mvae.core.tokens import STREAMS
from mvae.train import checkpoint as files
from mvae.train.configs import TrainConfig, named_config
from mvae.train.corpus import Corpus
from mvae.train.joined import batches_for, join, one_bar_models
from mvae.train.lesson import Losses, Student, drawn_batch, lesson_of
from mvae.train.model import MusicVAE, model_of
from mvae.train.team import ALONE, Team, team_of

PRECISIONS = ("float32", "bfloat16")
CHOICES = {"schedule": ("onecycle", "exponential"), "hears": ("own", "forced"), "encoder_hears": HEARD, "kind": ("groove", *STREAMS)}
SHOWN_EVERY = 50  # steps
POSITIVE = ("steps", "batch", "bars", "z_size", "encoder_size", "encoder_layers", "decoder_size", "decoder_layers", "input_size")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("config", help="a named config")
    parser.add_argument("--data", type=Path, required=True, help="a corpus that `mvae-train prepare` wrote")
    parser.add_argument(
        "--run", "--run-folder", type=Path, required=True, metavar="DIR",
        help="folder for checkpoints and TensorBoard logs (torchrun takes --run for an option of its own: say --run-folder)",
    )  # fmt: skip
    parser.add_argument("--resume", action="store_true", help="go on from the run's last checkpoint")
    parser.add_argument(
        "--from", dest="start_from", type=Path, action="append", default=[], metavar="BUNDLE",
        help="start from a bundle's or checkpoint's weights, as far as they fit; may be given again",
    )  # fmt: skip
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="change one value of the config, e.g. beta=0.02")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument("--every", type=int, default=500, metavar="STEPS", help="steps between checkpoints and validations")
    parser.add_argument("--precision", choices=("auto", *PRECISIONS), default="auto", help="auto: bfloat16 where it is faster here")


def run(arguments: argparse.Namespace) -> int:
    config = with_settings(named_config(arguments.config), arguments.set)
    device = choose_device(arguments.device)
    corpus = Corpus.open(arguments.data)
    arguments.run.mkdir(parents=True, exist_ok=True)
    latest = arguments.run / "checkpoint.safetensors"
    if latest.exists() and not arguments.resume:
        raise UserError(f"{latest}: a run is there already; go on with --resume or choose another --run")
    start = files.load(latest) if arguments.resume else None
    if start is not None and start.config != config:
        raise UserError(f"{latest}: config = {start.config.name}: not the config asked for; resume with the same config and --set values")
    begun = [start] if start else [first_weights(path) for path in arguments.start_from]
    bfloat16 = choose_bfloat16(arguments.precision, device, start)
    with team_of(device, config.batch) as team:
        training = Training(config, corpus, arguments.run, team.device, arguments.seed, bfloat16, begun, start is not None, team)
        if arguments.start_from and not start and team.leads:
            print(f"--from: {training.started_with} of the model's {len(training.model.state_dict())} weights begin as they were trained")
        why = training.go(arguments.every)
        if team.leads:
            print(f"{arguments.run}: ended at step {training.step:,} of {config.steps:,}: {why}")
    return 0


def parsed(old: Any, text: str) -> Any:
    """A value of the type of `old`: a mix as NAME:SHARE,NAME:SHARE, names as NAME,NAME or nothing. ValueError where the text is none."""
    if isinstance(old, bool):
        return text.lower() in ("1", "true", "yes")
    if isinstance(old, Mapping):
        return {name: float(share) for name, _, share in (item.partition(":") for item in text.split(",") if item)}
    if isinstance(old, tuple):
        return tuple(item for item in text.split(",") if item)
    return type(old)(text)


def with_settings(config: TrainConfig, settings: list[str]) -> TrainConfig:
    """The config with KEY=VALUE changes; keys of the model as model.KEY. UserError for an unknown key or a value of the wrong type."""
    for setting in settings:
        key, _, text = setting.partition("=")
        owner: Any = config.model if key.startswith("model.") else config
        name = key.removeprefix("model.")
        if name not in {field.name for field in dataclasses.fields(owner)} - {"name", "model"}:
            raise UserError(f"--set {setting}: '{key}' is no setting; see mvae.train.configs.TrainConfig")
        try:
            old = getattr(owner, name)
            value = parsed(old, text)
        except ValueError as error:
            raise UserError(f"--set {setting}: '{text}' is no {type(old).__name__}") from error
        if value not in CHOICES.get(name, (value,)):
            raise UserError(f"--set {setting}: '{text}' is not known; choose one of {listing(CHOICES[name])}")
        if name in POSITIVE and not value > 0:
            raise UserError(f"--set {setting}: {text} is not above 0")
        changed = dataclasses.replace(owner, **{name: value})
        config = dataclasses.replace(config, model=changed) if owner is config.model else changed
    return config


def choose_device(name: str) -> torch.device:
    if name == "cuda" and not torch.cuda.is_available():
        raise UserError("--device cuda: PyTorch sees no CUDA device here; use --device cpu")
    return torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")


def choose_bfloat16(name: str, device: torch.device, start: files.Checkpoint | None) -> bool:
    """Whether to train in bfloat16: as asked; else as the run began, for it to go on to the same result; else where it is faster:
    on a CPU with instructions for it (1.7 times, measured on one with AVX-512), on a GPU that knows it."""
    if name != "auto":
        return name == "bfloat16"
    if start is not None:
        return bool(start.facts["bfloat16"])
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    known = torch.cpu.get_capabilities()
    return any(known.get(feature, False) for feature in ("avx512_bf16", "amx_bf16", "bf16"))


def first_weights(path: Path) -> files.Checkpoint:
    """What to start from: of a bundle's folder, a run's folder or a checkpoint file."""
    shipped = path / "weights.safetensors"
    return files.load(shipped if shipped.is_file() else files.find(path))


def start_with(model: nn.Module, weights: Sequence[Mapping[str, Tensor]]) -> int:
    """Give the model every weight whose name and shape it has, the first that fits; how many. UserError where there is none."""
    own, fitting = model.state_dict(), dict[str, Tensor]()
    for given in weights:
        fits = {name: tensor.float() for name, tensor in given.items() if name in own and own[name].shape == tensor.shape}
        fitting = fits | fitting
    if not fitting:
        raise UserError("--from: none of its weights fits this config; start from a model of the same widths")
    model.load_state_dict(fitting, strict=False)
    return len(fitting)


class Training:
    """A run in progress: model, optimiser, lesson and where they stand. Under torchrun, one of several processes with the same run."""

    def __init__(
        self, config: TrainConfig, corpus: Corpus, folder: Path, device: torch.device, seed: int, bfloat16: bool,
        begun: Sequence[files.Checkpoint] = (), resumed: bool = False, team: Team = ALONE,
    ):  # fmt: skip
        """`begun`: what it starts from or, `resumed`, its own last checkpoint."""
        torch.manual_seed(seed)
        self.config, self.folder, self.device, self.seed, self.bfloat16, self.team = config, folder, device, seed, bfloat16, team
        self.lesson = lesson_of(config, corpus)
        self.model = model_of(config.model).to(device)
        weights = [each.weights for each in begun]
        self.started_with = start_with(self.model, weights) if weights else 0
        if not resumed and isinstance(self.model, MusicVAE):
            self.begin_joined(self.model, weights)
            self.model.rest()  # where phrases had been let lean is for the decoder that was
        self.student = team.shared(Student(self.model, self.lesson))
        self.optimizer = torch.optim.Adam(self.model.parameters(), config.lr, fused=True)
        self.step, self.best, self.hours, self.waited, self.before = 0, 0.0, 0.0, 0, files.beginning(begun)
        if resumed:
            self.go_on_from(begun[0])

    def go_on_from(self, last: files.Checkpoint) -> None:
        """Stand where the run's last checkpoint was written."""
        files.restore_moments(self.model, self.optimizer, last.moments)
        self.step, self.best, self.hours = last.step, last.facts["best"], last.facts["hours"]
        self.waited = last.facts.get("waited", 0)
        self.before = {name: last.facts[name] for name in self.before if name in last.facts}

    def begin_joined(self, model: MusicVAE, weights: Sequence[Mapping[str, Tensor]]) -> None:
        """Where the `weights` are models of one bar: let a phrase's z be what the codes of its bars have in common."""
        here = [{name: tensor.float().to(self.device) for name, tensor in given.items()} for given in weights]
        if one_bar := one_bar_models(model, here):
            steps = range(batches_for(model, self.config.batch))
            share = join(model, one_bar, [drawn_batch(self.lesson, self.seed, step)["tokens"].to(self.device) for step in steps])
            if self.team.leads:
                print(f"--from: z keeps {share:.1%} of what one-bar codes say of {self.config.model.bars} bars")

    @property
    def impatient(self) -> bool:
        """Whether as many validations as the config waits for were no better than the best; only the leader of a team knows."""
        return 0 < self.config.patience <= self.waited

    def go(self, every: int) -> str:
        """Train to the config's last step, or until patience ends; checkpoint and validate every `every` steps. Why it ended."""
        began, before = time.monotonic(), self.hours
        log = SummaryWriter(str(self.folder / "log"), purge_step=self.step) if self.team.leads else None
        quiet = not self.team.leads
        bar = tqdm(total=self.config.steps, initial=self.step, desc=self.config.name, unit="step", mininterval=1, disable=quiet)
        ended = self.impatient  # as the checkpoint says, which every process of a resumed run has read
        while self.step < self.config.steps and not ended:
            losses = self.learn()
            self.step += 1
            bar.update()
            if self.step % SHOWN_EVERY == 0:
                self.show(losses, log, bar)
            if self.step % every == 0 or self.step == self.config.steps:
                self.hours = before + (time.monotonic() - began) / 3600
                if log:
                    self.keep(log)
                ended = self.team.told(self.impatient)
        bar.close()
        if log:
            log.close()
        best = f"the best {self.lesson.score} is {self.best:.3f}"
        done = self.step == self.config.steps
        return f"all steps are done; {best}" if done else f"patience = {self.config.patience}: so many validations were no better; {best}"

    def show(self, losses: Losses, log: SummaryWriter | None, bar: Any) -> None:
        """Log the mean losses of the whole batch; every process of a team must call this."""
        means = self.team.mean(torch.stack([value.mean() for value in losses.values()]))
        if log is None:
            return
        shown = {"kl_bits" if name == "kl" else name: value for name, value in zip(losses, means.tolist(), strict=True)}
        shown["kl_bits"] /= np.log(2)
        bar.set_postfix({**{k: f"{v:.1f}" for k, v in shown.items()}, self.lesson.score: f"{self.best:.3f}"})
        for name, value in shown.items():
            log.add_scalar(name, value, self.step)

    def learn(self) -> Losses:
        """One optimiser step; its losses per example of this process's share of the batch."""
        config = self.config
        batch = {name: self.team.rows(tensor).to(self.device) for name, tensor in drawn_batch(self.lesson, self.seed, self.step).items()}
        torch.manual_seed(dropout_seed(self.seed, self.step, self.team.rank))
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(config, self.step)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bfloat16):
            losses: Losses = self.student(batch, self.step / config.steps)
        self.optimizer.zero_grad(set_to_none=True)
        losses["loss"].mean().backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), config.clip)
        self.optimizer.step()
        return {name: value.detach() for name, value in losses.items()}

    def keep(self, log: SummaryWriter) -> None:
        """Validate, then write the checkpoint, and the best one when it is."""
        self.model.eval()
        figures = self.lesson.validate(self.model, self.device)
        self.model.train()
        for name, value in figures.items():
            log.add_scalar(f"validation/{name}", value, self.step)
        better = figures[self.lesson.score] > self.best
        self.best, self.waited = max(self.best, figures[self.lesson.score]), 0 if better else self.waited + 1
        facts = {**figures, "best": self.best, "waited": self.waited, "hours": self.hours, **self.before, "seed": self.seed}
        facts |= {"threads": torch.get_num_threads(), "bfloat16": self.bfloat16, "processes": self.team.size}
        weights = self.model.state_dict()
        whole = files.Checkpoint(self.config, self.step, weights, files.moments_of(self.model, self.optimizer), facts)
        files.save(self.folder / "checkpoint.safetensors", whole)
        if better:
            files.save(self.folder / "best.safetensors", dataclasses.replace(whole, moments={}))
        tqdm.write(f"step {self.step}: " + "  ".join(f"{name} {value:.3f}" for name, value in figures.items()))


def dropout_seed(seed: int, step: int, rank: int) -> int:
    """What dropout at a step is drawn from: not on the steps before, so that a resumed run goes on alike."""
    return int(np.random.default_rng((seed, step, 1 + rank)).integers(2**62))


def learning_rate(config: TrainConfig, step: int) -> float:
    """One-cycle: a linear rise over a tenth of the run, then a cosine fall to a hundredth; or an exponential decay per step."""
    if config.schedule == "exponential":
        return max(config.lr_floor, config.lr * config.lr_decay**step)
    progress = step / config.steps
    if progress < 0.1:
        return config.lr * (0.04 + 0.96 * progress / 0.1)
    return config.lr * (0.01 + 0.99 * 0.5 * (1 + float(np.cos(np.pi * (progress - 0.1) / 0.9))))
