"""A set in its folder, from an instrument on a clock that is turned by hand: what is kept, what a kill leaves, and that it plays again."""

import argparse
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mvae.core.errors import UserError
from mvae.core.midifile import read_performance
from mvae.core.trail import joined, read_stretch
from mvae.live import set_recorder
from mvae.live.control_log import Take, read
from mvae.live.ensemble import Ensemble
from mvae.live.set_bounce import Replay, first_bar, kept_file, refuse_others
from mvae.live.set_changes import read_rows
from mvae.live.set_folder import SetFolder, claim, kept_patch, read_facts, write_facts
from mvae.live.set_picture import picture, portrait_of
from mvae.live.set_recorder import STRETCH_BEATS, SetRecorder
from mvae.live.set_trail import Trail
from tests.live.hall import BAR_S, BPM, PATCH, SEED, Hall, panel, toy_band
from tests.live.jack import wait_until

PATCH_TEXT = """format = 1
name = "Toy"
[[part]]
bundle = "toy"
[anchors]
A = "rock"
B = "funk"
C = "jazz"
D = "latin"
[knob.density]
axis = "density"
"""
TAKE = Take("toy", SEED, BPM, {})
WAIT_S = 10.0


@pytest.fixture(autouse=True)
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The pictures that were asked for at the ends of sets: drawing takes a second, and is tested by itself."""
    asked: list[Path] = []
    monkeypatch.setattr(set_recorder, "write_set_picture", lambda place, out: asked.append(out))
    return asked


class SetHall(Hall):
    """An instrument that records a set."""

    def __init__(self, place: SetFolder) -> None:
        super().__init__()
        made = SetRecorder(place, TAKE, ["drums"])
        self.recorder = self.instrument.recorder = made
        self.instrument.add(Trail(self.instrument, made))


@pytest.fixture
def place(tmp_path: Path) -> SetFolder:
    """A folder in which a set may be recorded."""
    (tmp_path / "toy.toml").write_text(PATCH_TEXT)
    return begun(tmp_path / "tonight", tmp_path / "toy.toml")


def begun(path: Path, patch: Path) -> SetFolder:
    made = claim(path)
    facts = {"begun": "2026-11-21T10:00:00+00:00", "patch": str(patch), "seed": SEED, "tempo": BPM}
    write_facts(made, {**facts, "knobs": {"x": 0.3, "y": 0.4, "density": 0.0}}, replace(PATCH, file=patch))
    return made


def some_music(hall: Hall, bars: float = 3) -> None:
    """Moves, a fill, a mute, a tempo, a stop and a second play."""
    hall.play(BAR_S)
    hall.do("x", 0.9)
    hall.run(0.3 * BAR_S)
    hall.do("density", -1.0)
    hall.run(0.3 * BAR_S)
    hall.do("fill", 1)
    hall.run(bars * BAR_S)
    hall.do("mute drums", True)
    hall.do("tempo", 90.0)
    hall.run(BAR_S)
    hall.do("mute drums", False)
    hall.do("stop", "bar")
    hall.run(2 * BAR_S)
    hall.do("y", 1.0)
    hall.play(1.5 * BAR_S)


def again(place: SetFolder, band: Ensemble | None = None) -> Replay:
    """The set played again."""
    take, acts = read(place.log)
    assert take is not None
    kept = [kept_file(path, part) for path, part in place.mids(["drums"]).items() if path.is_file()]
    replay = Replay(panel(), band or toy_band(), take, kept)
    replay.play(acts, None)
    return replay


def test_a_set_has_every_file_and_plays_again_byte_for_byte(place: SetFolder, drawn: list[Path]) -> None:
    with SetHall(place) as hall:
        some_music(hall)
        hall.instrument.finish()
    names = sorted(str(path.relative_to(place.folder)) for path in place.folder.rglob("*") if path.is_file())
    assert names == ["changes.csv", "parts/drums.mid", "patch.toml", "path/0001.npz", "set.log", "set.mid", "set.toml"]
    assert drawn == [place.picture]
    replay = again(place)
    assert replay.mid(None) == place.whole.read_bytes() and replay.mid(0) == place.part("drums").read_bytes()
    whole, part = read_performance(place.whole), read_performance(place.part("drums"))
    assert len(whole.notes) > 30 and whole.notes == part.notes and whole.tempos == part.tempos
    assert place.patch.read_text() == PATCH_TEXT and read_facts(place)["seed"] == SEED


def test_changes_have_the_beat_of_the_mid_at_which_they_took_hold(place: SetFolder) -> None:
    with SetHall(place) as hall:
        some_music(hall)
        hall.instrument.finish()
    rows = read_rows(place.changes.read_text())
    assert [row.name for row in rows][:4] == ["play", "x", "density", "fill"]
    beats = [row.beat for row in rows if row.name not in ("stop", "tempo")]
    assert beats == sorted(beats) and rows[0].beat == 4.0 and 8.0 < rows[1].beat < 8.2
    assert [row.value for row in rows if row.name == "tempo"] == ["90"]
    assert [row.value for row in rows if row.name == "mute drums"] == ["on", "off"]
    second = [row for row in rows if row.name == "play"][1]
    assert second.bar == 1 and second.beat % 4 == 0 and second.beat == max(row.beat for row in rows if row.name in ("play", "y"))
    assert read_rows(place.changes.read_text()[:-3])[-1] == rows[-2]


def test_the_path_is_where_the_latent_stood_and_a_long_one_goes_on_in_another_file(place: SetFolder) -> None:
    with SetHall(place) as hall:
        hall.play()
        hall.run((STRETCH_BEATS + 8) * BAR_S / 4, 0.05)
        hall.do("x", 1.0)
        hall.do("y", 0.0)
        hall.run(2 * BAR_S)
        ahead, instrument = hall.ahead, hall.instrument
        instrument.finish()
    stretches = [read_stretch(file.read_bytes()) for file in sorted(place.path.glob("*.npz"))]
    assert [len(stretch["toy"].beats) for stretch in stretches] == [1, 1]
    (way,) = joined(stretches).values()
    assert 3.0 <= way.beats[0] < 4.5 and way.beats[1] > STRETCH_BEATS
    assert list(way.anchors) == ["A rock", "B funk", "C jazz", "D latin"]
    np.testing.assert_array_equal(way.z[1], ahead.model.space.anchors["funk"])


def test_what_a_kill_leaves_is_a_bar_short_at_most_and_plays_again_as_far_as_it_goes(place: SetFolder, tmp_path: Path) -> None:
    with SetHall(place) as hall:
        hall.play(2.5 * BAR_S)
        hall.do("x", 1.0)
        hall.run(2 * BAR_S)
        known, drums = len(hall.notes()), place.part("drums")
        assert wait_until(lambda: drums.exists() and known - len(read_performance(drums).notes) < 30, WAIT_S)
        shutil.copytree(place.folder, tmp_path / "killed")
        hall.instrument.finish()
    killed = SetFolder(tmp_path / "killed")
    replay = again(killed)
    assert all(file.met for file in replay.kept) and len(replay.kept) == 2
    assert replay.mid(None) != killed.whole.read_bytes()  # the log knows more
    assert read_performance(killed.whole).notes[:20] == read_performance(place.whole).notes[:20]
    assert picture(argparse.Namespace(set=killed.folder, out=tmp_path / "killed.png")) == 0
    assert (tmp_path / "killed.png").read_bytes()[:4] == b"\x89PNG"


def test_another_music_is_told_with_its_first_bar(place: SetFolder) -> None:
    with SetHall(place) as hall:
        some_music(hall)
        hall.instrument.finish()
    replay = again(place, toy_band(seed=SEED + 1))
    assert not any(file.met for file in replay.kept)
    assert first_bar(replay.mid(None), place.whole.read_bytes()) in (1, 2)  # the first is the lead-in, with its early hits


def test_a_set_in_which_nothing_was_played_leaves_nothing_behind(place: SetFolder) -> None:
    with SetHall(place) as hall:
        hall.do("x", 0.1)
        hall.run(BAR_S)
    assert not place.folder.exists()


def test_a_set_never_touches_an_earlier_one(tmp_path: Path, place: SetFolder) -> None:
    assert claim(tmp_path / "tonight").folder.name == "tonight_2"
    (tmp_path / "tonight_2" / "set.toml").write_text("")
    assert claim(tmp_path / "tonight").folder.name == "tonight_3"
    (tmp_path / "empty").mkdir()
    assert claim(tmp_path / "empty").folder.name == "empty"


@pytest.mark.parametrize(("name", "told"), [("music", "a folder of other things"), ("file", "is a file"), ("none/set", "make it first")])
def test_a_path_that_cannot_be_a_set_is_told(tmp_path: Path, name: str, told: str) -> None:
    (tmp_path / "music").mkdir()
    (tmp_path / "music" / "song.wav").write_text("")
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=told):
        claim(tmp_path / name)


def test_the_patch_is_the_kept_one_and_its_bundles_lie_where_they_lay(place: SetFolder, tmp_path: Path) -> None:
    (tmp_path / "toy.toml").write_text(PATCH_TEXT.replace("Toy", "Another"))
    patch = kept_patch(place.patch, str(tmp_path / "toy.toml"))
    assert patch.name == "Toy" and patch.file == tmp_path / "toy.toml"
    assert kept_patch(place.patch, str(tmp_path / "gone" / "toy.toml")).file == place.patch
    assert kept_patch(place.patch, "no such patch").file == place.patch


def test_what_a_set_knows_by_itself_cannot_be_said_otherwise(place: SetFolder) -> None:
    given = {"controls": place.folder, "patch": None, "bars": None, "seed": None, "tempo": None, "set": []}
    refuse_others(argparse.Namespace(**given))
    for option, value in (("patch", "band"), ("seed", 0), ("set", ["x=1"])):
        with pytest.raises(UserError, match=f"--{option}: a set is played again as it was"):
            refuse_others(argparse.Namespace(**{**given, option: value}))


def test_the_picture_shows_parts_knobs_deeds_and_the_path(place: SetFolder) -> None:
    with SetHall(place) as hall:
        some_music(hall)
        hall.instrument.finish()
    shown = portrait_of(place, read_facts(place))
    assert [voice.name for voice in shown.voices] == ["drums"] and len(shown.voices[0].notes) > 30
    assert [curve.name for curve in shown.curves] == ["x", "y", "density", "tempo", "mute drums"]
    x = shown.curves[0].points
    assert x[0] == (0.0, 0.3) and x[-1][1] == 0.9
    assert [deed.name for deed in shown.deeds] == ["fill 1"]
    assert [journey.name for journey in shown.journeys] == ["toy"]


@pytest.mark.parametrize("wrong", ["nothing", "format", "npz", "csv"])
def test_a_folder_that_is_no_set_is_told_in_a_line(place: SetFolder, wrong: str) -> None:
    with SetHall(place) as hall:
        hall.play(2 * BAR_S)
        hall.instrument.finish()
    broken = {"nothing": place.facts, "format": place.facts, "npz": place.stretch(1), "csv": place.changes}[wrong]
    broken.unlink() if wrong == "nothing" else broken.write_text({"format": "format = 9\n"}.get(wrong, "a,b\nc,d\n"))
    with pytest.raises(UserError) as problem:
        picture(argparse.Namespace(set=place.folder, out=place.folder / "again.png"))
    assert str(place.folder) in str(problem.value) and "\n" not in str(problem.value)
