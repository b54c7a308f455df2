"""What evaluation and calibration ask of a model, and the two that answer: an exported bundle, and a run's PyTorch weights.

Figures that are published are the bundle's; a run answers the same questions before it is exported.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mvae.core.bundle import LATENTS_FILE, read_arrays, with_latents
from mvae.core.card import CARD_FILE
from mvae.core.errors import UserError

if TYPE_CHECKING:
    from mvae.core.latent import Space
    from mvae.live.decoder import Decoder
    from mvae.train.model import GrooVAE

Array = NDArray[np.float32]

BLOCK = 256  # phrases at a time


class Coder(Protocol):
    """Phrases to points and back. `uniform` (n, steps, 9) in (0, 1) is the chance of the hits; temperature 0 ignores it."""

    bars: int
    z_size: int

    def encode(self, notes: Array) -> tuple[Array, Array]:
        """Notes (n, steps, 27) -> mu, sigma (n, z)."""
        ...

    def decode(self, z: Array, uniform: Array | None = None, temperature: float = 0.0) -> Array:
        """Points (n, z) -> notes (n, steps, 27), free-running."""
        ...


class BundleCoder:
    """An exported bundle, as the instrument runs it."""

    def __init__(self, decoder: "Decoder"):
        self.decoder = decoder
        self.bars, self.z_size = decoder.bars, decoder.card.z_size

    @property
    def space(self) -> "Space":
        return self.decoder.space

    def encode(self, notes: Array) -> tuple[Array, Array]:
        return self.decoder.encode(notes)

    def decode(self, z: Array, uniform: Array | None = None, temperature: float = 0.0) -> Array:
        return self.decoder.decode_batch(z, uniform, temperature)


class TorchCoder:
    """A checkpoint's model, before it is exported."""

    def __init__(self, model: "GrooVAE"):
        self.model = model.eval()
        self.bars, self.z_size = model.config.bars, model.config.z_size

    def encode(self, notes: Array) -> tuple[Array, Array]:
        import torch

        with torch.no_grad():
            mu, sigma = self.model.encode(torch.from_numpy(np.ascontiguousarray(notes)))
        return np.asarray(mu.numpy()), np.asarray(sigma.numpy())

    def decode(self, z: Array, uniform: Array | None = None, temperature: float = 0.0) -> Array:
        import torch

        chance = np.full((len(z), 16 * self.bars, 9), 0.5, np.float32) if uniform is None else uniform
        return np.asarray(self.model.sample(torch.from_numpy(np.ascontiguousarray(z)), torch.from_numpy(chance), temperature).numpy())


def open_coder(path: Path) -> "BundleCoder | TorchCoder":
    """The bundle in a folder with a card.toml; a run or checkpoint otherwise. UserError when it is neither."""
    if not path.exists():
        raise UserError(f"{path}: no bundle is there; give the folder that mvae-export wrote")
    if (path / CARD_FILE).is_file():
        from mvae.live.decoder import Decoder

        return BundleCoder(Decoder.open(path))
    from mvae.train import checkpoint
    from mvae.train.model import GrooVAE

    model = checkpoint.load(checkpoint.find(path)).model()
    if not isinstance(model, GrooVAE):
        raise UserError(f"{path}: a model of {model.config.kind} where one of grooves belongs; give a run of a groove config")
    return TorchCoder(model)


def keep_facts(folder: Path, facts: Mapping[str, Any]) -> None:
    """Write measured facts into a bundle's card; its latents stay as they are. UserError when `folder` is a run."""
    if not (folder / CARD_FILE).is_file():
        raise UserError(f"{folder}: a run has no card to keep figures in; export it first (mvae-export)")
    latents = folder / LATENTS_FILE
    with_latents(folder, read_arrays(latents) if latents.is_file() else {}, facts)


def encode_all(coder: Coder, notes: Array) -> tuple[Array, Array]:
    """mu and sigma of any number of phrases, (n, z) each."""
    blocks = [coder.encode(notes[at : at + BLOCK]) for at in range(0, len(notes), BLOCK)]
    empty = np.zeros((0, coder.z_size), np.float32)
    return np.concatenate([mu for mu, _ in blocks] or [empty]), np.concatenate([sigma for _, sigma in blocks] or [empty])


def decode_all(coder: Coder, z: Array, uniform: Array | None = None, temperature: float = 0.0) -> Array:
    """Notes (n, steps, 27) of any number of points (n, z). `uniform` (steps, 9) is one chance for all, (n, steps, 9) one each."""
    blocks = [np.zeros((0, 16 * coder.bars, 27), np.float32)]
    for at in range(0, len(z), BLOCK):
        part = np.asarray(z[at : at + BLOCK], np.float32)
        chance = uniform[at : at + BLOCK] if uniform is not None and uniform.ndim == 3 else uniform
        whole = None if chance is None else np.ascontiguousarray(np.broadcast_to(chance, (len(part), 16 * coder.bars, 9)), dtype=np.float32)
        blocks.append(coder.decode(part, whole, temperature))
    return np.concatenate(blocks)
