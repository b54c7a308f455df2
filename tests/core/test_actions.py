import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.action_table import table
from mvae.core.actions import Actions, literal
from mvae.core.change import Scale, Value
from mvae.core.drums import CLASSES
from mvae.core.errors import UserError

ACTIONS = Actions(table("ABCD", ("density",), ("drums",)))
SCALES: tuple[Scale, ...] = ("own", "normalized", "7-bit")
KNOBS = ACTIONS.of_kind("knob")
knobs = st.sampled_from([knob.name for knob in KNOBS])


def test_names_and_addresses_are_unique_and_every_action_says_what_it_does() -> None:
    assert len({action.address for action in ACTIONS.values()}) == len(ACTIONS) == len(table("ABCD", ("density",), ("drums",)))
    assert all(action.help and action.address.startswith("/mvae/") and " " not in action.address for action in ACTIONS.values())


def test_every_knob_starts_within_its_range() -> None:
    assert all(action.low < action.high and action.low <= action.default <= action.high for action in KNOBS)


def test_two_anchors_have_a_morph_and_four_have_a_pad() -> None:
    assert {"x", "y", "recall C", "recall D"} <= set(ACTIONS) and "morph" not in ACTIONS
    two = Actions(table("AB", (), ("drums",)))
    assert {"morph", "recall A", "recall B"} <= set(two) and not {"x", "y", "recall C"} & set(two)


@given(knobs, st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**63), 2**63))
def test_a_knob_never_leaves_its_range(name: str, value: float) -> None:
    action = ACTIONS[name]
    for scale in SCALES:
        read = action.read(value, scale)
        assert isinstance(read, float) and action.low <= read <= action.high


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 10**400, -(10**400), "loud", None], ids=lambda value: str(value)[:9])
def test_a_knob_refuses_what_is_not_a_finite_number(value: Value) -> None:
    with pytest.raises(ValueError, match="density takes a"):
        ACTIONS["density"].read(value)


def test_the_ends_of_a_controller_are_the_ends_of_the_range() -> None:
    for action in KNOBS:
        assert (action.read(0, "7-bit"), action.read(127, "7-bit")) == (action.low, action.high)
        assert (action.read(0, "normalized"), action.read(1, "normalized")) == (action.low, action.high)


@pytest.mark.parametrize("name", [action.name for action in ACTIONS.of_kind("trigger")])
def test_a_trigger_fires_on_nothing_a_bang_or_a_number_but_never_on_zero(name: str) -> None:
    action = ACTIONS[name]
    assert all(action.fires(value) for value in (None, True, 1, -1, 0.5))
    assert not any(action.fires(value) for value in (0, 0.0, -0.0, False))


def test_arguments_of_triggers_are_read_or_take_their_default() -> None:
    assert [ACTIONS["fill"].read(value) for value in (None, True, 2.0, 99)] == [1, 1, 2, 16]
    assert [ACTIONS["recall A"].read(value) for value in (None, 4, -1)] == [0.0, 4.0, 0.0]
    assert [ACTIONS["stop"].read(value) for value in (None, 1, "bar", "BAR")] == ["now", "now", "bar", "bar"]
    assert [ACTIONS["play"].read(value) for value in (None, True, 1.0)] == [None] * 3


@pytest.mark.parametrize(("name", "value"), [("play", "now"), ("play", math.nan), ("stop", "soon"), ("fill", "two"), ("fill", math.nan)])
def test_a_trigger_refuses_an_argument_it_cannot_mean(name: str, value: float | str) -> None:
    with pytest.raises(ValueError, match=name):
        ACTIONS[name].read(value)


def test_a_choice_is_matched_kindly_and_a_mistake_lists_what_exists() -> None:
    assert ACTIONS["quantise"].read("Bar") == "bar"
    with pytest.raises(ValueError, match="now, beat, bar, phrase"):
        ACTIONS["quantise"].read("later")


def test_what_a_button_does_is_written_as_an_action_and_a_value() -> None:
    says = {"mute drums": None, "Fill 2": 2, "stop bar": "bar", "recall A 4": 4.0, "quantise phrase": "phrase", "density -1.5": -1.5}
    for text, value in says.items():
        action, read = ACTIONS.parse(text)
        assert read == value and text.lower().startswith(action.name.lower())


@pytest.mark.parametrize("text", ["", "filll", "mute bass", "fill two", "play the drums now"])
def test_a_button_that_does_nothing_known_is_a_user_error(text: str) -> None:
    with pytest.raises(UserError):
        ACTIONS.parse(text)


def test_an_unknown_knob_is_answered_with_the_list() -> None:
    assert ACTIONS.find("Density", "knob").name == "density"
    with pytest.raises(UserError, match=r"no knob 'densty' .*density.*there are: x, y, density"):
        ACTIONS.find("densty", "knob")
    with pytest.raises(UserError, match="no knob 'play'"):
        ACTIONS.find("play", "knob")


def test_a_word_is_a_number_if_it_can_be() -> None:
    assert (literal([]), literal(["2"]), literal(["bar"])) == (None, 2.0, "bar")


def test_every_part_has_knobs_of_its_own_and_melodic_ones_pitch_key_and_scale() -> None:
    band = Actions(table("AB", (), ("drums", "bass"), melodic=("bass",), humanize=True))
    own = {name.partition(".")[2] for name in band if name.startswith("bass.")}
    sounding = {"accent", "curve", "gate_ms", "delay_ms", "channel", "out"}
    assert own == {"temperature", "length", "swing", "velocity", "transpose", "octave", "humanize"} | sounding
    maps = {f"map.{name}" for name in CLASSES}
    assert {name.partition(".")[2] for name in band if name.startswith("drums.")} == own - {"transpose", "octave"} | maps
    assert band["drums.map.kick"].address == "/mvae/part/drums/map/kick" and band["drums.map.kick"].default == 36
    assert band["bass.temperature"].address == "/mvae/part/bass/temperature"
    assert band["key"].read("f#") == "F#" and band["scale"].read("Harmonic_Minor") == "harmonic minor"
    assert "key" not in ACTIONS and "drums.humanize" not in ACTIONS
    assert len({action.address for action in band.values()}) == len(band)


@pytest.mark.parametrize(
    ("given_", "read"), [("  my verse ", "my verse"), ("", ""), (3, "3"), (2.0, "2"), (None, ""), (True, "")], ids=repr
)
def test_a_trigger_with_a_free_text_takes_any_text_and_a_number_as_one(given_: str | float | None, read: str) -> None:
    assert ACTIONS["scene"].read(given_) == read and ACTIONS["scene"].is_free


@pytest.mark.parametrize("given_", ["a" * 65, "two\nlines", math.nan])
def test_a_text_too_long_or_that_does_not_print_is_refused(given_: str | float) -> None:
    with pytest.raises(ValueError, match="scene takes"):
        ACTIONS["scene"].read(given_)


def test_a_button_may_name_something_of_several_words() -> None:
    assert [ACTIONS.parse(does) for does in ("scene my verse", "store C late night", "scene next", "scene 2")] == [
        (ACTIONS["scene"], "my verse"), (ACTIONS["store C"], "late night"), (ACTIONS["scene next"], None), (ACTIONS["scene"], "2"),
    ]  # fmt: skip
