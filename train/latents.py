"""What calibration found, as the arrays of a bundle's `latents.npz`. Knows nothing of how it was found."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mvae.core.bundle import Array
from mvae.core.latent import Mixture
from mvae.train.response import Calibrated

Points = NDArray[np.float32]  # (n, z)


def named_points(kind: str, names: Sequence[str], points: Points) -> dict[str, Array]:
    """Points of a kind, "anchor" or "fill", each with its name; nothing where there are none."""
    return {f"{kind}_names": np.array(names), f"{kind}s": points} if len(names) else {}


def axis_arrays(axes: Sequence[Calibrated]) -> dict[str, Array]:
    """The tables of the axes that are shipped; nothing where none is."""
    shipped = [each.axis for each in axes if not each.response.faults()]
    if not shipped:
        return {}
    knobs = np.unique(np.concatenate([axis.knob for axis in shipped]))
    return {
        "axis_names": np.array([axis.name for axis in shipped]),
        "axis_direction": np.stack([axis.direction for axis in shipped]),
        "axis_knob": knobs,
        "axis_step": np.stack([np.interp(knobs, axis.knob, axis.step).astype(np.float32) for axis in shipped]),
        "axis_low": np.array([axis.low for axis in shipped], np.float32),
        "axis_high": np.array([axis.high for axis in shipped], np.float32),
    }


def mixture_arrays(mixture: Mixture) -> dict[str, Array]:
    """The prior that samples are drawn from."""
    return {"mixture_weight": mixture.weight, "mixture_mean": mixture.mean, "mixture_sd": mixture.sd}


def axis_facts(axes: Sequence[Calibrated]) -> Mapping[str, Mapping[str, object]]:
    """What the card says of every axis, shipped or not."""
    return {each.axis.name: each.facts() for each in axes}


def tell_axes(axes: Sequence[Calibrated]) -> None:
    """A line for each axis on the terminal."""
    for each in axes:
        faults, axis = each.response.faults(), each.axis
        print(
            f"axis   {axis.name:24s}{'ships' if not faults else 'stays'}  {axis.low:5.2f} .. {axis.high:4.2f}  rest {each.rest:5.2f}"
            f"  {each.response.follow:4.0%} follow  {'; '.join(faults)}"
        )
