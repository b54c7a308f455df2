"""Anchors of a bundle of tokens are chosen among test songs."""

import numpy as np

from mvae.core.tokens import OFF, Tokens
from mvae.train.token_anchors import ANCHORS, choose_tunes, corners, in_key, note_f1, places, usable
from mvae.train.token_knobs import told
from tests.train.token_toys import melody, windows_over

SCALE = [60, 62, 64, 65, 67, 69, 71, 72]


def tune(seed: int, count: int) -> Tokens:
    draw = np.random.default_rng(seed)
    steps = [0, *(1 + draw.permutation(31)[: count - 1]).tolist()]
    return melody({step: SCALE[int(draw.integers(8))] for step in steps})


def test_note_f1_matches_step_and_pitch_and_forgets_offs() -> None:
    real, other = melody({0: 60, 4: 62, 8: 64}), melody({0: 60, 4: 63})
    other[6] = OFF
    assert note_f1("melody", np.stack([real, real]), np.stack([real, other])).tolist() == [1.0, 2 / 5]


def test_note_f1_of_drums_counts_hits_and_of_a_trio_the_worst_stream() -> None:
    trio = np.zeros((1, 16, 3), np.int64)
    trio[0, 0] = 62, 40, 0b101
    other = trio.copy()
    other[0, 0, 2] = 0b011
    assert note_f1("drums", trio[..., 2:], other[..., 2:]).tolist() == [0.5]
    assert note_f1("trio", trio, other).tolist() == [0.5]


def test_a_tune_with_one_sharp_is_in_key_and_a_chromatic_one_is_not() -> None:
    sharp, chromatic = melody(dict(enumerate([67, 69, 71, 72, 74, 76, 78, 79]))), melody({i: 60 + i for i in range(12)})
    assert in_key("melody", np.stack([sharp, chromatic, melody({})])).round(2).tolist() == [1.0, 0.58, 1.0]


def test_an_anchor_begins_on_its_first_beat_and_is_neither_the_sparsest_nor_the_fullest() -> None:
    training = told("melody", np.stack([tune(seed, 4 + seed % 12) for seed in range(60)]))
    late = np.roll(tune(1, 8), 1, axis=0)
    late[0] = 0
    full = melody({step: SCALE[step % 8] for step in range(32)})
    phrases = np.stack([tune(1, 8), late, full])
    good = usable("melody", phrases, told("melody", phrases), {"density": training["density"]})
    assert good.tolist() == [True, False, False]


def test_sets_take_turns_songs_give_one_each_and_names_are_unique() -> None:
    phrases = [tune(seed, 5 + seed % 9) for seed in range(120)]
    songs = [(f"{n}/ryan_Tune{'AB'[n % 2]}Reel.mid" if n < 30 else f"lc{n}.mid", "fiddle_pd" if n < 30 else "lieder") for n in range(60)]
    windows = windows_over(phrases, songs, [n // 2 for n in range(120)])
    values = told("melody", np.stack(phrases))
    place = places(values, values)
    chosen = choose_tunes(windows, np.arange(120), np.ones(120), np.ones(120, bool), place, {"lc40.mid": "3 Der Jäger"})
    assert len(chosen) == ANCHORS == len({each.name for each in chosen}) == len({each.file for each in chosen})
    assert sum(each.set == "lieder" for each in chosen) == ANCHORS // 2
    assert all(each.window == 1 + each.row % 2 for each in chosen)
    assert chosen[0].fact() == {"file": chosen[0].file, "set": "fiddle_pd", "window": chosen[0].window, "note_f1": 1.0}


def test_what_is_played_back_badly_is_taken_only_for_want_of_better() -> None:
    phrases = [tune(seed, 5 + seed % 9) for seed in range(40)]
    windows = windows_over(phrases, [(f"{n}.mid", "cre") for n in range(40)], range(40))
    f1 = np.where(np.arange(40) < 20, 0.95, 0.5)
    values = told("melody", np.stack(phrases))
    place = places(values, values)
    good = np.ones(40, bool)
    assert all(each.row < 20 for each in choose_tunes(windows, np.arange(40), f1, good, place, {}))
    few = choose_tunes(windows, np.arange(40), np.where(np.arange(40) < 5, 0.95, 0.5), good, place, {})
    assert len(few) == ANCHORS


def test_corners_are_the_four_that_lie_farthest_apart() -> None:
    place = np.array([[0.0, 0], [9, 0], [0, 9], [9, 9], [4, 4], [5, 4]])
    assert corners(list("abcdef"), place) == ["a", "b", "c", "d"]
    assert corners(["a", "b"], place[:2]) == ["a", "b"]


def test_what_a_phrase_has_not_counts_as_usual() -> None:
    known = {"interval": np.array([1.0, 2.0, 3.0])}
    assert places({"interval": np.array([np.nan, 2.0, 3.0])}, known)[:2].tolist() == [[0.0], [0.0]]
