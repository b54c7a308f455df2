"""Names that a performer can say, from the titles and files of tunes."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.train.tune_names import LONGEST, speaks, titles_of, tune_name, unique_name


@pytest.mark.parametrize(
    ("file", "title", "name"),
    [
        ("AshplantreelThe.mid", "", "ashplant_reel"),
        ("BoysofMalinreelThe.mid", "", "boys_of_malin_reel"),
        ("HowstheWifehornpipe.mid", "", "hows_the_wife_hornpipe"),
        ("ryan_OliveBranchHornpipe.mid", "", "olive_branch_hornpipe"),
        ("oneill_0122.mid", "", "oneill_122"),
        ("lc6389103.mid", "6 Ellens Gesang III, D.839 (Ave Maria)", "ellens_gesang_iii"),
        ("lc6177220.mid", "2 An eine Äolsharfe", "an_eine_aolsharfe"),
        ("freedoom/head_d_e3m9.mid", '"No-Clip to the End" by Someone', "no_clip_to_the_end"),
        ("freedoom/hist_c38682fb_d_e1m1.mid", "git path musics/d_e1m1.mid, commit 79a2ccf6e9", "e1m1"),
        ("simutrans/11-Stucked-Convoi.mid", "", "stucked_convoi"),
        ("drummer1/session1/4_jazz-funk_116_beat_4-4.mid", "", "jazz_funk_116"),
        ("drummer1/eval_session/1_funk-groove1_138_beat_4-4.mid", "", "funk_138"),
        ("42.mid", "", "tune_42"),
    ],
)
def test_a_tune_is_named_after_its_title_or_its_file(file: str, title: str, name: str) -> None:
    assert tune_name(file, title) == name


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_name_is_short_and_of_small_letters_digits_and_underscores(stem: str, title: str) -> None:
    name = tune_name(f"{stem}.mid", title)
    assert re.fullmatch(r"[a-z][a-z0-9_]*", name)
    assert len(name) <= LONGEST + len("tune_")


def test_a_number_in_a_book_of_tunes_says_nothing() -> None:
    assert not speaks("oneill_1290")
    assert speaks("funk_138_2") and speaks("e1m1") and speaks("reel_2")


def test_a_name_that_is_taken_is_numbered() -> None:
    assert unique_name("funk_138", ["rock", "funk_138", "funk_138_2"]) == "funk_138_3"
    assert unique_name("jig", []) == "jig"


def test_titles_come_from_the_table_beside_the_files(tmp_path: Path) -> None:
    (tmp_path / "split.csv").write_text("file,split,title\na.mid,test,An Air\nb.mid,test,\n")
    assert titles_of([str(tmp_path), str(tmp_path / "nowhere")]) == {"a.mid": "An Air"}


def test_a_tune_named_after_a_firm_is_called_something_else() -> None:
    assert tune_name("freedoom/hist_5a120770_nintendo.mid") == "chiptune"
