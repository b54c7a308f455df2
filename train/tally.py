"""Evaluation's figures, and the sums by song they are made of: every interval is a bootstrap over songs of the same sums.

Definitions. A decoded and a real hit match when they share class and step. Precision, recall and F1 are micro over step and class;
`*_by_file` is the mean over files. Velocity and timing are taken on matched hits, ms = |difference in half steps| * 60000 / bpm / 8.
Histograms: 20 velocity bins on [0, 1], 40 offset bins on [-1, 1], one count added, KL(real || decoded) in nats.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mvae.train.bootstrap import Figure, Floats, Totals, places, sum_by_song
from mvae.train.metrics import Matched, count_hits, divergence, f1_by_file, half_steps_to_ms, histogram, kl_bits, matched

Notes = NDArray[np.float32]  # (n, steps, 27)

VELOCITY_BINS, OFFSET_BINS = 20, 40
ACTIVE_VARIANCE = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class Songs:
    """Which song each phrase is of (n,), as places 0..count-1, and the tempo at each phrase's start (n,)."""

    place: NDArray[np.int64]
    count: int
    bpm: Floats

    @classmethod
    def of(cls, song: NDArray[np.int64], bpm: NDArray[np.floating]) -> "Songs":
        place, count = places(song)
        return cls(place, count, bpm.astype(np.float64))

    def total(self, values: Floats, phrase: NDArray[np.int64] | None = None) -> Floats:
        """Sums by song of values of all phrases, or of those in `phrase` (which may come often). (count,)"""
        place = self.place if phrase is None else self.place[phrase]
        return np.bincount(place, values, self.count).astype(np.float64)


def hit_sums(real: Notes, decoded: Notes, songs: Songs) -> dict[str, Floats]:
    hits = count_hits(real, decoded)
    return {name: songs.total(counts) for name, counts in hits._asdict().items()} | {"f1": f1_by_file(hits, songs.place)}


def error_sums(real: Notes, decoded: Notes, songs: Songs) -> dict[str, Floats]:
    """What velocity and timing are off by, on matched hits."""
    pairs = matched(real, decoded)
    ms = half_steps_to_ms(songs.bpm)[pairs.phrase]
    count = songs.total(np.ones(len(pairs.phrase)), pairs.phrase)
    velocity = songs.total(np.abs(pairs.velocity_decoded - pairs.velocity), pairs.phrase)
    timing_ms = songs.total(np.abs(pairs.offset_decoded - pairs.offset) * ms, pairs.phrase)
    own = {"velocity_of_song": velocity / np.maximum(count, 1), "timing_ms_of_song": timing_ms / np.maximum(count, 1)}
    return {"matched": count, "velocity_off": velocity, "timing_off_ms": timing_ms, "songs_matched": np.sign(count), **own}


def spread_sums(real: Notes, decoded: Notes, songs: Songs) -> dict[str, Floats]:
    """Histograms and moments of velocities and offsets on matched hits."""
    pairs = matched(real, decoded)
    sums = {"matched": songs.total(np.ones(len(pairs.phrase)), pairs.phrase)}
    for name, values in _columns(pairs).items():
        bins, low = (VELOCITY_BINS, 0.0) if name.startswith("velocity") else (OFFSET_BINS, -1.0)
        sums[f"{name}_bins"] = histogram(values, songs.place[pairs.phrase], songs.count, bins, low)
        sums[f"{name}_sum"] = songs.total(values, pairs.phrase)
        sums[f"{name}_squares"] = songs.total(values**2, pairs.phrase)
    return sums


def _columns(pairs: Matched) -> dict[str, Floats]:
    return {name: getattr(pairs, name) for name in ("velocity", "velocity_decoded", "offset", "offset_decoded")}


def point_sums(mu: Notes, sigma: Notes, songs: Songs) -> dict[str, Floats]:
    """What the latents (n, z) are summed up by."""
    wide = mu.astype(np.float64)
    columns = {"phrases": np.ones(len(mu)), "kl_bits": kl_bits(mu, sigma), "mu": wide, "mu_squares": wide**2}
    return {name: sum_by_song(values, songs.place, songs.count) for name, values in columns.items()}


def sd(totals: Totals, name: str) -> Floats:
    """Standard deviation over matched hits of one column."""
    mean = totals[f"{name}_sum"] / totals["matched"]
    return np.asarray(np.sqrt(np.maximum(totals[f"{name}_squares"] / totals["matched"] - mean**2, 0)))


def active_units(totals: Totals) -> Floats:
    count = totals["phrases"][:, None]
    return np.asarray((totals["mu_squares"] / count - (totals["mu"] / count) ** 2 > ACTIVE_VARIANCE).sum(1), dtype=np.float64)


HIT_FIGURES: Mapping[str, Figure] = {
    "hit_precision": lambda t: t["true"] / t["decoded"],
    "hit_recall": lambda t: t["true"] / t["real"],
    "hit_f1": lambda t: 2 * t["true"] / (t["decoded"] + t["real"]),
    "hit_f1_by_file": lambda t: t["f1"] / t["songs"],
}
ERROR_FIGURES: Mapping[str, Figure] = {
    "velocity_mae": lambda t: t["velocity_off"] / t["matched"],
    "velocity_mae_by_file": lambda t: t["velocity_of_song"] / t["songs_matched"],
    "timing_mae_ms": lambda t: t["timing_off_ms"] / t["matched"],
    "timing_mae_ms_by_file": lambda t: t["timing_ms_of_song"] / t["songs_matched"],
}
SPREAD_FIGURES: Mapping[str, Figure] = {
    "timing_kl": lambda t: divergence(t["offset_bins"], t["offset_decoded_bins"]),
    "velocity_kl": lambda t: divergence(t["velocity_bins"], t["velocity_decoded_bins"]),
    "timing_sd_ratio": lambda t: sd(t, "offset_decoded") / sd(t, "offset"),
    "velocity_sd_ratio": lambda t: sd(t, "velocity_decoded") / sd(t, "velocity"),
}
POINT_FIGURES: Mapping[str, Figure] = {
    "n_phrases": lambda t: t["phrases"],
    "kl_bits": lambda t: t["kl_bits"] / t["phrases"],
    "active_units": active_units,
}
