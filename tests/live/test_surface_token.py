"""The token of the page is kept for a day, for its user alone, and what somebody else could have put there is not trusted."""

import os
from pathlib import Path

import pytest

from mvae.live.surface_token import FILE, KEPT_S, page_token

NOW_S = 1_800_000_000.0


def test_a_token_is_the_same_for_a_day_and_no_longer(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    first = page_token(folder, NOW_S)
    assert len(first) == 16 and page_token(folder, NOW_S + KEPT_S - 1) == first
    second = page_token(folder, NOW_S + KEPT_S)
    assert second != first and page_token(folder, NOW_S + KEPT_S + 1) == second
    assert page_token(folder, NOW_S - 100) != second, "a file from the future is not trusted"


def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        page_token(tmp_path, NOW_S)
    finally:
        os.umask(before)
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600 and [path.name for path in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize("mode", [0o644, 0o620, 0o604])
def test_one_that_others_could_have_read_or_written_is_replaced(tmp_path: Path, mode: int) -> None:
    first = page_token(tmp_path, NOW_S)
    (tmp_path / FILE).chmod(mode)
    second = page_token(tmp_path, NOW_S)
    assert second != first and (tmp_path / FILE).stat().st_mode & 0o777 == 0o600 and page_token(tmp_path, NOW_S) == second


@pytest.mark.parametrize("text", ["", "0123456789abcdeg", "0123456789abcdef\n", "0123", "0123456789abcdef0"])
def test_what_is_no_token_is_replaced(tmp_path: Path, text: str) -> None:
    page_token(tmp_path, NOW_S)
    (tmp_path / FILE).write_text(text)
    os.utime(tmp_path / FILE, (NOW_S, NOW_S))
    token = page_token(tmp_path, NOW_S)
    assert len(token) == 16 and token != text.strip() and page_token(tmp_path, NOW_S) == token


def test_a_link_to_somewhere_else_is_not_followed(tmp_path: Path) -> None:
    first = page_token(tmp_path / "other", NOW_S)
    (tmp_path / FILE).symlink_to(tmp_path / "other" / FILE)
    second = page_token(tmp_path, NOW_S)
    assert second != first and not (tmp_path / FILE).is_symlink() and page_token(tmp_path / "other", NOW_S) == first


def test_where_nothing_can_be_kept_there_is_a_token_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("where the folder should be")
    assert len(page_token(tmp_path / "file", NOW_S)) == 16 and page_token(tmp_path / "file", NOW_S) != page_token(tmp_path / "file", NOW_S)
