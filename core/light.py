"""Drawing with light: floating-point pictures to which lines, dots and glow are added, and that become pixels at the end.

Light adds up and never burns out: what is very bright tends to its own colour at full strength. Knows nothing of what is drawn.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mvae.core.png import Pixels

Light = NDArray[np.float32]  # (height, width, 3), 0 is dark
Colour = tuple[int, int, int]

COARSE_PX = 6
TIMES: tuple[Colour, ...] = ((72, 126, 255), (150, 92, 255), (246, 82, 168), (255, 138, 88), (255, 226, 140))  # from first to last


def dark(height: int, width: int) -> Light:
    """No light yet."""
    return np.zeros((height, width, 3), np.float32)


def tint(share: "NDArray[np.floating] | Sequence[float]") -> NDArray[np.float32]:
    """The colour of each place in time, 0 the first and 1 the last: (n,) -> (n, 3), 0..1."""
    stops = np.linspace(0.0, 1.0, len(TIMES))
    places = np.clip(np.asarray(share, np.float64), 0.0, 1.0)
    return np.stack([np.interp(places, stops, [colour[part] / 255 for colour in TIMES]) for part in range(3)], axis=-1).astype(np.float32)


def splat(light: Light, x: NDArray[np.floating], y: NDArray[np.floating], colours: NDArray[np.floating]) -> None:
    """Add points: (n,) places in pixels, (n, 3) colours; each is shared out among the four pixels around it."""
    height, width, _ = light.shape
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    across, down = (x - left)[:, None], (y - top)[:, None]
    for column, row, share in (
        (left, top, (1 - across) * (1 - down)), (left + 1, top, across * (1 - down)),
        (left, top + 1, (1 - across) * down), (left + 1, top + 1, across * down),
    ):  # fmt: skip
        inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
        np.add.at(light, (row[inside], column[inside]), (share * colours)[inside].astype(np.float32))


def blurred(light: Light, radius: int) -> Light:
    """The light spread over about `radius` pixels: two passes of a box, which is nearly round. What is wide is spread in half the size."""
    height, width, _ = light.shape
    if radius < COARSE_PX:
        return _boxed(_boxed(light, radius), radius)
    even = np.pad(light, ((0, height % 2), (0, width % 2), (0, 0)))
    small = (even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]) * np.float32(0.25)
    return blurred(np.asarray(small, np.float32), radius // 2).repeat(2, axis=0).repeat(2, axis=1)[:height, :width]


def _boxed(light: Light, radius: int) -> Light:
    """The mean over 2 radius + 1 pixels down, and across; dark beyond the edges."""
    for _ in range(2):
        height = light.shape[0]
        padded = np.pad(light, ((radius, radius), (0, 0), (0, 0)))
        spread = np.zeros_like(light)
        for place in range(2 * radius + 1):
            spread += padded[place : place + height]
        light = np.ascontiguousarray(spread.transpose(1, 0, 2) / np.float32(2 * radius + 1))
    return light


def ring(light: Light, x: float, y: float, radius: float, thickness: float, colour: Colour, strength: float = 1.0) -> None:
    """Add a circle around a place, soft at its edges; a disc where it is as thick as its radius."""
    reach = int(radius + thickness) + 3
    top, left = max(int(y) - reach, 0), max(int(x) - reach, 0)
    part = light[top : int(y) + reach + 1, left : int(x) + reach + 1]
    rows, columns = np.mgrid[top : top + part.shape[0], left : left + part.shape[1]]
    away = np.abs(np.hypot(columns - x, rows - y) - radius + thickness / 2)
    part += (strength * np.clip(thickness / 2 + 0.7 - away, 0, 1)[:, :, None] * np.array(colour) / 255).astype(np.float32)


def exposed(light: Light, ground: Colour) -> Pixels:
    """The picture of light before a ground: (height, width, 3) uint8."""
    brightest = np.maximum(light.max(axis=2, keepdims=True), 1e-6)
    strength = 1.0 - np.exp(-1.6 * brightest)  # how far the ground is covered
    hue = light / brightest
    over = np.clip((brightest - 1.2) / 3.0, 0.0, 0.75)  # what is brighter still tends to white
    colour = hue * (1 - over) + over
    base = np.array(ground, np.float32) / 255
    return np.asarray(np.clip(base + (colour - base) * strength, 0, 1) * 255 + 0.5, dtype=np.uint8)
