"""The folder of a set: which files lie in it, how a name is taken for it, and the facts it states of itself.

    set.toml      when, seed, tempo, patch, versions, the hash of every bundle, where the knobs stood at the start
    patch.toml    the patch file as it was; patch_2.toml, ... those that came in its place
    set.mid       the whole; parts/NAME.mid each part
    set.log       the control log, which bounce plays again
    changes.csv   every change and deed with its beat, to be read by people
    path/NNNN.npz where the latent of each bundle stood, beat by beat
    set.png       the picture

Knows nothing of what is played.
"""

import platform
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from itertools import count, takewhile
from pathlib import Path
from typing import Any

from mvae.core.errors import UserError
from mvae.core.patch import Patch, find_patch
from mvae.core.patch_file import read_patch
from mvae.core.settings import read_toml
from mvae.core.toml_text import toml_text
from mvae.core.track import replace_file

FORMAT = 1
FACTS = "set.toml"
LIBRARIES = ("mvae", "numpy", "onnxruntime", "onnxruntime-gpu")


@dataclass(frozen=True, slots=True)
class SetFolder:
    """The paths of a set."""

    folder: Path

    @property
    def facts(self) -> Path:
        return self.folder / FACTS

    @property
    def patch(self) -> Path:
        return self.folder / "patch.toml"

    def later_patch(self, number: int) -> Path:
        """The copy of a patch that came in the place of the first, from 1."""
        return self.folder / f"patch_{number + 1}.toml"

    def patches(self) -> list[Path]:
        """The copies of all patches, in the order in which they were played."""
        later = (self.later_patch(number) for number in count(1))
        return [self.patch, *takewhile(Path.is_file, later)]

    @property
    def whole(self) -> Path:
        return self.folder / "set.mid"

    @property
    def log(self) -> Path:
        return self.folder / "set.log"

    @property
    def changes(self) -> Path:
        return self.folder / "changes.csv"

    @property
    def picture(self) -> Path:
        return self.folder / "set.png"

    @property
    def parts(self) -> Path:
        return self.folder / "parts"

    @property
    def path(self) -> Path:
        return self.folder / "path"

    def part(self, name: str) -> Path:
        """The .mid of a part."""
        return self.parts / f"{name}.mid"

    def stretch(self, number: int) -> Path:
        """The file of a stretch of the path, from 1."""
        return self.path / f"{number:04}.npz"

    def mids(self, parts: list[str]) -> dict[Path, int | None]:
        """Every .mid, and the number of the part that it holds; None for the whole."""
        return {self.whole: None} | {self.part(name): number for number, name in enumerate(parts)}


def is_take(path: Path) -> bool:
    """Whether `--record` with this path means one .mid with its log; any other means a set."""
    return path.suffix.lower() == ".mid"


def is_set(path: Path) -> bool:
    """Whether a set lies there."""
    return (path / FACTS).is_file()


def claim(path: Path) -> SetFolder:
    """A new folder at `path`; where a set lies already, at the first free number after it: `path_2`, `path_3`, ...

    UserError where no folder can be made, or something else lies there. Two instruments that ask at once get two folders.
    """
    for number in count(1):
        folder = path if number == 1 else path.with_name(f"{path.name}_{number}")
        try:
            folder.mkdir()
        except FileExistsError:
            if not folder.is_dir() or (not is_set(folder) and any(folder.iterdir())):
                what = "a folder of other things" if folder.is_dir() else "a file"
                raise UserError(f"--record {folder}: is {what}; give a new name for the set, or one that ends in .mid for a take") from None
            if is_set(folder):
                continue
        except OSError as error:
            reason = f"the folder {path.parent} is not there; make it first" if isinstance(error, FileNotFoundError) else error.strerror
            raise UserError(f"--record {folder}: {reason}") from None
        break
    return SetFolder(folder)


def write_facts(place: SetFolder, facts: Mapping[str, Any], patch: Patch) -> None:
    """What is known before the first note, and the folders for the rest. UserError where the disk refuses."""
    try:
        replace_file(place.patch, patch.file.read_bytes())
        place.parts.mkdir(exist_ok=True)
        place.path.mkdir(exist_ok=True)
        replace_file(place.facts, toml_text({"format": FORMAT, **facts, "versions": versions()}).encode())
    except OSError as error:
        raise UserError(f"--record {place.folder}: cannot be written ({error.strerror}); choose another folder") from error


def forget(place: SetFolder) -> None:
    """Take away what `write_facts` wrote of a set in which nothing was played; what others put there stays."""
    with suppress(OSError):
        place.facts.unlink()
        place.patch.unlink()
        for folder in (place.parts, place.path, place.folder):
            folder.rmdir()


def read_facts(place: SetFolder) -> dict[str, Any]:
    """What `write_facts` wrote. UserError for a folder that holds no set."""
    if not is_set(place.folder):
        raise UserError(f"{place.folder}: no set lies there; give a folder that --record made")
    facts = read_toml(place.facts)
    if facts.get("format") != FORMAT:
        raise UserError(f"{place.facts}: format = {facts.get('format')}: this version reads sets of format {FORMAT}")
    return facts


def kept_patch(copy: Path, lay: str) -> Patch:
    """A patch as it was. Its bundles are looked for where it `lay`, as the take names it; if that folder is gone, in the set's.

    UserError as of any patch.
    """
    patch = read_patch(copy)
    try:
        file = find_patch(lay)
    except UserError:  # a shipped patch that is shipped no more
        return patch
    return replace(patch, file=file) if file.parent.is_dir() else patch


def versions() -> dict[str, str]:
    """What played: the versions of Python, of the system and of each library that is there."""
    found = {"python": platform.python_version(), "system": f"{platform.system()} {platform.machine()}"}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
