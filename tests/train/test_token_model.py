"""MusicVAE, small: who hears what, what depends on what, and that every weight learns."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from mvae.core.phrase import STEPS_PER_BAR
from mvae.core.tokens import VOCABULARY
from mvae.train.configs import ModelConfig
from mvae.train.losses import hinge_kl, kl_nats, token_nats
from mvae.train.model import MusicVAE, Posterior, model_of

FLAT = ModelConfig(2, z_size=6, encoder_size=8, decoder_size=8, kind="melody", input_size=5)
HIER = replace(FLAT, bars=3, conductor_size=7, conductor_layers=1)
TRIO = replace(HIER, kind="trio", conductor_output=4, conductor_layers=2)
EVERY = pytest.mark.parametrize("config", [FLAT, replace(FLAT, kind="drums", encoder_layers=2), HIER, replace(FLAT, kind="trio"), TRIO])


def model(config: ModelConfig) -> MusicVAE:
    torch.manual_seed(0)
    vae = model_of(config).eval()
    assert isinstance(vae, MusicVAE)
    return vae


def tokens(config: ModelConfig, count: int = 3, seed: int = 1) -> Tensor:
    draw = torch.Generator().manual_seed(seed)
    return torch.stack([torch.randint(VOCABULARY[name], (count, config.steps), generator=draw) for name in config.streams], -1)


def latents(config: ModelConfig, count: int = 3) -> Tensor:
    return torch.randn(count, config.z_size, generator=torch.Generator().manual_seed(2))


def other(phrase: Tensor, config: ModelConfig, stream: int) -> Tensor:
    """Other tokens of one stream, everywhere."""
    return (phrase[..., stream] + 1) % VOCABULARY[config.streams[stream]]


@EVERY
def test_shapes_are_those_of_the_streams(config: ModelConfig) -> None:
    vae, phrase = model(config), tokens(config)
    mu, sigma = vae.encode(phrase)
    assert mu.shape == sigma.shape == (3, config.z_size) and (sigma > 0).all()
    assert vae.lead(mu).shape == (3, config.bars if config.hierarchical else 1, config.c_size)
    assert [said.shape for said in vae.decode(mu, phrase)] == [(3, config.steps, VOCABULARY[name]) for name in config.streams]


@EVERY
def test_a_token_changes_nothing_at_its_own_step_or_before(config: ModelConfig) -> None:
    vae, phrase, z = model(config), tokens(config), latents(config)
    before = vae.decode(z, phrase)
    for step in (0, 5, 15, 16, config.steps - 1):
        changed = phrase.clone()
        changed[:, step:] = torch.stack([other(phrase, config, n) for n in range(len(config.streams))], -1)[:, step:]
        for one, two in zip(before, vae.decode(z, changed), strict=True):
            assert torch.equal(one[:, : step + 1], two[:, : step + 1])


@EVERY
def test_a_token_is_heard_at_the_next_step_unless_a_bar_line_is_between(config: ModelConfig) -> None:
    vae, phrase, z = model(config), tokens(config), latents(config)
    for step in (3, 15):
        changed = phrase.clone()
        changed[:, step, 0] = other(phrase, config, 0)[:, step]
        heard = not torch.equal(vae.decode(z, phrase)[0][:, step + 1], vae.decode(z, changed)[0][:, step + 1])
        assert heard is not (config.hierarchical and step == 15)


@EVERY
def test_step_by_step_says_what_teacher_forcing_says(config: ModelConfig) -> None:
    """The sample's own tokens, forced: at every step the likeliest of logits + noise is the token that was sampled."""
    vae, z = model(config), latents(config)
    draw = torch.Generator().manual_seed(3)
    gumbel = [-torch.log(-torch.log(torch.rand(3, config.steps, VOCABULARY[name], generator=draw))) for name in config.streams]
    for temperature in (0.0, 1.0):
        found = vae.sample(z, gumbel, temperature)
        forced = vae.decode(z, found)
        for n, said in enumerate(forced):
            ranked = (said + temperature * gumbel[n]).topk(2, -1)
            near = ranked.values[..., 0] - ranked.values[..., 1] < 1e-5  # too close to call in float32
            assert ((ranked.indices[..., 0] == found[..., n]) | near).all() and near.float().mean() < 0.01


