"""`sample`, `interpolate`, `reconstruct`: what everyone tries first with a bundle, as .mid files and pictures in a folder.

No port, no clock, no performer. The same bundle, seed and options give the same files, byte for byte.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from pathlib import Path

from mvae.core.card import CARD_FILE
from mvae.core.errors import UserError
from mvae.core.latent import Latent
from mvae.core.midifile import DEFAULT_BPM, read_performance
from mvae.core.names import match, unknown
from mvae.core.patch import shipped_folder
from mvae.core.phrase import STEPS_PER_BAR
from mvae.core.png import Pixels
from mvae.core.roll import Lane, large, picture, sheet, small
from mvae.live.phrase_files import make_folder, write_phrase, write_picture
from mvae.live.phrasing import Music, Phrasing, between, phrasing_of, sampled
from mvae.live.token_decoder import open_decoder

SHEET = "contact_sheet.png"
SIDE_BY_SIDE = "side_by_side.png"


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """A point of the latent space, what it was called and the tempo it was played at, where it was."""

    z: Latent
    name: str
    tempo_bpm: float | None = None


def sample(chosen: argparse.Namespace) -> int:
    """The command `mvae-live sample`."""
    bundle, folder = open_bundle(chosen), make_folder(chosen.out)
    if bundle.space.mixture is None:
        print(f"{chosen.bundle} has no mixture of its own: drawn from N(0, 1), where few models have all of their music")
    phrases = [said.music for said in sampled(bundle, chosen.n, chosen.temperature, chosen.seed)]
    write_all(folder, bundle, list(zip(numbered("sample", chosen.n), phrases, strict=True)), chosen.tempo or DEFAULT_BPM)
    told(chosen, f"{chosen.n} phrases of {bundle.bars} bars")
    return 0


def interpolate(chosen: argparse.Namespace) -> int:
    """The command `mvae-live interpolate`."""
    bundle = open_bundle(chosen)
    start, end = point(bundle, chosen.start, chosen.bar), point(bundle, chosen.end, chosen.bar)
    folder = make_folder(chosen.out)
    tempo_bpm = chosen.tempo or start.tempo_bpm or end.tempo_bpm or DEFAULT_BPM
    phrases = [said.music for said in between(bundle, start.z, end.z, chosen.steps, chosen.temperature, chosen.seed)]
    lanes = write_all(folder, bundle, list(zip(numbered("step", chosen.steps), phrases, strict=True)), tempo_bpm)
    write_picture(folder / SHEET, contact_sheet([f"{number / (chosen.steps - 1):.3f}" for number in range(chosen.steps)], lanes))
    told(chosen, f"{chosen.steps} steps from {start.name} to {end.name}")
    return 0


def reconstruct(chosen: argparse.Namespace) -> int:
    """The command `mvae-live reconstruct`."""
    bundle = open_bundle(chosen)
    asked, first, tempo_bpm = excerpt(bundle, chosen.midi, chosen.bar)
    folder = make_folder(chosen.out)
    got = bundle.decode(bundle.encode(asked), chosen.temperature, chosen.seed, 0)
    lanes = write_all(folder, bundle, [("input", asked), ("output", got)], chosen.tempo or tempo_bpm)
    look = large(STEPS_PER_BAR * bundle.bars)
    both = [(name, picture(each, look, lanes)) for name, each in zip(("input", "output"), lanes, strict=True)]
    write_picture(folder / SIDE_BY_SIDE, sheet(both, columns_of(2, both[0][1].shape[1])))
    told(chosen, f"{chosen.midi}, bars {first} to {first + bundle.bars - 1}")
    for line in bundle.likeness(asked, got):
        print(line)
    return 0


def open_bundle(chosen: argparse.Namespace) -> Phrasing:
    """The bundle that was asked for. UserError in one line where it cannot be used."""
    try:
        folder = find_bundle(chosen.bundle)
    except UserError as error:
        raise UserError(f"--bundle: {error}") from None
    return phrasing_of(open_decoder(folder, chosen.provider))


def shipped_bundles() -> dict[str, Path]:
    """The folders of all bundles that come with mvae, by name."""
    return {folder.name: folder for folder in sorted((shipped_folder() / "bundles").glob("*/")) if (folder / CARD_FILE).is_file()}


def find_bundle(name: str) -> Path:
    """The folder of a bundle: one that is given, or the shipped one of that name. UserError with the list of what exists."""
    given, shipped = Path(name), shipped_bundles()
    found = match(name, shipped)
    if (given / CARD_FILE).is_file() or (found is None and given.is_dir()):
        return given
    if found is None:
        raise UserError(f"{unknown('bundle', name, tuple(shipped))}; or give a folder")
    return shipped[found]


def point(bundle: Phrasing, name: str, bar: int | None) -> Point:
    """A .mid file through the encoder, or an anchor of the bundle. UserError with the list of anchors."""
    path = Path(name)
    if path.suffix.lower() in (".mid", ".midi") or path.is_file():
        music, first, tempo_bpm = excerpt(bundle, path, bar)
        return Point(bundle.encode(music), f"{path} (bars {first} to {first + bundle.bars - 1})", tempo_bpm)
    anchors: Mapping[str, Latent] = bundle.space.anchors
    found = match(name, anchors)
    if found is None:
        raise UserError(f"{unknown('anchor of the bundle', name, tuple(anchors))}; or give a .mid file")
    return Point(anchors[found], found)


def excerpt(bundle: Phrasing, path: Path, bar: int | None) -> tuple[Music, int, float]:
    """The bars of a .mid file that the model takes, the number of the first, and their tempo. UserError where it does not fit."""
    performance = read_performance(path)
    try:
        found = bundle.read(performance, bar)
    except UserError as error:
        raise UserError(f"{path}: {error}") from None
    return found.music, found.bar, found.tempo_bpm


def write_all(folder: Path, bundle: Phrasing, phrases: Sequence[tuple[str, Music]], tempo_bpm: float) -> list[tuple[Lane, ...]]:
    """Every phrase as a .mid and a picture; their lanes."""
    lanes = [bundle.lanes(music) for _, music in phrases]
    for (name, _), each in zip(phrases, lanes, strict=True):
        write_phrase(folder, name, each, tempo_bpm)
    return lanes


def contact_sheet(captions: Sequence[str], lanes: Sequence[Sequence[Lane]]) -> Pixels:
    """Small pictures of phrases, which can be compared, in rows."""
    look = small(STEPS_PER_BAR * lanes[0][0].phrase.bars)
    small_ones = [(caption, picture(each, look, lanes)) for caption, each in zip(captions, lanes, strict=True)]
    return sheet(small_ones, columns_of(len(small_ones), small_ones[0][1].shape[1]))


def told(chosen: argparse.Namespace, what: str) -> None:
    print(f"{chosen.out}: {what}; {chosen.bundle}, temperature {chosen.temperature:g}, seed {chosen.seed}")


def numbered(name: str, count: int) -> list[str]:
    """`name_01`, `name_02`, ..., alike in length, so that they sort."""
    digits = max(2, len(str(count)))
    return [f"{name}_{number:0{digits}}" for number in range(1, count + 1)]


def columns_of(count: int, width: int, most_px: int = 1600) -> int:
    """How many pictures of `width` pixels stand in a row of a sheet."""
    return max(1, min(ceil(sqrt(count)), most_px // width))


OFFLINE: Mapping[str, Callable[[argparse.Namespace], int]] = {"sample": sample, "interpolate": interpolate, "reconstruct": reconstruct}
