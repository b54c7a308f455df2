"""`mvae-train realism` for bundles of tokens: are samples, midpoints and morphs like the corpus, and at which temperature most?

As for grooves (`mvae.train.realism`). A toggle is a step of a stream that changes along a morph; `drift` is how far the mean of each
attribute lies from that of real windows, in their standard deviations, as a mean over the attributes. The default temperature is the one
above 0 of the least sum of |ln ratio|: of samples and midpoints to real windows (density and range of pitches, mean and spread), and
of the toggles of morphs to those of straight ways.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from mvae.core.errors import UserError
from mvae.core.latent import slerp
from mvae.core.phrase import STEPS_PER_BAR
from mvae.core.tokens import FIRST_PITCH, STREAMS, Tokens
from mvae.train.corpus import Corpus
from mvae.train.mixture import sample
from mvae.train.token_anchors import note_f1
from mvae.train.token_coder import BundleTokens, TokenCoder, decode_tokens, encode_tokens
from mvae.train.token_knobs import told
from mvae.train.token_sets import OPEN_SETS, drawn

Points = NDArray[np.float32]  # (n, z)
Values = Mapping[str, NDArray[np.float64]]

SAMPLE_STEPS, MORPH_PAIR_STEPS = 16_384, 1024  # of music: 512 samples and 32 morphs of two bars, 64 and 4 of sixteen
MORPH_STEPS = 64
COMPARED = ("density_mean", "density_sd", "pitch_range_mean", "pitch_range_sd")
LEAST = 1e-3  # in the place of a figure that is 0


def measure_tokens(coder: TokenCoder, corpus: Corpus, split: str, temperatures: Sequence[float]) -> dict[str, Any]:
    """Every figure, for each temperature. UserError where the split has no windows."""
    windows = corpus.tokens(split, coder.bars)
    count = SAMPLE_STEPS // windows.steps
    rows = drawn(windows, 2 * count, dict.fromkeys(OPEN_SETS, 1.0))
    if len(set(windows.song[rows].tolist())) < 2:
        raise UserError(f"--data {corpus.folder}: {split} has fewer than two songs of {coder.bars} bars; prepare a larger corpus")
    real = windows.batch(rows)
    mu, _ = encode_tokens(coder, real)
    known, per_bar = told(coder.kind, real), onsets_per_bar(coder.kind, real)
    low, high = (float(x) for x in np.percentile(per_bar, (5, 95)))
    other = partners_of(windows.song[rows])
    sets = {"normal": np.random.default_rng(0).standard_normal((count, coder.z_size)).astype(np.float32)}
    space = coder.decoder.space if isinstance(coder, BundleTokens) else None
    if space is not None and space.mixture is not None:
        sets["mixture"] = sample(space.mixture, count)
    spread = np.linspace(0, len(mu) - 1, count).astype(np.int64)
    sets["midpoints"] = np.stack([slerp(mu[i], mu[other[i]], 0.5) for i in spread])
    pairs = [(mu[i], mu[other[i]]) for i in spread[:: max(1, count // max(1, MORPH_PAIR_STEPS // windows.steps))]]
    anchors = list(space.anchors.values()) if space is not None else []
    between = [(a, b) for i, a in enumerate(anchors) for b in anchors[:i]]
    record: dict[str, Any] = {"bars": coder.bars, "split": split, "density_5_95": [low, high], "temperatures": {}}
    record["real"] = likeness(coder.kind, real, known, low, high)
    for temperature in tqdm(temperatures, desc="temperatures", unit="T"):
        found: dict[str, Any] = {
            name: likeness(coder.kind, decode_tokens(coder, points, temperature), known, low, high) for name, points in sets.items()
        }
        found["morph"] = morph(coder, pairs, temperature)
        if between:
            halfway = np.stack([slerp(a, b, 0.5) for a, b in between])
            found["anchors"] = likeness(coder.kind, decode_tokens(coder, halfway, temperature), known, low, high)
        found["mu"] = {"note_f1": float(note_f1(coder.kind, real, decode_tokens(coder, mu, temperature)).mean())}
        record["temperatures"][f"{temperature:g}"] = found
    record["best_temperature"] = best_temperature(record["real"], record["temperatures"])
    record["best_because"] = "samples, midpoints and morphs are most like real music"
    return record


def partners_of(song: NDArray[np.int64], seed: int = 0) -> NDArray[np.int64]:
    """For each phrase (n,) of at least two songs a phrase of another song, drawn evenly."""
    draw = np.random.default_rng(seed)
    other = draw.integers(len(song), size=len(song))
    while (same := song[other] == song).any():
        other[same] = draw.integers(len(song), size=int(same.sum()))
    return other


def onsets_per_bar(kind: str, tokens: Tokens) -> NDArray[np.float64]:
    """Notes and hits of all streams of each phrase (n, steps, streams), per bar."""
    count = sum(
        np.bitwise_count(tokens[..., n]).sum(1) if name == "drums" else (tokens[..., n] >= FIRST_PITCH).sum(1)
        for n, name in enumerate(STREAMS[kind])
    )
    return np.asarray(count * STEPS_PER_BAR / tokens.shape[1], dtype=np.float64)


def pitch_range(kind: str, tokens: Tokens) -> NDArray[np.float64]:
    """Semitones from the lowest to the highest note of the first pitched stream; nan without notes or without such a stream. (n,)"""
    pitched = [n for n, name in enumerate(STREAMS[kind]) if name != "drums"]
    if not pitched:
        return np.full(len(tokens), np.nan)
    line = tokens[..., pitched[0]]
    begins = line >= FIRST_PITCH
    wide = np.where(begins, line, 0).max(1) - np.where(begins, line, 1 << 16).min(1)
    return np.where(begins.any(1), wide, np.nan).astype(np.float64)


def likeness(kind: str, tokens: Tokens, real: Values, low: float, high: float) -> dict[str, float]:
    """How like the real windows, told by `real`, phrases are."""
    density, values = onsets_per_bar(kind, tokens), told(kind, tokens)
    drift = list[float]()
    for name, known in real.items():
        deviation = float(np.nanstd(known))
        if deviation > 0 and np.isfinite(values[name]).any():
            drift.append(abs(float(np.nanmean(values[name]) - np.nanmean(known))) / deviation)
    found = {
        "density_in_range": float(((density >= low) & (density <= high)).mean()),
        "density_mean": float(density.mean()),
        "density_sd": float(density.std()),
        "drift": float(np.mean(drift)) if drift else 0.0,
    }
    wide = pitch_range(kind, tokens)
    if np.isfinite(wide).any():
        found |= {"pitch_range_mean": float(np.nanmean(wide)), "pitch_range_sd": float(np.nanstd(wide))}
    return found


def morph(coder: TokenCoder, ends: Sequence[tuple[Points, Points]], temperature: float) -> dict[str, float]:
    """Slerps of 64 steps between pairs of points (z,), one chance for all of a way: summed over the pairs."""
    toggles, differing, jumps = 0, 0, list[int]()
    for number, (a, b) in enumerate(ends):
        way = np.stack([slerp(a, b, step / MORPH_STEPS) for step in range(MORPH_STEPS + 1)])
        tokens = decode_tokens(coder, way, temperature, np.full(len(way), number))
        changes = (tokens[1:] != tokens[:-1]).sum((1, 2))
        toggles, differing = toggles + int(changes.sum()), differing + int((tokens[0] != tokens[-1]).sum())
        jumps.append(int(changes.max()))
    return {
        "toggles_per_differing_token": toggles / max(differing, 1),
        "differing_tokens": differing / max(len(ends), 1),
        "largest_jump_mean": float(np.mean(jumps)) if jumps else 0.0,
    }


def best_temperature(real: Mapping[str, float], found: Mapping[str, Any]) -> float:
    """The temperature above 0 (or the only one) of the least distance from real music; samples are the mixture's where there is one."""

    def unlike(figures: Mapping[str, float]) -> float:
        return sum(abs(float(np.log(max(figures.get(key, 0.0), LEAST) / max(real[key], LEAST)))) for key in COMPARED if key in real)

    def distance(figures: Mapping[str, Any]) -> float:
        both = (figures.get("mixture", figures["normal"]), figures["midpoints"])
        return sum(map(unlike, both)) / 2 + abs(float(np.log(max(figures["morph"]["toggles_per_differing_token"], LEAST))))

    return float(min((t for t in found if float(t) > 0 or len(found) == 1), key=lambda t: distance(found[t])))
