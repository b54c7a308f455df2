"""A MIDI file becomes lines of tokens: what is a melody, what a bass, and where a note is placed."""

import re
from pathlib import Path

import numpy as np
import pytest

from mvae.core.errors import UserError
from mvae.core.lines import Lines
from mvae.core.tokens import FIRST_PITCH, HOLD, OFF
from mvae.train.lines import read_lines
from mvae.train.sources import Source
from tests.train.songs import Played, tune, write

TRIO = ("melody", "bass", "drums")


def read(path: Path, streams: tuple[str, ...] = TRIO, kit: str = "gm", tracks: str | None = None) -> tuple[Lines, ...]:
    return read_lines(Source(path, path.name, "train"), streams, kit, re.compile(tracks) if tracks else None)


def only(path: Path, stream: str = "melody") -> list[int]:
    """The one line of a stream of the one stretch."""
    (lines,) = read(path)
    (line,) = lines.streams[stream]
    return [int(token) for token in line]


def test_a_written_melody_reads_as_it_was_written(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mid", Played(0, [(0, 60, 2), (4, 64, 4), (8, 67, 8)]))
    expected = [HOLD] * 16
    expected[0], expected[2], expected[4], expected[8] = FIRST_PITCH + 60, OFF, FIRST_PITCH + 64, FIRST_PITCH + 67
    assert only(path) == expected


def test_of_a_chord_the_highest_note_is_kept(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mid", Played(0, [(0, 60, 16), (0, 67, 4), (0, 64, 16)]))
    line = only(path)
    assert line[0] == FIRST_PITCH + 67 and line[4] == OFF and np.count_nonzero(line) == 2


def test_notes_that_begin_at_one_step_only_after_rounding_are_a_chord_too(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mid", Played(0, [(3.75, 72, 4), (4.25, 60, 4), (12, 60, 4)]))
    line = only(path)
    assert [step for step, token in enumerate(line) if token >= FIRST_PITCH] == [4, 12] and line[4] == FIRST_PITCH + 72


@pytest.mark.parametrize(("written", "read_at"), [(4.49, 4), (4.5, 5), (5.49, 5), (5.5, 6)])
def test_an_onset_is_placed_at_the_nearest_step_halves_up(tmp_path: Path, written: float, read_at: int) -> None:
    line = only(write(tmp_path / "a.mid", Played(0, [(written, 60, 3), (12, 60, 4)])))
    assert np.flatnonzero(np.array(line) >= FIRST_PITCH).tolist() == [read_at, 12]


@pytest.mark.parametrize(("end", "off"), [(2.49, 2), (2.5, 3), (3.49, 3), (0.1, 1)])
def test_a_note_off_is_placed_at_the_nearest_step_but_never_at_its_onset(tmp_path: Path, end: float, off: int) -> None:
    line = only(write(tmp_path / "a.mid", Played(0, [(0, 60, end), (12, 60, 4)])))
    assert line.index(OFF) == off


@pytest.mark.parametrize("program", [0, 31, 40, 95])
def test_programs_up_to_95_outside_the_basses_are_melodies(tmp_path: Path, program: int) -> None:
    (lines,) = read(write(tmp_path / "a.mid", Played(program, tune(0, 1))))
    assert {name: len(found) for name, found in lines.streams.items()} == {"melody": 1, "bass": 0, "drums": 0}


@pytest.mark.parametrize("program", [32, 39])
def test_programs_32_to_39_are_basses(tmp_path: Path, program: int) -> None:
    (lines,) = read(write(tmp_path / "a.mid", Played(program, tune(0, 1))))
    assert {name: len(found) for name, found in lines.streams.items()} == {"melody": 0, "bass": 1, "drums": 0}


def test_sound_effects_and_percussion_above_95_are_no_music(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^no melody or bass or drums in it$"):
        read(write(tmp_path / "a.mid", Played(96, tune(0, 1))))


def test_every_track_and_channel_and_program_is_a_line_of_its_own(tmp_path: Path) -> None:
    tracks = (Played(0, tune(0, 1), 0), Played(0, tune(1, 1), 0), Played(5, tune(2, 1), 1), Played(38, tune(3, 1, 36), 2))
    (lines,) = read(write(tmp_path / "a.mid", *tracks))
    assert len(lines.streams["melody"]) == 3 and len(lines.streams["bass"]) == 1
    assert all(len(line) == lines.steps for stream in lines.streams.values() for line in stream)


def test_drums_are_channel_ten_whatever_the_program(tmp_path: Path) -> None:
    (lines,) = read(write(tmp_path / "a.mid", Played(33, [(0, 36, 1), (0, 42, 1), (4, 38, 1)], channel=9)))
    assert [int(token) for token in lines.streams["drums"][0][:5]] == [0b101, 0, 0, 0, 0b10]
    assert not lines.streams["bass"]


def test_the_toms_are_read_by_the_kit(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mid", Played(0, [(0, 48, 1)], channel=9))
    assert [int(read(path, kit=kit)[0].streams["drums"][0][0]) for kit in ("gm", "td11")] == [1 << 5, 1 << 6]


@pytest.mark.parametrize("metre", [(4, 4), (2, 2)])
def test_four_four_and_two_two_are_read(tmp_path: Path, metre: tuple[int, int]) -> None:
    (lines,) = read(write(tmp_path / "a.mid", Played(0, tune(0, 3)), metres=[(0, *metre)]))
    assert lines.steps == 48


@pytest.mark.parametrize("metre", [(3, 4), (6, 8), (2, 4), (8, 8)])
def test_another_metre_is_left_out_and_said(tmp_path: Path, metre: tuple[int, int]) -> None:
    with pytest.raises(UserError, match=f"^metre {metre[0]}/{metre[1]}; only 4/4 is read$"):
        read(write(tmp_path / "a.mid", Played(0, tune(0, 2)), metres=[(0, *metre)]))


def test_the_metre_that_is_said_is_that_of_the_notes(tmp_path: Path) -> None:
    later = [(step + 16, pitch, length) for step, pitch, length in tune(0, 2)]
    with pytest.raises(UserError, match=r"^metre 3/4"):
        read(write(tmp_path / "a.mid", Played(0, later), metres=[(0, 4, 4), (1, 3, 4)]))


def test_a_change_of_metre_parts_the_song(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mid", Played(0, tune(0, 8)), metres=[(0, 4, 4), (3, 3, 4), (6, 4, 4)])
    assert [lines.steps for lines in read(path)] == [48, 32]


def test_the_same_metre_said_again_does_not(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mid", Played(0, tune(0, 8)), metres=[(0, 4, 4), (3, 2, 2), (6, 4, 4)])
    assert [lines.steps for lines in read(path)] == [128]


def test_tracks_chooses_melodies_and_basses_by_name_and_leaves_drums(tmp_path: Path) -> None:
    tracks = (Played(0, tune(0, 1), 0, "MELODY"), Played(0, tune(1, 1), 1, "PIANO"), Played(33, tune(2, 1), 2, "BASS"))
    path = write(tmp_path / "a.mid", *tracks, Played(0, [(0, 36, 1)], 9, "kit"))
    (lines,) = read(path, tracks="MELODY|BASS")
    assert {name: len(found) for name, found in lines.streams.items()} == {"melody": 1, "bass": 1, "drums": 1}


def test_a_song_is_as_long_as_all_that_is_played_in_it_whichever_tracks_are_kept(tmp_path: Path) -> None:
    lead = [*tune(0, 3), *((step + 10 * 16, pitch, length) for step, pitch, length in tune(2, 2))]
    path = write(
        tmp_path / "a.mid", Played(0, lead, 0, "MELODY"), Played(0, tune(1, 18), 1, "PIANO"), metres=[(0, 4, 4), (9, 3, 4), (10, 4, 4)]
    )
    first, second = read(path, tracks="^MELODY$")
    assert [len(lines.streams["melody"]) for lines in (first, second)] == [1, 1]
    assert [(lines.steps, len(lines.streams["melody"][0])) for lines in (first, second)] == [(9 * 16, 9 * 16), (8 * 16, 8 * 16)]
    assert np.flatnonzero(first.streams["melody"][0] >= FIRST_PITCH).tolist() == list(range(0, 3 * 16, 4))


def test_a_track_that_is_silent_in_4_4_is_the_reason_given(tmp_path: Path) -> None:
    lead = [(step + 4 * 16, pitch, length) for step, pitch, length in tune(0, 2)]
    path = write(tmp_path / "a.mid", Played(0, lead, 0, "MELODY"), Played(0, tune(1, 6), 1, "PIANO"), metres=[(0, 4, 4), (4, 3, 4)])
    with pytest.raises(UserError, match=r"^no melody in it$"):
        read(path, ("melody",), tracks="MELODY")


def test_a_pattern_that_finds_no_track_is_the_reason_given(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mid", Played(0, tune(0, 1), 0, "PIANO"))
    with pytest.raises(UserError, match="no track whose name 'MELODY' finds"):
        read(path, ("melody",), tracks="MELODY")


def test_what_is_no_midi_file_or_silent_gives_a_reason_without_its_name(tmp_path: Path) -> None:
    (tmp_path / "a.mid").write_bytes(b"MThd")
    with pytest.raises(UserError, match=r"^not a readable MIDI file"):
        read(tmp_path / "a.mid")
    with pytest.raises(UserError, match=r"^no notes$"):
        read(write(tmp_path / "b.mid", Played(0, [])))


def test_the_tempo_is_that_of_the_stretch(tmp_path: Path) -> None:
    (lines,) = read(write(tmp_path / "a.mid", Played(0, tune(0, 1)), bpm=150))
    assert lines.bpm == pytest.approx(150)
