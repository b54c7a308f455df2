"""What controls say is heard again: every kind, every encoding, whatever else comes in between."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.control import ENCODINGS, TOP14, Control, ControlKind, said, steps_of, value_of_steps, wrong
from mvae.core.control_reader import Half, Reader, Touch

channels = st.integers(0, 15)
seven = st.integers(0, 127)
messages = st.lists(st.binary(min_size=1, max_size=4), max_size=20)


@given(st.sampled_from(ENCODINGS[2:]), st.integers(-63, 63))
def test_steps_of_a_relative_encoder_are_heard_as_they_were_said(encoding: str, steps: int) -> None:
    value = value_of_steps(encoding, steps)  # type: ignore[arg-type]
    assert 0 <= value <= 127 and steps_of(encoding, value) == steps  # type: ignore[arg-type]


def test_one_step_either_way_in_the_three_encodings_is_what_encoders_send() -> None:
    table = {"twos_complement": (1, 127), "offset_64": (65, 63), "sign_bit": (1, 65)}
    for encoding, values in table.items():
        assert tuple(value_of_steps(encoding, steps) for steps in (1, -1)) == values  # type: ignore[arg-type]


@given(channels, seven, seven)
def test_a_cc_a_note_and_a_program_are_touches_of_their_number(channel: int, number: int, value: int) -> None:
    reader = Reader()
    for kind in ("note", "program"):
        (message,) = said(Control(kind, number, channel), value)  # type: ignore[arg-type]
        touch = reader.read(message)
        assert touch is not None and (touch.kind, touch.channel, touch.number) == (kind, channel, number)
    (message,) = said(Control("cc", number, channel), value)
    assert Reader().read(message) == Touch("cc", channel, number, value)


@given(channels, st.integers(0, TOP14))
def test_pitch_bend_has_14_bits(channel: int, value: int) -> None:
    (message,) = said(Control("pitchbend", 0, channel, "absolute14"), value)
    assert Reader().read(message) == Touch("pitchbend", channel, 0, value)


@given(channels, st.integers(0, 31), st.lists(st.integers(0, TOP14), min_size=1), st.integers(0, 15))
def test_a_cc_and_its_fine_half_are_one_value_on_its_channel(channel: int, number: int, values: list[int], other: int) -> None:
    reader, control = Reader(), Control("cc", number, channel, "absolute14")
    for value in values:
        coarse, fine = (reader.read(message) for message in said(control, value))
        assert coarse and fine and reader.joined(coarse) is None and reader.joined(fine) == value
    strange = Touch("cc", other, number + 32, 5)
    assert (reader.joined(strange) is None) == (other != channel)


@given(channels, st.integers(0, TOP14 - 1), st.lists(st.integers(0, TOP14), min_size=1, max_size=5))
def test_an_nrpn_of_14_bits_is_heard_in_halves(channel: int, number: int, values: list[int]) -> None:
    reader, control = Reader(), Control("nrpn", number, channel, "absolute14")
    for value in values:
        touches = [reader.read(message) for message in said(control, value)]
        coarse, fine = touches[2:]
        assert coarse == Touch("nrpn", channel, number, value >> 7, "coarse") and fine is not None
        assert reader.joined(coarse) is None and reader.joined(fine) == value


def test_an_nrpn_is_chosen_once_and_then_hears_data_and_steps_until_another_parameter_is_chosen() -> None:
    reader = Reader()
    for message in said(Control("nrpn", 300, 2), 64):
        last = reader.read(message)
    assert last == Touch("nrpn", 2, 300, 64, "coarse")
    assert reader.read(b"\xb2\x06\x41") == Touch("nrpn", 2, 300, 65, "coarse")
    assert reader.read(b"\xb2\x60\x00") == Touch("nrpn", 2, 300, 1, "steps")
    assert reader.read(b"\xb2\x61\x00") == Touch("nrpn", 2, 300, -1, "steps")
    assert reader.read(b"\xb3\x06\x41") == Touch("cc", 3, 6, 65)


@pytest.mark.parametrize("null", [b"\x65\x7f\x64\x7f", b"\x65\x00\x64\x00", b"\x63\x7f\x62\x7f"])
def test_an_rpn_and_the_null_of_either_end_an_nrpn(null: bytes) -> None:
    reader = Reader()
    for message in said(Control("nrpn", 5, 0), 1):
        reader.read(message)
    for place in (0, 2):
        reader.read(bytes((0xB0, *null[place : place + 2])))
    assert reader.read(b"\xb0\x06\x10") == Touch("cc", 0, 6, 16)
    assert reader.read(b"\xb0\x26\x10") == Touch("cc", 0, 38, 16)


def test_data_entry_without_a_parameter_is_a_cc_like_any_other() -> None:
    """The seventh fader of a nanoKONTROL2 is CC 6."""
    assert Reader().read(b"\xb0\x06\x10") == Touch("cc", 0, 6, 16)


@given(messages)
def test_no_bytes_at_all_raise_anything(bytes_: list[bytes]) -> None:
    reader = Reader()
    for message in bytes_:
        touch = reader.read(message)
        if touch is not None:
            reader.joined(touch)


@given(messages, st.integers(0, 1000), st.integers(0, TOP14))
def test_whatever_came_before_an_nrpn_is_heard(before: list[bytes], number: int, value: int) -> None:
    reader = Reader()
    for message in before:
        reader.read(message)
    touches = [reader.read(message) for message in said(Control("nrpn", number, 0, "absolute14"), value)]
    assert touches[2:] == [Touch("nrpn", 0, number, value >> 7, "coarse"), Touch("nrpn", 0, number, value & 127, "fine")]


def test_controls_that_cannot_be_are_told_with_the_remedy() -> None:
    assert wrong(Control("cc", 128)) and wrong(Control("cc", 40, None, "absolute14")) and wrong(Control("note", 1, None, "sign_bit"))
    assert wrong(Control("nrpn", 1, None, "sign_bit")) and wrong(Control("pitchbend", 0)) and wrong(Control("cc", None))
    assert not any(map(wrong, (Control("cc", 31, 3, "absolute14"), Control("program", None), Control("nrpn", 16382, 1, "absolute14"))))


def test_a_control_is_written_as_a_performer_says_it() -> None:
    assert str(Control("cc", 21, 0)) == "CC 21 on channel 1" and str(Control("program", 0)) == "program 1"
    assert str(Control("pitchbend", 0, 8, "absolute14")) == "pitch bend on channel 9" and str(Control("nrpn", 300)) == "NRPN 300"


@given(channels, st.integers(0, 31), st.lists(st.integers(0, 127), min_size=2), st.sampled_from(["cc", "nrpn"]))
def test_a_coarse_half_alone_goes_from_end_to_end_from_its_second_time_on(
    channel: int, number: int, values: list[int], kind: ControlKind
) -> None:
    reader = Reader()
    half: Half = "coarse" if kind == "nrpn" else "whole"
    heard = [reader.joined(Touch(kind, channel, number, value, half)) for value in values]
    assert heard == [None, *(value << 7 | value for value in values[1:])]
    assert reader.joined(Touch(kind, channel, number, 127, half)) == TOP14 and reader.joined(Touch(kind, channel, number, 0, half)) == 0


def test_where_the_fine_half_is_left_out_while_it_stays_it_stands_as_it_did() -> None:
    reader = Reader()

    def coarse(value: int) -> int | None:
        return reader.joined(Touch("cc", 0, 1, value))

    def fine(value: int) -> int | None:
        return reader.joined(Touch("cc", 0, 33, value))

    assert [coarse(10), fine(5), coarse(11), coarse(12), fine(6), coarse(13), fine(7)] == [
        None, 10 << 7 | 5, None, 12 << 7 | 5, 12 << 7 | 6, None, 13 << 7 | 7,
    ]  # fmt: skip
