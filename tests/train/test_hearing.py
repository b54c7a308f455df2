"""What the decoder hears in training, and what a model that hears only what is forced does with it."""

import numpy as np
import torch

from mvae.train.configs import ModelConfig
from mvae.train.hearing import BEGINNING, NOTHING, parts_heard
from mvae.train.model import FEATURES, GrooVAE


def heard(count: int = 4000, steps: int = 32) -> torch.Tensor:
    return parts_heard(count, steps, torch.Generator().manual_seed(0))


def test_a_cell_is_heard_with_its_velocity_and_offset_or_not_at_all() -> None:
    cells = heard()
    hits, velocities, offsets = cells.chunk(3, -1)
    assert cells.shape == (4000, 32, FEATURES)
    assert torch.equal(hits, velocities) and torch.equal(hits, offsets)
    assert set(cells.unique().tolist()) == {0.0, 1.0}


def test_many_examples_hear_nothing_and_many_a_beginning() -> None:
    hits = heard()[..., :9]
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
