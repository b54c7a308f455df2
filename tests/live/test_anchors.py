"""The anchor board: points stored, sampled and loaded, recalled to the bit, kept, and in the log so that a take comes out again."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mvae.core.points import text_of
from mvae.live.anchors import AnchorBoard
from mvae.live.control_log import read
from mvae.live.library import Library
from mvae.live.take import log_path
from tests.live.desk import Desk, GuestHall
from tests.live.form_hall import FormHall, band_of, played_again
from tests.live.hall import BAR_S
from tests.live.orchestra import orchestra
from tests.toy_space import point


def test_a_stored_point_is_recalled_to_the_bit_with_the_axes_as_they_stand(tmp_path: Path) -> None:
    with FormHall(tmp_path) as hall:
        hall.do("density", 1.5)
        hall.play(2.2 * BAR_S)
        there = hall.band.points(hall.instrument.heard)
        hall.do("store C", "my groove")
        hall.run(0.05)
        hall.do("recall C")
        hall.run(0.05)
        (here,) = hall.band.points(hall.panel.snapshot()).values()
        assert here.tobytes() == there["toy"].tobytes() and hall.last("/mvae/anchor/C") == ("my groove",)


def test_however_often_a_slot_is_stored_without_a_name_the_library_has_one_point_of_it(tmp_path: Path) -> None:
    with FormHall(tmp_path) as hall:
        for action in ("store A", "store B", "store A", "store A"):
            hall.do(action)
            hall.run(0.02)
        assert hall.last("/mvae/anchor/A") == ("anchor A",) and list(hall.form.board.kept) == ["anchor B", "anchor A"]
    assert len(list(tmp_path.glob("anchors/*"))) == 2


def test_what_is_stored_survives_a_restart_to_the_bit(tmp_path: Path) -> None:
    with FormHall(tmp_path) as hall:
        hall.do("store B", "late night")
        hall.do("sample D", "thin air")
        hall.run(0.05)
        corners = hall.band.corners()
    with FormHall(tmp_path, band=band_of(seed=99)) as hall:
        assert hall.band.corners()["B"]["toy"].tolist() == [0.0, 2.0, 0.0, 0.0]  # the set begins as the patch says
        hall.do("load B", "Late-Night")
        hall.do("load D", "thin air")
        hall.run(0.05)
        for slot in "BD":
            assert hall.band.corners()[slot]["toy"].tobytes() == corners[slot]["toy"].tobytes()
        assert hall.last("/mvae/anchor/B") == ("late night",)
        hall.do("load B")
        hall.run(0.05)
        assert hall.band.corners()["B"]["toy"].tolist() == [0.0, 2.0, 0.0, 0.0] and hall.last("/mvae/anchor/B") == ("funk",)


@pytest.mark.parametrize("proof", ["1", "2"])
def test_a_point_kept_with_another_version_of_the_bundle_is_loaded_with_a_word(tmp_path: Path, proof: str) -> None:
    with FormHall(tmp_path) as hall:
        hall.do("store B", "mine")
        hall.run(0.02)
    with FormHall(tmp_path, proof=proof) as hall:
        hall.do("load A", "mine")
        hall.run(0.02)
        assert hall.last("/mvae/anchor/A") == ("mine",) and ("another version" in hall.instrument.remark) == (proof == "2")


def test_samples_are_the_seeds_and_differ_from_each_other(tmp_path: Path) -> None:
    def drawn(seed: int) -> list[bytes]:
        with FormHall(tmp_path, band=band_of(seed=seed)) as hall:
            for slot in "AB":
                hall.do(f"sample {slot}")
            hall.run(0.02)
            return [hall.band.corners()[slot]["toy"].tobytes() for slot in "AB"]

    assert drawn(1) == drawn(1) != drawn(2) and len(set(drawn(1))) == 2


@pytest.mark.parametrize(
    ("action", "name", "why"),
    [
        ("load A", "fnuk", "no anchor 'fnuk' (did you mean 'funk'?)"),
        ("store A", "jazz", "is an anchor of the bundle"),
        ("store A", "--", "letter"),
    ],
)
def test_a_name_that_cannot_be_meant_is_told_and_changes_nothing(tmp_path: Path, action: str, name: str, why: str) -> None:
    with FormHall(tmp_path) as hall:
        before = hall.band.corners()["A"]["toy"]
        hall.do(action, name)
        hall.run(0.02)
        assert why in hall.instrument.remark and why in str(hall.last("/mvae/error")[1])
        assert hall.band.corners()["A"]["toy"] is before


def test_a_point_of_another_size_is_refused(tmp_path: Path) -> None:
    with FormHall(tmp_path) as hall, pytest.raises(ValueError, match="toy has points of 4 numbers, this one has 2"):
        hall.form.board.place("A", {"toy": point(1, 2)}, "odd")


def test_a_load_glides_over_as_many_beats_as_the_knob_says(tmp_path: Path) -> None:
    with FormHall(tmp_path) as hall:
        hall.do("x", 0.0), hall.do("y", 0.0), hall.do("glide", 4.0)
        hall.play(0.1)
        first = hall.band.points(hall.instrument.heard)["toy"]
        hall.do("load A", "latin")
        hall.run(0.02)
        assert hall.band.points(hall.instrument.heard)["toy"].tobytes() == first.tobytes()
        ways = []
        for _ in range(16):
            hall.run(BAR_S / 16)
            ways.append(float(hall.band.points(hall.instrument.heard)["toy"] @ point(0, 0, 0, 0.5)))
        assert ways == sorted(ways) and len(set(ways)) >= 14 and ways[-1] == 1.0


def test_a_take_with_points_placed_comes_out_again_byte_for_byte(tmp_path: Path) -> None:
    path = tmp_path / "take.mid"
    with FormHall(tmp_path, path) as hall:
        hall.do("sample B")
        hall.play(0.4 * BAR_S)
        for action, value in (("sample A", None), ("store D", None), ("glide", 3.0), ("load A", "latin"), ("reseed", None), ("load A", "")):
            hall.do(action, value)
            hall.run(0.7 * BAR_S)
        hall.do("stop")
        hall.run(0.1)
        hall.do("sample C")
        hall.do("continue")
        hall.run(BAR_S)
        hall.instrument.finish()
    assert played_again(path, band_of()) == path.read_bytes()
    placed = [slot for act in read(log_path(path))[1] if act.do == "anchor" for slot in act.points]
    assert placed == ["B", "A", "D", "A", "A", "C"]


def test_a_take_of_a_band_whose_bundles_have_anchors_of_their_own_comes_out_again(tmp_path: Path) -> None:
    path = tmp_path / "take.mid"
    with FormHall(tmp_path, path, band=orchestra()) as hall:
        hall.do("load A", "jazz")
        hall.play(0.4 * BAR_S)
        hands = (("sample A", None), ("store D", "four of them"), ("load B", "latin"), ("glide", 2.0), ("load C", "four of them"))
        for action, value in hands:
            hall.do(action, value)
            hall.run(0.7 * BAR_S)
        hall.instrument.finish()
        assert {bundle for points in hall.band.corners().values() for bundle in points} == {"groove", "tunes", "trio"}
        assert [name.tolist() for name in hall.band.corners()["B"].values()] == [[0, 0, 0, 2]] * 3  # also where B was another
    assert played_again(path, orchestra()) == path.read_bytes()


def test_points_of_one_bundle_leave_the_others_alone(tmp_path: Path) -> None:
    with FormHall(tmp_path, band=orchestra()) as hall:
        before = hall.band.corners()["C"]
        hall.form.board.place("C", {"tunes": point(1, 1, 1, 1)}, "captured")
        after = hall.band.corners()["C"]
        assert after["groove"] is before["groove"] and after["tunes"].tolist() == [1, 1, 1, 1]


def test_a_guest_places_points_while_the_song_stands_and_while_it_plays_and_its_take_comes_out_again(tmp_path: Path) -> None:
    path, desk = tmp_path / "take.mid", Desk()
    hall = GuestHall(desk, path)
    with hall, Library(tmp_path) as library:
        hall.instrument.add(AnchorBoard(hall.instrument, library))
        desk.play(48)
        hall.run_out()
        hall.do("sample A")
        desk.play(24)
        hall.run_out()
        desk.send(b"\xfa").play(24 * 6)
        hall.run_out()
        hall.do("sample B")
        desk.play(24 * 6)
        hall.run_out()
        desk.send(b"\xfc").play(6)
        hall.run_out()
        assert len(hall.ons()) > 30
        hall.instrument.finish()
    assert played_again(path, band_of()) == path.read_bytes()


def test_the_log_has_each_point_exactly(tmp_path: Path) -> None:
    path = tmp_path / "take.mid"
    odd = np.float32([1 / 3, -0.0, 1e-30, 3e8])
    with FormHall(tmp_path, path) as hall:
        hall.form.board.place("A", {"toy": odd}, "odd")
        hall.play(BAR_S)
        hall.instrument.finish()
    (act,) = [act for act in read(log_path(path))[1] if act.do == "anchor"]
    assert act.points == {"A": {"toy": text_of(odd)}}


def test_a_kept_point_that_a_patch_names_is_stored_anew_by_its_name(tmp_path: Path) -> None:
    with FormHall(tmp_path) as hall:
        hall.do("store A", "first light")
        hall.run(0.02)
        space = hall.band.lookaheads[0].model.space
        anchors = {**space.anchors, "first light": hall.form.board.kept["first light"]["toy"]}
        hall.band.lookaheads[0].model.space = replace(space, anchors=anchors)
        hall.do("x", 1.0)
        hall.do("store B", "first light")
        hall.run(0.02)
        assert hall.form.board.names["B"] == "first light" and not [words for words in hall.told if words[0] == "/mvae/error"]
