"""Tables as TOML text: what is written is read back."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.toml_text import toml_text

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
plain = st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False) | text
tables = st.recursive(
    st.dictionaries(text, plain | st.lists(plain, max_size=3), max_size=4), lambda inner: st.dictionaries(text, plain | inner, max_size=4)
)


@given(tables)
def test_what_is_written_is_read_back(table: dict[str, object]) -> None:
    assert tomllib.loads(toml_text(table)) == table


@pytest.mark.parametrize("value", [None, {1, 2}, object()])
def test_what_toml_has_no_word_for_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="TOML holds strings"):
        toml_text({"key": value})
