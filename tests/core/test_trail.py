"""The way of latents: stretches as bytes and back, joined in their order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.trail import MOST_ANCHORS, Stretch, joined, read_stretch, stretch_bytes

names = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=6)
points = st.lists(st.floats(-9, 9, width=32), min_size=3, max_size=3).map(lambda numbers: np.array(numbers, np.float32))
steps = st.tuples(names, st.floats(0, 1e5), points, st.dictionaries(names, points, max_size=3))


def stretch(some: list[tuple[str, float, np.ndarray, dict[str, np.ndarray]]]) -> Stretch:
    made = Stretch()
    for step in some:
        made.add(*step)
    return made


@given(st.lists(steps, max_size=8))
def test_a_stretch_is_read_back_as_it_was(some: list[tuple[str, float, np.ndarray, dict[str, np.ndarray]]]) -> None:
    ways = stretch(some).ways()
    back = read_stretch(stretch_bytes(ways))
    assert list(back) == list(ways)
    for bundle, way in ways.items():
        np.testing.assert_array_equal(back[bundle].beats, way.beats)
        np.testing.assert_array_equal(back[bundle].z, way.z)
        assert {label: point.tolist() for label, point in back[bundle].anchors.items()} == {
            label: point.tolist() for label, point in way.anchors.items()
        }


def test_stretches_are_joined_in_their_order() -> None:
    one, two = np.ones(3, np.float32), np.full(3, 2, np.float32)
    first, second = stretch([("toy", 4.0, one, {"A": one})]), stretch([("toy", 9.0, two, {"B": two}), ("other", 9.5, one, {})])
    ways = joined([first.ways(), second.ways()])
    assert ways["toy"].beats.tolist() == [4.0, 9.0] and list(ways["toy"].anchors) == ["A", "B"]
    assert ways["other"].z.tolist() == [[1.0, 1.0, 1.0]]


def test_anchors_without_end_are_not_kept() -> None:
    point = np.zeros(2, np.float32)
    made = stretch([("toy", float(beat), point, {str(beat): point}) for beat in range(2 * MOST_ANCHORS)])
    assert len(made.ways()["toy"].anchors) == MOST_ANCHORS


@pytest.mark.parametrize("data", [b"", b"nothing", b"PK\x03\x04"])
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):
        read_stretch(data)
