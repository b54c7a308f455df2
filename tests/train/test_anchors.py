"""Anchors and fills are chosen among training performances."""

import numpy as np

from mvae.train.anchors import choose_anchors, choose_fills, fidelity, provenance
from tests.train.toys import phrase, song_of, windows_over

ROCK = {"kick": [0, 8, 16, 24], "snare": [4, 12, 20, 28], "closed_hat": list(range(0, 32, 2))}
JAZZ = {"ride": [0, 4, 7, 8, 12, 15, 16, 20, 23, 24, 28, 31], "kick": [0, 16]}
FULL = {"closed_hat": list(range(32)), "kick": list(range(32))}
FILL = {"kick": [0, 8], "closed_hat": [0, 4, 8, 12]}


def test_an_anchor_is_typical_of_its_style_and_played_back_well() -> None:
    odd, broken = phrase({"crash": [1, 9, 30]}), phrase(ROCK)
    notes = np.stack([phrase(ROCK), phrase({**ROCK, "kick": [0, 6, 8, 16]}), odd, broken, phrase(JAZZ), phrase(FULL)])
    songs = [song_of("rock.mid", "rock/indie"), song_of("odd.mid", "rock"), song_of("jazz.mid", "jazz"), song_of("full.mid", "rock")]
    windows = windows_over(notes, songs, [0, 0, 1, 0, 2, 3])
    f1 = np.array([1.0, 1.0, 1.0, 0.2, 1.0, 1.0])
    chosen = {point.name: point for point in choose_anchors(windows, notes, f1)}
    assert set(chosen) == {"rock", "jazz"}, "the empty and the full one may not stand beside them"
    assert (chosen["rock"].row, chosen["rock"].file, chosen["rock"].bar) == (0, "rock.mid", 1)
    assert provenance([chosen["jazz"]]) == {"jazz": {"file": "jazz.mid", "bar": 9, "hit_f1": 1.0}}


def test_a_corpus_without_styles_gets_anchors_named_after_its_files_and_far_apart() -> None:
    three = [phrase({"kick": [0, 8, 16, 24], name: list(range(0, 32, 4))}) for name in ("snare", "ride", "closed_hat")]
    notes = np.stack([three[0], three[0], three[1], three[2], phrase({"kick": [0, 16]}), phrase(FULL)])
    songs = [song_of(f"takes/{name}.mid", style="") for name in ("one", "same", "two", "three", "empty", "full")]
    chosen = choose_anchors(windows_over(notes, songs, range(6)), notes, np.ones(6))
    assert [point.name for point in chosen] == ["one", "two", "three", "same"]


def test_fills_are_no_anchors_and_anchors_no_fills() -> None:
    notes = np.stack([phrase(ROCK), phrase(ROCK)])
    windows = windows_over(notes, [song_of("a.mid"), song_of("b.mid", beat_type="fill")], [0, 1])
    assert [point.file for point in choose_anchors(windows, notes, np.ones(2))] == ["a.mid"]
    assert {point.file for point in choose_fills(windows, notes, np.ones(2))} == {"b.mid"}


def test_three_fills_go_around_the_kit_on_the_toms_and_on_the_snare() -> None:
    steps = list(range(16, 32, 2))
    around = phrase({**FILL, "snare": [16, 18], "high_tom": [20, 22], "mid_tom": [24, 26], "low_tom": [28, 30], "crash": [31]})
    toms, snare, plain = (phrase({**FILL, name: steps}) for name in ("mid_tom", "snare", "closed_hat"))
    notes = np.stack([plain, snare, toms, around])
    songs = [song_of(f"{name}.mid", beat_type="fill") for name in ("plain", "snare", "toms", "around")]
    chosen = choose_fills(windows_over(notes, songs, range(4)), notes, np.ones(4))
    assert [(point.name, point.file) for point in chosen] == [("around", "around.mid"), ("toms", "toms.mid"), ("snare", "snare.mid")]


def test_fidelity_is_the_f1_of_each_phrase() -> None:
    real, decoded = np.stack([phrase(ROCK)] * 2), np.stack([phrase(ROCK), phrase({"kick": [0, 8, 16, 24]})])
    assert fidelity(real, decoded).tolist() == [1.0, 8 / 28]
