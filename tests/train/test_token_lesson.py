"""Tokens as a lesson: which windows are drawn, what is heard, and that a run can be broken off, gone on with and built upon."""

import math
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from mvae.core.errors import UserError
from mvae.core.tokens import canonical_mono
from mvae.train import checkpoint as files
from mvae.train.configs import ModelConfig, TrainConfig
from mvae.train.corpus import Corpus
from mvae.train.lesson import drawn_batch, lesson_of
from mvae.train.losses import token_nats
from mvae.train.main import run
from mvae.train.model import MusicVAE
from mvae.train.prepare import prepare_tokens
from mvae.train.token_lesson import TokenLesson, own_words, sampling_share, set_odds, token_losses, validate
from mvae.train.token_windows import TokenSong, TokenWindows
from tests.train.songs import written_band

SIZES = ["model.z_size=8", "model.encoder_size=8", "model.decoder_size=8", "model.input_size=8"]
SMALL = ModelConfig(2, z_size=6, encoder_size=8, decoder_size=8, kind="melody", input_size=5)
TOKENS = TrainConfig("small", SMALL, steps=10, batch=16)


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten songs as a corpus of every kind, windows of 2 bars."""
    folder = tmp_path_factory.mktemp("lesson")
    band = written_band(folder / "band", 10)
    for kind in ("melody", "bass", "drums", "trio"):
        prepare_tokens(kind, [band], folder / kind, (2,), progress=False)
    return folder


def windows_of(*songs: tuple[str, int]) -> TokenWindows:
    """Songs as (data set, windows), a bar of rows each."""
    song = [number for number, (_, count) in enumerate(songs) for _ in range(count)]
    names = tuple(TokenSong(f"{number}.mid", "train", name, 120.0) for number, (name, _) in enumerate(songs))
    start = 16 * np.arange(len(song))[:, None]
    return TokenWindows("melody", 1, np.zeros(16 * len(song), np.uint16), names, start, np.array(song))


def test_a_data_set_is_drawn_by_the_mix_then_a_song_then_a_window() -> None:
    windows = windows_of(("a", 1), ("a", 3), ("b", 4))
    odds = set_odds(windows, np.arange(8), {"a": 0.5, "b": 0.5})
    assert odds == pytest.approx([1 / 4, *[1 / 12] * 3, *[1 / 8] * 4])
    assert set_odds(windows, np.arange(8), {"a": 3.0, "b": 1.0})[:4].sum() == pytest.approx(0.75)


def test_without_a_mix_all_songs_are_alike() -> None:
    odds = set_odds(windows_of(("a", 1), ("a", 3), ("b", 4)), np.arange(8), {})
    assert odds == pytest.approx([1 / 3, *[1 / 9] * 3, *[1 / 12] * 4])


def test_a_set_outside_the_mix_is_never_drawn() -> None:
    assert set_odds(windows_of(("a", 1), ("b", 2)), np.arange(3), {"a": 1.0}).tolist() == [1, 0, 0]


def test_only_chosen_windows_count() -> None:
    odds = set_odds(windows_of(("a", 1), ("a", 3)), np.array([0, 3]), {"a": 1.0})
    assert odds.tolist() == [0.5, 0.5]


def test_a_set_of_the_mix_without_windows_is_named() -> None:
    with pytest.raises(UserError, match=r"mix\.b: the corpus has no such data set; it has a"):
        set_odds(windows_of(("a", 1), ("b", 2)), np.array([0]), {"a": 0.5, "b": 0.5})


def test_drawn_windows_follow_the_odds(corpora: Path) -> None:
    """`mix` says nine to one, whatever the corpus holds."""
    config = replace(TOKENS, batch=2000, mix={"odd": 0.9, "even": 0.1}, augment=False, transpose=0)
    lesson = lesson_of(config, Corpus.open(corpora / "melody"))
    assert isinstance(lesson, TokenLesson)
    whole = lesson.train.batch(slice(None))
    names = {row.tobytes(): lesson.train.songs[song].set for row, song in zip(whole, lesson.train.song.tolist(), strict=True)}
    drawn = Counter(names[row.tobytes()] for row in drawn_batch(lesson, 0, 0)["tokens"].numpy())
    assert drawn["odd"] / drawn.total() == pytest.approx(0.9, abs=0.03)


def test_a_batch_depends_on_seed_and_step_alone(corpora: Path) -> None:
    lesson = lesson_of(TOKENS, Corpus.open(corpora / "melody"))
    again = lesson_of(TOKENS, Corpus.open(corpora / "melody"))
    drawn_batch(again, 0, 7)
    for name, tensor in drawn_batch(lesson, 0, 8).items():
        assert torch.equal(tensor, drawn_batch(again, 0, 8)[name])
        assert not torch.equal(tensor, drawn_batch(again, 0, 9)[name]) and not torch.equal(tensor, drawn_batch(again, 1, 8)[name])


def test_a_batch_has_what_it_says(corpora: Path) -> None:
    config = replace(TOKENS, batch=200, word_dropout=0.3)
    batch = drawn_batch(lesson_of(config, Corpus.open(corpora / "melody")), 0, 0)
    assert batch["tokens"].shape == batch["keep"].shape == batch["chance"].shape == (200, 32, 1)
    assert batch["noise"].shape == (200, 6) and batch["noise"].std().item() == pytest.approx(1, abs=0.1)
    assert batch["keep"].float().mean().item() == pytest.approx(0.7, abs=0.02)
    assert np.array_equal(batch["tokens"][..., 0], canonical_mono(batch["tokens"][..., 0].numpy()))


def test_scheduled_sampling_rises_as_an_inverse_sigmoid() -> None:
    """k / (k + exp(step / k)), k = 1,000 of 50,000 steps, is the share of played tokens."""
    shares = [sampling_share(1.0, progress) for progress in (0.0, 0.1, 1000 * math.log(1000) / 50_000, 0.3, 1.0)]
    assert shares == pytest.approx([1 / 1001, 1 - 1000 / (1000 + math.exp(5)), 0.5, 1 - 1000 / (1000 + math.exp(15)), 1.0])
    assert sampling_share(0.25, 1.0) == pytest.approx(0.25) and sampling_share(0.0, 1.0) == 0.0


def heard(config: TrainConfig = TOKENS) -> tuple[MusicVAE, torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    tokens = torch.randint(0, 130, (400, 32, 1))
    keep, chance = torch.ones_like(tokens, dtype=torch.bool), torch.rand(tokens.shape)
    return MusicVAE(config.model), torch.randn(400, config.model.z_size), tokens, keep, chance


def test_only_chosen_tokens_are_the_models_own() -> None:
    model, z, tokens, keep, chance = heard()
    mixed = own_words(model, z, tokens, keep, chance, 0.3)
    chosen = chance < 0.3
    assert torch.equal(mixed[~chosen], tokens[~chosen]) and (mixed[chosen] != tokens[chosen]).float().mean() > 0.9
    assert mixed.min() >= 0 and mixed.max() < 130
    assert torch.equal(own_words(model, z, tokens, keep, chance, 0.0), tokens)


def test_own_words_are_drawn_from_what_the_model_says() -> None:
    model, _, tokens, keep, chance = heard()
    with torch.no_grad():
        decoder = model.decoders["melody"]
        decoder.output.weight.zero_()  # type: ignore[union-attr, operator]
        decoder.output.bias.copy_(torch.linspace(0, 4, 130))  # type: ignore[union-attr, operator]
    share = 0.4
    mixed = own_words(model, torch.zeros(400, SMALL.z_size), tokens, keep, chance, share)
    drawn = mixed[chance < share]
    counts = torch.bincount(drawn, minlength=130) / len(drawn)
    assert torch.allclose(counts, torch.linspace(0, 4, 130).softmax(0), atol=0.01)


def test_a_loss_is_cross_entropy_and_what_the_divergence_is_above_the_free_bits() -> None:
    config = replace(TOKENS, beta=0.5, beta_warmup=0.5, free_bits=0.001, word_dropout=0.0)
    model, z, tokens, keep, chance = heard(config)
    batch = {"tokens": tokens, "noise": torch.zeros_like(z), "keep": keep, "chance": chance}
    losses = token_losses(config, model, batch, 0.25)
    posterior = model.encode(tokens)
    nats = token_nats(model.decode(posterior.mu, tokens), tokens)
    assert torch.allclose(losses["melody"], nats[:, 0], rtol=1e-5)
    assert torch.allclose(losses["loss"], nats[:, 0] + 0.25 * (losses["kl"] - 0.001 * math.log(2)), rtol=1e-5)


def test_validation_is_of_the_sets_in_the_mix_and_zero_without(corpora: Path) -> None:
    windows = Corpus.open(corpora / "trio").tokens("validation", 2)  # one song, of the set "even"
    torch.manual_seed(0)
    model = MusicVAE(replace(SMALL, kind="trio")).eval()
    figures = validate(model, windows, {"even": 1.0}, torch.device("cpu"))
    streams = ("melody", "bass", "drums")
    assert figures["sampled"] == pytest.approx(np.mean([figures[f"sampled/{name}"] for name in streams]))
    assert 0 <= figures["teacher_forced"] <= 1 and figures["nats"] > 0 and figures["kl_bits"] > 0
    assert figures == validate(model, windows, {}, torch.device("cpu"))
    assert validate(model, windows, {"odd": 1.0}, torch.device("cpu"))["sampled"] == 0.0


def train(config: str, corpus: Path, folder: Path, *more: str, steps: int = 6, **settings: str) -> files.Checkpoint:
    sets = [f"steps={steps}", "batch=4", "mix=", *SIZES, *(f"{key}={value}" for key, value in settings.items())]
    words = [word for setting in sets for word in ("--set", setting)]
    where = ["--data", str(corpus), "--run", str(folder), "--every", "3", "--device", "cpu"]
    assert run(["train", config, *where, *words, *more]) == 0
    return files.load(folder / "checkpoint.safetensors")


@pytest.mark.parametrize("settings", [{"sampling": "0.5"}, {"dropout": "0.3"}])
def test_a_broken_run_goes_on_to_the_same_weights(
    corpora: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str]
) -> None:
    whole = train("melody_2bar", corpora / "melody", tmp_path / "whole", **settings)
    save = files.save

    def broken(path: Path, checkpoint: files.Checkpoint) -> None:
        save(path, checkpoint)
        if path.name == "checkpoint.safetensors":
            raise KeyboardInterrupt

    monkeypatch.setattr(files, "save", broken)
    with pytest.raises(KeyboardInterrupt):
        train("melody_2bar", corpora / "melody", tmp_path / "broken", **settings)
    monkeypatch.setattr(files, "save", save)
    assert files.load(tmp_path / "broken" / "checkpoint.safetensors").step == 3
    torch.rand(5)  # whatever else was drawn since
    on = train("melody_2bar", corpora / "melody", tmp_path / "broken", "--resume", **settings)
    assert on.step == whole.step == 6
    assert all(torch.equal(weight, on.weights[name]) for name, weight in whole.weights.items())


def test_a_trio_starts_from_runs_of_its_parts(corpora: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With a learning rate of nothing the decoders stay as they were loaded; the encoder is the first run's."""
    parts = {kind: train(f"{kind}_2bar", corpora / kind, tmp_path / kind) for kind in ("melody", "drums")}
    sources = [word for kind in parts for word in ("--from", str(tmp_path / kind))]
    capsys.readouterr()
    as_wide = {"model.bars": "2", "model.decoder_layers": "2", "model.bar_size": "0"}
    trio = train("trio_16bar_flat", corpora / "trio", tmp_path / "trio", *sources, **{**as_wide, "lr": "0"})
    for kind, part in parts.items():
        best = files.load(files.find(tmp_path / kind))
        own = {name for name in trio.weights if name.startswith((f"decoders.{kind}.", f"tokens.{kind}."))}
        assert own == {name for name in part.weights if name.startswith(("decoders.", "tokens."))}
        assert all(torch.equal(trio.weights[name], best.weights[name]) for name in own)
    assert torch.equal(trio.weights["to_mu.weight"], files.load(files.find(tmp_path / "melody")).weights["to_mu.weight"])
    fitting = len(trio.weights) - sum(name.startswith(("decoders.bass.", "tokens.bass.")) for name in trio.weights)
    assert f"--from: {fitting} of the model's {len(trio.weights)} weights" in capsys.readouterr().out


def test_weights_that_fit_nowhere_are_refused(corpora: Path, tmp_path: Path) -> None:
    train("drums_2bar", corpora / "drums", tmp_path / "drums", steps=3)
    wider = dict.fromkeys(("model.z_size", "model.encoder_size", "model.decoder_size", "model.input_size"), "9")
    with pytest.raises(UserError, match="none of its weights fits"):
        train("melody_2bar", corpora / "melody", tmp_path / "melody", "--from", str(tmp_path / "drums"), **wider)
