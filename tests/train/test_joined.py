"""A model of many bars that begins from a model of one: what z keeps of the codes, and that the way there and back is one."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from mvae.train.configs import ModelConfig
from mvae.train.joined import bar_codes, batches_for, code_of_bars, join, softplus_of
from mvae.train.loop import start_with
from mvae.train.model import MusicVAE

ONE = ModelConfig(1, z_size=5, encoder_size=8, decoder_size=8, kind="melody", input_size=6)
WIDE = {"z_size": 20, "bar_size": 5, "conductor_size": 7, "conductor_layers": 1, "conductor_hears": "z"}
FOUR = replace(ONE, bars=4, **WIDE)


def pair(config: ModelConfig = FOUR) -> tuple[MusicVAE, MusicVAE]:
    """A model of one bar, and one of several with its weights where they fit."""
    torch.manual_seed(3)
    one, several = MusicVAE(ONE), MusicVAE(config)
    start_with(several, [one.state_dict()])
    return one.eval(), several.eval()


def phrases(count: int, bars: int = 4) -> Tensor:
    return torch.randint(0, 130, (count, 16 * bars, 1), generator=torch.Generator().manual_seed(count))


def test_a_code_of_a_bar_is_the_mu_of_the_model_of_one() -> None:
    one, four = pair()
    tokens = phrases(3)
    codes, spread = bar_codes(four, one.state_dict(), [tokens])
    mu, sigma = one.encode(tokens.reshape(12, 16, 1))
    assert torch.allclose(codes.reshape(12, 5), mu, atol=1e-5)
    assert torch.allclose(spread.reshape(4, 5), sigma.mean(0).expand(4, 5), atol=1e-5)


def test_a_z_as_wide_as_all_codes_gives_each_bar_its_code_back() -> None:
    one, four = pair()
    tokens = phrases(64)
    assert join(four, one.state_dict(), [{"tokens": tokens}]) == pytest.approx(1.0)
    codes, _ = bar_codes(four, one.state_dict(), [tokens])
    assert torch.allclose(four.lead(four.encode(tokens).mu).flatten(1), codes, atol=1e-3)
    said = four.decode(four.encode(tokens).mu, tokens)[0]
    alone = one.decode(one.encode(tokens.reshape(-1, 16, 1)).mu, tokens.reshape(-1, 16, 1))[0]
    assert torch.allclose(said.reshape(alone.shape), alone, atol=1e-2)


def test_z_begins_with_unit_variance_and_the_spread_of_the_codes() -> None:
    one, four = pair(replace(FOUR, z_size=6))
    tokens = phrases(400)
    share = join(four, one.state_dict(), [{"tokens": tokens[:200]}, {"tokens": tokens[200:]}])
    assert 0.3 < share < 1
    mu = four.encode(tokens).mu
    assert torch.allclose(mu.mean(0), torch.zeros(6), atol=1e-3)
    assert torch.allclose(torch.cov(mu.T), torch.eye(6), atol=1e-2)


def test_the_components_kept_are_those_that_say_most() -> None:
    """Fewer numbers lose more; what is kept is never less than an even share."""
    shares = []
    for width in (2, 8, 14):
        one, four = pair(replace(FOUR, z_size=width))
        shares.append(join(four, one.state_dict(), [{"tokens": phrases(100)}]))
        assert shares[-1] > width / 20
    assert shares == sorted(shares)


def test_a_flat_model_is_heard_through_z_as_well() -> None:
    one, flat = pair(replace(FOUR, conductor_size=0))
    tokens = phrases(100)
    join(flat, one.state_dict(), [{"tokens": tokens}])
    assert torch.allclose(torch.cov(flat.encode(tokens).mu.T), torch.eye(20), atol=0.05)


def test_only_a_model_of_the_same_code_joins() -> None:
    one, four = pair()
    assert code_of_bars(four, [MusicVAE(replace(ONE, z_size=4)).state_dict(), one.state_dict()]) is not None
    assert code_of_bars(four, [MusicVAE(replace(ONE, z_size=4)).state_dict()]) is None
    assert code_of_bars(MusicVAE(replace(FOUR, bar_size=0)), [one.state_dict()]) is None


def test_there_are_enough_phrases_for_the_components() -> None:
    assert batches_for(pair()[1], 32) * 32 >= 6 * 20


def test_softplus_gives_the_value_that_it_was_made_from() -> None:
    values = torch.tensor([0.01, 0.3, 1.0])
    assert torch.allclose(torch.nn.functional.softplus(softplus_of(values)), values)
