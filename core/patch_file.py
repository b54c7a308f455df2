"""Reads a patch from its TOML file, strictly. Every mistake is one line: file, key, value, remedy."""

import re
from collections.abc import Sequence
from pathlib import Path

from mvae.core.actions import AXIS, KNOBS, MORPH, PAD, SLOTS, STANDARD_KNOBS, Actions
from mvae.core.curves import CURVES
from mvae.core.drums import CLASSES, NOTE_OF_CLASS
from mvae.core.errors import UserError, listing
from mvae.core.part import Part, Sound, Velocities
from mvae.core.patch import Button, Knob, Patch, find_patch
from mvae.core.settings import Table, read_toml

FORMAT = 1
STARTS = ("now", "armed")
NAME = re.compile(r"[a-z0-9_]+")  # what becomes a part of an OSC address
ADDRESS = re.compile(r"/[!-~]+")
NO_ADDRESS = set("#*,?[]{}")
QUIT_KEY = "q"
ANY_CHANNEL = tuple(range(16))


def load_patch(name_or_path: str) -> Patch:
    """A shipped patch by name (kindly matched), or any patch file by path. Raises UserError."""
    return read_patch(find_patch(name_or_path))


def read_patch(path: Path) -> Patch:
    """The patch in the TOML file at `path`. Raises UserError in one line for anything that is not as it should be."""
    top = Table(str(path), "", read_toml(path))
    if top.whole("format", 0, 10**6) != FORMAT:
        raise top.wrong("format", f"this mvae reads format {FORMAT}: write format = {FORMAT}, or update mvae")
    name, start = top.text("name"), top.one_of("start", STARTS, STARTS[0])
    tempo_bpm = top.maybe_number("tempo", 20, 400)
    parts = read_parts(top)
    anchors = read_anchors(top.table("anchors"))
    knobs = tuple(read_knob(knob, table, len(anchors)) for knob, table in top.named("knob"))
    patch = Patch(path, name, start, tempo_bpm, parts, anchors, knobs)
    buttons = tuple(read_button(button, table, patch.actions()) for button, table in top.named("button"))
    top.done()
    refuse_shared_controls(path, knobs, buttons)
    return Patch(path, name, start, tempo_bpm, parts, anchors, knobs, buttons)


def read_parts(top: Table) -> tuple[Part, ...]:
    """The [[part]] tables: exactly one."""
    tables = top.tables("part")
    if len(tables) != 1:
        raise UserError(f"{top.file}: [[part]]: there are {len(tables)}: give one part")
    return tuple(read_part(table) for table in tables)


def read_part(table: Table) -> Part:
    """One [[part]] with its [part.map] and velocity."""
    name = table.text("name", "drums")
    if not NAME.fullmatch(name):
        raise table.wrong("name", 'use small letters, digits and _, such as "drums"')
    channel = table.whole("channel", 1, 16, 10) - 1
    sounds = read_map(table.table("map"), channel)
    velocity = table.table("velocity")
    velocities = Velocities(velocity.whole("min", 1, 127, 1), velocity.whole("max", 1, 127, 127), velocity.number("curve", 0.1, 10, 1.0))
    velocity.done()
    if velocities.low > velocities.high:
        raise velocity.wrong("min", f"give at most max, {velocities.high}")
    delay_ms, gate_ms = table.number("delay_ms", -50, 50, 0.0), table.maybe_number("gate_ms", 1, 2000)
    part = Part(name, table.text("bundle"), sounds, velocities, delay_ms, gate_ms)
    table.done()
    return part


def read_map(table: Table, channel: int) -> tuple[Sound, ...]:
    """What each drum class sounds as; a class that is not mapped keeps its usual note on the part's channel."""
    sounds = []
    for name, usual in zip(CLASSES, NOTE_OF_CLASS, strict=True):
        entry = table.table(name)
        sounds.append(Sound(entry.whole("channel", 1, 16, channel + 1) - 1, entry.whole("note", 0, 127, usual)))
        entry.done()
    table.done()
    return tuple(sounds)