@EVERY
def test_where_only_what_is_forced_is_heard_each_step_is_decided_without_the_model_s_own_tokens(config: ModelConfig) -> None:
    own, forced = model(config), model(replace(config, hears="forced"))
    forced.load_state_dict(own.state_dict())
    z, gumbel = latents(config), [torch.zeros(3, config.steps, VOCABULARY[name]) for name in config.streams]
    nowhere = torch.zeros(3, config.steps, len(config.streams), dtype=torch.bool)
    unheard = torch.stack([said.argmax(-1) for said in forced.decode(z, tokens(config), nowhere)], -1)
    assert torch.equal(forced.sample(z, gumbel, 0.0), unheard)
    assert not torch.equal(forced.sample(z, gumbel, 0.0), own.sample(z, gumbel, 0.0))


@EVERY
def test_with_the_chance_of_the_first_bars_alone_they_are_what_they_were(config: ModelConfig) -> None:
    vae, z = model(config), latents(config)
    gumbel = [-torch.log(-torch.log(torch.rand(3, config.steps, VOCABULARY[name]))) for name in config.streams]
    whole, first = vae.sample(z, gumbel, 1.0), vae.sample(z, [noise[:, :STEPS_PER_BAR] for noise in gumbel], 1.0)
    assert first.shape[1] == STEPS_PER_BAR and (first == whole[:, :STEPS_PER_BAR]).float().mean() > 0.99


@EVERY
def test_one_step_at_a_time_gives_the_same_logits(config: ModelConfig) -> None:
    vae, phrase, z = model(config), tokens(config), latents(config)
    whole = vae.decode(z, phrase)
    length = STEPS_PER_BAR if config.hierarchical else config.steps
    for n, decoder in enumerate(vae.decoders.values()):
        for bar, c in enumerate(vae.lead(z).unbind(1)):
            state, heard = None, torch.full((3, 1), VOCABULARY[config.streams[n]])
            for step in range(bar * length, (bar + 1) * length):
                logits, state = decoder(c, heard, state)
                assert torch.allclose(logits[:, 0], whole[n][:, step], atol=1e-6)
                heard = phrase[:, step : step + 1, n]


def test_bars_are_independent_given_z() -> None:
    """Other tokens in one bar leave every other bar's logits as they are, bit for bit."""
    vae, phrase, z = model(TRIO), tokens(TRIO), latents(TRIO)
    before = vae.decode(z, phrase)
    for bar in range(TRIO.bars):
        inside = torch.zeros(TRIO.steps, dtype=torch.bool)
        inside[bar * STEPS_PER_BAR : (bar + 1) * STEPS_PER_BAR] = True
        changed = phrase.clone()
        changed[:, inside] = torch.stack([other(phrase, TRIO, n) for n in range(3)], -1)[:, inside]
        for one, two in zip(before, vae.decode(z, changed), strict=True):
            assert torch.equal(one[:, ~inside], two[:, ~inside])
            assert not torch.equal(one[:, inside], two[:, inside])


def test_each_bar_begins_alike_given_its_c() -> None:
    """Nothing of the bar before is left in the state: two bars with the same c and tokens are the same."""
    vae, phrase, z = model(HIER), tokens(HIER), latents(HIER)
    phrase[:, STEPS_PER_BAR : 2 * STEPS_PER_BAR] = phrase[:, :STEPS_PER_BAR]
    one = vae.lead(z)
    vae.lead = lambda z: one[:, :1].expand(-1, HIER.bars, -1)  # type: ignore[method-assign]
    (said,) = vae.decode(z, phrase)
    assert torch.allclose(said[:, :STEPS_PER_BAR], said[:, STEPS_PER_BAR : 2 * STEPS_PER_BAR], atol=1e-6)


