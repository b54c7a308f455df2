"""`mvae-train calibrate` for bundles of tokens: anchors from test songs, axes, and the mixture that samples are drawn from.

As for grooves (`mvae.train.calibrate`), but for what a phrase is told by, how windows are drawn, and where anchors come from.
Budgets are in steps of music, so that phrases of 16 bars take no longer than eight times as many of two.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mvae.core.bundle import with_latents
from mvae.core.errors import UserError
from mvae.core.tokens import STREAMS, Tokens
from mvae.train.axes import Known, find_axes
from mvae.train.corpus import Corpus
from mvae.train.latents import axis_arrays, axis_facts, mixture_arrays, named_points
from mvae.train.mixture import fit_mixture, posterior_samples
from mvae.train.response import Calibrated
from mvae.train.taught import taught_directions
from mvae.train.token_anchors import Tune, choose_tunes, corners, note_f1, places, usable
from mvae.train.token_coder import BundleTokens, TokenCoder, decode_tokens, encode_tokens
from mvae.train.token_knobs import told, turned
from mvae.train.token_sets import drawn, of_each_song
from mvae.train.token_windows import TokenWindows
from mvae.train.tune_names import titles_of

Points = NDArray[np.float32]  # (n, z)

SCAN = np.array([-8, -6, -4.5, -3.5, -2.5, -2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2, 2.5, 3.5, 4.5, 6, 8], np.float64)  # predicted deviations


@dataclass(frozen=True, slots=True)
class Budget:
    """How many windows and decodes calibration takes."""

    train: int  # windows that directions and the mixture are fitted to
    check: int  # of validation, for the ridge
    phrases: int  # of validation, whose decodes an axis's travel is taken on
    around: int  # decodes around training points
    each_song: int  # windows of a test song that an anchor is chosen from


def budget_of(kind: str, bars: int) -> Budget:
    """Two minutes of one core for two bars of one stream, a few times as much for sixteen."""
    if bars <= 4:
        return Budget(8192, 1024, 384 // bars, 4096, 12)
    return Budget(4096, 512, 48 // len(STREAMS[kind]), 1024, 4 if len(STREAMS[kind]) == 1 else 24)


@dataclass(frozen=True, slots=True, eq=False)
class Taught:
    """Directions (z,) that attributes have in a model, and the play of its knobs along them (`mvae.train.taught`)."""

    directions: Mapping[str, Points]
    play: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """Windows of a split with their tokens (n, steps, streams) and posteriors (n, z)."""

    windows: TokenWindows
    rows: NDArray[np.int64]
    tokens: Tokens
    mu: Points
    sigma: Points


def calibrate_tokens(bundle: Path, corpus: Corpus) -> list[Calibrated]:
    """Everything of a bundle of tokens, written into it; its axes, shipped or not."""
    from mvae.live.token_decoder import TokenDecoder

    decoder = TokenDecoder.open(bundle)
    coder, config = BundleTokens(decoder), decoder.card.training.get("config", {})
    model = config.get("model", {})
    taught = Taught(taught_directions(model.get("attributes", ()), coder.z_size), model.get("play", 0.0))
    latents, facts, axes = measure_tokens(coder, corpus, config.get("mix", {}), decoder.card.temperature, taught)
    with_latents(bundle, latents, facts)
    return axes


def measure_tokens(
    coder: TokenCoder, corpus: Corpus, mix: Mapping[str, float], temperature: float, taught: Taught
) -> tuple[dict[str, NDArray[Any]], dict[str, Any], list[Calibrated]]:
    """The arrays of `latents.npz`, what the card says, and the axes.
    UserError where the corpus has too little."""
    budget = budget_of(coder.kind, coder.bars)
    train, check = (hear(coder, corpus, split, size, mix) for split, size in (("train", budget.train), ("validation", budget.check)))
    known = told(coder.kind, train.tokens)
    tunes, pad = anchors_of(coder, corpus, budget, known, temperature)
    heard = encode_tokens(coder, corpus.tokens("test", coder.bars).batch([tune.row for tune in tunes]))[0]
    axes = axes_of(coder, budget, Known(train.mu, known), check, taught)
    knobs = np.arange(coder.z_size) >= coder.z_size - len(taught.directions)  # they have no spread of their own
    mixture = fit_mixture(posterior_samples(train.mu, np.where(knobs, np.float32(0), train.sigma)))
    arrays = named_points("anchor", [tune.name for tune in tunes], heard) | axis_arrays(axes) | mixture_arrays(mixture)
    described = {
        "anchors": {tune.name: tune.fact() for tune in tunes},
        "anchors_from": {"split": "test", "temperature": temperature},
        "corners": pad,
        "mixture": {"components": len(mixture.weight), "fitted_on": "train, one draw a posterior", "draws": len(train.mu)},
    }
    return arrays, {"latents": described, "axes": axis_facts(axes)}, axes


def hear(coder: TokenCoder, corpus: Corpus, split: str, count: int, mix: Mapping[str, float]) -> Chosen:
    """Windows drawn from a split through the encoder."""
    windows = corpus.tokens(split, coder.bars)
    rows = drawn(windows, count, mix)
    if not rows.size:
        raise UserError(f"--data {corpus.folder}: no {coder.bars}-bar windows of {split}; prepare a larger corpus")
    tokens = windows.batch(rows)
    return Chosen(windows, rows, tokens, *encode_tokens(coder, tokens))


def axes_of(coder: TokenCoder, budget: Budget, known: Known, check: Chosen, taught: Taught) -> list[Calibrated]:
    """The axis of every attribute that a performer turns. Within the play of knobs only its ends are tried: there they do nothing."""
    rows = np.unique(np.linspace(0, len(check.mu) - 1, budget.phrases).astype(np.int64))
    names = turned(coder.kind, known.values)
    live = {name: values for name, values in known.values.items() if float(np.nanstd(values)) > 0}
    seen = told(coder.kind, check.tokens)

    def tell(z: Points) -> dict[str, NDArray[np.float64]]:
        heard = told(coder.kind, decode_tokens(coder, z))
        return {name: heard[name] for name in live}

    scan = SCAN[(SCAN == 0) | (np.abs(SCAN) > taught.play)]
    if taught.play:
        scan = np.sort(np.append(scan, [-taught.play, taught.play]))
    checked = Known(check.mu, {name: seen[name] for name in live})
    return find_axes(names, tell, Known(known.mu, live), checked, check.mu[rows], budget.around, scan, taught.directions, taught.play)


def anchors_of(
    coder: TokenCoder, corpus: Corpus, budget: Budget, known: Mapping[str, NDArray[np.float64]], temperature: float
) -> tuple[list[Tune], list[str]]:
    """The anchors, and the names of the four for the corners of a pad."""
    windows = corpus.tokens("test", coder.bars)
    rows = of_each_song(windows, budget.each_song, apart=2 if coder.bars <= 2 else 4 if coder.bars <= 4 else 8)
    if not rows.size:
        raise UserError(f"--data {corpus.folder}: no {coder.bars}-bar windows of test to take anchors from; prepare a larger corpus")
    tokens = windows.batch(rows)
    mu, _ = encode_tokens(coder, tokens)
    f1 = np.minimum(*(note_f1(coder.kind, tokens, decode_tokens(coder, mu, each)) for each in (0.0, temperature)))
    values = told(coder.kind, tokens)
    place = places(values, known)
    tunes = choose_tunes(windows, rows, f1, usable(coder.kind, tokens, values, known), place, titles_of(corpus.facts.get("sources", ())))
    where = {int(row): i for i, row in enumerate(rows)}
    for tune in tunes:
        print(f"anchor {tune.name:26s} F1 {tune.f1:.3f}  {tune.set}: {tune.file} window {tune.window}")
    pad = corners([tune.name for tune in tunes], place[[where[tune.row] for tune in tunes]])
    print(f"corners {', '.join(pad)}")
    return tunes, pad
