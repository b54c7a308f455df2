"""A bundle of tokens in the hands of an instrument: what PyTorch says, bar by bar or whole, forced or free; what it refuses."""

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from mvae.core.bundle import GOLDEN_FILE, WEIGHTS_FILE, read_arrays, seal, write_arrays
from mvae.core.card import CARD_FILE, read_card
from mvae.core.chance import token_noise
from mvae.core.errors import UserError
from mvae.core.tokens import Tokens
from mvae.export.token_golden import forced_logits
from mvae.live.token_decoder import Singles, TokenDecoder, open_decoder
from mvae.train import checkpoint as checkpoints
from mvae.train.model import MusicVAE
from tests.export.test_token_graph import BUNDLES, bundle
from tests.tiny_bundle import Z, tiny_bundle, tiny_token_bundle

CLOSE = 1e-3  # a choice nearer than this to the next best may fall either way


@pytest.fixture(scope="module", params=BUNDLES)
def decoder(request: pytest.FixtureRequest) -> TokenDecoder:
    return TokenDecoder.open(bundle(request.param), "cpu")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_token_bundle(), tmp_path / "copy"))


def model_of(decoder: TokenDecoder) -> MusicVAE:
    """The PyTorch model with the same weights."""
    model = checkpoints.load(bundle(decoder.kind) / WEIGHTS_FILE).model()
    assert isinstance(model, MusicVAE)
    return model


def latents(count: int, seed: int = 0) -> Singles:
    return np.random.default_rng(seed).normal(size=(count, Z)).astype(np.float32)


def chance(decoder: TokenDecoder, count: int) -> Singles:
    one_after_another = token_noise(5, 0, 0, 0, 0.0, max(count, 1) * decoder.steps, decoder.vocabulary)
    return one_after_another.reshape(-1, decoder.steps, decoder.width)[:count]


def some_tokens(decoder: TokenDecoder, count: int, seed: int = 1) -> Tokens:
    return np.random.default_rng(seed).integers(np.array(decoder.vocabulary), size=(count, decoder.steps, len(decoder.streams)))


def chosen(decoder: TokenDecoder, logits: Singles, noise: Singles, degrees: list[float]) -> tuple[Tokens, Singles]:
    """What logits and noise choose in each stream, and by how much: (B, steps, streams)."""
    edges = np.cumsum(decoder.vocabulary)[:-1]
    parts = [said + t * g for said, g, t in zip(np.split(logits, edges, -1), np.split(noise, edges, -1), degrees, strict=True)]
    ranked = [np.sort(scores, -1) for scores in parts]
    return np.stack([scores.argmax(-1) for scores in parts], -1), np.stack([best[..., -1] - best[..., -2] for best in ranked], -1)


def test_a_latent_is_that_of_pytorch(decoder: TokenDecoder) -> None:
    tokens = some_tokens(decoder, 130)
    mu, sigma = decoder.encode(tokens)
    with torch.no_grad():
        theirs = model_of(decoder).encode(torch.from_numpy(tokens))
    assert mu == pytest.approx(theirs.mu.numpy(), abs=1e-4) and sigma == pytest.approx(theirs.sigma.numpy(), abs=1e-4)
    assert decoder.encode(tokens[7])[0] == pytest.approx(mu[7], abs=1e-5)
    assert decoder.encode(tokens[:0])[0].shape == (0, Z)


def test_forced_logits_are_those_of_pytorch(decoder: TokenDecoder) -> None:
    z, tokens = latents(5), some_tokens(decoder, 5)
    assert decoder.logits_batch(z, tokens) == pytest.approx(forced_logits(model_of(decoder), z, tokens), abs=1e-4)


