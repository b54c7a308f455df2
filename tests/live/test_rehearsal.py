"""A song bounced without a log: its scenes follow each other and it wanders, as on stage, and every time alike."""

from pathlib import Path

import pytest

from mvae.core.change import Change
from mvae.core.midifile import read_performance
from mvae.core.scene import Scene
from mvae.live.control_log import Take
from mvae.live.rehearsal import rehearse
from tests.live.command import run
from tests.live.form_hall import FormHall, band_of
from tests.live.hall import BAR_S, BPM, SEED, panel

PATCH = """format = 1
name = "A song"
tempo = 120
song = ["verse", "chorus"]
[[part]]
name = "drums"
bundle = "groove_2bar"
channel = 10
[anchors]
A = "jazz"
B = "funk"
[knob.temperature]
default = 0
[knob.feel]
default = 0
[[scene]]
name = "verse"
bars = 2
knobs = {morph = 0, velocity = 0.5}
[[scene]]
name = "chorus"
bars = 2
then = "verse"
knobs = {morph = 1, velocity = 1}
"""


@pytest.fixture
def patch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MVAE_HOME", str(tmp_path / "home"))
    path = tmp_path / "song.toml"
    path.write_text(PATCH)
    return path


def bounced(patch: Path, out: Path, *words: str) -> list[tuple[int, int, int]]:
    """(16th, pitch, velocity) of every note."""
    done = run("bounce", "--patch", str(patch), "--bars", "6", "--seed", "4", "--out", str(out), *words)
    assert done.returncode == 0 and f"{out}: 6 bars, seed 4" in done.stdout, done.stdout + done.stderr
    first = 16  # a take begins a bar before the first line
    return sorted((round(note.beat * 4) - first, note.pitch, note.velocity) for note in read_performance(out).notes)


def in_bars(notes: list[tuple[int, int, int]], bar: int) -> list[tuple[int, int, int]]:
    """The notes of two bars from a bar on, in steps from there."""
    return [(step - 16 * bar, pitch, velocity) for step, pitch, velocity in notes if 16 * bar <= step < 16 * (bar + 2)]


def test_a_bounced_song_goes_through_its_scenes(patch: Path, tmp_path: Path) -> None:
    notes = bounced(patch, tmp_path / "song.mid")
    verse, chorus, again = (in_bars(notes, bar) for bar in (0, 2, 4))
    assert verse and chorus and verse != chorus and verse == again
    assert max(velocity for *_, velocity in verse) < max(velocity for *_, velocity in chorus)
    bounced(patch, tmp_path / "again.mid")
    assert (tmp_path / "again.mid").read_bytes() == (tmp_path / "song.mid").read_bytes()


def test_a_bounce_wanders_as_far_as_the_knob_says(patch: Path, tmp_path: Path) -> None:
    patch.write_text(PATCH.replace('song = ["verse", "chorus"]\n', ""))
    rest = bounced(patch, tmp_path / "rest.mid")
    assert in_bars(rest, 0) == in_bars(rest, 2) == in_bars(rest, 4)
    words = "--set", "wander=1", "--set", "wander_beats=2"
    astray = bounced(patch, tmp_path / "astray.mid", *words)
    assert len({tuple(in_bars(astray, bar)) for bar in (0, 2, 4)}) == 3
    assert bounced(patch, tmp_path / "again.mid", *words) == astray


def test_a_bounced_song_is_the_one_that_is_played(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MVAE_HOME", str(tmp_path / "home"))
    scenes = Scene("verse", knobs={"x": 0.1}, bars=2), Scene("chorus", knobs={"x": 0.9, "density": 1.0}, bars=1, then="verse")
    song = ("verse", "chorus")
    with FormHall(tmp_path, tmp_path / "take.mid", band_of(scenes, song), bars=6) as hall:
        hall.do("wander", 0.5)
        hall.play(6 * BAR_S + 1)
        hall.instrument.finish()
    turned = panel(hall.band.patch)
    turned.turn(Change("wander", 0.5))
    data, bars, complaints = rehearse(turned, band_of(scenes, song), Take("toy", SEED, BPM, {"toy": "1"}), 6)
    assert (bars, complaints) == (6, ())
    (tmp_path / "again.mid").write_bytes(data)
    take, again = (read_performance(tmp_path / name).notes for name in ("take.mid", "again.mid"))
    assert take == again and len(take) > 50
