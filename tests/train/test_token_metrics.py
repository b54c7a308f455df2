"""Figures of decoded tokens, against phrases small enough to count by hand."""

import numpy as np
import pytest

from mvae.core.tokens import FIRST_PITCH, HOLD, OFF
from mvae.train.token_metrics import Songs, accuracy, numbers, onset_counts, onset_f1, right_onsets, skill, tables

C, D = FIRST_PITCH + 60, FIRST_PITCH + 62
REAL = np.array([C, HOLD, D, OFF]).reshape(1, 4, 1)
PLAYED = np.array([C, HOLD, C, HOLD]).reshape(1, 4, 1)


def test_accuracy_counts_every_step_and_onsets_only_their_own() -> None:
    assert accuracy(REAL, PLAYED).tolist() == [[0.5]]
    right, all_of_them = right_onsets(("melody",), REAL, PLAYED)
    assert (right.tolist(), all_of_them.tolist()) == ([[1.0]], [[2.0]])


def test_an_onset_matches_at_the_same_step_and_pitch() -> None:
    both, there, heard = onset_counts(("melody",), REAL, PLAYED)
    assert (both[0, 0], there[0, 0], heard[0, 0]) == (1, 2, 2)


def test_drums_match_class_by_class() -> None:
    real, played = np.array([0b101, 0, 0b1]).reshape(1, 3, 1), np.array([0b100, 0b1, 0b1]).reshape(1, 3, 1)
    both, there, heard = onset_counts(("drums",), real, played)
    assert (both[0, 0], there[0, 0], heard[0, 0]) == (2, 3, 3)


def test_a_song_counts_once_however_many_phrases_it_has() -> None:
    songs = Songs.of(np.array([7, 7, 7, 9]))
    by_song = songs.means(np.array([[1.0], [1.0], [1.0], [0.0]]))
    assert by_song.tolist() == [[1.0], [0.0]]
    assert songs.drawn(by_song)[0, 0] == 0.5
    assert set(np.unique(songs.drawn(by_song))) == {0.0, 0.5, 1.0}


def test_f1_is_taken_over_the_onsets_of_a_song() -> None:
    real, played = np.concatenate([REAL, REAL]), np.concatenate([PLAYED, REAL])
    assert onset_f1(Songs.of(np.array([0, 0])), ("melody",), real, played).tolist() == [[3 / 4]]


def test_a_song_without_onsets_takes_no_part() -> None:
    silent = np.zeros_like(REAL)
    songs = Songs.of(np.array([0, 1]))
    scores = onset_f1(songs, ("melody",), np.concatenate([REAL, silent]), np.concatenate([PLAYED, silent]))
    assert np.isnan(scores[1, 0])
    assert songs.drawn(scores)[0, 0] == 0.5
    told = numbers({"of_nothing": np.full(11, np.nan)})
    assert told == {"of_nothing": None, "of_nothing_ci": None}


def test_skill_is_nothing_for_who_holds_and_one_for_who_is_right() -> None:
    assert skill(np.array([0.6, 1.0, 0.2]), np.array([0.6, 0.6, 0.6])) == pytest.approx([0.0, 1.0, -1.0])


def test_figures_come_by_stream_with_their_intervals() -> None:
    told = tables({"x": np.array([[0.5, 1.0], [0.4, 1.0], [0.6, 1.0]])}, ("melody", "drums"))
    assert told["x"] == {"melody": 0.5, "drums": 1.0}
    assert told["x_ci"]["drums"] == [1.0, 1.0]
    assert 0.4 <= told["x_ci"]["melody"][0] < told["x_ci"]["melody"][1] <= 0.6
