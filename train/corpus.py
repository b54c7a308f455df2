"""A corpus of grooves, opened from disk or read straight from a folder of MIDI files.

On disk a corpus is a folder that `mvae.train.prepare` makes: `corpus.json` (what it is, counts, what was left out), and for
each split `SPLIT.npy` float16 (steps, 27) with every song's bars one after the other and then the placed fills,
`SPLIT_songs.json`, and for each length `SPLIT_windows_BARS.npy` and `SPLIT_fills_BARS.npy`, int64 (n, 2): start step, song.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mvae.core.errors import UserError, listing
from mvae.core.groove import FEATURES
from mvae.core.tokens import STREAMS
from mvae.train.sources import SPLITS, kit_of, read_song, sources_of
from mvae.train.token_windows import TokenSong, TokenWindows
from mvae.train.windows import Rows, Skipped, Song, Windows, window_table, windows_of

FORMAT = 1
LENGTHS_BARS = (2, 4)
_REMEDY = "run: mvae-train prepare DIR --kind KIND --out"


@dataclass(frozen=True, slots=True)
class Corpus:
    """An opened corpus; `facts` is its `corpus.json`."""

    folder: Path
    facts: Mapping[str, Any]

    @classmethod
    def open(cls, folder: Path) -> "Corpus":
        """Raises UserError where `folder` is not a corpus of this format."""
        path = Path(folder) / "corpus.json"
        try:
            facts = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise UserError(f"{folder}: not a corpus (no corpus.json); {_REMEDY} {folder}") from None
        except (OSError, ValueError) as error:
            raise UserError(f"{path}: cannot be read ({error}); {_REMEDY} {folder}") from None
        if not isinstance(facts, dict) or facts.get("format") != FORMAT or facts.get("kind") not in ("groove", *STREAMS):
            raise UserError(f"{path}: not a corpus of format {FORMAT}; {_REMEDY} {folder}")
        return cls(Path(folder), facts)

    @property
    def kind(self) -> str:
        """groove, melody, bass, drums or trio."""
        return str(self.facts["kind"])

    def tokens(self, split: str, bars: int) -> TokenWindows:
        """The windows of a split of a corpus of tokens, memory-mapped. UserError as `windows`."""
        known = self.facts.get("bars", [])
        if split not in SPLITS or bars not in known:
            raise UserError(f"{self.folder}: no windows of {bars} bars in {split!r}; there are {known} bars in {listing(SPLITS)}")
        rows, table = self._load(f"{split}.npy"), self._load(f"{split}_windows_{bars}.npy")
        path = self.folder / f"{split}_songs.json"
        try:
            songs = tuple(TokenSong(**entry) for entry in json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise UserError(f"{path}: cannot be read ({error}); {_REMEDY} {self.folder}") from None
        start, song = table[:, :-1], table[:, -1]
        windows = TokenWindows(self.kind, bars, rows, songs, start, song)
        wide = table.shape[1] == len(STREAMS[self.kind]) + 1
        if not wide or (len(table) and (start.max() + windows.steps > len(rows) or song.max() >= len(songs))):
            raise UserError(f"{self.folder}: {split}.npy is shorter than its windows say; {_REMEDY} {self.folder}")
        return windows

    def windows(self, split: str, bars: int, fills: bool = False) -> Windows:
        """The windows of a split, memory-mapped; `fills` adds the short fills placed at the end of a window (train only).

        Raises UserError for a split or a length that the corpus does not have, and where a file of it is broken.
        """
        known = self.facts.get("bars", list(LENGTHS_BARS))  # corpora of earlier versions have every length and do not say so
        if split not in SPLITS or bars not in known:
            raise UserError(f"{self.folder}: no windows of {bars} bars in {split!r}; there are {known} bars in {listing(SPLITS)}")
        songs = self._songs(split)
        rows = self._array(f"{split}.npy", (np.float16, FEATURES))
        table = self._array(f"{split}_windows_{bars}.npy", (np.int64, 2))
        placed = self._array(f"{split}_fills_{bars}.npy", (np.int64, 2)) if fills else None
        windows = windows_of(rows, songs, bars, table, placed)
        if len(windows) and (windows.start.min() < 0 or windows.start.max() + windows.steps > len(rows)):
            raise UserError(f"{self.folder}: {split}.npy is shorter than its windows say; {_REMEDY} {self.folder}")
        return windows

    def _songs(self, split: str) -> tuple[Song, ...]:
        path = self.folder / f"{split}_songs.json"
        try:
            entries = json.loads(path.read_text(encoding="utf-8"))
            return tuple(Song(**{**entry, "tempos": tuple((beat, bpm) for beat, bpm in entry["tempos"])}) for entry in entries)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise UserError(f"{path}: cannot be read ({error}); {_REMEDY} {self.folder}") from None

    def _load(self, name: str) -> npt.NDArray[Any]:
        path = self.folder / name
        try:
            # A file with no rows cannot be mapped.
            array: npt.NDArray[Any] = np.load(path, mmap_mode=None if path.stat().st_size < 256 else "r", allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise UserError(f"{path}: cannot be read ({error}); {_REMEDY} {self.folder}") from None
        return array

    def _array(self, name: str, kind: tuple[npt.DTypeLike, int]) -> npt.NDArray[Any]:
        path, (dtype, width), array = self.folder / name, kind, self._load(name)
        if array.dtype != dtype or array.ndim != 2 or array.shape[1] != width:
            raise UserError(f"{path}: holds {array.dtype} {array.shape}, not {np.dtype(dtype)} (n, {width}); {_REMEDY} {self.folder}")
        return array


def windows_of_folder(folder: Path, bars: int, split: str | None = None, kit: str = "auto") -> Windows:
    """The windows of a folder of MIDI files, of one split or of all; its `skipped` are the files left out.

    Raises UserError where there is no folder, no MIDI file, or none with drums in 4/4.
    """
    everything = sources_of(folder)
    kit = kit_of(everything) if kit == "auto" else kit
    sources = [source for source in everything if split in (None, source.split)]
    songs, blocks, skipped, at = list[Song](), list[Rows](), list[Skipped](), 0
    for source in sources:
        try:
            read = read_song(source, kit)
        except UserError as error:
            skipped.append(Skipped(source.file, str(error)))
            continue
        labels = (source.file, source.split, source.style, source.beat_type, source.drummer)
        songs.append(Song(*labels, at, len(read.rows), read.tempos, read.median_offset_steps))
        blocks.append(read.rows)
        at += len(read.rows)
    if not songs:
        raise UserError(f"{folder}: no drums in 4/4 on channel 10 in any of its {len(sources)} MIDI files")
    rows = np.concatenate(blocks)
    windows = windows_of(rows, songs, bars, window_table(rows, songs, bars))
    return replace(windows, skipped=tuple(skipped))
