"""`mvae-train lean`: let phrases rest on the knobs of their attributes (`mvae.train.taught`) so that the paper's vectors turn those knobs.

The vector of an attribute is the mean z of the top quartile of phrases less that of the bottom one (Roberts et al. 2018, arXiv 1803.05428,
section 5.3). What goes together in music goes together in it: dense phrases have less 8th-note syncopation, and wide intervals lie along
no direction at all. Where knobs have play, a decoder makes nothing of where they stand within it. There an encoder can say a phrase's
attributes: r = W (f - mean f), with f what its last layer reads and W such that between the quartiles of an attribute r differs by 1 in its
own place and by 0 in every other, and varies as little as it can beside (Q the differences of f, S its covariance):
W = (Q' S^-1 Q)^-1 Q' S^-1. Knobs rest at C' r, and a vector turns the knobs by its row of C: its own up and, where another attribute moves
more, that against it, each no further than it takes. How far that is decodes of validation phrases tell.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mvae.core.errors import UserError, listing
from mvae.core.tokens import Tokens
from mvae.train import checkpoint as files
from mvae.train.corpus import Corpus
from mvae.train.model import MusicVAE
from mvae.train.token_attributes import attributes, outer_quartiles
from mvae.train.token_coder import Points, TorchTokens, decode_tokens, encode_tokens
from mvae.train.token_sets import OPEN_SETS
from mvae.train.token_test_set import choose

Floats = NDArray[np.float64]

RIDGE = 1e-3  # added to the covariance of what is read, in units of its mean variance
FIT_STEPS, CHECK_STEPS = 1 << 20, 1 << 16  # of training music that vectors are taken from, of validation music that is decoded
TEMPERATURE = 0.5
MARGIN = 8.0  # per cent of its mean by which the attribute of a vector is to change more than any other
FAR = (0.0, 0.3, 0.6, 0.75, 0.9, 1.05, 1.2)  # how far a vector turns its own knob, and one against another


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """What an encoder's last layer reads of training phrases: its mean (w,), Q (w, k), S^-1 Q (w, k), of k attributes that have knobs."""

    names: tuple[str, ...]
    mean: Floats
    apart: Floats
    likely: Floats

    def rows(self, turns: Floats) -> tuple[Floats, Floats]:
        """Weights (k, w) and bias (k,) that say C' r of C = `turns` (k, k)."""
        rows = turns.T @ np.linalg.pinv(self.apart.T @ self.likely) @ self.likely.T
        return rows, -rows @ self.mean


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--run", type=Path, required=True, metavar="RUN", help="a run or checkpoint of a melody whose knobs have play")
    parser.add_argument("--data", type=Path, required=True, metavar="CORPUS", help="the corpus that it was trained on")


def run(arguments: argparse.Namespace) -> int:
    path = files.find(arguments.run)
    found = files.load(path)
    model = found.model()
    if not isinstance(model, MusicVAE) or not model.config.attributes or not model.config.play:
        raise UserError(f"{path}: model.play = 0: knobs have no play for phrases to lean in; train with --set model.play=0.6")
    turns = lean(model, Corpus.open(arguments.data), found.config.mix)
    for name, row in zip(names_of(model), turns, strict=True):
        print(f"{name:16s} turns " + (listing([f"{to} {far:+.2f}" for to, far in zip(names_of(model), row, strict=True) if far]) or "none"))
    files.save(path, replace(found, weights=model.state_dict()))
    return 0


def names_of(model: MusicVAE) -> tuple[str, ...]:
    """The attributes of the paper that have a knob."""
    every = attributes(model.config.kind, np.zeros((1, model.config.steps, 1), np.int64))
    return tuple(name for name in model.config.attributes if name in every)


def lean(model: MusicVAE, corpus: Corpus, mix: Mapping[str, float]) -> Floats:
    """Set where the encoder says that phrases rest, so that vectors taken from training phrases turn knobs as far as it takes. C (k, k).

    UserError where the corpus is of another kind or has no windows to do it with.
    """
    if corpus.kind != model.config.kind:
        raise UserError(f"{corpus.folder}: a corpus of kind '{corpus.kind}'; the run learnt '{model.config.kind}'")
    windows = {split: corpus.tokens(split, model.config.bars) for split in ("train", "validation")}
    if missing := [split for split, there in windows.items() if not len(there)]:
        raise UserError(f"{corpus.folder}: no {model.config.bars}-bar windows of {missing[0]}; prepare a larger corpus")
    check, tokens = choose(windows["validation"], CHECK_STEPS), choose(windows["train"], FIT_STEPS).tokens
    asked = np.isin(check.set, list(mix)) if mix else np.isin(check.set, OPEN_SETS)
    names = names_of(model)
    there = read(model, names, tokens)
    rest(model, there, np.zeros((len(names), len(names))))
    phrases = Phrases(model, names, check.tokens[asked] if asked.any() else check.tokens)
    with torch.no_grad():
        vectors = (model.to_mu.weight.double().numpy() @ there.apart).T.astype(np.float32)
    turns = np.stack([phrases.least(n, vector) for n, vector in enumerate(vectors)])
    rest(model, there, turns)
    return turns


