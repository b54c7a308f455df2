"""Which slot a part's own port has, patch after patch."""

from dataclasses import replace
from pathlib import Path

import pytest

from mvae.core.errors import UserError
from mvae.core.part import VIRTUAL, Part
from mvae.core.patch import Patch
from mvae.core.seats import MOST, first_homes, seated


def patch(*ports: tuple[str, str | None]) -> Patch:
    parts = tuple(Part(name, "toy", (), port=port, slot=number) for number, (name, port) in enumerate(ports, 1))
    return Patch(Path("toy.toml"), "Toy", "now", None, parts, (("A", "rock"), ("B", "funk")))


def slots(patch: Patch) -> dict[str, int]:
    return {part.name: part.slot for part in patch.parts}


FIRST = patch(("drums", None), ("bass", "IAC"))


def test_a_port_and_a_part_of_the_same_name_keep_their_slot_and_others_get_one_that_was_never_given() -> None:
    found, homes = seated(patch(("lead", "iac"), ("pad", None), ("drums", VIRTUAL)), first_homes(FIRST), FIRST)
    assert slots(found) == {"lead": 2, "pad": 3, "drums": 1}
    again, _ = seated(FIRST, homes, found)
    assert slots(again) == slots(FIRST)


def test_when_all_were_given_one_is_given_again_where_nothing_sounds() -> None:
    homes = first_homes(FIRST) | {f"part old {number}": number for number in range(3, MOST + 1)}
    found, later = seated(patch(("lead", None)), homes, FIRST)
    assert slots(found) == {"lead": 3} and later["part lead"] == 3 and "part old 3" not in later


def test_more_ports_than_there_are_slots_are_told() -> None:
    full = replace(FIRST, parts=tuple(Part(f"a{number}", "toy", (), slot=number) for number in range(1, MOST + 1)))
    with pytest.raises(UserError, match="more than 16 ports: stop first"):
        seated(patch(("lead", None)), first_homes(full), full)
