"""Sets of drums in which some pieces are decided: what is chosen agrees, is the likeliest that does, and takes no more from chance."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.drum_sets import agreeing

SIZES = (130, 512)
STEPS = 8


def choose(logits: np.ndarray, noise: np.ndarray, temperatures: list[float]) -> np.ndarray:
    """As the graph does it: tokens (steps, streams)."""
    edges = np.cumsum((0, *SIZES))
    streams = [slice(edges[n], edges[n + 1]) for n in range(len(SIZES))]
    return np.stack([(logits[:, own] + np.float32(t) * noise[:, own]).argmax(-1) for own, t in zip(streams, temperatures, strict=True)], -1)


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.3, 1.5]))
def test_what_is_chosen_agrees_and_is_what_would_be_chosen_among_those_that_agree(seed: int, temperature: float) -> None:
    draw = np.random.default_rng(seed)
    logits, noise = (draw.normal(0, 8, (STEPS, sum(SIZES))).astype(np.float32) for _ in range(2))
    sets, bits = draw.integers(0, 512, (STEPS, 2)), draw.integers(0, 512, (STEPS, 2))
    bits[:, 0] = 0
    degrees = [0.7, temperature]
    chosen = choose(logits, *agreeing(noise, degrees, SIZES, sets, bits))
    assert ((chosen ^ sets) & bits == 0).all()
    scores = logits[:, 130:] + np.float32(temperature) * noise[:, 130:]
    for step in range(STEPS):
        agrees = [number for number in range(512) if (number ^ int(sets[step, 1])) & int(bits[step, 1]) == 0]
        assert chosen[step, 1] == max(agrees, key=lambda number: scores[step, number])
    assert chosen[:, 0].tolist() == choose(logits, noise, degrees)[:, 0].tolist()


def test_a_phrase_with_nothing_decided_is_the_one_that_it_was() -> None:
    noise = np.random.default_rng(1).normal(size=(STEPS, sum(SIZES))).astype(np.float32)
    nothing = np.zeros((STEPS, 2), np.int64)
    same, degrees = agreeing(noise, [0.4, 0.5], SIZES, nothing, nothing)
    assert (same == noise).all() and degrees == [0.4, 0.5]
