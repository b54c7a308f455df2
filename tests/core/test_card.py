"""A card comes back from TOML as it went in, and says in one line what is wrong with it."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.card import CARD_FILE, FileProof, Graph, ModelCard, card_from_toml, card_to_toml, read_card
from mvae.core.errors import UserError

CARD = ModelCard(
    name="tiny", kind="groove", bars=2, steps=32, z_size=16, voices=9, parts=("drums",), lead_ms=20.0, temperature=0.5,
    noise={"hits": ("steps", 9)},
    graphs={"decoder": Graph("decoder.onnx", {"c": ("batch", 16)}, {"tokens": ("batch", 16, 27)})},
    files={"decoder.onnx": FileProof(12, "ab" * 32)},
    training={"hours": 0.5, "data": "a \"quoted\" name\\with\nlines", "config": {"z_size": 16, "betas": [0.0, 0.03]}},
    axes={"density": {"low": -1.5, "shipped": True}},
)
TEXT = card_to_toml(CARD)

words = st.text(st.characters(exclude_categories=["Cs"]))
plain = st.one_of(st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), words)
facts = st.dictionaries(words, st.recursive(plain | st.lists(plain), lambda inner: st.dictionaries(words, inner), max_leaves=8), max_size=5)


def test_a_card_comes_back_as_it_went_in() -> None:
    assert card_from_toml(TEXT, "card.toml") == CARD


@pytest.mark.parametrize("hears", ["taps", "hits"])
def test_a_card_says_what_the_encoder_hears_unless_it_is_all(hears: str) -> None:
    card = dataclasses.replace(CARD, hears=hears)
    assert card_from_toml(card_to_toml(card), "card.toml") == card and "hears" not in TEXT
    with pytest.raises(UserError, match=r"card.toml: hears = 'smells'"):
        card_from_toml(card_to_toml(card).replace(f'"{hears}"', '"smells"'), "card.toml")


@given(facts, facts)
def test_facts_of_any_shape_come_back_as_they_went_in(training: dict[str, Any], axes: dict[str, Any]) -> None:
    card = dataclasses.replace(CARD, training=training, axes=axes)
    assert card_from_toml(card_to_toml(card), "card.toml") == card


def test_a_fact_that_toml_has_no_word_for_is_refused() -> None:
    with pytest.raises(TypeError, match="None"):
        card_to_toml(dataclasses.replace(CARD, training={"hours": None}))


@pytest.mark.parametrize("key", ["name", "kind", "bars", "steps", "z_size", "voices", "parts", "lead_ms", "temperature"])
def test_a_card_without_a_key_is_refused_by_the_name_of_the_key(key: str) -> None:
    text = "\n".join(line for line in TEXT.splitlines() if not line.startswith(f"{key} ="))
    with pytest.raises(UserError, match=f"card.toml: '{key}' is missing"):
        card_from_toml(text, "card.toml")


BROKEN: dict[str, tuple[Callable[[str], str], str]] = {
    "another version": (lambda text: text.replace("format = 1", "format = 2"), "format = 2: this version reads bundles of format 1"),
    "no version": (lambda text: text.replace("format = 1", ""), "format = missing"),
    "another kind": (lambda text: text.replace('"groove"', '"choir"'), "kind = 'choir': this version plays groove"),
    "a number as text": (lambda text: text.replace("bars = 2", 'bars = "2"'), "bars = '2': where a int belongs"),
    "no shape": (lambda text: text.replace('c = ["batch", 16]', "c = 16"), r"graphs\.decoder: inputs\.c = 16: not a shape"),
    "no hash": (lambda text: text.replace("sha256", "md5"), "'sha256' is missing"),
    "no graphs": (lambda text: text.replace("[graphs", "[drawings"), "'graphs' is missing"),
    "half a file": (lambda text: text[:-10], "not TOML"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_card_is_refused_in_one_line(what: str) -> None:
    change, message = BROKEN[what]
    with pytest.raises(UserError, match=message) as refusal:
        card_from_toml(change(TEXT), "card.toml")
    assert "\n" not in str(refusal.value)


def test_a_folder_without_a_card_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="a bundle is a folder with a card"):
        read_card(tmp_path)
    (tmp_path / CARD_FILE).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="not UTF-8 text"):
        read_card(tmp_path)
