"""The plane in which a path and its anchors are seen: two principal components. Pure, and the same for the same points.

Anchors count as much as the whole path, so that a path that hardly leaves its place is still seen among them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from mvae.core.latent import Doubles

MOST_POINTS = 96  # of a path
FLAT = 1e-12  # below this share of the whole a direction is none


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """`middle` (z,), `across` (2, z) unit vectors, and the share 0..1 of all variance that each of them has."""

    middle: Doubles
    across: Doubles
    shares: tuple[float, float]

    def seen(self, points: ArrayLike) -> Doubles:
        """Points (n, z) in the plane: (n, 2)."""
        return np.asarray((np.asarray(points, np.float64) - self.middle) @ self.across.T, dtype=np.float64)


def plane_of(path: ArrayLike, anchors: ArrayLike) -> Plane:
    """The plane that shows most of path (n, z), n >= 1, and anchors (k, z). Each component points where its largest number is above 0.

    Of a long path a hundred points say enough.
    """
    whole_path = np.asarray(path, np.float64)
    some = whole_path[:: -(-len(whole_path) // MOST_POINTS)]
    groups = [points for points in (some, np.asarray(anchors, np.float64)) if len(points)]
    points = np.concatenate(groups)
    weights = np.concatenate([np.full(len(group), 1 / len(group) / len(groups)) for group in groups])
    middle = weights @ points
    _, sizes, across = np.linalg.svd((points - middle) * np.sqrt(weights)[:, None], full_matrices=False)
    across, variance = _two(across), np.append(sizes**2, (0.0, 0.0))[:2]
    whole = float((sizes**2).sum())
    signs = np.sign(across[np.arange(2), np.abs(across).argmax(axis=1)])
    shares = variance / whole if whole > FLAT else variance
    return Plane(middle, across * np.where(signs == 0, 1, signs)[:, None], (float(shares[0]), float(shares[1])))


def _two(across: Doubles) -> Doubles:
    """Two rows, of zeros where there are fewer."""
    return np.concatenate([across, np.zeros((2, across.shape[1]))])[:2]
