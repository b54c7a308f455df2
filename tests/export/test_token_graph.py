"""The graphs of models of tokens say what the models say: as modules for every shape of model, as ONNX for three that have it all."""

from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from torch import Tensor

from mvae.core.bundle import WEIGHTS_FILE
from mvae.core.card import read_card
from mvae.core.tokens import VOCABULARY
from mvae.export.graph import BAR
from mvae.export.token_graph import ConductorGraph, TokenDecoderGraph, TokenEncoderGraph, TokenStartGraph, token_plans
from mvae.live.providers import open_session
from mvae.train.configs import ModelConfig
from mvae.train.model import MusicVAE, model_of
from tests.tiny_bundle import tiny_token_bundle

FLAT = ModelConfig(2, z_size=6, encoder_size=8, decoder_size=8, decoder_layers=1, kind="melody", input_size=5)
HIER = replace(FLAT, bars=3, conductor_size=7, conductor_layers=1)
MODELS = {
    "flat": FLAT,
    "flat, three layers": replace(FLAT, decoder_layers=3, encoder_layers=2),
    "flat drums": replace(FLAT, kind="drums", decoder_layers=2),
    "flat trio": replace(FLAT, kind="trio", decoder_layers=2),
    "one layer that hears nothing": HIER,
    "one layer that hears z": replace(HIER, conductor_hears="z"),
    "two layers that hear nothing": replace(HIER, conductor_layers=2, conductor_output=4),
    "two layers that hear z": replace(HIER, conductor_layers=2, conductor_hears="z", kind="bass"),
    "bar by bar": replace(HIER, bar_size=6, kind="drums"),
    "flat that hears what is forced": replace(FLAT, hears="forced", decoder_layers=2, attributes=("density", "legato")),
    "trio that hears what is forced": replace(HIER, hears="forced", kind="trio"),
    "trio": replace(HIER, bar_size=6, kind="trio", decoder_layers=2, conductor_layers=2),
}
BUNDLES = ("melody", "trio", "drums")
ROLES = [(name, role) for name in BUNDLES for role in ("encoder", "start", "decoder")] + [("trio", "conductor"), ("drums", "conductor")]
CONTROL_FLOW = {"If", "Loop", "Scan", "SequenceMap"}
MEASURING = {"Shape", "Size", "NonZero"}


def bundle(name: str) -> Path:
    if name == "drums":
        sizes: dict[str, int | str] = {"bar_size": 12, "decoder_layers": 2, "conductor_layers": 1, "conductor_hears": "z"}
        return tiny_token_bundle("drums", 3, True, **sizes)
    return tiny_token_bundle(name, 2, name == "trio")


@cache
def graph_of(name: str, role: str) -> onnx.ModelProto:
    return onnx.load(str(bundle(name) / f"{role}.onnx"), load_external_data=False)


def ops(name: str, role: str) -> Counter[str]:
    return Counter(node.op_type for node in graph_of(name, role).graph.node)


def some(config: ModelConfig, count: int) -> tuple[MusicVAE, Tensor, Tensor, list[Tensor]]:
    """A model, z (count, z), tokens (count, steps, streams), and Gumbel noise (count, steps, vocabulary) of each stream."""
    torch.manual_seed(0)
    model = model_of(config).eval()
    assert isinstance(model, MusicVAE)
    tokens = torch.stack([torch.randint(VOCABULARY[name], (count, config.steps)) for name in config.streams], -1)
    gumbel = [-torch.log(-torch.log(torch.rand(count, config.steps, VOCABULARY[name]))) for name in config.streams]
    return model, torch.randn(count, config.z_size), tokens, gumbel


def first_bar(model: MusicVAE, z: Tensor, gumbel: list[Tensor], forced: Tensor, mask: Tensor) -> tuple[Tensor, ...]:
    """The first bar of each phrase by the graphs, at temperature 1."""
    graphs = token_plans(model)
    c = graphs["conductor"].module(z)[:, 0] if model.config.hierarchical else z
    nothing = torch.tensor([VOCABULARY[name] for name in model.config.streams]).repeat(len(z), 1)
    noise, degrees = torch.cat(gumbel, -1)[:, :BAR], torch.ones(len(model.config.streams))
    bar: tuple[Tensor, ...] = graphs["decoder"].module(c, graphs["start"].module(c), nothing, noise, degrees, forced[:, :BAR], mask)
    return bar


