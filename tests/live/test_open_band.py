"""Opening what a patch plays: whatever does not fit together is told in one line, with file, key, value and remedy."""

from pathlib import Path

import pytest

from mvae.core.errors import UserError
from mvae.core.patch_file import read_patch
from mvae.live.ensemble import open_band
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
