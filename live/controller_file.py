"""Controllers as TOML files: what a controller has under the hands, what it says, how its lights are lit, and what its controls usually do.

Read strictly; every mistake is one line: file, key, value, remedy. The files that come with mvae lie in `patches/controllers`; those of the
user, in `controllers` of the user's folder, come first. Knows no ports and no patches: what is assigned is a pattern of actions' names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from mvae.core.control import ENCODINGS, NUMBERS, Control, ControlKind, wrong
from mvae.core.errors import UserError
from mvae.core.names import match, unknown
from mvae.core.patch import shipped_folder
from mvae.core.settings import Table, read_toml
from mvae.live.library import home

FORMAT: Final = 1
FOLDER: Final = "controllers"
GENERIC: Final = "generic"
KINDS: Final[tuple[ControlKind, ...]] = ("cc", "note", "nrpn", "pitchbend", "program")
MESSAGES: Final = ("control", "cc", "note", "sysex")  # what a light is lit by; "control": by what the control itself says
ANY: Final = "any"
VALUE: Final = 0xFF  # where a light's value goes in a system exclusive message


@dataclass(frozen=True, slots=True)
class Light:
    """What shows a control's value: a lamp, a ring, or the motor of its fader.

    Of a knob it gets the value itself, or one of `levels` from low to high; of all else `on`, `ready` (it does something) or `off`.
    """

    control: Control
    off: int = 0
    ready: int = 0
    on: int = 127
    levels: tuple[int, ...] = ()
    sysex: bytes = b""  # with VALUE where the value goes; empty: what `control` says


@dataclass(frozen=True, slots=True)
class Handle:
    """A control by its name. A `button` is pressed, all else is turned; what `follows` is moved by its light: no soft takeover."""

    name: str
    control: Control
    button: bool = False
    follows: bool = False
    light: Light | None = None


@dataclass(frozen=True, slots=True)
class ControllerFile:
    """A kind of controller. `match` are parts of its port's name; `assign` are (pattern of actions, handles in order), the first first."""

    file: Path
    name: str
    match: tuple[str, ...]
    handles: tuple[Handle, ...] = ()
    assign: tuple[tuple[str, tuple[str, ...]], ...] = ()
    hello: tuple[bytes, ...] = ()  # said to it when it is there
    bye: tuple[bytes, ...] = ()  # and before it is left

    def is_meant(self, name: str) -> bool:
        """Whether a performer's or a patch's `name` for a controller means this kind."""
        folded = name.casefold()
        return folded in self.name.casefold() or folded == self.file.stem.casefold()


def find_controller(port: str) -> ControllerFile:
    """The kind of controller that has a port of this name: the longest match; the generic one, where none matches. Raises UserError."""
    files = [*sorted((home() / FOLDER).glob("*.toml")), *list_controllers()]
    kinds = [read_controller(file) for file in files]
    found = [(len(part), kind) for kind in kinds for part in kind.match if part.casefold() in port.casefold()]
    generic = next(kind for kind in kinds if kind.file.stem == GENERIC)
    return max(found, key=lambda each: each[0])[1] if found else generic


def list_controllers() -> tuple[Path, ...]:
    """The controller files that come with mvae."""
    return tuple(sorted((shipped_folder() / FOLDER).glob("*.toml")))


def read_controller(path: Path) -> ControllerFile:
    """The controller in the TOML file at `path`. Raises UserError in one line for anything that is not as it should be."""
    top = Table(str(path), "", read_toml(path))
    if top.whole("format", 0, 10**6) != FORMAT:
        raise top.wrong("format", f"this mvae reads controllers of format {FORMAT}: write format = {FORMAT}, or update mvae")
    name, parts, channel = top.text("name"), top.texts("match"), top.maybe_whole("channel", 1, 16)
    palette = top.table("colours")
    colours = {colour: palette.whole(colour, 0, 127) for colour in palette.data}
    groups = {group: read_group(group, table, channel, colours) for group, table in top.named("control")}
    handles = tuple(handle for group in groups.values() for handle in group)
    assign = read_assign(top.table("assign"), {group: tuple(handle.name for handle in found) for group, found in groups.items()})
    hello, bye = (tuple(sysex(top, key, text) for text in top.texts(key)) for key in ("hello", "bye"))
    top.done()
    refuse_shared(path, handles)
    return ControllerFile(path, name, parts, handles, assign, hello, bye)


