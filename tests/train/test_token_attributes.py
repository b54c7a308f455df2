"""Attributes of token phrases, against phrases whose figures are counted by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.drums import CLASSES
from mvae.core.tokens import DRUM_TOKENS, FIRST_PITCH, HOLD, MONO_TOKENS, OFF, Tokens
from mvae.train.token_attributes import ATTRIBUTES, attributes, measures


def melody(*notes: tuple[int, int], bars: int = 1) -> Tokens:
    """(1, steps): (step, pitch) pairs."""
    tokens = np.zeros((1, 16 * bars), np.int64)
    for step, pitch in notes:
        tokens[0, step] = FIRST_PITCH + pitch
    return tokens


def value(stream: str, name: str, tokens: Tokens) -> float:
    return float(ATTRIBUTES[stream][name](tokens)[0])


def test_density_counts_onsets_and_neither_holds_nor_offs() -> None:
    tokens = melody((0, 60), (4, 62), (5, 64), (9, 65))
    tokens[0, 12] = OFF
    assert value("melody", "density", tokens) == 4 / 16


def test_c_diatonic_is_the_share_of_white_keys() -> None:
    assert value("melody", "diatonic", melody((0, 60), (1, 61), (2, 71), (3, 66))) == 0.5


def test_interval_goes_from_note_to_note_and_not_between_phrases() -> None:
    two = np.concatenate([melody((0, 60), (3, 67), (8, 65)), melody((2, 30), (5, 31))])
    assert ATTRIBUTES["bass"]["interval"](two).tolist() == [4.5, 1.0]


def test_a_16th_syncopation_has_no_onset_before_it() -> None:
    notes = melody((1, 60), (4, 60), (5, 60), (8, 60))
    assert value("melody", "syncopation", notes) == 1 / 4


def test_an_8th_syncopation_has_no_onset_on_the_two_steps_before() -> None:
    notes = melody((2, 60), (5, 60), (6, 60), (8, 60), (10, 60), (14, 60))
    assert value("melody", "syncopation_8th", notes) == 2 / 6


def test_what_cannot_be_taken_is_nan() -> None:
    silent, lonely = np.full((1, 16), HOLD), melody((0, 60))
    assert np.isnan([value("melody", name, silent) for name in ("diatonic", "interval", "syncopation", "syncopation_8th")]).all()
    assert value("melody", "density", silent) == 0.0
    assert np.isnan(value("melody", "interval", lonely))


def test_drums_count_hits_per_bar() -> None:
    kick, snare, hat, tom = (1 << CLASSES.index(name) for name in ("kick", "snare", "closed_hat", "low_tom"))
    tokens = np.zeros((1, 32), np.int64)
    tokens[0, [0, 3, 8, 18, 20]] = kick | hat, kick, snare | hat, kick, tom
    counted = {name: float(measure(tokens)[0]) for name, measure in ATTRIBUTES["drums"].items()}
    assert counted == {"density": 3.5, "syncopation": 0.5, "syncopation_8th": 0.5, "kick": 1.5, "hats": 1.0, "toms": 0.5}


def test_a_trio_has_the_attributes_of_each_stream() -> None:
    trio = np.stack([melody((0, 60))[0], melody((0, 36), (2, 38))[0], np.ones(16, np.int64)], -1)[None]
    told = attributes("trio", trio)
    assert (told["melody_density"][0], told["bass_density"][0], told["drums_kick"][0]) == (1 / 16, 2 / 16, 16.0)
    assert len(measures("trio")) == 16
    assert set(measures("bass")) == set(ATTRIBUTES["bass"])


@pytest.mark.parametrize("stream", ["melody", "drums"])
@given(seed=st.integers(0, 2**32 - 1))
def test_shares_lie_within_their_bounds_and_phrases_do_not_touch_each_other(stream: str, seed: int) -> None:
    size = DRUM_TOKENS if stream == "drums" else MONO_TOKENS
    draw = np.random.default_rng(seed)
    tokens = draw.integers(0, size, (3, 32)) * (draw.random((3, 32)) < 0.5)
    for name, measure in ATTRIBUTES[stream].items():
        alone = np.concatenate([measure(tokens[row : row + 1]) for row in range(3)])
        np.testing.assert_array_equal(measure(tokens), alone)
        if stream == "melody" and name != "interval":
            assert ((alone >= 0) & (alone <= 1) | np.isnan(alone)).all()
