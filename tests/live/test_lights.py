"""What a controller shows: values, colours, motors; only what is new, and never too much at once."""

from pathlib import Path

import pytest

from mvae.core.control import Control
from mvae.live.assign import Binding, Bindings
from mvae.live.controller_file import ControllerFile, list_controllers, read_controller
from mvae.live.hotplug import There
from mvae.live.lights import Lights, Stand
from mvae.live.midi_ports import Port
from mvae.live.station import answering
from tests.live.fake_controller import FILE

FADER, RING = Control("pitchbend", 0, 0, "absolute14"), Control("cc", 20, 0, "twos_complement")
PADS = tuple(Control("note", number, 0) for number in (36, 37, 38))


@pytest.fixture
def kind(tmp_path: Path) -> ControllerFile:
    (tmp_path / "fake.toml").write_text(FILE)
    return read_controller(tmp_path / "fake.toml")


class Board:
    """Lights and where all that they show stands."""

    def __init__(self, kind: ControllerFile, *bindings: Binding) -> None:
        self.lights, self.bindings = Lights(kind), Bindings(bindings)
        self.standing: dict[str, Stand] = {"tempo": 0.5, "density": 0.25, "mute drums": False, "quantise": True}

    def news(self, most: int = 99) -> list[bytes]:
        return self.lights.news(self.bindings, lambda binding: self.standing[binding.action], most)


@pytest.fixture
def board(kind: ControllerFile) -> Board:
    presses = (Binding(PADS[0], "mute drums"), Binding(PADS[1], "quantise", "bar"))
    return Board(kind, Binding(FADER, "tempo", follows=True), Binding(RING, "density"), *presses)


def test_everything_is_shown_once_and_then_what_is_new(board: Board) -> None:
    assert board.news() == [b"\xe0\x00\x40", b"\xb0\x14\x20", b"\x90\x24\x07", b"\x90\x25\x05", b"\x90\x26\x00"]
    assert board.news() == []
    board.standing |= {"mute drums": True, "density": 1.0}
    assert board.news() == [b"\xb0\x14\x7f", b"\x90\x24\x05"]
    board.lights.forget()
    assert len(board.news()) == 5


def test_of_many_news_only_some_go_out_at_a_time_and_the_newest_wins(board: Board) -> None:
    assert len(board.news(2)) == 2
    board.standing["mute drums"] = True
    assert board.news(2) == [b"\x90\x24\x05", b"\x90\x25\x05"] and board.news(2) == [b"\x90\x26\x00"] and board.news(2) == []


def test_a_motor_fader_that_a_hand_moves_is_not_fought_and_goes_where_another_has_moved_its_knob(board: Board) -> None:
    board.news()
    board.lights.moved({FADER: 12000})
    board.standing["tempo"] = 11950 / 16383
    assert board.news() == []
    board.standing["tempo"] = 1.0
    assert board.news() == [b"\xe0\x7f\x7f"]


def test_levels_and_system_exclusive_messages_light_the_pots_of_a_launch_control() -> None:
    file = next(file for file in list_controllers() if file.stem == "launch_control_xl")
    board = Board(read_controller(file), Binding(Control("cc", 13, 8), "density"))
    (first, *_) = board.news()
    assert first == bytes.fromhex("F0 00 20 29 02 11 78 08 00 1C F7")
    board.standing["density"] = 1.0
    assert board.news() == [bytes.fromhex("F0 00 20 29 02 11 78 08 00 3C F7")]


@pytest.mark.parametrize(
    ("heard", "fragment", "lights"),
    [
        ("nanoKONTROL2:nanoKONTROL2 MIDI 1 20:0", "nano", "nanoKONTROL2:nanoKONTROL2 MIDI 1 28:0"),
        ("a2j:Pads [24] (capture): Pads MIDI 1", "pads", "a2j:Pads [24] (playback): Pads MIDI 1"),
        ("Launchpad X LPX MIDI Out", "lpx midi", "Launchpad X LPX MIDI In"),
        ("Fake:out", "fake", "Fake lights:in"),
        ("Other", "other", None),
    ],
)
def test_a_controller_is_lit_at_the_output_of_the_same_device(heard: str, fragment: str, lights: str | None) -> None:
    names = [
        "Synth", "Launchpad X LPX DAW In", "Launchpad X LPX MIDI In", "Fake lights:in", "a2j:Pads [24] (playback): Pads MIDI 1",
        "nanoKONTROL2:nanoKONTROL2 MIDI 1 28:0",
    ]  # fmt: skip
    there = There((), tuple(Port("ALSA", name) for name in names))
    found = answering(heard, fragment, there.outputs)
    assert (found and found.name) == lights
