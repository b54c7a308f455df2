"""Reads the scenes and the song of a patch: [[scene]] tables and `song = [...]`. Every mistake is one line: file, key, value, remedy.

What a scene's anchors are called in the bundles is not known here, nor which scenes the user has kept.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from mvae.core.actions import Actions
from mvae.core.errors import UserError
from mvae.core.names import match, unknown
from mvae.core.scene import LONGEST_BARS, LONGEST_GLIDE, WORDS, Scene, check_name
from mvae.core.settings import Table

SWITCHES = ("mute", "solo")  # each a list of parts
CHOICES = ("key", "scale")


def read_scenes(top: Table, actions: Actions, parts: tuple[str, ...], slots: tuple[str, ...]) -> tuple[Scene, ...]:
    """The [[scene]] tables, in their order."""
    scenes: dict[str, Scene] = {}
    for table in top.tables("scene"):
        scene = read_scene(table, actions, parts, slots)
        if match(scene.name, scenes) is not None:
            raise table.wrong("name", f"two scenes are called {scene.name}: give each a name of its own")
        scenes[scene.name] = scene
    return tuple(scenes.values())


def read_scene(table: Table, actions: Actions, parts: tuple[str, ...], slots: tuple[str, ...]) -> Scene:
    """One [[scene]]."""
    name = table.text("name")
    try:
        check_name(name)
    except ValueError as problem:
        raise table.wrong("name", str(problem)) from None
    given = table.table("anchors")
    anchors = {slot: given.text(slot) for slot in slots if slot in given}
    given.done()
    switches = {name: on for word in SWITCHES if word in table for name, on in read_parts(table, word, parts, actions).items()}
    choices = {key: table.one_of(key, actions[key].choices, "") for key in CHOICES if key in table and key in actions}
    bars = table.whole("bars", 1, LONGEST_BARS, 0)
    then = table.text("then", "")
    glide_beats = table.maybe_number("glide", 0, LONGEST_GLIDE)
    scene = Scene(
        name, anchors, {}, read_knobs(table.table("knobs"), actions), switches, choices, table.maybe_whole("chance", 0, 2**31),
        bars=bars, then=match(then, WORDS) or then, glide_beats=glide_beats,
    )  # fmt: skip
    table.done()
    return scene


def read_parts(table: Table, word: str, parts: tuple[str, ...], actions: Actions) -> Mapping[str, bool]:
    """The switches of a list of parts: on for those listed, off for all others."""
    listed = table.texts(word)
    for part in listed:
        if part not in parts:
            raise table.wrong(word, unknown("part", part, parts))
    return {f"{word} {part}": part in listed for part in parts if f"{word} {part}" in actions}


def read_knobs(table: Table, actions: Actions) -> Mapping[str, float]:
    """Where knobs stand: density = 1, and of a part drums = {swing = 0.5}."""
    names = [knob.name for knob in actions.of_kind("knob")]
    found: dict[str, float] = {}
    for name, value in flat(table.data):
        known = match(name, names)
        if known is None:
            raise UserError(f"{table.file}: {table.place} {name}: {unknown('knob', name, names)}")
        knob = actions[known]
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not knob.low <= value <= knob.high:
            raise UserError(f"{table.file}: {table.place} {name} = {value}: give a number {knob.low:g}..{knob.high:g}")
        found[known] = float(value)
    return found


def flat(data: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """The values of tables within tables, their names joined by dots."""
    for name, value in data.items():
        if isinstance(value, dict):
            yield from flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value
