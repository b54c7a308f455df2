"""Bars out of a performance: which ones, which line, and why a performance does not fit."""

import numpy as np
import pytest

from mvae.core.errors import UserError
from mvae.core.excerpt import groove_excerpt, kit_of, token_excerpt
from mvae.core.groove import HITS, OFFSETS
from mvae.core.midifile import Metre, Performance, PlayedNote
from mvae.core.tokens import FIRST_PITCH, HOLD, OFF

FOUR_FOUR = (Metre(0.0, 4, 4),)
DRUMS, MELODY, BASS = (9, 0), (0, 0), (1, 33)  # channel and program


def note(part: tuple[int, int], beat: float, pitch: int, duration: float = 0.25, track: int = 0) -> PlayedNote:
    return PlayedNote(beat, duration, part[0], pitch, 90, part[1], track)


def performance(*notes: PlayedNote, metres: tuple[Metre, ...] = FOUR_FOUR) -> Performance:
    return Performance(tuple(sorted(notes)), ((0.0, 120.0), (8.0, 90.0)), metres)


def trio(bars: int, first: int = 0) -> tuple[PlayedNote, ...]:
    """A note of each part at the line of each bar, from bar `first` on."""
    parts = ((DRUMS, 36), (MELODY, 60), (BASS, 36))
    return tuple(note(part, 4.0 * bar, pitch, 4.0) for part, pitch in parts for bar in range(first, bars))


def test_an_excerpt_begins_with_the_bar_that_is_asked_for() -> None:
    played = performance(*(note(MELODY, 4.0 * bar, 60 + bar, 4.0) for bar in range(4)))
    found = token_excerpt(played, "melody", 2, 3)
    assert found.bar == 3 and found.music.shape == (32, 1) and found.music.dtype == np.int64
    assert found.music[[0, 16], 0].tolist() == [FIRST_PITCH + 62, FIRST_PITCH + 63]


def test_without_a_bar_it_begins_where_the_music_does() -> None:
    assert token_excerpt(performance(*trio(6)), "trio", 2).bar == 1
    assert token_excerpt(performance(*trio(6, first=3)), "trio", 2).bar == 3  # bars 3 and 4: the music begins in the second of them
    assert groove_excerpt(performance(*trio(6, first=3)), 2).bar == 3


def test_a_trio_is_read_where_all_three_play() -> None:
    played = performance(*(n for n in trio(6) if n.channel == 9 or n.beat >= 16))
    found = token_excerpt(played, "trio", 1)
    assert found.bar == 5 and found.music.shape == (16, 3)
    assert found.music[0].tolist() == [FIRST_PITCH + 60, FIRST_PITCH + 36, 1]


def test_of_several_lines_the_one_with_the_most_onsets_in_those_bars_is_taken() -> None:
    first = [note(MELODY, beat, 60) for beat in (0, 1, 2, 4)]
    second = [note(MELODY, beat, 72, track=1) for beat in (0, 4, 5, 6)]
    played = performance(*first, *second)
    assert token_excerpt(played, "melody", 1, 1).music[0, 0] == FIRST_PITCH + 60
    assert token_excerpt(played, "melody", 1, 2).music[0, 0] == FIRST_PITCH + 72


def test_a_note_that_was_held_into_the_excerpt_leaves_no_trace() -> None:
    played = performance(note(MELODY, 3.0, 60, 2.0), note(MELODY, 6.0, 62, 1.0), note(MELODY, 7.5, 62, 0.5))
    tokens = token_excerpt(played, "melody", 1, 2).music[:, 0]
    assert tokens[4] == HOLD and tokens[8] == FIRST_PITCH + 62 and tokens[12] == OFF


def test_a_groove_is_read_with_its_timing_but_without_its_median_offset() -> None:
    played = performance(*(note(DRUMS, beat + 0.02, 36) for beat in range(7)), note(DRUMS, 7.04, 36))
    found = groove_excerpt(played, 2)
    assert found.music.shape == (32, 27) and found.music.dtype == np.float32
    assert np.flatnonzero(found.music[:, HITS].any(1)).tolist() == list(range(0, 32, 4))
    assert found.music[::4, OFFSETS][:, 0] == pytest.approx([0] * 7 + [0.02 * 4 * 2], abs=1e-6)


