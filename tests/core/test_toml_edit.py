"""A patch that was edited says what was asked, and every comment of its author is still there."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.toml_edit import Unusual, edited, without_table

PATCH = """# mine
format = 1
[knob.x]              # left hand
cc = 21               # the first pot
range = [0, 1]

# right hand
[knob."y"]
  cc=22
[button.out]
does = "mute # drums" # not a comment inside
note = 36
"""
KEYS = st.sampled_from(["cc", "note", "channel", "controller", "does", "encoding"])
VALUES = st.integers(0, 127) | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)
TABLES = st.sampled_from([("knob", "x"), ("knob", "y"), ("button", "out"), ("button", "new"), ("knob", "melody", "octave")])


def comments(text: str) -> list[str]:
    return [word for word in ("# mine", "# left hand", "# the first pot", "# right hand", "# not a comment inside") if word in text]


@given(st.lists(st.tuples(TABLES, st.dictionaries(KEYS, VALUES | st.none(), max_size=4)), max_size=5), st.sampled_from(["\n", "\r\n"]))
def test_whatever_is_changed_is_read_again_and_no_comment_is_lost(
    changes: list[tuple[tuple[str, ...], dict[str, str | int | float | bool | None]]], end: str
) -> None:
    text = PATCH.replace("\n", end)
    wanted = tomllib.loads(PATCH)
    for path, keys in changes:
        text = edited(text, path, keys)
        table = wanted
        for key in path:
            table = table.setdefault(key, {})
        for key, value in keys.items():
            table.pop(key, None)
            if value is not None:
                table[key] = value
    assert tomllib.loads(text) == wanted and comments(text) == comments(PATCH)
    assert ("\r\n" in text) == (end == "\r\n")


def test_a_value_is_exchanged_where_it_stands_and_its_comment_stays_in_its_column() -> None:
    text = edited(PATCH, ("knob", "x"), {"cc": 7, "channel": 3})
    assert "cc = 7                # the first pot\nrange = [0, 1]\nchannel = 3\n\n# right hand" in text
    assert edited(text, ("knob", "x"), {"cc": 21, "channel": None}) == PATCH


def test_a_table_that_is_not_there_comes_to_the_end_and_one_that_goes_leaves_its_comments() -> None:
    text = edited(PATCH, ("button", "go"), {"does": "play", "cc": 41})
    assert text == PATCH + '\n[button.go]\ndoes = "play"\ncc = 41\n'
    assert without_table(text, ("button", "go")).rstrip() == PATCH.rstrip()
    rest = without_table(PATCH, ("knob", "x"))
    assert "x" not in tomllib.loads(rest)["knob"] and comments(rest) == ["# mine", "# left hand", "# right hand", "# not a comment inside"]


@pytest.mark.parametrize("text", ["[knob]\nx = {cc = 1}\n", "knob.x.cc = 1\n", "knob = 3\n", "[knob.x]\ncc = '''\n1'''\n", "not toml"])
def test_a_text_laid_out_otherwise_is_left_alone(text: str) -> None:
    with pytest.raises(Unusual):
        edited(text, ("knob", "x"), {"cc": 2})


@pytest.mark.parametrize("file", sorted((Path(__file__).parents[2] / "patches").glob("*.toml")), ids=lambda file: file.stem)
def test_every_shipped_patch_can_be_edited(file: Path) -> None:
    text = file.read_text()
    for name in tomllib.loads(text).get("knob", {}):
        if "cc" in tomllib.loads(text)["knob"][name]:
            assert tomllib.loads(edited(text, ("knob", name), {"cc": 99}))["knob"][name]["cc"] == 99
