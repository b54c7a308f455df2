"""`mvae-live bench --decode`: what a decode costs on one CPU core, of each bundle that comes with mvae, against what is allowed and beside
the same weights in eager PyTorch, measured in the midst of it. Knows nothing of patches, ports or clocks.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from mvae.core.phrase import STEPS_PER_BAR
from mvae.live.bench import decode_row, tell
from mvae.live.bench_table import PROMISES, Promises, Record, decode_lines, promises
from mvae.live.hops import REPEAT, Decoding, eager_ms
from mvae.live.machine import describe
from mvae.live.models import Asked, model_of
from mvae.live.offline import find_bundle, shipped_bundles
from mvae.live.token_decoder import open_decoder

WARM_UP = 3
TEMPERATURE = 0.5
DECODES: Promises = {"decode_ms": PROMISES["decode_ms"]}


def bench_decode(chosen: argparse.Namespace) -> int:
    """The command `mvae-live bench --decode [BUNDLE...]`."""
    folders, machine = [find_bundle(name) for name in chosen.decode or shipped_bundles()], describe()
    measured = []
    for folder in folders:
        tell(f"decodes of {folder.name}")
        measured.append(measure(folder))
    record = record_of(machine, [one for one, _ in measured], [why for _, why in measured])
    print(json.dumps(record, indent=1) if chosen.json else table(record))
    return 0


def measure(folder: Path) -> tuple[Decoding, str]:
    """Decodes of a bundle on one thread of the CPU, a phrase or a bar where bars are decoded, each at a point of its own, with PyTorch's
    between two halves of them; and why there is none of PyTorch's, or nothing. UserError for a bundle that cannot be played."""
    decoder = open_decoder(folder, "cpu")
    model = model_of(decoder)
    found, why, draw = Decoding(decoder.card.name, model.steps // STEPS_PER_BAR, len(model.streams)), "", np.random.default_rng(1)
    for turn in range(-WARM_UP, 2 * REPEAT):
        if turn == 0:
            found.ms.clear()
        elif turn == REPEAT:
            found.torch_ms, why = eager_ms(folder, found.bars)
        z = draw.standard_normal(decoder.card.z_size).astype(np.float32)
        asked = Asked(z.tobytes(), (TEMPERATURE,) * found.streams, 0, 0.0, 0)
        with found.timed():
            model.decode(asked, 1, 0, turn % model.units, 1, None, None)
    return found, why


def record_of(machine: Record, measured: list[Decoding], reasons: list[str]) -> Record:
    """All figures, in ms, whether each is within what is allowed, and what is missing."""
    record: Record = {"machine": machine, "decodes": [decode_row(one) for one in measured]}
    record["promises"] = promises(record, DECODES)
    record["remarks"] = [f"no PyTorch: {why}" for why in dict.fromkeys(reasons) if why]
    return record


def table(record: Record) -> str:
    """The record as a performer reads it."""
    machine = record["machine"]
    head = f"{machine['cpu']}, one of {machine['cores']} cores, {machine['system']}, load {machine['load']} before the start"
    return "\n".join([head, f"onnxruntime {machine['onnxruntime']}", "", *decode_lines(record["decodes"]), *record["remarks"]])
