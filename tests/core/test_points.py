import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.points import point_of, points_of, text_of, texts_of

singles = st.floats(width=32, allow_nan=False, allow_infinity=False)


@given(st.lists(singles, min_size=1, max_size=40))
def test_a_point_comes_back_to_the_bit(numbers: list[float]) -> None:
    point = np.array(numbers, np.float32)
    assert point_of(text_of(point)).tobytes() == point.tobytes()
    assert points_of(texts_of({"b": point}))["b"].dtype == np.float32


@pytest.mark.parametrize("text", ["", "abc", "AAA=", "é", "AADAfw==", "AACAfw=="], ids=["none", "cut", "bytes", "mark", "nan", "inf"])
def test_a_text_that_says_no_point_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="b: "):
        points_of({"b": text})
