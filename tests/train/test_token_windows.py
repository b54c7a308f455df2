"""Which windows of a song there are, and what a batch of them holds."""

from collections.abc import Sequence

import numpy as np
import pytest

from mvae.core.lines import Lines
from mvae.core.tokens import FIRST_PITCH, HOLD, OFF, STREAMS, Tokens
from mvae.train.token_windows import TokenSong, TokenWindows, window_starts

BAR = 16


def line(bars: Sequence[Sequence[int]]) -> Tokens:
    """A bar after another; the pitches of each, one a beat."""
    tokens = np.zeros(len(bars) * BAR, np.int64)
    for bar, pitches in enumerate(bars):
        for n, pitch in enumerate(pitches):
            tokens[bar * BAR + 4 * n] = FIRST_PITCH + pitch
    return tokens


def drums(bars: Sequence[Sequence[int]]) -> Tokens:
    """A bar after another; the sets of each, one a beat."""
    tokens = np.zeros(len(bars) * BAR, np.int64)
    for bar, sets in enumerate(bars):
        tokens[bar * BAR : bar * BAR + 4 * len(sets) : 4] = sets
    return tokens


def bars_of(kind: str, bars: int, **streams: Sequence[Tokens]) -> list[int]:
    """The bars at which windows start, of lines of one length."""
    (length,) = {len(each) for lines in streams.values() for each in lines}
    lines = Lines({name: tuple(streams.get(name, ())) for name in STREAMS[kind]}, length, 120.0)
    return [starts[0][1] // BAR for starts in window_starts(kind, lines, bars)]


def windows(kind: str, rows: Tokens, start: Sequence[Sequence[int]], bars: int = 1) -> TokenWindows:
    songs = (TokenSong("a.mid", "train", "a", 120.0),)
    return TokenWindows(kind, bars, rows.astype(np.uint16), songs, np.array(start), np.zeros(len(start), np.int64))


FULL = [60, 62, 64, 65]


def test_a_window_begins_at_every_bar_that_leaves_room() -> None:
    assert bars_of("melody", 2, melody=[line([FULL] * 5)]) == [0, 1, 2, 3]
    assert bars_of("melody", 4, melody=[line([FULL] * 5)]) == [0, 1]
    assert bars_of("melody", 16, melody=[line([FULL] * 5)]) == []


def test_a_melody_has_three_pitches() -> None:
    assert bars_of("melody", 2, melody=[line([[60, 62, 60, 62]] * 2)]) == []
    assert bars_of("melody", 2, melody=[line([[60, 62, 60, 62], [60, 62, 64]])]) == [0]


def test_a_melody_begins_something_in_three_bars_of_four() -> None:
    assert bars_of("melody", 4, melody=[line([FULL, FULL, [], FULL])]) == [0]
    assert bars_of("melody", 4, melody=[line([FULL, [], [], FULL])]) == []
    assert bars_of("melody", 2, melody=[line([FULL, []])]) == []  # three quarters of two bars are both


def test_a_melody_has_three_notes_in_two_bars() -> None:
    assert bars_of("melody", 2, melody=[line([[60, 62], [64]])]) == [0]
    assert bars_of("melody", 4, melody=[line([[60, 62], [64], [65], [60]])]) == []


def test_a_note_that_ends_is_nothing_that_begins() -> None:
    tokens = line([FULL, FULL, FULL, []])
    tokens[3 * BAR] = OFF
    assert bars_of("melody", 2, melody=[tokens]) == [0, 1]


def test_a_bass_may_stay_on_one_pitch() -> None:
    assert bars_of("bass", 2, bass=[line([[36], [36]])]) == [0]


def test_drums_sound_in_every_bar_and_twice_a_bar_on_average() -> None:
    assert bars_of("drums", 2, drums=[drums([[1, 2], [1, 4]])]) == [0]
    assert bars_of("drums", 2, drums=[drums([[0b111], [1]])]) == [0]
    assert bars_of("drums", 2, drums=[drums([[1, 2], [1]])]) == []
    assert bars_of("drums", 2, drums=[drums([[1, 2, 1, 2], []])]) == []


def test_several_melodies_and_basses_of_a_trio_are_combined() -> None:
    full, bass = line([FULL] * 16), line([[36]] * 16)
    lines = Lines({"melody": (full, full), "bass": (bass, bass, bass), "drums": (drums([[1]] * 16),)}, 16 * BAR, 120.0)
    found = [tuple(number for number, _ in starts) for starts in window_starts("trio", lines, 16)]
    assert found == [(melody, bass, 0) for melody in (0, 1) for bass in (0, 1, 2)]


def test_a_trio_needs_each_of_its_streams() -> None:
    full, bass, kit = line([FULL] * 16), line([[36]] * 16), drums([[1]] * 16)
    assert bars_of("trio", 16, melody=[full], bass=[bass], drums=[kit]) == [0]
    assert bars_of("trio", 16, melody=[full], bass=[], drums=[kit]) == []


@pytest.mark.parametrize(("sounding", "fits"), [((10, 12, 12), True), ((9, 12, 12), False), ((10, 11, 12), False), ((10, 12, 11), False)])
def test_a_trio_may_rest_in_six_bars_of_the_melody_and_four_of_the_others(sounding: tuple[int, int, int], fits: bool) -> None:
    melody, bass, kit = sounding
    streams = {
        "melody": [line([FULL] * melody + [[]] * (16 - melody))],
        "bass": [line([[36]] * bass + [[]] * (16 - bass))],
        "drums": [drums([[1]] * kit + [[]] * (16 - kit))],
    }
    assert bool(bars_of("trio", 16, **streams)) is fits


def test_of_each_bar_only_the_lines_that_fit_there_are_taken() -> None:
    early, late = line([FULL] * 2 + [[]] * 2), line([[]] * 2 + [FULL] * 2)
    lines = Lines({"melody": (early, late)}, 4 * BAR, 120.0)
    assert list(window_starts("melody", lines, 2)) == [((0, 0),), ((1, 2 * BAR),)]


def test_a_note_that_sounds_into_a_window_is_lost_with_its_end() -> None:
    rows = line([[60], []])
    rows[BAR + 4] = OFF
    rows[BAR + 8] = FIRST_PITCH + 64
    (batch,) = windows("melody", rows, [[BAR]]).batch([0])
    assert batch[:, 0].tolist() == [HOLD] * 8 + [FIRST_PITCH + 64] + [HOLD] * 7


def test_the_set_of_drums_that_is_numbered_like_an_off_stays() -> None:
    (batch,) = windows("drums", drums([[1, 1]]), [[0]]).batch([0])
    assert batch[:8, 0].tolist() == [1, 0, 0, 0, 1, 0, 0, 0]


def test_a_batch_has_each_stream_from_its_own_place() -> None:
    rows = np.concatenate([line([[70]]), line([[40]]), drums([[3]])])
    batch = windows("trio", rows, [[0, BAR, 2 * BAR]]).batch(slice(0, 1))
    assert batch.shape == (1, BAR, 3) and batch.dtype == np.int64
    assert batch[0, 0].tolist() == [FIRST_PITCH + 70, FIRST_PITCH + 40, 3]


def test_distinct_windows_are_the_first_of_each_kind() -> None:
    rows = line([[60], [62], [60], [62], [64]])
    found = windows("melody", rows, [[bar * BAR] for bar in range(5)])
    assert found.distinct().tolist() == [0, 1, 4]


def test_windows_that_differ_only_by_what_came_before_are_one() -> None:
    rows = line([[60], [62], [62]])
    rows[BAR] = OFF  # ends the 60
    rows[BAR + 4], rows[2 * BAR], rows[2 * BAR + 4] = FIRST_PITCH + 62, HOLD, FIRST_PITCH + 62
    assert windows("melody", rows, [[BAR], [2 * BAR]]).distinct().tolist() == [0]
