"""Axes: found, calibrated and judged on a model whose numbers are dials."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from mvae.train.attributes import attributes
from mvae.train.axes import EDGE, KNOB, calibrate, knob_of, quantile_of
from mvae.train.directions import directions
from mvae.train.figure import draw_axes
from mvae.train.latents import axis_arrays
from mvae.train.response import spearman
from tests.train.toys import Dials, Points

DIALS = Dials()
DRAW = np.random.default_rng(0)
TRAIN, POINTS = (DRAW.standard_normal((count, 4)).astype(np.float32) for count in (800, 60))
POINTS -= POINTS.mean(0)
VALUES, CHECK = attributes(DIALS.decode(TRAIN)), attributes(DIALS.decode(POINTS))
TURNED = ("density", "velocity", "lateness")
MOVES, PREDICTED = directions(TRAIN, {name: VALUES[name] for name in TURNED}, POINTS, {name: CHECK[name] for name in TURNED})


def told(points: Points) -> dict[str, NDArray[np.float64]]:
    return attributes(DIALS.decode(points))


def test_a_direction_turns_its_own_dial_and_holds_the_others() -> None:
    assert MOVES["velocity"] == pytest.approx([0, 1, 0, 0], abs=0.1)
    assert MOVES["lateness"] == pytest.approx([0, 0, 1, 0], abs=0.1)
    assert PREDICTED["velocity"] > 0.95


def test_one_step_is_a_predicted_standard_deviation() -> None:
    here, there = (attributes(DIALS.decode(POINTS + step * MOVES["velocity"]))["velocity"].mean() for step in (-0.5, 0.5))
    assert there - here == pytest.approx(np.std(VALUES["velocity"]), rel=0.1)


def test_a_knob_at_rest_moves_nothing_and_its_ends_meet_the_training_quantiles() -> None:
    found = calibrate("velocity", MOVES["velocity"], told, POINTS + np.float32([0, 0.3, 0, 0]), VALUES)
    axis = found.axis
    assert (axis.move(0.0) == 0).all()
    assert (np.diff(axis.step) > 0).all()
    assert (axis.low, axis.high) == (-2.0, 2.0)
    assert found.rest == pytest.approx(0.3, abs=0.15)
    for knob, share in ((-2.0, 0.0228), (2.0, 0.9772)):
        mean = attributes(DIALS.decode(POINTS + np.float32([0, 0.3, 0, 0]) + axis.move(knob)))["velocity"].mean()
        assert mean == pytest.approx(np.quantile(VALUES["velocity"], share), abs=0.02)
    assert found.response.faults() == []
    assert found.facts()["shipped"] is True


def test_an_axis_ends_where_the_attribute_can_go_no_further() -> None:
    wide = {**VALUES, "velocity": np.concatenate([VALUES["velocity"], np.linspace(1.0, 3.0, 300)])}  # louder than any dial allows
    found = calibrate("velocity", MOVES["velocity"], told, POINTS, wide)
    assert found.axis.high < 1.5
    assert (found.axis.move(2.0) == found.axis.move(found.axis.high)).all()


def test_what_most_phrases_have_in_full_is_still_turned_down() -> None:
    """As legato is: phrases go down note by note; up goes one alone, far enough for the mean to rise."""
    phase, last = np.linspace(0, 1, len(POINTS)), np.arange(len(POINTS)) == len(POINTS) - 1

    def full(points: Points) -> dict[str, NDArray[np.float64]]:
        turned = (points[:, 0] - POINTS[:, 0]).astype(np.float64)
        return {"legato": np.where(turned > 0, last * turned * len(POINTS), np.minimum(np.floor(1.5 * turned + phase), 0))}

    found = calibrate("legato", np.float32([1, 0, 0, 0]), full, POINTS, {"legato": np.random.default_rng(1).normal(0.0, 1.5, 500)})
    assert found.response.faults() == [] and found.response.follow >= 0.8
    assert found.axis.low == -2.0 and found.axis.high <= 1.0


def test_the_play_of_a_knob_is_passed_at_the_first_touch() -> None:
    """A dial that does nothing within .6 of its rest: a little of the knob is heard all the same, and rest stays rest."""
    spread = np.linspace(-2, 2, len(POINTS))

    def dead(points: Points) -> dict[str, NDArray[np.float64]]:
        moved = (points[:, 0] - POINTS[:, 0]).astype(np.float64)
        return {"dial": spread + np.sign(moved) * np.maximum(np.abs(moved) - 0.6, 0)}

    steps = np.array([-4, -3, -2, -1, -0.6, 0, 0.6, 1, 2, 3, 4], np.float64)
    training = {"dial": np.random.default_rng(1).normal(0.0, 1.0, 500)}
    found = calibrate("dial", np.float32([1, 0, 0, 0]), dead, POINTS, training, steps, play=0.6)
    axis, response = found.axis, found.response
    assert response.faults() == [] and response.follow == 1.0 and (axis.low, axis.high) == (-2.0, 2.0)
    assert response.mean["dial"] == pytest.approx(found.target, abs=0.05)
    assert (axis.move(0.0) == 0).all()
    assert axis.move(EDGE)[0] == pytest.approx(0.6, abs=0.1) and axis.move(-EDGE)[0] == pytest.approx(-0.6, abs=0.1)
    assert len(axis.knob) == len(axis.step) == len(KNOB) + 2 and (np.diff(axis.step) > 0).all()
    arrays = axis_arrays([found, replace(found, axis=replace(axis, knob=KNOB, step=2 * KNOB))])
    assert arrays["axis_knob"].tolist() == axis.knob.tolist()
    assert arrays["axis_step"] == pytest.approx(np.stack([axis.step, 2 * axis.knob]))
    smooth = calibrate("dial", np.float32([1, 0, 0, 0]), lambda points: {"dial": points[:, 0] + spread}, POINTS, training, steps, play=0.6)
    assert abs(smooth.axis.move(EDGE)[0]) < 0.1 and (np.diff(smooth.axis.step) > 0).all()  # where all of it is heard, nothing is passed
    without = calibrate("dial", np.float32([1, 0, 0, 0]), dead, POINTS, training, np.delete(steps, [4, 6]))
    assert abs(without.axis.move(0.2)[0]) < 0.6  # where nothing is heard


def test_an_axis_that_moves_another_attribute_is_not_shipped() -> None:
    both = MOVES["velocity"] + MOVES["lateness"]
    found = calibrate("velocity", both, told, POINTS, VALUES)
    assert any(fault.startswith("lateness moves by") for fault in found.response.faults())
    assert found.facts()["shipped"] is False


def test_an_axis_that_does_nothing_is_not_shipped() -> None:
    found = calibrate("velocity", np.float32([0, 0, 0, 1]), told, POINTS, VALUES)
    assert found.response.faults()
    assert found.response.follow == 0.0


def test_the_picture_has_a_panel_for_every_axis() -> None:
    import xml.etree.ElementTree as ElementTree

    found = [calibrate(name, MOVES[name], told, POINTS, VALUES) for name in ("velocity", "lateness")]
    picture = draw_axes(found)
    root = ElementTree.fromstring(picture)
    names = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text") if text.get("class") == "name"]
    assert names == ["velocity", "lateness"]
    assert picture == draw_axes(found)


@settings(deadline=None)
@given(st.lists(st.integers(0, 6), min_size=2, max_size=40), st.integers(-200, 200))
def test_quantiles_of_tied_values_rise_and_lead_back_to_the_knob(values: list[int], hundredths: int) -> None:
    numbers, knob = np.array(values, np.float64), hundredths / 100
    quantiles = quantile_of(numbers, KNOB)
    assert (np.diff(quantiles) >= 0).all()
    assert quantiles.min() >= numbers.min() and quantiles.max() <= numbers.max()
    value = float(quantile_of(numbers, np.array([knob]))[0])
    if numbers.min() < value < numbers.max():
        assert knob_of(numbers, value) == pytest.approx(knob, abs=1e-3)


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 5), min_size=6, max_size=6), min_size=1, max_size=5))
def test_rank_correlation_is_the_correlation_of_ranks(rows: list[list[int]]) -> None:
    values, knob = np.array(rows, np.float64), np.arange(6.0)
    found = spearman(values, knob)
    for row, share in zip(values, found, strict=True):
        ranks = [sum(other < value for other in row) + (sum(other == value for other in row) - 1) / 2 for value in row]
        assert share == pytest.approx(-1.0 if len(set(row)) == 1 else float(np.corrcoef(ranks, knob)[0, 1]))
