"""The lanes of a set's picture, one axis of time for all: notes of a part, a knob, what hands did."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mvae.core.drums import CLASSES
from mvae.core.letters import HEIGHT, text_width, write
from mvae.core.light import Colour, Light, blurred, dark, exposed, tint
from mvae.core.phrase import BEATS_PER_BAR
from mvae.core.png import Pixels
from mvae.core.roll import pitch_name

GROUND: Colour = (10, 11, 16)
LANE: Colour = (17, 19, 27)
INK: Colour = (150, 158, 176)
DIM: Colour = (98, 105, 122)
PALE: Colour = (232, 234, 240)
LABELS = 190  # pixels on the left of every lane
DRUM_ROW, PITCH_ROW = 15, 6
LEAST_ROWS, MOST_ROWS = 17, 44  # of a lane of pitches
CURVE_HEIGHT, DEED_HEIGHT = 44, 30
BAR_LIGHT = 0.035
QUIETEST = 0.25  # of a note's brightness
GLOW, GLOW_PX = 0.55, 6
TEXT = 2  # size of letters
Mark = tuple[int, str]  # what a height of a lane means: the pixel, and its name


@dataclass(frozen=True, slots=True)
class Scale:
    """`beats` on `width` pixels."""

    beats: float
    width: int

    def x(self, beat: float) -> float:
        return beat / self.beats * self.width


@dataclass(frozen=True, slots=True)
class Struck:
    """A note: when, how long, in which row (pitch, or drum class), how hard (1..127)."""

    beat: float
    duration: float
    row: int
    velocity: int


@dataclass(frozen=True, slots=True)
class Voice:
    """A part; of drums the rows are the nine classes."""

    name: str
    drums: bool
    notes: tuple[Struck, ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """A knob or switch: its range, and (beat, value) from each of which on it stood there."""

    name: str
    low: float
    high: float
    points: tuple[tuple[float, float], ...]
    switch: bool = False

    def travel(self) -> float:
        """How far it was turned in all, in ranges."""
        span = self.high - self.low or 1.0
        return sum(abs(after[1] - before[1]) for before, after in zip(self.points, self.points[1:], strict=False)) / span


@dataclass(frozen=True, slots=True)
class Deed:
    """Something done at a beat."""

    beat: float
    name: str


def empty(height: int, scale: Scale) -> Light:
    """A lane with nothing but its bars, every second a little lighter."""
    light = dark(height, scale.width)
    bar_px = scale.x(BEATS_PER_BAR)
    if bar_px >= 3:
        for bar in range(1, int(scale.beats / BEATS_PER_BAR) + 1):
            light[:, min(round(bar * bar_px), scale.width - 1)] += 2 * BAR_LIGHT if bar % 4 == 0 else BAR_LIGHT
    return light


def voice_lane(voice: Voice, scale: Scale) -> Pixels:
    """The notes of a part: high ones above, the louder the brighter, in the colour of their time."""
    low, rows, height = _rows(voice)
    bright = np.zeros((rows * height, scale.width), np.float32)
    for note in voice.notes:
        top = (rows - 1 - min(max(note.row - low, 0), rows - 1)) * height
        left = min(max(round(scale.x(note.beat)), 0), scale.width - 2)
        right = max(left + 2, round(scale.x(note.beat + note.duration)) - 1)
        strength = QUIETEST + (1 - QUIETEST) * (note.velocity / 127) ** 1.5
        box = bright[top + 1 : top + height - 1, left:right]
        np.maximum(box, strength, out=box)
    light = empty(rows * height, scale) + _glowing(bright[:, :, None] * tint(np.linspace(0, 1, scale.width))[None])
    return exposed(light, LANE)


def voice_marks(voice: Voice) -> list[Mark]:
    """The drum classes, or every C."""
    low, rows, height = _rows(voice)
    names = [name.replace("_", " ") for name in CLASSES] if voice.drums else [pitch_name(pitch) for pitch in range(low, low + rows)]
    shown = [(row, name) for row, name in enumerate(names) if voice.drums or (low + row) % 12 == 0]
    return [(round((rows - row - 0.5) * height), name) for row, name in shown]


def _rows(voice: Voice) -> tuple[int, int, int]:
    """The lowest row of a lane, how many it shows, and how high each is."""
    if voice.drums:
        return 0, len(CLASSES), DRUM_ROW
    pitches = [note.row for note in voice.notes] or [60]
    rows = min(max(max(pitches) - min(pitches) + 3, LEAST_ROWS), MOST_ROWS)
    return max(0, (max(pitches) + min(pitches)) // 2 - rows // 2), rows, PITCH_ROW


def _glowing(light: Light) -> Light:
    return np.asarray(light + GLOW * blurred(light, GLOW_PX), dtype=np.float32)


def curve_lane(curve: Curve, scale: Scale) -> Pixels:
    """A knob over time: a bright line, a faint field beneath it. A pixel that saw it in several places has them all."""
    light, height = empty(CURVE_HEIGHT, scale), CURVE_HEIGHT
    colours, span = tint(np.linspace(0, 1, scale.width)), curve.high - curve.low or 1.0
    lowest, highest, last = _course(curve, scale)
    rows = np.arange(height)[:, None]
    top, bottom, level = ((height - 4 - (value - curve.low) / span * (height - 7)) for value in (highest, lowest, last))
    line = np.clip(1.6 - np.maximum(np.maximum(top - rows, rows - bottom), 0), 0, 1)
    field = 0.16 * (rows > level)
    return exposed(light + _glowing((line[:, :, None] * colours[None]).astype(np.float32)) + (field[:, :, None] * colours[None]), LANE)


def curve_marks(curve: Curve) -> list[Mark]:
    """The ends of its range."""
    low, high = ("off", "on") if curve.switch else (f"{curve.low:g}", f"{curve.high:g}")
    return [(HEIGHT, high), (CURVE_HEIGHT - HEIGHT, low)]


def _course(curve: Curve, scale: Scale) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each pixel of time: the lowest and highest value in it, the one it came with included, and the last. Each (width,)."""
    lowest, highest, last = (np.full(scale.width, curve.points[0][1]) for _ in range(3))
    for beat, value in curve.points[1:]:
        x = min(max(int(scale.x(beat)), 0), scale.width - 1)
        lowest[x], highest[x] = min(lowest[x], value), max(highest[x], value)
        lowest[x + 1 :] = highest[x + 1 :] = last[x:] = value
    return lowest, highest, last


def deed_lane(deeds: Sequence[Deed], scale: Scale) -> Pixels:
    """A mark for everything that was done, with its name where there is room."""
    light = empty(DEED_HEIGHT, scale)
    places = [(min(max(round(scale.x(deed.beat)), 0), scale.width - 2), deed.name) for deed in sorted(deeds, key=lambda deed: deed.beat)]
    colours = tint([x / scale.width for x, _ in places])
    for (x, _), colour in zip(places, colours, strict=True):
        light[:, x : x + 2] = np.maximum(light[:, x : x + 2], 0.9 * colour)
    pixels, free = exposed(_glowing(light), LANE), 0
    for (x, name), later in zip(places, [*(x for x, _ in places[1:]), scale.width], strict=False):
        width = text_width(name, TEXT)
        if x >= free and x + 8 + width < later:
            write(pixels, x + 7, (DEED_HEIGHT - TEXT * HEIGHT) // 2, name, PALE, TEXT)
            free = x + 8 + width
    return pixels
