"""Likeness, morphs and the default temperature, of a model of melodies whose numbers are dials."""

from pathlib import Path

import numpy as np
import pytest

from mvae.train.corpus import Corpus
from mvae.train.main import run
from mvae.train.token_knobs import told
from mvae.train.token_realism import best_temperature, likeness, measure_tokens, morph, onsets_per_bar, partners_of, pitch_range
from tests.train.token_toys import Keys, folder_of_tunes, melody

KEYS = Keys()


def test_a_dial_that_only_adds_notes_morphs_in_a_straight_way() -> None:
    found = morph(KEYS, [(np.float32([-2, 0, 1]), np.float32([2, 0, 1]))], 0.0)
    assert found["toggles_per_differing_token"] == 1.0
    assert (found["differing_tokens"], found["largest_jump_mean"]) == (16.0, 1.0)


def test_a_detour_counts_what_comes_and_goes() -> None:
    found = morph(KEYS, [(np.float32([1, 0, 2]), np.float32([1, 0, -2]))], 0.0)  # halfway the norm is kept: the first dial turns up
    assert found["differing_tokens"] == 0 and found["toggles_per_differing_token"] >= 8


def test_notes_and_hits_are_counted_per_bar_and_pitches_from_lowest_to_highest() -> None:
    trio = np.zeros((2, 32, 3), np.int64)
    trio[0, [0, 8, 9]] = [[62, 38, 0b11], [74, 0, 0b1], [1, 1, 0]]
    assert onsets_per_bar("trio", trio).tolist() == [3.0, 0.0]
    assert pitch_range("trio", trio)[0] == 12 and np.isnan(pitch_range("trio", trio)[1])
    assert np.isnan(pitch_range("drums", trio[..., 2:])).all()


def test_real_windows_are_like_themselves_and_a_transposed_copy_drifts() -> None:
    tokens = np.stack([melody({0: 60 + n, 4: 64, 8: 67}) for n in range(6)])
    known = told("melody", tokens)
    same = likeness("melody", tokens, known, 1.0, 2.0)
    higher = likeness("melody", np.where(tokens > 1, tokens + 12, tokens), known, 2.0, 9.0)
    assert same["drift"] == 0.0 and same["density_in_range"] == 1.0 and same["density_mean"] == 1.5
    assert higher["drift"] > 1 and higher["density_in_range"] == 0.0
    assert higher["pitch_range_mean"] == same["pitch_range_mean"]


def test_partners_are_of_other_songs() -> None:
    song = np.repeat([0, 1, 2], [8, 1, 1])
    assert (song[partners_of(song)] != song).all()


def test_the_default_temperature_is_that_of_the_most_lifelike_above_zero() -> None:
    real = {"density_mean": 4.0, "density_sd": 2.0}

    def at(density: float, toggles: float) -> dict[str, dict[str, float]]:
        played, way = {"density_mean": density, "density_sd": 2.0}, {"toggles_per_differing_token": toggles}
        return {"normal": {"density_mean": 99.0}, "mixture": played, "midpoints": played, "morph": way}

    assert best_temperature(real, {"0": at(4, 1), "0.5": at(5, 2), "1": at(2, 2)}) == 0.5
    assert best_temperature(real, {"0.5": at(4, 3), "1": at(4, 2)}) == 1.0
    assert best_temperature(real, {"0": at(9, 9)}) == 0.0


def test_every_figure_is_measured_for_each_temperature(tmp_path: Path) -> None:
    folder, out = tmp_path / "midi", tmp_path / "corpus"
    folder.mkdir()
    assert run(["prepare", str(folder_of_tunes(folder)), "--kind", "melody", "--out", str(out)]) == 0
    record = measure_tokens(KEYS, Corpus.open(out), "test", [0.0, 1.0])
    assert set(record["temperatures"]) == {"0", "1"}
    cold, warm = record["temperatures"]["0"], record["temperatures"]["1"]
    assert set(cold) == {"normal", "midpoints", "morph", "mu"}
    assert warm["normal"]["pitch_range_mean"] > cold["normal"]["pitch_range_mean"] + 6  # chance moves notes by octaves
    assert record["best_temperature"] == 1.0
    assert record["real"]["drift"] == pytest.approx(0.0)
