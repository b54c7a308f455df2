"""A patch: what the actions mean, as a performer writes it in a TOML file. Frozen data, and finding it by name.

A patch may play several bundles. Each of them sees a patch of its own, with its parts, anchors and axes (`models`); what the knobs say they
share. Knows nothing of ports or of a model's insides.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

from mvae.core.action_table import PATCH_LOAD, table
from mvae.core.actions import Action, Actions
from mvae.core.change import Value
from mvae.core.control import Control, ControlKind, Encoding
from mvae.core.errors import UserError
from mvae.core.latent import Space
from mvae.core.names import match, unknown
from mvae.core.part import Part
from mvae.core.scene import Scene
from mvae.core.standing import knobs_of

DEFAULT_PATCH = "four_corners"
Anchors = tuple[tuple[str, str], ...]  # (slot, name in a bundle)


@dataclass(frozen=True, slots=True)
class Knob:
    """A knob as the patch binds it: `low`, `high`, `curve` shape its travel, `axis` names an axis of every bundle that has it.

    "drums.density" is an axis of the bundle that plays the part drums alone. `default` None is the usual one, in the knob's own unit.
    `smooth_ms` is how long it takes to where a hand puts it. Its control is a CC, an NRPN or the pitch bend.
    """

    name: str
    low: float
    high: float
    curve: str = "linear"
    default: float | None = None
    axis: str | None = None
    cc: int | None = None
    channel: int | None = None  # 0..15; None: any
    osc: str | None = None
    nrpn: int | None = None
    pitchbend: bool = False
    encoding: Encoding = "absolute7"
    controller: str | None = None  # a part of the name of the controller that has the control; None: any, or the patch's
    smooth_ms: float = 0.0

    @property
    def control(self) -> Control | None:
        """What turns it."""
        if self.pitchbend:
            return Control("pitchbend", 0, self.channel, "absolute14")
        if self.nrpn is not None:
            return Control("nrpn", self.nrpn, self.channel, self.encoding)
        return None if self.cc is None else Control("cc", self.cc, self.channel, self.encoding)


@dataclass(frozen=True, slots=True)
class Button:
    """A pad, note, CC, program change or key that does an action with a value."""

    name: str
    action: str
    value: Value = None
    note: int | None = None
    cc: int | None = None
    channel: int | None = None  # 0..15; None: any
    key: str | None = None
    program: int | None = None  # 0..127
    controller: str | None = None  # a part of the name of the controller that has the control; "": any; None: any, or the patch's

    @property
    def controls(self) -> tuple[Control, ...]:
        """What presses it, keys aside."""
        given: tuple[tuple[ControlKind, int | None], ...] = (("note", self.note), ("cc", self.cc), ("program", self.program))
        return tuple(Control(kind, number, self.channel) for kind, number in given if number is not None)


@dataclass(frozen=True, slots=True)
class Patch:
    """A patch that was read from `file`. `anchors` are (slot, name in the bundle): two make a morph, four a pad.

    `own_anchors` are (part, anchors) for bundles that have others: those that play the part. `choices` are (name, value) of those that
    begin elsewhere than usual: quantise, key, scale. `humanize` is (bundle, anchor): whose feel
    parts may take. `anchors_key` is where the anchors stand in the file.
    """

    file: Path
    name: str
    start: str
    tempo_bpm: float | None
    parts: tuple[Part, ...]
    anchors: Anchors
    knobs: tuple[Knob, ...] = ()
    buttons: tuple[Button, ...] = ()
    own_anchors: tuple[tuple[str, Anchors], ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    humanize: tuple[str, str] | None = None
    listen: str | None = None  # the slot that what is played in leads, bar by bar
    anchors_key: str = "[anchors]"
    scenes: tuple[Scene, ...] = ()
    song: tuple[str, ...] = ()  # names of scenes, here or kept by the user
    controller: str | None = None  # whose the controls are where a knob or button does not say; None: any controller's
    programs: str | None = None  # the action that every program change does which no button has; None: as the controller's file says

    @property
    def smooth_ms(self) -> Mapping[str, float]:
        """How long knobs take to where they are put, those that do."""
        return {knob.name: knob.smooth_ms for knob in self.knobs if knob.smooth_ms > 0}

    @property
    def slots(self) -> tuple[str, ...]:
        """The anchors' slots: A, B or A, B, C, D; the same for every bundle."""
        return tuple(slot for slot, _ in self.anchors or self.own_anchors[0][1])

    @property
    def bundles(self) -> tuple[str, ...]:
        """Every bundle that is played, as the patch names it, in the order of the parts."""
        return tuple(dict.fromkeys(part.bundle for part in self.parts))

    @property
    def axes(self) -> tuple[tuple[str, str], ...]:
        """(knob, axis of the bundle) of every axis knob."""
        return tuple((knob.name, knob.axis) for knob in self.knobs if knob.axis is not None)

    def actions(self, temperatures: Mapping[str, float] | None = None) -> Actions:
        """All that can be done with this patch; `temperatures` by bundle are the model cards', the default where the patch gives none.

        The knob `temperature` starts at the first bundle's, and the share of a part of another bundle makes up for the difference.
        """
        names, melodic = (part.name for part in self.parts), [part.name for part in self.parts if part.melodic]
        known = table(self.slots, (name for name, _ in self.axes), names, melodic, self.humanize is not None, self.listen is not None)
        of = {part.name: (temperatures or {}).get(part.bundle) for part in self.parts}
        first = of[self.parts[0].name]
        usual = {"temperature": first, "tempo": self.tempo_bpm}
        for part in self.parts:
            usual |= knobs_of(part)
        usual |= {f"{name}.temperature": min(own / first, 2.0) for name, own in of.items() if own is not None and first}
        owns = {f"{part.name}.out": "own" for part in self.parts if part.port is not None}
        bound, begins = {knob.name: knob for knob in self.knobs}, owns | dict(self.choices)
        ranged = (as_bound(action, bound.get(action.name), usual.get(action.name)) for action in known)
        return Actions(as_chosen(action, begins.get(action.name)) for action in ranged)

    def start_tempo(self, asked_bpm: float | None = None) -> float:
        """The tempo to begin with, in BPM: the one asked for, else the patch's. Raises UserError for one that its knob cannot reach."""
        knob = self.actions()["tempo"]
        if asked_bpm is not None and not knob.low <= asked_bpm <= knob.high:
            raise UserError(f"tempo {asked_bpm:g}: in {self.file} it goes from {knob.low:g} to {knob.high:g} BPM")
        return knob.default if asked_bpm is None else asked_bpm

    def check(self, space: Space) -> "Patch":
        """The patch with anchors and axes spelled as `space` spells them. Raises UserError for one that is not there, with the list."""
        anchors = tuple((slot, self._known("anchor", f"{self.anchors_key} {slot}", name, space.anchors)) for slot, name in self.anchors)
        knobs = tuple(
            knob if knob.axis is None else replace(knob, axis=self._known("axis", f"[knob.{knob.name}] axis", knob.axis, space.axes))
            for knob in self.knobs
        )
        return replace(self, anchors=anchors, knobs=knobs)

    def with_ways_of(self, before: "Patch") -> "Patch":
        """The patch, with what led from the one before it to others: its program changes, where this one says none, and its buttons.

        What this one binds itself comes first, wherever the same pad or key would do both.
        """
        anyone = before.controller or ""
        loads = (button for button in before.buttons if button.action == PATCH_LOAD)
        ways = (button if button.controller is not None else replace(button, controller=anyone) for button in loads)
        return replace(self, programs=self.programs or before.programs, buttons=tuple(dict.fromkeys((*self.buttons, *ways))))

    def models(self, spaces: Mapping[str, Space]) -> tuple["Patch", ...]:
        """The patch as each of `bundles` sees it, checked against its space. An axis without a part is that of every bundle which has it.

        Raises UserError as `check`.
        """

        def reaches(axis: str, space: Space) -> bool:
            lives = any(match(axis, other.axes) for other in spaces.values())
            return not lives or match(axis, space.axes) is not None

        found, named = [], [knob.name for knob in self.knobs if knob.axis is None or "." in knob.axis]
        for bundle in self.bundles:
            alone, space = self.alone(bundle), spaces[bundle]
            knobs = tuple(knob for knob in alone.knobs if knob.name in named or reaches(knob.axis or "", space))
            found.append(replace(alone, knobs=knobs).check(space))
        return tuple(found)

    def alone(self, bundle: str) -> "Patch":
        """The patch with nothing but what may concern one of its bundles: its parts, its anchors, axes that are no other's."""
        parts = tuple(part for part in self.parts if part.bundle == bundle)
        names = [part.name for part in parts]
        key, anchors = next(((f"[anchors.{name}]", own) for name, own in self.own_anchors if name in names), ("[anchors]", self.anchors))
        knobs = []
        for knob in self.knobs:
            part, _, axis = (knob.axis or "").rpartition(".")
            if not part or part in names:
                knobs.append(replace(knob, axis=axis or None))
        return replace(self, parts=parts, anchors=anchors, own_anchors=(), anchors_key=key, knobs=tuple(knobs))

    def bundle_folder(self, bundle: str, key: str = "[[part]] bundle") -> Path:
        """Where a bundle lies: one shipped by that name, or a path relative to the patch file. Raises UserError with the list."""
        beside = self.file.parent / bundle
        if beside.is_dir():
            return beside
        shipped = {folder.name: folder for folder in sorted((shipped_folder() / "bundles").glob("*/"))}
        found = match(bundle, shipped)
        if found is None:
            raise UserError(f'{self.file}: {key} = "{bundle}": {unknown("bundle", bundle, tuple(shipped))}; or give a folder')
        return shipped[found]

    def _known(self, what: str, key: str, name: str, names: Iterable[str]) -> str:
        found = match(name, names)
        if found is None:
            raise UserError(f'{self.file}: {key} = "{name}": {unknown(f"{what} of the bundle", name, tuple(names))}')
        return found


