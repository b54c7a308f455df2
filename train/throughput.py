"""`python -m mvae.train.throughput`: training sequences a second of `mvae.train.model.MusicVAE`, and of the same model written plainly.

Both take the same training steps in turn, within one run, so that whatever else the machine does falls on both; each in a process of its
own: ours keeps memory as `mvae-train train` does (mvae.train.memory), plain PyTorch does not, and a third, `kept`, is plain but for that.
The music is random: the cost of a step does not depend on it. What it costs to draw a batch is not in it.
"""

import json
import multiprocessing
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from multiprocessing.connection import Connection
from statistics import median
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from mvae.core.errors import Parser, UserError, command
from mvae.core.tokens import VOCABULARY
from mvae.train.configs import TrainConfig, named_config
from mvae.train.loop import PRECISIONS, choose_bfloat16, choose_device
from mvae.train.memory import keep_memory
from mvae.train.model import MusicVAE
from mvae.train.plain import PlainMusicVAE
from mvae.train.taught import WHOLE
from mvae.train.token_lesson import token_losses

MADE: dict[str, tuple[type[nn.Module], bool]] = {"ours": (MusicVAE, True), "plain": (PlainMusicVAE, False), "kept": (PlainMusicVAE, True)}


def random_batch(config: TrainConfig, device: torch.device) -> dict[str, Tensor]:
    """A batch as `TokenLesson.batch` gives it."""
    draw = torch.Generator().manual_seed(0)
    shape = (config.batch, config.model.steps)
    tokens = torch.stack([torch.randint(VOCABULARY[name], shape, generator=draw) for name in config.model.streams], -1)
    noise = torch.randn(config.batch, config.model.z_size, generator=draw)
    keep = torch.rand(tokens.shape, generator=draw) >= config.word_dropout
    batch = {"tokens": tokens, "noise": noise, "keep": keep, "chance": torch.rand(tokens.shape, generator=draw)}
    if config.model.attributes:  # all knobs turned, to say the same phrase: what is said changes nothing in the cost
        batch |= {"said": tokens, "turns": WHOLE * torch.rand(config.batch, len(config.model.attributes), generator=draw)}
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


def contend(name: str, config: TrainConfig, device: torch.device, threads: int, parent: Connection) -> None:
    """One implementation in a process of its own: takes (precision, steps) from its parent and gives sequences a second; None ends it."""
    made, keeps = MADE[name]
    if keeps:
        keep_memory()
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    batch = random_batch(config, device)
    contenders = {precision: Contender(config, made(config.model), precision == "bfloat16", batch) for precision in PRECISIONS}
    while asked := parent.recv():
        precision, steps = asked
        parent.send(contenders[precision].sequences_per_s(steps))


@contextmanager
def contender(name: str, config: TrainConfig, device: torch.device) -> Iterator[Connection]:
    """The process of an implementation, ready: what it hears from."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=contend, args=(name, config, device, torch.get_num_threads(), there), daemon=True)
    process.start()
    there.close()
    try:
        yield here
        here.send(None)
        process.join()
    finally:
        process.kill()
        process.join()


def measure(config: TrainConfig, device: torch.device, rounds: int, steps: int) -> dict[str, Any]:
    """The median over rounds of each implementation and precision, and how many times faster than the plain one ours is, in all and with
    memory kept in both."""
    found: dict[str, list[float]] = {}
    with ExitStack() as stack:
        running = {name: stack.enter_context(contender(name, config, device)) for name in MADE}
        for turn in range(1 + rounds):
            for precision in PRECISIONS:
                for name, process in running.items():
                    process.send((precision, steps if turn else 2))  # the first steps also allocate
                    rate = process.recv()
                    if turn:
                        found.setdefault(f"{name} {precision}", []).append(rate)
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
        "sequences_per_s": rate,
        "precision_by_default": default,
        "times_plain": {precision: rate[f"ours {precision}"] / rate[f"plain {precision}"] for precision in PRECISIONS},
        "times_kept": {precision: rate[f"ours {precision}"] / rate[f"kept {precision}"] for precision in PRECISIONS},
        "default_times_plain_float32": rate[f"ours {default}"] / rate["plain float32"],
        "rounds_default_times_plain_float32": (np.array(found[f"ours {default}"]) / np.array(found["plain float32"])).tolist(),
    }


def report(facts: Mapping[str, Any]) -> str:
    """The measurement for the terminal."""
    where = facts["device"] if facts["device"] != "cpu" else f"cpu, {facts['threads']} threads"
    lines = [f"{facts['config']}: {facts['steps_of_music']} steps of music, batches of {facts['batch']}; {where}; torch {facts['torch']}"]
    lines.append("sequences a second      ours     plain     ratio   plain, memory kept     ratio")
    rates = facts["sequences_per_s"]
    for precision in PRECISIONS:
        ours, plain, kept = (rates[f"{name} {precision}"] for name in MADE)
        plainly, alike = facts["times_plain"][precision], facts["times_kept"][precision]
        lines.append(f"  {precision:16s} {ours:9.2f} {plain:9.2f} {plainly:9.2f} {kept:20.2f} {alike:9.2f}")
    whole, by_round = facts["default_times_plain_float32"], facts["rounds_default_times_plain_float32"]
    spread = f"{min(by_round):.2f} to {max(by_round):.2f} by round"
    lines.append(f"as it trains by default ({facts['precision_by_default']}) against plain float32: {whole:.2f} times ({spread})")
    return "\n".join(lines)


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
