"""Attribute vectors after Roberts et al. 2018 (arXiv 1803.05428), section 5.3: does moving along one change what it is named for?

The vector of an attribute is the mean mu of the top quartile of training phrases less that of the bottom quartile. Test phrases are decoded
at mu + k v, each phrase with its chance kept; the matrix holds what k = 1 and k = -1 do to the mean of every attribute. Music has such a
matrix of its own, by how much the quartiles themselves differ in every attribute: no direction between them can be purer than that.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mvae.core.tokens import Tokens
from mvae.train.bootstrap import weights
from mvae.train.exp_subject import Subject, thinned
from mvae.train.token_attributes import attributes, measures, outer_quartiles, parts
from mvae.train.token_coder import Points, encode_tokens
from mvae.train.token_exam import play
from mvae.train.token_metrics import Record, number
from mvae.train.token_test_set import BUDGET_STEPS, choose

Floats = NDArray[np.float64]

K = (-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5)
MINUS, BASE, PLUS = 1, 3, 5  # places of -1, 0 and 1 in K


def attribute_experiment(subject: Subject) -> Record:
    """The matrix in per cent and in standard deviations, and each attribute's curve along its own vector. Under `axes` the same for the
    calibrated axes that the bundle ships for these attributes, k being the knob."""
    known = choose(subject.training, BUDGET_STEPS).tokens
    vectors = attribute_vectors(subject.exam.kind, encode_tokens(subject.exam, known)[0], known)
    rows = thinned(len(subject.real), max(16, subject.options.attribute_steps // subject.real.shape[1] // len(subject.streams)))
    z = subject.mu[rows]
    base = measured(subject, z)
    told: Record = {"phrases": len(rows), "training_phrases": len(known), "k": list(K)}
    told["music"] = quartiles(subject.exam.kind, known)
    told |= along(subject, z, base, {name: [np.float32(k) * vector for k in K] for name, vector in vectors.items()})
    axes = {name: axis for name, axis in subject.exam.axes.items() if name in vectors}
    if axes:
        told["axes"] = along(subject, z, base, {name: [axis.move(k) for k in K] for name, axis in axes.items()})
    return told


def along(subject: Subject, z: Points, base: Floats, moves: Mapping[str, Sequence[NDArray[np.float32]]]) -> Record:
    """What moves (z,) of the points (n, z), one for each k, do to the attributes that they are named for: decodes at the points
    themselves have `base` (all attributes, n)."""
    every, names = list(measures(subject.exam.kind)), list(moves)
    own = [every.index(name) for name in names]
    found = [[(base if k == 0 else measured(subject, z + move))[own] for k, move in zip(K, moves[name], strict=True)] for name in names]
    values = np.array(found)  # (names, k, names, n)
    real = attributes(subject.exam.kind, subject.real)
    sd = np.array([np.nanstd(real[name]) for name in names])
    told: Record = {"names": names, "base": plain(np.nanmean(base[own], 1)), "sd": plain(sd)}
    told["parts"] = {name: list(own) for name, own in parts(subject.exam.kind).items() if name in names}
    part = np.array([[to in told["parts"].get(name, ()) for to in names] for name in names])
    told |= matrices(np.nanmean(values, 3), sd, part)
    return told | curves(np.stack([values[n, :, n] for n in range(len(names))]), subject.options.draws)


def attribute_vectors(kind: str, mu: Points, tokens: Tokens) -> dict[str, NDArray[np.float32]]:
    """Mean mu (n, z) of the top quartile of each attribute of the phrases, less that of the bottom quartile. (z,) each"""
    vectors = {}
    for name, values in attributes(kind, tokens).items():
        bottom, top = outer_quartiles(values)
        vectors[name] = np.asarray(mu[top].mean(0) - mu[bottom].mean(0), np.float32)
    return vectors


def quartiles(kind: str, tokens: Tokens) -> Record:
    """By how much the top quartile of each attribute lies above the bottom one in every attribute: the matrix of real phrases."""
    values = attributes(kind, tokens)
    every = np.stack(list(values.values()))
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = [outer_quartiles(each) for each in values.values()]
        apart = np.stack([np.nanmean(every[:, top], 1) - np.nanmean(every[:, bottom], 1) for bottom, top in ends])
        return {"percent": plain(100 * apart / np.nanmean(every, 1)), "in_sd": plain(apart / np.nanstd(every, 1))}


def measured(subject: Subject, z: Points) -> Floats:
    """Every attribute of the decodes of points (n, z), (attributes, n)."""
    decoded = play(subject.exam, z, subject.temperature, subject.options.seed)
    return np.stack(list(attributes(subject.exam.kind, decoded).values()))


def matrices(means: Floats, sd: Floats, part: NDArray[np.bool_]) -> Record:
    """From means (vectors, k, names) of each attribute and their spread (names,): the change per vector at k = 1, in three tellings.
    `part` (names, names): which column is a part of what the row is named for."""
    base = means[:, BASE]
    plus, minus = means[:, PLUS] - base, means[:, MINUS] - base
    with np.errstate(divide="ignore", invalid="ignore"):
        percent = {"percent_plus": 100 * plus / base, "percent_minus": 100 * minus / base, "percent": 50 * (plus - minus) / base}
        in_sd = (plus - minus) / 2 / sd
    told: Record = {name: plain(values) for name, values in percent.items()} | {"in_sd": plain(in_sd)}
    for suffix, values in (("", percent["percent"]), ("_sd", in_sd)):
        told[f"largest_of_row{suffix}"] = largest(values, part)
        told[f"diagonally_dominant{suffix}"] = all(told[f"largest_of_row{suffix}"])
    return told


def largest(matrix: Floats, part: NDArray[np.bool_]) -> list[bool]:
    """Whether each row's own column moves upwards and no other that is no part of it moves more."""
    size = np.where(part, 0.0, np.nan_to_num(np.abs(matrix), nan=0.0, posinf=0.0))
    return [bool(matrix[n, n] > 0 and size[n, n] >= size[n].max()) for n in range(len(matrix))]


def curves(values: Floats, draws: int) -> Record:
    """Of each attribute along its own vector, (names, k, n): the mean at each k with its interval over phrases, and whether it rises."""
    drawn = weights(values.shape[2], draws)
    told: Record = {"curve": [], "curve_ci": [], "spearman": [], "monotone": []}
    for own in values:
        there = np.isfinite(own)
        with np.errstate(divide="ignore", invalid="ignore"):
            points = [number(np.asarray(drawn @ np.where(ok, x, 0) / (drawn @ ok))) for x, ok in zip(own, there, strict=True)]
        curve = [value for value, _ in points]
        told["curve"].append(curve)
        told["curve_ci"].append([interval for _, interval in points])
        told["spearman"].append(None if None in curve else rank_correlation(np.array(curve)))
        told["monotone"].append(None not in curve and bool((np.diff(np.array(curve)) >= 0).all()))
    return told


def rank_correlation(curve: Floats) -> float | None:
    """Spearman's correlation of a curve with its place; ties share their mean rank. None where it is flat."""
    ranks = np.array([(np.sum(curve < x) + np.sum(curve <= x) - 1) / 2 for x in curve])
    if ranks.std() == 0:
        return None
    return float(np.corrcoef(ranks, np.arange(len(curve)))[0, 1])


def plain(values: Floats) -> list[object]:
    """Nested lists with None where there is no number."""
    return [plain(row) if isinstance(row, np.ndarray) else float(row) if np.isfinite(row) else None for row in values]
