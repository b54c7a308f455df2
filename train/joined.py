"""How a model of many bars begins from a model of one: bars are read and said as that does it, and z is what their codes have in common.

The codes of a phrase, side by side and each in units of its posterior's spread, are turned to their principal components. The first of
them, scaled to unit variance, are z, and the way back is the transpose. So a phrase is heard through z from the first step, and training
goes on from there. Probabilistic PCA: Tipping and Bishop 1999.
"""

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from mvae.train.lesson import Batch
from mvae.train.model import MusicVAE

PHRASES_PER_WIDTH = 6  # that the components are taken from, at least, for each number in the codes of a phrase


def code_of_bars(model: MusicVAE, weights: Sequence[Mapping[str, Tensor]]) -> Mapping[str, Tensor] | None:
    """Those of the `weights` that are a one-bar model's of the same code; None where there are none, or the model's bars have no codes."""
    own = {"to_mu.weight": model.to_bar.weight.shape, "to_mu.bias": model.to_bar.bias.shape} if model.config.bar_size else {}
    return next((given for given in weights if own and all(given[name].shape == shape for name, shape in own.items())), None)


@torch.no_grad()
def join(model: MusicVAE, one_bar: Mapping[str, Tensor], batch: Sequence[Batch]) -> float:
    """Set the model's ways from bars to z and back. `batch` holds what the components are taken from.

    Gives the share of the codes' variance, in units of their posterior's spread, that z keeps.
    """
    mu, spread = bar_codes(model, one_bar, [each["tokens"] for each in batch])
    scaled = mu / spread  # (phrases, bars * code)
    middle = scaled.mean(0)
    values, vectors = torch.linalg.eigh(torch.cov(scaled.T.double()))  # rising
    kept = min(model.config.z_size, len(values))
    deviation = values[-kept:].clamp(min=1e-12).sqrt().float()
    basis = vectors[:, -kept:].float()  # (bars * code, kept)
    model.to_bar.weight.copy_(one_bar["to_mu.weight"])
    model.to_bar.bias.copy_(one_bar["to_mu.bias"])
    model.to_mu.weight[:kept] = (basis / deviation).T / spread
    model.to_mu.bias[:kept] = -(basis / deviation).T @ middle
    # a code's own spread is 1 in its units: that of a component, in units of its deviation
    model.to_sigma.weight.mul_(0.1)
    model.to_sigma.bias[:kept] = softplus_of((1 / deviation).clamp(max=1))
    if model.config.hierarchical:
        model.to_bars.weight[:, :kept] = basis * deviation * spread[:, None]
        model.to_bars.bias.copy_(middle * spread)
    return float(values[-kept:].sum() / values.sum())


def bar_codes(model: MusicVAE, one_bar: Mapping[str, Tensor], batches: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """The codes of phrases, and the mean spread of their posteriors: (phrases, bars * code), (bars * code,)."""
    codes, spreads = list[Tensor](), list[Tensor]()
    for tokens in batches:
        states = model.bar_states(model.read(tokens.to(model.to_mu.weight.device)))
        codes.append(F.linear(states, one_bar["to_mu.weight"], one_bar["to_mu.bias"]).flatten(1))
        spreads.append(F.softplus(F.linear(states, one_bar["to_sigma.weight"], one_bar["to_sigma.bias"])).mean((0, 1)))
    return torch.cat(codes), torch.stack(spreads).mean(0).repeat(model.config.bars)


def batches_for(model: MusicVAE, batch: int) -> int:
    """How many batches the components are taken from."""
    return math.ceil(PHRASES_PER_WIDTH * model.config.bars * model.config.bar_size / batch)


def softplus_of(values: Tensor) -> Tensor:
    """What softplus makes `values` of."""
    return values + torch.log(-torch.expm1(-values))
