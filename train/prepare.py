"""`mvae-train prepare`: a folder of MIDI files becomes a corpus on disk (the layout is told in `mvae.train.corpus`;
of tokens in `mvae.train.prepare_tokens`).

Songs are read one at a time and written as they come, so that a large folder needs little memory; `corpus.json` is written
last, so that a corpus that was broken off does not open. Knows nothing of models.
"""

import argparse
import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from tqdm import tqdm

from mvae.core.bundle import replacing
from mvae.core.drums import KITS
from mvae.core.errors import UserError
from mvae.core.groove import FEATURES
from mvae.core.phrase import STEPS_PER_BAR, STEPS_PER_BEAT
from mvae.core.tokens import STREAMS
from mvae.train.corpus import FORMAT, LENGTHS_BARS
from mvae.train.prepare_tokens import LENGTHS_BARS as TOKEN_LENGTHS_BARS
from mvae.train.prepare_tokens import token_summary, write_tokens
from mvae.train.sources import SPLITS, Reading, Source, kit_of, read_song, sources_of
from mvae.train.windows import Index, Rows, Skipped, Song, placed_fill, window_table

SHOWN_SKIPPED = 20
FACTS_FILE = "corpus.json"  # a folder without one is no corpus


class RowFile:
    """An .npy of float16 (steps, 27) that grows: rows are appended, `finish` writes the header again."""

    def __init__(self, file: BinaryIO) -> None:
        self.steps = 0
        self._file = file
        self._write_header()

    def append(self, rows: Rows) -> int:
        """Append rows (n, 27) and give the step they start at."""
        start = self.steps
        self._file.write(np.ascontiguousarray(rows, "<f2").tobytes())
        self.steps += len(rows)
        return start

    def finish(self) -> None:
        """Make what was appended readable."""
        self._file.seek(0)
        self._write_header()
        self._file.seek(0, 2)
        self._file.flush()

    def _write_header(self) -> None:
        # numpy pads this header so that the length of the first axis can grow in place.
        header = {"descr": "<f2", "fortran_order": False, "shape": (self.steps, FEATURES)}
        np.lib.format.write_array_header_1_0(self._file, header)


