"""Scenes and songs: recalled exactly, at their line, one after the other, kept over a restart; and a take of them comes out again."""

from pathlib import Path

import pytest

from mvae.core.change import Value
from mvae.core.errors import UserError
from mvae.core.scene import Scene
from mvae.live import wire
from mvae.live.control_log import read
from mvae.live.take import log_path
from tests.live.form_hall import FormHall, band_of, played_again
from tests.live.hall import BAR_S, SEED, Hall
from tests.live.orchestra import orchestra

INTRO = Scene("intro", knobs={"x": 0.0, "y": 0.0, "density": -1.0}, bars=2)
VERSE = Scene("verse", {"A": "latin"}, knobs={"x": 0.0, "density": 1.0}, roll=5, bars=2)
BREAK = Scene("break", switches={"mute drums": True}, bars=1)
SONG = (INTRO, VERSE, BREAK)
Script = list[tuple[str, Value, float]]


def stand(hall: Hall) -> tuple[object, ...]:
    """All that decides what is played."""
    return tuple(ahead.stand(hall.panel.snapshot(), 120.0) for ahead in hall.band.lookaheads)


def perform(hall: FormHall, script: Script) -> None:
    """Each hand in its turn, and play on for so many bars."""
    for action, value, bars in script:
        hall.do(action, value)
        hall.run(bars * BAR_S)


def test_a_scene_is_recalled_exactly_after_a_restart_with_another_seed(tmp_path: Path) -> None:
    with FormHall(tmp_path) as hall:
        perform(hall, [("reseed", None, 0), ("density", 0.7, 0), ("sample A", None, 0.01), ("x", 0.25, 0.1)])
        hall.play(2 * BAR_S)
        hall.do("scene store", "late night")
        hall.run(2 * BAR_S)
        heard, stood = [hall.bar(bar) for bar in (2, 3)], stand(hall)
        assert len(heard[0]) > 15
    with FormHall(tmp_path, band=band_of(seed=77)) as hall:
        perform(hall, [("density", -2.0, 0), ("scene", "Late Night", 0.05)])
        assert stand(hall) == stood and hall.last("/mvae/scene/playing") == ("late night",)
        hall.play(4 * BAR_S)
        assert [hall.bar(bar) for bar in (2, 3)] == heard


@pytest.mark.parametrize("bars", [0.3, 1.3])
def test_a_scene_waits_for_its_bar_line_and_then_plays_what_it_always_plays(tmp_path: Path, bars: float) -> None:
    """Also in the middle of a phrase: what was heard before it has no say in it."""
    with FormHall(tmp_path, band=band_of((VERSE,))) as rest:
        rest.do("scene", "verse"), rest.do("y", 0.0)
        rest.play(4 * BAR_S)
        always = [rest.bar(bar) for bar in range(4)]
    with FormHall(tmp_path, band=band_of((VERSE,))) as hall, FormHall(tmp_path) as before:
        for one in (hall, before):
            one.do("y", 0.0)
            one.play(bars * BAR_S)
        hall.do("scene", "verse")
        hall.run(0.03)
        assert hall.last("/mvae/scene/waiting") == ("verse",)
        for one in (hall, before):
            one.run((4.1 - bars) * BAR_S)
        line = int(bars) + 1
        assert [hall.bar(bar) for bar in range(line)] == [before.bar(bar) for bar in range(line)]
        assert [hall.bar(bar) for bar in range(line, 4)] == always[line:] and always[line] != before.bar(line)
        assert hall.last("/mvae/scene/waiting") == ("",) and not hall.of(wire.Repeated)


def test_a_hand_that_moves_just_before_the_line_does_not_bring_the_scene_forward(tmp_path: Path) -> None:
    with FormHall(tmp_path, band=band_of((VERSE,))) as hall, FormHall(tmp_path) as rest:
        for one in (hall, rest):
            one.play(0.5 * BAR_S)
        hall.do("scene", "verse")
        for one in (hall, rest):
            one.run(0.46 * BAR_S)
        assert hall.panel.snapshot().knobs["density"] == 1.0
        hall.do("temperature", 1.0)
        hall.run(BAR_S), rest.run(BAR_S)
        assert hall.bar(0) == rest.bar(0) and hall.bar(1) != rest.bar(1)


