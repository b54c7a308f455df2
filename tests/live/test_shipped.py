"""Every patch that comes with mvae, with the bundles that come with it: it opens, it plays, and its take comes out again."""

import json
from pathlib import Path

import pytest

from mvae.core.midifile import read_performance
from mvae.core.panel import Positions
from mvae.core.patch import list_patches
from mvae.core.patch_file import load_patch, read_patch
from mvae.core.score import Due
from mvae.live.ensemble import Opened, open_band
from mvae.live.instrument import make_panel
from tests.live.command import mvae_live, run

PATCHES = [path.stem for path in list_patches()]
BARS = 6
TAKES = 4  # tries at a take in which the machine does not stall for 100 ms, which nothing can repeat


@pytest.mark.parametrize("name", PATCHES)
def test_a_shipped_patch_names_what_its_bundles_have_and_steers_them(name: str) -> None:
    (path,) = [path for path in list_patches() if path.stem == name]
    opened = open_band(read_patch(path))
    assert sorted(part.name for alone in opened.patches for part in alone.parts) == sorted(part.name for part in opened.patch.parts)
    bound = [bound.cc for bound in (*opened.patch.knobs, *opened.patch.buttons)]
    assert all(cc is not None for cc in bound) and any(knob.axis is not None for knob in opened.patch.knobs)


def notes(opened: Opened, positions: Positions) -> dict[int, tuple[Due, ...]]:
    """Of each part what it begins with there."""
    return {handoff.part: handoff.notes for handoff in opened.ensemble(3).begin(positions, 120.0)}


@pytest.mark.parametrize("name", PATCHES)
def test_every_knob_of_a_part_is_heard_in_that_part(name: str) -> None:
    opened = open_band(load_patch(name))
    panel = make_panel(opened.patch, opened.temperatures, 120.0)
    places = [panel.snapshot().moved({"x": x, "y": y, "morph": x, "temperature": 1.5}) for x in (0.0, 1.0) for y in (0.0, 1.0)]
    rest = [notes(opened, place) for place in places]
    for number, part in enumerate(opened.patch.parts):
        knobs = [knob for knob in panel.actions.of_kind("knob") if knob.name.startswith(f"{part.name}.") and ".map." not in knob.name]
        assert knobs
        for knob in knobs:
            turns = knob.high, knob.low, float(knob.read(0.1, "normalized"))
            ways = ((place.moved({knob.name: turn}), heard) for place, heard in zip(places, rest, strict=True) for turn in turns)
            assert any(notes(opened, way)[number] != heard[number] for way, heard in ways), knob.name


@pytest.mark.parametrize("name", sorted(set(PATCHES) - {"four_corners", "first_light", "drumify", "humanize"}))
def test_every_part_of_a_band_or_a_tune_may_take_a_drummers_feel(name: str) -> None:
    patch = load_patch(name)
    assert {f"{part.name}.humanize" for part in patch.parts} <= {knob.name for knob in patch.actions().of_kind("knob")}


@pytest.mark.parametrize("name", PATCHES)
def test_a_take_of_a_shipped_patch_has_every_part_and_comes_out_again(name: str, tmp_path: Path) -> None:
    take, log, again = (tmp_path / file for file in ("take.mid", "take.log", "again.mid"))
    parts = read_patch(next(path for path in list_patches() if path.stem == name)).parts
    for _ in range(TAKES):
        with mvae_live("--patch", name, "--seed", "3", "--tempo", "200", "--bars", str(BARS), "--record", str(take)) as stage:
            stage.subscribe()
            stage.wait_beats(3)
            stage.send("/mvae/anchor/B/recall", 4.0)
            stage.send(f"/mvae/part/{parts[-1].name}/temperature", 1.5)
            stage.wait_beats(4)
            stage.send(f"/mvae/part/{parts[0].name}/mute", 1)
            stage.wait_beats(4)
            stage.send(f"/mvae/part/{parts[0].name}/mute", 0)
            assert stage.end(60.0) == 0, stage.said()
            told = {words[0] for words in stage.heard("/mvae/note")}
        if "stall" not in {json.loads(line).get("do") for line in log.read_text().splitlines()}:
            break
    assert told == {part.name for part in parts}
    done = run("bounce", "--controls", str(log), "--out", str(again))
    assert done.returncode == 0 and "differs" not in done.stdout, done.stdout + done.stderr
    assert again.read_bytes() == take.read_bytes()
    channels = [{part.channel} if part.melodic else {sound.channel for sound in part.sounds} for part in parts]
    assert {note.channel for note in read_performance(take).notes} <= set.union(*channels)
