"""Which files a folder has, their splits and the data sets they come from."""

from pathlib import Path

import pytest

from mvae.core.errors import UserError
from mvae.train.sources import SPLITS, sources_of, split_of


def folder(path: Path, *names: str, table: str | None = None) -> Path:
    for name in names:
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(b"")
    if table is not None:
        (path / "split.csv").write_text(table)
    return path


def test_a_split_table_says_split_and_set_of_each_file(tmp_path: Path) -> None:
    table = "file,split,source_set\na/1.mid,train,lieder\nb/2.mid,test,cre\n"
    found = sources_of(folder(tmp_path, "a/1.mid", "b/2.mid", table=table))
    assert [(source.file, source.split, source.set) for source in found] == [("a/1.mid", "train", "lieder"), ("b/2.mid", "test", "cre")]


def test_a_set_that_is_not_said_is_the_folder(tmp_path: Path) -> None:
    one = sources_of(folder(tmp_path / "tunes", "1.mid", table="file,split\n1.mid,train\n"))
    empty = sources_of(folder(tmp_path / "songs", "1.mid", table="file,split,source_set\n1.mid,train,\n"))
    assert (one[0].set, empty[0].set) == ("tunes", "songs")


def test_a_file_that_is_listed_but_not_there_is_passed_over(tmp_path: Path) -> None:
    found = sources_of(folder(tmp_path, "1.mid", table="file,split\n1.mid,train\n2.mid,train\n"))
    assert [source.file for source in found] == ["1.mid"]


def test_a_file_that_is_there_but_not_listed_is_not_read(tmp_path: Path) -> None:
    found = sources_of(folder(tmp_path, "1.mid", "2.mid", table="file,split\n2.mid,validation\n"))
    assert [source.file for source in found] == ["2.mid"]


@pytest.mark.parametrize(("table", "match"), [("file\n1.mid\n", "column split missing"), ("file,split\n1.mid,all\n", "split = 'all'")])
def test_a_broken_table_is_one_clear_line(tmp_path: Path, table: str, match: str) -> None:
    with pytest.raises(UserError, match=match) as caught:
        sources_of(folder(tmp_path, "1.mid", table=table))
    assert "split.csv" in str(caught.value) and "\n" not in str(caught.value)


def test_a_table_that_lists_no_file_that_is_there_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="none of the files"):
        sources_of(folder(tmp_path, "1.mid", table="file,split\n2.mid,train\n"))


def test_without_a_table_the_name_decides_and_the_folder_is_the_set(tmp_path: Path) -> None:
    names = [f"{number}.mid" for number in range(40)]
    found = sources_of(folder(tmp_path / "tunes", *names, "notes.txt", "B.MID"))
    assert sorted(source.file for source in found) == sorted([*names, "B.MID"])
    assert all(source.split == split_of(source.file) and source.set == "tunes" for source in found)


def test_splits_by_name_are_eight_to_one_to_one() -> None:
    splits = [split_of(f"song {number}") for number in range(4000)]
    shares = [splits.count(split) / len(splits) for split in SPLITS]
    assert shares == pytest.approx([0.8, 0.1, 0.1], abs=0.02)
