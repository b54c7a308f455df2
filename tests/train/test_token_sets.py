"""Windows that stand for a corpus, drawn so that a long song does not outweigh the others."""

import numpy as np

from mvae.train.token_sets import drawn, of_each_song
from tests.train.token_toys import melody, windows_over

SONGS = [("long.mid", "cre"), ("short.mid", "cre"), ("closed.mid", "openmsx")]
WINDOWS = windows_over([melody({0: 60})] * 1000, SONGS, [0] * 980 + [1] * 10 + [2] * 10)


def test_songs_weigh_alike_however_long_they_are() -> None:
    rows = drawn(WINDOWS, 60, {})
    assert (WINDOWS.song[rows] == 0).sum() < 30
    assert (WINDOWS.song[rows] == 1).sum() >= 5
    assert len(np.unique(rows)) == len(rows)
    assert (drawn(WINDOWS, 60, {}) == rows).all()


def test_a_set_that_is_not_in_the_mix_is_left_out() -> None:
    assert set(WINDOWS.song[drawn(WINDOWS, 200, {"cre": 0.5, "fiddle_pd": 0.5})].tolist()) == {0, 1}


def test_a_mix_of_which_the_corpus_has_nothing_counts_for_nothing() -> None:
    assert set(WINDOWS.song[drawn(WINDOWS, 200, {"lieder": 1.0})].tolist()) == {0, 1, 2}


def test_no_windows_give_none() -> None:
    empty = windows_over([melody({0: 60})], [("a", "cre")], [0])
    none = type(empty)("melody", 2, empty.rows, empty.songs, empty.start[:0], empty.song[:0])
    assert not len(drawn(none, 5, {})) and not len(of_each_song(none, 5, 1))


def test_of_each_open_song_a_few_windows_spread_over_it() -> None:
    rows = of_each_song(WINDOWS, 3, apart=2)
    assert rows.tolist() == [0, 488, 978, 980, 984, 988]


def test_a_corpus_without_open_sets_gives_all_its_songs() -> None:
    assert set(WINDOWS.song[of_each_song(WINDOWS, 2, 1, sets=("lieder",))].tolist()) == {0, 1, 2}
