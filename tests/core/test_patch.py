from dataclasses import replace
from pathlib import Path

import pytest

from mvae.core.errors import UserError
from mvae.core.latent import Space
from mvae.core.patch import DEFAULT_PATCH, find_patch, list_patches, shipped_folder
from mvae.core.patch_file import load_patch
from tests.toy_space import PAD, toy_patch, toy_space

DENSITY = '[knob.busy]\naxis = "density"\nrange = [-1, 1]\ncurve = "square"\ndefault = 0.5\n'


def test_the_shipped_patches_load_by_a_kindly_matched_name() -> None:
    assert {"first_light", DEFAULT_PATCH} <= {path.stem for path in list_patches()}
    assert load_patch("First Light") == load_patch("first_light") == load_patch(str(shipped_folder() / "first_light.toml"))
    assert load_patch(DEFAULT_PATCH).slots == ("A", "B", "C", "D")


def test_an_unknown_patch_is_answered_with_the_list() -> None:
    with pytest.raises(UserError, match=r"no patch 'frist_light' \(did you mean 'first_light'\?\); there are: .*four_corners"):
        find_patch("frist_light")


def test_the_actions_of_a_patch_have_its_ranges_curves_and_defaults(tmp_path: Path) -> None:
    actions = toy_patch(tmp_path, "tempo = 97\n" + PAD + DENSITY).actions({"toy": 0.8})
    busy = actions["busy"]
    assert (busy.low, busy.high, busy.curve, busy.default, busy.address) == (-1.0, 1.0, "square", 0.5, "/mvae/knob/busy")
    assert (actions["tempo"].default, actions["temperature"].default) == (97.0, 0.8)


def test_a_default_of_the_patch_comes_before_the_cards(tmp_path: Path) -> None:
    patch = toy_patch(tmp_path, PAD + "[knob.temperature]\ndefault = 0.25\n")
    assert patch.actions({"toy": 0.8})["temperature"].default == 0.25


def test_a_usual_default_outside_the_range_of_the_patch_moves_to_its_end(tmp_path: Path) -> None:
    assert toy_patch(tmp_path, PAD + "[knob.tempo]\nrange = [140, 180]\n").actions()["tempo"].default == 140


def test_check_spells_anchors_and_axes_as_the_bundle_does(tmp_path: Path) -> None:
    patch = toy_patch(tmp_path, PAD.replace('"rock"', '"ROCK"') + '[knob.busy]\naxis = "Density"\n').check(toy_space())
    assert patch.anchors[0] == ("A", "rock") and patch.axes == (("busy", "density"),)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (PAD.replace("jazz", "jaz"), r'\[anchors\] C = "jaz": no anchor of the bundle .*did you mean .jazz.*rock, funk, jazz, latin'),
        (PAD + '[knob.busy]\naxis = "denisty"\n', r'\[knob.busy\] axis = "denisty": no axis of the bundle .*there are: density'),
    ],
)
def test_check_answers_a_name_that_the_bundle_has_not_with_the_list(tmp_path: Path, text: str, answer: str) -> None:
    with pytest.raises(UserError, match=answer):
        toy_patch(tmp_path, text).check(toy_space())


def test_check_of_a_bundle_without_axes_says_that_there_are_none(tmp_path: Path) -> None:
    space = toy_space()
    with pytest.raises(UserError, match="there are: none"):
        toy_patch(tmp_path, PAD + DENSITY).check(Space(space.z_size, space.anchors))


def test_a_bundle_is_found_beside_the_patch_file(tmp_path: Path) -> None:
    (tmp_path / "toy").mkdir()
    patch = toy_patch(tmp_path)
    assert patch.bundle_folder("toy") == tmp_path / "toy"


def test_an_unknown_bundle_is_answered_with_file_key_and_value(tmp_path: Path) -> None:
    patch = toy_patch(tmp_path)
    with pytest.raises(UserError, match=r'test.toml: \[\[part\]\] bundle = "toy": no bundle .*there are: .*or give a folder'):
        patch.bundle_folder("toy")


def test_the_tempo_to_begin_with_is_the_one_asked_for_else_the_patchs(tmp_path: Path) -> None:
    assert toy_patch(tmp_path).start_tempo() == 120.0 and toy_patch(tmp_path).start_tempo(90.0) == 90.0
    assert toy_patch(tmp_path, "tempo = 97\n" + PAD).start_tempo() == 97.0
    slow = toy_patch(tmp_path, PAD + "[knob.tempo]\nrange = [60, 100]\n")
    assert slow.start_tempo() == 100.0
    with pytest.raises(UserError, match=r"tempo 120: in .*test.toml it goes from 60 to 100 BPM"):
        slow.start_tempo(120.0)


BAND = """format = 1
name = "Band"
[[part]]
name = "drums"
bundle = "groove"
[[part]]
name = "melody"
bundle = "trio"
[[part]]
name = "bass"
bundle = "trio"
[anchors]
A = "rock"
B = "funk"
[anchors.bass]
A = "JAZZ"
B = "latin"
[knob.busy]
axis = "density"
[knob.hits]
axis = "drums.density"
[knob.wide]
axis = "interval"
"""


def test_each_bundle_sees_its_own_parts_anchors_and_axes(tmp_path: Path) -> None:
    space = toy_space()
    axis = replace(space.axes["density"], name="interval")
    spaces = {"groove": space, "trio": replace(space, axes={**space.axes, "interval": axis})}
    drums, trio = toy_patch(tmp_path, BAND).models(spaces)
    assert [part.name for part in drums.parts] == ["drums"] and [part.name for part in trio.parts] == ["melody", "bass"]
    assert drums.anchors == (("A", "rock"), ("B", "funk")) and trio.anchors == (("A", "jazz"), ("B", "latin"))
    assert drums.axes == (("busy", "density"), ("hits", "density")) and trio.axes == (("busy", "density"), ("wide", "interval"))


def test_an_axis_that_no_bundle_has_or_not_the_one_named_is_told(tmp_path: Path) -> None:
    spaces = {"groove": toy_space(), "trio": toy_space()}
    with pytest.raises(UserError, match=r'\[knob.wide\] axis = "interval": no axis of the bundle'):
        toy_patch(tmp_path, BAND).models(spaces)
    with pytest.raises(UserError, match=r'\[knob.hits\] axis = "density": no axis of the bundle'):
        toy_patch(tmp_path, BAND.replace("interval", "density")).models({**spaces, "groove": Space(4, toy_space().anchors)})


def test_an_anchor_of_one_bundle_is_told_with_its_table(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r'\[anchors.bass\] A = "swing": no anchor of the bundle'):
        patch = toy_patch(tmp_path, BAND.replace("JAZZ", "swing").replace("interval", "density"))
        patch.models(dict.fromkeys(("groove", "trio"), toy_space()))


def test_a_part_of_another_bundle_makes_up_for_its_temperature(tmp_path: Path) -> None:
    actions = toy_patch(tmp_path, BAND).actions({"groove": 0.5, "trio": 0.75})
    assert actions["temperature"].default == 0.5
    assert [actions[f"{part}.temperature"].default for part in ("drums", "melody", "bass")] == [1.0, 1.5, 1.5]
