"""Attributes with a dimension of z each: what a batch says of them, what an encoder leaves alone, and that a decoder learns to obey."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from mvae.core.errors import UserError
from mvae.train.configs import ModelConfig, TrainConfig
from mvae.train.corpus import Corpus
from mvae.train.directions import uncoupled
from mvae.train.edits import edited
from mvae.train.lesson import drawn_batch, lesson_of
from mvae.train.losses import kl_nats, token_nats
from mvae.train.model import MusicVAE, Posterior
from mvae.train.prepare import prepare_tokens
from mvae.train.taught import WHOLE, taught_directions, turned
from mvae.train.token_attributes import MONO
from mvae.train.token_lesson import TokenLesson, token_losses
from tests.train.songs import written_band

CONFIG = TrainConfig(
    "taught", ModelConfig(2, z_size=16, encoder_size=48, decoder_size=64, decoder_layers=1, kind="melody", input_size=24,
                          attributes=tuple(MONO)),
    steps=250, batch=48, lr=5e-3, beta=0.01, word_dropout=0.5, enrich=0.0, taught=0.7,
)  # fmt: skip


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("taught")
    band = written_band(folder / "band", 10)
    for kind in ("melody", "drums"):
        prepare_tokens(kind, [band], folder / kind, (2,), progress=False)
    return folder


def test_a_batch_says_what_is_heard_what_is_to_be_said_and_which_knobs_were_turned(corpora: Path) -> None:
    lesson = lesson_of(replace(CONFIG, batch=200), Corpus.open(corpora / "melody"))
    assert isinstance(lesson, TokenLesson)
    batch = drawn_batch(lesson, 0, 0)
    turns, unlike = batch["turns"].numpy(), (batch["tokens"] != batch["said"]).any((1, 2)).numpy()
    assert turns.shape == (200, len(MONO)) and 2 < np.abs(turns).max() <= WHOLE
    assert 0.3 < unlike.mean() <= 0.8 and turns[unlike].any(1).all()
    for row in np.flatnonzero((turns != 0).sum(1) == 1)[:20]:
        at = int(np.flatnonzero(turns[row])[0])
        edit = edited(batch["tokens"][row, :, 0].numpy(), tuple(MONO)[at], float(turns[row, at]) / WHOLE)
        assert np.array_equal(edit, batch["said"][row, :, 0].numpy())


def test_the_last_dimensions_are_turned_and_no_other() -> None:
    z, to = torch.ones(2, 8), torch.arange(10.0).view(2, 5)
    assert torch.equal(turned(z, to)[:, 3:], to) and (turned(z, to)[:, :3] == 1).all()
    assert taught_directions(("density", "legato"), 8)["density"].tolist() == [0] * 6 + [1, 0]


def test_a_phrase_is_encoded_with_every_knob_at_rest_which_costs_nothing() -> None:
    model = MusicVAE(CONFIG.model)
    mu, sigma = model.encode(torch.randint(0, 130, (3, 32, 1)))
    assert not mu[:, -5:].any() and (sigma[:, -5:] == 1).all() and mu[:, :-5].all() and (sigma[:, :-5] != 1).all()
    assert torch.allclose(kl_nats(Posterior(mu, sigma)), kl_nats(Posterior(mu[:, :-5], sigma[:, :-5])))


def test_a_knob_stands_anywhere_within_its_play(corpora: Path) -> None:
    """Of a phrase that is not edited, too."""
    lesson = lesson_of(replace(CONFIG, model=replace(CONFIG.model, play=0.5), batch=200), Corpus.open(corpora / "melody"))
    batch = drawn_batch(lesson, 0, 0)
    turns, still = batch["turns"].numpy(), (batch["tokens"] == batch["said"]).all(2).all(1).numpy()
    at_rest = turns[still & (np.abs(turns) <= 0.5).all(1)]
    assert len(at_rest) > 30 and np.abs(at_rest).max() > 0.45 and np.abs(at_rest.mean()) < 0.1
    assert np.abs(turns).max() > 2


def test_no_loss_says_where_phrases_rest(corpora: Path) -> None:
    config = replace(CONFIG, model=replace(CONFIG.model, play=0.5))
    lesson = lesson_of(config, Corpus.open(corpora / "melody"))
    torch.manual_seed(0)
    model = MusicVAE(config.model)
    with torch.no_grad():
        model.to_mu.bias[-5:] = 0.25
    token_losses(config, model, drawn_batch(lesson, 0, 0), 0.5)["loss"].mean().backward()  # type: ignore[no-untyped-call]
    grads = model.to_mu.weight.grad, model.to_mu.bias.grad
    assert all(grad is not None and grad[:-5].any() and not grad[-5:].any() for grad in grads)
    rests = model.encode(torch.zeros(2, 32, 1, dtype=torch.long)).mu[:, -5:]
    assert torch.allclose(rests, 0.5 * torch.tanh(torch.tensor(0.25 / 0.5)).expand(2, 5))  # within the play


def test_only_single_voices_can_be_taught(corpora: Path) -> None:
    config = replace(CONFIG, model=replace(CONFIG.model, kind="drums"))
    with pytest.raises(UserError, match=r"model\.attributes: 'density' of a drums cannot be taught; what can: none"):
        lesson_of(config, Corpus.open(corpora / "drums"))


def test_a_decoder_learns_to_obey(corpora: Path) -> None:
    """A tiny model and few steps: an edit is likelier where its knobs stand as they do."""
    torch.manual_seed(0)
    lesson = lesson_of(CONFIG, Corpus.open(corpora / "melody"))
    assert isinstance(lesson, TokenLesson)
    model = MusicVAE(CONFIG.model)
    learner = torch.optim.Adam(model.parameters(), CONFIG.lr)
    for step in range(CONFIG.steps):
        learner.zero_grad()
        losses = token_losses(CONFIG, model, drawn_batch(lesson, 0, step), step / CONFIG.steps)
        losses["loss"].mean().backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        learner.step()
    batch = drawn_batch(lesson, 0, CONFIG.steps)
    with torch.no_grad():
        mu, edited = model.eval().encode(batch["tokens"]).mu, (batch["tokens"] != batch["said"]).any((1, 2))
        points = (turned(mu, batch["turns"]), mu, turned(mu, -batch["turns"]))
        obeyed, ignored, opposed = (token_nats(model.decode(z, batch["said"]), batch["said"])[edited].mean().item() for z in points)
    assert obeyed + 1 < ignored < opposed - 1


def test_directions_are_mixed_to_hold_each_others_attributes() -> None:
    """What is told of z: a = z0 + z1 / 2, b = z1."""

    def tell(z: np.ndarray) -> dict[str, np.ndarray]:  # type: ignore[type-arg]
        return {"a": z[:, 0] + z[:, 1] / 2, "b": z[:, 1].astype(np.float64)}

    moves = {"a": np.array([1, 0], np.float32), "b": np.array([0, 1], np.float32)}
    points = np.random.default_rng(0).standard_normal((50, 2)).astype(np.float32)
    held = uncoupled(moves, tell, points, {"a": 1.0, "b": 1.0})
    assert held["a"] == pytest.approx([1, 0]) and held["b"] == pytest.approx([-0.5, 1])
