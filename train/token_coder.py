"""Models of tokens as calibration and evaluation ask them: an exported bundle, or a run's PyTorch weights, phrases in and out.

Each phrase keeps a chance of its own, named by its roll: the same roll gives the same chance. Knows nothing of what a phrase means.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from mvae.core.card import CARD_FILE, read_card
from mvae.core.chance import gumbel
from mvae.core.errors import UserError
from mvae.core.phrase import STEPS_PER_BAR
from mvae.core.tokens import STREAMS, VOCABULARY, Tokens

if TYPE_CHECKING:
    from mvae.live.token_decoder import TokenDecoder
    from mvae.train.model import MusicVAE

Points = NDArray[np.float32]  # (n, z)
Index = NDArray[np.int64]  # (n,)

BLOCK_STEPS = 4096  # of music at a time


class TokenCoder(Protocol):
    """Phrases to points and back. `noise` (n, steps, width) is standard Gumbel; without it the likeliest token is taken."""

    @property
    def kind(self) -> str: ...
    @property
    def bars(self) -> int: ...
    @property
    def z_size(self) -> int: ...

    def encode(self, tokens: Tokens) -> tuple[Points, Points]:
        """Tokens (n, steps, streams) -> mu, sigma (n, z)."""
        ...

    def decode(self, z: Points, noise: NDArray[np.float32] | None, temperature: float) -> Tokens:
        """Points (n, z) -> tokens (n, steps, streams), free-running."""
        ...


class BundleTokens:
    """An exported bundle, as the instrument runs it."""

    def __init__(self, decoder: "TokenDecoder"):
        self.decoder = decoder
        self.kind, self.bars, self.z_size = decoder.kind, decoder.bars, decoder.card.z_size

    def encode(self, tokens: Tokens) -> tuple[Points, Points]:
        return self.decoder.encode(tokens)

    def decode(self, z: Points, noise: NDArray[np.float32] | None, temperature: float) -> Tokens:
        return self.decoder.decode_batch(z, noise, temperature)


class TorchTokens:
    """A checkpoint's model, before it is exported."""

    def __init__(self, model: "MusicVAE"):
        self.model, config = model.eval(), model.config
        self.kind, self.bars, self.z_size = config.kind, config.bars, config.z_size

    def encode(self, tokens: Tokens) -> tuple[Points, Points]:
        import torch

        with torch.no_grad():
            mu, sigma = self.model.encode(torch.from_numpy(np.ascontiguousarray(tokens)))
        return np.asarray(mu.numpy()), np.asarray(sigma.numpy())

    def decode(self, z: Points, noise: NDArray[np.float32] | None, temperature: float) -> Tokens:
        import torch

        sizes = [VOCABULARY[name] for name in STREAMS[self.kind]]
        chance = torch.zeros(len(z), self.bars * STEPS_PER_BAR, sum(sizes)) if noise is None else torch.from_numpy(noise)
        said = self.model.sample(torch.from_numpy(np.ascontiguousarray(z)), list(torch.split(chance, sizes, -1)), temperature)
        return np.asarray(said.numpy(), np.int64)


def open_tokens(path: Path) -> "BundleTokens | TorchTokens":
    """The bundle of tokens in a folder with a card.toml; a run or checkpoint otherwise. UserError when it is neither."""
    if not path.exists():
        raise UserError(f"{path}: no bundle is there; give the folder that mvae-export wrote")
    if (path / CARD_FILE).is_file():
        from mvae.live.token_decoder import TokenDecoder

        return BundleTokens(TokenDecoder.open(path))
    from mvae.train import checkpoint
    from mvae.train.model import MusicVAE

    model = checkpoint.load(checkpoint.find(path)).model()
    if not isinstance(model, MusicVAE):
        raise UserError(f"{path}: a model of grooves where one of tokens belongs; give a melody, bass, drums or trio")
    return TorchTokens(model)


def kind_at(path: Path) -> str:
    """The kind of the bundle, run or checkpoint at `path`. UserError when it is none."""
    if (path / CARD_FILE).is_file():
        return read_card(path).kind
    if not path.exists():
        raise UserError(f"{path}: no bundle is there; give the folder that mvae-export wrote")
    from mvae.train import checkpoint

    return str(checkpoint.load(checkpoint.find(path)).config.model.kind)


def encode_tokens(coder: TokenCoder, tokens: Tokens) -> tuple[Points, Points]:
    """mu and sigma of any number of phrases, (n, z) each."""
    size, empty = _block(coder), np.zeros((0, coder.z_size), np.float32)
    blocks = [(empty, empty), *(coder.encode(tokens[at : at + size]) for at in range(0, len(tokens), size))]
    return np.concatenate([mu for mu, _ in blocks]), np.concatenate([sigma for _, sigma in blocks])


def decode_tokens(coder: TokenCoder, z: Points, temperature: float = 0.0, roll: Index | None = None) -> Tokens:
    """Tokens (n, steps, streams) of any number of points (n, z); `roll` (n,) names the chance of each, its own number unless given."""
    rolls, size = np.arange(len(z)) if roll is None else roll, _block(coder)
    blocks = [np.zeros((0, coder.bars * STEPS_PER_BAR, len(STREAMS[coder.kind])), np.int64)]
    for at in range(0, len(z), size):
        part = np.asarray(z[at : at + size], np.float32)
        noise = chance(rolls[at : at + size], coder.kind, coder.bars) if temperature > 0 else None
        blocks.append(coder.decode(part, noise, temperature))
    return np.concatenate(blocks)


def chance(rolls: Index, kind: str, bars: int) -> NDArray[np.float32]:
    """Frozen chance, standard Gumbel: (n, steps, width)."""
    steps, width = bars * STEPS_PER_BAR, sum(VOCABULARY[name] for name in STREAMS[kind])
    distinct, which = np.unique(rolls, return_inverse=True)
    drawn = [gumbel(0, int(roll), 0, steps * width).astype(np.float32).reshape(steps, width) for roll in distinct]
    return np.stack(drawn)[which]


def _block(coder: TokenCoder) -> int:
    return max(1, BLOCK_STEPS // (coder.bars * STEPS_PER_BAR))
