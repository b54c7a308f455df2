"""Attributes with a dimension of z each: what a batch says of them, what an encoder leaves alone, and that a decoder learns to obey."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from mvae.core.errors import UserError
from mvae.train import checkpoint as files
from mvae.train.configs import ModelConfig, TrainConfig
from mvae.train.corpus import Corpus
from mvae.train.directions import uncoupled
from mvae.train.edits import edited
from mvae.train.lean import attribute_vectors
from mvae.train.lesson import drawn_batch, lesson_of
from mvae.train.losses import kl_nats, token_nats
from mvae.train.main import run
from mvae.train.model import MusicVAE, Posterior
from mvae.train.prepare import prepare_tokens
from mvae.train.taught import WHOLE, own_ways, taught_directions, turned
from mvae.train.token_attributes import MONO
from mvae.train.token_lesson import TokenLesson, token_losses
from mvae.train.token_test_set import choose
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
    found = turned(z, torch.full((2, 8), 0.25, requires_grad=True), to, torch.from_numpy(own_ways(tuple(MONO), 8)))
    assert torch.equal(found[:, 3:], to + 0.25) and (found[:, :3] == 1).all() and not found.requires_grad
    assert taught_directions(("density", "legato"), own_ways(("density", "legato"), 8))["density"].tolist() == [0] * 6 + [1, 0]


def test_a_phrase_is_encoded_with_every_knob_at_rest_which_costs_nothing() -> None:
    model = MusicVAE(CONFIG.model)
    mu, sigma = model.encode(torch.randint(0, 130, (3, 32, 1)))
    assert not mu[:, -5:].any() and (sigma[:, -5:] == 1).all() and mu[:, :-5].all() and (sigma[:, :-5] != 1).all()
    assert torch.allclose(kl_nats(Posterior(mu, sigma)), kl_nats(Posterior(mu[:, :-5], sigma[:, :-5])))


def test_where_knobs_lean_an_encoder_learns_where_phrases_rest(corpora: Path) -> None:
    """The decoder has no say in it: its own losses change nothing in what the encoder says of rests."""
    config = replace(CONFIG, model=replace(CONFIG.model, leans=0.5, attributes=("legato", *MONO)))
    lesson = lesson_of(config, Corpus.open(corpora / "melody"))
    assert isinstance(lesson, TokenLesson)
    torch.manual_seed(0)
    model = MusicVAE(config.model)
    learner = torch.optim.Adam(model.parameters(), config.lr)
    wrong = list[float]()
    for step in range(150):
        learner.zero_grad()
        losses = token_losses(config, model, drawn_batch(lesson, 0, step), 0.5)
        (losses["loss"] - losses["rests"]).mean().backward(retain_graph=True)  # type: ignore[no-untyped-call]
        rows = model.to_mu.weight.grad
        assert rows is not None and rows[:-6].any() and rows[-6:].abs().max() <= config.beta  # the KL divergence alone
        losses["rests"].mean().backward()  # type: ignore[no-untyped-call]
        assert rows[-6:].any()
        learner.step()
        wrong.append(float(losses["rests"].detach().mean()))
    assert np.mean(wrong[-10:]) < np.mean(wrong[:3]) / 2
    batch = drawn_batch(lesson, 0, 150)
    with torch.no_grad():
        mu, sigma = model.encode(batch["tokens"])
    assert (mu[:, -6:] / 0.5 - batch["rests"]).square().mean() < 0.15 and (sigma[:, -6:] == 1).all()


TINY = [f"model.{name}=16" for name in ("z_size", "encoder_size", "decoder_size", "input_size")] + ["batch=8", "beta_warmup=0", "mix="]
SETTLED = ("model.along=vectors", "steps=8")


def trained(corpora: Path, folder: Path, *more: str, sets: Sequence[str] = ("steps=6",)) -> files.Checkpoint:
    told = [part for each in (*TINY, *sets) for part in ("--set", each)]
    every = ("--every", "4", "--device", "cpu", "--precision", "float32")
    assert run(["train", "melody_2bar", "--data", str(corpora / "melody"), "--run", str(folder), *every, *told, *more]) == 0
    return files.load(folder / "checkpoint.safetensors")


def test_settled_knobs_are_turned_by_the_papers_vectors(corpora: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The encoder, whose vectors they are, learns no more, and a run that was killed goes on to the same weights."""
    before = trained(corpora, tmp_path / "a")
    start = ("--from", str(tmp_path / "a" / "checkpoint.safetensors"))
    settled = trained(corpora, tmp_path / "b", *start, sets=SETTLED)
    changed = {name for name, weight in before.weights.items() if not torch.equal(weight, settled.weights[name])}
    assert changed and all(name.startswith("decoders.") for name in changed)
    phrases = choose(Corpus.open(corpora / "melody").tokens("train", 2)).tokens
    model = settled.model()
    with torch.no_grad():
        mu = model.encode(torch.from_numpy(phrases)).mu.numpy()
    vectors, ways = attribute_vectors("melody", mu, phrases), settled.weights["ways"].numpy()
    for name, way in zip(settled.config.model.attributes, ways, strict=True):
        assert 2 * way == pytest.approx(vectors[name], abs=1e-5) if name in vectors else way.tolist() == np.eye(16)[10].tolist()

    def killed(path: Path, checkpoint: files.Checkpoint) -> None:
        save(path, checkpoint)
        if path.name == "checkpoint.safetensors" and checkpoint.step == 4:
            raise KeyboardInterrupt

    save = files.save
    monkeypatch.setattr(files, "save", killed)
    with pytest.raises(KeyboardInterrupt):
        trained(corpora, tmp_path / "c", *start, sets=SETTLED)
    monkeypatch.setattr(files, "save", save)
    resumed = trained(corpora, tmp_path / "c", "--resume", sets=SETTLED)
    assert resumed.step == 8 and all(torch.equal(weight, settled.weights[name]) for name, weight in resumed.weights.items())


def test_vectors_are_those_of_a_trained_model(corpora: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"model\.along: 'vectors' are those of a trained encoder; start --from a run or a bundle"):
        trained(corpora, tmp_path / "a", sets=SETTLED)
    with pytest.raises(UserError, match=r"'sideways' is not known; choose one of knobs, vectors"):
        trained(corpora, tmp_path / "b", sets=("model.along=sideways",))


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
        points = (turned(mu, mu, batch["turns"], model.ways), mu, turned(mu, mu, -batch["turns"], model.ways))
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
