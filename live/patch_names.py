"""What performers call patches: those beside the one that plays, their own, and those that come with mvae."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from mvae.core.errors import UserError
from mvae.core.names import match, unknown
from mvae.core.patch import list_patches, shipped_folder
from mvae.live.library import home

FOLDER: Final = "patches"  # of the user's


def known_patches(beside: Path | None = None) -> dict[str, Path]:
    """The patches that can be called by name: those in the folder of the one that plays `beside`, the user's, those that come with mvae.

    Of one name the first is meant: what was learned and kept in a copy of a patch is there when that is called again.
    """
    places = ([beside.parent] if beside is not None else []) + [home() / FOLDER]
    folders = [folder for folder in places if folder.resolve() != shipped_folder().resolve()]
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
