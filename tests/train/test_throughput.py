"""The plain model that speed is measured against is the same model, and the command measures both."""

import json
from dataclasses import replace

import pytest
import torch

from mvae.core.errors import UserError
from mvae.core.tokens import VOCABULARY
from mvae.train.configs import CONFIGS, ModelConfig
from mvae.train.model import MusicVAE
from mvae.train.plain import PlainMusicVAE
from mvae.train.throughput import MADE, measure, random_batch, report, run

MELODY = ModelConfig(3, z_size=6, encoder_size=8, decoder_size=8, kind="melody", input_size=130 + 7, conductor_size=7)
FLAT = replace(MELODY, conductor_size=0, input_size=130 + 6)
TRIO = replace(MELODY, kind="trio", conductor_output=5, input_size=5)
BARS = replace(MELODY, input_size=130 + 5, bar_size=5, conductor_hears="z", attributes=("density", "interval"), play=0.5)
FLAT_BARS = replace(BARS, conductor_size=0, input_size=130 + 6)
TRIO_BARS = replace(TRIO, conductor_output=0, bar_size=5, conductor_hears="z")
EVERY = pytest.mark.parametrize("sizes", [MELODY, FLAT, TRIO, BARS, FLAT_BARS, TRIO_BARS])


def test_a_batch_is_as_the_lesson_gives_it() -> None:
    batch = random_batch(replace(CONFIGS["tiny"], model=TRIO, batch=2), torch.device("cpu"))
    assert batch["tokens"].shape == batch["keep"].shape == (2, 48, 3)
    assert (batch["tokens"] < torch.tensor([VOCABULARY[name] for name in TRIO.streams])).all()


@EVERY
def test_both_take_the_same_steps_and_give_the_same_shapes(sizes: ModelConfig) -> None:
    tokens = random_batch(replace(CONFIGS["tiny"], model=sizes, batch=2), torch.device("cpu"))["tokens"]
    ours, plain = MusicVAE(sizes), PlainMusicVAE(sizes)
    taken: list[int] = []
    for decoder in plain.decoders:
        decoder.lstm.register_forward_hook(lambda module, into, said: taken.append(said[0].shape[1]))  # type: ignore[union-attr]
    z = ours.encode(tokens).mu
    assert plain.encode(tokens).mu.shape == z.shape and plain.lead(z).shape == ours.lead(z).shape
    assert [said.shape for said in plain.decode(z, tokens)] == [said.shape for said in ours.decode(z, tokens)]
    assert sum(taken) == sizes.steps * len(sizes.streams)
    assert taken == [16] * sizes.bars * len(sizes.streams) if sizes.hierarchical else taken == [48]


@pytest.mark.parametrize("sizes", [MELODY, FLAT, BARS, FLAT_BARS])
def test_the_plain_model_is_ours_written_otherwise(sizes: ModelConfig) -> None:
    """With tables that say one-hot vectors, ours has the plain one's weights and gives the same posterior and the same logits."""
    torch.manual_seed(0)
    ours, plain = MusicVAE(sizes).eval(), PlainMusicVAE(sizes).eval()
    wide, decoder = VOCABULARY["melody"], ours.decoders["melody"]
    reader = "readers.melody." if sizes.bar_size else ""
    others = {"decoders.0.": "decoders.melody.", "encoders.0.lstm.": f"{reader}encoder.", "to_codes.0.": f"{reader}to_bar."}
    own = dict(plain.state_dict())
    for there, here in others.items():
        own = {name.replace(there, here): weight for name, weight in own.items()}
    for direction in ("", "_reverse"):
        name = f"{reader}encoder.weight_ih_l0{direction}"
        own[name] = torch.cat([own[name], torch.zeros(len(own[name]), sizes.c_size)], 1)
    found = ours.load_state_dict(own, strict=False)
    assert not found.unexpected_keys
    assert set(found.missing_keys) == {f"{name}.weight" for name in ("tokens.melody", "decoders.melody.heard")} | {
        f"decoders.melody.to_input.{name}" for name in ("weight", "bias")
    }
    with torch.no_grad():
        ours.tokens["melody"].weight.copy_(torch.eye(wide, sizes.input_size))  # type: ignore[union-attr, operator]
        decoder.heard.weight.copy_(torch.eye(wide + 1, sizes.input_size))  # type: ignore[union-attr, operator]
        decoder.heard.weight[wide] = 0  # type: ignore[union-attr, operator, index]
        decoder.to_input.weight.copy_(torch.zeros(sizes.input_size, sizes.c_size))  # type: ignore[union-attr, operator]
        decoder.to_input.weight[wide:] = torch.eye(sizes.c_size)  # type: ignore[union-attr, operator, index]
        decoder.to_input.bias.zero_()  # type: ignore[union-attr, operator]
    batch = random_batch(replace(CONFIGS["tiny"], model=sizes, batch=3), torch.device("cpu"))
    for one, two in zip(ours.encode(batch["tokens"]), plain.encode(batch["tokens"]), strict=True):
        assert torch.allclose(one, two, atol=1e-6)
    for keep in (None, batch["keep"]):
        (one,), (two,) = (model.decode(batch["noise"], batch["tokens"], keep) for model in (ours, plain))
        assert torch.allclose(one, two, atol=1e-5)


def test_the_measurement_says_what_was_measured() -> None:
    config = replace(CONFIGS["tiny"], model=MELODY, batch=2)
    facts = measure(config, torch.device("cpu"), rounds=1, steps=1)
    rates = facts["sequences_per_s"]
    assert set(rates) == {f"{name} {precision}" for name in MADE for precision in ("float32", "bfloat16")}
    assert all(rate > 0 for rate in rates.values())
    assert facts["times_plain"]["float32"] == pytest.approx(rates["ours float32"] / rates["plain float32"])
    assert facts["times_kept"]["bfloat16"] == pytest.approx(rates["ours bfloat16"] / rates["kept bfloat16"])
    default = facts["precision_by_default"]
    assert len(facts["rounds_default_times_plain_float32"]) == 1
    assert facts["default_times_plain_float32"] == pytest.approx(rates[f"ours {default}"] / rates["plain float32"])
    printed = report(facts)
    assert f"{facts['threads']} threads" in printed and f"{facts['default_times_plain_float32']:.2f} times" in printed


def test_the_command_prints_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["melody_2bar", "--batch", "1", "--rounds", "1", "--steps", "1", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["config"], facts["batch"], facts["steps_of_music"]) == ("melody_2bar", 1, 32)


@pytest.mark.parametrize("arguments", [["groove_4bar"], ["no_such"], ["--batch", "0"], ["--rounds", "0"], ["--threads", "0"]])
def test_what_cannot_be_measured_is_one_clear_line(arguments: list[str]) -> None:
    with pytest.raises(UserError):
        run(arguments)