@dataclass(slots=True)
class Tally:
    """What is counted while a folder is read."""

    songs: dict[str, list[Song]] = field(default_factory=lambda: {split: [] for split in SPLITS})
    skipped: list[Skipped] = field(default_factory=list)
    medians_ms: list[float] = field(default_factory=list)
    notes: int = 0
    cells: int = 0
    held: int = 0

    def add(self, source: Source, reading: Reading, first_step: int) -> None:
        """Count a song whose rows start at `first_step`."""
        song = Song(
            source.file, source.split, source.style, source.beat_type, source.drummer,
            first_step, len(reading.rows), reading.tempos, reading.median_offset_steps,
        )  # fmt: skip
        self.songs[source.split].append(song)
        self.medians_ms.append(reading.median_offset_steps * 60000 / song.bpm / STEPS_PER_BEAT)
        self.notes += reading.notes
        self.cells += int(reading.rows[:, : FEATURES // 3].sum(dtype=np.float64))
        self.held += reading.held


def prepare(
    folder: Path, out: Path, kit: str = "auto", progress: bool = True, lengths_bars: Sequence[int] = LENGTHS_BARS
) -> dict[str, Any]:
    """Read `folder` and write the corpus `out`, with windows of these lengths, whole or not at all; gives what `corpus.json` says.

    Raises UserError where `folder` is missing or holds no drums, or `out` cannot be written or is something else.
    """
    sources = sources_of(folder)
    with writing(out) as beside:
        facts = _prepare(folder, beside, sources, kit, progress, lengths_bars)
        (beside / FACTS_FILE).write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    return facts


def _prepare(folder: Path, out: Path, sources: Sequence[Source], kit: str, progress: bool, lengths_bars: Sequence[int]) -> dict[str, Any]:
    with ExitStack() as stack:
        files = {split: RowFile(stack.enter_context(open(out / f"{split}.npy", "wb"))) for split in SPLITS}
        if kit == "auto":
            kit = kit_of(tqdm(sources, desc="kit", unit=" files", disable=not progress, leave=False))
        tally = read_all(sources, kit, files, progress)
        if not any(tally.songs.values()):
            found = f"no drums in 4/4 on channel 10 in any of its {len(sources)} MIDI files"
            raise UserError(f"{folder}: {found} ({reasons(tally.skipped)})")
        splits = {split: _write_split(out, split, files[split], tally.songs[split], lengths_bars) for split in SPLITS}
    return _facts(folder, kit, tally, splits, lengths_bars)


def read_all(sources: Sequence[Source], kit: str, files: Mapping[str, RowFile], progress: bool) -> Tally:
    """Read every source in turn, append its rows to its split's file, count; what cannot be used is listed."""
    tally = Tally()
    for source in tqdm(sources, desc="reading", unit=" files", disable=not progress):
        try:
            reading = read_song(source, kit)
        except UserError as error:
            tally.skipped.append(Skipped(source.file, str(error)))
        else:
            tally.add(source, reading, files[source.split].append(reading.rows))
    return tally


def _write_split(out: Path, split: str, file: RowFile, songs: Sequence[Song], lengths_bars: Sequence[int]) -> dict[str, Any]:
    """Write the tables of a split, append its placed fills, and give its counts."""
    file.finish()
    rows: Rows = np.load(out / f"{split}.npy", mmap_mode="r") if file.steps else np.zeros((0, FEATURES), np.float16)
    counts: dict[str, Any] = {"songs": len(songs), "bars": file.steps // STEPS_PER_BAR, "windows": {}, "distinct": {}, "fills": {}}
    for bars in lengths_bars:
        table = window_table(rows, songs, bars)
        fills = _place_fills(rows, songs, bars, file) if split == "train" else np.zeros((0, 2), np.int64)
        np.save(out / f"{split}_windows_{bars}.npy", table)
        np.save(out / f"{split}_fills_{bars}.npy", fills)
        counts["windows"][str(bars)], counts["fills"][str(bars)] = len(table), len(fills)
        counts["distinct"][str(bars)] = _distinct(rows, table, bars)
    file.finish()
    (out / f"{split}_songs.json").write_text(json.dumps([asdict(song) for song in songs]), encoding="utf-8")
    return counts


def _distinct(rows: Rows, table: Index, bars: int) -> int:
    """How many windows differ in their hits."""
    return len({rows[start : start + bars * STEPS_PER_BAR, : FEATURES // 3].tobytes() for start in table[:, 0]})


def _place_fills(rows: Rows, songs: Sequence[Song], bars: int, file: RowFile) -> Index:
    """Append a window for each fill that is too short for one of its own: int64 (n, 2), start step and the fill's song."""
    placed = []
    for index, fill in enumerate(songs):
        music = rows[fill.first_step : fill.first_step + fill.steps]
        if fill.beat_type == "fill" and fill.steps < bars * STEPS_PER_BAR and music[:, : FEATURES // 3].any():
            choice = int(hashlib.sha256(fill.file.encode()).hexdigest()[:8], 16)
            placed.append((file.append(placed_fill(music, rows, _groove_before(fill, songs), bars, choice)), index))
    return np.array(placed, np.int64).reshape(-1, 2)


def _groove_before(fill: Song, songs: Sequence[Song]) -> Song | None:
    """The groove by the fill's drummer, in its style, that is nearest in tempo; failing that, in the style's family."""
    for style in (fill.style, fill.style.split("/")[0]):
        same = [song for song in songs if song.beat_type == "beat" and song.drummer == fill.drummer and song.style.startswith(style)]
        if same:
            return min(same, key=lambda song: (abs(song.bpm - fill.bpm), song.file))
    return None


def reasons(skipped: Sequence[Skipped]) -> str:
    """The reasons for leaving files out, counted, the most frequent first."""
    counts = Counter(item.reason for item in skipped)
    return "; ".join(f"{count} x {reason}" for reason, count in counts.most_common(5))


def _facts(folder: Path, kit: str, tally: Tally, splits: Mapping[str, Any], lengths_bars: Sequence[int]) -> dict[str, Any]:
    medians = np.array(tally.medians_ms)
    return {
        "format": FORMAT,
        "kind": "groove",
        "source": str(folder.resolve()),
        "drum_notes": kit,
        "split": "info.csv" if (folder / "info.csv").is_file() else "sha256 of the file's path",
        "features": FEATURES,
        "steps_per_bar": STEPS_PER_BAR,
        "bars": list(lengths_bars),
        "splits": splits,
        "median_offset": {
            "what": "of each performance the median of its offsets from the nearest step is taken out, steps stay",
            "mean_ms": round(float(medians.mean()), 3),
            "p5_ms": round(float(np.percentile(medians, 5)), 3),
            "p95_ms": round(float(np.percentile(medians, 95)), 3),
            "held_at_edge": round(tally.held / max(1, tally.notes), 6),
        },
        "notes": tally.notes,
        "cells": tally.cells,
        "skipped": [asdict(item) for item in tally.skipped],
    }


def summary(facts: Mapping[str, Any]) -> str:
    """What was made, as a table for the terminal."""
    lines = ["split        songs    bars" + "".join(f"  {bars}-bar windows (distinct)  fills" for bars in facts["bars"])]
    for split, counts in facts["splits"].items():
        line = f"{split:10s} {counts['songs']:7d} {counts['bars']:7d}"
        for bars in map(str, facts["bars"]):
            windows = f"{counts['windows'][bars]} ({counts['distinct'][bars]})"
            line += f"  {windows:>24s}  {counts['fills'][bars]:5d}"
        lines.append(line)
    offset = facts["median_offset"]
    lines.append(f"median offset taken out: mean {offset['mean_ms']:.1f} ms, 5-95 % {offset['p5_ms']:.1f}..{offset['p95_ms']:.1f} ms")
    lines.append(f"drum notes read as {facts['drum_notes']}; {facts['notes']} notes, {facts['cells']} in cells of their own")
    skipped = facts["skipped"]
    lines += [f"left out: {item['file']}: {item['reason']}" for item in skipped[:SHOWN_SKIPPED]]
    if len(skipped) > SHOWN_SKIPPED:
        lines.append(f"... and {len(skipped) - SHOWN_SKIPPED} more, all listed in corpus.json")
    return "\n".join([*lines, f"{len(skipped)} files left out"])


def prepare_tokens(
    kind: str, folders: Sequence[Path], out: Path, bars: Sequence[int], kit: str = "auto", tracks: str | None = None, progress: bool = True
) -> dict[str, Any]:
    """Read `folders` and write a corpus of tokens (`mvae.train.prepare_tokens`), whole or not at all; gives what `corpus.json` says.

    Raises UserError as `prepare` does.
    """
    with writing(out) as beside:
        facts = write_tokens(kind, folders, beside, bars, kit, tracks, progress)
        (beside / FACTS_FILE).write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    return facts


@contextmanager
def writing(out: Path) -> Iterator[Path]:
    """A folder to write a corpus into, which then takes the place of `out`. UserError where it cannot, or `out` is something else."""
    if not out.parent.is_dir():
        raise UserError(f"{out}: the folder {out.parent} is not there; make it first or choose another --out")
    if out.exists() and not (out / FACTS_FILE).is_file() and (not out.is_dir() or any(out.iterdir())):
        raise UserError(f"{out}: is there and is no corpus; choose another --out")
    try:
        with replacing(out) as beside:
            yield beside
    except OSError as error:
        raise UserError(f"{out}: cannot be written ({error.strerror}); choose another --out") from None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `mvae-train prepare`."""
    parser.add_argument("folder", type=Path, nargs="+", help="the Groove MIDI Dataset (with its info.csv) or any folder of MIDI files")
    parser.add_argument("--kind", choices=("groove", *STREAMS), default="groove", help="groove: drums with dynamics; else tokens")
    parser.add_argument("--bars", type=int, action="append", help="length of the windows, may be given again (default: every length)")
    parser.add_argument("--out", type=Path, required=True, help="the corpus to write, a folder")
    parser.add_argument("--kit", choices=("auto", *KITS), default="auto", help="whose toms the notes name (auto: by the hi-hat)")
    parser.add_argument(
        "--tracks", metavar="REGEX", help="read melodies and basses only from tracks whose name this finds (default: all; of pop909 MELODY)"
    )


def run(options: argparse.Namespace) -> int:
    """Prepare, and print the summary."""
    if options.kind == "groove":
        if len(options.folder) > 1 or options.tracks:
            raise UserError("--kind groove takes one folder and no --tracks; prepare the others by themselves")
        bars = sorted(set(options.bars or LENGTHS_BARS))
        for other in set(bars) - set(LENGTHS_BARS):
            raise UserError(f"--bars {other}: windows of grooves have {' or '.join(map(str, LENGTHS_BARS))} bars; give one of these")
        print(summary(prepare(options.folder[0], options.out, options.kit, lengths_bars=bars)))
        return 0
    bars = sorted(set(options.bars or TOKEN_LENGTHS_BARS))
    if bars[0] < 1:
        raise UserError(f"--bars {bars[0]}: a window has at least a bar")
    facts = prepare_tokens(options.kind, options.folder, options.out, bars, options.kit, options.tracks)
    print(token_summary(facts, SHOWN_SKIPPED))
    return 0
