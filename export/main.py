"""`mvae-export RUN BUNDLE`: a trained model as a bundle that `mvae-live` plays.

Knows only its arguments; see `mvae.export.bundle` for what is written and when it is refused.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mvae.core.bundle import LATENTS_FILE, read_arrays
from mvae.core.errors import Parser, UserError, command


def parser() -> argparse.ArgumentParser:
    options = Parser(prog="mvae-export", description="Write a trained model as a bundle that mvae-live plays.")
    options.add_argument("run", type=Path, metavar="RUN", help="a run folder of mvae-train, or a checkpoint file")
    options.add_argument("bundle", type=Path, metavar="BUNDLE", help="the folder to write; a bundle that is there is replaced")
    options.add_argument("--latents", type=Path, metavar="FILE.npz", help=f"anchors, fills, axes, prior and feel to ship as {LATENTS_FILE}")
    options.add_argument("--facts", type=Path, metavar="FILE.json", help="facts for the card: training, figures, axes, temperature")
    options.add_argument("--name", help="the bundle's name (default: the folder's)")
    return options


def run(arguments: Sequence[str]) -> int:
    chosen = parser().parse_args(arguments)
    for path in (chosen.run, chosen.latents, chosen.facts):
        if path is not None and not path.exists():
            raise UserError(f"{path}: is not there; give a run of mvae-train, and files that exist")
    import torch  # after the arguments are read: it takes seconds

    from mvae.export.bundle import write_bundle
    from mvae.train import checkpoint as checkpoints

    torch.set_num_threads(1)
    latents = read_arrays(chosen.latents) if chosen.latents else None
    name = chosen.name or chosen.bundle.resolve().name
    agreement = write_bundle(checkpoints.load(checkpoints.find(chosen.run)), chosen.bundle, name, latents, read_facts(chosen.facts))
    size = sum(path.stat().st_size for path in chosen.bundle.iterdir())
    print(f"{agreement}\n{chosen.bundle}: {name}, {size / 1e6:.1f} MB")
    return 0


def read_facts(path: Path | None) -> dict[str, Any]:
    """The facts of a JSON file, none without one; UserError when it is no JSON object."""
    if path is None:
        return {}
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: not JSON ({error}); give an object of facts") from error
    if not isinstance(facts, dict):
        raise UserError(f"{path}: not a JSON object; give an object of facts")
    return facts


def main() -> int:
    return command(run, "mvae-export")
