"""The picture of a set: where things lie in it, however long or short it is."""

from dataclasses import replace

import numpy as np
import pytest

from mvae.core.portrait import MARGIN, WIDTH, Portrait, most_moved, portrait
from mvae.core.portrait_lanes import (
    GROUND,
    LABELS,
    LANE,
    Curve,
    Deed,
    Scale,
    Struck,
    Voice,
    curve_lane,
    deed_lane,
    voice_lane,
    voice_marks,
)
from mvae.core.portrait_path import Journey, journey_panel
from mvae.core.trail import Way

SCALE = Scale(16.0, 640)
WAY = Way(np.array([0.0, 4.0, 8.0]), np.eye(3, 5, dtype=np.float32), {"A rock": np.ones(5, np.float32), "B funk": np.zeros(5, np.float32)})
SMALL = Portrait(
    "Four corners", "seed 3", 16.0,
    (Voice("drums", True, (Struck(0.0, 0.1, 0, 100), Struck(8.0, 0.1, 8, 40))), Voice("bass", False, (Struck(4.0, 2.0, 40, 90),))),
    (Curve("x", 0, 1, ((0.0, 0.0), (8.0, 1.0))),), (Deed(4.0, "fill 1"),), (Journey("toy", WAY),),
)  # fmt: skip


def lit(pixels: np.ndarray) -> np.ndarray:
    """How much brighter than the lane each pixel is, (height, width)."""
    return np.abs(pixels.astype(int) - np.array(LANE)).sum(axis=2)


def test_a_note_lies_at_its_time_and_in_its_row_and_is_brighter_the_louder() -> None:
    lane = lit(voice_lane(SMALL.voices[0], SCALE))
    kick, ride = lane[-12:-2, :8].max(), lane[2:12, 320:328].max()
    assert kick > ride > 60
    assert lane[:, 100:300:40].max() < 60  # nothing there, but bars


def test_the_rows_of_drums_are_named_and_every_c_of_a_melody() -> None:
    assert [name for _, name in voice_marks(SMALL.voices[0])][:3] == ["kick", "snare", "closed hat"]
    assert [name for _, name in voice_marks(SMALL.voices[1])] == ["C2", "C3"]


def test_a_curve_is_low_before_and_high_after_its_turn() -> None:
    lane = lit(curve_lane(SMALL.curves[0], SCALE))
    assert lane[:, 100].argmax() > 30 and lane[:, 500].argmax() < 14


@pytest.mark.parametrize("points", [((0.0, 0.5), (99.0, 1.0)), ((0.0, 0.5), (3.0, 0.5)), ((0.0, 0.0), (15.999, 1.0), (16.0, 0.0))])
def test_a_curve_at_its_ends_is_drawn(points: tuple[tuple[float, float], ...]) -> None:
    assert curve_lane(Curve("x", 0, 1, points), SCALE).shape[1] == 640
    assert curve_lane(Curve("x", 0.5, 0.5, points), SCALE).shape[1] == 640


def test_the_curves_that_moved_most_are_shown_in_their_own_order() -> None:
    curves = tuple(Curve(str(number), 0, 1, ((0.0, 0.0), (1.0, number / 40))) for number in range(30))
    assert [curve.name for curve in most_moved(curves)] == [str(number) for number in range(16, 30)]


def test_names_of_deeds_never_run_into_one_another() -> None:
    crowded = deed_lane([Deed(beat / 8, "reseed") for beat in range(64)], SCALE)
    assert crowded.shape == deed_lane([], SCALE).shape


def test_a_journey_that_stands_still_or_has_no_anchors_is_drawn() -> None:
    still = Way(np.array([0.0]), np.ones((1, 5), np.float32), {})
    panel = journey_panel(Journey("toy", still), 16.0, 300, 400)
    assert panel.shape == (300, 400, 3) and lit(panel)[140:160, 190:210].max() > 300


@pytest.mark.parametrize("beats", [0.5, 16.0, 30_000.0])
def test_the_picture_is_as_wide_as_ever_and_framed(beats: float) -> None:
    pixels = portrait(replace(SMALL, beats=beats))
    assert pixels.shape[1:] == (WIDTH, 3) and pixels.dtype == np.uint8
    assert (pixels[: MARGIN - 1] == GROUND).all() and (pixels[:, : MARGIN - 1] == GROUND).all()
    assert (pixels[MARGIN : MARGIN + 25, MARGIN : MARGIN + LABELS] != GROUND).any()  # the title


def test_a_set_of_nothing_has_a_picture() -> None:
    assert portrait(Portrait("", "", 0.0, (), (), (), ())).shape[1] == WIDTH