def test_c_leads_its_own_bar_and_no_other() -> None:
    """One c a bar, the same at each of its steps, and not that of another bar."""
    vae, phrase, z = model(HIER), tokens(HIER), latents(HIER)
    c = vae.lead(z).detach().requires_grad_()
    vae.lead = lambda z: c  # type: ignore[method-assign]
    (said,) = vae.decode(z, phrase)
    for step in (0, 15, 16, 40):
        (gradient,) = torch.autograd.grad(said[:, step].square().sum(), c, retain_graph=True)
        touched = gradient.abs().sum((0, 2)) > 0
        assert touched.nonzero().flatten().tolist() == [step // STEPS_PER_BAR]


def test_z_leads_every_step_of_a_flat_decoder() -> None:
    """By its input too, not by the first state alone."""
    vae, heard = model(FLAT), torch.zeros(1, 1, dtype=torch.long)
    decoder = vae.decoders["melody"]
    _, state = decoder(torch.zeros(1, FLAT.z_size), heard)
    one, other = (decoder(z * torch.ones(1, FLAT.z_size), heard, state)[0] for z in (1.0, -1.0))
    assert not torch.allclose(one, other)


def test_every_stream_hears_only_its_own_tokens() -> None:
    vae, phrase, z = model(TRIO), tokens(TRIO), latents(TRIO)
    before = vae.decode(z, phrase)
    for stream in range(3):
        changed = phrase.clone()
        changed[..., stream] = other(phrase, TRIO, stream)
        same = [torch.equal(one, two) for one, two in zip(before, vae.decode(z, changed), strict=True)]
        assert same == [n != stream for n in range(3)]


def test_the_encoder_hears_every_stream_at_every_step() -> None:
    vae, phrase = model(TRIO), tokens(TRIO)
    before = vae.encode(phrase).mu
    for stream in range(3):
        for step in (0, 17, TRIO.steps - 1):
            changed = phrase.clone()
            changed[:, step, stream] = other(phrase, TRIO, stream)[:, step]
            assert (vae.encode(changed).mu != before).any(1).all()


def test_a_token_that_is_not_kept_is_not_heard() -> None:
    vae, phrase, z = model(FLAT), tokens(FLAT), latents(FLAT)
    keep = torch.rand(phrase.shape, generator=torch.Generator().manual_seed(4)) < 0.5
    hidden = torch.where(keep, phrase, other(phrase, FLAT, 0)[..., None])
    assert torch.equal(vae.decode(z, phrase, keep)[0], vae.decode(z, hidden, keep)[0])
    assert not torch.equal(vae.decode(z, phrase)[0], vae.decode(z, phrase, keep)[0])


def test_dropout_is_of_training_alone() -> None:
    vae, phrase, z = model(HIER), tokens(HIER), latents(HIER)
    assert torch.equal(vae.decode(z, phrase, dropout=0.5)[0], vae.decode(z, phrase)[0])
    vae.train()
    assert not torch.equal(vae.decode(z, phrase, dropout=0.5)[0], vae.decode(z, phrase)[0])


@EVERY
def test_every_weight_gets_a_gradient(config: ModelConfig) -> None:
    """But for what multiplies the conductor's input, which is always nothing."""
    vae, phrase = model(config), tokens(config, 16)
    posterior = vae.encode(phrase)
    noise = torch.randn(posterior.mu.shape, generator=torch.Generator().manual_seed(5))
    nats = token_nats(vae.decode(posterior.mu + posterior.sigma * noise, phrase), phrase)
    (nats.sum() + kl_nats(posterior).sum()).backward()
    without = {name for name, weight in vae.named_parameters() if weight.grad is None or not weight.grad.any()}
    assert without == ({"conductor.weight_ih_l0"} if config.hierarchical else set())


@EVERY
def test_cross_entropy_is_summed_over_steps_for_each_stream(config: ModelConfig) -> None:
    vae, phrase, z = model(config), tokens(config), latents(config)
    said = vae.decode(z, phrase)
    expected = [-torch.distributions.Categorical(logits=logits).log_prob(phrase[..., n]).sum(1) for n, logits in enumerate(said)]
    assert torch.allclose(token_nats(said, phrase), torch.stack(expected, -1), rtol=1e-5)


def test_the_divergence_of_what_was_encoded_is_that_of_two_gaussians() -> None:
    posterior = model(TRIO).encode(tokens(TRIO))
    normal = torch.distributions.Normal(0.0, 1.0)
    expected = torch.distributions.kl_divergence(torch.distributions.Normal(*posterior), normal).sum(-1)
    assert torch.allclose(kl_nats(posterior), expected, rtol=1e-5)
    assert kl_nats(Posterior(torch.zeros(1, 4), torch.ones(1, 4))).item() == 0


def test_free_bits_are_free_for_each_example_and_not_for_each_dimension() -> None:
    mu = torch.tensor([[4.0, 0.0], [0.1, 0.1]])
    kl = kl_nats(Posterior(mu, torch.ones_like(mu)))
    free = hinge_kl(kl, 4.0)
    assert free[0].item() == pytest.approx(8.0 - 4.0 * 0.6931472) and free[1].item() == 0
