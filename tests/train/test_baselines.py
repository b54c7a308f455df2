"""What a model has to beat."""

import numpy as np
import pytest

from mvae.train import baselines
from mvae.train.metrics import count_hits, micro
from tests.train.toys import phrase, random_phrases


def test_the_nearest_window_has_the_highest_f1_of_all() -> None:
    known, asked = random_phrases(40, seed=1), random_phrases(7, seed=2)
    found, f1 = baselines.nearest(baselines.hit_bits(asked), baselines.hit_bits(known))
    for row, one in enumerate(asked):
        scores = [micro(count_hits(one[None], other[None])).f1 for other in known]
        assert f1[row] == pytest.approx(max(scores))
        assert scores[found[row]] == pytest.approx(max(scores))


def test_a_window_of_the_training_set_is_its_own_nearest() -> None:
    bits = baselines.hit_bits(random_phrases(1200, seed=3, share=0.3))  # more than one block
    found, f1 = baselines.nearest(bits, bits)
    assert (found == np.arange(1200)).all() and f1 == pytest.approx(1.0)


def test_bar_one_is_compared_with_the_later_bars_alone() -> None:
    notes = phrase({"kick": [0, 8, 16, 26]}, bars=2)
    later, again = baselines.bars_after_the_first(notes[None])
    score = micro(count_hits(later, again))
    assert (score.precision, score.recall) == (0.5, 0.5)
    four = baselines.bars_after_the_first(random_phrases(1, bars=4))
    assert [part.shape for part in four] == [(1, 48, 27), (1, 48, 27)]


def test_class_means_are_over_the_hits_of_a_class() -> None:
    notes = np.stack([phrase({"kick": [0]}, 0.2, 0.4), phrase({"kick": [0, 1], "ride": [2]}, 0.8, 0.1)])
    velocity, offset = baselines.class_means(notes)
    assert (velocity[0], offset[0]) == (pytest.approx(0.6), pytest.approx(0.2))
    assert (velocity[8], velocity[1]) == (pytest.approx(0.8), 0)


def test_played_with_keeps_hits_and_gives_every_class_its_own_hand() -> None:
    notes = random_phrases(3)
    played = baselines.played_with(notes, np.linspace(0.1, 0.9, 9), np.zeros(9))
    assert (played[..., :9] == notes[..., :9]).all()
    assert (played[..., 18:] == 0).all()
    assert played[..., 9 + 8].max() == pytest.approx(0.9)
