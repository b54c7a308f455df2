"""Where phrases rest on the knobs of their attributes (`mvae.train.taught`): a little way towards what they have of each.

The paper's vector of an attribute is the mean z of the top quartile of phrases less that of the bottom one (Roberts et al. 2018, arXiv
1803.05428, section 5.3). What goes together in music goes together in such a vector: dense phrases have less 8th-note syncopation. So
rests tell attributes with that taken apart, r = D^-1 (a - mean a), D_ij being by how much attribute i differs between the quartiles of
attribute j: between the quartiles of an attribute the mean rest on its own knob differs by 1 and on every other by 0, and the vector
turns that knob. No phrase rests further than 1 away, which takes a little off these differences. An encoder learns to tell rests by a
squared error of its own, as Pati and Lerch tie attributes to dimensions of z (2020, arXiv 2004.05485). Pure functions of tokens and their
points.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mvae.core.tokens import Tokens
from mvae.train.token_attributes import attributes, measures, outer_quartiles

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Rests:
    """What phrases of a kind rest on: the mean of each attribute of the paper that has a knob (k,), and D^-1 (k, k). `names` are those
    of all knobs; on any other knob every phrase rests at 0."""

    kind: str
    names: tuple[str, ...]
    mean: Floats
    apart: Floats

    def of(self, tokens: Tokens) -> NDArray[np.float32]:
        """Where phrases (B, steps, streams) rest on each knob, (B, names). What a phrase has nothing to take from counts as the mean."""
        leaning = np.nan_to_num(_values(self.kind, self.names, tokens) - self.mean) @ self.apart.T
        rests = np.zeros((len(tokens), len(self.names)), np.float32)
        rests[:, [name in measures(self.kind) for name in self.names]] = np.clip(leaning, -1, 1)
        return rests


def rests_of(kind: str, names: Sequence[str], tokens: Tokens) -> Rests:
    """Of knobs, from phrases (n, steps, streams) of which each attribute is known of one at least."""
    values = _values(kind, names, tokens)
    columns = [np.nanmean(values[top], 0) - np.nanmean(values[bottom], 0) for bottom, top in map(outer_quartiles, values.T)]
    return Rests(kind, tuple(names), np.nanmean(values, 0), np.linalg.pinv(np.stack(columns, 1)))


def attribute_vectors(kind: str, mu: NDArray[np.float32], tokens: Tokens) -> dict[str, NDArray[np.float32]]:
    """Mean mu (n, z) of the top quartile of each attribute of the phrases, less that of the bottom quartile. (z,) each"""
    vectors = {}
    for name, values in attributes(kind, tokens).items():
        bottom, top = outer_quartiles(values)
        vectors[name] = np.asarray(mu[top].mean(0) - mu[bottom].mean(0), np.float32)
    return vectors


def _values(kind: str, names: Sequence[str], tokens: Tokens) -> Floats:
    """Of the names that the paper has, (n, k)."""
    known = attributes(kind, tokens)
    return np.stack([known[name] for name in names if name in known], 1)
