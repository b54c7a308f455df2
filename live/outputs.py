"""The player's outputs by slot: the instrument's own and those that parts have of their own. Slots of one port share its output.

In the player's process; imports next to nothing. Knows nothing of notes, nor of how ports are found and opened again (`switching`).
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import astuple, dataclass

from mvae.core.part import MAIN
from mvae.live import wire
from mvae.live.output import EVERY, Output


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot and the port it is to have: `fragment` of an output's name; empty for a virtual port called `name`.

    `option` is what a performer has said it with; without one, the port may be missing for a while. `successor_of` is the full name of a
    dead player's virtual port.
    """

    number: int
    name: str
    fragment: str = ""
    option: str = "--port"
    successor_of: str = ""

def slots_text(slots: Iterable[Slot]) -> str:
    """Slots as the player's process is told them."""
    return json.dumps([astuple(slot) for slot in slots])


def slots_of_text(text: str) -> list[Slot]:
    """What `slots_text` has said."""
    return [Slot(*fields) for fields in json.loads(text)]


class Outputs:
    """Several outputs as one. A slot that has none plays on the instrument's own."""

    remark: str

    def __init__(self, slots: Mapping[int, Output]) -> None:
        self._slots = dict(slots)
        self._distinct = self.distinct()
        self.remark = "; ".join(dict.fromkeys(out.remark for out in self.distinct() if out.remark))

    @property
    def port(self) -> str:
        return self._slots[MAIN].port

    @property
    def api(self) -> str:
        return self._slots[MAIN].api

    @property
    def virtual(self) -> bool:
        return self._slots[MAIN].virtual

    def send(self, message: bytes, slot: int = EVERY) -> bool:
        """To the output of a slot, or to each output once."""
        if slot == EVERY:
            taken = [out.send(message) for out in self._distinct]
            return all(taken)
        return (self._slots.get(slot) or self._slots[MAIN]).send(message)

    def distinct(self) -> list[Output]:
        """Each output once, the instrument's own first."""
        return list(dict.fromkeys(self._slots[number] for number in sorted(self._slots)))

    def of(self, slot: int) -> Output | None:
        return self._slots.get(slot)

    def sharing(self, slot: int) -> tuple[int, ...]:
        """The slots that play on the output of this one, itself among them."""
        out = self._slots.get(slot)
        return tuple(number for number, other in self._slots.items() if other is out) if out else (slot,)

    def put(self, slots: Iterable[int], out: Output) -> None:
        """Let slots play on another output from now on."""
        self._slots.update(dict.fromkeys(slots, out))
        self._distinct = self.distinct()

    def opened(self) -> tuple[wire.Opened, ...]:
        """Which port each slot has."""
        return tuple(wire.Opened(number, out.port, out.api, out.virtual) for number, out in self._slots.items())

    def close(self) -> None:
        for out in self.distinct():
            out.close()


def open_slots(slots: Iterable[Slot], open_one: Callable[[Slot, list[Output]], Output]) -> Outputs:
    """Open every slot's port; `open_one` may give one of those that are open already. The first that fails closes all."""
    found: dict[int, Output] = {}
    same: dict[tuple[str, str], Output] = {}
    try:
        for slot in slots:
            key = slot.name, slot.fragment.casefold()
            same[key] = found[slot.number] = same.get(key) or open_one(slot, list(found.values()))
    except BaseException:
        for out in dict.fromkeys(found.values()):
            out.close()
        raise
    return Outputs(found)
