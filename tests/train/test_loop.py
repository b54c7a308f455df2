"""The training loop, on a corpus of a few bars: it learns, it survives a kill, and it goes on to the same result."""

from dataclasses import replace
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


class Lessons(list[float]):
    """Scores that validation gives, one after another; the last from then on."""

    def __call__(self, *_: object) -> dict[str, float]:
        return {"hit_f1_by_file": self.pop(0) if len(self) > 1 else self[0], "kl_bits": 1.0}


def test_so_many_validations_that_are_no_better_end_a_run(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("mvae.train.groove_lesson.validate", Lessons([0.2, 0.5, 0.4, 0.6, 0.5, 0.6, 0.7]))
    ended = train(corpus, tmp_path / "run", "--every", "1", "--set", "patience=2", steps=9)
    assert (ended.step, ended.facts["best"], ended.facts["waited"]) == (6, 0.6, 2)
    assert files.load(tmp_path / "run" / "best.safetensors").step == 4
    assert "ended at step 6 of 9: patience = 2: so many validations were no better" in capsys.readouterr().out
    again = train(corpus, tmp_path / "run", "--every", "1", "--set", "patience=2", "--resume", steps=9)
    assert again.step == 6 and "ended at step 6 of 9: patience = 2" in capsys.readouterr().out


def test_without_patience_a_run_goes_to_its_last_step(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("mvae.train.groove_lesson.validate", Lessons([0.2, 0.1]))
    assert train(corpus, tmp_path / "run", "--every", "1", steps=5).step == 5
    assert "ended at step 5 of 5: all steps are done; the best hit_f1_by_file is 0.200" in capsys.readouterr().out


def test_a_run_that_was_killed_while_it_waited_ends_where_it_would_have(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores, save = [0.5, 0.6, 0.4, 0.3, 0.2, 0.9], files.save
    waits = ("--every", "1", "--set", "patience=3")
    monkeypatch.setattr("mvae.train.groove_lesson.validate", Lessons(scores))
    whole = train(corpus, tmp_path / "whole", *waits, steps=9)

    def killed_at_the_third(path: Path, checkpoint: files.Checkpoint) -> None:
        save(path, checkpoint)
        if checkpoint.step == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr("mvae.train.groove_lesson.validate", Lessons(scores))
    monkeypatch.setattr(files, "save", killed_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        train(corpus, tmp_path / "killed", *waits, steps=9)
    monkeypatch.setattr(files, "save", save)
    resumed = train(corpus, tmp_path / "killed", *waits, "--resume", steps=9)
    assert (whole.step, resumed.step) == (5, 5) and same(whole, resumed)


def test_a_run_knows_the_runs_before_it_and_its_best_does_too(corpus: Path, tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("first", "second", "third")]
    train(corpus, folders[0])
    train(corpus, folders[1], "--from", str(folders[0] / "checkpoint.safetensors"), steps=4)
    both = [word for folder in folders[:2] for word in ("--from", str(folder / "checkpoint.safetensors"))]
    train(corpus, folders[2], *both, steps=4)
    third = train(corpus, folders[2], "--resume", steps=4)
    first, second = (files.load(folder / "checkpoint.safetensors") for folder in folders[:2])
    assert (first.facts["began_from"], first.facts["steps_before"], first.facts["hours_before"]) == ([], 0, 0.0)
    hours = [first.facts["hours"], second.facts["hours"]]
    assert second.facts["began_from"] == [["tiny", STEPS, hours[0]]] and second.facts["steps_before"] == STEPS
    assert third.facts["began_from"] == [["tiny", STEPS, hours[0]], ["tiny", 4, hours[1]]]
    assert third.facts["steps_before"] == STEPS + 4 and third.facts["hours_before"] == pytest.approx(sum(hours))
    assert files.load(folders[2] / "best.safetensors").facts["began_from"] == third.facts["began_from"]


def test_a_checkpoint_of_an_earlier_version_goes_on_and_says_what_it_cannot_know(corpus: Path, tmp_path: Path) -> None:
    train(corpus, tmp_path / "run", "--set", "steps=8", steps=4)
    latest = tmp_path / "run" / "checkpoint.safetensors"
    whole = files.load(latest)
    later = ("began_from", "steps_before", "hours_before", "waited")
    files.save(latest, replace(whole, step=4, facts={name: fact for name, fact in whole.facts.items() if name not in later}))
    on = train(corpus, tmp_path / "on", "--from", str(latest), steps=4)
    assert on.facts["began_from"] == [[files.NOT_RECORDED, 0, 0.0], ["tiny", 4, whole.facts["hours"]]] and on.facts["steps_before"] == 4
    resumed = train(corpus, tmp_path / "run", "--resume", "--set", "steps=8", steps=4)
    assert resumed.step == 8 and not {"began_from", "steps_before", "hours_before"} & resumed.facts.keys()


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


def test_training_lowers_the_loss(corpus: Path, tmp_path: Path) -> None:
    from mvae.train.corpus import Corpus
    from mvae.train.loop import Training

    config = with_settings(named_config("tiny"), ["steps=60", "lr=0.01"])
    training = Training(config, Corpus.open(corpus), tmp_path, torch.device("cpu"), 0, False)
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
