"""A set of the real command, moved over OSC: recorded, killed, played again byte for byte, and drawn."""

import json
import shutil
from pathlib import Path

import mido
import pytest

from mvae.core.patch import find_patch
from mvae.live.set_changes import read_rows
from mvae.live.set_folder import SetFolder
from tests.live.command import MvaeLive, mvae_live, run

TAKES = 4  # tries at a set in which the machine does not stall for 100 ms, which nothing can repeat
PARTS = ["melody", "bass", "drums"]


def turn(stage: MvaeLive, moves: int) -> None:
    """Hands on two knobs, a fill and new chance."""
    stage.subscribe()
    stage.send("/mvae/play")
    stage.wait_beats(2)
    for move in range(moves):
        stage.send("/mvae/knob/x", move / moves)
        stage.send("/mvae/knob/density", 1 - 2 * move / moves)
        stage.wait(lambda move=move: stage.heard("/mvae/knob/x")[-1:] == [(pytest.approx(move / moves),)])
        if move % 3 == 1:
            stage.wait_beats(1)
    stage.send("/mvae/fill", 1)
    stage.send("/mvae/part/drums/mute", 1)
    stage.wait_beats(6)
    stage.send("/mvae/part/drums/mute", 0)
    stage.send("/mvae/reseed")
    stage.wait_beats(6)


def recorded(folder: Path, patch: str, signal: str) -> SetFolder:
    """A set of the real command, ended by a signal; without a stall, if the machine allows one."""
    place = SetFolder(folder)
    for _ in range(TAKES):
        shutil.rmtree(folder, ignore_errors=True)
        with mvae_live("--seed", "3", "--tempo", "240", "--patch", patch, "--start", "armed", "--record", str(folder)) as stage:
            turn(stage, 18)
            stage.signal(signal)
            stage.end(60)
        if not {"stall", "successor"} & {json.loads(line).get("do") for line in place.log.read_text().splitlines()[:-1]}:
            break
    return place


def messages(path: Path) -> list[mido.Message]:
    return list(mido.MidiFile(path).tracks[0])


def test_a_killed_set_is_there_to_its_last_bar_and_plays_again(tmp_path: Path) -> None:
    place = recorded(tmp_path / "killed", "band", "SIGKILL")
    rows = read_rows(place.changes.read_text())
    assert {"play", "x", "density", "fill", "mute drums", "reseed"} <= {row.name for row in rows}
    whole = mido.MidiFile(place.whole)
    last_tick = sum(message.time for message in whole.tracks[0])
    assert rows[-1].beat - last_tick / 960 < 5  # a bar, and the beat in which it was killed
    bounced = run("bounce", "--controls", str(place.folder), "--out", str(tmp_path / "again"))
    assert bounced.returncode == 0 and "the same, byte for byte" in bounced.stdout, bounced.stdout + bounced.stderr
    for path in place.mids(PARTS):
        kept, again = messages(path), messages(tmp_path / "again" / path.relative_to(place.folder))
        sounding = next(place for place in range(len(kept) - 1, 0, -1) if kept[place].type == "note_on") + 1
        assert sounding > 5 and kept[:sounding] == again[:sounding]
    drawn = run("picture", str(place.folder), "--out", str(tmp_path / "killed.png"))
    assert drawn.returncode == 0 and (tmp_path / "killed.png").stat().st_size > 10_000, drawn.stderr


def test_a_set_plays_again_byte_for_byte_though_its_patch_has_changed_since(tmp_path: Path) -> None:
    patch = tmp_path / "mine.toml"
    patch.write_bytes(find_patch("band").read_bytes())
    place = recorded(tmp_path / "set", str(patch), "SIGTERM")
    assert place.picture.read_bytes()[:4] == b"\x89PNG"
    patch.write_text(patch.read_text().replace('A = "rock"', 'A = "funk"'))
    bounced = run("bounce", "--controls", str(place.folder), "--out", str(tmp_path / "again"))
    assert bounced.returncode == 0, bounced.stderr
    assert bounced.stdout.splitlines()[-1] == "the same, byte for byte: 4 files", bounced.stdout
    for path in place.mids(PARTS):
        assert path.read_bytes() == (tmp_path / "again" / path.relative_to(place.folder)).read_bytes(), path.name
    assert run("bounce", "--controls", str(place.folder), "--seed", "4").returncode == 2
    place.patch.write_bytes(patch.read_bytes())  # another music
    other = run("bounce", "--controls", str(place.folder))
    assert other.returncode == 1 and "set.mid: bar " in other.stdout and "is the first that differs from the set" in other.stdout
