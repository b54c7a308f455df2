"""`python -m mvae.train.throughput`: training sequences a second of `mvae.train.model.MusicVAE`, and of the same model written plainly.

Plainly: one-hot inputs beside c at every step, nn.LSTM, one bar after another. Both take the same training steps in turn, within one
run, so that whatever else the machine does falls on both. The music is random: the cost of a step does not depend on it.
"""

import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import median
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mvae.core.errors import Parser, UserError, command
from mvae.core.phrase import STEPS_PER_BAR
from mvae.core.tokens import VOCABULARY
from mvae.train.configs import ModelConfig, TrainConfig, named_config
from mvae.train.loop import PRECISIONS, choose_bfloat16, choose_device
from mvae.train.model import MusicVAE, Posterior
from mvae.train.token_lesson import token_losses


class PlainDecoder(nn.Module):
    """The tokens of one stream from one c: an LSTM that hears the token before, one-hot, beside c."""

    def __init__(self, config: ModelConfig, stream: str):
        super().__init__()
        self.layers, self.size, self.vocabulary = config.decoder_layers, config.decoder_size, VOCABULARY[stream]
        self.to_state = nn.Linear(config.c_size, 2 * self.layers * self.size)
        self.lstm = nn.LSTM(self.vocabulary + config.c_size, self.size, self.layers, batch_first=True)
        self.output = nn.Linear(self.size, self.vocabulary)

    def forward(self, c: Tensor, heard: Tensor, dropout: float) -> Tensor:
        """c (B, c), heard (B, steps, vocabulary) -> logits (B, steps, vocabulary)."""
        h, cell = torch.tanh(self.to_state(c)).view(len(c), self.layers, 2, self.size).permute(2, 1, 0, 3).contiguous()
        into = torch.cat([heard, c[:, None].expand(-1, heard.shape[1], -1)], -1)
        hidden, _ = self.lstm(F.dropout(into, dropout, self.training), (h, cell))
        return self.output(F.dropout(hidden, dropout, self.training))  # type: ignore[no-any-return]


class PlainMusicVAE(nn.Module):
    """MusicVAE as published, with the methods of `MusicVAE` that training asks for."""

    def __init__(self, config: ModelConfig):
        super().__init__()
        self.config = config
        width = sum(VOCABULARY[name] for name in config.streams)
        self.encoder = nn.LSTM(width, config.encoder_size, config.encoder_layers, batch_first=True, bidirectional=True)
        self.to_mu = nn.Linear(2 * config.encoder_size, config.z_size)
        self.to_sigma = nn.Linear(2 * config.encoder_size, config.z_size)
        self.decoders = nn.ModuleList([PlainDecoder(config, name) for name in config.streams])
        if config.hierarchical:
            self.to_conductor = nn.Linear(config.z_size, 2 * config.conductor_layers * config.conductor_size)
            self.conductor = nn.LSTM(1, config.conductor_size, config.conductor_layers, batch_first=True)
            same = config.c_size == config.conductor_size
            self.to_c = nn.Identity() if same else nn.Linear(config.conductor_size, config.c_size)

    def one_hot(self, tokens: Tensor) -> list[Tensor]:
        """Tokens (B, steps, streams) -> (B, steps, vocabulary) of each stream."""
        return [F.one_hot(tokens[..., n], VOCABULARY[name]).float() for n, name in enumerate(self.config.streams)]

    def encode(self, tokens: Tensor) -> Posterior:
        """Tokens (B, steps, streams) -> posterior."""
        _, (hidden, _) = self.encoder(torch.cat(self.one_hot(tokens), -1))
        last = torch.cat([hidden[-2], hidden[-1]], -1)
        return Posterior(self.to_mu(last), F.softplus(self.to_sigma(last)))

    def lead(self, z: Tensor) -> Tensor:
        """z (B, z) -> c (B, bars, c), of a flat model (B, 1, z)."""
        config = self.config
        if not config.hierarchical:
            return z[:, None]
        state = torch.tanh(self.to_conductor(z)).view(len(z), config.conductor_layers, 2, config.conductor_size)
        h, cell = state.permute(2, 1, 0, 3).contiguous()
        said, _ = self.conductor(z.new_zeros(len(z), config.bars, 1), (h, cell))
        return self.to_c(said)  # type: ignore[no-any-return]

    def decode(self, z: Tensor, tokens: Tensor, keep: Tensor | None = None, dropout: float = 0.0) -> list[Tensor]:
        """Teacher-forced, bar by bar of a hierarchical model: -> logits (B, steps, vocabulary) of each stream."""
        length = STEPS_PER_BAR if self.config.hierarchical else self.config.steps
        kept = torch.ones_like(tokens, dtype=torch.bool) if keep is None else keep
        heard = [hot * kept[..., n, None] for n, hot in enumerate(self.one_hot(tokens))]
        bars = self.lead(z).unbind(1)
        said = list[Tensor]()
        for decoder, steps in zip(self.decoders, heard, strict=True):
            pieces = (F.pad(piece, (0, 0, 1, 0))[:, :-1] for piece in torch.split(steps, length, 1))
            said.append(torch.cat([decoder(c, late, dropout) for c, late in zip(bars, pieces, strict=True)], 1))
        return said


