"""Controllers as files: those that come with mvae say what the devices say, every mistake is one line, and what they do fits the patch."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mvae.core.control import Control
from mvae.core.errors import UserError
from mvae.core.patch import Patch, list_patches
from mvae.core.patch_file import read_patch
from mvae.live.assign import Bindings, layered, of_file, of_patch
from mvae.live.controller_file import ControllerFile, find_controller, list_controllers, read_controller
from tests.live.fake_controller import FILE
from tests.toy_space import PAD, toy_patch

PORTS = {  # as ALSA, JACK, CoreMIDI and Windows name them
    "nanoKONTROL2:nanoKONTROL2 nanoKONTROL2 _ CTR 20:0": "Korg nanoKONTROL2", "MIDI Mix MIDI 1": "Akai MIDImix",
    "Launch Control XL:Launch Control XL MIDI 1 24:0": "Novation Launch Control XL", "Launchpad X LPX MIDI Out": "Novation Launchpad X",
    "a2j:Minilab3 [24] (capture): Minilab3 MIDI": "Arturia MiniLab 3", "Some Knobs": "generic",
}  # fmt: skip
FACTORY = {  # a few of what each device says as it leaves the factory
    "Korg nanoKONTROL2": {"slider7": "CC 6 on channel 1", "knob8": "CC 23 on channel 1", "play": "CC 41 on channel 1"},
    "Akai MIDImix": {"high5": "CC 46 on channel 1", "fader8": "CC 61 on channel 1", "rec8": "note 24 on channel 1"},
    "Novation Launch Control XL": {"send_b1": "CC 29 on channel 9", "fader8": "CC 84 on channel 9", "focus5": "note 57 on channel 9"},
    "Novation Launchpad X": {"recall1": "note 81 on channel 1", "mute8": "note 18 on channel 1", "top1": "CC 91 on channel 1"},
    "Arturia MiniLab 3": {"knob5": "CC 93 on channel 1", "fader4": "CC 17 on channel 1", "pad1": "note 36 on channel 10"},
    "generic": {"pot1": "CC 20", "program": "program"},
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MVAE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def read(folder: Path, text: str) -> ControllerFile:
    (folder / "fake.toml").write_text(text, encoding="utf-8")
    return read_controller(folder / "fake.toml")


def does(kind: ControllerFile, patch: Patch) -> dict[str, str]:
    """Handle -> what it does, of the file alone."""
    bound = of_file(kind, patch, patch.actions(), Bindings())
    return {binding.name: binding.action if binding.value in (None, "") else f"{binding.action} {binding.value}" for binding in bound}


@pytest.mark.parametrize("port", PORTS)
def test_a_controller_is_known_by_the_name_of_its_port(port: str) -> None:
    assert find_controller(port).name == PORTS[port]


def test_the_controllers_that_come_with_mvae_say_what_the_devices_say() -> None:
    kinds = {kind.name: kind for kind in map(read_controller, list_controllers())}
    assert set(kinds) == set(FACTORY)
    for name, facts in FACTORY.items():
        handles = {handle.name: str(handle.control) for handle in kinds[name].handles}
        assert facts.items() <= handles.items(), name


@pytest.mark.parametrize("patch", list_patches(), ids=lambda file: file.stem)
@pytest.mark.parametrize("file", list_controllers(), ids=lambda file: file.stem)
def test_every_controller_has_a_pad_or_morph_the_mutes_and_something_of_the_music_for_every_patch(file: Path, patch: Path) -> None:
    played = read_patch(patch)
    done = set(does(read_controller(file), played).values())
    names = {name.split()[0] for name in done}
    assert {"mute", "recall", "fill"} <= names
    if file.stem != "launchpad_x":
        assert ({"x", "y"} <= done or "morph" in done) and len(done & {name for name, _ in played.axes}) >= min(4, len(played.axes))


def test_a_file_of_the_users_comes_before_those_of_mvae(home: Path) -> None:
    (home / "controllers").mkdir(parents=True)
    (home / "controllers" / "mine.toml").write_text('format = 1\nname = "Mine"\nmatch = ["nanoKONTROL2"]\n')
    assert find_controller("nanoKONTROL2 MIDI 1").name == "Mine"


def test_the_patch_wins_over_the_file_and_the_file_takes_what_is_free(tmp_path: Path) -> None:
    kind, patch = read(tmp_path, FILE), toy_patch(tmp_path, PAD + "[knob.density]\naxis = 'density'\ncc = 17\n[knob.y]\n")
    bindings = layered((), of_patch(patch, kind), of_file(kind, patch, patch.actions(), Bindings(of_patch(patch, kind))))
    found = [bindings.at(Control("cc", number, 0)) for number in (16, 17, 20)]
    assert [binding and binding.action for binding in found] == ["x", "density", "density"]


@pytest.mark.parametrize(("controller", "wins"), [("fake", True), ("Fake Pads", True), ("generic", False), ("fake pads at my port", True)])
def test_a_patch_may_say_whose_its_controls_are(tmp_path: Path, controller: str, wins: bool) -> None:
    kind = read(tmp_path, FILE)
    patch = toy_patch(tmp_path, f"controller = '{controller}'\n" + PAD + "[knob.y]\ncc = 16\n")
    assert bool(of_patch(patch, kind, "Fake Pads at my port")) == wins and len(of_patch(patch)) == 1


def test_what_a_pattern_means_depends_on_the_patch(tmp_path: Path) -> None:
    kind = read(tmp_path, FILE)
    assert does(kind, toy_patch(tmp_path)) == {
        "pot1": "x", "pot2": "y", "fader": "tempo", "pad1": "mute drums", "pad2": "quantise bar", "program": "scene",
    }  # fmt: skip


def test_a_controllers_file_says_whether_program_changes_are_scenes_or_patches(tmp_path: Path) -> None:
    kind = read(tmp_path, FILE.replace('scene = "program"', '"patch load" = "program"'))
    assert does(kind, toy_patch(tmp_path))["program"] == "patch load"


MISTAKES = {
    FILE.replace("format = 1", "format = 2"): r"format = 2: this mvae reads controllers of format 1",
    FILE.replace('name = "Fake Pads"', ""): r"name: missing",
    FILE.replace('match = ["Fake Pads"]', 'match = "Fake"'): r'match = "Fake": give a list of texts',
    FILE.replace("[20]", "[200]"): r"\[control.ring\] numbers = \[200\]: give whole numbers 0..127",
    FILE.replace("numbers = [20]\n", ""): r"\[control.ring\] numbers: give the numbers of its controls",
    FILE.replace("twos complement", "threes"): r"\[control.ring\] encoding = \"threes\": no encoding 'threes'; there are: absolute7",
    FILE.replace('kind = "note"', 'kind = "pad"'): r"\[control.pad\] kind = \"pad\": no kind 'pad'; there are: cc, note",
    FILE.replace('on = "red"', 'on = "pink"'): r"\[control.pad.light\] on = \"pink\": no colour 'pink'; there are: red, dim; \[colours\]",
    FILE.replace('on = "red"', "on = 128"): r"on = 128: give a whole number 0..127",
    FILE.replace('on = "red"', "numbers = [1]"): r"\[control.pad.light\] numbers = \[1\]: there are 3 controls: give one for each",
    FILE.replace('on = "red"', 'by = "sysex"'): r"there are 3 controls: give one for each",
    FILE.replace("F0 7D 01 F7", "7D 01"): r"hello = .*: give bytes in hexadecimal",
    FILE.replace("[20]", "[16]"): r"\[control\]: ring and pot1 are both CC 16 on channel 1: give another number",
    FILE.replace('x = "pot1"', 'x = "pot9"'): r"\[assign\] x = \"pot9\": no control 'pot9'.*; there are: pot, fader",
    FILE + "[more]\n": r"more = .*: no key 'more'",
    FILE.replace("follows = true", "motor = true"): r"\[control.fader\] motor = true: no key 'motor'",
}


@pytest.mark.parametrize(("text", "answer"), MISTAKES.items(), ids=range(len(MISTAKES)))
def test_every_mistake_is_one_line_that_names_file_key_value_and_remedy(tmp_path: Path, text: str, answer: str) -> None:
    with pytest.raises(UserError, match=answer) as problem:
        read(tmp_path, text)
    assert str(problem.value).startswith(f"{tmp_path / 'fake.toml'}: ") and "\n" not in str(problem.value)


LINES = st.sampled_from(sorted({line for line in (FILE + "\n".join(MISTAKES)).splitlines() if line}))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100, deadline=None)
@given(st.lists(LINES, max_size=14))
def test_no_text_at_all_raises_anything_but_a_user_error(tmp_path: Path, lines: list[str]) -> None:
    try:
        read(tmp_path, "\n".join(lines))
    except UserError as problem:
        assert str(problem)
