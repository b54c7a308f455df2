"""The picture of a set, from its folder alone: no bundle is opened, and a set that was cut short by a kill is shown as far as it went."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mvae.core.actions import Action, Actions
from mvae.core.drums import CLASS_OF_NOTE
from mvae.core.errors import UserError
from mvae.core.midifile import Performance, read_performance
from mvae.core.part import Part
from mvae.core.patch import Patch
from mvae.core.patch_file import read_patch
from mvae.core.phrase import BEATS_PER_BAR
from mvae.core.portrait import Portrait, portrait
from mvae.core.portrait_lanes import Curve, Deed, Struck, Voice
from mvae.core.portrait_path import Journey
from mvae.core.track import check_writable
from mvae.core.trail import joined, read_stretch
from mvae.live.phrase_files import write_picture
from mvae.live.set_changes import CHANGE, Row, read_rows
from mvae.live.set_folder import SetFolder, read_facts

UNTOLD = ("panic", "stall", "successor", "stop", "play", "start")  # deeds that need no mark


def picture(chosen: argparse.Namespace) -> int:
    """The command `mvae-live picture`."""
    place, out = SetFolder(chosen.set), chosen.out or SetFolder(chosen.set).picture
    read_facts(place)
    check_writable(out)
    write_set_picture(place, out)
    print(out)
    return 0


def write_set_picture(place: SetFolder, out: Path) -> None:
    """The picture of a set. UserError for a folder that holds none, or in which nothing was played, or where the disk refuses."""
    facts = read_facts(place)
    if not place.whole.is_file():
        raise UserError(f"{place.folder}: nothing was played in this set: there is nothing to show")
    write_picture(out, portrait(portrait_of(place, facts)))


def portrait_of(place: SetFolder, facts: Mapping[str, Any]) -> Portrait:
    """All that the picture shows."""
    patches, whole = [read_patch(file) for file in place.patches()], read_performance(place.whole)
    beats = max((note.beat + note.duration for note in whole.notes), default=float(BEATS_PER_BAR))
    rows, actions = rows_of(place), Actions(action for patch in patches for action in patch.actions().values())
    parts = {part.name: part for patch in patches for part in patch.parts}
    return Portrait(
        title=", ".join(dict.fromkeys(patch.name for patch in patches)),
        facts=facts_line(facts, whole, beats),
        beats=beats,
        voices=tuple(voice_of(part, place.part(part.name)) for part in parts.values()),
        curves=curves_of(rows, actions, facts.get("knobs", {})),
        deeds=tuple(Deed(row.beat, deed_name(row)) for row in rows if row.name not in UNTOLD and not is_curve(row, actions)),
        journeys=journeys_of(place, patches),
    )


def facts_line(facts: Mapping[str, Any], whole: Performance, beats: float) -> str:
    """When, how long, with which seed and tempo."""
    starts = [beat for beat, _ in whole.tempos] + [beats]
    seconds = sum((end - begin) * 60 / bpm for (begin, bpm), end in zip(whole.tempos, starts[1:], strict=True) if end > begin)
    minutes, bars = divmod(round(seconds), 60), -(-int(beats) // BEATS_PER_BAR)
    words = str(facts.get("begun", "")).replace("T", "  ")[:17], f"{minutes[0]}:{minutes[1]:02}", f"{bars} bars"
    return "   ".join([*words, f"{len(whole.notes)} notes", f"{facts.get('tempo', 120):g} BPM", f"seed {facts.get('seed')}"])


def rows_of(place: SetFolder) -> list[Row]:
    """The changes of the set; none where nothing was written yet. UserError for a file that is no such table."""
    try:
        return read_rows(place.changes.read_text("utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise UserError(f"{place.changes}: cannot be read ({error}); the set is not as it was recorded") from None


def voice_of(part: Part, file: Path) -> Voice:
    """The notes of a part; none where its file is not there yet."""
    notes = read_performance(file).notes if file.is_file() else ()
    if part.melodic:
        return Voice(part.name, False, tuple(Struck(note.beat, note.duration, note.pitch, note.velocity) for note in notes))
    classes = {**CLASS_OF_NOTE} | {sound.pitch: number for number, sound in enumerate(part.sounds)}
    struck = (Struck(note.beat, note.duration, classes[note.pitch], note.velocity) for note in notes if note.pitch in classes)
    return Voice(part.name, True, tuple(struck))


def curves_of(rows: Sequence[Row], actions: Actions, stood: Mapping[str, float]) -> tuple[Curve, ...]:
    """Every knob and switch that was turned, in the order of the table."""
    points: dict[str, list[tuple[float, float]]] = {}
    for row in (row for row in rows if is_curve(row, actions)):
        action = actions[row.name]
        first = float(stood.get(row.name, action.default)) if action.kind == "knob" else 0.0
        value = float(row.value) if action.kind == "knob" else float(row.value == "on")
        points.setdefault(row.name, [(0.0, first)]).append((row.beat, value))
    turned = [action for action in actions.values() if action.name in points]
    return tuple(curve_of(action, points[action.name]) for action in turned)


def curve_of(action: Action, points: Sequence[tuple[float, float]]) -> Curve:
    low, high = reach(action, points)
    return Curve(action.name, low, high, tuple(points), action.kind == "switch")


def is_curve(row: Row, actions: Actions) -> bool:
    """Whether it is drawn over time; all else is a mark."""
    return row.kind == CHANGE and row.name in actions and actions[row.name].kind in ("knob", "switch")


def reach(action: Action, points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The range that a curve is drawn in: of a tempo where it was, of all others where it can be."""
    if action.name == "tempo":
        values = [value for _, value in points]
        return min(values) - 1, max(values) + 1
    return (action.low, action.high) if action.kind == "knob" else (0.0, 1.0)


def deed_name(row: Row) -> str:
    """What a mark says."""
    return f"{row.name} {row.value}".strip() if len(row.value) <= 12 else row.name


def journeys_of(place: SetFolder, patches: Sequence[Patch]) -> tuple[Journey, ...]:
    """The path of each bundle, in the order of the parts. UserError for a file that is none."""
    stretches = []
    for file in sorted(place.path.glob("*.npz")):
        try:
            stretches.append(read_stretch(file.read_bytes()))
        except (OSError, ValueError) as error:
            raise UserError(f"{file}: cannot be read ({error}); the set is not as it was recorded") from None
    ways = joined(stretches)
    bundles = dict.fromkeys(bundle for patch in patches for bundle in patch.bundles)
    return tuple(Journey(bundle, ways[bundle]) for bundle in bundles if bundle in ways)
