"""Touch a control and it is known: pots, encoders in their three encodings, buttons, 14 bits, NRPN, notes, programs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.control import ENCODINGS, Control, Encoding, said, value_of_steps
from mvae.core.control_reader import CHOOSING, Reader
from mvae.live.guess import Found, Guess, clarified, encoding_of


def learned(press: bool, *messages: bytes) -> Found | None:
    """What is known at last, or when it is quiet."""
    guess, reader = Guess(press), Reader()
    for message in messages:
        touch = reader.read(message)
        if touch is not None and (found := guess.heard(touch)) is not None:
            return found
    return guess.quiet()


def turned(control: Control, *values: int) -> list[bytes]:
    return [message for value in values for message in said(control, value)]


numbers = st.integers(0, 119).filter(lambda number: number not in CHOOSING)


@given(numbers, st.integers(0, 15), st.integers(10, 100), st.sampled_from([1, -1, 2]))
def test_a_pot_that_is_turned_is_a_pot(number: int, channel: int, begin: int, way: int) -> None:
    pot = Control("cc", number, channel)
    assert learned(False, *turned(pot, *(begin + way * count for count in range(6)))) == Found(pot)


@given(st.sampled_from(ENCODINGS[2:]), st.lists(st.integers(1, 3).flatmap(lambda n: st.sampled_from([n, -n])), min_size=4, max_size=9))
def test_an_encoder_that_goes_both_ways_is_known_at_last(encoding: Encoding, steps: list[int]) -> None:
    """Whatever it was taken for at first."""
    values = [value_of_steps(encoding, step) for step in (1, 1, 1, *steps, -1, 1)]
    known: Encoding = "absolute7"
    for count in range(3, len(values) + 1):
        if known == "absolute7":
            known = encoding_of(values[:count])  # type: ignore[assignment]
        known = clarified(known, values[count - 1])
    assert known == encoding


@pytest.mark.parametrize(
    ("values", "encoding"),
    [
        ([1, 1, 1], "twos_complement"), ([127, 127, 126], "twos_complement"), ([65, 65, 66], "offset_64"), ([63, 63, 62], "offset_64"),
        ([1, 65, 1], "sign_bit"), ([1, 127, 1], "twos_complement"), ([127, 0], "button"), ([0, 127, 0], "button"), ([1, 1], None),
        ([60, 61, 62, 63, 64], "absolute7"), ([0, 1, 2, 3, 4], "absolute7"), ([127, 126, 125, 123, 120], "absolute7"), ([64], None),
    ],
)  # fmt: skip
def test_what_values_look_like(values: list[int], encoding: str | None) -> None:
    assert encoding_of(values) == encoding


def test_a_pot_that_was_moved_a_little_is_a_pot_when_it_is_quiet() -> None:
    pot = Control("cc", 21, 0)
    assert learned(False, *turned(pot, 60, 62)) == Found(pot) and learned(False, *turned(pot, 60)) is None


@pytest.mark.parametrize("control", [Control("cc", 7, 1, "absolute14"), Control("nrpn", 300, 1, "absolute14"), Control("nrpn", 300, 1)])
def test_14_bits_and_nrpn_are_known_from_their_halves(control: Control) -> None:
    top = control.top + 1
    assert learned(False, *turned(control, top // 2, top // 2 + 5, top // 2 + 9)) == Found(control)


def test_data_entry_without_a_parameter_is_a_fader() -> None:
    """The seventh fader of a nanoKONTROL2."""
    fader = Control("cc", 6, 0)
    assert learned(False, *turned(fader, 1, 2, 3, 4, 5)) == Found(fader)


def test_a_pad_a_button_a_program_and_a_pedal_press_and_a_key_turns_no_knob() -> None:
    pad, button, program = Control("note", 36, 9), Control("cc", 64, 0), Control("program", 4, 0)
    assert learned(True, *said(pad, 90)) == Found(pad, True) and learned(True, *said(button, 127)) == Found(button, True)
    assert learned(True, *said(program, 0)) == Found(program, True)
    assert learned(True, *said(pad, 0)) is None and learned(True, *said(button, 0)) is None and learned(False, *said(pad, 90)) is None
    bend = Control("pitchbend", 0, 3, "absolute14")
    assert learned(False, *said(bend, 9000)) == Found(bend) and learned(True, *said(bend, 9000)) is None


def test_channel_mode_is_no_control() -> None:
    assert learned(True, b"\xb0\x7b\x7f") is None
