"""A model of many bars that begins from a model of one: what z keeps of the codes, and that the way there and back is one."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from mvae.train.configs import ModelConfig
from mvae.train.joined import Weights, bar_codes, batches_for, join, one_bar_models, softplus_of
from mvae.train.loop import start_with
from mvae.train.model import MusicVAE

ONE = ModelConfig(1, z_size=5, encoder_size=8, decoder_size=8, kind="melody", input_size=6)
WIDE = {"z_size": 20, "bar_size": 5, "conductor_size": 7, "conductor_layers": 1, "conductor_hears": "z"}
FOUR = replace(ONE, bars=4, **WIDE)


def one_of(kind: str) -> MusicVAE:
    torch.manual_seed(len(kind))
    return MusicVAE(replace(ONE, kind=kind)).eval()


def begun(config: ModelConfig, *ones: MusicVAE) -> tuple[MusicVAE, Mapping[str, Weights]]:
    """A model of several bars with the weights of models of one where they fit, and those models by stream."""
    torch.manual_seed(3)
    several, weights = MusicVAE(config).eval(), [one.state_dict() for one in ones]
    start_with(several, weights)
    return several, one_bar_models(several, weights)


def phrases(count: int, bars: int = 4, streams: int = 1) -> Tensor:
    return torch.randint(0, 130, (count, 16 * bars, streams), generator=torch.Generator().manual_seed(count))


def test_a_code_of_a_bar_is_the_mu_of_the_model_of_one() -> None:
    one = one_of("melody")
    four, weights = begun(FOUR, one)
    tokens = phrases(30)
    join(four, weights, [tokens])
    codes, spread = bar_codes(four, weights, [tokens])
    mu, sigma = one.encode(tokens.reshape(120, 16, 1))
    assert torch.allclose(codes.reshape(120, 5), mu, atol=1e-5)
    assert torch.allclose(spread.reshape(4, 5), sigma.mean(0).expand(4, 5), atol=1e-5)


def test_a_z_as_wide_as_all_codes_says_each_bar_as_the_model_of_one_does() -> None:
    one, tokens = one_of("melody"), phrases(64)
    four, weights = begun(FOUR, one)
    assert join(four, weights, [tokens]) == pytest.approx(1.0)
    codes, _ = bar_codes(four, weights, [tokens])
    assert torch.allclose(four.lead(four.encode(tokens).mu).flatten(1), codes, atol=1e-3)
    said = four.decode(four.encode(tokens).mu, tokens)[0]
    bars = tokens.reshape(-1, 16, 1)
    alone = one.decode(one.encode(bars).mu, bars)[0]
    assert torch.allclose(said.reshape(alone.shape), alone, atol=1e-2)


def test_a_trio_begins_as_three_models_of_one_bar() -> None:
    """Each stream is said as its own model says it, whatever the others play."""
    ones = [one_of(kind) for kind in ("melody", "bass", "drums")]
    trio, weights = begun(replace(FOUR, kind="trio", z_size=60), ones[2], *ones[:2])
    assert list(weights) == ["melody", "bass", "drums"]
    tokens = phrases(200, streams=3)
    join(trio, weights, [tokens[:100], tokens[100:]])
    said = trio.decode(trio.encode(tokens).mu, tokens)
    for stream, one in enumerate(ones):
        bars = tokens[..., stream].reshape(-1, 16, 1)
        alone = one.decode(one.encode(bars).mu, bars)[0]
        assert torch.allclose(said[stream].reshape(alone.shape), alone, atol=1e-2)


def test_z_begins_with_unit_variance() -> None:
    four, weights = begun(replace(FOUR, z_size=6), one_of("melody"))
    tokens = phrases(400)
    assert 0.3 < join(four, weights, [tokens[:200], tokens[200:]]) < 1
    mu = four.encode(tokens).mu
    assert torch.allclose(mu.mean(0), torch.zeros(6), atol=1e-3)
    assert torch.allclose(torch.cov(mu.T), torch.eye(6), atol=1e-2)


def test_the_components_kept_are_those_that_say_most() -> None:
    """Fewer numbers lose more; what is kept is never less than an even share."""
    shares = []
    for width in (2, 8, 14):
        shares.append(join(*begun(replace(FOUR, z_size=width), one_of("melody")), [phrases(100)]))
        assert shares[-1] > width / 20
    assert shares == sorted(shares)


def test_a_flat_model_hears_through_z_as_well() -> None:
    flat, weights = begun(replace(FOUR, conductor_size=0), one_of("melody"))
    tokens = phrases(100)
    join(flat, weights, [tokens])
    assert torch.allclose(torch.cov(flat.encode(tokens).mu.T), torch.eye(20), atol=0.05)


def test_only_a_model_of_the_same_code_and_stream_joins() -> None:
    other = MusicVAE(replace(ONE, z_size=4))
    assert begun(FOUR, other, one_of("melody"))[1] and not begun(FOUR, other)[1]
    assert not begun(FOUR, other, one_of("bass"))[1]
    assert not begun(replace(FOUR, kind="trio"), one_of("melody"), one_of("drums"))[1]
    assert not begun(replace(FOUR, bar_size=0), one_of("melody"))[1]


def test_there_are_enough_phrases_for_the_components() -> None:
    assert batches_for(MusicVAE(FOUR), 8) * 8 >= 3 * 20


def test_softplus_gives_the_value_that_it_was_made_from() -> None:
    values = torch.tensor([0.01, 0.3, 1.0])
    assert torch.allclose(torch.nn.functional.softplus(softplus_of(values)), values)


def test_knobs_of_attributes_begin_at_rest_and_unheard() -> None:
    one, tokens = one_of("melody"), phrases(64)
    four, weights = begun(replace(FOUR, z_size=22, attributes=("density", "interval"), play=0.5), one)
    assert join(four, weights, [tokens]) == pytest.approx(1.0)  # the codes have all of z but the knobs
    mu = four.encode(tokens).mu
    assert not mu[:, -2:].any() and mu[:, :-2].any()
    turned = torch.cat([mu[:, :-2], torch.full((64, 2), 4.0)], -1)
    assert torch.allclose(four.to_bars(turned), four.to_bars(mu))
