"""The user's library: kept whole, read after a restart, and a damaged file is told in a line and lost by nobody."""

import json
from pathlib import Path

import pytest

from mvae.live import library as module
from mvae.live.library import HOME, Library, file_name, home
from tests.live.form_hall import FormHall


def test_a_folder_may_be_named_and_is_otherwise_the_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(HOME, str(tmp_path))
    assert home() == tmp_path
    monkeypatch.delenv(HOME)
    assert home().name == "mvae" and home().is_absolute()


def test_names_that_mean_the_same_share_a_file_and_others_never_do() -> None:
    names = ["My verse", "con", "con.", "..", "../x", "Größe", "grosse!", "夜", "夜明け", "a" * 64]
    assert file_name("My verse") == file_name("my-VERSE")
    assert len({file_name(name) for name in names}) == len(names)
    assert all(mark.isalnum() or mark in "-." for name in names for mark in file_name(name)) and len(file_name("a" * 64)) < 64


def test_what_was_kept_is_read_again_and_nothing_is_made_before(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    with Library(folder) as library:
        assert list(library.records("anchors", [])) == [] and not folder.exists()
        library.keep("anchors", "one", {"points": {}})
        library.keep("anchors", "One", {"points": {"b": ""}})
    complaints: list[str] = []
    assert [record["points"] for record in Library(folder).records("anchors", complaints)] == [{"b": ""}] and not complaints


@pytest.mark.parametrize(
    ("text", "told"),
    [("{", "damaged, not JSON"), ("[]", "it says no name"), ('{"name": "one", "format": 9}', "format = 9"), ("\xff", "no")],
)
def test_a_damaged_file_is_told_in_one_line_and_put_aside_before_its_name_is_used(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "anchors" / file_name("one")
    file.parent.mkdir()
    file.write_bytes(text.encode("latin-1"))
    complaints: list[str] = []
    with Library(tmp_path) as library:
        assert list(library.records("anchors", complaints)) == []
        (line,) = complaints
        assert str(file) in line and told in line and "\n" not in line and file.read_bytes() == text.encode("latin-1")
        library.keep("anchors", "one", {})
    assert file.with_suffix(".damaged").read_bytes() == text.encode("latin-1")
    assert json.loads(file.read_text())["name"] == "one"


def test_a_disk_that_refuses_is_told_and_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def refuse_once(path: Path, data: bytes) -> None:
        calls.append(path)
        if len(calls) == 1:
            raise OSError(28, "No space left on device")
        path.write_bytes(data)

    monkeypatch.setattr(module, "replace_file", refuse_once)
    library = Library(tmp_path)
    library.keep("anchors", "one", {})
    library.close()
    assert "No space left on device" in library.remark and HOME in library.remark
    library.keep("anchors", "two", {})
    library.close()
    assert library.remark == ""


@pytest.mark.parametrize("kind", ["anchors", "scenes"])
def test_a_point_or_scene_that_says_nothing_is_complained_of_and_the_others_are_there(tmp_path: Path, kind: str) -> None:
    with FormHall(tmp_path) as hall:
        for name in ("one", "two"):
            hall.do("store A", name), hall.do("scene store", name)
            hall.run(0.02)
    (file,) = (tmp_path / kind).rglob("one-*.json")
    record = json.loads(file.read_text())
    record["points"] = {"toy": "abc"} if kind == "anchors" else {"A": {"toy": "abc"}}
    file.write_text(json.dumps(record))
    damaged = file.read_text()
    with FormHall(tmp_path) as hall:
        (line,) = hall.form.complaints
        assert "'one' of the library is damaged" in line and file.read_text() == damaged
        hall.do("load A", "two"), hall.do("scene", "two")
        hall.run(0.02)
        assert hall.last("/mvae/anchor/A") == ("two",) and hall.last("/mvae/scene/playing") == ("two",)
