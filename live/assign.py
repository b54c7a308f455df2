"""Which control of a controller does what: the patch's own bindings first, then what the controller's file assigns to what the patch has.

Pure. Knows no ports and no messages; what was learned is put before both.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final, TypeAlias

from mvae.core.actions import Action, Actions
from mvae.core.change import Value
from mvae.core.control import FINE, Control, ControlKind
from mvae.core.control_reader import Touch
from mvae.core.errors import UserError
from mvae.core.patch import Patch
from mvae.live.controller_file import ControllerFile, Handle

AXES: Final = "axes"  # the pattern of a patch's axis knobs
SCENES: Final = "scenes"  # and of scenes by number
CHANNELS: Final = range(16)
Place: TypeAlias = tuple[ControlKind, int, int | None]  # kind, channel, number; None: any number
Deed: TypeAlias = tuple[str, Value]  # an action and its value


@dataclass(frozen=True, slots=True)
class Binding:
    """A control and what it does. `value` is what a button gives; `name` is what a performer calls the control."""

    control: Control
    action: str
    value: Value = None
    name: str = ""
    button: bool = False
    follows: bool = False

    @property
    def deed(self) -> Deed:
        """What it does, and with what."""
        return self.action, self.value


class Bindings:
    """Bindings by place; of several for one place the first is the one."""

    def __init__(self, bindings: Iterable[Binding] = ()) -> None:
        self._at: dict[Place, Binding] = {}
        for binding in bindings:
            for place in places(binding.control):
                self._at.setdefault(place, binding)

    def __iter__(self) -> Iterator[Binding]:
        return iter(dict.fromkeys(self._at.values()))

    def of(self, touch: Touch) -> Binding | None:
        """What a touch is meant for."""
        exact = self._at.get((touch.kind, touch.channel, touch.number))
        return exact or self._at.get((touch.kind, touch.channel, None))

    def at(self, control: Control) -> Binding | None:
        """What a control does; of one that is heard on any channel, on the first."""
        return self._at.get((control.kind, control.channel or 0, control.number))


def places(control: Control) -> list[Place]:
    """Where a control is heard: on its channel or every one, of a 14-bit CC both halves."""
    channels = CHANNELS if control.channel is None else (control.channel,)
    numbers = [control.number]
    if control.kind == "cc" and control.encoding == "absolute14" and control.number is not None:
        numbers.append(control.number + FINE)
    return [(control.kind, channel, number) for channel in channels for number in numbers]


def of_patch(patch: Patch, kind: ControllerFile | None = None, port: str = "") -> tuple[Binding, ...]:
    """What the patch binds for a controller of a kind, at a port; all that it binds, where there is no kind."""

    def meant(controller: str | None) -> bool:
        name = patch.controller if controller is None else controller
        return kind is None or not name or kind.is_meant(name) or name.casefold() in port.casefold()

    knobs = [Binding(knob.control, knob.name) for knob in patch.knobs if knob.control is not None and meant(knob.controller)]
    presses = [(button, control) for button in patch.buttons for control in button.controls if meant(button.controller)]
    programs = [Binding(Control("program", None), patch.programs, button=True)] if patch.programs is not None else []  # whoever says them
    return (*knobs, *(Binding(control, button.action, button.value, button=True) for button, control in presses), *programs)


def of_file(kind: ControllerFile, patch: Patch, actions: Actions, taken: Bindings) -> tuple[Binding, ...]:
    """What the file assigns: each pattern's actions, in the order of the table, to those of its handles that are still free."""
    handles = {handle.name: handle for handle in kind.handles}
    free = {name for name, handle in handles.items() if taken.at(handle.control) is None}
    done: set[Deed] = set()
    found = []
    for pattern, names in kind.assign:
        deeds = [deed for deed in meant(pattern, patch, actions, len(names)) if deed not in done]
        for name in names:
            if name in free and deeds and fits(handles[name], actions[deeds[0][0]]):
                free.discard(name)
                done.add(deeds[0])
                found.append(bound(handles[name], deeds.pop(0)))
    return tuple(found)


def bound(handle: Handle, deed: Deed) -> Binding:
    return Binding(handle.control, *deed, handle.name, handle.button, handle.follows)


def fits(handle: Handle, action: Action) -> bool:
    """Whether a handle can do an action: a button is no knob."""
    return not (handle.button and action.kind == "knob")


def meant(pattern: str, patch: Patch, actions: Actions, most: int) -> list[Deed]:
    """The actions that a pattern of an assignment means here, with what buttons give; none where the patch has none."""
    if pattern == AXES:
        return [(name, None) for name, _ in patch.axes if name in actions]
    if pattern == SCENES:
        return [("scene", str(number)) for number in range(1, most + 1)] if "scene" in actions else []
    if pattern in actions:
        return [(pattern, None)]
    if "*" not in pattern:
        try:
            action, value = actions.parse(pattern)
        except UserError:
            return []
        return [(action.name, value)]
    return [deed for name, deed in every(actions.values()).items() if fnmatchcase(name, pattern)]


def every(actions: Iterable[Action]) -> Mapping[str, Deed]:
    """All actions by name, of a choice every one of its choices."""
    found: dict[str, Deed] = {}
    for action in actions:
        for choice in action.choices:
            found[f"{action.name} {choice}"] = action.name, choice
        if not action.choices:
            found[action.name] = action.name, None
    return found


def layered(learned: Sequence[Binding], patch: Sequence[Binding], file: Sequence[Binding]) -> Bindings:
    """All of them: what was learned wins, and does alone what the patch has bound elsewhere; then the patch's own."""
    anew = {binding.deed for binding in learned}
    return Bindings([*learned, *(binding for binding in patch if binding.deed not in anew), *file])
