"""Chance repeats across machines and numpy versions, stays inside its range, and varies as the performer turns it."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.chance import WORD, box_muller, doubles, gaussian, gumbel, phrase_noise, singles, uniform, words

SEEDS = st.integers(-(2**70), 2**70)
SMALL = st.integers(0, 2**32 - 1)
MULTIPLIERS, WEYL = (0xD2E7470EE14C6C93, 0xCA5A826395121157), (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B)


def philox_4x64_10(counter: list[int], key: list[int]) -> list[int]:
    """The published algorithm (Salmon et al. 2011, figure 2), one block of four words."""
    a, b, c, d = counter
    k, m = key
    for _ in range(10):
        first, second = MULTIPLIERS[0] * a, MULTIPLIERS[1] * c
        a, b, c, d = (second >> 64) ^ b ^ k, second % WORD, (first >> 64) ^ d ^ m, first % WORD
        k, m = (k + WEYL[0]) % WORD, (m + WEYL[1]) % WORD
    return [a, b, c, d]


def test_the_published_algorithm_gives_its_known_answer() -> None:
    # random123's kat_vectors: philox4x64 10, counter 0, key 0
    assert philox_4x64_10([0] * 4, [0] * 2) == [0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B]


@given(SEEDS, SMALL, SMALL, st.integers(0, 2**64 - 1), st.integers(0, 1))
def test_words_are_those_of_the_published_algorithm(seed: int, roll: int, part: int, loop: int, purpose: int) -> None:
    key = [seed % WORD, roll * 2**32 + part]
    expected = philox_4x64_10([1, loop, purpose, 0], key) + philox_4x64_10([2, loop, purpose, 0], key)
    assert words(seed, roll, part, loop, purpose, 8).tolist() == expected


def test_the_first_numbers_of_a_seed_never_change() -> None:
    assert uniform(1, 2, 3, 2).tolist() == [0.7447446719070868, 0.3564131546890211]
    assert gaussian(1, 2, 3, 2) == pytest.approx([-0.47592221137075225, 0.19396480535783442], rel=1e-12)
    assert gumbel(1, 2, 3, 2) == pytest.approx([1.221750421839118, -0.03117368612388498], rel=1e-12)
    noise = phrase_noise(7, 0, 0, 2, 0.5, 16, 9)
    assert noise.hits[3, :3].tolist() == [0.46028822660446167, 0.41641169786453247, 0.4298909306526184]
    assert noise.feel[3, :3] == pytest.approx([0.43341976404190063, -1.4875075817108154, -0.8215938210487366], rel=1e-5)


@given(st.lists(st.one_of(st.integers(0, WORD - 1), st.sampled_from([0, WORD - 1])), min_size=2, max_size=2))
def test_every_word_maps_strictly_inside_the_unit_interval(pair: list[int]) -> None:
    raw = np.array(pair, dtype=np.uint64)
    assert ((doubles(raw) > 0) & (doubles(raw) < 1)).all()
    small = singles(raw)
    assert small.dtype == np.float32 and ((small > 0) & (small < 1)).all()
    assert np.isfinite(np.log(small) - np.log(1 - small)).all()
    assert math.isfinite(float(box_muller(raw)))


@given(SEEDS, SMALL, SMALL, st.integers(1, 40), st.integers(1, 40))
def test_a_longer_draw_begins_with_the_shorter_one(seed: int, roll: int, part: int, count: int, more: int) -> None:
    for draw in (uniform, gaussian, gumbel):
        assert draw(seed, roll, part, count + more)[:count].tolist() == draw(seed, roll, part, count).tolist()


@given(SEEDS, SMALL, SMALL)
def test_seed_roll_and_part_each_give_other_numbers(seed: int, roll: int, part: int) -> None:
    here = uniform(seed, roll, part, 4).tolist()
    assert here != uniform(seed + 1, roll, part, 4).tolist()
    assert here != uniform(seed, roll + 1, part, 4).tolist()
    assert here != uniform(seed, roll, part + 1, 4).tolist()
    assert not set(uniform(seed, roll, part, 64)) & set(phrase_noise(seed, roll, part, 0, 1.0, 4, 9).hits.ravel().astype(float))


def test_the_distributions_are_the_ones_they_are_named_after() -> None:
    u, normal, extreme = uniform(5, 0, 0, 40_000), gaussian(5, 0, 0, 40_000), gumbel(5, 0, 0, 40_000)
    assert np.histogram(u, 10, (0, 1))[0] == pytest.approx(4_000, abs=300)
    assert (normal.mean(), normal.std()) == pytest.approx((0, 1), abs=0.02)
    assert float((np.abs(normal) < 1.96).mean()) == pytest.approx(0.95, abs=0.005)
    assert (extreme.mean(), extreme.std()) == pytest.approx((0.5772, np.pi / np.sqrt(6)), abs=0.03)


def test_without_variation_every_loop_is_the_same() -> None:
    first, later = (phrase_noise(3, 1, 0, loop, 0.0, 32, 9) for loop in (0, 17))
    assert (first.hits == later.hits).all() and (first.feel == later.feel).all()


def test_with_full_variation_every_cell_of_every_loop_is_fresh() -> None:
    base, *loops = [phrase_noise(3, 1, 0, loop, variation, 32, 9) for loop, variation in ((0, 0.0), (0, 1.0), (1, 1.0), (2, 1.0))]
    for one, other in zip(loops, [base, *loops[:-1]], strict=True):
        assert (one.hits != other.hits).all() and (one.feel != other.feel).all()


@given(SEEDS, st.integers(0, 1000), st.floats(0, 1), st.floats(0, 1))
def test_turning_variation_up_only_adds_cells_that_differ(seed: int, loop: int, a: float, b: float) -> None:
    low, high = sorted((a, b))
    base, some, more = (phrase_noise(seed, 0, 0, loop, v, 16, 9) for v in (0.0, low, high))
    assert (some.hits != base.hits)[more.hits == base.hits].sum() == 0
    assert (more.hits == some.hits)[some.hits != base.hits].all()


def test_variation_is_the_share_of_cells_that_differ_and_moves_from_loop_to_loop() -> None:
    base = phrase_noise(9, 0, 0, 0, 0.0, 64, 9)
    first, second = (phrase_noise(9, 0, 0, loop, 0.25, 64, 9).hits != base.hits for loop in (1, 2))
    assert float(first.mean()) == pytest.approx(0.25, abs=0.06)
    assert (first != second).any()


def test_a_cell_that_differs_takes_its_feel_along() -> None:
    base, varied = (phrase_noise(9, 0, 0, 4, v, 32, 9) for v in (0.0, 0.5))
    turned = base.hits != varied.hits
    assert (np.split(base.feel != varied.feel, 2, axis=1)[0] == turned).all()
    assert (np.split(base.feel != varied.feel, 2, axis=1)[1] == turned).all()


@given(SEEDS, st.floats(0, 1))
def test_a_longer_phrase_begins_with_the_noise_of_the_shorter_one(seed: int, variation: float) -> None:
    short, long = (phrase_noise(seed, 0, 0, 5, variation, steps, 9) for steps in (32, 64))
    assert (long.hits[:32] == short.hits).all() and (long.feel[:32] == short.feel).all()
