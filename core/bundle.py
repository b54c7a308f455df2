"""A bundle on disk proves itself: every file is there, whole, unchanged, free of pickles, and reads nothing outside the folder.

Also its latents (`latents.npz`) as a `Space` and back. Knows nothing of how graphs run or of how they were made.
"""

import dataclasses
import hashlib
import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mvae.core.card import CARD_FILE, CARRIED, FileProof, ModelCard, card_to_toml, read_card
from mvae.core.errors import UserError, listing
from mvae.core.latent import Axis, Mixture, Residual, Space
from mvae.core.onnx_links import locations

Array = NDArray[Any]
Arrays = dict[str, Array]

WEIGHTS_FILE = "weights.safetensors"
GOLDEN_FILE = "golden.npz"
LATENTS_FILE = "latents.npz"
ROLES = ("encoder", "start", "decoder")
PICKLES = (".pkl", ".pickle", ".pt", ".pth", ".ckpt", ".npy", ".joblib")
REMEDY = "export the bundle again"

# latents.npz: the shape of every array; z and voices come from the card, the other letters are free but the same throughout
LATENT_SHAPES: dict[str, tuple[str, ...]] = {
    "anchor_names": ("n",), "anchors": ("n", "z"),
    "fill_names": ("f",), "fills": ("f", "z"),
    "axis_names": ("a",), "axis_direction": ("a", "z"), "axis_knob": ("p",), "axis_step": ("a", "p"),
    "axis_low": ("a",), "axis_high": ("a",),
    "mixture_weight": ("k",), "mixture_mean": ("k", "z"), "mixture_sd": ("k", "z"),
    "feel_velocity_sd": ("voices",), "feel_offset_sd": ("voices",),
}
GROUPS = (
    ("anchor_names", "anchors"),
    ("fill_names", "fills"),
    ("axis_names", "axis_direction", "axis_knob", "axis_step", "axis_low", "axis_high"),
    ("mixture_weight", "mixture_mean", "mixture_sd"),
    ("feel_velocity_sd", "feel_offset_sd"),
)


def verify(folder: Path) -> ModelCard:
    """The card of a bundle whose files are all as the card says; UserError in one line for the first that is not."""
    card = read_card(folder)
    names = {CARD_FILE, *card.files}
    needed = {WEIGHTS_FILE, GOLDEN_FILE, *(graph.file for graph in card.graphs.values())}
    if missing := sorted({*ROLES} - {*card.graphs}):
        raise UserError(f"{folder / CARD_FILE}: graphs.{missing[0]} is missing; {REMEDY}")
    for name in sorted(needed | set(card.files)):
        if name not in card.files:
            raise UserError(f"{folder / CARD_FILE}: files.{name} is missing; {REMEDY}")
        _check_name(name, folder / CARD_FILE, "files")
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in PICKLES:
            raise UserError(f"{path}: may hold a pickle, which a bundle never does; {REMEDY}, or remove it if it is not the bundle's")
    for name in sorted(card.files):
        _check_file(folder / name, card.files[name], names)
    return card


def _check_name(name: str, place: Path, key: str) -> None:
    if name in ("", ".", "..") or any(c in name for c in "/\\:\0"):
        raise UserError(f"{place}: {key} = '{name}': outside the bundle; only plain file names inside it are read")


def _check_file(path: Path, proof: FileProof, names: set[str]) -> None:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}, though the card lists it; {REMEDY}") from error
    if len(data) < proof.bytes:
        raise UserError(f"{path}: truncated: {len(data)} bytes of {proof.bytes}; {REMEDY}")
    if path.suffix == ".npz":
        read_arrays(path)
    if path.suffix == ".onnx":
        check_links(path, data, names)
    if len(data) != proof.bytes or hashlib.sha256(data).hexdigest() != proof.sha256:
        raise UserError(f"{path}: sha256 is not the card's: the file was changed or damaged; {REMEDY}")


def check_links(path: Path, model: bytes, names: set[str]) -> None:
    """UserError when an ONNX file is none, or reads a file that is not one of `names`."""
    try:
        found = locations(model)
    except ValueError as error:
        raise UserError(f"{path}: not an ONNX file ({error}); {REMEDY}") from error
    for name in sorted(found):
        _check_name(name, path, "location")
        if name not in names:
            raise UserError(f"{path}: location = '{name}': not a file of the card; {REMEDY}")


