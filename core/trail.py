"""The way of latents through a set: points with their beats, for each bundle, in stretches of some bars; and their bytes as .npz.

A stretch stands by itself: it has the anchors that stood in it, too. No pickle. Knows nothing of files, clocks or knobs.
"""

import io
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mvae.core.latent import Latent

MOST_ANCHORS = 64  # of a bundle in a stretch: the rest is in the control log


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """One bundle's: `beats` (n,) ascending, `z` (n, z) float32 the latent from each of them on, and anchors by label, (z,) each."""

    beats: NDArray[np.float64]
    z: NDArray[np.float32]
    anchors: Mapping[str, Latent] = field(default_factory=dict)


class Stretch:
    """A stretch that grows."""

    def __init__(self) -> None:
        self._beats: dict[str, list[float]] = {}
        self._points: dict[str, list[Latent]] = {}
        self._anchors: dict[str, dict[str, Latent]] = {}

    def add(self, bundle: str, beat: float, z: Latent, anchors: Mapping[str, Latent]) -> None:
        """From this beat on the bundle's latent (z,) stands here, and these anchors somewhere."""
        self._beats.setdefault(bundle, []).append(beat)
        self._points.setdefault(bundle, []).append(z)
        known = self._anchors.setdefault(bundle, {})
        for label, point in anchors.items():
            if label in known or len(known) < MOST_ANCHORS:
                known[label] = point

    def ways(self) -> dict[str, Way]:
        """By bundle, as it stands now."""
        stood = ((bundle, np.array(beats), np.stack(self._points[bundle])) for bundle, beats in self._beats.items())
        return {bundle: Way(beats, z, dict(self._anchors[bundle])) for bundle, beats, z in stood}


def stretch_bytes(ways: Mapping[str, Way]) -> bytes:
    """An .npz: BUNDLE.beats (n,), BUNDLE.z (n, z), BUNDLE.labels (k,) and BUNDLE.anchors (k, z)."""
    arrays: dict[str, NDArray[np.generic]] = {}
    for bundle, way in ways.items():
        arrays |= {f"{bundle}.beats": way.beats, f"{bundle}.z": way.z}
        arrays[f"{bundle}.labels"] = np.array(list(way.anchors), dtype=np.str_)
        arrays[f"{bundle}.anchors"] = np.array(list(way.anchors.values()), dtype=np.float32).reshape(len(way.anchors), way.z.shape[1])
    out = io.BytesIO()
    np.savez(out, **arrays)  # type: ignore[arg-type]
    return out.getvalue()


def read_stretch(data: bytes) -> dict[str, Way]:
    """What `stretch_bytes` gave. ValueError for anything else."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            names = [name.removesuffix(".beats") for name in arrays.files if name.endswith(".beats")]
            return {name: _way(*(arrays[f"{name}.{key}"] for key in ("beats", "z", "labels", "anchors"))) for name in names}
    except (KeyError, OSError, EOFError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"not a stretch of a path ({error})") from None


def _way(beats: NDArray[np.float64], z: NDArray[np.float32], labels: NDArray[np.str_], anchors: NDArray[np.float32]) -> Way:
    if beats.ndim != 1 or z.ndim != 2 or len(beats) != len(z) or anchors.shape != (len(labels), z.shape[1]):
        raise ValueError(f"not a stretch of a path (beats {beats.shape}, z {z.shape}, anchors {anchors.shape})")
    return Way(beats, z, dict(zip(map(str, labels), anchors, strict=True)))


def joined(stretches: Iterable[Mapping[str, Way]]) -> dict[str, Way]:
    """The stretches, in their order, as one."""
    found: dict[str, list[Way]] = {}
    for stretch in stretches:
        for bundle, way in stretch.items():
            found.setdefault(bundle, []).append(way)
    return {bundle: _join(ways) for bundle, ways in found.items()}


def _join(ways: list[Way]) -> Way:
    anchors = {label: point for way in ways for label, point in way.anchors.items()}
    return Way(np.concatenate([way.beats for way in ways]), np.concatenate([way.z for way in ways]), anchors)
