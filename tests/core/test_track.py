"""A MIDI file that grows is whole at every moment; where files can be written, and that asking changes nothing."""

import io
import os
from pathlib import Path

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.errors import UserError
from mvae.core.track import Track, check_writable, replace_file, variable_length

NOTES = st.tuples(st.integers(0, 100_000), st.booleans(), st.integers(0, 15), st.integers(0, 127), st.integers(1, 127))


def read(track: Track) -> list[tuple[int, mido.Message]]:
    """(tick, message) of the file, but for its head and its end."""
    file = mido.MidiFile(file=io.BytesIO(track.file()))
    assert (file.type, file.ticks_per_beat, len(file.tracks)) == (0, 960, 1)
    tick, found = 0, []
    for message in file.tracks[0]:
        tick += message.time
        found.append((tick, message))
    assert [message.type for _, message in (*found[:2], found[-1])] == ["track_name", "time_signature", "end_of_track"]
    return found[2:-1]


@given(st.integers(0, (1 << 28) - 1))
def test_a_variable_length_is_read_back_as_it_was(value: int) -> None:
    data = variable_length(value)
    number = 0
    for byte in data:
        number = number << 7 | byte & 0x7F
    assert number == value and all(byte & 0x80 for byte in data[:-1]) and not data[-1] & 0x80
    assert len(data) == max(1, -(-value.bit_length() // 7))


@given(st.lists(NOTES, max_size=20).map(sorted))
def test_the_file_holds_every_event_at_its_tick_and_closes_what_sounds(notes: list[tuple[int, bool, int, int, int]]) -> None:
    track, sounding = Track(), dict[tuple[int, int], None]()
    for note in notes:
        track.note(*note)
        key = (note[2], note[3])
        sounding.pop(key, None) if not note[1] else sounding.update({key: None})
        found = read(track)  # whole at every moment
    found = read(track)
    kinds = [(tick, message.type == "note_on", message.channel, message.note, message.velocity) for tick, message in found]
    assert kinds[: len(notes)] == notes
    assert {(channel, pitch) for _, _, channel, pitch, _ in kinds[len(notes) :]} == set(sounding)
    assert all(not on and tick == notes[-1][0] for tick, on, *_ in kinds[len(notes) :])


@pytest.mark.parametrize("bpm", [20.0, 93.7, 120.0, 400.0])
def test_a_tempo_is_read_back_to_the_microsecond(bpm: float) -> None:
    track = Track()
    track.tempo(0, 100.0)
    track.tempo(1920, bpm)
    (_, first), (tick, message) = read(track)
    assert (first.tempo, tick) == (600_000, 1920) and message.tempo == pytest.approx(60e6 / bpm, abs=0.5)


def test_an_event_before_the_last_one_is_taken_with_it() -> None:
    track = Track()
    track.note(960, True, 9, 36, 100)
    track.note(900, False, 9, 36, 0)
    assert [tick for tick, _ in read(track)] == [960, 960] and track.tick == 960


def test_the_bytes_depend_on_the_events_alone() -> None:
    one, other = Track("a"), Track("a")
    for track in (one, other):
        track.note(0, True, 9, 36, 100)
    one.file()
    assert one.file() == other.file() != Track("b").file()


def test_asking_whether_a_file_can_be_written_leaves_it_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "take.mid"
    check_writable(path)
    assert list(tmp_path.iterdir()) == []
    path.write_bytes(b"a take")
    check_writable(path)
    assert path.read_bytes() == b"a take" and list(tmp_path.iterdir()) == [path]


def test_paths_that_cannot_take_a_file_are_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    os.mkfifo(tmp_path / "pipe")
    reasons = {
        tmp_path / "none" / "take.mid": "is not there",
        tmp_path / "file" / "take.mid": "is not there",
        tmp_path: "is a folder",
        Path(""): "is a folder",
        tmp_path / "pipe": "is not a plain file",
        Path("/dev/null"): "is not a plain file",
        tmp_path / ("long" * 100): "cannot be written",
    }
    for path, reason in reasons.items():
        with pytest.raises(UserError, match=reason) as refused:
            check_writable(path)
        assert "\n" not in str(refused.value) and str(path) in str(refused.value)


def test_a_write_protected_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "take.mid"
    path.write_bytes(b"a take")
    monkeypatch.setattr("mvae.core.track.os.access", lambda *_: False)  # as for anyone but root, whom no mode stops
    with pytest.raises(UserError, match="write-protected"):
        check_writable(path)


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "take.mid"
    replace_file(path, b"one")
    replace_file(path, b"two")
    assert path.read_bytes() == b"two" and list(tmp_path.iterdir()) == [path]

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("mvae.core.track.os.replace", refuse)
    with pytest.raises(OSError, match="No space"):
        replace_file(path, b"three")
    assert path.read_bytes() == b"two" and list(tmp_path.iterdir()) == [path]


def test_a_program_change_says_the_channel_and_the_program() -> None:
    track = Track()
    track.program(480, 3, 33)
    ((tick, message),) = read(track)
    assert (tick, message.type, message.channel, message.program) == (480, "program_change", 3, 33)


@pytest.mark.parametrize(("until", "length"), [(0, 960), (500, 960), (3840, 3840)])
def test_a_file_lasts_at_least_as_long_as_it_is_told(until: int, length: int) -> None:
    track = Track()
    track.note(0, True, 0, 60, 90)
    track.note(960, False, 0, 60, 0)
    file = mido.MidiFile(file=io.BytesIO(track.file(until)))
    assert sum(message.time for message in file.tracks[0]) == length
