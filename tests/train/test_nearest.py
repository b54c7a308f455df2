"""The nearest window is the one that a search through all of them finds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.train.nearest import nearest


@given(seed=st.integers(0, 2**32 - 1), steps=st.sampled_from((1, 16, 256, 300)), tokens=st.sampled_from((2, 9, 600)))
def test_it_agrees_with_a_plain_search(seed: int, steps: int, tokens: int) -> None:
    draw = np.random.default_rng(seed)
    known, asked = draw.integers(0, tokens, (9, steps, 2)), draw.integers(0, tokens + 3, (4, steps, 2))
    agree = (asked[:, None] == known[None]).sum((2, 3))
    found, most = nearest(asked, known)
    np.testing.assert_array_equal(found, agree.argmax(1))
    np.testing.assert_array_equal(most, agree.max(1))


def test_a_token_that_no_window_has_agrees_with_none() -> None:
    known = np.arange(300)[:, None, None]  # more tokens than a byte names
    assert nearest(np.array([[[512]]]), known)[1].tolist() == [0]
    assert nearest(np.array([[[511]]]), known[:200])[1].tolist() == [0]


def test_every_step_of_a_long_window_is_counted() -> None:
    same = np.ones((1, 512, 3), np.int64)
    assert nearest(same, same)[1].tolist() == [3 * 512]


def test_there_must_be_a_window() -> None:
    with pytest.raises(ValueError, match="no windows"):
        nearest(np.zeros((1, 16, 1), np.int64), np.zeros((0, 16, 1), np.int64))
