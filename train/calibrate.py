"""`mvae-train calibrate`: what a bundle's latent space means, measured on the bundle itself and written into it.

From the corpus the model was trained on: named anchors and fills (training split), axes (directions from training, travel from
validation), the mixture that samples are drawn from (training posteriors), and the residuals of `feel` (validation).
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from mvae.core.bundle import Array, with_latents
from mvae.core.errors import UserError
from mvae.core.latent import Residual
from mvae.train.anchors import Named, choose_anchors, choose_fills, fidelity, provenance
from mvae.train.attributes import ATTRIBUTES, attributes
from mvae.train.axes import KNOB, calibrate
from mvae.train.coder import BundleCoder, Coder, decode_all, encode_all, open_coder
from mvae.train.corpus import Corpus
from mvae.train.directions import directions, disturbed
from mvae.train.feel import fit_residual, with_feel
from mvae.train.figure import draw_axes
from mvae.train.mixture import fit_mixture, posterior_samples
from mvae.train.response import Calibrated
from mvae.train.tally import Songs, sd, spread_sums
from mvae.train.windows import Windows

Notes = NDArray[np.float32]  # (n, steps, 27)
Points = NDArray[np.float32]  # (n, z)

PHRASES = 512  # of validation that an axis's travel is taken on
AROUND, APART = 8192, 0.5  # decodes around training points, and how far around, for directions of the decoder's own


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
    coder, corpus = open_coder(arguments.bundle), Corpus.open(arguments.data)
    if not isinstance(coder, BundleCoder):
        raise UserError(f"--bundle {arguments.bundle}: a run, not a bundle; export it first (mvae-export)")
    train, validation = (hear(coder, corpus.windows(split, coder.bars, fills=split == "train")) for split in ("train", "validation"))
    if not len(train.windows) or not len(validation.windows):
        raise UserError(f"--data {arguments.data}: no {coder.bars}-bar windows to train and to validate on; prepare a larger corpus")
    anchors, fills = (choose(train.windows, train.notes, fidelity(train.notes, train.decoded)) for choose in (choose_anchors, choose_fills))
    axes = calibrate_axes(coder, train, validation)
    residual = fit_residual(validation.notes, validation.decoded)
    latents = latents_of(train, anchors, fills, [axis for axis in axes if not axis.response.faults()], residual)
    described = {
        "anchors": provenance(anchors), "fills": provenance(fills), "feel": spread_of(validation, residual),
        "mixture": {"components": len(latents["mixture_weight"]), "fitted_on": "train, one draw a posterior", "draws": len(train.mu)},
    }
    with_latents(arguments.bundle, latents, {"latents": described, "axes": {axis.axis.name: axis.facts() for axis in axes}})
    if arguments.figures:
        (arguments.figures / f"axes_{arguments.bundle.resolve().name}.svg").write_text(draw_axes(axes), encoding="utf-8")
    tell(anchors, fills, axes)
    return 0


def hear(coder: Coder, windows: Windows) -> Heard:
    """All windows of a split through the model."""
    notes = windows.batch(np.arange(len(windows)))
    mu, sigma = encode_all(coder, notes)
    return Heard(windows, notes, mu, sigma, decode_all(coder, mu))


def calibrate_axes(coder: Coder, train: Heard, validation: Heard) -> list[Calibrated]:
    """Every attribute's axis: along the direction that the performances give, or along the decoder's own where that serves better."""
    rows = np.unique(np.linspace(0, len(validation.mu) - 1, PHRASES).astype(np.int64))
    values, points = attributes(train.notes), validation.mu[rows]
    played = directions(train.mu, values, validation.mu, attributes(validation.notes))
    around, check = disturbed(train.mu, AROUND, APART), disturbed(validation.mu, AROUND // 4, APART)
    own = directions(around, attributes(decode_all(coder, around)), check, attributes(decode_all(coder, check)))
    found = list[Calibrated]()
    for name in tqdm(ATTRIBUTES, desc="axes", unit="axis"):
        tried = list[Calibrated]()
        for moves, predicted in (played, own):
            axis = calibrate(name, moves[name], lambda z: decode_all(coder, z), points, values)
            tried.append(replace(axis, predicted_r2=predicted[name]))
            if not tried[-1].response.faults():
                break
        found.append(min(tried, key=lambda axis: (len(axis.response.faults()), -axis.response.follow)))
    return found


def latents_of(
    train: Heard, anchors: Sequence[Named], fills: Sequence[Named], axes: Sequence[Calibrated], residual: Residual
) -> dict[str, Array]:
    """The arrays of `latents.npz`."""
    mixture = fit_mixture(posterior_samples(train.mu, train.sigma))
    arrays: dict[str, Array] = {}
    for kind, points in (("anchor", anchors), ("fill", fills)):
        if points:
            arrays |= {f"{kind}_names": np.array([point.name for point in points]), f"{kind}s": train.mu[[point.row for point in points]]}
    if axes:
        arrays |= {
            "axis_names": np.array([each.axis.name for each in axes]),
            "axis_direction": np.stack([each.axis.direction for each in axes]),
            "axis_knob": KNOB.astype(np.float32),
            "axis_step": np.stack([each.axis.step for each in axes]),
            "axis_low": np.array([each.axis.low for each in axes], np.float32),
            "axis_high": np.array([each.axis.high for each in axes], np.float32),
        }
    arrays |= {"mixture_weight": mixture.weight, "mixture_mean": mixture.mean, "mixture_sd": mixture.sd}
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


def tell(anchors: Sequence[Named], fills: Sequence[Named], axes: Sequence[Calibrated]) -> None:
    for kind, points in (("anchor", anchors), ("fill", fills)):
        for point in points:
            print(f"{kind:7s}{point.name:12s} F1 {point.f1:.3f}  {point.file} bar {point.bar}")
    for each in axes:
        faults, axis = each.response.faults(), each.axis
        print(
            f"axis   {axis.name:16s}{'ships' if not faults else 'stays'}  {axis.low:5.2f} .. {axis.high:4.2f}  rest {each.rest:5.2f}"
            f"  {each.response.follow:4.0%} follow  {'; '.join(faults)}"
        )