def read(model: MusicVAE, names: Sequence[str], tokens: Tokens) -> Read:
    """Of phrases (n, steps, streams)."""
    features = torch.cat([model.last(part) for part in torch.split(torch.from_numpy(tokens), 256)]).double().numpy()
    values = attributes(model.config.kind, tokens)
    ends = [outer_quartiles(values[name]) for name in names]
    apart = np.stack([features[top].mean(0) - features[bottom].mean(0) for bottom, top in ends], 1)
    spread = np.cov(features.T)
    spread[np.diag_indices_from(spread)] += RIDGE * np.trace(spread) / len(spread)
    return Read(tuple(names), features.mean(0), apart, np.linalg.solve(spread, apart))


def rest(model: MusicVAE, there: Read, turns: Floats) -> None:
    """Let the encoder say C' r for C = `turns` (k, k) where knobs are, 0 for knobs of no attribute of the paper."""
    config = model.config
    first = config.z_size - len(config.attributes)
    rows, bias = there.rows(turns)
    model.rest()
    with torch.no_grad():
        for name, row, middle in zip(there.names, rows, bias, strict=True):
            at = first + config.attributes.index(name)
            model.to_mu.weight[at], model.to_mu.bias[at] = _float(row), float(middle)


def _float(row: Floats) -> Tensor:
    return torch.from_numpy(row.astype(np.float32))


class Phrases:
    """Validation phrases with knobs at 0, and what moves away from there do to their attributes."""

    def __init__(self, model: MusicVAE, names: Sequence[str], tokens: Tokens):
        self.coder, self.names = TorchTokens(model), tuple(names)
        first = model.config.z_size - len(model.config.attributes)
        self.places = [first + model.config.attributes.index(name) for name in names]
        self.mu: Points = encode_tokens(self.coder, tokens)[0]
        self.base = self.means(self.mu)

    def means(self, z: Points) -> Floats:
        """The mean of each attribute over decodes of points (n, z). (k,)"""
        told = attributes(self.coder.kind, decode_tokens(self.coder, z, TEMPERATURE))
        return np.array([np.nanmean(told[name]) if np.isfinite(told[name]).any() else 0.0 for name in self.names])

    def moved(self, vector: NDArray[np.float32], turns: Floats) -> Floats:
        """Per cent by which a vector (z,) with knobs turned (k,) changes each attribute, added less taken away, halved; by 0 what there is
        none of. (k,)"""
        move = vector.copy()
        move[self.places] += turns.astype(np.float32)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.nan_to_num(50 * (self.means(self.mu + move) - self.means(self.mu - move)) / self.base, posinf=0.0, neginf=0.0)

    def least(self, own: int, vector: NDArray[np.float32]) -> Floats:
        """How far the vector of an attribute is to turn each knob, (k,): of its own, and one against what else moves most, the least
        that makes its own attribute move most by `MARGIN`; where none does, what comes nearest."""
        still = self.moved(vector, np.zeros(len(self.names)))
        other = int(np.argmax(np.where(np.arange(len(still)) == own, -1.0, np.abs(still))))
        tried = list[tuple[float, Floats]]()
        for up, against in sorted(product(FAR, FAR), key=lambda far: far[0] ** 2 + far[1] ** 2):
            turns = np.zeros(len(self.names))
            turns[own], turns[other] = up, -np.sign(still[other]) * against
            tried.append((margin(self.moved(vector, turns), own), turns))
            if tried[-1][0] >= MARGIN:
                break
        return max(tried, key=lambda each: each[0])[1]


def margin(moved: Floats, own: int) -> float:
    """By how much more the own attribute rises than any other moves, in per cent of their means."""
    return float(moved[own] - np.abs(np.delete(moved, own)).max())
