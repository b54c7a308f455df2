"""Short names for tunes, as a performer says them, from their titles or files. Pure text; knows nothing of music.

`AshplantreelThe` is `ashplant_reel`, `ryan_OliveBranchHornpipe` is `olive_branch_hornpipe`, `freedoom/head_d_e1m2` is `e1m2`, a groove's
`drummer1/session1/4_jazz-funk_116_beat_4-4` is `jazz_funk_116`.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

LONGEST = 24  # letters of a name, cut at a word
DANCES = "reel|jig|hornpipe|polka|strathspey|clog|march|slide"
GROOVE = re.compile(r"\d+_(?P<style>[a-z-]+?)(?:-groove\d+)?_(?P<bpm>\d+)_(?:beat|fill)_")
PLACES = re.compile(r"^(head_|hist_[0-9a-f]{8}_|ryan_)?(d_)?(\d+[-. ]+)?")  # what collections put before a tune's own name
GLUED = re.compile(r"(?<=[a-z]{2})(ofthe|inthe|onthe|tothe|forthe|isin|of|the)(?=[A-Z])")
MARKS = {"nintendo": "chiptune"}  # names of firms, and what is said instead
CATALOGUE = re.compile(r"\bgit path\b|^lc\d+$")


def titles_of(folders: Iterable[str]) -> dict[str, str]:
    """File -> title, from the `split.csv` of the folders that have one with titles."""
    found = dict[str, str]()
    for folder in folders:
        table = Path(folder) / "split.csv"
        if table.is_file():
            with open(table, newline="", encoding="utf-8", errors="replace") as file:
                found |= {row["file"]: row["title"] for row in csv.DictReader(file) if row.get("file") and row.get("title")}
    return found


def tune_name(file: str, title: str = "") -> str:
    """Small letters, digits and underscores, beginning with a letter; from the title where that is one, else from the file's name."""
    stem = Path(file).stem
    if groove := GROOVE.match(Path(file).name):
        return "_".join([*groove["style"].split("-")[-2:], groove["bpm"]])
    usable = title and not CATALOGUE.search(title)
    name = _words(_of_title(title) if usable else stem)
    name = "_".join(MARKS.get(word, word) for word in name.split("_"))
    return name if name[:1].isalpha() else f"tune_{name}" if name else "tune"


def speaks(name: str) -> bool:
    """Whether a name says something: no number in a book of tunes."""
    return re.fullmatch(r"[a-z]+_\d{3,4}", name) is None and not name.startswith("tune")


def unique_name(name: str, taken: Iterable[str]) -> str:
    """The name, numbered from 2 on where it is taken."""
    others, number, found = set(taken), 1, name
    while found in others:
        number += 1
        found = f"{name}_{number}"
    return found


def _of_title(title: str) -> str:
    """What stands in quotes, else what comes before a comma or bracket."""
    quoted = re.search(r'"([^"]+)"', title)
    return re.split(r"[,(;:/]", quoted[1] if quoted else title)[0]


def _words(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
    plain = "".join(c for c in plain if not unicodedata.combining(c) and c not in "'’`")
    plain = PLACES.sub("", plain)
    plain = re.sub(rf"(?<=[a-z])({DANCES})(\d*)(The)?$", r"_\1\2", plain)
    plain = re.sub(r"The(?=\d*$)|(?<=[a-z])The$", "", plain) if len(plain) > len("The") else plain
    plain = GLUED.sub(r"_\1_", plain).replace("_isin_", "_is_in_")
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[a-z])(?=\d)(?=.*_)", "_", plain)
    words = [word for word in re.split(r"[^a-z0-9]+", plain.lower()) if word]
    name = "_".join(word.lstrip("0") or "0" if word.isdigit() else word for word in words)
    return name if len(name) <= LONGEST else name[: LONGEST + 1].rpartition("_")[0] or name[:LONGEST]