def read_group(group: str, table: Table, channel: int | None, colours: Mapping[str, int]) -> tuple[Handle, ...]:
    """One [control.GROUP]: GROUP1, GROUP2, ... where it has several numbers, else GROUP."""
    kind = next(known for known in KINDS if known == table.one_of("kind", KINDS, KINDS[0]))
    encoding = next(known for known in ENCODINGS if known == table.one_of("encoding", ENCODINGS, ENCODINGS[kind == "pitchbend"]))
    own = read_channel(table, channel)
    numbers: tuple[int | None, ...] = table.wholes("numbers", 0, NUMBERS[kind])
    if not numbers and kind not in ("program", "pitchbend"):
        raise table.wrong("numbers", "give the numbers of its controls, such as [0, 1, 2]")
    numbers = numbers or (None if kind == "program" else 0,)
    button, follows = table.truth("button", kind in ("note", "program")), table.truth("follows", False)
    controls = [Control(kind, number, own, encoding) for number in numbers]
    if problem := next(filter(None, map(wrong, controls)), ""):
        raise table.wrong("numbers" if "numbers" in table else "encoding", problem)
    lights = read_lights(table.table("light"), controls, colours) if "light" in table else [None] * len(controls)
    table.done()
    names = [group] if len(controls) == 1 else [f"{group}{place}" for place in range(1, len(controls) + 1)]
    rows = zip(names, controls, lights, strict=True)
    return tuple(Handle(name, control, button, follows, light) for name, control, light in rows)


def read_channel(table: Table, usual: int | None) -> int | None:
    """The channel 0..15; None for "any", or where neither this table nor the file says one."""
    if table.data.get("channel") == ANY:
        table.text("channel")
        return None
    channel = table.maybe_whole("channel", 1, 16)
    channel = usual if channel is None else channel
    return None if channel is None else channel - 1


def read_lights(table: Table, controls: Sequence[Control], colours: Mapping[str, int]) -> list[Light | None]:
    """The light of each of a group's controls."""
    off = read_colour(table, "off", colours, 0)
    on, ready = read_colour(table, "on", colours, 127), read_colour(table, "ready", colours, off)
    levels, by = table.wholes("levels", 0, 127), table.one_of("by", MESSAGES, MESSAGES[0])
    numbers = table.wholes("numbers", 0, 127) or tuple(control.number or 0 for control in controls)
    channel = read_channel(table, None)
    texts = table.texts("sysex")
    said = [sysex(table, "sysex", text, value=True) for text in texts] if by == "sysex" else [b""] * len(controls)
    if len(numbers) != len(controls) or len(said) != len(controls):
        raise table.wrong("sysex" if texts else "numbers", f"there are {len(controls)} controls: give one for each")
    table.done()
    usual = Light(controls[0], off, ready, on, levels)
    lights: list[Light | None] = []
    for control, number, message in zip(controls, numbers, said, strict=True):
        lit = replace(control, channel=control.channel if channel is None else channel)
        if by in ("cc", "note"):
            lit = Control("cc" if by == "cc" else "note", number, lit.channel)
        lights.append(replace(usual, control=lit, sysex=message))
    return lights


def read_colour(table: Table, key: str, colours: Mapping[str, int], usual: int) -> int:
    """A value 0..127, or the name of a colour of the file."""
    if not isinstance(table.data.get(key), str):
        return table.whole(key, 0, 127, usual)
    given = table.text(key)
    found = match(given, colours)
    if found is None:
        raise table.wrong(key, f"{unknown('colour', given, tuple(colours))}; [colours] has them")
    return colours[found]


def read_assign(table: Table, groups: Mapping[str, tuple[str, ...]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """[assign]: for each pattern of actions the handles, by name or by group."""
    names = [name for group in groups.values() for name in group]
    found = []
    for pattern in table.data:
        given = table.texts(pattern) if isinstance(table.data[pattern], list) else (table.text(pattern),)
        for name in given:
            if name not in groups and name not in names:
                raise table.wrong(pattern, unknown("control", name, tuple(dict.fromkeys((*groups, *names)))))
        found.append((pattern, tuple(handle for name in given for handle in groups.get(name, (name,)))))
    table.done()
    return tuple(found)


def sysex(table: Table, key: str, text: str, value: bool = False) -> bytes:
    """A system exclusive message in hexadecimal, with VV where a `value` goes, if one does."""
    try:
        found = bytes.fromhex(text.upper().replace("VV", "FF") if value else text)
    except ValueError:
        found = b""
    inner = found[1:-1].replace(bytes((VALUE,)), b"\0", 1) if value else found[1:-1]
    if len(found) < 3 or found[0] != 0xF0 or found[-1] != 0xF7 or max(inner) > 127 or (value and VALUE not in found):
        raise table.wrong(key, 'give bytes in hexadecimal, such as "F0 00 20 29 02 0C 0E 01 F7"' + ", with VV for the value" * value)
    return found


def refuse_shared(path: Path, handles: Sequence[Handle]) -> None:
    """Complain of a control that is there twice: the usual slip of copy and paste."""
    owners: dict[tuple[ControlKind, int | None, int | None], str] = {}
    for handle in handles:
        key = handle.control.kind, handle.control.number, handle.control.channel
        if owners.setdefault(key, handle.name) != handle.name:
            raise UserError(f"{path}: [control]: {handle.name} and {owners[key]} are both {handle.control}: give another number")
