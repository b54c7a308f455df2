"""Learn: every action can be bound by touching a control, at once and until told otherwise; on an instrument that a test plays by hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mvae.core.control import Control, said
from mvae.live.assign import Binding
from mvae.live.hands import Hands
from mvae.live.hotplug import PortState, PortWatch
from mvae.live.station import Station
from tests.live.hall import Hall

POT, PAD, ENCODER = Control("cc", 30, 0), Control("note", 60, 0), Control("cc", 31, 0)


class Desk:
    """A hall with two controllers on it, without ports."""

    def __init__(self, hall: Hall, watch: PortWatch) -> None:
        self.hall = hall
        hall.link.struck = lambda channel, pitch: (0.0, 0)  # type: ignore[attr-defined]
        hall.link.own = ()  # type: ignore[attr-defined]
        self.hands = Hands(hall.instrument, ["one", "two"], watch, lambda state: None)
        self.one, self.two = self.hands.stations
        hall.instrument.add(self.hands)

    def learn(self, name: str) -> None:
        self.hall.do("learn", name)
        self.hall.run(0.01)

    def say(self, station: Station, control: Control, *values: int) -> None:
        for value in values:
            for message in said(control, value):
                station.hear(message, self.hall.clock.now)
        self.hall.run(0.01)

    @property
    def learned(self) -> list[tuple[str, str, str]]:
        return [(each.controller, each.says, str(each.binding.control)) for each in self.hands.learner.learned]

    def told(self, address: str) -> list[tuple[object, ...]]:
        return [words[1:] for words in self.hall.told if words[0] == address]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("MVAE_HOME", str(tmp_path))
    with Hall() as hall, PortWatch() as watch:
        yield Desk(hall, watch)


def test_a_knob_is_learned_by_turning_a_pot_and_turns_with_it_from_then_on(desk: Desk) -> None:
    desk.learn("density")
    assert desk.hands.state()["learning"] == "density" and desk.told("/mvae/learning") == [("density",)]
    desk.say(desk.one, POT, 60, 61, 62, 63, 64)
    assert desk.learned == [("one", "density", "CC 30 on channel 1")]
    assert desk.hall.panel.snapshot().knobs["density"] == 0.0
    desk.say(desk.one, POT, 64, 90)
    assert desk.hall.panel.snapshot().knobs["density"] == pytest.approx(-2 + 4 * 90 / 127)
    assert desk.told("/mvae/learned") == [("density", "CC 30 on channel 1 of one")] and desk.hands.state()["learning"] == ""
    desk.say(desk.two, POT, 0)
    assert desk.hall.panel.snapshot().knobs["density"] == pytest.approx(-2 + 4 * 90 / 127)


PRESSED = "play", "mute drums", "fill 2", "stop bar", "quantise bar", "quantise", "recall B", "scene verse", "learn keep"


@pytest.mark.parametrize("name", PRESSED)
def test_every_action_that_is_pressed_is_learned_by_pressing_a_pad(desk: Desk, name: str) -> None:
    desk.learn(name)
    desk.say(desk.one, PAD, 100)
    assert desk.learned == [("one", name, "note 60 on channel 1")]
    desk.say(desk.one, PAD, 0, 100)
    assert desk.hall.instrument.panel.refused == 0


def test_what_was_pressed_to_be_learned_does_nothing_else_meanwhile(desk: Desk) -> None:
    desk.learn("mute drums")
    desk.say(desk.one, PAD, 100)
    desk.learn("density")
    desk.say(desk.one, PAD, 100)
    assert not desk.hall.panel.snapshot().switches["mute drums"] and len(desk.learned) == 1
    desk.learn("")
    desk.say(desk.one, PAD, 100)
    assert desk.hall.panel.snapshot().switches["mute drums"]


def test_a_pot_that_was_turned_a_little_is_learned_when_it_rests(desk: Desk) -> None:
    desk.learn("x")
    desk.say(desk.one, POT, 30, 33)
    assert desk.learned == []
    desk.hall.run(1.0)
    assert desk.learned == [("one", "x", "CC 30 on channel 1")]


def test_an_encoder_of_the_sign_bit_is_known_once_it_has_gone_both_ways(desk: Desk) -> None:
    desk.learn("density")
    desk.say(desk.one, ENCODER, 1, 1, 1)
    assert desk.hands.learner.learned[0].binding.control.encoding == "twos_complement"
    desk.say(desk.one, ENCODER, 2, 65)
    assert desk.hands.learner.learned[0].binding.control.encoding == "sign_bit"
    assert desk.hall.panel.snapshot().knobs["density"] == pytest.approx(4 / 127)


def test_a_control_and_an_action_are_learned_once(desk: Desk) -> None:
    for name, station, control in (("play", desk.one, PAD), ("fill", desk.one, PAD), ("fill", desk.two, PAD)):
        desk.learn(name)
        desk.say(station, control, 100)
    assert desk.learned == [("two", "fill", "note 60 on channel 1")]


def test_a_name_that_is_not_there_is_told_with_the_list_and_so_is_a_keep_of_nothing(desk: Desk) -> None:
    desk.learn("densty")
    desk.hall.do("learn keep")
    desk.hall.run(0.01)
    first, second = desk.told("/mvae/error")
    assert first[0] == "learn" and "no action 'densty' (did you mean 'density'?)" in str(first[1])
    assert second == ("learn keep", "nothing was learned: learn NAME, then touch a control")


def test_a_keep_that_fails_is_told_and_play_goes_on(desk: Desk) -> None:
    """The hall's patch has no file."""
    desk.learn("play")
    desk.say(desk.one, PAD, 100)
    desk.hall.do("learn keep")
    desk.hall.run(0.01)
    desk.hands.learner.close()
    desk.hall.run(0.01)
    ((what, why),) = desk.told("/mvae/error")
    assert what == "learn keep" and "toy.toml: cannot be read again" in str(why)