def test_with_quantise_phrase_a_scene_waits_for_the_phrase(tmp_path: Path) -> None:
    with FormHall(tmp_path, band=band_of((BREAK,))) as hall:
        hall.do("quantise", "phrase")
        hall.play(0.5 * BAR_S)
        hall.do("scene", "break")
        hall.run(2.4 * BAR_S)
        assert hall.bar(1) and not hall.bar(2)


def test_a_song_goes_from_scene_to_scene_each_for_its_bars_and_begins_again(tmp_path: Path) -> None:
    with FormHall(tmp_path, band=band_of(SONG, ("intro", "verse", "break", "verse"))) as hall:
        assert hall.panel.snapshot().knobs["density"] == -1.0  # the first scene is there from the start
        hall.play(0.5 * BAR_S)
        played = []
        for _ in range(9):
            played.append(hall.last("/mvae/scene/playing")[0])
            hall.run(BAR_S)
        assert played == ["intro", "intro", "verse", "verse", "break", "verse", "verse", "intro", "intro"]


def test_next_a_number_and_a_button_move_through_the_song(tmp_path: Path) -> None:
    with FormHall(tmp_path, band=band_of(SONG, ("intro", "verse", "intro", "break"))) as hall:
        seen, on = [], ("scene next", None)
        for action, value in (on, ("scene", 4), on, on, ("scene", "3"), on):
            hall.do(action, value)
            hall.run(0.02)
            seen.append(hall.last("/mvae/scene/playing")[0])
        assert seen == ["verse", "break", "intro", "verse", "intro", "break"]


@pytest.mark.parametrize(
    ("then", "follows"), [("again", {"a"}), ("next", {"b"}), ("c", {"c"}), ("random", {"b", "c"}), ("", {"a"})]
)
def test_what_follows_a_scene_without_a_song_is_what_it_says(tmp_path: Path, then: str, follows: set[str]) -> None:
    scenes = (Scene("a", bars=1, then=then), Scene("b", knobs={"x": 1.0}), Scene("c", knobs={"x": 0.5}))
    with FormHall(tmp_path, band=band_of(scenes)) as hall:
        hall.do("scene", "a")
        hall.play(1.5 * BAR_S)
        assert set(hall.last("/mvae/scene/playing")) <= follows


def test_a_scene_that_follows_itself_stays_as_hands_have_made_it(tmp_path: Path) -> None:
    with FormHall(tmp_path, band=band_of((Scene("a", knobs={"density": 1.0}, bars=1, then="again"),))) as hall:
        hall.do("scene", "a")
        hall.play(0.5 * BAR_S)
        hall.do("density", -0.5)
        hall.run(BAR_S)
        assert hall.panel.snapshot().knobs["density"] == -0.5
        hall.do("scene", "a")  # asked for, it is there again
        hall.run(BAR_S)
        assert hall.panel.snapshot().knobs["density"] == 1.0


def test_a_scene_stored_over_another_keeps_its_length_and_its_place_in_the_song(tmp_path: Path) -> None:
    with FormHall(tmp_path, band=band_of(SONG, ("intro", "verse", "break"))) as hall:
        hall.do("x", 0.6)
        hall.do("scene store", "VERSE")
        hall.run(0.01)
        assert hall.last("/mvae/scene/playing") == ("verse",) and hall.last("/mvae/scene/list") == ("intro", "verse", "break")
        hall.play(2.5 * BAR_S)
        assert hall.last("/mvae/scene/playing") == ("break",) and hall.panel.snapshot().knobs["x"] == 0.6


