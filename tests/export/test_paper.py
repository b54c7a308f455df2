"""Every published config at its full width and length, and the medium ones: forward, backward, ONNX, and a bar decoded by onnxruntime."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import torch

from mvae.core.bundle import WEIGHTS_FILE
from mvae.core.tokens import VOCABULARY
from mvae.export.bundle import stored_tensors, write_weights
from mvae.export.golden import some_noise, some_notes
from mvae.export.graph import BAR, export_graph, plans
from mvae.export.token_graph import token_plans
from mvae.live.providers import open_session
from mvae.train.checkpoint import Checkpoint
from mvae.train.configs import CONFIGS, ModelConfig, TrainConfig
from mvae.train.groove_lesson import weighed_losses
from mvae.train.model import FEATURES, GrooVAE, MusicVAE, model_of, one_step_late
from mvae.train.throughput import random_batch
from mvae.train.token_lesson import token_losses

Arrays = list[np.ndarray[Any, Any]]
SHOWN = [name for name in CONFIGS if name == "groove_4bar" or "_paper" in name or "_magenta" in name or "_medium" in name]
THREADS = 2


def of_one_model() -> Mapping[ModelConfig, list[TrainConfig]]:
    """Configs that differ in training alone share a model."""
    configs = [CONFIGS[name] for name in SHOWN]
    return {config.model: [other for other in configs if other.model == config.model] for config in configs}


@contextmanager
def threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("configs", of_one_model().values(), ids=lambda configs: "-".join(config.name for config in configs))
def test_a_named_config_learns_is_exported_and_decodes(configs: list[TrainConfig], tmp_path: Path) -> None:
    with threads(THREADS):
        torch.manual_seed(0)
        model = model_of(configs[0].model)
        for config in configs:
            every_weight_learns(config, model)
        checkpoint = Checkpoint(configs[0], 0, model.state_dict(), {}, {})
        with torch.no_grad():
            if configs[0].model.streams:
                a_bar_of_tokens_decodes_as_the_model_says_it(checkpoint, tmp_path)
            else:
                a_bar_of_groove_decodes_as_the_model_says_it(checkpoint, tmp_path)


def every_weight_learns(config: TrainConfig, model: GrooVAE | MusicVAE) -> None:
    """One phrase forward and backward, in bfloat16 as it is trained here, with the knobs turned where there are some."""
    one = replace(config, batch=1)
    with torch.autocast("cpu", torch.bfloat16):
        if isinstance(model, MusicVAE):
            losses = token_losses(one, model, random_batch(one, torch.device("cpu")), 0.5)
        else:
            notes = torch.from_numpy(some_notes(1, config.model.steps))
            batch = {"notes": notes, "noise": torch.zeros(1, config.model.z_size), "keep": torch.ones_like(notes)}
            losses = weighed_losses(one, model, batch, 0.5)
    losses["loss"].sum().backward()  # type: ignore[no-untyped-call]
    assert torch.isfinite(losses["loss"]).all()
    for name, weight in model.named_parameters():
        assert weight.grad is not None and torch.isfinite(weight.grad).all(), name
    model.zero_grad(set_to_none=True)


class Exported:
    """The graphs of a checkpoint, each exported when it is first asked for, and the model with the same rounded weights."""

    def __init__(self, checkpoint: Checkpoint, folder: Path):
        self.folder, self.weights = folder, folder / WEIGHTS_FILE
        self.model = write_weights(checkpoint, self.weights).eval()
        self.plans = token_plans(self.model) if isinstance(self.model, MusicVAE) else plans(self.model)
        self.stored = stored_tensors(self.weights)

    def run(self, role: str, **inputs: np.ndarray[Any, Any]) -> Arrays:
        path = self.folder / f"{role}.onnx"
        export_graph(self.plans[role], path, self.weights, self.stored)
        return cast(Arrays, open_session(path, "cpu", THREADS).run(None, inputs))


def a_bar_of_tokens_decodes_as_the_model_says_it(checkpoint: Checkpoint, folder: Path) -> None:
    """Encoder, conductor, start and decoder as onnxruntime runs them, against PyTorch."""
    exported = Exported(checkpoint, folder)
    model = cast(MusicVAE, exported.model)
    streams, rng = model.config.streams, np.random.default_rng(0)
    tokens = torch.stack([torch.randint(VOCABULARY[stream], (1, model.config.steps)) for stream in streams], -1)
    mu = exported.run("encoder", tokens=tokens.numpy())[0]
    posterior = model.encode(tokens)
    assert mu == pytest.approx(posterior.mu.numpy(), abs=1e-4)
    lead = model.lead(posterior.mu)
    c = exported.run("conductor", z=posterior.mu.numpy())[0] if model.config.hierarchical else lead.numpy()
    assert c == pytest.approx(lead.numpy(), abs=1e-4)
    nothing = np.array([[VOCABULARY[stream] for stream in streams]])
    noise = rng.gumbel(size=(1, BAR, int(nothing.sum()))).astype(np.float32)
    free = {"forced": np.zeros((1, BAR, len(streams)), np.int64), "forced_mask": np.zeros((1, BAR, len(streams)), bool)}
    state = exported.run("start", c=c[:, 0])[0]
    heat = np.ones(len(streams), np.float32)
    bar, logits, *_ = exported.run("decoder", c=c[:, 0], state=state, previous=nothing, noise=noise, temperature=heat, **free)
    whole = torch.cat([torch.from_numpy(bar), tokens[:, BAR:]], 1)
    own = torch.full(whole.shape, model.config.hears == "own")
    heard = [model.heard(whole, n, own)[:, :BAR] for n in range(len(streams))]
    said = [decoder(lead[:, 0], steps)[0] for decoder, steps in zip(model.by_stream(), heard, strict=True)]
    assert logits == pytest.approx(torch.cat(said, -1).numpy(), abs=1e-3)
    drawn = np.split(logits + noise, np.cumsum([VOCABULARY[stream] for stream in streams])[:-1], -1)
    assert np.array_equal(bar, np.stack([scores.argmax(-1) for scores in drawn], -1))


def a_bar_of_groove_decodes_as_the_model_says_it(checkpoint: Checkpoint, folder: Path) -> None:
    """Encoder, start and decoder as onnxruntime runs them, against PyTorch."""
    exported = Exported(checkpoint, folder)
    model = cast(GrooVAE, exported.model)
    notes = some_notes(1, model.config.steps)
    mu, sigma = exported.run("encoder", notes=notes)
    posterior = model.encode(torch.from_numpy(notes))
    assert mu == pytest.approx(posterior.mu.numpy(), abs=1e-4) and sigma == pytest.approx(posterior.sigma.numpy(), abs=1e-4)
    noise, silence = some_noise(1, BAR), np.zeros((1, FEATURES), np.float32)
    free = {"forced": np.zeros((1, BAR, FEATURES), np.float32), "forced_mask": np.zeros(noise.shape, bool)}
    chance = {"noise": noise, "temperature": np.ones(1, np.float32)}
    bar, said, *_ = exported.run("decoder", c=mu, state=exported.run("start", z=mu)[0], previous=silence, **chance, **free)
    expected, _ = model.decode(posterior.mu, one_step_late(torch.from_numpy(bar)))
    assert said == pytest.approx(torch.cat(list(expected), -1).numpy(), abs=1e-3)
    hits = (said[..., :9] + np.log(noise / (1 - noise)) > 0).astype(np.float32)
    assert 0 < hits.mean() < 1 and np.array_equal(bar[..., :9], hits)
    assert bar[..., 9:] == pytest.approx(np.tile(hits, 2) * said[..., 9:], abs=1e-6)
