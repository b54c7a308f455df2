"""`mvae-train calibrate`: what a bundle's latent space means, measured on the bundle itself and written into it.

From the corpus the model was trained on: named anchors and fills (training split), axes (directions from training, travel from
validation), the mixture that samples are drawn from (training posteriors), and the residuals of `feel` (validation).
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mvae.core.bundle import Array, with_latents
from mvae.core.card import CARD_FILE, read_card
from mvae.core.errors import UserError
from mvae.core.latent import Residual
from mvae.train.anchors import Named, choose_anchors, choose_fills, fidelity, provenance
from mvae.train.attributes import ATTRIBUTES, attributes
from mvae.train.axes import Known, find_axes
from mvae.train.coder import Coder, decode_all, encode_all, open_coder
from mvae.train.corpus import Corpus
from mvae.train.feel import fit_residual, with_feel
from mvae.train.figure import draw_axes
from mvae.train.latents import axis_arrays, axis_facts, mixture_arrays, named_points, tell_axes
from mvae.train.mixture import fit_mixture, posterior_samples
from mvae.train.response import Calibrated
from mvae.train.tally import Songs, sd, spread_sums
from mvae.train.windows import Windows

Notes = NDArray[np.float32]  # (n, steps, 27)
Points = NDArray[np.float32]  # (n, z)

PHRASES = 512  # of validation that an axis's travel is taken on
AROUND = 8192  # decodes around training points, for directions of the decoder's own


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """Windows with their notes (n, steps, 27), posteriors (n, z) and decodes of mu at temperature 0."""

    windows: Windows
    notes: Notes
    mu: Points
    sigma: Points
    decoded: Notes


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--bundle", type=Path, required=True, help="the bundle to measure and complete")
    parser.add_argument("--data", type=Path, required=True, metavar="OUT", help="the corpus that it was trained on")
    parser.add_argument("--figures", type=Path, metavar="DIR", help="draw the response of the axes into DIR/axes_NAME.svg")


def run(arguments: argparse.Namespace) -> int:
    if arguments.figures:
        try:
            arguments.figures.mkdir(exist_ok=True)
        except OSError as error:
            raise UserError(f"--figures {arguments.figures}: {error.strerror}; give a folder that can be written") from error
    if not (arguments.bundle / CARD_FILE).is_file():
        there = "a run, not a bundle; export it first" if arguments.bundle.exists() else "no bundle is there; give a folder of"
        raise UserError(f"--bundle {arguments.bundle}: {there} (mvae-export)")
    kind, corpus = read_card(arguments.bundle).kind, Corpus.open(arguments.data)
    if kind != corpus.kind:
        raise UserError(f"--data {arguments.data}: a corpus of kind {corpus.kind}, the bundle is of {kind}; give what it was trained on")
    if kind == "groove":
        axes = calibrate_groove(arguments.bundle, corpus)
    else:
        from mvae.train.token_calibrate import calibrate_tokens

        axes = calibrate_tokens(arguments.bundle, corpus)
    if arguments.figures:
        (arguments.figures / f"axes_{arguments.bundle.resolve().name}.svg").write_text(draw_axes(axes), encoding="utf-8")
    tell_axes(axes)
    return 0


def calibrate_groove(bundle: Path, corpus: Corpus) -> list[Calibrated]:
    """Everything of a bundle of grooves, written into it; its axes, shipped or not."""
    coder = open_coder(bundle)
    train, validation = (hear(coder, corpus.windows(split, coder.bars, fills=split == "train")) for split in ("train", "validation"))
    if not len(train.windows) or not len(validation.windows):
        raise UserError(f"--data {corpus.folder}: no {coder.bars}-bar windows to train and to validate on; prepare a larger corpus")
    anchors, fills = (choose(train.windows, train.notes, fidelity(train.notes, train.decoded)) for choose in (choose_anchors, choose_fills))
    axes = calibrate_axes(coder, train, validation)
    residual = fit_residual(validation.notes, validation.decoded)
    latents = latents_of(train, anchors, fills, axes, residual)
    described = {
        "anchors": provenance(anchors), "fills": provenance(fills), "feel": spread_of(validation, residual),
        "mixture": {"components": len(latents["mixture_weight"]), "fitted_on": "train, one draw a posterior", "draws": len(train.mu)},
    }
    with_latents(bundle, latents, {"latents": described, "axes": axis_facts(axes)})
    tell(anchors, fills)
    return axes


def hear(coder: Coder, windows: Windows) -> Heard:
    """All windows of a split through the model."""
    notes = windows.batch(np.arange(len(windows)))
    mu, sigma = encode_all(coder, notes)
    return Heard(windows, notes, mu, sigma, decode_all(coder, mu))


def calibrate_axes(coder: Coder, train: Heard, validation: Heard) -> list[Calibrated]:
    """The axis of every attribute."""
    rows = np.unique(np.linspace(0, len(validation.mu) - 1, PHRASES).astype(np.int64))
    known, check = (Known(heard.mu, attributes(heard.notes)) for heard in (train, validation))
    return find_axes(list(ATTRIBUTES), lambda z: attributes(decode_all(coder, z)), known, check, validation.mu[rows], AROUND)


def latents_of(
    train: Heard, anchors: Sequence[Named], fills: Sequence[Named], axes: Sequence[Calibrated], residual: Residual
) -> dict[str, Array]:
    """The arrays of `latents.npz`."""
    arrays: dict[str, Array] = {}
    for kind, points in (("anchor", anchors), ("fill", fills)):
        arrays |= named_points(kind, [point.name for point in points], train.mu[[point.row for point in points]])
    arrays |= axis_arrays(axes) | mixture_arrays(fit_mixture(posterior_samples(train.mu, train.sigma)))
    return arrays | {"feel_velocity_sd": residual.velocity_sd, "feel_offset_sd": residual.offset_sd}


def spread_of(validation: Heard, residual: Residual) -> dict[str, object]:
    """What the card says of feel: the spread decoded over the real one on matched hits, without and with the residuals."""
    songs = Songs.of(validation.windows.song, validation.windows.bpm)

    def ratios(sums: dict[str, NDArray[np.float64]]) -> dict[str, float]:
        totals = {name: values.sum(0) for name, values in sums.items()}
        return {name: round(float(sd(totals, f"{name}_decoded") / sd(totals, name)), 3) for name in ("velocity", "offset")}

    totals = spread_sums(validation.notes, validation.decoded, songs)
    felt = spread_sums(validation.notes, with_feel(validation.decoded, residual, 1.0), songs)
    return {"fitted_on": "validation", "sd_ratio_at_feel_0": ratios(totals), "sd_ratio_at_feel_1": ratios(felt)}


def tell(anchors: Sequence[Named], fills: Sequence[Named]) -> None:
    for kind, points in (("anchor", anchors), ("fill", fills)):
        for point in points:
            print(f"{kind:7s}{point.name:12s} F1 {point.f1:.3f}  {point.file} bar {point.bar}")
