"""Another patch on somebody else's clock: before the master starts, while its song plays, and once it stands."""

from pathlib import Path

import pytest

from mvae.core.patch_file import read_patch
from mvae.live import wire
from mvae.live.bounce import Bounce
from mvae.live.control_log import Take, read
from mvae.live.library import Library
from mvae.live.patch_change import PatchChange
from tests.live.desk import Desk, GuestHall
from tests.live.hall import BPM, SEED, panel, toy_band
from tests.live.patch_hall import AtOnce, PatchHall
from tests.live.patch_hall import shelf as shelf
from tests.live.studio import FA, FB, FC

CLOCKS_PER_BAR = 96


class PatchGuest(GuestHall):
    """A guest that changes patches."""

    def __init__(self, desk: Desk, folder: Path, path: Path | None = None) -> None:
        super().__init__(desk, path)
        self.folder = folder
        changes = PatchChange(self.instrument, Library(folder), lambda ready: None)
        changes.pool.shutdown()
        changes.pool = AtOnce()
        self.instrument.add(changes)

    def load(self, name: str) -> None:
        self.do("patch load", str(self.folder / f"{name}.toml"))

    def played(self, part: str) -> set[tuple[int, int, int]]:
        """(step, pitch, velocity) of what a part has sounded."""
        number = [each.name for each in self.instrument.band.roster].index(part)
        ons = (sent for sent in self.of(wire.Sent) if isinstance(sent, wire.Sent) and sent.on and sent.part == number)
        return {(on.step, on.pitch, on.velocity) for on in ons}


def alone(shelf: Path, name: str, part: str, first: int, end: int) -> set[tuple[int, int, int]]:
    """The same of a patch that plays by itself, from a step to another."""
    with PatchHall(shelf, name) as hall:
        hall.play(8 * 2.0)
        heard = {(16 * bar + step, *rest) for bar, notes in hall.bars(part).items() for step, *rest in notes}
        return {note for note in heard if first <= note[0] < end}


def again(path: Path) -> bytes:
    take, acts = read(path.with_suffix(".log"))
    assert take is not None
    offline = Bounce(panel(), toy_band(), Take("toy", SEED, BPM, {}), lambda act: read_patch(Path(act.patch)))
    data = offline.play(acts, None)
    assert offline.remarks() == []
    return data


@pytest.mark.parametrize("armed", [True, False])
def test_the_masters_song_begins_or_goes_on_with_it(shelf: Path, tmp_path: Path, armed: bool) -> None:
    desk = Desk().play(60).send(FA).play(4 * CLOCKS_PER_BAR + 5).send(FC).play(30).send(FB).play(150)
    with PatchGuest(desk, shelf, tmp_path / "take.mid") as hall:
        hall.run(0.6 if armed else 3.0)
        assert hall.playing != armed
        hall.load("bars")
        hall.run_out()
        hall.instrument.finish()
        first = 0 if armed else 16
        assert alone(shelf, "bars", "lead", first, 60) <= hall.played("lead") and not hall.of(wire.Repeated)
        assert {step for step, *_ in hall.played("low")} <= set(range(first, 200))
    assert again(tmp_path / "take.mid") == (tmp_path / "take.mid").read_bytes()


def test_where_the_song_stands_it_lies_ready_for_where_it_goes_on(shelf: Path, tmp_path: Path) -> None:
    desk = Desk().play(60).send(FA).play(150).send(FC).play(60).send(FB).play(200)
    with PatchGuest(desk, shelf, tmp_path / "take.mid") as hall:
        hall.run(60 * 60 / 120 / 24 + 150 * 60 / 120 / 24 + 0.3)
        assert not hall.playing
        before = hall.played("drums")
        hall.load("flat")
        hall.run_out()
        hall.instrument.finish()
        assert hall.played("drums") == before and hall.played("lead") and not hall.of(wire.Repeated)
    assert again(tmp_path / "take.mid") == (tmp_path / "take.mid").read_bytes()
