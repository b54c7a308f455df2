"""A bundle is written only when onnxruntime does what PyTorch does, whole or not at all, and can be trained on."""

import copy
import dataclasses
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from numpy.typing import NDArray

from mvae.core.bundle import WEIGHTS_FILE
from mvae.core.errors import UserError
from mvae.export import bundle as exporting
from mvae.export.bundle import stored_tensors, with_latents, write_bundle, write_weights
from mvae.export.golden import LATENTS, agreement, forced_logits, golden_pair, latents_of, some_notes, steadiest
from mvae.export.graph import Plan, Stored
from mvae.live.decoder import Decoder
from mvae.train import checkpoint as checkpoints
from mvae.train.checkpoint import Checkpoint
from mvae.train.model import GrooVAE
from tests.tiny_bundle import tiny_bundle, tiny_checkpoint, tiny_latents


def rounded_model() -> GrooVAE:
    return checkpoints.load(tiny_bundle() / WEIGHTS_FILE).model()


def test_the_weights_are_the_checkpoint_s_in_float16_and_can_be_trained_on() -> None:
    given, kept = tiny_checkpoint(), checkpoints.load(tiny_bundle() / WEIGHTS_FILE)
    assert kept.config == given.config and kept.moments == {}
    assert set(kept.weights) == set(given.weights)
    for name, weight in kept.weights.items():
        assert weight.dtype == torch.float16 and torch.equal(weight, given.weights[name].half())


def test_stored_tensors_are_found_where_they_lie(tmp_path: Path) -> None:
    given = tiny_checkpoint()
    write_weights(given, tmp_path / "w.safetensors")
    data = (tmp_path / "w.safetensors").read_bytes()
    stored = stored_tensors(tmp_path / "w.safetensors")
    assert set(stored) == set(given.weights)
    for name, at in stored.items():
        numbers = np.frombuffer(data[at.offset : at.offset + at.length], np.float16).reshape(at.shape)
        assert (numbers == given.weights[name].half().numpy()).all()


def test_the_card_says_what_was_exported() -> None:
    card = Decoder.open(tiny_bundle(), "cpu").card
    assert (card.name, card.kind, card.parts) == ("tiny", "groove", ("drums",))
    assert (card.bars, card.steps, card.z_size, card.voices) == (2, 32, 16, 9)
    assert card.training["config"]["model"]["decoder_size"] == 16 and card.training["hours"] == 0.0
    assert set(card.files) == {"encoder.onnx", "start.onnx", "decoder.onnx", "golden.npz", "weights.safetensors"}


def test_pytorch_and_onnxruntime_agree_over_a_hundred_latents() -> None:
    found = agreement(rounded_model(), Decoder.open(tiny_bundle(), "cpu"))
    assert found.holds and found.phrases == LATENTS and found.largest < 1e-4
    assert found.unexplained == 0 and found.phrases_equal >= LATENTS - found.near


def test_agreement_fails_for_other_weights() -> None:
    model = rounded_model()
    with torch.no_grad():
        model.output.bias += 0.01
    found = agreement(model, Decoder.open(tiny_bundle(), "cpu"))
    assert not found.holds and found.largest > 1e-3


def test_the_golden_pair_decides_hits_and_rests_with_room_to_compare() -> None:
    golden = golden_pair(rounded_model())
    hits = golden["tokens"][..., :9]
    assert golden["notes"].shape == (2, 32, 27) and 0.05 < hits.mean() < 0.95
    assert np.asarray(golden["margins"]).min() > 0
    assert 0.05 < some_notes(2, 32)[..., :9].mean() < 0.3


def test_golden_phrases_are_those_that_rounding_changes_least() -> None:
    model, notes = rounded_model(), some_notes(16, 32)
    precise = copy.deepcopy(model).double()

    def change(phrases: NDArray[np.float32]) -> NDArray[np.float64]:
        mu = latents_of(model, phrases)
        return np.abs(forced_logits(model, mu, phrases) - forced_logits(precise, mu, phrases)).max(axis=(1, 2))

    assert change(steadiest(model, notes, 2)) == pytest.approx(np.sort(change(notes))[:2], rel=0.5)
    assert change(steadiest(model, notes, 2)).max() <= np.median(change(notes))


