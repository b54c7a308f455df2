"""`mvae-train lean`: let phrases rest on the knobs of their attributes (`mvae.train.taught`) so that the paper's vectors turn those knobs.

The vector of an attribute is the mean z of the top quartile of phrases less that of the bottom one (Roberts et al. 2018, arXiv 1803.05428,
section 5.3). What goes together in music goes together in it: dense phrases have less 8th-note syncopation, and wide intervals lie along
no direction at all. Where knobs have play, a decoder makes nothing of where they stand within it. There an encoder can say a phrase's
attributes: r = W (f - mean f), with f what its last layer reads and W such that between the quartiles of an attribute r differs by 1 in its
own place and by 0 in every other, and varies as little as it can beside (Q the differences of f, S its covariance):
W = (Q' S^-1 Q)^-1 Q' S^-1. Knobs rest at play * tanh(G' r / play), never beyond their play, with G such that a vector turns the knobs by
its row of C: its own up and, where that is not enough, the knob of what moves more against it, each no further than it takes. How far that
is decodes of validation phrases tell.
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
from mvae.train.token_lesson import validate
from mvae.train.token_sets import OPEN_SETS
from mvae.train.token_test_set import choose

Floats = NDArray[np.float64]

RIDGE = 1e-3  # added to the covariance of what is read, in units of its mean variance
FIT_STEPS, CHECK_STEPS = 1 << 20, 1 << 16  # of training music that vectors are taken from, of validation music that is decoded
TEMPERATURE = 0.5
MARGIN = 8.0  # per cent of its mean by which the attribute of a vector is to change more than any other
FAR = (0.0, 0.25, 0.5, 0.5625, 0.625, 0.6875, 0.75, 0.8125, 0.875)  # of twice the play, how far a vector turns a knob
TOLD = 0.02  # turns smaller than this are not printed
DEARER = 3.0  # a turn of another knob, which phrases then obey less, than one of its own
ROUNDS, DAMPING = 50, 1e-6  # of Gauss and Newton, for G


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """What an encoder's last layer reads of n training phrases: its mean (w,), Q (w, k) and S^-1 Q (w, k), of k attributes that have knobs;
    r of each phrase (n, k), and `between` (k, n), whose product with anything (n,) is how much it differs between their quartiles."""

    names: tuple[str, ...]
    mean: Floats
    apart: Floats
    likely: Floats
    scores: Floats
    between: Floats

    def gains(self, turns: Floats, play: float) -> Floats:
        """G (k, k), for the vectors to turn knobs by C = `turns` (k, k), or as near to that as knobs that stay within their play can be."""
        return np.stack([self._gain(column, play) for column in turns.T], 1)

    def _gain(self, wanted: Floats, play: float) -> Floats:
        """The column of G for one knob, by Gauss and Newton; what makes nothing better is not taken."""
        gain, damping = np.zeros(len(wanted)), DAMPING
        off = wanted
        for _ in range(ROUNDS):
            slope = 1 - np.tanh(self.scores @ gain / play) ** 2
            jacobian = self.between @ (slope[:, None] * self.scores)
            step = np.linalg.solve(jacobian.T @ jacobian + damping * np.eye(len(gain)), jacobian.T @ off)
            left = wanted - self.turned(gain + step, play)
            if np.linalg.norm(left) < np.linalg.norm(off):
                gain, off, damping = gain + step, left, damping / 4
            else:
                damping *= 8
        return gain

    def turned(self, gain: Floats, play: float) -> Floats:
        """By how much the vectors turn a knob that rests at play * tanh(r . gain / play). (k,)"""
        return np.asarray(self.between @ (play * np.tanh(self.scores @ gain / play)), np.float64)

    def rows(self, gains: Floats) -> tuple[Floats, Floats]:
        """Weights (k, w) and bias (k,) that say G' r."""
        rows = gains.T @ self.fitted()
        return rows, -rows @ self.mean

    def fitted(self) -> Floats:
        """W (k, w)."""
        return np.asarray(np.linalg.pinv(self.apart.T @ self.likely) @ self.likely.T, np.float64)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--run", type=Path, required=True, metavar="RUN", help="a run or checkpoint of a melody whose knobs have play")
    parser.add_argument("--data", type=Path, required=True, metavar="CORPUS", help="the corpus that it was trained on")


