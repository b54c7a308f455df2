"""A bundle's path through its latent space, seen in two principal components, with the anchors that stood in its slots.

Where the music stayed the path is brighter. Knows nothing of where the points come from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mvae.core.latent import Doubles, Latent
from mvae.core.letters import HEIGHT, text_width, write
from mvae.core.light import Light, blurred, dark, exposed, ring, splat, tint
from mvae.core.plane import plane_of
from mvae.core.png import Pixels
from mvae.core.portrait_lanes import GROUND, INK, LANE, PALE
from mvae.core.trail import Way

EDGE = 90  # pixels around what is drawn, for names
STEP_PX = 0.5  # between two points of a line
TEXT = 2
ANCHOR_PX, END_PX = 9, 6
MOST_NAMED = 24  # anchors

Box = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True, slots=True, eq=False)
class Journey:
    """A bundle's way and its name."""

    name: str
    way: Way


def journey_panel(journey: Journey, beats: float, height: int, width: int) -> Pixels:
    """The picture of a journey in a set of so many beats: (height, width, 3) uint8."""
    anchors = dict(list(journey.way.anchors.items())[:MOST_NAMED])
    plane = plane_of(journey.way.z, list(anchors.values()))
    path, points = plane.seen(journey.way.z), plane.seen(list(anchors.values())) if anchors else np.zeros((0, 2))
    path, points = placed(path, points, height, width)
    light = dark(height, width)
    draw_path(light, path, journey.way.beats, beats)
    for x, y in points:
        ring(light, x, y, ANCHOR_PX, 2.0, PALE, 0.8)
    (begin_x, begin_y), (end_x, end_y) = path[0], path[-1]
    ring(light, begin_x, begin_y, END_PX + 4, 2.0, (255, 255, 255), 0.5)
    ring(light, end_x, end_y, END_PX, END_PX, (255, 255, 255), 1.0)
    pixels = exposed(light, LANE)
    named(pixels, anchors, points)
    write(pixels, 16, 16, journey.name, INK, TEXT)
    first, second = (f"{100 * share:.0f}%" for share in plane.shares)
    note = f"two principal components: {first} and {second} of the way"
    write(pixels, 16, height - 16 - TEXT * HEIGHT, note if text_width(note, TEXT) < width - 32 else f"{first} + {second}", INK, TEXT)
    return pixels


def placed(path: Doubles, points: Doubles, height: int, width: int) -> tuple[Doubles, Doubles]:
    """Both in pixels of a panel, alike in both directions, all within its edge; the second component points up."""
    every = np.concatenate([path, points])
    low, high = every.min(axis=0), every.max(axis=0)
    room = np.array([max(width - 2 * EDGE, 1), max(height - 2 * EDGE, 1)])
    pixels = float(np.min(room / np.maximum(high - low, 1e-9)))
    middle, turn = (low + high) / 2, np.array([pixels, -pixels])
    centre = np.array([width / 2, height / 2])
    return (path - middle) * turn + centre, (points - middle) * turn + centre


def draw_path(light: Light, path: Doubles, at: Doubles, beats: float) -> None:
    """The line through points (n, 2) in the colour of their beats (n,), and a glow where it stayed."""
    lengths = np.hypot(*np.diff(path, axis=0).T) if len(path) > 1 else np.zeros(0)
    way = np.concatenate([[0.0], np.cumsum(lengths)])
    along = np.linspace(0.0, way[-1], int(way[-1] / STEP_PX) + 2)
    moved = np.concatenate([[True], lengths > 0])
    x, y, beat = (np.interp(along, way[moved], values[moved]) for values in (path[:, 0], path[:, 1], at))
    line = dark(*light.shape[:2])
    splat(line, x, y, STEP_PX * tint(beat / beats))
    light += 1.3 * np.minimum(blurred(line, 1) * 3, 1.6) + 4.0 * np.minimum(blurred(line, 7), 0.35)
    stays = np.diff(np.append(at, max(beats, at[-1])))
    rest = dark(*light.shape[:2])
    splat(rest, path[:, 0], path[:, 1], np.sqrt(stays / beats)[:, None] * tint(at / beats))
    light += 60.0 * blurred(rest, 6) + 240.0 * blurred(rest, 16)


def named(pixels: Pixels, anchors: Mapping[str, Latent], points: Doubles) -> None:
    """The anchors' names beside them, where no other name is."""
    taken: list[Box] = [(x - ANCHOR_PX, y - ANCHOR_PX, x + ANCHOR_PX, y + ANCHOR_PX) for x, y in points]
    for label, (x, y) in zip(anchors, points, strict=True):
        width, half = text_width(label, TEXT), TEXT * HEIGHT / 2
        beside = [
            (x + 18, y - half), (x - 18 - width, y - half), (x - width / 2, y - 20 - 2 * half), (x - width / 2, y + 20),
            (x + 14, y - 18 - half), (x + 14, y + 18),
        ]  # fmt: skip
        boxes = [(left, top, left + width, top + 2 * half) for left, top in beside]
        free = next((box for box in boxes if fits(box, taken, pixels)), None)
        if free is not None:
            taken.append(free)
            outlined(pixels, round(free[0]), round(free[1]), label)


def outlined(pixels: Pixels, x: int, y: int, text: str) -> None:
    """Text that is read on any ground: with a dark edge around it."""
    for down in (-2, 0, 2):
        for across in (-2, 0, 2):
            write(pixels, x + across, y + down, text, GROUND, TEXT)
    write(pixels, x, y, text, PALE, TEXT)


def fits(box: Box, taken: Sequence[Box], pixels: Pixels) -> bool:
    """Whether a box lies in the picture and on nothing that is taken."""
    left, top, right, bottom = box
    height, width, _ = pixels.shape
    inside = left >= 4 and top >= 4 and right <= width - 4 and bottom <= height - 4
    return inside and not any(left < other[2] and other[0] < right and top < other[3] and other[1] < bottom for other in taken)
