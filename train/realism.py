"""`mvae-train realism`: is what a bundle plays between and beyond the performances it knows still drumming, and does it morph smoothly?

For several temperatures, chance frozen for each phrase. Measured on 1,000 samples of the bundle's own prior (its mixture; N(0, 1)
beside it), on slerp midpoints of test phrases, and on morphs of 128 steps: toggles (cells that change, summed over the way) over cells that
differ between the ends, 1 being a straight way; and the largest single jump. Real test windows stand beside every figure.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from mvae.core.chance import uniform
from mvae.core.errors import UserError
from mvae.core.groove import HITS, VOICES
from mvae.core.latent import slerp
from mvae.train.attributes import hits_per_bar
from mvae.train.baselines import hit_bits, nearest
from mvae.train.coder import BundleCoder, Coder, decode_all, encode_all, keep_facts, open_coder
from mvae.train.corpus import Corpus
from mvae.train.evaluate import partners
from mvae.train.mixture import sample
from mvae.train.token_coder import kind_at, open_tokens

Notes = NDArray[np.float32]  # (n, steps, 27)
Points = NDArray[np.float32]  # (n, z)

SAMPLES, MIDPOINTS = 1000, 1024
MORPHS, MORPH_STEPS = 48, 128  # pairs of test phrases, and at most as many of anchors
TEMPERATURES = (0.0, 0.25, 0.5, 0.75, 1.0)
KNOWN = 0.95  # F1 with a training window above which a phrase counts as memorised
SMOOTH = 1.3  # toggles for each differing cell


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--bundle", type=Path, required=True, help="a calibrated bundle (or a run: then with N(0, 1) alone)")
    parser.add_argument("--data", type=Path, required=True, metavar="OUT", help="the corpus that it was trained on")
    parser.add_argument("--split", choices=("validation", "test"), default="test", help="the real phrases to compare with")
    parser.add_argument("--temperatures", type=float, nargs="+", default=list(TEMPERATURES), metavar="T")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here as well")
    parser.add_argument("--keep", action="store_true", help="make the best temperature the default, and keep its figures in the card")


def run(arguments: argparse.Namespace) -> int:
    if arguments.json and not arguments.json.parent.is_dir():
        raise UserError(f"--json {arguments.json}: the folder {arguments.json.parent} is not there; make it first")
    if kind_at(arguments.bundle) == "groove":
        record = measure(open_coder(arguments.bundle), Corpus.open(arguments.data), arguments.split, arguments.temperatures)
    else:
        from mvae.train.token_realism import measure_tokens

        record = measure_tokens(open_tokens(arguments.bundle), Corpus.open(arguments.data), arguments.split, arguments.temperatures)
    print_record(record)
    if arguments.json:
        arguments.json.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    if arguments.keep:
        best = record["best_temperature"]
        told = {"real": record["real"], **record["temperatures"][f"{best:g}"]}
        rounded = {name: {key: round(value, 4) for key, value in figures.items()} for name, figures in told.items()}
        kept = {f"{arguments.split}_realism": {"temperature": best, **rounded}}
        keep_facts(arguments.bundle, {"temperature": best, "figures": kept})
    return 0


def measure(coder: Coder, corpus: Corpus, split: str, temperatures: Sequence[float]) -> dict[str, Any]:
    """Every figure, for each temperature."""
    windows = corpus.windows(split, coder.bars)
    real, known = windows.batch(slice(None)), hit_bits(corpus.windows("train", coder.bars).batch(slice(None)))
    mu, _ = encode_all(coder, real)
    low, high = (float(x) for x in np.percentile(hits_per_bar(real), (5, 95)))
    others = partners(windows.song)
    places = np.linspace(0, len(mu) - 1, MIDPOINTS).astype(np.int64)
    sets = {"normal": np.random.default_rng(0).standard_normal((SAMPLES, coder.z_size)).astype(np.float32)}
    if isinstance(coder, BundleCoder) and coder.space.mixture is not None:
        sets["mixture"] = sample(coder.space.mixture, SAMPLES)
    sets["midpoints"] = np.stack([slerp(mu[a], mu[b], 0.5) for a, b in zip(places, others[places], strict=True)])
    ends = [(mu[a], mu[others[a]]) for a in np.linspace(0, len(mu) - 1, MORPHS).astype(np.int64)]
    anchors = list(coder.space.anchors.values()) if isinstance(coder, BundleCoder) else []
    between = [(a, b) for i, a in enumerate(anchors) for b in anchors[:i]]
    some = between[:: -(-len(between) // MORPHS)] if between else []
    record: dict[str, Any] = {"bars": coder.bars, "split": split, "density_5_95": [low, high], "real": likeness(real, low, high, known)}
    record["temperatures"] = {}
    for temperature in tqdm(temperatures, desc="temperatures", unit="T"):
        played = {name: decode_all(coder, points, chance(len(points), coder.bars), temperature) for name, points in sets.items()}
        found: dict[str, Any] = {name: likeness(notes, low, high, known) for name, notes in played.items()}
        found["morph"] = morph(coder, ends, temperature)
        if between:
            found["anchors"] = midpoints_of(coder, between, temperature, low, high) | morph(coder, some, temperature)
        record["temperatures"][f"{temperature:g}"] = found
    record["best_temperature"], record["best_because"] = best_temperature(record["temperatures"]), "of the smoothest morphs"
    return record


def chance(count: int, bars: int) -> Notes:
    """Frozen chance of the hits, (count, steps, 9)."""
    return uniform(0, 0, 0, count * bars * 16 * VOICES).reshape(count, bars * 16, VOICES).astype(np.float32).clip(2.0**-24, 1 - 2.0**-24)


def likeness(notes: Notes, low: float, high: float, known: NDArray[np.float32]) -> dict[str, float]:
    """How like the data phrases are: density within its 5-95 % range, spread of hits, and how many are training windows again."""
    density = hits_per_bar(notes)
    return {
        "density_in_range": float(((density >= low) & (density <= high)).mean()),
        "density_mean": float(density.mean()),
        "hits_per_window_sd": float((density * notes.shape[1] / 16).std()),
        "memorised": float((nearest(hit_bits(notes), known)[1] >= KNOWN).mean()),
    }


def morph(coder: Coder, ends: Sequence[tuple[Points, Points]], temperature: float) -> dict[str, float]:
    """Slerps of 128 steps between pairs of points (z,), one chance for all of a way: summed over the pairs."""
    toggles, differing, jumps = 0, 0, list[int]()
    for (a, b), uniforms in zip(ends, chance(len(ends), coder.bars), strict=True):
        way = np.stack([slerp(a, b, step / MORPH_STEPS) for step in range(MORPH_STEPS + 1)])
        hits = decode_all(coder, way, uniforms, temperature)[..., HITS] > 0.5
        changes = (hits[1:] != hits[:-1]).sum((1, 2))
        toggles, differing = toggles + int(changes.sum()), differing + int((hits[0] != hits[-1]).sum())
        jumps.append(int(changes.max()))
    return {
        "toggles_per_differing_hit": toggles / max(differing, 1),
        "differing_hits": differing / max(len(ends), 1),
        "largest_jump": float(max(jumps, default=0)),
        "largest_jump_mean": float(np.mean(jumps)) if jumps else 0.0,
    }


def midpoints_of(coder: Coder, pairs: Sequence[tuple[Points, Points]], temperature: float, low: float, high: float) -> dict[str, float]:
    """Density halfway between named anchors."""
    halfway = np.stack([slerp(a, b, 0.5) for a, b in pairs])
    density = hits_per_bar(decode_all(coder, halfway, chance(len(halfway), coder.bars), temperature))
    return {"density_in_range": float(((density >= low) & (density <= high)).mean()), "density_mean": float(density.mean())}


def best_temperature(found: dict[str, Any]) -> float:
    """The temperature above 0 (or the only one) of the smoothest morphs."""
    usable = [t for t in found if float(t) > 0 or len(found) == 1]
    return float(min(usable, key=lambda t: float(found[t]["morph"]["toggles_per_differing_hit"])))


def print_record(record: dict[str, Any]) -> None:
    low, high = record["density_5_95"]
    print(f"{record['bars']} bars against {record['split']}: density 5-95 % is {low:.1f} .. {high:.1f} a bar")
    print("real windows  " + _line(record["real"]))
    for temperature, found in record["temperatures"].items():
        for name, figures in found.items():
            print(f"T {temperature:5s}{name:10s}" + _line(figures))
    print(f"default temperature: {record['best_temperature']:g} ({record['best_because']})")


def _line(figures: dict[str, float]) -> str:
    return "  ".join(f"{name} {value:.3f}" for name, value in figures.items())