def as_bound(action: Action, knob: Knob | None, usual: float | None) -> Action:
    """The action with the range, curve and default that the patch gives it; `usual` stands in for the action's own default."""
    default = action.default if usual is None else usual
    if knob is None:
        return replace(action, default=default)
    default = default if knob.default is None else knob.default
    return replace(action, low=knob.low, high=knob.high, curve=knob.curve, default=min(max(default, knob.low), knob.high))


def as_chosen(action: Action, first: str | None) -> Action:
    """The action; a choice begins with `first`, where that is given."""
    return action if first is None else replace(action, choices=(first, *(choice for choice in action.choices if choice != first)))


def shipped_folder() -> Path:
    """The folder of the patches and bundles that come with mvae."""
    return Path(str(files("mvae.patches")))


def list_patches() -> tuple[Path, ...]:
    """The patch files that come with mvae; a patch's name is its file's stem."""
    return tuple(sorted(shipped_folder().glob("*.toml")))


def find_patch(name_or_path: str) -> Path:
    """The file of a shipped patch's name, or the path itself. Raises UserError with the list of what exists."""
    path = Path(name_or_path)
    if path.suffix == ".toml" or len(path.parts) > 1:
        return path
    by_name = {file.stem: file for file in list_patches()}
    found = match(name_or_path, by_name)
    if found is None:
        raise UserError(f"{unknown('patch', name_or_path, tuple(by_name))}; or give a .toml file")
    return by_name[found]
