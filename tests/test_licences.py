"""The notices that the licences of the music ask for: all there, named in THIRD_PARTY.md, and packed with what is installed."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
THIRD_PARTY = (ROOT / "THIRD_PARTY.md").read_text(encoding="utf-8")
FOLDER = ROOT / "licences"
ASKED = {  # what each of these must say, word for word
    "simutrans-artistic.txt": ("(c) 1997-2004 Hj. Malthaner", "(c) since 2005 The Simutrans Team", "The Artistic License", "The End"),
    "simutrans-credits.txt": ("shunter", "Lmallet", "Shingoushori"),
    "freedoom-bsd-3-clause.txt": ("Contributors to the Freedoom project", "Redistributions in binary form", "CREDITS"),
    "freedoom-credits.txt": ("N: Colin Phipps", "D: musics"),
    "freedoom-credits-music.txt": ("Korp", "Lola"),
    "easyrpg-rtp-credits.txt": ("Juan Manuel Nigretti", "Someoneman"),
    "cc-by-4.0.txt": ("Attribution 4.0 International", "Section 5 -- Disclaimer of Warranties"),
}
SETS = {  # how cards call the sets, and how THIRD_PARTY.md does
    "Groove": "Groove MIDI Dataset", "cre": "Ceol Rince na hÉireann", "fiddle_pd": "Ryan's Mammoth Collection",
    "Lieder": "OpenScore Lieder Corpus", "Freedoom": "Freedoom", "Simutrans": "Simutrans", "EasyRPG": "EasyRPG RTP",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(ASKED))
def test_a_notice_is_there_word_for_word_and_is_named(name: str) -> None:
    text = (FOLDER / name).read_text(encoding="utf-8")
    assert all(words in text for words in ASKED[name]) and f"](licences/{name})" in THIRD_PARTY


def test_every_link_leads_to_a_notice_and_every_notice_has_one() -> None:
    assert set(re.findall(r"\]\(licences/([^)]+)\)", THIRD_PARTY)) == {path.name for path in FOLDER.iterdir()} == set(ASKED)


def test_what_is_installed_brings_them() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    packed = {path for pattern in project["license-files"] for path in ROOT.glob(pattern)}
    assert packed == {ROOT / "LICENSE", ROOT / "THIRD_PARTY.md", *FOLDER.iterdir()}


def test_every_set_that_a_shipped_bundle_names_is_listed() -> None:
    rows = [line for line in THIRD_PARTY.splitlines() if line.startswith("| **") or line.startswith("| Ryan")]
    cards = [path.read_text(encoding="utf-8") for path in (ROOT / "patches" / "bundles").glob("*/card.toml")]
    data = " ".join(line for card in cards for line in card.splitlines() if line.startswith("data = "))
    named = [words for name, words in SETS.items() if name in data]
    assert len(named) == len(SETS) and all(any(words in row for row in rows) for words in named)
