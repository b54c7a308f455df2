"""The language model of n-grams: probabilities that sum to one, and those of a small text worked out by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mvae.train.ngram import disjoint, fit, fit_windows
from tests.train.exam_toys import random_trios, token_windows


@given(seed=st.integers(0, 2**32 - 1), order=st.integers(1, 5))
@settings(max_examples=25)
def test_the_next_token_is_surely_one_of_the_vocabulary(seed: int, order: int) -> None:
    draw = np.random.default_rng(seed)
    model = fit(draw.integers(0, 4, (6, 12)), 5, order)
    before = draw.integers(0, 5, 7)  # token 4 never occurred
    ways = np.array([[*before, token] for token in range(5)])
    chances = 2.0 ** -model.bits(ways)[:, -1]
    assert chances.sum() == pytest.approx(1.0)
    assert (chances > 0).all()


def test_bigrams_are_those_of_the_formula() -> None:
    text = np.array([[0, 0, 1, 0, 1, 2]])  # bigrams: ^0 00 01 10 01 12
    model = fit(text, 3, 2)
    bigram, unigram = 4 / (4 + 2 * 1), 2 / (2 + 2 * 0)  # n1 / (n1 + 2 n2); before 0, 1, 2 stand 3, 1, 1 different tokens
    assert model.levels[1].discount == pytest.approx(bigram)
    assert model.levels[0].discount == pytest.approx(unigram)
    below = (max(1 - unigram, 0) + unigram * 3 / 3) / 5  # of token 1: one token stands before it, of five different bigrams
    after_zero = (max(2 - bigram, 0) + bigram * 2 * below) / 3  # 0 is followed three times, by two different tokens
    assert 2.0 ** -model.bits(np.array([[0, 1]]))[0, 1] == pytest.approx(after_zero)


def test_music_it_knows_costs_less_than_chance() -> None:
    draw = np.random.default_rng(1)
    scales = (draw.integers(0, 12, (200, 1)) + np.arange(16)) % 12
    model = fit(scales[:100], 12)
    assert model.bits(scales[100:]).sum(1).max() < 6
    assert model.bits(draw.integers(0, 12, (20, 16))).sum(1).min() > 16 * 3.5


def test_streams_have_models_of_their_own_and_their_costs_add_up() -> None:
    trios = random_trios(6)
    model = fit_windows(token_windows("trio", trios, [0] * 6, ["cre"]))
    assert model.steps == trios.size
    assert model.cost(trios) == pytest.approx(model.bits(trios).sum(1))
    assert model.bits(trios)[:, 2] == pytest.approx(fit(trios[..., 2], 512).bits(trios[..., 2]).sum(1))


def test_windows_that_overlap_are_learned_once() -> None:
    assert disjoint([0, 16, 32, 48, 200, 230, 232], 32).tolist() == [0, 32, 200, 232]


def test_there_must_be_phrases() -> None:
    with pytest.raises(ValueError, match="no phrases"):
        fit(np.zeros((0, 16), np.int64), 130)
