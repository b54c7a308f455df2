"""`mvae-train prepare --kind melody|bass|drums|trio`: folders of MIDI files become a corpus of tokens on disk.

For each split: `SPLIT.npy` uint16 (n,), the lines of every song one after the other; `SPLIT_songs.json`; and for each length
`SPLIT_windows_BARS.npy` int64 (windows, streams + 1): for each stream the place where the window starts, then its song.
`corpus.json` is written last. Knows nothing of models.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from mvae.core.errors import UserError
from mvae.core.lines import Lines
from mvae.core.phrase import STEPS_PER_BAR
from mvae.core.tokens import STREAMS, VOCABULARY, Tokens
from mvae.train.lines import pattern_of, read_lines, tracks_of
from mvae.train.sources import SPLITS, Source, kit_of, sources_of
from mvae.train.token_windows import Rows, TokenSong, TokenWindows, window_starts
from mvae.train.windows import Skipped

FORMAT = 1
LENGTHS_BARS = (2, 4, 16)


@dataclass(slots=True)
class Shelf:
    """What is gathered of a split: the lines so far, the songs, and the windows of each length."""

    bars: Sequence[int]
    songs: list[TokenSong] = field(default_factory=list)
    lines: list[Tokens] = field(default_factory=list)
    windows: dict[int, list[tuple[int, ...]]] = field(default_factory=lambda: defaultdict(list))
    steps: int = 0

    def add(self, kind: str, source: Source, song: Sequence[Lines]) -> None:
        """Shelve a song and find its windows."""
        for stretch in song:
            self._add(kind, stretch)
        self.songs.append(TokenSong(source.file, source.split, source.set, song[0].bpm))

    def _add(self, kind: str, lines: Lines) -> None:
        places = dict[str, list[int]]()
        for name in STREAMS[kind]:
            places[name] = []
            for line in lines.streams[name]:
                places[name].append(self.steps)
                self.lines.append(line.astype(np.uint16))
                self.steps += len(line)
        for bars in self.bars:
            for starts in window_starts(kind, lines, bars):
                at = (places[name][line] + step for name, (line, step) in zip(STREAMS[kind], starts, strict=True))
                self.windows[bars].append((*at, len(self.songs)))

    def of(self, kind: str, bars: int) -> TokenWindows:
        """The windows of a length."""
        rows: Rows = np.concatenate(self.lines, dtype=np.uint16) if self.lines else np.zeros(0, np.uint16)
        table = np.array(self.windows[bars], np.int64).reshape(-1, len(STREAMS[kind]) + 1)
        return TokenWindows(kind, bars, rows, tuple(self.songs), table[:, :-1], table[:, -1])


def read_shelves(
    kind: str, folders: Sequence[Path], bars: Sequence[int], kit: str = "auto", tracks: str | None = None, progress: bool = False
) -> tuple[dict[str, Shelf], list[Skipped]]:
    """Every song of the folders by split, and the files left out. UserError where a folder is none or a pattern is no pattern."""
    pattern = pattern_of(tracks)
    shelves, skipped = {split: Shelf(tuple(bars)) for split in SPLITS}, list[Skipped]()
    for folder in folders:
        sources = sources_of(folder)
        chosen = kit_of(sources) if kit == "auto" and "drums" in STREAMS[kind] else kit
        for source in tqdm(sources, desc=folder.name, unit=" files", disable=not progress):
            try:
                shelves[source.split].add(kind, source, read_lines(source, STREAMS[kind], chosen, tracks_of(kind, source, pattern)))
            except UserError as error:
                skipped.append(Skipped(source.file, str(error)))
    if not any(shelf.songs for shelf in shelves.values()):
        raise UserError(f"{', '.join(map(str, folders))}: no {kind} in 4/4 in any MIDI file")
    return shelves, skipped


def write_tokens(
    kind: str, folders: Sequence[Path], out: Path, bars: Sequence[int], kit: str, tracks: str | None, progress: bool
) -> dict[str, Any]:
    """Read the folders and write everything but `corpus.json` into `out`; gives what that says."""
    shelves, skipped = read_shelves(kind, folders, bars, kit, tracks, progress)
    splits = {split: _write_split(kind, out, split, shelf, bars) for split, shelf in shelves.items()}
    return {
        "format": FORMAT,
        "kind": kind,
        "sources": [str(folder.resolve()) for folder in folders],
        "streams": list(STREAMS[kind]),
        "vocabulary": [VOCABULARY[name] for name in STREAMS[kind]],
        "steps_per_bar": STEPS_PER_BAR,
        "bars": list(bars),
        "splits": splits,
        "skipped": [asdict(item) for item in skipped],
    }


def _write_split(kind: str, out: Path, split: str, shelf: Shelf, bars: Sequence[int]) -> dict[str, Any]:
    """Write a split, and count its songs and windows by data set."""
    np.save(out / f"{split}.npy", np.concatenate(shelf.lines) if shelf.lines else np.zeros(0, np.uint16))
    (out / f"{split}_songs.json").write_text(json.dumps([asdict(song) for song in shelf.songs]), encoding="utf-8")
    counts: dict[str, Any] = {"songs": dict(Counter(song.set for song in shelf.songs)), "windows": {}, "distinct": {}, "places": {}}
    for length in bars:
        windows = shelf.of(kind, length)
        np.save(out / f"{split}_windows_{length}.npy", np.column_stack([windows.start, windows.song]))
        chosen = windows.distinct()
        places = {(song, int(start[-1])) for song, start in zip(windows.song.tolist(), windows.start, strict=True)}
        counts["windows"][str(length)] = _by_set(shelf, windows.song.tolist())
        counts["distinct"][str(length)] = _by_set(shelf, windows.song[chosen].tolist())
        counts["places"][str(length)] = _by_set(shelf, [song for song, _ in places])
    return counts


def _by_set(shelf: Shelf, songs: Sequence[int]) -> dict[str, int]:
    return dict(sorted(Counter(shelf.songs[song].set for song in songs).items()))


def token_summary(facts: Mapping[str, Any], shown_skipped: int) -> str:
    """What was made, as a table for the terminal. Several streams have more windows than places: every line of one with all of another."""
    of_several = len(facts["streams"]) > 1
    heads = [f"  {bars}-bar windows (distinct)" + " at places" * of_several for bars in facts["bars"]]
    lines = ["split       set            songs" + "".join(heads)]
    for split, counts in facts["splits"].items():
        for name, songs in counts["songs"].items():
            line = f"{split:10s}  {name:12s} {songs:7d}"
            for head, bars in zip(heads, map(str, facts["bars"]), strict=True):
                told = f"{counts['windows'][bars].get(name, 0)} ({counts['distinct'][bars].get(name, 0)})"
                told += f" at {counts['places'][bars].get(name, 0)}" if of_several else ""
                line += f"{told:>{len(head)}s}"
            lines.append(line)
    skipped = facts["skipped"]
    lines += [f"left out: {item['file']}: {item['reason']}" for item in skipped[:shown_skipped]]
    if len(skipped) > shown_skipped:
        lines.append(f"... and {len(skipped) - shown_skipped} more, all listed in corpus.json")
    return "\n".join([*lines, f"{len(skipped)} files left out"])
