import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mvae.core.wander import walk

phases = st.floats(0, 500)


@settings(deadline=None)
@given(st.integers(0, 2**63), phases)
def test_a_walk_stays_in_the_unit_ball_and_is_the_seeds(seed: int, phase: float) -> None:
    here = walk(seed, 0, phase, 8)
    assert np.linalg.norm(here) <= 1.000001 and here.dtype == np.float32
    assert here.tobytes() == walk(seed, 0, phase, 8).tobytes()


@settings(deadline=None)
@given(st.integers(0, 2**63), phases)
def test_a_walk_is_slow(seed: int, phase: float) -> None:
    """From one turn to the next it goes no farther than two, and fastest, by pi / 2, in the middle."""
    far = np.linalg.norm(walk(seed, 0, phase + 0.01, 8) - walk(seed, 0, phase, 8))
    assert far <= 0.01 * np.pi


def test_a_walk_begins_in_the_middle_and_others_go_elsewhere() -> None:
    assert not walk(1, 0, 0.0, 8).any()
    assert len({walk(seed, number, 3.5, 8).tobytes() for seed in (1, 2) for number in (0, 1)}) == 4
    assert np.linalg.norm(walk(1, 0, 3.0, 8)) >= 0.5
