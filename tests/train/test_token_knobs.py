"""Height and legato, counted by hand; which attributes get an axis."""

import numpy as np
import pytest

from mvae.core.tokens import OFF
from mvae.train.token_attributes import measures
from mvae.train.token_knobs import OF_TRIO, extras, height, legato, told, turned
from tests.train.token_toys import melody


def test_height_is_the_mean_pitch_and_nothing_for_silence() -> None:
    assert height(melody({0: 60, 5: 67})[None, :, 0])[0] == 63.5
    assert np.isnan(height(melody({})[None, :, 0])[0])


def test_legato_is_the_share_of_steps_that_sound() -> None:
    tokens = melody({4: 60, 20: 62})
    tokens[[8, 30], 0] = OFF
    assert legato(tokens[None, :, 0])[0] == (4 + 10) / 32
    assert legato(melody({})[None, :, 0])[0] == 0.0


def test_a_phrase_is_told_by_all_attributes() -> None:
    assert set(told("melody", melody({0: 60})[None])) == {*measures("melody"), "height", "legato"}
    assert not extras("drums")
    assert {"melody_height", "bass_legato"} <= set(extras("trio"))


def test_of_a_trio_only_the_first_things_to_reach_for_are_turned() -> None:
    trio = np.random.default_rng(0).integers(0, 80, (30, 32, 3))
    assert set(turned("trio", told("trio", trio))) == set(OF_TRIO)


def test_what_is_the_same_in_all_phrases_gets_no_axis() -> None:
    known = told("melody", np.stack([melody({0: 60, 4: 64}), melody({0: 72, 4: 77, 8: 79})]))
    assert "density" in turned("melody", known) and "diatonic" not in turned("melody", known)


@pytest.mark.parametrize("kind", ["melody", "bass", "drums"])
def test_a_single_stream_turns_all_that_differs(kind: str) -> None:
    draw = np.random.default_rng(1)
    tokens = draw.integers(0, 120, (30, 32, 1)) * (draw.random((30, 32, 1)) < 0.3)
    assert set(turned(kind, told(kind, tokens))) == {*measures(kind), *extras(kind)}
