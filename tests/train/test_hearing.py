"""What the decoder hears in training, and what a model that hears only what is forced does with it."""

import numpy as np
import pytest
import torch

from mvae.train.configs import ModelConfig
from mvae.train.hearing import BEGINNING, NOTHING, as_heard, parts_heard
from mvae.train.model import FEATURES, GrooVAE


def heard(count: int = 4000, steps: int = 32) -> torch.Tensor:
    return parts_heard(count, steps, 9, torch.Generator().manual_seed(0))


def test_many_examples_hear_nothing_and_many_a_beginning() -> None:
    hits = heard()
    assert hits.shape == (4000, 32, 9) and hits.dtype == torch.bool
    nothing = (hits == 0).all(2).all(1)
    whole_steps = (hits == hits[..., :1]).all(2).all(1)
    falling = (hits[:, 1:, 0] <= hits[:, :-1, 0]).all(1)
    assert abs(nothing.float().mean().item() - NOTHING) < 0.03
    assert (whole_steps & falling & ~nothing).float().mean().item() > BEGINNING - 0.03


def test_the_same_draw_hears_the_same() -> None:
    assert torch.equal(heard(10), heard(10))


def test_a_model_that_hears_what_is_forced_decides_each_step_without_its_own_hits() -> None:
    torch.manual_seed(0)
    model = GrooVAE(ModelConfig(bars=2, z_size=4, encoder_size=8, decoder_size=8, hears="forced")).eval()
    z, uniform = torch.randn(3, 4), torch.rand(3, 32, 9)
    tokens = model.sample(z, uniform, 1.0)
    said, _ = model.decode(z, torch.zeros(3, 32, FEATURES))
    assert torch.equal(tokens[..., :9], (said.hits + torch.logit(uniform) > 0).float())
    assert np.isfinite(tokens.numpy()).all()


def a_groove() -> torch.Tensor:
    """Kick and snare together at step 4, the snare softer and later; a kick at 8."""
    notes = torch.zeros(1, 32, FEATURES)
    notes[0, 4, [0, 1]], notes[0, 4, [9, 10]], notes[0, 4, [18, 19]] = 1.0, torch.tensor([0.9, 0.4]), torch.tensor([-0.2, 0.4])
    notes[0, 8, 0], notes[0, 8, 9], notes[0, 8, 18] = 1.0, 0.5, 0.1
    return notes


def test_taps_are_one_row_as_loud_as_the_loudest_and_as_late_as_the_mean() -> None:
    taps = as_heard(a_groove(), "taps")
    assert taps.shape == (1, 32, FEATURES) and taps.count_nonzero() == 6
    assert torch.allclose(taps[0, 4, [2, 11, 20]], torch.tensor([1.0, 0.9, 0.1]))
    assert torch.allclose(taps[0, 8, [2, 11, 20]], torch.tensor([1.0, 0.5, 0.1]))


def test_taps_of_taps_are_the_same_so_that_what_is_tapped_is_heard_as_it_was() -> None:
    taps = as_heard(a_groove(), "taps")
    assert torch.equal(as_heard(taps, "taps"), taps)


def test_hits_have_neither_velocity_nor_timing_and_all_is_all() -> None:
    notes = a_groove()
    assert torch.equal(as_heard(notes, "hits")[..., :9], notes[..., :9]) and not as_heard(notes, "hits")[..., 9:].any()
    assert as_heard(notes, "all") is notes


@pytest.mark.parametrize("what", ["taps", "hits"])
def test_an_encoder_takes_a_groove_and_what_it_hears_of_it_for_the_same(what: str) -> None:
    torch.manual_seed(0)
    model = GrooVAE(ModelConfig(bars=2, z_size=4, encoder_size=8, decoder_size=8, encoder_hears=what)).eval()
    notes = a_groove()
    assert torch.equal(model.encode(notes).mu, model.encode(as_heard(notes, what)).mu)