def read_arrays(path: Path) -> Arrays:
    """Every array of an .npz; UserError when it is damaged or needs a pickle to be read."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except ValueError as error:
        if "pickle" in str(error).lower():
            raise UserError(f"{path}: holds a pickle, which a bundle never does, or is no .npz; {REMEDY}") from error
        raise UserError(f"{path}: damaged ({error}); {REMEDY}") from error
    except (OSError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error, AttributeError) as error:
        raise UserError(f"{path}: damaged ({error}); {REMEDY}") from error


def write_arrays(path: Path, arrays: Mapping[str, Any]) -> None:
    """Arrays of numbers and strings as an .npz: the same arrays give the same bytes."""
    np.savez(path, **arrays)


def read_space(folder: Path, card: ModelCard) -> Space:
    """The latent space of a bundle, empty where it has no latents; UserError when their shapes do not fit the card."""
    path = folder / LATENTS_FILE
    return space_of(read_arrays(path), card, str(path)) if LATENTS_FILE in card.files else Space(card.z_size, {})


def space_of(arrays: Mapping[str, Array], card: ModelCard, place: str) -> Space:
    """The arrays of `latents.npz` as a Space; a group (anchors, fills, axes, mixture, feel) may be absent, but only as a whole."""
    check_latents(arrays, card, place)
    has = {group[0]: group[0] in arrays for group in GROUPS}
    axes = [
        Axis(str(name), arrays["axis_direction"][i].astype(np.float32), arrays["axis_knob"], arrays["axis_step"][i],
             float(arrays["axis_low"][i]), float(arrays["axis_high"][i]))
        for i, name in enumerate(arrays["axis_names"] if has["axis_names"] else ())
    ]
    mixture, feel = (tuple(arrays[name] for name in group) if has[group[0]] else None for group in GROUPS[3:])
    return Space(
        card.z_size,
        _points(arrays, "anchor_names", "anchors"),
        _points(arrays, "fill_names", "fills"),
        {axis.name: axis for axis in axes},
        Mixture(*mixture) if mixture else None,
        Residual(*feel) if feel else None,
    )


def check_latents(arrays: Mapping[str, Array], card: ModelCard, place: str) -> None:
    """UserError when an array of `latents.npz` is unknown, absent from its group, of another shape, or not finite."""
    sizes: dict[str, int] = {"z": card.z_size, "voices": card.voices}
    if unknown := sorted(set(arrays) - set(LATENT_SHAPES)):
        raise UserError(f"{place}: '{unknown[0]}' is not known; latents are {listing(list(LATENT_SHAPES))}")
    for group in GROUPS:
        if missing := [name for name in group if name not in arrays]:
            if len(missing) < len(group):
                raise UserError(f"{place}: '{missing[0]}' is missing beside '{next(name for name in group if name in arrays)}'")
            continue
        for name in group:
            _check_latent(name, arrays[name], sizes, place)


def _check_latent(name: str, array: Array, sizes: dict[str, int], place: str) -> None:
    """The shape of one array; a free letter of its shape takes the first size it meets, in `sizes`."""
    expected = LATENT_SHAPES[name]
    fits = array.ndim == len(expected)
    for size, want in zip(array.shape, expected, strict=False):
        fits = fits and size == sizes.setdefault(want, size)
    if not fits:
        raise UserError(f"{place}: {name} has shape {array.shape}; expected {expected} with {sizes}")
    if array.dtype.kind != "U" if name.endswith("names") else array.dtype.kind != "f" or not np.isfinite(array).all():
        raise UserError(f"{place}: {name} holds {array.dtype}; expected {'names' if name.endswith('names') else 'finite numbers'}")


def _points(arrays: Mapping[str, Array], names: str, points: str) -> dict[str, NDArray[np.float32]]:
    return {str(name): arrays[points][i].astype(np.float32) for i, name in enumerate(arrays[names])} if names in arrays else {}


def seal(folder: Path, card: ModelCard) -> ModelCard:
    """Write the card of the files that now lie in `folder`, each with its size and hash, and return it."""
    files = {path.name: _proof(path) for path in sorted(folder.iterdir()) if path.name != CARD_FILE}
    card = dataclasses.replace(card, files=files)
    (folder / CARD_FILE).write_text(card_to_toml(card), encoding="utf-8")
    return card


def _proof(path: Path) -> FileProof:
    data = path.read_bytes()
    return FileProof(len(data), hashlib.sha256(data).hexdigest())


def with_latents(folder: Path, latents: Mapping[str, Array], card_facts: Mapping[str, Any]) -> ModelCard:
    """Replace the latents of the bundle in `folder` (none given: they stay) and add facts to its card: tables (training, figures,
    axes, latents) gain keys, `temperature` and `lead_ms` are replaced. The bundle changes whole or, with a UserError, not at all."""
    card = verify(folder)
    check_latents(latents, card, LATENTS_FILE)
    card = dataclasses.replace(card, **_changes(card, card_facts))
    with replacing(folder) as beside:
        for name in card.files:
            shutil.copyfile(folder / name, beside / name)
        if latents:
            write_arrays(beside / LATENTS_FILE, latents)
        try:
            return seal(beside, card)
        except TypeError as error:
            raise UserError(f"card facts: {error}") from error


def _changes(card: ModelCard, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The card's fields after `facts` are added to it."""
    changes: dict[str, Any] = {}
    for key, value in facts.items():
        if key in CARRIED and isinstance(value, Mapping):
            changes[key] = {**getattr(card, key), **value}
        elif key in ("temperature", "lead_ms") and isinstance(value, int | float):
            changes[key] = float(value)
        else:
            raise UserError(f"card facts: {key} = {value!r} does not fit; give tables {listing(CARRIED)}, or numbers temperature, lead_ms")
    return changes


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """A fresh folder beside `folder` to write into; it takes `folder`'s place when the block ends well, and goes when it does not."""
    folder = folder.resolve()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".partial", dir=folder.parent))
    except OSError as error:
        raise UserError(f"{folder}: {error.strerror}; choose a folder that can be written") from error
    try:
        yield beside
        for path in (beside, *beside.iterdir()):
            path.chmod(0o755 if path.is_dir() else 0o644)  # temporary folders and safetensors files are their owner's alone
        if folder.exists():
            old = beside.with_suffix(".old")
            os.rename(folder, old)
            os.rename(beside, folder)
            shutil.rmtree(old)
        else:
            os.rename(beside, folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
