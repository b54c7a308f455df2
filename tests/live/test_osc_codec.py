import logging
import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mvae.live.osc_codec import (
    IMMEDIATELY,
    Malformed,
    address_of,
    arguments,
    bundle,
    by_time,
    message,
    messages,
    timetag_of,
    unix_s,
)

ADDRESS = "/mvae/knob/x"
floats = st.floats(width=32, allow_nan=False)
texts = st.text(st.characters(exclude_characters="\0", codec="utf-8"))
values = st.lists(floats | st.booleans() | st.integers(-(2**31), 2**31 - 1) | texts)
tails = st.binary(max_size=60)
NOT_OSC = [b"/a\0\0,x\0\0\0\0\0\0", b"/a\0\0,i\0\0", b"/a\0\0,s\0\0\xff\xff\xff\0", b"/a\0\0f\0\0\0", b"/a\0\0,[\0\0"]


@given(values)
def test_a_message_reads_back_as_it_was_written(given_values: list[float | int | str | bool]) -> None:
    datagram = message(ADDRESS, *given_values)
    assert len(datagram) % 4 == 0 and address_of(datagram) == ADDRESS.encode()
    assert arguments(datagram) == tuple(given_values)


@pytest.mark.parametrize(
    ("tags", "body", "value"),
    [
        (b",f", struct.pack(">f", 0.5), 0.5),
        (b",d", struct.pack(">d", 0.1), 0.1),
        (b",i", struct.pack(">i", -3), -3),
        (b",h", struct.pack(">q", 2**40), 2**40),
        (b",T", b"", True),
        (b",F", b"", False),
        (b",I", b"", True),
        (b",S", b"bar\0", "bar"),
        (b",c", struct.pack(">i", 65), 65),
    ],
)
def test_every_type_that_a_number_or_a_bang_may_come_as_is_read(tags: bytes, body: bytes, value: object) -> None:
    assert arguments(b"/a\0\0" + tags + b"\0\0" + body) == (value,)


def test_a_message_without_type_tags_has_no_arguments() -> None:
    assert arguments(b"/mvae/play\0\0") == arguments(b"/mvae/play\0\0,\0\0\0") == ()


@pytest.mark.parametrize("datagram", NOT_OSC)
def test_arguments_that_are_not_osc_are_malformed(datagram: bytes) -> None:
    with pytest.raises(Malformed):
        arguments(datagram)


class Kept(logging.Handler):
    """Log records, kept."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@given(tails | tails.map(lambda tail: b"/a\0\0," + tail) | tails.map(lambda tail: b"#bundle\0" + tail))
@example(b"#bundle\0" + bytes(8) + struct.pack(">i", -4) + bytes(8))
@example(b"")
def test_no_bytes_at_all_raise_anything_but_malformed_and_none_are_logged(datagram: bytes) -> None:
    handler = Kept()
    logging.getLogger().addHandler(handler)
    try:
        for _, inner in messages(datagram):
            arguments(inner)
    except Malformed:
        pass
    finally:
        logging.getLogger().removeHandler(handler)
    assert handler.records == []


def test_a_bundle_gives_its_messages_in_order_with_their_timetags() -> None:
    one, two, three = (message(f"/{name}") for name in ("one", "two", "three"))
    inner = bundle(900, two)
    assert list(messages(bundle(500, one, inner, three))) == [(500, one), (900, two), (500, three)]
    assert list(messages(one)) == [(IMMEDIATELY, one)]


def test_a_bundle_within_a_bundle_is_not_earlier_than_the_outer_one() -> None:
    one = message("/one")
    assert list(messages(bundle(500, bundle(IMMEDIATELY, one)))) == [(500, one)]


@pytest.mark.parametrize("size", [-4, 0, 3, 400])
def test_a_bundle_with_an_element_of_an_impossible_size_is_malformed(size: int) -> None:
    with pytest.raises(Malformed):
        list(messages(bundle(1, message("/one")) + struct.pack(">i", size) + message("/two")))


def test_bundles_nested_without_end_are_malformed() -> None:
    datagram = message("/one")
    for _ in range(50):
        datagram = bundle(1, datagram)
    with pytest.raises(Malformed):
        list(messages(datagram))


@given(st.floats(0, 2e9))
def test_a_timetag_keeps_the_time(at_unix_s: float) -> None:
    assert unix_s(timetag_of(at_unix_s)) == pytest.approx(at_unix_s, abs=1e-5)


def test_the_messages_of_one_moment_stay_together_and_in_their_order() -> None:
    first, second, third = (message(ADDRESS, number) for number in range(3))
    whole = bundle(7, first, second, bundle(9, third), first)
    assert by_time(whole) == [(7, (first, second)), (9, (third,)), (7, (first,))]
    assert by_time(first) == [(IMMEDIATELY, (first,))]