def read_anchors(table: Table) -> tuple[tuple[str, str], ...]:
    """(slot, name) of two anchors A, B or four A, B, C, D."""
    slots = SLOTS if any(slot in table for slot in SLOTS[2:]) else SLOTS[:2]
    anchors = tuple((slot, table.text(slot)) for slot in slots)
    table.done()
    return anchors


def read_knob(name: str, table: Table, anchors: int) -> Knob:
    """One [knob.NAME]: a knob of the instrument, or of an axis of the bundle."""
    if not NAME.fullmatch(name):
        raise UserError(f"{table.file}: {table.place}: name a knob with small letters, digits and _")
    axis = table.maybe_text("axis")
    usual = {action.name: action for action in (*(PAD if anchors == len(SLOTS) else MORPH), *KNOBS)}
    if name in STANDARD_KNOBS and axis is not None:
        raise table.wrong("axis", f"{name} is a knob of the instrument: give the axis a knob of another name")
    if axis is None and name not in usual:
        belongs = "x and y need four anchors, morph needs two" if name in STANDARD_KNOBS else 'give axis = "..." of the bundle'
        raise UserError(f"{table.file}: {table.place}: {belongs}; the knobs of the instrument here are {listing(tuple(usual))}")
    action = usual.get(name, AXIS)
    low, high = table.pair("range", action.low, action.high)
    curve = table.one_of("curve", tuple(CURVES), "linear")
    if curve == "log" and low <= 0:
        raise table.wrong("curve", f"log needs a range above 0, not {low:g}..{high:g}")
    default, cc = table.maybe_number("default", low, high), table.maybe_whole("cc", 0, 127)
    knob = Knob(name, low, high, curve, default, axis, cc, read_channel(table), read_address(table))
    table.done()
    return knob


def read_channel(table: Table) -> int | None:
    """The controller's channel, 0..15; None where any will do."""
    channel = table.maybe_whole("channel", 1, 16)
    return None if channel is None else channel - 1


def read_address(table: Table) -> str | None:
    """A knob's own OSC address, besides the usual one."""
    osc = table.maybe_text("osc")
    if osc is not None and (not ADDRESS.fullmatch(osc) or NO_ADDRESS & set(osc) or osc.startswith("/mvae/")):
        raise table.wrong("osc", 'give an OSC address of your own, such as "/fader/1"; those under /mvae are there already')
    return osc


def read_button(name: str, table: Table, actions: Actions) -> Button:
    """One [button.NAME]: what it does, and the note, cc or key that does it."""
    try:
        action, value = actions.parse(table.text("does"))
    except UserError as problem:
        raise table.wrong("does", str(problem)) from None
    note, cc, key = table.maybe_whole("note", 0, 127), table.maybe_whole("cc", 0, 127), table.maybe_text("key")
    button = Button(name, action.name, value, note, cc, read_channel(table), key)
    table.done()
    if (note, cc, key) == (None, None, None):
        raise UserError(f"{table.file}: {table.place}: nothing presses it: give note, cc or key")
    if key is not None and (len(key) != 1 or key == QUIT_KEY):
        raise table.wrong("key", f"give one key, other than {QUIT_KEY}")
    return button


def refuse_shared_controls(path: Path, knobs: Sequence[Knob], buttons: Sequence[Button]) -> None:
    """Complain of a controller, note, key or address that is bound twice: the usual slip of copy and paste."""
    owners: dict[tuple[str, object, int], str] = {}
    places: list[tuple[str, Knob | Button]] = [(f"[knob.{knob.name}]", knob) for knob in knobs]
    places += [(f"[button.{button.name}]", button) for button in buttons]
    for place, bound in places:
        for kind in ("cc", "note", "osc", "key"):
            control = getattr(bound, kind, None)
            channels = ANY_CHANNEL if bound.channel is None or kind in ("osc", "key") else (bound.channel,)
            for channel in channels if control is not None else ():
                owner = owners.setdefault((kind, control, channel), place)
                if owner != place:
                    raise UserError(f"{path}: {place} {kind} = {control}: {owner} has it already: give another")