def test_a_scene_asked_for_in_the_count_in_begins_with_the_song(tmp_path: Path) -> None:
    with FormHall(tmp_path, band=band_of((VERSE,)), count_in=1) as hall, FormHall(tmp_path, band=band_of((VERSE,))) as rest:
        hall.do("play")
        hall.run(0.4 * BAR_S)
        hall.do("scene", "verse")
        hall.run(1.9 * BAR_S)
        rest.do("scene", "verse")
        rest.play(1.5 * BAR_S)
        assert hall.bar(0) == rest.bar(0) and len(hall.bar(0)) > 15


def test_a_walk_is_where_it_was_when_a_scene_is_recalled(tmp_path: Path) -> None:
    with FormHall(tmp_path) as hall:
        hall.do("wander", 0.8), hall.do("wander_beats", 2.0)
        hall.play(1.4 * BAR_S)
        hall.do("scene store", "far off")
        hall.run(0.01)
        stood = stand(hall)
    with FormHall(tmp_path, band=band_of(seed=SEED)) as hall:
        hall.do("scene", "far off")
        hall.run(0.01)
        assert stand(hall) == stood
        hall.play(0.0)
        assert stand(hall) == stood


def test_length_and_what_follows_are_set_while_a_scene_plays_and_kept(tmp_path: Path) -> None:
    with FormHall(tmp_path) as hall:
        perform(hall, [("scene store", "one", 0.01), ("scene store", "two", 0.01), ("scene bars", 1, 0.01), ("scene then", "one", 0.01)])
    with FormHall(tmp_path) as hall:
        hall.do("scene", "two")
        hall.play(0.5 * BAR_S)
        assert hall.last("/mvae/scene/playing") == ("two",)
        hall.run(BAR_S)
        assert hall.last("/mvae/scene/playing") == ("one",)


def test_a_scene_glides_in_beats_and_arrives_exactly(tmp_path: Path) -> None:
    glides = Scene("far", {"A": "latin"}, knobs={"x": 0.0, "y": 0.0, "density": 2.0, "push": 8.0}, glide_beats=4.0)
    with FormHall(tmp_path, band=band_of((glides,))) as hall:
        hall.play(0.5 * BAR_S)
        before = hall.band.points(hall.instrument.heard)["toy"]
        hall.do("scene", "far")
        hall.run(0.49 * BAR_S)
        assert hall.band.points(hall.instrument.heard)["toy"].tobytes() == before.tobytes()
        ways = []
        for _ in range(18):
            ways.append(hall.panel.snapshot().knobs["density"])
            hall.run(BAR_S / 16)
        assert ways == sorted(ways) and len(set(ways)) >= 14 and ways[-1] == 2.0
        assert hall.band.points(hall.instrument.heard)["toy"].tolist() == [0, 0, 0, 2] and hall.panel.snapshot().knobs["push"] == 8.0


def test_a_hand_takes_one_knob_of_a_glide_and_the_others_go_on(tmp_path: Path) -> None:
    glides = Scene("far", knobs={"density": 2.0, "push": 8.0}, glide_beats=4.0)
    with FormHall(tmp_path, band=band_of((glides,))) as hall:
        hall.play(0.5 * BAR_S)
        perform(hall, [("scene", "far", 1.0), ("density", -1.0, 1.0)])
        assert (hall.panel.snapshot().knobs["density"], hall.panel.snapshot().knobs["push"]) == (-1.0, 8.0)


def test_a_scene_that_waits_when_the_music_stops_is_there_when_it_goes_on(tmp_path: Path) -> None:
    with FormHall(tmp_path, band=band_of((VERSE,))) as hall:
        hall.play(0.5 * BAR_S)
        perform(hall, [("scene", "verse", 0.01), ("stop", None, 0.1)])
        assert hall.last("/mvae/scene/playing") == ("verse",) and hall.panel.snapshot().knobs["density"] == 1.0


