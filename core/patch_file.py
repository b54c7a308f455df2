"""Reads a patch from its TOML file, strictly. Every mistake is one line: file, key, value, remedy."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from mvae.core.action_table import AXIS, KNOBS, MORPH, PAD, PATCH_LOAD, SLOTS, STANDARD_KNOBS, part_knobs
from mvae.core.actions import Action, Actions
from mvae.core.change import Value
from mvae.core.control import ENCODINGS, NUMBERS, wrong
from mvae.core.curves import CURVES
from mvae.core.drums import CLASSES, NOTE_OF_CLASS
from mvae.core.errors import UserError, listing
from mvae.core.names import match, unknown
from mvae.core.part import MAIN, VIRTUAL, Part, Sound, Velocities
from mvae.core.patch import Anchors, Button, Knob, Patch, find_patch
from mvae.core.scene_file import read_scenes
from mvae.core.settings import Table, read_toml

FORMAT = 1
MAX_PARTS = 16
STREAMS = ("melody", "bass", "drums")
USUAL_CHANNELS = {"melody": 1, "bass": 2, "drums": 10}
STARTS = ("now", "armed")
NAME = re.compile(r"[a-z0-9_]+")  # what becomes a part of an OSC address
ADDRESS = re.compile(r"/[!-~]+")
NO_ADDRESS = set("#*,?[]{}")
QUIT_KEY = "q"
MAP = "map"
ANY_CHANNEL = tuple(range(16))
PROGRAMS = {"scene": "scene", "patch": PATCH_LOAD}  # what a program change may mean, and the action that it does
LONGEST_SMOOTH_MS = 10_000


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
    anchors, own = read_anchors(top.table("anchors"), parts)
    humanize = read_humanize(top.table("humanize")) if "humanize" in top else None
    controller = top.maybe_text("controller")
    patch = Patch(path, name, start, tempo_bpm, parts, anchors, own_anchors=own, humanize=humanize, controller=controller)
    patch = replace(patch, programs=read_programs(top.table("program")) if "program" in top else None)
    patch = replace(patch, listen=read_listen(top.table("listen"), patch.slots) if "listen" in top else None)
    known = patch.actions().of_kind("choice")
    begins = tuple((choice.name, top.one_of(choice.name, choice.choices, choice.choices[0])) for choice in known if choice.name in top)
    patch = replace(patch, choices=begins)
    usual = usual_knobs(patch)
    knobs = tuple(read_knob(knob, table, usual, parts) for knob, table in knob_tables(top, parts))
    patch = replace(patch, knobs=knobs)
    buttons = tuple(read_button(button, table, patch.actions()) for button, table in top.named("button"))
    scenes, song = read_scenes(top, patch.actions(), tuple(part.name for part in parts), patch.slots), top.texts("song")
    top.done()
    refuse_shared_controls(path, knobs, buttons)
    return replace(patch, buttons=buttons, scenes=scenes, song=song)


def read_parts(top: Table) -> tuple[Part, ...]:
    """The [[part]] tables: one or more, each with a name of its own."""
    tables = top.tables("part")
    if not tables or len(tables) > MAX_PARTS:
        raise UserError(f"{top.file}: [[part]]: there are {len(tables)}: give 1 to {MAX_PARTS} parts")
    parts: dict[str, Part] = {}
    slots: dict[str, int] = {}
    for number, table in enumerate(tables, MAIN + 1):
        part = read_part(table)
        shared = number if part.port in (None, VIRTUAL) else slots.setdefault(str(part.port).casefold(), number)
        part = replace(part, slot=shared)
        if part.name in parts:
            raise table.wrong("name", f"two parts are called {part.name}: give each a name of its own")
        parts[part.name] = part
    return tuple(parts.values())


def read_part(table: Table) -> Part:
    """One [[part]] with its [part.map] and velocity."""
    name = table.text("name", "drums")
    if not NAME.fullmatch(name):
        raise table.wrong("name", 'use small letters, digits and _, such as "drums"')
    stream = table.one_of("stream", STREAMS, name if name in STREAMS else "drums")
    channel = table.whole("channel", 1, 16, USUAL_CHANNELS[stream]) - 1
    sounds = read_map(table.table("map"), channel)
    velocity = table.table("velocity")
    velocities = Velocities(velocity.whole("min", 1, 127, 1), velocity.whole("max", 1, 127, 127), velocity.number("curve", 0.1, 10, 1.0))
    velocity.done()
    if velocities.low > velocities.high:
        raise velocity.wrong("min", f"give at most max, {velocities.high}")
    delay_ms, gate_ms = table.number("delay_ms", -50, 50, 0.0), table.maybe_number("gate_ms", 1, 2000)
    low, high = table.whole("low", 0, 127, 0), table.whole("high", 0, 127, 127)
    if low > high:
        raise table.wrong("low", f"give at most high, {high}")
    part = Part(name, table.text("bundle"), sounds, velocities, delay_ms, gate_ms, stream, channel, low, high, table.maybe_text("port"))
    octave, transpose = table.whole("octave", -3, 3, 0), table.whole("transpose", -24, 24, 0)
    if not part.melodic and (octave or transpose):
        raise table.wrong("octave" if octave else "transpose", f"{stream} have no pitches: change their notes in [part.map]")
    part = replace(part, octave=octave, transpose=transpose, accent=table.number("accent", 0, 1, 0.0), thru=table.maybe_text("thru"))
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


def read_anchors(table: Table, parts: Sequence[Part]) -> tuple[Anchors, tuple[tuple[str, Anchors], ...]]:
    """Two anchors A, B or four A, B, C, D, each a name; for a bundle that has others, those of [anchors.PART], PART one of its parts."""
    tables = {part.name: table.table(part.name) for part in parts}
    own = {name: given for name, given in tables.items() if name in table}
    everywhere = (table, *own.values())
    slots = SLOTS if any(slot in given for given in everywhere for slot in SLOTS[2:]) else SLOTS[:2]
    owners: dict[str, str] = {}
    for part in parts:
        if part.name in own and owners.setdefault(part.bundle, part.name) != part.name:
            both = f"{owners[part.bundle]} and {part.name}"
            raise UserError(f"{table.file}: [anchors.{part.name}]: {both} share a latent: keep one of the two")
    shared = any(slot in table for slot in SLOTS) or any(part.bundle not in owners for part in parts)
    anchors = tuple((slot, table.text(slot)) for slot in slots) if shared else ()
    owned = tuple((name, tuple((slot, given.text(slot)) for slot in slots)) for name, given in own.items())
    for given in everywhere:
        given.done()
    return anchors, owned


def read_humanize(table: Table) -> tuple[str, str]:
    """[humanize]: the groove bundle and the anchor of it whose feel parts may take."""
    humanize = table.text("bundle"), table.text("anchor")
    table.done()
    return humanize


def read_listen(table: Table, slots: tuple[str, ...]) -> str:
    """[listen]: the slot that what is played in leads."""
    slot = table.one_of("slot", slots, slots[0])
    table.done()
    return slot


def read_programs(table: Table) -> str:
    """[program]: whether a program change is a scene or a patch, by its number in their list."""
    does = table.one_of("does", tuple(PROGRAMS), "")
    table.done()
    return PROGRAMS[does]


def usual_knobs(patch: Patch) -> Mapping[str, Action]:
    """The knobs of the instrument that a patch may bind, by name."""
    own = (part_knobs(part.name, part.melodic, patch.humanize is not None) for part in patch.parts)
    knobs = (*(PAD if len(patch.slots) == len(SLOTS) else MORPH), *KNOBS, *(action for part in own for action in part))
    return {action.name: action for action in knobs}


def knob_tables(top: Table, parts: Sequence[Part]) -> Iterator[tuple[str, Table]]:
    """Every [knob.NAME], every [knob.PART.NAME] as PART.NAME, and [knob.PART.map.CLASS] as PART.map.CLASS."""
    names = [part.name for part in parts]
    for name, table in top.named("knob"):
        if name in names and all(isinstance(value, dict) for value in table.data.values()):
            for knob in table.data:
                inner = table.table(knob)
                if knob == MAP:
                    yield from ((f"{name}.{MAP}.{drum}", inner.table(drum)) for drum in inner.data)
                else:
                    yield f"{name}.{knob}", inner
        else:
            yield name, table


def read_knob(name: str, table: Table, usual: Mapping[str, Action], parts: Sequence[Part]) -> Knob:
    """One [knob.NAME]: a knob of the instrument or of a part, or of an axis of the bundles."""
    if not all(NAME.fullmatch(word) for word in name.split(".")):
        raise UserError(f"{table.file}: {table.place}: name a knob with small letters, digits and _")
    axis = table.maybe_text("axis")
    owner = (axis or "").rpartition(".")[0]
    if owner and owner not in [part.name for part in parts]:
        raise table.wrong("axis", unknown("part", owner, [part.name for part in parts]))
    if name in (*STANDARD_KNOBS, *usual) and axis is not None:
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
    knob = read_control(knob, table)
    table.done()
    return knob


def read_control(knob: Knob, table: Table) -> Knob:
    """What turns a knob besides a plain CC, of which controller, and how fast it is there."""
    nrpn, encoding = table.maybe_whole("nrpn", 0, NUMBERS["nrpn"] - 1), table.one_of("encoding", ENCODINGS, ENCODINGS[0])
    bends = table.truth("pitchbend", False)
    if (knob.cc is not None) + (nrpn is not None) + bends > 1:
        raise table.wrong("cc" if knob.cc is not None else "nrpn", "give one of cc, nrpn and pitchbend")
    controller, smooth_ms = table.maybe_text("controller"), table.number("smooth", 0, LONGEST_SMOOTH_MS, 0.0)
    encoding = next(known for known in ENCODINGS if known == encoding)
    knob = replace(knob, nrpn=nrpn, pitchbend=bends, encoding=encoding, controller=controller, smooth_ms=smooth_ms)
    if knob.control is not None and (problem := wrong(knob.control)):
        raise table.wrong("encoding", problem)
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


def read_deed(table: Table, actions: Actions) -> tuple[Action, Value]:
    """What a button does. A choice without more is the next one each time."""
    does = table.text("does")
    choices = {choice.name: choice for choice in actions.of_kind("choice")}
    found = match(does, choices)
    if found is not None and "key" not in table:
        return choices[found], None
    try:
        return actions.parse(does)
    except UserError as problem:
        raise table.wrong("does", str(problem)) from None


def read_button(name: str, table: Table, actions: Actions) -> Button:
    """One [button.NAME]: what it does, and the note, cc or key that does it."""
    action, value = read_deed(table, actions)
    note, cc, key = table.maybe_whole("note", 0, 127), table.maybe_whole("cc", 0, 127), table.maybe_text("key")
    program = table.maybe_whole("program", 1, 128)
    program = None if program is None else program - 1
    button = Button(name, action.name, value, note, cc, read_channel(table), key, program, table.maybe_text("controller"))
    table.done()
    if (note, cc, key, program) == (None, None, None, None):
        raise UserError(f"{table.file}: {table.place}: nothing presses it: give note, cc, program or key")
    if key is not None and (len(key) != 1 or key == QUIT_KEY):
        raise table.wrong("key", f"give one key, other than {QUIT_KEY}")
    return button


def refuse_shared_controls(path: Path, knobs: Sequence[Knob], buttons: Sequence[Button]) -> None:
    """Complain of a controller, note, key or address that is bound twice: the usual slip of copy and paste.

    Controls of two controllers that are named differ.
    """
    owners: dict[tuple[str, object, int, str | None], str] = {}
    places: list[tuple[str, Knob | Button]] = [(f"[knob.{knob.name}]", knob) for knob in knobs]
    places += [(f"[button.{button.name}]", button) for button in buttons]
    for place, bound in places:
        for kind in ("cc", "nrpn", "note", "program", "osc", "key"):
            control = getattr(bound, kind, None)
            of_no_port = kind in ("osc", "key")
            channels = ANY_CHANNEL if bound.channel is None or of_no_port else (bound.channel,)
            for channel in channels if control is not None else ():
                owner = owners.setdefault((kind, control, channel, None if of_no_port else bound.controller), place)
                if owner != place:
                    raise UserError(f"{path}: {place} {kind} = {control}: {owner} has it already: give another")