@pytest.mark.parametrize("temperature", [0.0, 0.5, 1.0])
def test_free_tokens_are_those_of_pytorch_up_to_the_first_close_choice(temperature: float, decoder: TokenDecoder) -> None:
    z, noise, model = latents(70), chance(decoder, 70), model_of(decoder)
    gumbel = list(torch.split(torch.from_numpy(noise), list(decoder.vocabulary), -1))
    theirs = model.sample(torch.from_numpy(z), gumbel, temperature).numpy()
    degrees = [temperature] * len(decoder.streams)
    _, margins = chosen(decoder, forced_logits(model, z, theirs), noise, degrees)
    safe = np.logical_and.accumulate(margins > CLOSE, axis=1)
    ours = decoder.decode_batch(z, noise, temperature)
    assert safe.mean() > 0.5 and (ours == theirs)[safe].all()
    if temperature == 0:
        assert (decoder.decode_batch(z, None, 1.0) == ours).all()  # without noise there is no chance


@pytest.mark.parametrize("count", [0, 1, 5])
def test_a_batch_gives_what_single_phrases_give(count: int, decoder: TokenDecoder) -> None:
    z, noise = latents(count), chance(decoder, count)
    together = decoder.decode_batch(z, noise, 1.0)
    assert together.shape == (count, decoder.steps, len(decoder.streams)) and together.dtype == np.int64
    for row in range(count):
        assert (together[row] == decoder.decode(z[row], noise[row], 1.0)).all()


def test_each_stream_has_a_temperature_of_its_own(decoder: TokenDecoder) -> None:
    z, noise = latents(4), chance(decoder, 4)
    count = len(decoder.streams)
    cold, warm = decoder.decode_batch(z, noise, [0.0] * count), decoder.decode_batch(z, noise, [1.0] * count)
    for stream in range(count):
        mixed = decoder.decode_batch(z, noise, [1.0 if n == stream else 0.0 for n in range(count)])
        assert (mixed[..., stream] == warm[..., stream]).all() and (warm[..., stream] != cold[..., stream]).any()
        others = [n for n in range(count) if n != stream]
        assert (mixed[..., others] == cold[..., others]).all()


def test_what_is_forced_sounds_and_the_rest_continues_it(decoder: TokenDecoder) -> None:
    """Everywhere else the token is what the logits after the tokens before it choose."""
    z, noise, forced = latents(6), chance(decoder, 6), some_tokens(decoder, 6)
    mask = np.random.default_rng(2).random(forced.shape) < 0.3
    tokens = decoder.decode_batch(z, noise, 0.7, forced, mask)
    assert (tokens[mask] == forced[mask]).all()
    choices, margins = chosen(decoder, decoder.logits_batch(z, tokens), noise, [0.7] * len(decoder.streams))
    sure = ~mask & (margins > CLOSE)
    assert sure.mean() > 0.5 and (tokens == choices)[sure].all()
    assert (tokens[0] == decoder.decode(z[0], noise[0], 0.7, forced[0], mask[0])).all()
    free = decoder.decode_batch(z, noise, 0.7)
    assert (tokens[~mask] != free[~mask]).any()
    assert (decoder.decode_batch(z, noise, 0.7, forced, np.zeros_like(mask)) == free).all()


def test_a_stream_that_is_forced_leaves_the_others_as_they_are(decoder: TokenDecoder) -> None:
    z, noise, forced = latents(3), chance(decoder, 3), some_tokens(decoder, 3)
    mask = np.zeros(forced.shape, bool)
    mask[..., 0] = True
    tokens, free = decoder.decode_batch(z, noise, 1.0, forced, mask), decoder.decode_batch(z, noise, 1.0)
    assert (tokens[..., 0] == forced[..., 0]).all() and (tokens[..., 1:] == free[..., 1:]).all()


def test_a_bar_asked_for_alone_is_the_bar_of_the_whole_phrase(decoder: TokenDecoder) -> None:
    z, noise, forced = latents(1)[0], chance(decoder, 1)[0], some_tokens(decoder, 1)[0]
    mask = np.random.default_rng(3).random(forced.shape) < 0.2
    whole = decoder.decode(z, noise, 1.0, forced, mask)
    assert whole.shape == (decoder.steps, len(decoder.streams))
    for first in range(decoder.bars):
        for end in range(first + 1, decoder.bars + 1):
            part = decoder.decode(z, noise, 1.0, forced, mask, range(first, end))
            assert (part == whole[first * 16 : end * 16]).all(), (first, end)


