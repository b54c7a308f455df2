import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.action_table import table
from mvae.core.actions import Actions
from mvae.core.panel import start
from mvae.core.scene import Scene, after, check_name, find, place_of, standing
from mvae.core.scene_record import record_of, scene_of

SONG, NAMES = ("intro", "verse", "break", "verse"), ("verse", "break", "intro", "coda")
POSITIONS = start(Actions(table("AB", ("density",), ("drums", "bass"), ("bass",))))
numbers = st.floats(allow_nan=False, allow_infinity=False)
singles = st.floats(width=32, allow_nan=False, allow_infinity=False)
points = st.lists(singles, min_size=1, max_size=9).map(lambda some: np.array(some, np.float32))
words = st.text("abcXYZ é夜", min_size=1, max_size=9)
scenes = st.builds(
    Scene, name=st.sampled_from(("a", "my verse", "夜")), anchors=st.dictionaries(words, words, max_size=3),
    points=st.dictionaries(words, st.dictionaries(words, points, max_size=2), max_size=2),
    knobs=st.dictionaries(words, numbers, max_size=3),
    switches=st.dictionaries(words, st.booleans(), max_size=3), choices=st.dictionaries(words, words, max_size=2),
    roll=st.none() | st.integers(0, 2**40), seed=st.none() | st.integers(0, 2**63), phase=st.none() | st.floats(0, 1e6),
    bars=st.integers(0, 1024), then=words, glide_beats=st.none() | st.floats(0, 64),
)  # fmt: skip


@given(scenes)
def test_a_scene_comes_back_from_a_file_to_the_bit(scene: Scene) -> None:
    back = scene_of(json.loads(json.dumps(record_of(scene))))
    for key in ("name", "anchors", "knobs", "switches", "choices", "roll", "seed", "phase", "bars", "then", "glide_beats"):
        assert getattr(back, key) == getattr(scene, key)
    assert {(s, b): p.tobytes() for s, of in back.points.items() for b, p in of.items()} == {
        (s, b): p.tobytes() for s, of in scene.points.items() for b, p in of.items()
    }
    assert set(back.points) == set(scene.points)


@pytest.mark.parametrize(
    ("key", "value"),
    [("name", "next"), ("name", 3), ("knobs", {"x": "far"}), ("knobs", {"x": float("nan")}), ("knobs", []), ("switches", {"mute drums": 1}),
     ("points", {"A": {"b": "?"}}), ("points", {"A": "b"}), ("roll", -1), ("roll", True), ("bars", 1e9), ("phase", -0.5), ("then", None)],
)  # fmt: skip
def test_a_record_that_cannot_be_meant_is_refused(key: str, value: object) -> None:
    with pytest.raises(ValueError):
        scene_of({**record_of(Scene("a")), key: value})


def test_a_record_without_a_key_is_refused_by_its_name() -> None:
    with pytest.raises(ValueError, match="bars: missing"):
        scene_of({key: value for key, value in record_of(Scene("a")).items() if key != "bars"})


@pytest.mark.parametrize("name", ["", " -_", "Next", "again", "store", "a/b", "a\nb", "a" * 65])
def test_names_that_nothing_can_have_are_refused(name: str) -> None:
    with pytest.raises(ValueError):
        check_name(name)


def test_a_stored_scene_keeps_the_music_and_leaves_tempo_latency_and_routing_alone() -> None:
    knobs, switches, choices = standing(POSITIONS)
    assert {"morph", "density", "temperature", "wander", "bass.octave", "drums.swing"} <= set(knobs)
    assert not {"tempo", "nudge", "glide", "drums.delay_ms", "drums.channel", "drums.map.kick"} & set(knobs)
    assert set(switches) == set(POSITIONS.switches) and set(choices) == {"key", "scale"}


@pytest.mark.parametrize(
    ("asked", "place", "found"),
    [("Verse", 0, ("verse", 1)), ("verse", 2, ("verse", 3)), ("intro", 2, ("intro", 0)), ("coda", 2, ("coda", 2)), ("4", 0, ("verse", 3)),
     ("1", 3, ("intro", 0)), ("5", 0, None), ("0", 0, None), ("", 0, None), ("solo", 0, None)],
)  # fmt: skip
def test_a_scene_is_meant_by_name_or_by_its_number_in_the_song(asked: str, place: int, found: tuple[str, int] | None) -> None:
    assert find(asked, NAMES, SONG, place) == found


def test_without_a_song_numbers_count_all_scenes() -> None:
    assert [find(number, NAMES, ()) for number in ("1", "4")] == [("verse", 0), ("coda", 0)]
    assert place_of("verse", (), 0) == 0


@pytest.mark.parametrize(
    ("then", "name", "place", "follows"),
    [("", "intro", 0, ("verse", 1)), ("", "verse", 3, ("intro", 0)), ("next", "verse", 1, ("break", 2)), ("", "coda", 2, ("coda", 2)),
     ("next", "coda", 2, ("break", 2)), ("again", "verse", 1, ("verse", 1)), ("Break", "intro", 0, ("break", 2)),
     ("gone", "verse", 1, ("verse", 1))],
)  # fmt: skip
def test_what_follows_in_a_song(then: str, name: str, place: int, follows: tuple[str, int]) -> None:
    assert after(then, name, NAMES, SONG, place, 0.0) == follows


@given(st.floats(0, 1, exclude_max=True))
def test_what_is_random_is_another_scene_and_every_one_can_be(draw: float) -> None:
    name, place = after("random", "verse", NAMES, SONG, 1, draw)
    assert name in ("intro", "break") and SONG[place] == name
    assert {after("random", "coda", NAMES, (), 0, share / 9)[0] for share in range(9)} == {"verse", "break", "intro"}
    assert after("random", "only", ("only",), (), 0, draw) == ("only", 0)
    assert after("next", "coda", NAMES, (), 0, draw) == ("verse", 0)
