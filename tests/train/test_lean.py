"""Where phrases rest on their knobs: between the quartiles of an attribute as far apart as its vector is to turn them, and no further."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch

from mvae.core.errors import UserError
from mvae.train import checkpoint as files
from mvae.train.configs import ModelConfig
from mvae.train.exp_attributes import attribute_vectors
from mvae.train.lean import FAR, MARGIN, Phrases, margin, names_of, read, rest
from mvae.train.main import run
from mvae.train.model import MusicVAE
from mvae.train.prepare import prepare_tokens
from mvae.train.token_attributes import MONO
from tests.train.exam_toys import random_melodies
from tests.train.songs import written_band

KNOBS = ("legato", *MONO)
SMALL = {"z_size": 16, "encoder_size": 32, "decoder_size": 16, "decoder_layers": 1, "input_size": 16}
PHRASES = np.concatenate([random_melodies(100, share=share / 10) for share in range(1, 7)])


def model_with(play: float) -> MusicVAE:
    torch.manual_seed(0)
    return MusicVAE(ModelConfig(2, kind="melody", hears="forced", attributes=KNOBS, play=play, **SMALL))


def mu_of(model: MusicVAE) -> np.ndarray:  # type: ignore[type-arg]
    with torch.no_grad():
        return np.asarray(model.encode(torch.from_numpy(PHRASES)).mu.numpy())


def test_a_vector_turns_the_knobs_as_far_as_it_is_asked_to() -> None:
    model = model_with(0.5)
    before, turns = mu_of(model), np.diag([0.5, 0.0, 0.25, 0.0, 0.0])
    turns[0, 4] = 0.4
    there = read(model, names_of(model), PHRASES)
    assert rest(model, there, turns) == pytest.approx(turns, abs=1e-2)
    mu = mu_of(model)
    vectors = attribute_vectors("melody", mu, PHRASES)
    assert np.stack([vectors[name][-5:] for name in MONO]) == pytest.approx(turns, abs=1e-2)
    assert not before[:, -6:].any() and np.array_equal(mu[:, :-6], before[:, :-6]) and not mu[:, -6].any()
    assert not rest(model, there, np.zeros((5, 5))).any()
    assert not mu_of(model).any(0)[-6:].any()


def test_no_phrase_rests_beyond_the_play() -> None:
    """Asked for more than knobs have, they give what they have."""
    model = model_with(0.5)
    found = rest(model, read(model, names_of(model), PHRASES), 3 * np.eye(5))
    rests = mu_of(model)[:, -5:]
    assert 0.4 < np.abs(rests).max() <= 0.5
    assert (np.diag(found) > 0.3).all() and np.abs(found).max() < 1


def test_without_play_every_phrase_rests_at_0() -> None:
    model = model_with(0.0)
    assert not rest(model, read(model, names_of(model), PHRASES), np.eye(5)).any()
    assert not mu_of(model)[:, -6:].any()


class Linear(Phrases):
    """Attributes that answer to knobs as a matrix says, and to the vectors as another does."""

    def __init__(self, still: list[float]) -> None:
        self.names, self.still, self.play = tuple(MONO), np.array(still), 0.6

    def moved(self, vector: np.ndarray, turns: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
        return np.asarray(self.still + 60 * turns)


@pytest.mark.parametrize(
    ("still", "turns"),
    [
        ([50.0, 0.0, 0.0, -30.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0]),
        ([50.0, 0.0, 0.0, 0.0, -60.0], [0.3, 0.0, 0.0, 0.0, 0.0]),
        ([50.0, 0.0, 0.0, 0.0, -130.0], [0.9, 0.0, 0.0, 0.0, 0.6]),
        ([2.0, 0.0, 0.0, 0.0, -9.0], [0.3, 0.0, 0.0, 0.0, 0.0]),
        ([0.0, 500.0, 0.0, 0.0, 0.0], [1.05, -1.05, 0.0, 0.0, 0.0]),
    ],
)
def test_knobs_are_turned_by_the_least_that_serves(still: list[float], turns: list[float]) -> None:
    """None where the vector serves as it is, its own before another's; where none is enough, what comes nearest."""
    phrases = Linear(still)
    found = phrases.least(0, np.zeros(16, np.float32))
    assert found.tolist() == pytest.approx(turns)
    assert margin(phrases.moved(np.zeros(16), found), 0) >= MARGIN or np.abs(found).max() == pytest.approx(1.2 * max(FAR))


def test_the_command_changes_where_phrases_rest_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model of four steps says no notes that a knob could change, so what serves is given here."""
    monkeypatch.setattr(Phrases, "least", lambda self, own, vector: 0.3 * np.eye(5)[own])
    prepare_tokens("melody", [written_band(tmp_path / "band", 10)], tmp_path / "corpus", (2,), progress=False)
    sets = [*(f"model.{name}={size}" for name, size in SMALL.items()), "batch=8", "steps=4", "mix=", "model.play=0.5"]
    told = [part for each in sets for part in ("--set", each)]
    common = ("--data", str(tmp_path / "corpus"), "--run", str(tmp_path / "run"))
    assert run(["train", "melody_2bar", *common, "--device", "cpu", *told]) == 0
    before = files.load(tmp_path / "run" / "best.safetensors")
    assert run(["lean", *common]) == 0
    after = files.load(tmp_path / "run" / "best.safetensors")
    changed = {name for name, weight in before.weights.items() if not torch.equal(weight, after.weights[name])}
    assert changed == {"to_mu.weight", "to_mu.bias"} and (before.step, before.config) == (after.step, after.config)
    assert torch.equal(before.weights["to_mu.weight"][:-6], after.weights["to_mu.weight"][:-6])
    said = capsys.readouterr().out
    assert re.search(r"^interval +turns .*interval \+0\.\d\d", said, re.MULTILINE)
    assert re.search(rf"^sampled, on validation: \d\.\d{{3}}, before {before.facts['sampled']:.3f}$", said, re.MULTILINE)
    assert not after.weights["to_mu.weight"][-6].any()
    on = (*common[:3], str(tmp_path / "on"), "--from", str(tmp_path / "run" / "best.safetensors"))
    assert run(["train", "melody_2bar", *on, "--device", "cpu", *told]) == 0
    began_again = files.load(tmp_path / "on" / "best.safetensors").weights
    assert not began_again["to_mu.weight"][-6:].any() and not began_again["to_mu.bias"][-6:].any()
    with pytest.raises(UserError, match=r"a corpus of kind 'drums'; the run learnt 'melody'"):
        prepare_tokens("drums", [tmp_path / "band"], tmp_path / "drums", (2,), progress=False)
        run(["lean", "--data", str(tmp_path / "drums"), *common[2:]])
    with pytest.raises(UserError, match=r"model\.play = 0: knobs have no play for phrases to lean in"):
        run(["train", "melody_2bar", *common[:3], str(tmp_path / "b"), "--device", "cpu", *told, "--set", "model.play=0"])
        run(["lean", *common[:3], str(tmp_path / "b")])