def test_forced_logits_are_what_sampling_step_by_step_sees() -> None:
    model = rounded_model()
    z = latents_of(model, some_notes(3, 32))
    tokens = model.sample(torch.from_numpy(z), torch.full((3, 32, 9), 0.5), 0.0).numpy()
    assert ((forced_logits(model, z, tokens)[..., :9] > 0) == (tokens[..., :9] == 1)).all()


def test_a_model_of_other_depths_exports_too(tmp_path: Path) -> None:
    assert write_bundle(tiny_checkpoint(encoder_layers=2, decoder_layers=1), tmp_path / "deep", "deep").holds
    graph = onnx.load(str(tmp_path / "deep" / "encoder.onnx"), load_external_data=False).graph
    assert Counter(node.op_type for node in graph.node)["LSTM"] == 2
    assert not any(node.op_type == "Shape" for node in graph.node)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Graphs of the tiny model are copied, not exported again: their weights are links, so they are the same for any weights."""

    def copy(plan: Plan, path: Path, weights: Path, stored: dict[str, Stored]) -> None:
        shutil.copyfile(tiny_bundle() / path.name, path)

    monkeypatch.setattr(exporting, "export_graph", copy)


def test_a_model_whose_graphs_do_something_else_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quick: None) -> None:
    def store_others(checkpoint: Checkpoint, path: Path) -> GrooVAE:
        write_weights(tiny_checkpoint(seed=1), path)
        return checkpoint.model()

    monkeypatch.setattr(exporting, "write_weights", store_others)
    with pytest.raises(UserError, match="mu differ from PyTorch's by"):
        write_bundle(tiny_checkpoint(), tmp_path / "bundle", "wrong")
    assert list(tmp_path.iterdir()) == []


def test_disagreement_beyond_the_golden_pair_is_refused_and_leaves_the_old_bundle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quick: None
) -> None:
    shutil.copytree(tiny_bundle(), tmp_path / "bundle")
    sound = exporting.agreement
    monkeypatch.setattr(exporting, "agreement", lambda model, decoder: dataclasses.replace(sound(model, decoder), unexplained=1))
    with pytest.raises(UserError, match=r"not written: .* 1 of them not within it of the threshold") as refusal:
        write_bundle(tiny_checkpoint(seed=1), tmp_path / "bundle", "new")
    assert "\n" not in str(refusal.value)
    assert Decoder.open(tmp_path / "bundle", "cpu").card.name == "tiny"
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_a_bundle_takes_the_place_of_the_one_that_is_there(tmp_path: Path, quick: None) -> None:
    shutil.copytree(tiny_bundle(), tmp_path / "bundle")
    write_bundle(tiny_checkpoint(seed=1), tmp_path / "bundle", "new")
    assert Decoder.open(tmp_path / "bundle", "cpu").card.name == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_a_folder_that_is_no_bundle_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("dear")
    for place in (tmp_path, tmp_path / "letters.txt"):
        with pytest.raises(UserError, match="is there and is no bundle"):
            write_bundle(tiny_checkpoint(), place, "x")
    assert (tmp_path / "letters.txt").read_text() == "dear"


def test_latents_given_to_the_export_are_opened_with_the_bundle(tmp_path: Path, quick: None) -> None:
    write_bundle(tiny_checkpoint(), tmp_path / "b", "b", tiny_latents(), {"temperature": 0.25, "axes": {"density": {"shipped": True}}})
    opened = Decoder.open(tmp_path / "b", "cpu")
    assert list(opened.space.axes) == ["density"] and opened.card.temperature == 0.25
    with_latents(tmp_path / "b", tiny_latents(5), {})
    assert (Decoder.open(tmp_path / "b", "cpu").space.anchors["funk"] == tiny_latents(5)["anchors"][0]).all()


def test_the_same_checkpoint_gives_the_same_bytes(tmp_path: Path) -> None:
    write_bundle(tiny_checkpoint(), tmp_path / "again", "tiny")
    assert {path.name: path.read_bytes() for path in (tmp_path / "again").iterdir()} == {
        path.name: path.read_bytes() for path in tiny_bundle().iterdir()
    }
