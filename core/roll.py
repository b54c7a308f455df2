"""Phrases as pictures: a piano roll for a melody or a bass, a grid for drums, one lane under the other; and sheets of several.

Dark, with lines for bars, beats and steps; a note lies where it sounds, and is the brighter the louder it is. Knows nothing of files.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from mvae.core.drums import CLASSES
from mvae.core.letters import HEIGHT, text_width, write
from mvae.core.phrase import STEPS_PER_BAR, STEPS_PER_BEAT, Note, Phrase
from mvae.core.png import Pixels

Colour = tuple[int, int, int]

GROUND: Colour = (17, 19, 24)
WHITE_KEY: Colour = (30, 33, 41)
BLACK_KEY: Colour = (24, 26, 33)
STEP_LINE: Colour = (36, 40, 49)
BEAT_LINE: Colour = (54, 60, 72)
BAR_LINE: Colour = (104, 112, 128)
INK: Colour = (168, 176, 190)
NOTE_COLOURS: tuple[Colour, ...] = ((255, 176, 92), (96, 200, 255), (170, 232, 120))  # drums, melody, bass
BLACK = (1, 3, 6, 8, 10)
TONES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
LEAST_PITCHES = 13  # a lane shows at least an octave
QUIETEST = 0.45  # of a colour's brightness
MARGIN = 8


@dataclass(frozen=True, slots=True)
class Lane:
    """A phrase and its name; `drums` says whether its voices are the nine classes, or its pitches count."""

    name: str
    phrase: Phrase
    drums: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """Sizes in pixels: a step, a pitch, a drum class; `labels` is the width of the names on the left, 0 without them."""

    step: int
    pitch: int
    drum: int
    labels: int


def large(steps: int) -> Look:
    """For a picture of one phrase."""
    return Look(min(max(1280 // steps, 4), 20), 7, 13, text_width(max(CLASSES, key=len)) + MARGIN)


def small(steps: int) -> Look:
    """For a sheet of several."""
    return Look(min(max(400 // steps, 2), 8), 3, 5, 0)


def picture(lanes: Sequence[Lane], look: Look | None = None, like: Iterable[Sequence[Lane]] = ()) -> Pixels:
    """The lanes one under the other, (height, width, 3) uint8. A lane of pitches shows those of the same lane in `like` as well, so
    that several pictures can be compared. ValueError without lanes, or for lanes of different lengths."""
    if not lanes or len({lane.phrase.bars for lane in lanes}) != 1:
        raise ValueError("a picture is of one lane or more, all of the same length")
    look = look or large(lanes[0].phrase.steps)
    columns = zip(lanes, *like, strict=True)
    drawn = [_lane(lane, _pitches(each.phrase for each in (lane, *others)), look) for lane, *others in columns]
    gap = np.full((MARGIN, drawn[0].shape[1], 3), GROUND, np.uint8)
    whole = np.concatenate([part for rows in drawn for part in (rows, gap)][:-1])
    return framed(whole) if look.labels else whole


def framed(pixels: Pixels) -> Pixels:
    """A picture with a margin around it."""
    height, width, _ = pixels.shape
    whole = np.full((height + 2 * MARGIN, width + 2 * MARGIN, 3), GROUND, np.uint8)
    whole[MARGIN:-MARGIN, MARGIN:-MARGIN] = pixels
    return whole


def _pitches(phrases: Iterable[Phrase]) -> range:
    """The pitches a lane shows: those that sound and as many around them as make an octave."""
    found = [note.pitch for phrase in phrases for note in phrase.notes] or [60]
    low, high = min(found) - 1, max(found) + 1
    missing = max(0, LEAST_PITCHES - (high - low + 1))
    low = max(0, low - missing // 2)
    return range(low, min(128, max(high + 1, low + LEAST_PITCHES)))


def _lane(lane: Lane, pitches: range, look: Look) -> Pixels:
    """One lane with its labels on the left and the numbers of its bars above."""
    rows, height = (len(CLASSES), look.drum) if lane.drums else (len(pitches), look.pitch)
    grid = np.full((rows * height + 1, lane.phrase.steps * look.step + 1, 3), WHITE_KEY, np.uint8)
    for row in range(rows):
        if (row % 2) if lane.drums else pitches[row] % 12 in BLACK:
            grid[(rows - 1 - row) * height : (rows - row) * height] = BLACK_KEY
    _lines(grid, lane.phrase.steps, look.step)
    for note in lane.phrase.notes:
        row = note.voice if lane.drums else note.pitch - pitches.start
        _note(grid, note, (rows - 1 - row) * height, height, look.step, _colour(lane))
    return _labelled(grid, lane, pitches, look) if look.labels else grid


def _lines(grid: Pixels, steps: int, step_px: int) -> None:
    for step in range(steps + 1):
        if step % STEPS_PER_BAR == 0:
            grid[:, step * step_px] = BAR_LINE
        elif step % STEPS_PER_BEAT == 0:
            grid[:, step * step_px] = BEAT_LINE
        elif step_px >= 4:
            grid[:, step * step_px] = STEP_LINE


def _note(grid: Pixels, note: Note, top: int, height: int, step_px: int, colour: Colour) -> None:
    start = round(note.beat * STEPS_PER_BEAT * step_px)
    end = max(start + 2, round((note.beat + note.duration) * STEPS_PER_BEAT * step_px) - 1)
    bright = QUIETEST + (1 - QUIETEST) * note.velocity / 127
    shade = np.array([round(part * bright) for part in colour], np.uint8)
    grid[top : top + max(height - 1, 2), max(start, 0) + 1 : max(end, 0) + 1] = shade


def _colour(lane: Lane) -> Colour:
    return NOTE_COLOURS[0 if lane.drums else 2 if lane.name == "bass" else 1]


def _labelled(grid: Pixels, lane: Lane, pitches: range, look: Look) -> Pixels:
    """The grid with the names of its rows, its own name and the numbers of its bars. A pitch is named at each C, and at the lowest."""
    above = 2 * HEIGHT + 6
    whole = np.full((grid.shape[0] + above, grid.shape[1] + look.labels, 3), GROUND, np.uint8)
    whole[above:, look.labels :] = grid
    write(whole, 0, 2, lane.name, INK)
    for bar in range(lane.phrase.bars):
        write(whole, look.labels + bar * STEPS_PER_BAR * look.step + 2, 2, str(bar + 1), INK)
    height = look.drum if lane.drums else look.pitch
    bottom = above + grid.shape[0] - 1
    for row, name in enumerate(CLASSES if lane.drums else map(pitch_name, pitches)):
        if lane.drums or pitches[row] % 12 == 0 or (row == 0 and pitches[0] % 12 < 10):
            write(whole, 0, min(bottom - row * height - height // 2 - HEIGHT, whole.shape[0] - 2 * HEIGHT), name, INK)
    return whole


def pitch_name(pitch: int) -> str:
    """C4 is middle C, MIDI 60."""
    return f"{TONES[pitch % 12]}{pitch // 12 - 1}"


def sheet(pictures: Sequence[tuple[str, Pixels]], columns: int) -> Pixels:
    """Pictures with a caption above each, in rows of `columns`. ValueError without pictures."""
    if not pictures:
        raise ValueError("a sheet is of one picture or more")
    columns = min(columns, len(pictures))
    height = max(pixels.shape[0] for _, pixels in pictures) + 2 * HEIGHT + 6 + MARGIN
    width = max(pixels.shape[1] for _, pixels in pictures) + MARGIN
    whole = np.full((height * ceil(len(pictures) / columns) + MARGIN, width * columns + MARGIN, 3), GROUND, np.uint8)
    for index, (caption, pixels) in enumerate(pictures):
        top, left = MARGIN + index // columns * height, MARGIN + index % columns * width
        write(whole, left, top, caption, INK)
        top += 2 * HEIGHT + 6
        whole[top : top + pixels.shape[0], left : left + pixels.shape[1]] = pixels
    return whole