def test_which_way_to_turn_is_told_until_the_knob_is_taken_over(desk: Desk) -> None:
    desk.learn("x")
    desk.say(desk.one, POT, 10, 11, 12, 13, 14)
    desk.hall.do("x", 0.9)
    desk.say(desk.one, POT, 20)
    assert desk.told("/mvae/takeover") == [("x", "up")] and desk.hands.state()["takeover"] == {"x": "up"}
    assert desk.hall.instrument.remark == "turn x up to take it over"
    desk.say(desk.one, POT, 127)
    assert desk.told("/mvae/takeover")[1:] == [("x", "taken")] and desk.hands.state()["takeover"] == {}
    assert desk.hall.instrument.remark == "" and desk.hall.panel.snapshot().knobs["x"] == 1.0


def test_a_controller_becomes_what_its_port_is_called(desk: Desk) -> None:
    desk.one.note(PortState("one", "nanoKONTROL2 one", True))
    assert desk.one.called == "Korg nanoKONTROL2" and desk.two.called == "two"
    desk.say(desk.one, Control("cc", 48, 0), 127)
    assert desk.hall.panel.snapshot().switches["mute drums"]
    assert [each["present"] for each in desk.hands.state()["controllers"]] == [True, False]


def test_a_lamp_shows_what_its_control_does(desk: Desk) -> None:
    hall, hands = desk.hall, desk.hands
    hall.do("x", 0.25)
    shown = [Binding(PAD, "x"), Binding(PAD, "mute drums"), Binding(PAD, "quantise", "now"), Binding(PAD, "play"), Binding(PAD, "stop")]
    assert [hands.stands(binding) for binding in shown] == [0.25, False, True, False, True]
    hall.play(0.1)
    assert hands.stands(shown[3]) is True and hands.stands(Binding(PAD, "fill")) is False
    hands.current_scene = lambda: ("Verse", "2")
    assert [hands.stands(Binding(PAD, "scene", name)) for name in ("verse", "2", "1")] == [True, True, False]


def test_a_smooth_knob_is_on_its_way_while_it_plays_and_the_take_says_where_it_was(desk: Desk) -> None:
    desk.hall.panel.smooth_ms["x"] = 100.0
    desk.hall.play(0.5)
    desk.hall.do("x", 1.0)
    desk.hall.run(0.05)
    assert 0.3 < desk.hall.panel.snapshot().knobs["x"] < 1.0
    desk.hall.run(0.1)
    assert desk.hall.panel.snapshot().knobs["x"] == 1.0 == desk.hall.instrument.heard.knobs["x"]


def test_what_was_learned_is_forgotten_by_the_name_of_its_action_and_all_of_it_at_once(desk: Desk) -> None:
    for name, control in (("density", ENCODER), ("play", PAD)):
        desk.learn(name)
        desk.say(desk.one, control, *((1, 1, 1) if control is ENCODER else (100,)))
    assert [says for says, _ in desk.hands.state()["bound"]] == ["density", "play"]
    desk.hall.do("learn forget", "Density")
    desk.hall.run(0.01)
    before = desk.hall.panel.snapshot()
    desk.say(desk.one, ENCODER, 2, 65)  # it would have become surer of an encoder that it still knew
    assert desk.hall.panel.snapshot() == before and [says for _, says, _ in desk.learned] == ["play"]
    desk.hall.do("learn forget")
    desk.hall.run(0.01)
    desk.say(desk.one, PAD, 100)
    assert desk.learned == [] == desk.hands.state()["bound"] and not desk.hall.playing
    assert desk.told("/mvae/learn/forgotten") == [("density",), ("play",)]
    desk.hall.do("learn forget", "play")
    desk.hall.run(0.01)
    assert desk.told("/mvae/error") == [("learn forget", "nothing was learned")]


def test_a_name_that_was_not_learned_is_told_with_what_was(desk: Desk) -> None:
    desk.learn("play")
    desk.say(desk.one, PAD, 100)
    desk.hall.do("learn forget", "density")
    desk.hall.run(0.01)
    ((what, why),) = desk.told("/mvae/error")
    assert what == "learn forget" and "play" in str(why) and len(desk.learned) == 1


def test_what_a_patch_has_bound_is_back_once_another_control_is_forgotten(desk: Desk) -> None:
    desk.one.note(PortState("one", "nanoKONTROL2 one", True))
    mute = Control("cc", 48, 0)
    desk.learn("play")
    desk.say(desk.one, mute, 0, 127)
    desk.say(desk.one, mute, 0)
    desk.hall.do("learn forget", "play")
    desk.hall.run(0.01)
    desk.say(desk.one, mute, 127)
    assert desk.hall.panel.snapshot().switches["mute drums"]
