"""Every patch that comes with mvae, with the bundles that come with it: it opens, it plays, and its take comes out again."""

import json
from pathlib import Path

import pytest

from mvae.core.midifile import read_performance
from mvae.core.patch import list_patches
from mvae.core.patch_file import read_patch
from mvae.live.ensemble import open_band
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
