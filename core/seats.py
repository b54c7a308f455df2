"""The slots in which the parts of one patch after another have their own ports: what has sounded somewhere sounds there again.

Pure: the same patches in the same order give the same slots, on stage as in a bounce. Slot MAIN is the instrument's and never given.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

from mvae.core.errors import UserError
from mvae.core.part import MAIN, VIRTUAL, Part
from mvae.core.patch import Patch

MOST = 16  # slots besides the instrument's
Homes: TypeAlias = Mapping[str, int]  # of each port that parts have had, by what it is called: its slot


def home(part: Part) -> str:
    """What a part's own port is known by: the name that its patch gives, or the part's own."""
    return f"part {part.name}" if part.port in (None, VIRTUAL) else f"port {str(part.port).casefold()}"


def first_homes(patch: Patch) -> Homes:
    """The slots of the first patch, as it was read."""
    return {home(part): part.slot for part in patch.parts}


def seated(patch: Patch, homes: Homes, sounding: Patch) -> tuple[Patch, Homes]:
    """The patch with slots that fit `homes`, while another one still sounds; and the homes from then on.

    UserError where there are not enough.
    """
    taken = {part.slot for part in sounding.parts}
    found, kept = dict[str, int](), dict(homes)
    for name in map(home, patch.parts):
        if name not in found:
            found[name] = kept[name] if name in kept else free(patch, set(kept.values()), taken, set(found.values()))
            kept = {other: slot for other, slot in kept.items() if slot != found[name]} | {name: found[name]}
    return replace(patch, parts=tuple(replace(part, slot=found[home(part)]) for part in patch.parts)), kept


def free(patch: Patch, known: set[int], sounding: set[int], given: set[int]) -> int:
    """A slot that was never given, or else one where nothing sounds."""
    slots = range(MAIN + 1, MAIN + 1 + MOST)
    for avoided in (known | sounding | given, sounding | given):
        for slot in slots:
            if slot not in avoided:
                return slot
    raise UserError(f"{patch.file}: its parts and those that sound have more than {MOST} ports: stop first")
