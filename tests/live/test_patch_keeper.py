"""What was learned is in the patch's file afterwards, in the author's own layout; and a patch that comes with mvae stays as it is."""

from pathlib import Path

import pytest

from mvae.core.change import Value
from mvae.core.control import Control
from mvae.core.errors import UserError
from mvae.core.patch import Patch, find_patch, shipped_folder
from mvae.core.patch_file import read_patch
from mvae.live.assign import Binding, Bindings, of_patch
from mvae.live.patch_keeper import Learned, PatchKeeper
from tests.toy_space import PAD, write_patch

MINE = f"""# mine
{PAD}
[knob.x]           # left hand
cc = 21            # the first pot
smooth = 20

[button.out]
does = "mute drums"
note = 36          # the big pad
key = "o"
"""
NAME = "My Box"


def knob(name: str, control: Control) -> Learned:
    return Learned(NAME, Binding(control, name), name)


def button(says: str, control: Control, value: Value = None) -> Learned:
    return Learned(NAME, Binding(control, " ".join(word for word in says.split() if not word.isdecimal()), value, button=True), says)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MVAE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_patch(tmp_path, MINE)


def kept(path: Path, *learned: Learned) -> Patch:
    keeper = PatchKeeper(read_patch(path))
    assert keeper.keep(learned) == path.resolve()
    return read_patch(path)


def test_a_knob_gets_its_control_where_the_old_one_stood(path: Path) -> None:
    patch = kept(path, knob("x", Control("cc", 7, 2, "sign_bit")))
    assert patch.knobs[0].control == Control("cc", 7, 2, "sign_bit") and patch.knobs[0].controller == NAME
    text = path.read_text()
    assert "cc = 7             # the first pot\nsmooth = 20\n" in text and text.startswith("# mine\n") and "# left hand" in text


TURNED = Control("nrpn", 300, 0, "absolute14"), Control("pitchbend", 0, 4, "absolute14"), Control("cc", 3, None)


@pytest.mark.parametrize("control", TURNED)
def test_every_kind_of_control_of_a_knob_is_read_again_as_it_was_learned(path: Path, control: Control) -> None:
    patch = kept(path, knob("y", control), knob("drums.velocity", Control("cc", 9, 0)))
    assert [binding.control for binding in of_patch(patch)][1:3] == [control, Control("cc", 9, 0)]


@pytest.mark.parametrize("control", [Control("note", 60, 0), Control("cc", 60, 0), Control("program", 3, 0)])
def test_every_kind_of_control_of_a_button_is_read_again_as_it_was_learned(path: Path, control: Control) -> None:
    patch = kept(path, button("fill 2", control, 2))
    assert [(button.name, button.value, button.controls) for button in patch.buttons[1:]] == [("fill_2", 2, (control,))]


def test_a_button_that_does_it_already_gets_the_control_and_keeps_its_key(path: Path) -> None:
    (only,) = kept(path, button("mute drums", Control("note", 40, 0))).buttons
    assert (only.name, only.note, only.key, only.controller) == ("out", 40, "o", NAME) and "# the big pad" in path.read_text()


def test_a_control_that_was_learned_anew_does_nothing_of_the_old(path: Path) -> None:
    pad = Control("note", 40, 0)
    kept(path, button("play", pad), knob("x", Control("cc", 7, 2)))
    patch = kept(path, button("stop", pad), knob("y", Control("cc", 7, 2)))
    assert {button.name: button.note for button in patch.buttons} == {"out": 36, "stop": 40}
    assert {knob.name: knob.cc for knob in patch.knobs} == {"x": None, "y": 7}
    bindings = Bindings(of_patch(patch))
    assert [binding and binding.action for binding in (bindings.at(pad), bindings.at(Control("cc", 7, 2)))] == ["stop", "y"]


def test_a_choice_that_a_pad_goes_through_is_kept(path: Path) -> None:
    assert kept(path, button("quantise", Control("note", 50, 0))).buttons[1].value is None


def test_a_patch_that_comes_with_mvae_stays_and_its_copy_grows(home: Path) -> None:
    shipped = find_patch("four_corners")
    before = shipped.read_bytes()
    keeper = PatchKeeper(read_patch(shipped))
    first = keeper.keep([knob("density", Control("cc", 70, 0))])
    assert first == home / "patches" / "four_corners.toml"
    assert keeper.keep([knob("density", Control("cc", 70, 0)), button("play", Control("note", 1, 0))]) == first
    patch = read_patch(first)
    assert {knob.name: knob.cc for knob in patch.knobs}["density"] == 70 and patch.buttons[-1].name == "play"
    assert patch.bundle_folder(patch.bundles[0]).is_dir()
    assert PatchKeeper(read_patch(shipped)).keep([knob("x", Control("cc", 70, 0))]).name == "four_corners_2.toml"
    assert shipped.read_bytes() == before and list(shipped_folder().glob("*.trial.toml")) == []


def test_what_was_forgotten_is_kept_no_more_and_the_file_is_as_its_author_wrote_it(path: Path) -> None:
    before, keeper = path.read_text(), PatchKeeper(read_patch(path))
    x, out = knob("x", Control("cc", 7, 2)), button("mute drums", Control("note", 40, 0))
    assert not keeper.has_kept
    keeper.keep([x, out])
    keeper.keep([out])
    assert read_patch(path).knobs[0].cc == 21 and read_patch(path).buttons[0].note == 40
    keeper.keep([])
    assert path.read_text() == before and keeper.has_kept


def test_what_somebody_else_has_written_since_stays(path: Path) -> None:
    keeper = PatchKeeper(read_patch(path))
    keeper.keep([knob("x", Control("cc", 7, 2))])
    path.write_text(path.read_text().replace("# mine", "# mine, really"))
    keeper.keep([knob("y", Control("cc", 9, 0))])
    assert path.read_text().startswith("# mine, really") and {each.name: each.cc for each in read_patch(path).knobs} == {"x": 7, "y": 9}


def test_a_file_that_cannot_be_edited_or_written_is_told_in_one_line_and_left_alone(path: Path, home: Path) -> None:
    patch = read_patch(path)
    text = f"{PAD}[knob]\nx = {{cc = 21}}\n"
    path.write_text(text)
    with pytest.raises(UserError, match=r"write the controls into it by hand: x: CC 7 on channel 3") as problem:
        PatchKeeper(patch).keep([knob("x", Control("cc", 7, 2))])
    assert "\n" not in str(problem.value) and path.read_text() == text
    home.write_text("a file where the folder should be")
    with pytest.raises(UserError, match=r"not kept .*give MVAE_HOME a folder"):
        PatchKeeper(read_patch(find_patch("four_corners"))).keep([knob("x", Control("cc", 7, 2))])
    path.unlink()
    with pytest.raises(UserError, match="cannot be read again"):
        PatchKeeper(patch).keep([knob("x", Control("cc", 7, 2))])
