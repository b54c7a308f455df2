"""Attributes with a dimension of z each: what a batch says of them, what an encoder pays, and that a model learns to obey."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from mvae.core.errors import UserError
from mvae.train.configs import ModelConfig, TrainConfig
from mvae.train.corpus import Corpus
from mvae.train.directions import uncoupled
from mvae.train.lesson import drawn_batch, lesson_of
from mvae.train.losses import token_nats
from mvae.train.model import MusicVAE
from mvae.train.prepare import prepare_tokens
from mvae.train.taught import WEIGHT, astray, moved, raw, taught_directions
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


def test_a_batch_says_where_phrases_lie_and_how_far_their_edits(corpora: Path) -> None:
    lesson = lesson_of(replace(CONFIG, batch=200), Corpus.open(corpora / "melody"))
    assert isinstance(lesson, TokenLesson) and lesson.scale is not None
    batch = drawn_batch(lesson, 0, 0)
    heard, said = (batch[name][..., 0].numpy() for name in ("tokens", "said"))
    assert batch["aim"].shape == batch["move"].shape == (200, len(MONO))
    aim, there = ((raw(lesson.scale.names, x) - lesson.scale.mean) / lesson.scale.sd for x in (heard, said))
    assert np.allclose(batch["aim"], aim, atol=1e-4, equal_nan=True)
    assert np.allclose(batch["move"], np.nan_to_num(there - aim), atol=1e-4)
    unlike = (heard != said).any(1)
    assert 0.3 < unlike.mean() <= 0.8 and not batch["move"].numpy()[~unlike].any()


def test_the_last_dimensions_are_moved_and_no_other() -> None:
    z, by = torch.zeros(2, 8), torch.arange(10.0).view(2, 5)
    assert torch.equal(moved(z, by)[:, 3:], by) and not moved(z, by)[:, :3].any()
    assert taught_directions(("density", "legato"), 8)["density"].tolist() == [0] * 6 + [1, 0]


def test_an_encoder_pays_for_what_it_says_wrongly_and_not_for_what_a_phrase_has_not() -> None:
    aim = torch.tensor([[1.0, 2.0], [float("nan"), 0.0]])
    mu = torch.tensor([[9.0, 1.0, 0.0], [9.0, 5.0, 1.0]], requires_grad=True)
    paid = astray(mu, aim)
    assert paid.tolist() == [4 * WEIGHT, WEIGHT]
    paid.sum().backward()
    assert mu.grad is not None and bool(mu.grad.isfinite().all()) and mu.grad[1, 1] == 0


def test_only_single_voices_can_be_taught(corpora: Path) -> None:
    config = replace(CONFIG, model=replace(CONFIG.model, kind="drums"))
    with pytest.raises(UserError, match=r"model\.attributes: 'density' of a drums cannot be taught; what can: none"):
        lesson_of(config, Corpus.open(corpora / "drums"))


def test_a_decoder_learns_to_obey(corpora: Path) -> None:
    """A tiny model and few steps: an edit is likelier where its move leads. Density and syncopation, in which these tunes do not differ,
    are not taught."""
    torch.manual_seed(0)
    lesson = lesson_of(CONFIG, Corpus.open(corpora / "melody"))
    assert isinstance(lesson, TokenLesson) and lesson.scale is not None
    assert np.isinf(lesson.scale.sd).tolist() == [True, False, False, True, True]
    model, paid = MusicVAE(CONFIG.model), list[float]()
    learner = torch.optim.Adam(model.parameters(), CONFIG.lr)
    for step in range(CONFIG.steps):
        learner.zero_grad()
        losses = token_losses(CONFIG, model, drawn_batch(lesson, 0, step), step / CONFIG.steps)
        losses["loss"].mean().backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        learner.step()
        paid.append(losses["astray"].mean().item())
    batch = drawn_batch(lesson, 0, CONFIG.steps)
    with torch.no_grad():
        mu, edited = model.eval().encode(batch["tokens"]).mu, (batch["tokens"] != batch["said"]).any((1, 2))
        points = (moved(mu, batch["move"]), mu, moved(mu, -batch["move"]))
        obeyed, ignored, opposed = (token_nats(model.decode(z, batch["said"]), batch["said"])[edited].mean().item() for z in points)
    assert sum(paid[-20:]) < 0.5 * sum(paid[:20])
    assert obeyed + 1 < ignored < opposed - 1


def test_directions_are_mixed_to_hold_each_others_attributes() -> None:
    """What is told of z: a = z0 + z1 / 2, b = z1."""

    def tell(z: np.ndarray) -> dict[str, np.ndarray]:  # type: ignore[type-arg]
        return {"a": z[:, 0] + z[:, 1] / 2, "b": z[:, 1].astype(np.float64)}

    moves = {"a": np.array([1, 0], np.float32), "b": np.array([0, 1], np.float32)}
    points = np.random.default_rng(0).standard_normal((50, 2)).astype(np.float32)
    held = uncoupled(moves, tell, points, {"a": 1.0, "b": 1.0})
    assert held["a"] == pytest.approx([1, 0]) and held["b"] == pytest.approx([-0.5, 1])
