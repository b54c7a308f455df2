"""`mvae-train train`: one loop, top to bottom. Every draw depends on (seed, step) alone, so a resumed run goes on to the same result."""

import argparse
import dataclasses
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter
from tqdm import tqdm

from mvae.core.errors import UserError
from mvae.train import checkpoint as files
from mvae.train.augment import augment
from mvae.train.configs import TrainConfig, named_config
from mvae.train.corpus import Corpus
from mvae.train.hearing import parts_heard
from mvae.train.metrics import count_hits, f1_by_file, micro
from mvae.train.model import GrooVAE, Losses, Posterior, Steps, groove_losses, hinge_kl, one_step_late
from mvae.train.windows import Windows

VALIDATION_PHRASES = 512
PRECISIONS = ("float32", "bfloat16")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("config", help="a named config")
    parser.add_argument("--data", type=Path, required=True, help="a corpus that `mvae-train prepare` wrote")
    parser.add_argument("--run", type=Path, required=True, help="folder for checkpoints and TensorBoard logs")
    parser.add_argument("--resume", action="store_true", help="go on from the run's last checkpoint")
    parser.add_argument("--from", dest="start_from", type=Path, metavar="BUNDLE", help="start from a bundle's or checkpoint's weights")
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
    weights = start.weights if start else first_weights(arguments.start_from)
    bfloat16 = choose_bfloat16(arguments.precision, device, start)
    Training(config, corpus, arguments.run, device, arguments.seed, bfloat16, weights, start).go(arguments.every)
    return 0


def with_settings(config: TrainConfig, settings: list[str]) -> TrainConfig:
    """The config with KEY=VALUE changes; keys of the model as model.KEY. UserError for an unknown key or a value of the wrong type."""
    for setting in settings:
        key, _, text = setting.partition("=")
        owner: Any = config.model if key.startswith("model.") else config
        name = key.removeprefix("model.")
        if not hasattr(owner, name) or name in ("name", "model"):
            raise UserError(f"--set {setting}: '{key}' is no setting; see mvae.train.configs.TrainConfig")
        try:
            old = getattr(owner, name)
            value = text.lower() in ("1", "true", "yes") if isinstance(old, bool) else type(old)(text)
        except ValueError as error:
            raise UserError(f"--set {setting}: '{text}' is no {type(old).__name__}") from error
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


def first_weights(path: Path | None) -> dict[str, Tensor] | None:
    """Weights to start from: a bundle folder, a run folder or a checkpoint file; None starts from chance."""
    if path is None:
        return None
    shipped = path / "weights.safetensors"
    return files.load(shipped if shipped.is_file() else files.find(path)).weights


