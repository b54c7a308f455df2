"""A patch that is ready to play in the place of another: found by what a performer calls it, opened, and warmed up. On any thread.

Nothing of what plays is touched. Knows nothing of when it takes hold.
"""

import ctypes
import sys
import time
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mvae.core.errors import UserError
from mvae.core.names import match, unknown
from mvae.core.panel import Positions, start
from mvae.core.patch import Patch, list_patches, shipped_folder
from mvae.core.patch_file import read_patch
from mvae.core.seats import Homes, seated
from mvae.core.shaping import shift_ms
from mvae.live.ensemble import Ensemble, Opened, open_band
from mvae.live.library import Library, home
from mvae.live.listening import Listener, listeners_of
from mvae.live.scene_shelf import Shelf

FOLDER: Final = "patches"  # of the user's


@dataclass(frozen=True, slots=True)
class Prepared:
    """An open patch: `key` is how a log names it, `text` its file. `trial` is a band that has played it aside, in `begin_s` seconds.

    Push and delay move its notes up to `early_s` ahead.
    """

    key: str
    text: bytes
    opened: Opened
    homes: Homes
    shelf: Shelf
    listeners: Mapping[str, Listener]
    trial: Ensemble
    begin_s: float
    early_s: float

    @property
    def patch(self) -> Patch:
        return self.opened.patch

    @property
    def at_rest(self) -> Positions:
        """Where everything stands that the patch alone decides."""
        return start(self.patch.actions(self.opened.temperatures))


@dataclass(frozen=True, slots=True)
class Current:
    """What plays while another patch is prepared."""

    patch: Patch
    homes: Homes
    seed: int
    tempo_bpm: float


def prepared(file: Path, current: Current, library: Library, listens: bool, provider: str) -> Prepared:
    """The patch of a file, ready to play. UserError, in one line, for whatever is not as it should be."""
    patch, homes = seated(read_patch(file).with_ways_of(current.patch), current.homes, current.patch)
    opened = open_band(patch, provider)
    trial = opened.ensemble(current.seed)
    listeners = listeners_of(opened.decoders, patch.parts) if listens else {}
    at_rest, begun_s = start(patch.actions(opened.temperatures)), time.monotonic()
    trial.begin(at_rest, current.tempo_bpm)
    begin_s = time.monotonic() - begun_s
    early_s = max(0.0, *(-shift_ms(part, at_rest.knobs) / 1000 for part in patch.parts))
    return Prepared(patch_key(file), read(file), opened, homes, shelf_of(patch, library), listeners, trial, begin_s, early_s)


def give_back() -> None:
    """Let the system have the memory of models that were let go, where the C library can: it keeps 120 MB of a trio else."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)


def read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:  # it was there a moment ago
        raise UserError(f"{file}: cannot be read ({error.strerror})") from None


def shelf_of(patch: Patch, library: Library) -> Shelf:
    """The scenes of a patch, and those that the user has kept for it."""
    return Shelf(patch.scenes, library, patch.file.stem)


def patch_key(file: Path) -> str:
    """How a log names a patch, so that it is found again: a shipped one by name, a file by its full path."""
    return file.stem if file.parent == shipped_folder() else str(file.resolve())


def known_patches(beside: Path) -> dict[str, Path]:
    """The patches that can be called by name: those in the folder of the one that plays, the user's, and those that come with mvae."""
    folders = [folder for folder in (beside.parent, home() / FOLDER) if folder.resolve() != shipped_folder().resolve()]
    own = [file for folder in folders for file in sorted(folder.glob("*.toml")) if is_patch(file)]
    found = dict[str, Path]()
    for file in (*own, *list_patches()):
        found.setdefault(file.stem, file)
    return found


def is_patch(file: Path) -> bool:
    """Whether a file says that it has parts."""
    try:
        return "part" in tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return False


def called(said: str, known: Mapping[str, Path]) -> Path:
    """The file that a performer means: a name, its number in the list from 1, or a file. UserError with the list."""
    path, names = Path(said).expanduser(), tuple(known)
    if path.suffix == ".toml" or len(path.parts) > 1:
        return path
    found = match(said, names)
    if found is None and said.isdecimal() and 1 <= int(said) <= len(names):
        found = names[int(said) - 1]
    if found is None:
        raise UserError(f"{unknown('patch', said, names)}; or give a .toml file")
    return known[found]