@pytest.mark.parametrize("name", MODELS)
@torch.no_grad()
def test_the_modules_behind_the_graphs_say_what_the_model_says(name: str) -> None:
    model, z, tokens, gumbel = some(MODELS[name], 3)
    lead = model.lead(z)
    for ours, theirs in zip(TokenEncoderGraph(model)(tokens), model.encode(tokens), strict=True):
        assert torch.equal(ours, theirs)
    if model.config.hierarchical:
        assert ConductorGraph(model)(z) == pytest.approx(lead, abs=1e-6)
    state = torch.cat([torch.stack(decoder.start(lead[:, 0])).permute(2, 1, 0, 3).flatten(1) for decoder in model.by_stream()], -1)
    assert TokenStartGraph(model)(lead[:, 0]) == pytest.approx(state, abs=1e-6)
    free = first_bar(model, z, gumbel, tokens, torch.zeros_like(tokens[:, :BAR], dtype=torch.bool))
    assert torch.equal(free[0], model.sample(z, gumbel, 1.0)[:, :BAR])
    forced = first_bar(model, z, gumbel, tokens, torch.ones_like(tokens[:, :BAR], dtype=torch.bool))
    assert torch.equal(forced[0], tokens[:, :BAR]) and torch.equal(forced[3], tokens[:, BAR - 1])
    assert forced[1] == pytest.approx(torch.cat(model.decode(z, tokens), -1)[:, :BAR], abs=1e-5)


@torch.no_grad()
def test_a_bar_of_a_flat_model_goes_on_from_the_state_and_the_token_before() -> None:
    model, z, _, gumbel = some(MODELS["flat trio"], 3)
    tokens, _, state, previous = first_bar(model, z, gumbel, torch.zeros(3, BAR, 3).long(), torch.zeros(3, BAR, 3).bool())
    noise, nowhere = torch.cat(gumbel, -1)[:, BAR:], torch.zeros(3, BAR, 3)
    second = TokenDecoderGraph(model)(z, state, previous, noise, torch.ones(3), nowhere.long(), nowhere.bool())[0]
    assert torch.equal(torch.cat([tokens, second], 1), model.sample(z, gumbel, 1.0))


@pytest.mark.parametrize(("name", "role"), ROLES)
def test_no_graph_measures_or_branches(name: str, role: str) -> None:
    assert not set(ops(name, role)) & (CONTROL_FLOW | MEASURING)


@pytest.mark.parametrize(("name", "role"), ROLES)
def test_every_graph_passes_the_checker_at_opset_20(name: str, role: str) -> None:
    onnx.checker.check_model(str(bundle(name) / f"{role}.onnx"), full_check=True)
    assert [(entry.domain, entry.version) for entry in graph_of(name, role).opset_import] == [("", 20)]


@pytest.mark.parametrize(("name", "role"), ROLES)
def test_every_graph_takes_a_batch_of_any_size(name: str, role: str) -> None:
    inputs = [*graph_of(name, role).graph.input, *graph_of(name, role).graph.output]
    first = [value.type.tensor_type.shape.dim[0] for value in inputs if value.name != "temperature"]
    assert all(dim.dim_param for dim in first), [dim.dim_value for dim in first]


def test_an_encoder_is_one_lstm_whether_it_reads_bars_or_phrases() -> None:
    assert [ops(name, "encoder")["LSTM"] for name in BUNDLES] == [1, 1, 1]


@pytest.mark.parametrize(("name", "role"), ROLES)
def test_weights_are_linked_in_float16_and_only_what_is_in_a_set_lies_in_the_graph(name: str, role: str) -> None:
    for tensor in graph_of(name, role).graph.initializer:
        count = int(np.prod(tensor.dims))
        if tensor.data_location != onnx.TensorProto.EXTERNAL:
            assert count <= 8 or tensor.name.endswith("sets"), tensor.name
            continue
        entries = {entry.key: entry.value for entry in tensor.external_data}
        assert tensor.data_type == onnx.TensorProto.FLOAT16 and entries["location"] == WEIGHTS_FILE
        assert int(entries["length"]) == 2 * count


@pytest.mark.parametrize(("name", "role"), ROLES)
def test_graphs_hold_no_paths_of_the_machine_that_made_them(name: str, role: str) -> None:
    data = (bundle(name) / f"{role}.onnx").read_bytes()
    assert b".py" not in data and b"/mvae" not in data and b"site-packages" not in data


@pytest.mark.parametrize("name", BUNDLES)
def test_shapes_are_those_of_the_card_with_a_free_batch(name: str) -> None:
    card = read_card(bundle(name))
    assert card.hierarchical is (name != "melody") and card.vocabulary == tuple(VOCABULARY[part] for part in card.parts)
    for graph in card.graphs.values():
        session = open_session(bundle(name) / graph.file, "cpu")
        assert {door.name: tuple(door.shape) for door in session.get_inputs()} == graph.inputs
        assert {door.name: tuple(door.shape) for door in session.get_outputs()} == graph.outputs
