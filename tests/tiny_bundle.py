"""A real bundle for tests, small and untrained: exported once for each test process."""

import atexit
import functools
import importlib.util
import shutil
import tempfile
from pathlib import Path

import numpy as np

from mvae.core.bundle import Arrays
from mvae.core.latent import KNOB_POINTS
from tests.parts import need

Z = 16


@functools.cache
def tiny_bundle(hears: str = "own") -> Path:
    """A 2-bar bundle without latents, whose decoder hears its own tokens or only what is forced. Copy its folder before changing it."""
    need("the exporter", all(importlib.util.find_spec(name) for name in ("torch", "onnx", "onnxscript")), "pip install .[export]")
    from mvae.export.bundle import write_bundle

    folder = Path(tempfile.mkdtemp(prefix="mvae-tiny-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    write_bundle(tiny_checkpoint(hears=hears), folder / "tiny", "tiny")
    return folder / "tiny"


def tiny_checkpoint(encoder_layers: int = 1, decoder_layers: int = 2, seed: int = 0, hears: str = "own"):  # type: ignore[no-untyped-def]
    """Weights from chance, large enough that hits, velocities and offsets differ from step to step."""
    import torch

    from mvae.train.checkpoint import Checkpoint
    from mvae.train.configs import ModelConfig, TrainConfig
    from mvae.train.model import GrooVAE

    sizes = ModelConfig(
        bars=2, z_size=Z, encoder_size=16, encoder_layers=encoder_layers, decoder_size=16, decoder_layers=decoder_layers, hears=hears
    )  # fmt: skip
    torch.manual_seed(seed)
    weights = {name: 3 * weight for name, weight in GrooVAE(sizes).state_dict().items()}
    return Checkpoint(TrainConfig(name="tiny", model=sizes, steps=0), 0, weights, {}, {"hours": 0.0, "figure": None})


def tiny_token_bundle(kind: str = "melody", bars: int = 2, hierarchical: bool = False, **sizes: int | str) -> Path:
    """A bundle of tokens with latents of no musical meaning; `sizes` are fields of a ModelConfig. Copy its folder before changing it."""
    return _token_bundle(kind, bars, hierarchical, tuple(sorted(sizes.items())))


@functools.cache  # of what is asked for, however it is said
def _token_bundle(kind: str, bars: int, hierarchical: bool, sizes: tuple[tuple[str, int | str], ...]) -> Path:
    need("the exporter", all(importlib.util.find_spec(name) for name in ("torch", "onnx", "onnxscript")), "pip install .[export]")
    from mvae.export.bundle import write_bundle

    folder = Path(tempfile.mkdtemp(prefix="mvae-tiny-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    latents = {name: array for name, array in tiny_latents().items() if not name.startswith(("fill", "feel"))}
    write_bundle(tiny_token_checkpoint(kind, bars, hierarchical, **dict(sizes)), folder / "tiny", "tiny", latents)
    return folder / "tiny"


def tiny_token_checkpoint(kind: str, bars: int, hierarchical: bool, seed: int = 0, **sizes):  # type: ignore[no-untyped-def]
    """Weights from chance, large enough that tokens differ from step to step. One layer for each stream: a graph has a cell for each
    layer, stream and step, and its export takes as long as it is large."""
    import torch

    from mvae.train.checkpoint import Checkpoint
    from mvae.train.configs import ModelConfig, TrainConfig
    from mvae.train.model import MusicVAE

    small = {"z_size": Z, "encoder_size": 16, "decoder_size": 16, "decoder_layers": 1, "input_size": 16}
    config = ModelConfig(**{**small, "bars": bars, "kind": kind, "conductor_size": 16 if hierarchical else 0, **sizes})
    torch.manual_seed(seed)
    weights = {name: 3 * weight for name, weight in MusicVAE(config).state_dict().items()}
    return Checkpoint(TrainConfig(name="tiny", model=config, steps=0), 0, weights, {}, {"hours": 0.0, "figure": None})


def tiny_latents(seed: int = 0) -> Arrays:
    """Latents of every kind for the tiny bundle, of no musical meaning."""
    draw = np.random.default_rng(seed)
    knob = np.linspace(-2, 2, KNOB_POINTS)
    return {
        "anchor_names": np.array(["funk", "rock"]), "anchors": draw.normal(size=(2, Z)).astype(np.float32),
        "fill_names": np.array(["roll"]), "fills": draw.normal(size=(1, Z)).astype(np.float32),
        "axis_names": np.array(["density"]), "axis_direction": draw.normal(size=(1, Z)).astype(np.float32),
        "axis_knob": knob, "axis_step": 0.5 * knob[None], "axis_low": np.array([-2.0]), "axis_high": np.array([1.5]),
        "mixture_weight": np.array([0.25, 0.75]), "mixture_mean": draw.normal(size=(2, Z)), "mixture_sd": np.ones((2, Z)),
        "feel_velocity_sd": np.full(9, 0.1), "feel_offset_sd": np.full(9, 0.2),
    }