def test_the_tempo_is_that_of_the_first_bar() -> None:
    played = performance(*(note(DRUMS, beat, 36) for beat in range(16)))
    assert groove_excerpt(played, 2, 1).tempo_bpm == 120.0
    assert groove_excerpt(played, 2, 3).tempo_bpm == 90.0


def test_a_kit_is_known_by_what_only_it_sends() -> None:
    assert kit_of(performance(note(DRUMS, 0, 36))) == "gm"
    assert kit_of(performance(note(DRUMS, 0, 22))) == "td11"
    low_tom, mid_tom = 4, 5
    assert groove_excerpt(performance(note(DRUMS, 0, 45), note(DRUMS, 1, 36)), 1).music[0, low_tom] == 1
    assert groove_excerpt(performance(note(DRUMS, 0, 45), note(DRUMS, 1, 22)), 1).music[0, mid_tom] == 1


@pytest.mark.parametrize(
    ("kind", "notes", "bar", "told"),
    [
        ("melody", (), None, "no notes"),
        ("melody", (note(DRUMS, 0, 36, 4.0),), None, "no melody (notes off channel 10"),
        ("bass", (note(MELODY, 0, 36, 4.0),), None, "no bass (notes off channel 10 whose program is 33-40)"),
        ("drums", (note(MELODY, 0, 36, 4.0),), None, "no drums on channel 10"),
        ("groove", (note(MELODY, 0, 36, 4.0),), None, "no drums on channel 10"),
        ("trio", tuple(n for n in trio(4) if n.channel != 1), None, "no bass"),
        ("trio", tuple(n for n in trio(4) if n.channel != 9), None, "no drums on channel 10"),
        ("melody", (note(MELODY, 0, 60, 1.0),), None, "1 bar of 4/4 in it, and the model plays 2"),
        ("groove", (note(DRUMS, 0, 36, 1.0),), None, "1 bar of 4/4 in it, and the model plays 2"),
        ("melody", trio(4), 4, "bar 4: it has 4 bars, so an excerpt of 2 begins with bar 3 at the latest"),
        ("melody", (*trio(6, first=4), note(MELODY, 0, 60)), 2, "no melody in bars 2 to 3"),
        ("trio", (*trio(1), note(MELODY, 8, 60), note(BASS, 16, 36), note(DRUMS, 24, 36, 8.0)), 2, "no bass in bars 2 to 3"),
        ("trio", (note(MELODY, 0, 60), note(BASS, 16, 36), note(DRUMS, 24, 36, 8.0)), None, "no 2 bars in it in which melody and bass"),
    ],
)
def test_what_does_not_fit_says_why(kind: str, notes: tuple[PlayedNote, ...], bar: int | None, told: str) -> None:
    with pytest.raises(UserError) as failure:
        groove_excerpt(performance(*notes), 2, bar) if kind == "groove" else token_excerpt(performance(*notes), kind, 2, bar)
    assert str(failure.value).startswith(told)


@pytest.mark.parametrize("kind", ["groove", "melody", "trio"])
def test_music_in_another_metre_is_refused(kind: str) -> None:
    played = performance(*trio(4), metres=(Metre(0.0, 3, 4),))
    with pytest.raises(UserError, match="metre 3/4; only 4/4 is read"):
        groove_excerpt(played, 2) if kind == "groove" else token_excerpt(played, kind, 2)


def test_the_first_stretch_that_is_long_enough_is_read() -> None:
    metres = (Metre(0.0, 4, 4), Metre(4.0, 3, 4), Metre(10.0, 4, 4))
    played = performance(note(MELODY, 0, 60, 4.0), note(MELODY, 10, 72, 4.0), note(MELODY, 14, 74, 4.0), metres=metres)
    assert token_excerpt(played, "melody", 2).music[0, 0] == FIRST_PITCH + 72
