"""Scale lock: what sounds is a tone of the scale, and the nearest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.names import plain
from mvae.core.scale import KEYS, OCTAVE, SCALES, in_scale, quantise

PITCHES = st.integers(0, 127)
ROOTS = st.integers(0, OCTAVE - 1)
NAMES = st.sampled_from(sorted(SCALES))


@given(PITCHES, ROOTS, NAMES)
def test_what_sounds_is_in_the_scale_and_no_tone_of_it_is_nearer(pitch: int, root: int, scale: str) -> None:
    found = quantise(pitch, root, scale)
    assert 0 <= found <= 127 and in_scale(found, root, scale)
    nearer = [tone for tone in range(128) if abs(tone - pitch) < abs(found - pitch)]
    assert not any(in_scale(tone, root, scale) for tone in nearer)


@given(PITCHES, ROOTS, NAMES)
def test_what_is_in_the_scale_stays(pitch: int, root: int, scale: str) -> None:
    once = quantise(pitch, root, scale)
    assert quantise(once, root, scale) == once
    assert not in_scale(pitch, root, scale) or once == pitch


@given(PITCHES, PITCHES, PITCHES, ROOTS, NAMES)
def test_a_register_is_kept_where_it_has_a_tone_of_the_scale(pitch: int, one: int, other: int, root: int, scale: str) -> None:
    low, high = sorted((one, other))
    found = quantise(pitch, root, scale, low, high)
    assert in_scale(found, root, scale)
    assert low <= found <= high or not any(in_scale(tone, root, scale) for tone in range(low, high + 1))


@given(PITCHES, ROOTS)
def test_the_first_scale_locks_nothing(pitch: int, root: int) -> None:
    assert quantise(pitch, root, next(iter(SCALES))) == pitch


@pytest.mark.parametrize(
    ("pitch", "key", "scale", "sounds"),
    [
        (61, "C", "major", 60),  # between C and D: the lower
        (66, "C", "major", 65),
        (66, "G", "major", 66),
        (68, "A", "harmonic minor", 68),
        (67, "A", "harmonic minor", 68),
        (64, "C", "pentatonic minor", 63),  # E between D# and F: D# is nearer
        (0, "C#", "octaves", 1),
        (127, "C#", "octaves", 121),
    ],
)
def test_tones_as_a_musician_expects_them(pitch: int, key: str, scale: str, sounds: int) -> None:
    assert quantise(pitch, KEYS.index(key), scale) == sounds


def test_a_register_without_a_tone_gives_way_to_the_nearest_one_beside_it() -> None:
    assert quantise(61, 0, "major", 61, 61) == 60
    assert quantise(90, 0, "octaves", 67, 70) == 72


def test_the_modes_of_the_major_scale_are_its_rotations() -> None:
    for degree, name in enumerate(("major", "dorian", "phrygian", "lydian", "mixolydian", "minor", "locrian")):
        root = SCALES["major"][degree]
        assert sorted((tone - root) % OCTAVE for tone in SCALES["major"]) == list(SCALES[name])


def test_scales_rise_from_their_root_and_no_two_are_one() -> None:
    for tones in SCALES.values():
        assert tones[0] == 0 and sorted(set(tones)) == list(tones) and tones[-1] < OCTAVE
    assert len(set(SCALES.values())) == len(SCALES) == len({plain(name) for name in SCALES})


def test_an_unknown_scale_is_no_scale() -> None:
    with pytest.raises(KeyError):
        quantise(60, 0, "polka")
