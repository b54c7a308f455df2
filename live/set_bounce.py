"""`bounce --controls SET`: a set played again from its folder, with its patch as it was, and compared with what was recorded.

Every .mid comes out the same, byte for byte, on the same machine, provider and bundles; elsewhere the first bar that differs is named.
A set that a kill cut short is compared as far as its files go; the control log may know a bar more, which is played, too.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import mido  # type: ignore[import-untyped]

from mvae.core.errors import UserError
from mvae.core.panel import Panel
from mvae.core.patch import Patch
from mvae.core.track import check_writable
from mvae.live import wire
from mvae.live.bounce import Bounce, recorded
from mvae.live.control_log import Act, Take, read
from mvae.live.ensemble import Ensemble, open_band
from mvae.live.instrument import TICKS_PER_BAR, make_panel
from mvae.live.phrase_files import make_folder, write_file
from mvae.live.set_folder import SetFolder, is_take, kept_patch, read_facts, versions

DIFFERS = 1  # the exit code where a check finds another music


@dataclass(slots=True)
class Kept:
    """A .mid of the set: which part, its bytes and length; and whether the replay was seen to be exactly so when it was as long."""

    part: int | None
    data: bytes
    ticks: int
    met: bool = False


class Replay(Bounce):
    """A bounce that looks out for the files that were kept."""

    def __init__(
        self, panel: Panel, band: Ensemble, take: Take, kept: Sequence[Kept], reads: Callable[[Act], Patch] | None = None,
        provider: str = "auto",
    ):  # fmt: skip
        super().__init__(panel, band, take, reads, provider)
        self.kept = kept

    def hear(self) -> None:
        """What the player says; the files of a set that was cut short are as they were after one of its notes."""
        for message in self.up.messages:
            self.recorder.hear(message)
            if isinstance(message, wire.Sent):
                self.compare()
        self.up.messages.clear()

    def compare(self) -> None:
        tick = self.recorder.track.tick
        for file in self.kept:
            if file.ticks == tick and not file.met:
                file.met = self.mid(file.part) == file.data

    def mid(self, part: int | None) -> bytes:
        """The file of a part, or of the whole, as it stands."""
        recorder = self.recorder
        if part is None:
            return recorder.track.file()
        return recorder.parts[part].file(recorder.track.tick) if part < len(recorder.parts) else b""  # its patch comes later


def bounce_set(chosen: argparse.Namespace) -> int:
    """The command `mvae-live bounce` with a set; without `--out` it writes nothing and only compares."""
    refuse_others(chosen)
    place = SetFolder(chosen.controls)
    facts, (take, acts) = read_facts(place), read(place.log)
    if take is None or not recorded(acts):
        raise UserError(f"{place.log}: nothing was played in this set")
    patch = kept_patch(place.patch, take.patch)
    loads = [act for act in acts if act.do == "patch"]
    later = {id(act): kept_patch(place.later_patch(number), act.patch) for number, act in enumerate(loads, 1)}
    names = list(dict.fromkeys(part.name for each in (patch, *later.values()) for part in each.parts))
    outs = outputs(chosen.out, place, names)
    opened = open_band(patch, chosen.provider)
    for bundle, proof in opened.hashes.items():
        if take.bundles.get(bundle, "") != proof:
            print(f"{bundle} is not the bundle of the set (hash {proof}, then {take.bundles.get(bundle, 'none')}): it will differ")
    kept = {path: kept_file(path, part) for path, part in place.mids(names).items() if path.is_file()}
    panel = make_panel(patch, opened.temperatures, take.tempo_bpm)
    replay = Replay(panel, opened.ensemble(take.seed), take, list(kept.values()), lambda act: later[id(act)], chosen.provider)
    replay.play(acts, None)
    for out, part in outs.items():
        write_file(out, replay.mid(part))
    print(f"{place.folder}: {replay.bars()} bars, seed {take.seed}" + (f", written to {chosen.out}" if chosen.out else ""))
    alike = told(replay, kept, facts.get("versions", {}))
    return 0 if alike or chosen.out else DIFFERS


def refuse_others(chosen: argparse.Namespace) -> None:
    """UserError for what a set knows by itself."""
    given = {"--patch": chosen.patch, "--bars": chosen.bars, "--seed": chosen.seed, "--tempo": chosen.tempo, "--set": chosen.set}
    for option, value in given.items():
        if value not in (None, []):
            log = SetFolder(chosen.controls).log
            raise UserError(f"{option}: a set is played again as it was: leave it out, or change things with --controls {log}")


def outputs(out: Path | None, place: SetFolder, parts: list[str]) -> dict[Path, int | None]:
    """What is to be written, and the part that it holds: one .mid of the whole, or in a folder one of each of the `parts` besides."""
    if out is None:
        return {}
    if is_take(out):
        check_writable(out)
        return {out: None}
    if out.resolve() == place.folder.resolve():
        raise UserError(f"--out {out}: is the set itself; give another folder, or leave --out away to compare")
    folder = SetFolder(make_folder(out))
    make_folder(folder.parts)
    return folder.mids(parts)


def kept_file(path: Path, part: int | None) -> Kept:
    """A .mid of the set. UserError where it cannot be read."""
    try:
        data = path.read_bytes()
        return Kept(part, data, sum(ticks for ticks, _ in messages(data)))
    except (OSError, EOFError, ValueError) as error:
        raise UserError(f"{path}: cannot be read ({error}); the set is not as it was recorded") from None


def told(replay: Replay, kept: dict[Path, Kept], then: dict[str, str]) -> bool:
    """Say how the replay compares with what was kept; whether it is alike."""
    others = {path: file for path, file in kept.items() if replay.mid(file.part) != file.data}
    differing = {path: first_bar(replay.mid(file.part), file.data) for path, file in others.items() if not file.met}
    for path, bar in differing.items():
        print(f"{path.name}: bar {bar} is the first that differs from the set")
    for note in replay.remarks():
        print(note)
    if differing:
        now = versions()
        changed = [f"{name} {then[name]} then, {now.get(name, 'none')} now" for name in then if then[name] != now.get(name)]
        print(f"not the same: {'; '.join(changed) or 'the versions are the same: a bundle, the provider or the machine is not'}")
    elif others:
        print(f"the same, byte for byte, as far as the set was written: {len(kept)} files; it was cut short, its log goes on")
    else:
        print(f"the same, byte for byte: {len(kept)} files")
    return not differing


def first_bar(one: bytes, other: bytes) -> int:
    """The bar of the file, from 1, in which two of them differ first."""
    tick, mine, theirs = 0, messages(one), messages(other)
    for (wait, said), (other_wait, other_said) in zip(mine, theirs, strict=False):
        if (wait, said) != (other_wait, other_said):
            return (tick + min(wait, other_wait)) // TICKS_PER_BAR + 1
        tick += wait
    return tick // TICKS_PER_BAR + 1


def messages(data: bytes) -> list[tuple[int, list[int]]]:
    """Everything in a .mid: ticks to wait, then bytes."""
    return [(message.time, message.bytes()) for message in mido.MidiFile(file=BytesIO(data)).tracks[0]]
