"""`mvae-live bounce` with a real bundle: its file, what it says, and mistakes in one line."""

import argparse
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mvae.core.bundle import with_latents
from mvae.core.errors import UserError
from mvae.core.midifile import read_performance
from mvae.live import phrase_files
from mvae.live.bounce_command import bounce, set_knob
from mvae.live.control_log import Act, Take, line_of
from tests.live.hall import BAR, panel
from tests.tiny_bundle import tiny_bundle, tiny_latents


@pytest.mark.parametrize(
    ("setting", "told"),
    [("x", "give KNOB=NUMBER, x from 0 to 1"), ("x=far", "give KNOB"), ("x=2", "x goes from 0 to 1"), ("x=nan", "x goes"), ("w=1", "w")],
)
def test_a_setting_that_cannot_be_meant_is_told(setting: str, told: str) -> None:
    with pytest.raises(UserError, match=told):
        set_knob(panel(), setting)


def test_a_setting_turns_its_knob() -> None:
    made = panel()
    set_knob(made, "density = -1.5")
    assert made.snapshot().knobs["density"] == -1.5


@pytest.fixture(scope="module")
def patch_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A patch with a real bundle, small and untrained."""
    folder = tmp_path_factory.mktemp("patch")
    with_latents(Path(shutil.copytree(tiny_bundle(), folder / "tiny")), tiny_latents(), {})
    (folder / "tiny.toml").write_text(
        'format = 1\nname = "Tiny"\ntempo = 100\n[[part]]\nbundle = "tiny"\n'
        '[anchors]\nA = "funk"\nB = "rock"\n[knob.tempo]\nrange = [60, 180]\n'
    )
    yield folder / "tiny.toml"


def chosen(out: Path, **options: object) -> argparse.Namespace:
    usual: dict[str, object] = {"patch": None, "bars": 2, "seed": None, "tempo": None, "set": [], "controls": None, "provider": "cpu"}
    return argparse.Namespace(out=out, **{**usual, **options})


def test_the_command_writes_the_same_file_twice(patch_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = tmp_path / "one.mid", tmp_path / "two.mid"
    for out in (one, two):
        assert bounce(chosen(out, patch=str(patch_file), seed=5, set=["morph=0.5"])) == 0
    assert one.read_bytes() == two.read_bytes() and read_performance(one).notes
    assert capsys.readouterr().out.splitlines()[0] == f"{one}: 2 bars, seed 5"
    assert read_performance(one).bpm_at(0.0) == pytest.approx(100.0)


def test_the_command_knows_patch_seed_and_tempo_of_a_take_and_tells_of_another_bundle(
    patch_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log, out = tmp_path / "take.log", tmp_path / "out.mid"
    acts = [Act("play", phrase="0"), Act("stop", -BAR, value=16.0)]
    log.write_text(line_of(Take(str(patch_file), 9, 133.0, {"tiny": "other"})) + "".join(map(line_of, acts)))
    assert bounce(chosen(out, controls=log, bars=None)) == 0
    first, second, third = capsys.readouterr().out.splitlines()
    assert first == "tiny is not the bundle of the take: it will differ"
    assert second == f"{out}: 1 bars, seed 9" and third.startswith("bar 1 is the first that differs")
    assert read_performance(out).bpm_at(0.0) == pytest.approx(133.0, abs=0.01)


@pytest.mark.parametrize(("options", "told"), [({}, "bounce needs --bars"), ({"controls": "log"}, "bounce needs --bars")])
def test_without_bars_a_take_must_tell_how_long_it_is(tmp_path: Path, options: dict[str, str], told: str) -> None:
    log = tmp_path / "log"
    log.write_text('{"tick":0,"changes":{}}\n')
    with pytest.raises(UserError, match=told):
        bounce(chosen(tmp_path / "out.mid", bars=None, **{key: tmp_path / name for key, name in options.items()}))


def test_a_disk_that_refuses_at_the_end_is_told(patch_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(phrase_files, "replace_file", refuse)
    with pytest.raises(UserError, match="No space left on device"):
        bounce(chosen(tmp_path / "out.mid", patch=str(patch_file)))
