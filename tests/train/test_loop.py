"""The training loop, on a corpus of a few bars: it learns, it survives a kill, and it goes on to the same result."""

from pathlib import Path

import numpy as np
import pytest
import torch

from mvae.core.errors import UserError
from mvae.train import checkpoint as files
from mvae.train.configs import CONFIGS, named_config
from mvae.train.groove_lesson import window_odds
from mvae.train.loop import choose_bfloat16, learning_rate, start_with, with_settings
from mvae.train.main import run

STEPS = 8


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus prepared from a few written MIDI files."""
    from mvae.core.track import Track

    folder, out = tmp_path_factory.mktemp("midi"), tmp_path_factory.mktemp("out") / "corpus"
    for number in range(24):
        rng, track = np.random.default_rng(number), Track()
        for step in range(64):
            for pitch in (36, 38, 42):
                if rng.random() < 0.3 or (pitch == 36 and step % 8 == 0):
                    track.note(step * 240, True, 9, pitch, int(rng.integers(40, 120)))
                    track.note(step * 240 + 100, False, 9, pitch, 0)
        (folder / f"take{number}.mid").write_bytes(track.file())
    assert run(["prepare", str(folder), "--kind", "groove", "--out", str(out)]) == 0
    return out


def train(corpus: Path, folder: Path, *more: str, steps: int = STEPS) -> files.Checkpoint:
    sets = ["--set", f"steps={steps}"]
    assert run(["train", "tiny", "--data", str(corpus), "--run", str(folder), "--every", "4", "--device", "cpu", *sets, *more]) == 0
    return files.load(folder / "checkpoint.safetensors")


def same(one: files.Checkpoint, other: files.Checkpoint) -> bool:
    return all(torch.equal(tensor, other.weights[name]) for name, tensor in one.weights.items())


def test_the_same_seed_trains_to_the_same_weights(corpus: Path, tmp_path: Path) -> None:
    assert same(train(corpus, tmp_path / "a"), train(corpus, tmp_path / "b"))
    assert not same(train(corpus, tmp_path / "c", "--seed", "1"), files.load(tmp_path / "a" / "checkpoint.safetensors"))


def test_a_run_that_was_killed_resumes_to_the_same_weights(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = train(corpus, tmp_path / "whole")
    save = files.save

    def killed_after_the_first(path: Path, checkpoint: files.Checkpoint) -> None:
        save(path, checkpoint)
        if path.name == "checkpoint.safetensors" and checkpoint.step == 4:
            raise KeyboardInterrupt

    monkeypatch.setattr(files, "save", killed_after_the_first)
    with pytest.raises(KeyboardInterrupt):
        train(corpus, tmp_path / "killed")
    monkeypatch.setattr(files, "save", save)
    assert files.load(tmp_path / "killed" / "checkpoint.safetensors").step == 4
    assert same(train(corpus, tmp_path / "killed", "--resume"), whole)


def test_a_run_starts_from_shipped_weights(corpus: Path, tmp_path: Path) -> None:
    train(corpus, tmp_path / "first")
    first = files.load(tmp_path / "first" / "checkpoint.safetensors")
    on = train(corpus, tmp_path / "on", "--from", str(tmp_path / "first" / "checkpoint.safetensors"), "--set", "lr=0", steps=4)
    assert same(first, on)


def test_a_run_that_is_there_is_not_overwritten(corpus: Path, tmp_path: Path) -> None:
    train(corpus, tmp_path / "run", steps=4)
    with pytest.raises(UserError, match="--resume"):
        train(corpus, tmp_path / "run", steps=4)


def test_a_resumed_run_keeps_the_precision_it_began_with(corpus: Path, tmp_path: Path) -> None:
    began = train(corpus, tmp_path / "run", "--precision", "float32", steps=4)
    assert choose_bfloat16("auto", torch.device("cpu"), began) is False
    assert choose_bfloat16("bfloat16", torch.device("cpu"), began) is True


def test_a_weight_that_does_not_fit_gives_way_to_a_later_one_that_does() -> None:
    model = torch.nn.Linear(2, 3)
    first, second = {"weight": torch.ones(3, 9), "bias": torch.ones(3)}, {"weight": torch.full((3, 2), 2.0), "bias": torch.zeros(3)}
    assert start_with(model, [first, second]) == 2
    assert (model.weight == 2).all() and (model.bias == 1).all()
    with pytest.raises(UserError, match="none of its weights fits"):
        start_with(model, [{"weight": torch.ones(3, 9)}])


def test_grooves_are_cut_into_windows_of_every_length_and_no_other(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--kind groove takes no --bars: it makes windows of 2, 4 bars"):
        run(["prepare", str(tmp_path), "--kind", "groove", "--bars", "16", "--out", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()


def test_training_lowers_the_loss(corpus: Path, tmp_path: Path) -> None:
    from mvae.train.corpus import Corpus
    from mvae.train.loop import Training

    config = with_settings(named_config("tiny"), ["steps=60", "lr=0.01"])
    training = Training(config, Corpus.open(corpus), tmp_path, torch.device("cpu"), 0, False, [], None)
    totals = []
    for _ in range(60):
        totals.append(training.learn()["loss"].mean().item())
        training.step += 1
    assert np.mean(totals[-10:]) < 0.7 * np.mean(totals[:10])


@pytest.mark.parametrize("setting", ["no_such=1", "beta=much", "model.bars=two"])
def test_a_setting_that_cannot_be_meant_is_one_clear_line(setting: str) -> None:
    with pytest.raises(UserError, match=setting.split("=")[0]):
        with_settings(named_config("tiny"), [setting])


def test_an_unknown_config_is_answered_with_the_list() -> None:
    with pytest.raises(UserError, match="groove_4bar"):
        named_config("groove_9bar")


def test_a_truncated_checkpoint_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "checkpoint.safetensors").write_bytes(b"\x10\x00")
    with pytest.raises(UserError, match="cannot be read"):
        files.load(tmp_path / "checkpoint.safetensors")


def test_every_schedule_ends_low_and_begins_low_or_high_as_it_says() -> None:
    one = CONFIGS["groove_2bar_live"]
    rates = [learning_rate(one, step) for step in range(one.steps)]
    assert max(rates) == pytest.approx(one.lr, rel=1e-3) and rates[-1] < one.lr / 50 and rates[0] < one.lr / 10
    published = CONFIGS["groove_4bar"]
    assert learning_rate(published, 0) == published.lr and learning_rate(published, 10**6) == published.lr_floor


def test_windows_are_drawn_half_by_song(corpus: Path) -> None:
    from mvae.train.corpus import Corpus

    odds = window_odds(Corpus.open(corpus).windows("train", 2, fills=True), 0.05)
    assert odds.sum() == pytest.approx(1) and (odds > 0).all()


def test_a_mix_of_data_sets_is_said_by_name_and_share() -> None:
    assert with_settings(named_config("melody_2bar"), ["mix=cre:1,lieder:0.5"]).mix == {"cre": 1.0, "lieder": 0.5}
    assert with_settings(named_config("melody_2bar"), ["mix="]).mix == {}
    with pytest.raises(UserError, match="mix"):
        with_settings(named_config("melody_2bar"), ["mix=cre"])
