"""How a model of many bars begins from models of one: bars are read and said as those do it, and z is what their codes have in common.

The codes of a phrase, side by side and each in units of its posterior's spread, are turned to their principal components. The first of
them, scaled to unit variance, are z, and the way back is the transpose. So a phrase is heard through z from the first step, and training
goes on from there. Probabilistic PCA: Tipping and Bishop 1999.
"""

import math
from collections.abc import Mapping, Sequence
from typing import cast

import torch
from torch import Tensor
from torch.nn import functional as F

from mvae.train.model import BarReader, MusicVAE

PHRASES_PER_WIDTH = 3  # that the components are taken from, at least, for each number in the codes of a phrase
SIGMA_BEGINS = 0.1  # share of the first random weights of sigma: at first it is much the same for all phrases
Weights = Mapping[str, Tensor]


def one_bar_models(model: MusicVAE, weights: Sequence[Weights]) -> dict[str, Weights]:
    """Of each stream, those of the `weights` that are a one-bar model's of it with the same code; none, where a stream has none."""
    found = dict[str, Weights]()
    for name in model.config.streams if model.config.bar_size else ():
        shape = cast(BarReader, model.readers[name]).to_bar.weight.shape
        own = [given for given in weights if f"decoders.{name}.to_state.weight" in given and given["to_mu.weight"].shape == shape]
        if own:
            found[name] = own[0]
    return found if len(found) == len(model.config.streams) else {}


@torch.no_grad()
def join(model: MusicVAE, one_bar: Mapping[str, Weights], batches: Sequence[Tensor]) -> float:
    """Let the model read and say each stream's bars as the one-bar model does, and set its ways from their codes to z and back.

    `batches` are tokens (B, steps, streams) that the components are taken from. Gives the share of the codes' variance, in units of their
    posterior's spread, that z keeps.
    """
    for number, (name, weights) in enumerate(one_bar.items()):
        take_reader(cast(BarReader, model.readers[name]), weights)
        if model.config.hierarchical:
            take_decoder(model, name, number, weights)
    codes, spread = bar_codes(model, one_bar, batches)
    scaled = codes / spread
    middle = scaled.mean(0)
    values, vectors = torch.linalg.eigh(torch.cov(scaled.T.double()))  # rising
    kept = min(model.config.z_size - len(model.config.attributes), len(values))  # knobs of attributes, which are last, stay at rest
    deviation = values[-kept:].clamp(min=1e-12).sqrt().float()
    basis = vectors[:, -kept:].float()  # (bars * codes, kept)
    model.to_mu.weight[:kept] = (basis / deviation).T / spread
    model.to_mu.bias[:kept] = -(basis / deviation).T @ middle
    # a code's own spread is 1 in its units: that of a component, in units of its deviation
    model.to_sigma.weight.mul_(SIGMA_BEGINS)
    model.to_sigma.bias[:kept] = softplus_of((1 / deviation).clamp(max=1))
    if model.config.hierarchical:
        model.to_bars.weight.zero_()
        model.to_bars.weight[:, :kept] = basis * deviation * spread[:, None]
        model.to_bars.bias.copy_(middle * spread)
    return float(values[-kept:].sum() / values.sum())


def take_reader(reader: BarReader, weights: Weights) -> None:
    """The one-bar model's encoder; its mu is the code."""
    reader.encoder.load_state_dict({key: weights[f"encoder.{key}"] for key in reader.encoder.state_dict()})
    reader.to_bar.load_state_dict({key: weights[f"to_mu.{key}"] for key in ("weight", "bias")})


def take_decoder(model: MusicVAE, name: str, number: int, weights: Weights) -> None:
    """What led the one-bar model's decoder is its stream's part of c; of the other streams' codes it hears nothing yet."""
    width = model.config.bar_size
    decoder = dict(model.decoders.items())[name]
    for key in ("to_state", "to_input"):
        layer = cast(torch.nn.Linear, getattr(decoder, key))
        layer.weight.zero_()
        layer.weight[:, number * width : (number + 1) * width] = weights[f"decoders.{name}.{key}.weight"]
        layer.bias.copy_(weights[f"decoders.{name}.{key}.bias"])


def bar_codes(model: MusicVAE, one_bar: Mapping[str, Weights], batches: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """The codes of phrases, and the mean spread of their posteriors: (phrases, bars * codes), (bars * codes,)."""
    codes, spreads = list[Tensor](), list[Tensor]()
    for tokens in batches:
        streams = model.read(tokens)
        codes.append(model.codes(streams).flatten(1))
        spreads.append(torch.cat([spread_of(model, name, one_bar[name], steps) for name, steps in zip(one_bar, streams, strict=True)]))
    return torch.cat(codes), torch.stack(spreads).mean(0).repeat(model.config.bars)


def spread_of(model: MusicVAE, name: str, weights: Weights, steps: Tensor) -> Tensor:
    """The mean sigma of the one-bar model for the bars of a stream: (code,)."""
    states = cast(BarReader, model.readers[name]).bars(steps)
    return F.softplus(F.linear(states, weights["to_sigma.weight"], weights["to_sigma.bias"])).mean((0, 1))


def batches_for(model: MusicVAE, batch: int) -> int:
    """How many batches the components are taken from."""
    return math.ceil(PHRASES_PER_WIDTH * model.config.bars * model.config.codes_size / batch)


def softplus_of(values: Tensor) -> Tensor:
    """What softplus makes `values` of."""
    return values + torch.log(-torch.expm1(-values))
