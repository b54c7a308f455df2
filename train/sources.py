"""A folder of MIDI files as songs: which files there are, their split, and each one as a groove array.

The Groove MIDI Dataset is known by its `info.csv`, whose split it uses; another folder may say its splits in a `split.csv`; without
one it is split by the name of each file.
Knows nothing of windows or of what is kept on disk. A file that cannot be used raises UserError with the reason alone.
"""

import csv
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mvae.core.drums import TD11_ONLY, drum_notes, drum_phrase, without_median_offset
from mvae.core.errors import UserError, listing
from mvae.core.groove import encode
from mvae.core.midifile import read_performance
from mvae.core.stretches import four_four_drums

SPLITS = ("train", "validation", "test")
_COLUMNS = ("midi_filename", "split", "style", "beat_type", "drummer")


@dataclass(frozen=True, slots=True)
class Source:
    """A file of the folder; `file` is its path within the folder. What is not known is an empty string."""

    path: Path
    file: str
    split: str
    style: str = ""
    beat_type: str = ""
    drummer: str = ""
    set: str = ""  # the data set it comes from


@dataclass(frozen=True, slots=True)
class Reading:
    """A song as read: rows float16 (steps, 27), tempos (beat, bpm), the median offset that was taken out, in steps."""

    rows: npt.NDArray[np.float16]
    tempos: tuple[tuple[float, float], ...]
    median_offset_steps: float
    notes: int
    held: int  # onsets held at the edge of their step when the median was taken out


def split_of(file: str) -> str:
    """The split of a file by its path within the folder: 80 % train, 10 % validation, 10 % test."""
    percent = int(hashlib.sha256(file.encode()).hexdigest()[:8], 16) % 100
    return "train" if percent < 80 else "validation" if percent < 90 else "test"


def sources_of(folder: Path) -> tuple[Source, ...]:
    """The files of a folder, in a fixed order. Raises UserError where there is no folder or no MIDI file in it."""
    if not folder.is_dir():
        raise UserError(f"{folder}: no such folder; give a folder of MIDI files")
    if (folder / "info.csv").is_file():
        return tuple(_published(folder))
    if (folder / "split.csv").is_file():
        listed = tuple(_listed(folder))
        if not listed:
            raise UserError(f"{folder / 'split.csv'}: none of the files that it lists is here; move it away to split by file")
        return listed
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".mid", ".midi") and path.is_file())
    if not paths:
        raise UserError(f"{folder}: no MIDI file (.mid, .midi) in this folder or below")
    names = [path.relative_to(folder).as_posix() for path in paths]
    return tuple(Source(path, name, split_of(name), set=folder.resolve().name) for path, name in zip(paths, names, strict=True))


def _rows(table: Path, columns: Sequence[str]) -> Iterator[Mapping[str, str]]:
    """The rows of a table of files. Raises UserError where a column is missing or a split is none."""
    with open(table, newline="", encoding="utf-8", errors="replace") as file:
        rows = csv.DictReader(file)
        missing = [column for column in columns if column not in (rows.fieldnames or ())]
        if missing:
            raise UserError(f"{table}: column {listing(missing)} missing; move it away to split by file")
        for row in rows:
            if row["split"] not in SPLITS:
                raise UserError(f"{table}: split = {row['split']!r}; it is one of {listing(SPLITS)}")
            yield row


def _published(folder: Path) -> Iterator[Source]:
    for row in _rows(folder / "info.csv", _COLUMNS):
        name = row["midi_filename"]
        yield Source(folder / name, name, row["split"], row["style"], row["beat_type"], row["drummer"], "groove")


def _listed(folder: Path) -> Iterator[Source]:
    """The files that a `split.csv` lists (file, split, and source_set where a folder holds several sets) and that are there."""
    for row in _rows(folder / "split.csv", ("file", "split")):
        name = row["file"]
        if (folder / name).is_file():
            yield Source(folder / name, name, row["split"], set=row.get("source_set") or folder.resolve().name)


def kit_of(sources: Iterable[Source]) -> str:
    """The kit a folder was played on: td11 as soon as one file has a note that only a TD-11 sends, else gm."""
    for source in sources:
        try:
            notes = drum_notes(read_performance(source.path))
        except UserError:
            continue  # listed with its reason when it is read for its music
        if not TD11_ONLY.isdisjoint(note.pitch for note in notes):
            return "td11"
    return "gm"


def read_song(source: Source, kit: str) -> Reading:
    """The drums of one file, without their median offset. Raises UserError with the reason why there are none."""
    try:
        performance = read_performance(source.path)
    except UserError as error:
        raise UserError(str(error).removeprefix(f"{source.path}: ")) from None
    music = four_four_drums(performance)
    played = drum_phrase(music.notes, kit)
    phrase, middle = without_median_offset(played)
    held = sum(abs(note.offset_steps - middle) > 0.5 for note in played.notes)
    return Reading(encode(phrase).astype(np.float16), music.tempos, middle, len(music.notes), held)