class Training:
    """A run in progress: model, optimiser, corpus and where they stand."""

    def __init__(
        self, config: TrainConfig, corpus: Corpus, folder: Path, device: torch.device, seed: int, bfloat16: bool,
        weights: dict[str, Tensor] | None, resumed: files.Checkpoint | None,
    ):  # fmt: skip
        torch.manual_seed(seed)
        self.config, self.folder, self.device, self.seed, self.bfloat16 = config, folder, device, seed, bfloat16
        self.train = corpus.windows("train", config.model.bars, fills=True)
        self.validation = corpus.windows("validation", config.model.bars)
        if not len(self.train):
            raise UserError(f"{corpus.folder}: no training windows of {config.model.bars} bars; prepare a larger folder")
        self.odds = window_odds(self.train, config.fills)
        self.model = GrooVAE(config.model).to(device)
        if weights:
            self.model.load_state_dict({name: tensor.float() for name, tensor in weights.items()})
        self.optimizer = torch.optim.Adam(self.model.parameters(), config.lr, fused=True)
        self.step, self.best, self.hours = 0, 0.0, 0.0
        if resumed:
            files.restore_moments(self.model, self.optimizer, resumed.moments)
            self.step, self.best, self.hours = resumed.step, resumed.facts["best_f1"], resumed.facts["hours"]

    def go(self, every: int) -> None:
        """Train to the config's last step; checkpoint and validate every `every` steps."""
        began, before = time.monotonic(), self.hours
        log = SummaryWriter(str(self.folder / "log"), purge_step=self.step)
        bar = tqdm(total=self.config.steps, initial=self.step, desc=self.config.name, unit="step", mininterval=1)
        while self.step < self.config.steps:
            losses, total = self.learn()
            self.step += 1
            bar.update()
            if self.step % 50 == 0:
                shown = {"loss": total, "kl_bits": losses.kl.mean().item() / np.log(2)}
                bar.set_postfix({**{k: f"{v:.1f}" for k, v in shown.items()}, "f1": f"{self.best:.3f}"})
                for name, value in (shown | {f"loss/{k}": v.mean().item() for k, v in losses._asdict().items()}).items():
                    log.add_scalar(name, value, self.step)
            if self.step % every == 0 or self.step == self.config.steps:
                self.hours = before + (time.monotonic() - began) / 3600
                self.keep(log)
        bar.close()
        log.close()

    def learn(self) -> tuple[Losses, float]:
        """One optimiser step; returns its losses and the loss itself."""
        config, rng = self.config, np.random.default_rng((self.seed, self.step))
        notes = torch.from_numpy(self.batch(rng)).to(self.device)
        draw = torch.Generator().manual_seed(int(rng.integers(2**62)))
        noise = torch.randn(len(notes), config.model.z_size, generator=draw).to(self.device)
        if config.model.hears == "forced":
            keep = parts_heard(len(notes), notes.shape[1], draw).to(self.device)
        else:
            keep = (torch.rand(*notes.shape[:2], 1, generator=draw) >= config.word_dropout).to(self.device)
        progress = self.step / config.steps
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(config, self.step)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bfloat16):
            posterior = self.model.encode(notes)
            heard = torch.nn.functional.dropout(one_step_late(notes * keep), config.dropout)
            said, _ = self.model.decode(posterior.mu + posterior.sigma * noise, heard)
        losses = groove_losses(notes, Steps(*(x.float() for x in said)), Posterior(*(x.float() for x in posterior)), config.masked)
        beta = config.beta * min(1.0, progress / config.beta_warmup) if config.beta_warmup else config.beta
        loss = losses.hits + config.velocity_weight * losses.velocities + config.offset_weight * losses.offsets
        loss = (loss + beta * hinge_kl(losses.kl, config.free_bits)).mean()
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), config.clip)
        self.optimizer.step()
        return losses, loss.item()

    def batch(self, rng: Generator) -> NDArray[np.float32]:
        """The step's notes, augmented. (B, steps, 27)"""
        notes = self.train.batch(rng.choice(len(self.train), size=self.config.batch, p=self.odds))
        return augment(notes, rng) if self.config.augment else notes

    def keep(self, log: SummaryWriter) -> None:
        """Validate, then write the checkpoint, and the best one when it is."""
        figures = validate(self.model, self.validation, self.device)
        for name, value in figures.items():
            log.add_scalar(f"validation/{name}", value, self.step)
        better = figures["hit_f1_by_file"] > self.best
        self.best = max(self.best, figures["hit_f1_by_file"])
        facts = {**figures, "best_f1": self.best, "hours": self.hours, "seed": self.seed, "threads": torch.get_num_threads()}
        facts |= {"bfloat16": self.bfloat16}
        weights = self.model.state_dict()
        whole = files.Checkpoint(self.config, self.step, weights, files.moments_of(self.model, self.optimizer), facts)
        files.save(self.folder / "checkpoint.safetensors", whole)
        if better:
            files.save(self.folder / "best.safetensors", dataclasses.replace(whole, moments={}))
        tqdm.write(f"step {self.step}: " + "  ".join(f"{name} {value:.3f}" for name, value in figures.items()))


def learning_rate(config: TrainConfig, step: int) -> float:
    """One-cycle: a linear rise over a tenth of the run, then a cosine fall to a hundredth; or an exponential decay per step."""
    if config.schedule == "exponential":
        return max(config.lr_floor, config.lr * config.lr_decay**step)
    progress = step / config.steps
    if progress < 0.1:
        return config.lr * (0.04 + 0.96 * progress / 0.1)
    return config.lr * (0.01 + 0.99 * 0.5 * (1 + float(np.cos(np.pi * (progress - 0.1) / 0.9))))


def window_odds(windows: Windows, fills: float) -> NDArray[np.float64]:
    """Chance of each window: half even over windows, half even over songs; short fills get the share `fills`. (n,), sums to 1."""
    each = 0.5 / len(windows) + 0.5 / np.bincount(windows.song)[windows.song] / len(np.unique(windows.song))
    for chosen, share in ((windows.is_fill, fills), (~windows.is_fill, 1 - fills)):
        if chosen.any():
            each[chosen] *= share / each[chosen].sum()
    return np.asarray(each / each.sum())


@torch.no_grad()
def validate(model: GrooVAE, windows: Windows, device: torch.device) -> dict[str, float]:
    """Free-running decodes of z = mu at temperature 0, against up to 512 windows spread over the split."""
    if not len(windows):
        return {"hit_f1": 0.0, "hit_f1_by_file": 0.0, "kl_bits": 0.0}
    chosen = np.unique(np.linspace(0, len(windows) - 1, VALIDATION_PHRASES).astype(np.int64))
    notes = windows.batch(chosen)
    model.eval()
    posterior = model.encode(torch.from_numpy(notes).to(device))
    still = torch.full((*notes.shape[:2], 9), 0.5, device=device)
    decoded = model.sample(posterior.mu, still, 0.0).cpu().numpy()
    model.train()
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
