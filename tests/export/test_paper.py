"""Every published config at its full width and length: forward, backward, ONNX, and a bar decoded by onnxruntime."""

from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest
import torch

from mvae.core.bundle import WEIGHTS_FILE
from mvae.core.tokens import VOCABULARY
from mvae.export.bundle import stored_tensors, write_weights
from mvae.export.graph import BAR, export_graph
from mvae.export.token_graph import token_plans
from mvae.live.providers import open_session
from mvae.train.checkpoint import Checkpoint
from mvae.train.configs import CONFIGS
from mvae.train.model import MusicVAE, model_of
from mvae.train.throughput import random_batch
from mvae.train.token_lesson import token_losses

PAPER = sorted(name for name in CONFIGS if "_paper" in name)
THREADS = 2


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", PAPER)
def test_a_published_config_learns_is_exported_and_decodes(name: str, tmp_path: Path) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(THREADS)
    try:
        torch.manual_seed(0)
        model = cast(MusicVAE, model_of(CONFIGS[name].model))
        every_weight_learns(name, model)
        a_bar_decodes_as_the_model_says_it(name, model, tmp_path)
    finally:
        torch.set_num_threads(before)


def every_weight_learns(name: str, model: MusicVAE) -> None:
    """One phrase forward and backward, in bfloat16 as it is trained here."""
    config = replace(CONFIGS[name], batch=1)
    with torch.autocast("cpu", torch.bfloat16):
        losses = token_losses(config, model, random_batch(config, torch.device("cpu")), 0.5)
    losses["loss"].sum().backward()  # type: ignore[no-untyped-call]
    assert torch.isfinite(losses["loss"]).all()
    for weight_name, weight in model.named_parameters():
        assert weight.grad is not None and torch.isfinite(weight.grad).all(), weight_name
    model.zero_grad(set_to_none=True)


@torch.no_grad()
def a_bar_decodes_as_the_model_says_it(name: str, trained: MusicVAE, folder: Path) -> None:
    """Encoder, conductor, start and decoder as onnxruntime runs them, against PyTorch with the same rounded weights."""
    weights = folder / WEIGHTS_FILE
    model = cast(MusicVAE, write_weights(Checkpoint(CONFIGS[name], 0, trained.state_dict(), {}, {}), weights)).eval()
    streams, rng = model.config.streams, np.random.default_rng(0)
    plans, stored = token_plans(model), stored_tensors(weights)

    def run(role: str, **inputs: np.ndarray) -> list[np.ndarray]:
        export_graph(plans[role], folder / f"{role}.onnx", weights, stored)
        return cast(list[np.ndarray], open_session(folder / f"{role}.onnx", "cpu", THREADS).run(None, inputs))

    tokens = torch.stack([torch.randint(VOCABULARY[stream], (1, model.config.steps)) for stream in streams], -1)
    mu = run("encoder", tokens=tokens.numpy())[0]
    posterior = model.encode(tokens)
    assert mu == pytest.approx(posterior.mu.numpy(), abs=1e-4)
    lead = model.lead(posterior.mu)
    c = run("conductor", z=posterior.mu.numpy())[0] if model.config.hierarchical else lead.numpy()
    assert c == pytest.approx(lead.numpy(), abs=1e-4)
    nothing = np.array([[VOCABULARY[stream] for stream in streams]])
    noise = rng.gumbel(size=(1, BAR, int(nothing.sum()))).astype(np.float32)
    free = {"forced": np.zeros((1, BAR, len(streams)), np.int64), "forced_mask": np.zeros((1, BAR, len(streams)), bool)}
    state = run("start", c=c[:, 0])[0]
    heat = np.ones(len(streams), np.float32)
    bar, logits, *_ = run("decoder", c=c[:, 0], state=state, previous=nothing, noise=noise, temperature=heat, **free)
    whole = torch.cat([torch.from_numpy(bar), tokens[:, BAR:]], 1)
    heard = [model.heard(whole, n)[:, :BAR] for n in range(len(streams))]
    said = [decoder(lead[:, 0], steps)[0] for decoder, steps in zip(model.by_stream(), heard, strict=True)]
    assert logits == pytest.approx(torch.cat(said, -1).numpy(), abs=1e-3)
    drawn = np.split(logits + noise, np.cumsum([VOCABULARY[stream] for stream in streams])[:-1], -1)
    assert np.array_equal(bar, np.stack([scores.argmax(-1) for scores in drawn], -1))