def test_a_bar_hears_the_bar_before_it_only_in_a_flat_phrase(decoder: TokenDecoder) -> None:
    z, noise = latents(8), chance(decoder, 8)
    forced, mask = some_tokens(decoder, 8), np.zeros((8, decoder.steps, len(decoder.streams)), bool)
    mask[:, :16] = True
    changed, free = decoder.decode_batch(z, noise, 1.0, forced, mask), decoder.decode_batch(z, noise, 1.0)
    assert (changed[:, 16:] == free[:, 16:]).all() is np.bool_(decoder.hierarchical)


def test_an_opened_bundle_says_what_it_is(decoder: TokenDecoder) -> None:
    sizes = model_of(decoder).config
    assert (decoder.kind, decoder.bars, decoder.steps, decoder.streams) == (sizes.kind, sizes.bars, sizes.steps, sizes.streams)
    assert (decoder.hierarchical, decoder.provider, decoder.choice.reason) == (sizes.hierarchical, "cpu", "golden pair reproduced")
    assert list(decoder.space.anchors) == ["funk", "rock"]
    assert isinstance(open_decoder(bundle(decoder.kind), "cpu"), TokenDecoder)


def changed_golden(folder: Path, name: str, change: Callable[[Singles], object]) -> None:
    golden = read_arrays(folder / GOLDEN_FILE)
    change(golden[name])
    write_arrays(folder / GOLDEN_FILE, golden)
    seal(folder, read_card(folder))


def changed_weight(folder: Path) -> None:
    """One number of the last weight in the file becomes 1."""
    path = folder / WEIGHTS_FILE
    path.write_bytes(path.read_bytes()[:-2] + np.float16(1).tobytes())
    seal(folder, read_card(folder))


def another_card(folder: Path, old: str, new: str) -> None:
    text = (folder / CARD_FILE).read_text()
    assert old in text
    (folder / CARD_FILE).write_text(text.replace(old, new, 1))


def false_conductor(folder: Path) -> None:
    card = read_card(folder)
    seal(folder, dataclasses.replace(card, graphs={**card.graphs, "conductor": card.graphs["start"]}))


REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "a weight": (changed_weight, r"no provider can play it \(.*differ from PyTorch's"),
    "a token": (lambda b: changed_golden(b, "tokens", lambda a: a.__iadd__(1)), "free-running tokens differ from PyTorch's"),
    "a state": (lambda b: changed_golden(b, "state", lambda a: a.__iadd__(np.float32(0.01))), "state differ from PyTorch's by 1.0e-02"),
    "an unknown kind": (lambda b: another_card(b, 'kind = "melody"', 'kind = "choir"'), "kind = 'choir': this version plays groove, "),
    "another vocabulary": (lambda b: another_card(b, "vocabulary = [130]", "vocabulary = [90]"), r"vocabulary = \[90\]: of a melody it is"),
    "another kind's vocabulary": (lambda b: another_card(b, 'kind = "melody"', 'kind = "trio"'), "vocabulary = .*of a trio it is"),
    "no vocabulary": (lambda b: another_card(b, "vocabulary = [130]\n", ""), "'vocabulary' is missing"),
    "a conductor that is none": (false_conductor, "no provider can play it"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_bundle_with_something_changed_is_refused_in_one_line(what: str, copy: Path, capfd: pytest.CaptureFixture[str]) -> None:
    change, message = REFUSED[what]
    change(copy)
    with pytest.raises(UserError, match=message) as refusal:
        open_decoder(copy, "cpu")
    assert "\n" not in str(refusal.value)
    assert capfd.readouterr() == ("", "")


def test_a_groove_is_no_bundle_of_tokens() -> None:
    with pytest.raises(UserError, match="kind = 'groove': not a bundle of tokens"):
        TokenDecoder.open(tiny_bundle(), "cpu")
