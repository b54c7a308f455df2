"""A set as one picture: the roll of all parts, the knobs over time, and the path through latent space.

Time has a colour, from blue to gold, and it is the same everywhere: a place of the path can be found in the roll above it. The data is
here, and how the picture is laid out; lanes and paths are drawn beside (`portrait_lanes`, `portrait_path`). Knows nothing of files.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mvae.core.letters import HEIGHT, text_width, write
from mvae.core.light import dark, exposed, tint
from mvae.core.phrase import BEATS_PER_BAR
from mvae.core.png import Pixels
from mvae.core.portrait_lanes import (
    DIM,
    GROUND,
    INK,
    LABELS,
    PALE,
    TEXT,
    Curve,
    Deed,
    Mark,
    Scale,
    Voice,
    curve_lane,
    curve_marks,
    deed_lane,
    voice_lane,
    voice_marks,
)  # fmt: skip
from mvae.core.portrait_path import Journey, journey_panel

WIDTH = 1920
MARGIN, GAP = 48, 14
TITLE = 5  # size of its letters
PATHS_HEIGHT = 660
MOST_CURVES = 14
RIBBON = 5
BAR_GAPS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
LEAST_BAR_PX = 44  # between two numbers of bars


@dataclass(frozen=True, slots=True)
class Portrait:
    """All that is shown. `beats` is how long it is; times of everything are beats from its start; `facts` stand beneath the title."""

    title: str
    facts: str
    beats: float
    voices: tuple[Voice, ...]
    curves: tuple[Curve, ...]
    deeds: tuple[Deed, ...]
    journeys: tuple[Journey, ...]


def portrait(shown: Portrait) -> Pixels:
    """The picture, (height, 1920, 3) uint8."""
    scale = Scale(max(shown.beats, BEATS_PER_BAR), WIDTH - 2 * MARGIN - LABELS)
    rows = [head(shown), ruler(scale)]
    rows += [labelled(voice.name, voice_lane(voice, scale), voice_marks(voice)) for voice in shown.voices]
    if shown.deeds:
        rows.append(labelled("hands", deed_lane(shown.deeds, scale), ()))
    rows += [labelled(curve.name, curve_lane(curve, scale), curve_marks(curve)) for curve in most_moved(shown.curves)]
    if shown.journeys:
        rows.append(paths(shown.journeys, shown.beats))
    return stacked(rows)


def most_moved(curves: tuple[Curve, ...]) -> list[Curve]:
    """The curves that moved most, as far as there is room, in their own order."""
    wanted = sorted(curves, key=lambda curve: -curve.travel())[:MOST_CURVES]
    return [curve for curve in curves if curve in wanted and len(curve.points) > 1]


def blank(height: int, width: int = WIDTH - 2 * MARGIN) -> Pixels:
    return np.full((height, width, 3), GROUND, np.uint8)


def stacked(rows: list[Pixels]) -> Pixels:
    """Rows one under the other, with a margin around them."""
    height = sum(row.shape[0] + GAP for row in rows) - GAP + 2 * MARGIN
    whole, top = blank(height, WIDTH), MARGIN
    for row in rows:
        whole[top : top + row.shape[0], MARGIN : WIDTH - MARGIN] = row
        top += row.shape[0] + GAP
    return whole


def head(shown: Portrait) -> Pixels:
    """The title, and the facts at the right, each as large as fits."""
    row, room = blank(TITLE * HEIGHT + 26), WIDTH - 2 * MARGIN
    write(row, 0, 0, fitting(shown.title, room, TITLE), PALE, TITLE)
    write(row, 0, TITLE * HEIGHT + 14, fitting(shown.facts, room, TEXT), INK, TEXT)
    return row


def fitting(text: str, room: int, size: int) -> str:
    """As much of a text as fits."""
    while text_width(text, size) > room:
        text = text[:-1]
    return text


def ruler(scale: Scale) -> Pixels:
    """The colours of time, and the numbers of the bars."""
    row = blank(TEXT * HEIGHT + 8 + RIBBON)
    light = dark(RIBBON, scale.width)
    light[:] = tint(np.linspace(0, 1, scale.width))[None]
    row[-RIBBON:, LABELS:] = exposed(light, GROUND)
    bar_px = scale.x(BEATS_PER_BAR)
    every = next((gap for gap in BAR_GAPS if gap * bar_px >= LEAST_BAR_PX), BAR_GAPS[-1])
    for bar in range(0, int(scale.beats / BEATS_PER_BAR) + 1, every):
        x = LABELS + round(bar * bar_px)
        if x + text_width(str(bar + 1), TEXT) <= row.shape[1]:
            write(row, x, 0, str(bar + 1), INK, TEXT)
    write(row, 0, 0, "bar", INK, TEXT)
    return row


def labelled(name: str, lane: Pixels, marks: Sequence[Mark]) -> Pixels:
    """A lane with its name at the left, and beside the lane what its heights mean."""
    row, room = blank(lane.shape[0]), LABELS - 10
    row[:, LABELS:] = lane
    for middle, text in marks:
        write(row, room - text_width(text, TEXT), min(max(middle - HEIGHT, 0), lane.shape[0] - TEXT * HEIGHT), text, DIM, TEXT)
    widest = max((text_width(text, TEXT) for _, text in marks), default=0)
    write(row, 0, max(0, (lane.shape[0] - TEXT * HEIGHT) // 2), fitting(name, room - widest - 8, TEXT), INK, TEXT)
    return row


def paths(journeys: tuple[Journey, ...], beats: float) -> Pixels:
    """The journeys side by side."""
    row, room = blank(PATHS_HEIGHT), WIDTH - 2 * MARGIN
    width = (room - (len(journeys) - 1) * GAP) // len(journeys)
    for place, journey in enumerate(journeys):
        left = place * (width + GAP)
        row[:, left : left + width] = journey_panel(journey, beats, PATHS_HEIGHT, width)
    return row