@pytest.mark.parametrize(
    ("action", "value", "why"),
    [("scene", "vrese", "did you mean 'verse'"), ("scene", "9", "no scene '9'"), ("scene store", "next", "not a name"),
     ("scene bars", 2, "no scene plays"), ("scene store", "a/b", "no /")],
)  # fmt: skip
def test_what_cannot_be_meant_is_told(tmp_path: Path, action: str, value: Value, why: str) -> None:
    with FormHall(tmp_path, band=band_of((VERSE,))) as hall:
        hall.do(action, value)
        hall.run(0.02)
        assert why in hall.instrument.remark and hall.last("/mvae/error")[0] == action


def test_what_the_instrument_does_not_have_is_told_and_the_rest_is_recalled(tmp_path: Path) -> None:
    with FormHall(tmp_path, band=band_of((Scene("odd", knobs={"wobble": 1.0, "density": 0.5}),))) as hall:
        hall.do("scene", "odd")
        hall.run(0.02)
        assert "wobble" in hall.instrument.remark and hall.panel.snapshot().knobs["density"] == 0.5


@pytest.mark.parametrize(
    ("scenes", "song", "told"),
    [((VERSE,), ("verse", "vers"), 'song: "vers"'), ((Scene("a", {"A": "nobody"}),), (), r"\[\[scene\]\] a: anchors: no anchor 'nobody'"),
     ((Scene("a", then="b"),), (), r'\[\[scene\]\] a: then = "b": no scene')],
)  # fmt: skip
def test_a_patch_whose_scenes_name_what_is_not_there_is_refused(
    tmp_path: Path, scenes: tuple[Scene, ...], song: tuple[str, ...], told: str
) -> None:
    with pytest.raises(UserError, match=f"toy.toml: {told}"):
        FormHall(tmp_path, band=band_of(scenes, song))


def test_a_take_of_a_song_with_glides_and_a_walk_comes_out_again_byte_for_byte(tmp_path: Path) -> None:
    path = tmp_path / "take.mid"
    song = (INTRO, Scene("verse", {"A": "latin"}, knobs={"x": 0.1, "density": 1.0, "push": 9.0}, roll=5, bars=2, glide_beats=3.0), BREAK)
    with FormHall(tmp_path, path, band=band_of(song, ("intro", "verse", "break"))) as hall:
        hall.play(0.4 * BAR_S)
        perform(hall, [
            ("wander", 0.6, 1.7), ("wander_beats", 3.0, 1.5), ("scene store", "mine", 0.9), ("scene next", None, 0.1), ("fill", 1, 1.2),
            ("scene", "mine", 0.96), ("x", 0.9, 0.3), ("quantise", "beat", 0.5), ("scene", "break", 0.2), ("stop", "now", 0.2),
            ("scene", "verse", 0.2), ("continue", None, 2.3), ("locate", 7, 1.4), ("stop", "bar", 1.2), ("play", None, 2.4),
        ])  # fmt: skip
        hall.instrument.finish()
    acts = {act.do for act in read(log_path(path))[1]}
    assert {"scene", "glide", "leave", "wander", "from", "fill", "continue"} <= acts
    assert played_again(path, band_of()) == path.read_bytes()


def test_a_take_of_scenes_of_a_whole_band_comes_out_again_byte_for_byte(tmp_path: Path) -> None:
    path = tmp_path / "take.mid"
    with FormHall(tmp_path, path, band=orchestra()) as hall:
        hall.do("quantise", "phrase")
        hall.play(0.4 * BAR_S)
        perform(hall, [
            ("scene store", "one", 0.3), ("sample B", None, 0.5), ("x", 0.9, 0.1), ("mute bass", None, 0.8), ("scene store", "two", 0.4),
            ("scene", "one", 4.3), ("glide", 2.0, 0.1), ("quantise", "bar", 0.1), ("scene", "two", 3.2), ("wander", 0.4, 1.5),
        ])  # fmt: skip
        hall.instrument.finish()
    assert played_again(path, orchestra()) == path.read_bytes()
