"""The model, small: shapes, and the facts that published ports get wrong."""

import math

import torch

from mvae.train.configs import CONFIGS, ModelConfig
from mvae.train.losses import groove_losses, hinge_kl, kl_nats
from mvae.train.model import FEATURES, GrooVAE, Posterior, Steps, one_step_late

SMALL = ModelConfig(bars=2, z_size=6, encoder_size=8, decoder_size=8)


def model(seed: int = 0) -> GrooVAE:
    torch.manual_seed(seed)
    return GrooVAE(SMALL)


def notes(count: int = 3) -> torch.Tensor:
    draw = torch.Generator().manual_seed(1)
    hits = (torch.rand(count, SMALL.steps, 9, generator=draw) < 0.2).float()
    return torch.cat([hits, hits * torch.rand(hits.shape, generator=draw), hits * (2 * torch.rand(hits.shape, generator=draw) - 1)], -1)


def test_encoding_gives_a_mean_and_a_positive_spread_for_every_dimension() -> None:
    mu, sigma = model().encode(notes())
    assert mu.shape == sigma.shape == (3, SMALL.z_size)
    assert (sigma > 0).all()


def test_sigma_may_be_smaller_than_one() -> None:
    vae = model()
    with torch.no_grad():
        vae.to_sigma.bias.fill_(-3.0)
        assert (vae.encode(notes()).sigma < 1).all()


def test_the_encoder_hears_the_last_step_and_the_first() -> None:
    vae, phrase = model(), notes(1)
    for step in (0, SMALL.steps - 1):
        changed = phrase.clone()
        changed[0, step, 0] = 1 - changed[0, step, 0]
        assert not torch.equal(vae.encode(changed).mu, vae.encode(phrase).mu)


def test_the_decoder_hears_z_at_every_step_not_only_at_the_first() -> None:
    vae = model()
    state = vae.start(torch.zeros(1, SMALL.z_size))
    silence = torch.zeros(1, 1, FEATURES)
    one, _ = vae.decode(torch.ones(1, SMALL.z_size), silence, state)
    other, _ = vae.decode(-torch.ones(1, SMALL.z_size), silence, state)
    assert not torch.allclose(one.hits, other.hits)


def test_the_decoder_hears_the_token_before() -> None:
    vae, z = model(), torch.zeros(1, SMALL.z_size)
    heard = one_step_late(notes(1))
    assert not torch.allclose(vae.decode(z, heard)[0].hits, vae.decode(z, torch.zeros_like(heard))[0].hits)


def test_what_is_heard_is_one_step_late_and_begins_in_silence() -> None:
    phrase = notes()
    late = one_step_late(phrase)
    assert late.shape == phrase.shape
    assert (late[:, 0] == 0).all()
    assert torch.equal(late[:, 1:], phrase[:, :-1])


def test_free_running_agrees_with_teacher_forcing_on_its_own_output() -> None:
    vae, z = model().eval(), torch.randn(4, SMALL.z_size, generator=torch.Generator().manual_seed(2))
    uniform = torch.rand(4, SMALL.steps, 9, generator=torch.Generator().manual_seed(3))
    tokens = vae.sample(z, uniform, 1.0)
    said, _ = vae.decode(z, one_step_late(tokens))
    assert torch.equal(tokens[..., :9], (said.hits + torch.logit(uniform) > 0).float())
    assert torch.allclose(tokens[..., 9:18], said.velocities * tokens[..., :9], atol=1e-6)


def test_sampling_at_temperature_one_follows_the_probabilities() -> None:
    vae = model().eval()
    z = torch.zeros(2000, SMALL.z_size)
    uniform = torch.rand(2000, SMALL.steps, 9, generator=torch.Generator().manual_seed(4))
    first = vae.sample(z, uniform[:, :1], 1.0)[:, 0, :9].mean(0)
    said, _ = vae.decode(z[:1], torch.zeros(1, 1, FEATURES))
    assert torch.allclose(first, torch.sigmoid(said.hits[0, 0]), atol=0.05)


def test_a_hit_that_does_not_sound_has_neither_velocity_nor_offset() -> None:
    tokens = model().sample(torch.zeros(2, SMALL.z_size), torch.full((2, SMALL.steps, 9), 0.3), 1.0)
    silent = tokens[..., :9] == 0
    assert (tokens[..., 9:18][silent] == 0).all() and (tokens[..., 18:][silent] == 0).all()


def test_the_divergence_is_that_of_two_gaussians() -> None:
    mu, sigma = torch.tensor([[0.7, -1.2]]), torch.tensor([[0.5, 1.5]])
    p = torch.distributions.Normal(mu, sigma)
    expected = torch.distributions.kl_divergence(p, torch.distributions.Normal(0.0, 1.0)).sum(-1)
    assert torch.allclose(kl_nats(Posterior(mu, sigma)), expected)


def test_free_bits_are_free_for_each_example() -> None:
    kl = torch.tensor([10.0, 100.0])
    assert torch.allclose(hinge_kl(kl, 48), torch.tensor([0.0, 100 - 48 * math.log(2)]))


def test_masked_losses_hear_velocities_and_offsets_on_hits_only() -> None:
    real = torch.zeros(1, 16, FEATURES)
    real[0, 0, 0], real[0, 0, 9], real[0, 0, 18] = 1, 0.5, 0.5
    said = Steps(torch.zeros(1, 16, 9), torch.full((1, 16, 9), 0.9), torch.zeros(1, 16, 9))
    posterior = Posterior(torch.zeros(1, 2), torch.ones(1, 2))
    masked, whole = (groove_losses(real, said, posterior, flag) for flag in (True, False))
    assert math.isclose(masked.velocities.item(), 0.4**2, rel_tol=1e-5)
    assert whole.velocities.item() > 100 * masked.velocities.item()
    assert math.isclose(masked.offsets.item(), 0.25, rel_tol=1e-5)


def test_the_published_config_has_the_published_settings() -> None:
    config = CONFIGS["groove_4bar"]
    sizes = config.model
    assert (sizes.steps, sizes.z_size, sizes.encoder_size, sizes.decoder_size, sizes.decoder_layers) == (64, 256, 512, 256, 2)
    assert (config.batch, config.beta, config.free_bits, round(1 - config.dropout, 6)) == (512, 0.2, 48.0, 0.3)


def test_the_published_sizes_go_forward_and_backward() -> None:
    sizes = CONFIGS["groove_4bar"].model
    vae, phrase = GrooVAE(sizes), torch.zeros(2, sizes.steps, FEATURES)
    posterior = vae.encode(phrase)
    said, _ = vae.decode(posterior.mu, one_step_late(phrase))
    sum(loss.sum() for loss in groove_losses(phrase, said, posterior, masked=False)).backward()  # type: ignore[union-attr]
    assert all(weight.grad is not None and torch.isfinite(weight.grad).all() for weight in vae.parameters())
