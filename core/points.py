"""Points of latent spaces as text, exact to the bit: base64 of little-endian float32. For logs and the user's library."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import numpy as np

from mvae.core.latent import Latent

Points = Mapping[str, Latent]  # by bundle, (z,) float32 each
BYTES = 4


def text_of(point: Latent) -> str:
    """A point (z,) as text."""
    return base64.b64encode(np.ascontiguousarray(point, dtype="<f4").tobytes()).decode("ascii")


def point_of(text: str) -> Latent:
    """The point that a text says. ValueError for a text that says none, or numbers that are not finite."""
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise ValueError("not base64") from None
    if not raw or len(raw) % BYTES:
        raise ValueError(f"{len(raw)} bytes are no float32 numbers")
    point = np.frombuffer(raw, dtype="<f4").astype(np.float32)
    if not np.isfinite(point).all():
        raise ValueError("not all of its numbers are finite")
    return point


def texts_of(points: Points) -> dict[str, str]:
    """Points by bundle as text."""
    return {bundle: text_of(point) for bundle, point in points.items()}


def points_of(texts: Mapping[str, Any]) -> dict[str, Latent]:
    """Points by bundle from text. ValueError, naming the bundle, for what says none."""
    found = {}
    for bundle, text in texts.items():
        try:
            found[bundle] = point_of(text if isinstance(text, str) else "")
        except ValueError as problem:
            raise ValueError(f"{bundle}: {problem}") from None
    return found
