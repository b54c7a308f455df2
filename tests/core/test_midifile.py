"""MIDI files are read as they were written, and what is no MIDI file is told in one line."""

from pathlib import Path

import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mvae.core.errors import UserError
from mvae.core.midifile import Metre, read_performance
from mvae.core.track import Track


def saved(path: Path, *tracks: list[mido.Message], ticks_per_beat: int = 480, kind: int = 1) -> Path:
    mido.MidiFile(type=kind, ticks_per_beat=ticks_per_beat, tracks=[mido.MidiTrack(track) for track in tracks]).save(path)
    return path


def on(time: int, note: int = 36, velocity: int = 100, channel: int = 9) -> mido.Message:
    return mido.Message("note_on", note=note, velocity=velocity, channel=channel, time=time)


def off(time: int, note: int = 36, channel: int = 9) -> mido.Message:
    return mido.Message("note_off", note=note, channel=channel, time=time)


def test_notes_of_every_track_are_read_in_beats(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.mid", [on(480), off(120)], [on(240, 60, 90, 0), on(240, 60, 0, 0)])
    notes = [(note.beat, note.duration, note.channel, note.pitch, note.velocity) for note in read_performance(path).notes]
    assert notes == [(0.5, 0.5, 0, 60, 90), (1.0, 0.25, 9, 36, 100)]


def test_a_note_ends_where_the_same_note_begins_again_or_where_the_file_ends(tmp_path: Path) -> None:
    end = mido.MetaMessage("end_of_track", time=960)
    path = saved(tmp_path / "a.mid", [on(0), on(240), end])
    assert [(note.beat, note.duration) for note in read_performance(path).notes] == [(0.0, 0.5), (0.5, 2.0)]


def test_the_tempo_at_a_beat_is_the_last_one_set(tmp_path: Path) -> None:
    tempo = [mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm), time=time) for bpm, time in ((100, 480), (150, 480))]
    performance = read_performance(saved(tmp_path / "a.mid", tempo))
    assert [round(performance.bpm_at(beat)) for beat in (-0.1, 0.0, 0.99, 1.0, 1.9, 2.0, 99.0)] == [120, 120, 120, 100, 100, 150, 150]


def test_the_metre_at_a_beat_is_the_last_one_set_and_4_4_unless_said(tmp_path: Path) -> None:
    waltz = mido.MetaMessage("time_signature", numerator=3, denominator=4, time=480 * 4)
    performance = read_performance(saved(tmp_path / "a.mid", [waltz]))
    assert performance.metre_at(3.9) == Metre(0.0, 4, 4)
    assert performance.metre_at(4.0) == Metre(4.0, 3, 4)


@pytest.mark.parametrize("metre", [(4, 4), (2, 2), (3, 4), (6, 8), (2, 4), (4, 2)])
def test_2_2_counts_as_4_4_and_nothing_else_does(metre: tuple[int, int]) -> None:
    assert Metre(0.0, *metre).is_four_four is (metre in ((4, 4), (2, 2)))


HITS = st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 127), st.integers(1, 127)), min_size=1, max_size=30)


@given(hits=HITS, bpm=st.integers(20, 400))
@settings(max_examples=25)
def test_a_written_file_reads_back_with_the_same_ticks(
    tmp_path_factory: pytest.TempPathFactory, hits: list[tuple[int, int, int]], bpm: int
) -> None:
    def written() -> bytes:
        track = Track()
        track.tempo(0, bpm)
        tick = 0
        for gap, pitch, velocity in hits:
            track.note(tick + gap, True, 9, pitch, velocity)
            track.note(tick + gap + 60, False, 9, pitch, 0)
            tick += gap + 60
        return track.file()

    path = tmp_path_factory.mktemp("midi") / "take.mid"
    path.write_bytes(written())
    performance = read_performance(path)
    tick, expected = 0, []
    for gap, pitch, velocity in hits:
        expected.append((tick + gap, 60, pitch, velocity))
        tick += gap + 60
    assert [(round(n.beat * 960), round(n.duration * 960), n.pitch, n.velocity) for n in performance.notes] == expected
    assert performance.bpm_at(0.0) == pytest.approx(bpm, rel=1e-5)
    assert written() == path.read_bytes()


@given(st.binary(max_size=200))
def test_bytes_that_are_no_midi_file_are_refused_in_one_line(tmp_path_factory: pytest.TempPathFactory, junk: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "junk.mid"
    path.write_bytes(junk)
    with pytest.raises(UserError, match=r"junk\.mid: "):
        read_performance(path)


@given(st.data())
@settings(max_examples=300)
def test_a_damaged_file_is_read_or_refused_but_never_breaks(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.mid"
    tempo = mido.MetaMessage("set_tempo", tempo=500000)
    metre = mido.MetaMessage("time_signature", numerator=4, denominator=4)
    key = mido.MetaMessage("key_signature", key="C")
    whole = saved(path, [tempo, metre, key, on(0), off(100), on(10, 38), off(100, 38)]).read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    kept = whole[:at] + data.draw(st.sampled_from([b"", bytes([data.draw(st.integers(0, 255))]) + whole[at + 1 :]]))
    path.write_bytes(kept)
    try:
        performance = read_performance(path)
    except UserError as error:
        assert "damaged.mid" in str(error)
    else:
        assert performance.tempos[0][0] == performance.metres[0].beat == 0.0
        assert all(bpm > 0 for _, bpm in performance.tempos)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"gone\.mid: not a readable MIDI file"):
        read_performance(tmp_path / "gone.mid")


def test_several_songs_in_one_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="format 2"):
        read_performance(saved(tmp_path / "a.mid", [on(0), off(10)], kind=2))


def test_smpte_time_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.mid", [on(0), off(10)])
    content = bytearray(path.read_bytes())
    content[12:14] = b"\xe7\x28"  # 25 frames of 40 ticks
    path.write_bytes(content)
    with pytest.raises(UserError, match="SMPTE"):
        read_performance(path)
