"""A training run on disk: safetensors only, written whole or not at all.

A checkpoint holds weights, Adam's moments and one record (config, step, figures); a bundle's `weights.safetensors` (float16) gives weights
to start from.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

from mvae.core.errors import UserError
from mvae.train.configs import TrainConfig, config_from_record, config_record
from mvae.train.model import GrooVAE, MusicVAE, model_of

FORMAT = 1
NOT_RECORDED = "what was before, if anything, is not recorded"
Leg = list[str | int | float]  # of a training: config, steps, hours, as JSON and a card can hold it
MOMENTS = ("exp_avg", "exp_avg_sq", "step")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    config: TrainConfig
    step: int  # optimiser steps done
    weights: dict[str, torch.Tensor]
    moments: dict[str, torch.Tensor]  # "NAME:exp_avg", ...; empty where only weights were kept
    facts: dict[str, Any] = field(default_factory=dict)

    def legs(self) -> list[Leg]:
        """Every run that these weights come from, the first first, this one last. Versions before this did not keep what was before."""
        before: list[Leg] = self.facts.get("began_from", [[NOT_RECORDED, 0, 0.0]])
        return [*before, [self.config.name, self.step, self.facts.get("hours", 0.0)]]

    def model(self) -> GrooVAE | MusicVAE:
        """The model with these weights, in evaluation mode."""
        model = model_of(self.config.model)
        model.load_state_dict({name: tensor.float() for name, tensor in self.weights.items()})
        return model.eval()


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Write atomically: a kill at any moment leaves the old file or the new one."""
    tensors = {f"weight/{name}": t for name, t in checkpoint.weights.items()}
    tensors |= {f"adam/{name}": t for name, t in checkpoint.moments.items()}
    record = {"format": FORMAT, "config": config_record(checkpoint.config), "step": checkpoint.step, "facts": checkpoint.facts}
    beside = path.with_suffix(".partial")
    save_file({name: t.detach().contiguous().cpu() for name, t in tensors.items()}, beside, metadata={"mvae": json.dumps(record)})
    os.replace(beside, path)


def load(path: Path) -> Checkpoint:
    """Read a checkpoint; UserError with the path when it is absent, truncated or of another format."""
    try:
        with safe_open(path, "pt") as file:
            record = json.loads((file.metadata() or {}).get("mvae", "null"))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    except (OSError, SafetensorError, json.JSONDecodeError) as error:
        raise UserError(f"{path}: cannot be read as a checkpoint ({error}); give a run folder or its .safetensors file") from error
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise UserError(f"{path}: format = {record and record.get('format')}: this version reads checkpoints of format {FORMAT}")
    part = {kind: {n.removeprefix(f"{kind}/"): t for n, t in tensors.items() if n.startswith(f"{kind}/")} for kind in ("weight", "adam")}
    return Checkpoint(config_from_record(record["config"]), record["step"], part["weight"], part["adam"], record["facts"])


def beginning(starts: Sequence[Checkpoint]) -> dict[str, Any]:
    """Facts of a run that begins with the weights of these: the runs before it, one that several come from once, and their sums."""
    legs = list[Leg]()
    for leg in (leg for start in starts for leg in start.legs()):
        if leg not in legs:
            legs.append(leg)
    return {"began_from": legs, "steps_before": sum(int(leg[1]) for leg in legs), "hours_before": sum(float(leg[2]) for leg in legs)}


def find(path: Path) -> Path:
    """The checkpoint a performer means: the file itself, or a run folder's best, else its latest."""
    if path.is_file():
        return path
    for name in ("best.safetensors", "checkpoint.safetensors"):
        if (path / name).is_file():
            return path / name
    raise UserError(f"{path}: no checkpoint is there; give a run folder (with best.safetensors or checkpoint.safetensors) or a file")


def moments_of(model: nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, torch.Tensor]:
    """Adam's moments under the names of their weights."""
    known = {name: optimizer.state[weight] for name, weight in model.named_parameters() if weight in optimizer.state}
    return {f"{name}:{key}": state[key] for name, state in known.items() for key in MOMENTS}


def restore_moments(model: nn.Module, optimizer: torch.optim.Optimizer, moments: dict[str, torch.Tensor]) -> None:
    """The inverse of `moments_of`."""
    for name, weight in model.named_parameters():
        if f"{name}:{MOMENTS[0]}" not in moments:
            continue  # a weight that did not learn
        optimizer.state[weight] = {key: moments[f"{name}:{key}"].to("cpu" if key == "step" else weight.device) for key in MOMENTS}
