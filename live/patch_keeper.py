"""Keeps what was learned in the patch's file: the keys that change, and nothing else of what its author wrote.

A patch that comes with mvae stays as it is; a copy of it goes into the user's folder. A file is replaced whole or not at all, and only by
one that can be read. What is kept takes the place of what was kept before, so that what was forgotten is gone, unless somebody else has
edited the file since. Waits for the disk: not for the thread that plays.
"""

import os
import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mvae.core.control import Control
from mvae.core.errors import UserError
from mvae.core.names import plain
from mvae.core.patch import Button, Knob, Patch, shipped_folder
from mvae.core.patch_file import read_patch
from mvae.core.toml_edit import Scalar, Unusual, edited, without_table
from mvae.live.assign import Binding, Deed
from mvae.live.library import home

FOLDER: Final = "patches"  # of the user's
TRIAL: Final = ".trial.toml"  # what a file's name ends in until it has been read again
KEYS: Final = ("cc", "nrpn", "pitchbend", "note", "program")
NONE: Final[Mapping[str, Scalar | None]] = dict.fromkeys((*KEYS, "encoding", "channel", "controller"))


@dataclass(frozen=True, slots=True)
class Learned:
    """A control of the `controller` called so was bound; `says` is the action and its value as a patch writes them."""

    controller: str
    binding: Binding
    says: str


class PatchKeeper:
    """The file of a patch that is played. `file` is where it is kept by now."""

    def __init__(self, patch: Patch) -> None:
        self.file = patch.file
        self._before: tuple[str, Patch] | None = None  # the file before anything was kept in it
        self._written = ""  # what was kept last

    @property
    def has_kept(self) -> bool:
        """Whether the file has something that was learned."""
        return bool(self._written)

    def keep(self, learned: Sequence[Learned]) -> Path:
        """Write it all; where. UserError, in one line, for a file that cannot be read, edited or written."""
        try:
            text = self.file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(f"{self.file}: cannot be read again ({error})") from None
        if self._before is None or text != self._written:
            self._before = text, read_patch(self.file)
        text, patch = self._before
        try:
            for each in learned:
                text = with_learned(text, patch, each)
        except Unusual as problem:
            raise UserError(f"{self.file}: {problem}; write the controls into it by hand: {said(learned)}") from None
        target = self._target()
        try:
            self._replace(target, text)
        except OSError as error:
            raise UserError(f"{target}: not kept ({error.strerror}); give MVAE_HOME a folder that can be written") from None
        self.file, self._written = target, text
        return target

    def _target(self) -> Path:
        """The file itself, or a new one of the user's for a patch that comes with mvae."""
        if shipped_folder().resolve() not in self.file.resolve().parents:
            return self.file.resolve()
        folder, stem = home() / FOLDER, self.file.stem
        names = (f"{stem}{'' if number == 1 else f'_{number}'}.toml" for number in range(1, 1 << 20))
        return next(path for name in names if not (path := folder / name).exists())

    def _replace(self, target: Path, text: str) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        trial = target.with_suffix(TRIAL)
        try:
            trial.write_text(text, encoding="utf-8", newline="")
            read_patch(trial)
            os.replace(trial, target)
        finally:
            trial.unlink(missing_ok=True)


def said(learned: Sequence[Learned]) -> str:
    """What was learned, in a line."""
    return "; ".join(f"{each.says}: {each.binding.control}" for each in learned)


def with_learned(text: str, patch: Patch, learned: Learned) -> str:
    """The text of a patch with one more control. Whatever the same control did before, it does no more. Raises Unusual."""
    knobs = {knob.name: knob for knob in patch.knobs}
    buttons = {button.name: button for button in patch.buttons}
    action, keys = learned.binding.action, keys_of(learned)
    taken = tomllib.loads(text).get("button", {})
    own: tuple[str, ...] = ("button", button_name(buttons, taken, learned)) if learned.binding.button else ("knob", *action.split("."))
    for name, knob in knobs.items():
        if ("knob", *name.split(".")) != own and takes(knob, learned):
            text = edited(text, ("knob", *name.split(".")), NONE)
    for name, button in buttons.items():
        if ("button", name) != own and takes(button, learned):
            text = edited(text, ("button", name), NONE) if button.key is not None else without_table(text, ("button", name))
    does = {"does": learned.says} if learned.binding.button and own[1] not in buttons else {}
    return edited(text, own, {**does, **NONE, **keys})


def takes(bound: Knob | Button, learned: Learned) -> bool:
    """Whether what a patch has bound is the very control of the very controller."""
    controls = bound.controls if isinstance(bound, Button) else (bound.control,)
    same = (control is not None and overlap(control, learned.binding.control) for control in controls)
    return bound.controller == learned.controller and any(same)


def overlap(one: Control, other: Control) -> bool:
    """Whether two controls are heard at the same place."""
    same = (one.kind, one.number) == (other.kind, other.number)
    return same and (one.channel is None or other.channel is None or one.channel == other.channel)


def keys_of(learned: Learned) -> dict[str, Scalar | None]:
    """A control as a patch writes it."""
    control = learned.binding.control
    number: Scalar = True if control.kind == "pitchbend" else (control.number or 0) + (control.kind == "program")
    keys: dict[str, Scalar | None] = {control.kind: number}
    if control.encoding != "absolute7" and control.kind != "pitchbend":
        keys["encoding"] = control.encoding
    if control.channel is not None:
        keys["channel"] = control.channel + 1
    return {**keys, "controller": learned.controller}


def button_name(buttons: Mapping[str, Button], taken: Collection[str], learned: Learned) -> str:
    """The button of the patch that does this already; a name that none has, where there is none."""
    deed: Deed = learned.binding.deed
    same = [name for name, button in buttons.items() if (button.action, button.value) == deed and name in taken]
    words = (re.sub("[^a-z0-9]", "", plain(word)) for word in learned.says.split())
    stem = "_".join(filter(None, words)) or "learned"
    names = (f"{stem}{'' if number == 1 else f'_{number}'}" for number in range(1, len(taken) + 2))
    return same[0] if same else next(name for name in names if name not in taken)
