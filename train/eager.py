"""Decode times of a bundle's weights in eager PyTorch, on one thread: what the exported graphs are compared with.

`python -m mvae.train.eager --bundle B --repeat N` prints one JSON object. `mvae-live bench` runs it as a process of its own, so that the
instrument never imports torch. The weights are the bundle's, in float32, and each decode is one phrase at batch 1 with chance; with
`--bars N` its first bars alone, which of a hierarchical model is what the instrument asks for: all bars at once are one batch, and cheap.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import torch

from mvae.core.bundle import WEIGHTS_FILE
from mvae.core.errors import command
from mvae.core.phrase import STEPS_PER_BAR
from mvae.core.tokens import VOCABULARY
from mvae.train import checkpoint
from mvae.train.model import VOICES, GrooVAE, MusicVAE

SEED = 1
WARM_UP = 3
TEMPERATURE = 0.5


def decode_times_ms(model: GrooVAE | MusicVAE, repeat: int, bars: int) -> list[float]:
    """How long each of `repeat` decodes of so many bars took, in milliseconds, each from a point and with chance of its own."""
    draw = torch.Generator().manual_seed(SEED)
    times_ms = []
    for turn in range(WARM_UP + repeat):
        z = torch.randn(1, model.config.z_size, generator=draw)
        streams, steps = model.config.streams, bars * STEPS_PER_BAR
        uniform = [torch.rand(1, steps, VOCABULARY[name], generator=draw).clamp(1e-6, 1 - 1e-6) for name in streams]
        uniform = uniform or [torch.rand(1, steps, VOICES, generator=draw).clamp(1e-6, 1 - 1e-6)]
        begin_s = time.perf_counter()
        if isinstance(model, MusicVAE):
            model.sample(z, [-torch.log(-torch.log(u)) for u in uniform], TEMPERATURE)
        else:
            model.sample(z, uniform[0], TEMPERATURE)
        if turn >= WARM_UP:
            times_ms.append((time.perf_counter() - begin_s) * 1000)
    return times_ms


def run(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m mvae.train.eager", description="Decode times in eager PyTorch, one thread.")
    parser.add_argument("--bundle", type=Path, required=True, help="a bundle's folder")
    parser.add_argument("--repeat", type=int, default=100, metavar="N")
    parser.add_argument("--bars", type=int, metavar="N", help="of a phrase (all)")
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(1)
    model = checkpoint.load(chosen.bundle / WEIGHTS_FILE).model()
    bars = min(chosen.bars or model.config.bars, model.config.bars)
    times_ms = decode_times_ms(model, chosen.repeat, bars)
    print(json.dumps({"ms": times_ms, "bars": bars, "torch": torch.__version__, "threads": torch.get_num_threads()}))
    return 0


if __name__ == "__main__":
    sys.exit(command(run, "mvae.train.eager"))
