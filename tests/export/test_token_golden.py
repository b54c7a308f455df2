"""What a bundle of tokens is held to: its golden pair, and the agreement of PyTorch and onnxruntime before it is written."""

from pathlib import Path

import numpy as np
import pytest
import torch

from mvae.core.bundle import GOLDEN_FILE, WEIGHTS_FILE, Arrays, read_arrays
from mvae.core.tokens import VOCABULARY
from mvae.export import token_golden as exported
from mvae.export.bundle import write_bundle
from mvae.export.token_golden import choices, forced_logits, free_logits, free_tokens, margins_of, token_agreement
from mvae.live.token_decoder import TokenDecoder, token_golden_fault
from mvae.train import checkpoint as checkpoints
from mvae.train.checkpoint import Checkpoint
from mvae.train.configs import CONFIGS
from mvae.train.model import MusicVAE, model_of
from tests.tiny_bundle import tiny_token_bundle

TOLERANCE = 1e-4


def rounded_model() -> MusicVAE:
    model = checkpoints.load(tiny_token_bundle() / WEIGHTS_FILE).model()
    assert isinstance(model, MusicVAE)
    return model


@pytest.fixture(scope="module")
def decoder() -> TokenDecoder:
    return TokenDecoder.open(tiny_token_bundle(), "cpu")


@pytest.fixture
def golden() -> Arrays:
    return read_arrays(tiny_token_bundle() / GOLDEN_FILE)


def test_the_golden_pair_is_made_of_the_rounded_weights_alone(golden: Arrays) -> None:
    again = exported.token_golden_pair(rounded_model())
    assert set(again) == set(golden)
    for name in golden:
        assert again[name] == pytest.approx(golden[name], abs=1e-5), name


def test_margins_are_how_far_the_choices_are_ahead(golden: Arrays) -> None:
    model = rounded_model()
    logits = forced_logits(model, golden["z"], golden["tokens"])
    scores = np.sort(logits + golden["noise"], axis=-1)
    assert golden["margins"][..., 0] == pytest.approx(scores[..., -1] - scores[..., -2], abs=1e-4)
    assert (choices(model, logits, golden["noise"]) == golden["tokens"])[golden["margins"] > 1e-3].all()
    assert margins_of(model, logits, golden["noise"]).min() >= 0


def test_free_tokens_use_many_notes_and_the_made_up_phrases_nearly_all(golden: Arrays) -> None:
    model = rounded_model()
    assert len(np.unique(free_tokens(model, golden["z"], golden["noise"]))) > 8
    drawn = exported.some_tokens(model, 200)
    assert drawn.min() == 0 and len(np.unique(drawn)) == VOCABULARY["melody"]
    assert exported.some_noise(model, 2).shape == (2, 32, VOCABULARY["melody"])


def test_a_model_that_hears_what_is_forced_is_held_to_what_it_says_unheard() -> None:
    folder = tiny_token_bundle(hears="forced")
    model, golden = checkpoints.load(folder / WEIGHTS_FILE).model(), read_arrays(folder / GOLDEN_FILE)
    assert isinstance(model, MusicVAE) and model.config.hears == "forced"
    unheard, heard = (of(model, golden["z"], golden["tokens"]) for of in (free_logits, forced_logits))
    assert not np.allclose(unheard, heard)
    assert (choices(model, unheard, golden["noise"]) == golden["tokens"])[golden["margins"] > 1e-3].all()
    decoder = TokenDecoder.open(folder, "cpu")
    assert token_agreement(model, decoder).holds and token_golden_fault(decoder, golden, TOLERANCE) is None


def test_pytorch_and_onnxruntime_agree(decoder: TokenDecoder) -> None:
    found = token_agreement(rounded_model(), decoder)
    assert found.holds and found.phrases == 100 and found.largest < 1e-4
    assert found.unexplained == 0 and found.phrases_equal >= found.phrases - found.near


@pytest.mark.parametrize("weight", ["to_conductor.bias", "decoders.melody.output.bias", "decoders.drums.output.pieces.bias"])
def test_agreement_fails_for_other_weights(weight: str) -> None:
    folder = tiny_token_bundle("trio", 2, True)
    model = checkpoints.load(folder / WEIGHTS_FILE).model()
    assert isinstance(model, MusicVAE)
    with torch.no_grad():
        model.get_parameter(weight)[0] += 0.05
    found = token_agreement(model, TokenDecoder.open(folder, "cpu"))
    assert not found.holds and found.largest > 1e-3


def test_a_decoder_that_is_right_has_no_fault(decoder: TokenDecoder, golden: Arrays) -> None:
    assert token_golden_fault(decoder, golden, TOLERANCE) is None


@pytest.mark.parametrize("name", ["mu", "sigma", "c", "state", "logits"])
def test_a_number_that_departs_is_told_in_one_line(name: str, decoder: TokenDecoder, golden: Arrays) -> None:
    golden[name].flat[-1] += 0.001
    fault = token_golden_fault(decoder, golden, TOLERANCE)
    assert fault is not None and fault.startswith(f"{name} differ from PyTorch's by 1.0e-03") and "\n" not in fault
    golden[name].flat[-1] = np.nan
    assert f"{name} differ from PyTorch's by inf" in (token_golden_fault(decoder, golden, TOLERANCE) or "")


def test_a_number_too_few_is_an_error(decoder: TokenDecoder, golden: Arrays) -> None:
    golden["state"] = golden["state"][:, :-1]
    with pytest.raises(ValueError, match="state has shape"):
        token_golden_fault(decoder, golden, TOLERANCE)


def test_free_running_tokens_are_held_to_the_golden_ones_up_to_the_first_close_choice(decoder: TokenDecoder, golden: Arrays) -> None:
    golden["margins"][:] = np.maximum(golden["margins"], 0.01)
    golden["tokens"][0, 20:] += 1
    assert "free-running tokens differ" in (token_golden_fault(decoder, golden, TOLERANCE) or "")
    golden["margins"][0, 20] = 0.5 * TOLERANCE
    assert token_golden_fault(decoder, golden, TOLERANCE) is None
    golden["tokens"][0, 19] += 1
    assert "free-running tokens differ" in (token_golden_fault(decoder, golden, TOLERANCE) or "")


def test_the_small_published_melody_is_exported_and_decoded_at_its_full_width(tmp_path: Path) -> None:
    config = CONFIGS["melody_2bar_paper_small"]
    torch.manual_seed(0)
    weights = model_of(config.model).state_dict()
    found = write_bundle(Checkpoint(config, 0, weights, {}, {"hours": 0.0, "figure": None}), tmp_path / "small", config.name)
    decoder = TokenDecoder.open(tmp_path / "small", "cpu")
    assert found.holds and (decoder.card.z_size, decoder.bars) == (256, 2)
    assert decoder.decode(np.zeros(256, np.float32), np.zeros((32, 130), np.float32), 0.0).shape == (32, 1)
