"""What goes down and up the pipes comes out as it went in, however the pipe cuts it."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.score import Due, Handoff
from mvae.live import frames, wire

I32 = st.integers(-(1 << 31), (1 << 31) - 1)
U32 = st.integers(0, (1 << 32) - 1)
U16 = st.integers(0, (1 << 16) - 1)
BYTE = st.integers(0, 255)
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
DUE = st.builds(Due, st.integers(-(1 << 15), (1 << 15) - 1), I32, I32, I32, U16, BYTE, BYTE)
HANDOFF = st.builds(Handoff, U16, U32, I32, I32, I32, st.lists(DUE, max_size=5).map(tuple), st.booleans())
HANDOFFS = st.lists(HANDOFF, max_size=3).map(tuple)
OPENED = st.builds(wire.Opened, BYTE, TEXT, TEXT, st.booleans())
BPM = st.floats(20, 400)
MESSAGES = st.one_of(
    HANDOFF,
    st.builds(wire.Tempo, BPM),
    st.builds(wire.Nudge, st.floats(-100, 100)),
    st.builds(wire.Locate, I32),
    st.builds(wire.Cue, I32, HANDOFFS),
    st.builds(wire.Join, I32, U16),
    st.builds(wire.Share, st.booleans()),
    st.builds(wire.Located, I32),
    st.builds(wire.Sync, TEXT, st.integers(0, 99)),
    st.builds(wire.Play, I32, HANDOFFS),
    st.builds(wire.Continue, I32, HANDOFFS),
    st.builds(wire.Enter, I32, HANDOFFS),
    st.builds(wire.Stop, I32),
    st.just(wire.Panic()),
    st.builds(wire.Resume, HANDOFFS),
    st.builds(wire.Ready, TEXT, TEXT, st.booleans(), TEXT, st.lists(OPENED, max_size=3).map(tuple)),
    OPENED,
    st.builds(wire.Refused, BYTE, TEXT),
    st.builds(wire.Open, BYTE, TEXT, TEXT),
    st.builds(wire.Plugged, BYTE, TEXT),
    st.builds(wire.Unplugged, BYTE),
    st.builds(wire.Hush, BYTE),
    st.builds(wire.Thru, U16, BYTE, BYTE, BYTE),
    st.builds(wire.Failed, TEXT),
    st.builds(wire.Accepted, U16, U32, I32, U16, U16, U16, U16),
    st.builds(wire.Sent, I32, st.booleans(), BYTE, BYTE, BYTE, U16, st.integers(-1, 99), I32, I32),
    st.builds(wire.Repeated, U16, I32, I32),
    st.builds(wire.Started, I32, I32, U16, U32),
    st.builds(wire.Stopping, I32, I32),
    st.builds(wire.Stopped, I32),
    st.builds(wire.Panicked, I32),
    st.builds(wire.TempoAt, I32, BPM),
    st.builds(wire.Stall, I32, U32, U16, I32),
    st.builds(wire.Succeeded, I32, I32),
)


@given(st.lists(MESSAGES, max_size=6), st.integers(1, 50))
def test_messages_survive_a_pipe_that_cuts_them_anywhere(messages: list[wire.Down | wire.Up], cut: int) -> None:
    data = b"".join(map(frames.encode, messages))
    reader = frames.Reader()
    heard = [message for at in range(0, len(data), cut) for message in reader.feed(data[at : at + cut])]
    assert heard == messages
    assert list(map(type, heard)) == list(map(type, messages))


def test_a_handoff_of_a_hundred_notes_is_read_well_within_a_third_of_a_millisecond() -> None:
    frame = frames.encode(Handoff(0, 1, 0, 64, 0, tuple(Due(n % 9, n, n * 240, n * 240 + 99, 9, 36, 100) for n in range(100))))
    reader, times_s = frames.Reader(), []
    for _ in range(200):
        begin_s = time.perf_counter()
        reader.feed(frame)
        times_s.append(time.perf_counter() - begin_s)
    assert min(times_s) < 0.0003


def test_only_messages_of_the_table_have_a_frame() -> None:
    with pytest.raises(TypeError, match="Died"):
        frames.encode(wire.Died("made by the link itself"))
