"""Files of a take: where they can be written, and that asking changes nothing."""

from pathlib import Path

import pytest

from mvae.core.errors import UserError
from mvae.core.track import check_writable, replace_file


def test_asking_whether_a_file_can_be_written_leaves_it_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "take.mid"
    check_writable(path)
    assert list(tmp_path.iterdir()) == []
    path.write_bytes(b"a take")
    check_writable(path)
    assert path.read_bytes() == b"a take" and list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_and_a_folder_of_that_name_are_refused(tmp_path: Path) -> None:
    for path, reason in ((tmp_path / "none" / "take.mid", "is not there"), (tmp_path, "is a folder")):
        with pytest.raises(UserError, match=reason):
            check_writable(path)


def test_a_write_protected_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "take.mid"
    path.write_bytes(b"a take")
    monkeypatch.setattr("mvae.core.track.os.access", lambda *_: False)  # as for anyone but root, whom no mode stops
    with pytest.raises(UserError, match="write-protected"):
        check_writable(path)


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "take.mid"
    replace_file(path, b"one")
    replace_file(path, b"two")
    assert path.read_bytes() == b"two" and list(tmp_path.iterdir()) == [path]