def run(arguments: argparse.Namespace) -> int:
    path = files.find(arguments.run)
    found = files.load(path)
    model = found.model()
    if not isinstance(model, MusicVAE) or not model.config.attributes or not model.config.play:
        raise UserError(f"{path}: model.play = 0: knobs have no play for phrases to lean in; train with --set model.play=0.6")
    corpus, names, mix = Corpus.open(arguments.data), names_of(model), found.config.mix
    before = sampled(model, corpus, mix)
    turns = lean(model, corpus, mix)
    for name, row in zip(names, turns, strict=True):
        print(f"{name:16s} turns {listing([f'{to} {far:+.2f}' for to, far in zip(names, row, strict=True) if abs(far) >= TOLD])}")
    print(f"sampled, on validation: {sampled(model, corpus, mix):.3f}, before {before:.3f}")
    files.save(path, replace(found, weights=model.state_dict()))
    return 0


def sampled(model: MusicVAE, corpus: Corpus, mix: Mapping[str, float]) -> float:
    """The accuracy that training tells on validation phrases."""
    return validate(model, corpus.tokens("validation", model.config.bars), mix, torch.device("cpu"))["sampled"]


def names_of(model: MusicVAE) -> tuple[str, ...]:
    """The attributes of the paper that have a knob."""
    every = attributes(model.config.kind, np.zeros((1, model.config.steps, 1), np.int64))
    return tuple(name for name in model.config.attributes if name in every)


def lean(model: MusicVAE, corpus: Corpus, mix: Mapping[str, float]) -> Floats:
    """Set where the encoder says that phrases rest, so that vectors taken from training phrases turn knobs as far as it takes. By how much
    they do, (k, k).

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
    return rest(model, there, turns)


def read(model: MusicVAE, names: Sequence[str], tokens: Tokens) -> Read:
    """Of phrases (n, steps, streams)."""
    features = torch.cat([model.last(part) for part in torch.split(torch.from_numpy(tokens), 256)]).double().numpy()
    values = attributes(model.config.kind, tokens)
    between = np.zeros((len(names), len(features)))
    for row, name in zip(between, names, strict=True):
        bottom, top = outer_quartiles(values[name])
        row[top] += 1 / len(row[top])
        row[bottom] -= 1 / len(row[bottom])
    apart = (between @ features).T
    spread = np.cov(features.T)
    spread[np.diag_indices_from(spread)] += RIDGE * np.trace(spread) / len(spread)
    there = Read(tuple(names), features.mean(0), apart, np.linalg.solve(spread, apart), features, between)
    return replace(there, scores=(features - there.mean) @ there.fitted().T)


def rest(model: MusicVAE, there: Read, turns: Floats) -> Floats:
    """Let the encoder say where phrases rest, for vectors to turn knobs by `turns` (k, k), at 0 for knobs of no attribute of the paper. By
    how much vectors of the phrases that were read turn them now, (k, k)."""
    config = model.config
    first = config.z_size - len(config.attributes)
    model.rest()
    if not config.play:
        return np.zeros_like(turns)
    gains = there.gains(turns, config.play)
    with torch.no_grad():
        for name, row, middle in zip(there.names, *there.rows(gains), strict=True):
            at = first + config.attributes.index(name)
            model.to_mu.weight[at], model.to_mu.bias[at] = _float(row), float(middle)
    return np.stack([there.turned(gain, config.play) for gain in gains.T], 1)


def _float(row: Floats) -> Tensor:
    return torch.from_numpy(row.astype(np.float32))


class Phrases:
    """Validation phrases with knobs at 0, and what moves away from there do to their attributes."""

    def __init__(self, model: MusicVAE, names: Sequence[str], tokens: Tokens):
        self.coder, self.names, self.play = TorchTokens(model), tuple(names), model.config.play
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
        far = [2 * self.play * share for share in FAR]
        tried = list[tuple[float, Floats]]()
        for up, against in sorted(product(far, far), key=lambda each: each[0] ** 2 + (DEARER * each[1]) ** 2):
            turns = np.zeros(len(self.names))
            turns[own], turns[other] = up, -np.sign(still[other]) * against
            tried.append((margin(self.moved(vector, turns), own), turns))
            if tried[-1][0] >= MARGIN:
                break
        return max(tried, key=lambda each: each[0])[1]


def margin(moved: Floats, own: int) -> float:
    """By how much more the own attribute rises than any other moves, in per cent of their means."""
    return float(moved[own] - np.abs(np.delete(moved, own)).max())
