"""A folder of MIDI files as songs: which files there are, their split, and each one as a groove array.

The Groove MIDI Dataset is known by its `info.csv`, whose split it uses; any other folder is split by the name of each file.
Knows nothing of windows or of what is kept on disk. A file that cannot be used raises UserError with the reason alone.
"""

import csv
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from mvae.core.drums import TD11_ONLY, drum_notes, drum_phrase, without_median_offset
from mvae.core.errors import UserError, listing
from mvae.core.groove import encode
from mvae.core.midifile import Performance, read_performance

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
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".mid", ".midi") and path.is_file())
    if not paths:
        raise UserError(f"{folder}: no MIDI file (.mid, .midi) in this folder or below")
    names = [path.relative_to(folder).as_posix() for path in paths]
    return tuple(Source(path, name, split_of(name)) for path, name in zip(paths, names, strict=True))


def _published(folder: Path) -> Iterator[Source]:
    with open(folder / "info.csv", newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        missing = [column for column in _COLUMNS if column not in (rows.fieldnames or ())]
        if missing:
            raise UserError(f"{folder / 'info.csv'}: column {listing(missing)} missing; move it away to split by file")
        for row in rows:
            if row["split"] not in SPLITS:
                raise UserError(f"{folder / 'info.csv'}: split = {row['split']!r}; it is one of {listing(SPLITS)}")
            file_name = row["midi_filename"]
            yield Source(folder / file_name, file_name, row["split"], row["style"], row["beat_type"], row["drummer"])


def kit_of(sources: Sequence[Source]) -> str:
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
    notes = drum_notes(performance)
    if not notes:
        raise UserError("no drums on channel 10")
    _check_metre(performance, [note.beat for note in notes])
    played = drum_phrase(notes, kit)
    phrase, middle = without_median_offset(played)
    held = sum(abs(note.offset_steps - middle) > 0.5 for note in played.notes)
    return Reading(encode(phrase).astype(np.float16), performance.tempos, middle, len(notes), held)


def _check_metre(performance: Performance, beats: Sequence[float]) -> None:
    for beat in beats:
        metre = performance.metre_at(beat)
        if not metre.is_four_four:
            raise UserError(f"metre {metre.numerator}/{metre.denominator}; only 4/4 is read")