def random_batch(config: TrainConfig, device: torch.device) -> dict[str, Tensor]:
    """A batch as `TokenLesson.batch` gives it."""
    draw = torch.Generator().manual_seed(0)
    shape = (config.batch, config.model.steps)
    tokens = torch.stack([torch.randint(VOCABULARY[name], shape, generator=draw) for name in config.model.streams], -1)
    noise = torch.randn(config.batch, config.model.z_size, generator=draw)
    keep = torch.rand(tokens.shape, generator=draw) >= config.word_dropout
    batch = {"tokens": tokens, "noise": noise, "keep": keep, "chance": torch.rand(tokens.shape, generator=draw)}
    return {name: tensor.to(device) for name, tensor in batch.items()}


class Contender:
    """A model that takes training steps against the clock."""

    def __init__(self, config: TrainConfig, model: nn.Module, bfloat16: bool, batch: Mapping[str, Tensor]):
        self.config, self.batch, self.bfloat16 = config, batch, bfloat16
        self.device = batch["tokens"].device
        self.model = model.to(self.device)
        self.optimizer = torch.optim.Adam(self.model.parameters(), config.lr, fused=True)

    def sequences_per_s(self, steps: int) -> float:
        """Train so many steps."""
        self._finish()
        began = time.perf_counter()
        for _ in range(steps):
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bfloat16):
                losses = token_losses(self.config, self.model, self.batch, 0.5)  # type: ignore[arg-type]
            self.optimizer.zero_grad(set_to_none=True)
            losses["loss"].mean().backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.config.clip)
            self.optimizer.step()
        self._finish()
        return steps * len(self.batch["tokens"]) / (time.perf_counter() - began)

    def _finish(self) -> None:
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)


def measure(config: TrainConfig, device: torch.device, rounds: int, steps: int) -> dict[str, Any]:
    """The median over rounds of each implementation and precision, and how many times faster than the plain one ours is."""
    batch = random_batch(config, device)
    made = {"ours": MusicVAE, "plain": PlainMusicVAE}
    contenders = {(name, p): Contender(config, made[name](config.model), p == "bfloat16", batch) for p in PRECISIONS for name in made}
    for contender in contenders.values():
        contender.sequences_per_s(1)  # the first step also allocates
    found: dict[tuple[str, str], list[float]] = {key: [] for key in contenders}
    for _ in range(rounds):
        for key, contender in contenders.items():
            found[key].append(contender.sequences_per_s(steps))
    rate = {key: median(values) for key, values in found.items()}
    default = PRECISIONS[choose_bfloat16("auto", device, None)]
    return {
        "config": config.name,
        "batch": config.batch,
        "steps_of_music": config.model.steps,
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu",
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "rounds": rounds,
        "training_steps_a_round": steps,
        "sequences_per_s": {f"{name} {precision}": rate[name, precision] for name, precision in rate},
        "precision_by_default": default,
        "times_plain": {precision: rate["ours", precision] / rate["plain", precision] for precision in PRECISIONS},
        "default_times_plain_float32": rate["ours", default] / rate["plain", "float32"],
    }


def report(facts: Mapping[str, Any]) -> str:
    """The measurement for the terminal."""
    where = facts["device"] if facts["device"] != "cpu" else f"cpu, {facts['threads']} threads"
    lines = [f"{facts['config']}: {facts['steps_of_music']} steps of music, batches of {facts['batch']}; {where}; torch {facts['torch']}"]
    lines.append("sequences a second      ours     plain     ratio")
    for precision, ratio in facts["times_plain"].items():
        ours, plain = (facts["sequences_per_s"][f"{name} {precision}"] for name in ("ours", "plain"))
        lines.append(f"  {precision:16s} {ours:9.2f} {plain:9.2f} {ratio:9.2f}")
    whole = facts["default_times_plain_float32"]
    return "\n".join([*lines, f"as it trains by default ({facts['precision_by_default']}) against plain float32: {whole:.2f} times"])


def run(arguments: Sequence[str]) -> int:
    """Parse the arguments, measure and print."""
    parser = Parser(prog="python -m mvae.train.throughput", description="Training speed against the same model written plainly.")
    parser.add_argument("config", nargs="?", default="melody_16bar", help="a named config of tokens (default: melody_16bar)")
    parser.add_argument("--batch", type=int, help="sequences in a batch (default: the config's)")
    parser.add_argument("--rounds", type=int, default=5, help="turns that each implementation takes; their median counts (default: 5)")
    parser.add_argument("--steps", type=int, default=3, help="training steps in a turn (default: 3)")
    parser.add_argument("--threads", type=int, help="threads of PyTorch (default: its own choice)")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="cpu")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args(arguments)
    config = named_config(options.config)
    if not config.model.streams:
        raise UserError(f"config: '{config.name}' is of grooves; choose one of tokens")
    for name in ("batch", "rounds", "steps", "threads"):
        if getattr(options, name) is not None and getattr(options, name) < 1:
            raise UserError(f"--{name} {getattr(options, name)}: must be at least 1")
    if options.threads:
        torch.set_num_threads(options.threads)
    facts = measure(replace(config, batch=options.batch or config.batch), choose_device(options.device), options.rounds, options.steps)
    print(json.dumps(facts, indent=1) if options.json else report(facts))
    return 0


if __name__ == "__main__":
    sys.exit(command(run, "mvae-throughput"))
