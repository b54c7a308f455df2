"""A trained model as a bundle: weights in float16, three graphs, golden pair, card; and latents added to a bundle later.

A bundle is written into a folder beside its place and moved there whole, once onnxruntime has been found to agree with PyTorch.
Knows nothing of training or of what the latents mean.
"""

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mvae.core.bundle import GOLDEN_FILE, WEIGHTS_FILE, Array, replacing, seal, with_latents, write_arrays
from mvae.core.card import CARD_FILE, Graph, ModelCard
from mvae.core.errors import UserError
from mvae.core.tokens import STREAMS, VOCABULARY
from mvae.export.golden import Agreement, agreement, golden_pair
from mvae.export.graph import Plan, Stored, export_graph, plans
from mvae.export.token_golden import token_agreement, token_golden_pair
from mvae.export.token_graph import token_plans
from mvae.live.decoder import Decoder
from mvae.live.token_decoder import TokenDecoder
from mvae.train import checkpoint as checkpoints
from mvae.train.checkpoint import Checkpoint
from mvae.train.configs import config_record
from mvae.train.model import VOICES, GrooVAE, MusicVAE

__all__ = ["stored_tensors", "with_latents", "write_bundle"]

LEAD_MS, TRIO_LEAD_MS = 20.0, 40.0
DEFAULT_TEMPERATURE = 0.5
WEIGHT_PREFIX = "weight/"  # of a weight's name in a checkpoint file


def write_bundle(
    checkpoint: Checkpoint, folder: Path, name: str, latents: Mapping[str, Array] | None = None, facts: Mapping[str, Any] | None = None
) -> Agreement:
    """Export a checkpoint as the bundle `folder`, replacing the bundle that is there.

    UserError when `folder` is something else, when latents or facts do not fit, or when PyTorch and onnxruntime disagree:
    then nothing is written.
    """
    if folder.exists() and not (folder / CARD_FILE).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f"{folder}: is there and is no bundle; choose another folder")
    with replacing(folder) as beside:
        model = write_weights(checkpoint, beside / WEIGHTS_FILE)
        graphs = token_plans(model) if isinstance(model, MusicVAE) else plans(model)
        stored = stored_tensors(beside / WEIGHTS_FILE)
        for role, plan in graphs.items():
            export_graph(plan, beside / f"{role}.onnx", beside / WEIGHTS_FILE, stored)
        write_arrays(beside / GOLDEN_FILE, token_golden_pair(model) if isinstance(model, MusicVAE) else golden_pair(model))
        seal(beside, card_of(checkpoint, name, graphs))
        if isinstance(model, MusicVAE):
            found = token_agreement(model, TokenDecoder.open(beside, "cpu"))
        else:
            found = agreement(model, Decoder.open(beside, "cpu"))
        if not found.holds:
            raise UserError(f"{folder}: not written: {found}")
        if latents or facts:
            with_latents(beside, latents or {}, facts or {})
    return found


def write_weights(checkpoint: Checkpoint, path: Path) -> GrooVAE | MusicVAE:
    """Store the weights as float16, without the optimiser's moments, and return the model that has exactly these weights."""
    halves = {name: weight.half() for name, weight in checkpoint.weights.items()}
    rounded = dataclasses.replace(checkpoint, weights=halves, moments={})
    checkpoints.save(path, rounded)
    return rounded.model()


def stored_tensors(path: Path) -> dict[str, Stored]:
    """Where each weight lies in a safetensors file: 8 bytes of header length, the header as JSON, then the data it points into."""
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
    begin = 8 + length
    return {
        name.removeprefix(WEIGHT_PREFIX): Stored(begin + first, last - first, tuple(entry["shape"]))
        for name, entry in header.items()
        if name != "__metadata__"
        for first, last in [entry["data_offsets"]]
    }


def card_of(checkpoint: Checkpoint, name: str, graphs: Mapping[str, Plan]) -> ModelCard:
    config, sizes = checkpoint.config, checkpoint.config.model
    shapes = {role: [{door.name: door.shape for door in doors} for doors in (plan.inputs, plan.outputs)] for role, plan in graphs.items()}
    facts = {key: value for key, value in checkpoint.facts.items() if value is not None}
    streams = STREAMS.get(sizes.kind, ())
    if streams:
        noise: dict[str, tuple[int | str, ...]] = {"tokens": ("steps", sum(VOCABULARY[stream] for stream in streams))}
    else:
        noise = {"hits": ("steps", VOICES), "feel": ("steps", 2 * VOICES)}
    return ModelCard(
        name=name,
        kind=sizes.kind,
        bars=sizes.bars,
        steps=sizes.steps,
        z_size=sizes.z_size,
        voices=len(streams) or VOICES,
        parts=streams or ("drums",),
        lead_ms=TRIO_LEAD_MS if len(streams) > 1 else LEAD_MS,
        temperature=DEFAULT_TEMPERATURE,
        noise=noise,
        vocabulary=tuple(VOCABULARY[stream] for stream in streams),
        graphs={role: Graph(f"{role}.onnx", inputs, outputs) for role, (inputs, outputs) in shapes.items()},
        hears=sizes.encoder_hears,
        training={"config": config_record(config), "steps": checkpoint.step, **facts},
    )
