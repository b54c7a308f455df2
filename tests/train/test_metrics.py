"""What a decoded groove is measured by, on phrases whose figures can be worked out by hand."""

import numpy as np
import pytest

from mvae.train.bootstrap import estimate, places, sum_by_song, weights
from mvae.train.metrics import count_hits, divergence, f1_by_file, half_steps_to_ms, histogram, kl_bits, matched, micro
from mvae.train.tally import ERROR_FIGURES, SPREAD_FIGURES, Songs, error_sums, spread_sums
from tests.train.toys import phrase, random_phrases

REAL = phrase({"kick": [0, 8, 16, 24], "snare": [4, 12]}, velocity=0.5, offset=0.1)
DECODED = phrase({"kick": [0, 8, 16], "snare": [4], "ride": [2]}, velocity=0.75, offset=-0.1)


def test_a_hit_is_true_when_class_and_step_agree() -> None:
    score = micro(count_hits(REAL[None], DECODED[None]))
    assert (score.precision, score.recall) == (4 / 5, 4 / 6)
    assert score.f1 == pytest.approx(8 / 11)


def test_f1_by_file_pools_the_cells_of_a_song_and_counts_songs_the_same() -> None:
    real, decoded = np.stack([REAL, REAL, REAL]), np.stack([REAL, DECODED, DECODED])
    assert f1_by_file(count_hits(real, decoded), np.array([7, 7, 9])) == pytest.approx([20 / 23, 8 / 11])


def test_velocity_and_timing_are_taken_on_matched_hits_alone() -> None:
    pairs = matched(REAL[None], DECODED[None])
    assert len(pairs.phrase) == 4
    assert sorted(pairs.voice) == [0, 0, 0, 1]
    songs = Songs.of(np.array([0]), np.array([120.0]))
    told = estimate(ERROR_FIGURES, error_sums(REAL[None], DECODED[None], songs), draws=3)
    assert told["velocity_mae"] == pytest.approx(0.25)
    assert told["timing_mae_ms"] == pytest.approx(0.2 * 62.5)  # half a 16th at 120 BPM is 62.5 ms


def test_half_a_step_lasts_a_sixteenth_of_two_beats() -> None:
    assert half_steps_to_ms(np.array([60.0, 120.0])) == pytest.approx([125.0, 62.5])


def test_histograms_keep_every_value_in_its_bin_and_song() -> None:
    values, place = np.array([-1.0, -0.975, 0.0, 1.0, 0.999]), np.array([0, 1, 1, 1, 1])
    counts = histogram(values, place, 2, 40, -1.0)
    assert counts.shape == (2, 40)
    assert (counts[0, 0], counts[1, 0], counts[1, 20], counts[1, 39]) == (1, 1, 1, 2)
    assert counts.sum() == 5


def test_divergence_is_zero_for_equal_histograms_and_counts_one_more_in_every_bin() -> None:
    assert divergence(np.array([3.0, 5.0]), np.array([3.0, 5.0])) == 0
    p, q = np.array([4, 1]) / 5, np.array([1, 4]) / 5
    assert divergence(np.array([3.0, 0.0]), np.array([0.0, 3.0])) == pytest.approx(float((p * np.log(p / q)).sum()))


def test_kl_bits_of_the_prior_itself_are_none_and_of_a_point_away_grow_with_its_square() -> None:
    assert kl_bits(np.zeros((1, 5), np.float32), np.ones((1, 5), np.float32)) == pytest.approx([0.0])
    assert kl_bits(np.full((1, 1), 2, np.float32), np.ones((1, 1), np.float32)) == pytest.approx([2 / np.log(2)])


def test_the_spread_ratio_is_that_of_the_standard_deviations() -> None:
    real = random_phrases(6)
    narrow = real.copy()
    narrow[..., 9:] *= 0.5
    songs = Songs.of(np.array([0, 0, 1, 1, 2, 2]), np.full(6, 100.0))
    told = estimate(SPREAD_FIGURES, spread_sums(real, narrow, songs), draws=5)
    assert told["velocity_sd_ratio"] == pytest.approx(0.5, abs=1e-5)
    assert told["timing_sd_ratio"] == pytest.approx(0.5, abs=1e-5)
    same = estimate(SPREAD_FIGURES, spread_sums(real, real, songs), draws=5)
    assert (same["timing_kl"], same["velocity_kl"]) == (0.0, 0.0)
    assert isinstance(told["velocity_kl"], float) and told["velocity_kl"] > 0.1


def test_resamples_draw_as_many_songs_as_there_are_and_the_first_row_counts_each_once() -> None:
    drawn = weights(5, draws=20)
    assert drawn.shape == (21, 5)
    assert (drawn[0] == 1).all() and (drawn.sum(1) == 5).all()
    assert (drawn == weights(5, draws=20)).all()
    assert not (drawn[1:] == 1).all()


def test_an_interval_holds_the_value_and_narrows_to_it_where_all_songs_agree() -> None:
    place, songs = places(np.array([3, 3, 8, 9]))
    sums = {"own": sum_by_song(np.array([1.0, 1.0, 4.0, 3.0]), place, songs), "count": sum_by_song(np.ones(4), place, songs)}
    told = estimate({"mean": lambda t: t["own"] / t["count"]}, sums)
    assert told["mean"] == pytest.approx(9 / 4)
    low, high = told["mean_ci"]  # type: ignore[misc]
    assert 1 <= low < 9 / 4 < high <= 4
    even = estimate({"mean": lambda t: t["count"] / t["count"]}, sums)
    assert (even["mean"], even["mean_ci"]) == (1.0, [1.0, 1.0])


def test_a_figure_with_nothing_to_divide_by_is_none() -> None:
    told = estimate({"mean": lambda t: t["own"] / t["count"]}, {"own": np.zeros(2), "count": np.zeros(2)})
    assert told == {"mean": None, "mean_ci": None}
