"""Opening what a patch plays: whatever does not fit together is told in one line, with file, key, value and remedy."""

from pathlib import Path

import numpy as np
import pytest

from mvae.core.errors import UserError
from mvae.core.patch_file import read_patch
from mvae.core.points import texts_of
from mvae.live.ensemble import open_band
from mvae.live.kept_points import KIND
from mvae.live.library import Library
from tests.live.command import mvae_live, run
from tests.toy_space import write_patch

GROOVE = """format = 1
name = "Groove"
[[part]]
name = "drums"
bundle = "groove_2bar"
[anchors]
A = "rock"
B = "funk"
"""
FEEL = '[humanize]\nbundle = "groove_2bar"\nanchor = "Funk"\n'


def opened(folder: Path, text: str) -> object:
    return open_band(read_patch(write_patch(folder, text)))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (GROOVE.replace('name = "drums"', 'name = "bass"'), r'name = "bass": plays bass, but groove_2bar has drums; give stream = "drums"'),
        (GROOVE.replace("groove_2bar", "groove_9bar"), r'\[\[part\]\] bundle = "groove_9bar": no bundle'),
        (GROOVE + FEEL.replace("Funk", "fnuk"), r"\[humanize\] anchor = \"fnuk\": no anchor 'fnuk' \(did you mean 'funk'\?\)"),
        (GROOVE + FEEL.replace("groove_2bar", "nosuch"), r'\[humanize\] bundle = "nosuch": no bundle'),
    ],
)
def test_what_does_not_fit_is_told(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(UserError, match=told) as problem:
        opened(tmp_path, text)
    assert "test.toml: " in str(problem.value) and "\n" not in str(problem.value)


def test_a_band_says_what_it_opened_and_what_plays_it(tmp_path: Path) -> None:
    band = open_band(read_patch(write_patch(tmp_path, GROOVE + FEEL)))
    assert list(band.hashes) == list(band.temperatures) == ["groove_2bar"] and len(band.hashes["groove_2bar"]) == 16
    assert band.provider in band.reasons[0] and len(band.reasons) == 1
    assert [ahead.numbers for ahead in band.ensemble(1).lookaheads] == [(0,)]


def test_the_bundle_that_lends_its_feel_is_of_the_take_whether_a_part_plays_it_or_not(tmp_path: Path) -> None:
    melody = GROOVE.replace('"drums"', '"melody"').replace("groove_2bar", "melody_2bar").replace('"rock"', '"chiptune"')
    band = open_band(read_patch(write_patch(tmp_path, melody.replace('"funk"', '"im_rhein"') + FEEL)))
    assert set(band.hashes) == {"melody_2bar", "groove_2bar"} and len(set(band.hashes.values())) == 2


def keep(folder: Path, name: str, point: "np.ndarray[tuple[int], np.dtype[np.float32]]") -> None:
    with Library(folder) as library:
        library.keep(KIND, name, {"points": texts_of({"groove_2bar": point}), "bundles": {}})


def test_a_patch_names_a_point_that_the_user_has_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MVAE_HOME", str(tmp_path / "home"))
    size = open_band(read_patch(write_patch(tmp_path, GROOVE))).decoders["groove_2bar"].space.z_size
    mine = np.linspace(-1, 1, size, dtype=np.float32)
    keep(tmp_path / "home", "first light", mine)
    keep(tmp_path / "home", "rock", -mine)  # the bundle's own comes first
    keep(tmp_path / "home", "too short", mine[:-1])
    text = GROOVE.replace('B = "funk"', 'B = "First Light"')
    band = open_band(read_patch(write_patch(tmp_path, text))).ensemble(1)
    assert (band.corners()["B"]["groove_2bar"] == mine).all() and (band.corners()["A"]["groove_2bar"] != -mine).any()
    assert band.patch.anchors == (("A", "rock"), ("B", "First Light")) and band.lookaheads[0].patch.anchors[1] == ("B", "first light")
    with pytest.raises(UserError, match=r"\[anchors\] B = \"too short\": no anchor of the bundle .*first light"):
        opened(tmp_path, GROOVE.replace('B = "funk"', 'B = "too short"'))


def test_a_take_of_a_patch_with_a_kept_point_is_bounced_alike_whatever_becomes_of_the_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MVAE_HOME", str(tmp_path / "home"))
    size = open_band(read_patch(write_patch(tmp_path, GROOVE))).decoders["groove_2bar"].space.z_size
    keep(tmp_path / "home", "first light", np.linspace(-1, 1, size, dtype=np.float32))
    path = write_patch(tmp_path, GROOVE.replace('B = "funk"', 'B = "first light"') + "[knob.morph]\ndefault = 1\n")
    with mvae_live("--patch", str(path), "--seed", "2", "--tempo", "200", "--bars", "2", "--record", str(tmp_path / "take.mid")) as live:
        assert live.end(60) == 0
    keep(tmp_path / "home", "first light", np.linspace(1, -1, size, dtype=np.float32))
    done = run("bounce", "--controls", str(tmp_path / "take.log"), "--out", str(tmp_path / "again.mid"))
    assert done.returncode == 0 and "differs" not in done.stdout, done.stdout + done.stderr
    assert (tmp_path / "again.mid").read_bytes() == (tmp_path / "take.mid").read_bytes()
