"""A patch that is ready to play in the place of another: found by what a performer calls it, opened, and warmed up. On any thread.

Nothing of what plays is touched. Knows nothing of when it takes hold.
"""

import ctypes
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mvae.core.errors import UserError
from mvae.core.panel import Positions, start
from mvae.core.patch import Patch, shipped_folder
from mvae.core.patch_file import read_patch
from mvae.core.seats import Homes, seated
from mvae.core.shaping import shift_ms
from mvae.live.ensemble import Ensemble, Opened, open_band
from mvae.live.library import Library
from mvae.live.listening import Listener, listeners_of
from mvae.live.scene_shelf import Shelf


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
