"""A groove model as three ONNX graphs, their weights left where they are: float16 in `weights.safetensors`.

* encoder: notes (B, steps, 27) -> mu, sigma (B, z)
* start: z (B, z) -> state (B, 2 * layers * size): layer 0 h, layer 0 c, layer 1 h, ...
* decoder: one bar, its 16 steps unrolled, sampling included: no control flow, and one run decodes a bar.

A graph's initializers point by offset into the safetensors file (ONNX external data) and are cast to float32; slices,
transposes and joins of weights stay in the graph. onnxruntime folds all of that once, when a session is made.
Knows nothing of bundles, cards or checkpoints on disk.
"""

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import onnx_ir as ir
import torch
from onnx_ir.passes.common import ClearMetadataAndDocStringPass, RemoveUnusedNodesPass
from onnxscript import optimizer
from torch import Tensor, nn

from mvae.train.model import FEATURES, VOICES, GrooVAE

OPSET = 20
BAR = 16  # steps
FOLD_LIMIT = 8  # numbers in a constant that the exporter may fold: index lists, never weights
EXAMPLES = 2  # phrases in the example the exporter traces

Shape = tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class Stored:
    """A float16 tensor in a safetensors file: where its bytes lie."""

    offset: int
    length: int
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Door:
    """One input or output of a graph; its first size is free where the shape begins with "batch"."""

    name: str
    shape: Shape
    dtype: torch.dtype = torch.float32

    def example(self) -> Tensor:
        size = [EXAMPLES if isinstance(n, str) else n for n in self.shape]
        return torch.full(size, 0.5) if self.dtype == torch.float32 else torch.zeros(size, dtype=self.dtype)


class EncoderGraph(nn.Module):
    """notes (B, steps, 27) -> mu, sigma (B, z)."""

    def __init__(self, model: GrooVAE):
        super().__init__()
        self.model = model

    def forward(self, notes: Tensor) -> tuple[Tensor, Tensor]:
        mu, sigma = self.model.encode(notes)
        return mu, sigma


class StartGraph(nn.Module):
    """z (B, z) -> state (B, 2 * layers * size)."""

    def __init__(self, model: GrooVAE):
        super().__init__()
        self.model = model

    def forward(self, z: Tensor) -> Tensor:
        to_state = self.model.to_state
        return torch.tanh(z @ to_state.weight.T + to_state.bias)


class DecoderGraph(nn.Module):
    """One bar. A hit sounds where logit + temperature * logit(noise) > 0; where `forced_mask` is true the token is that of `forced`.

    The next step hears the whole token, or of a model that hears only what is forced, the forced part of it.
    """

    def __init__(self, model: GrooVAE):
        super().__init__()
        self.model = model

    def forward(
        self, c: Tensor, state: Tensor, previous: Tensor, noise: Tensor, temperature: Tensor, forced: Tensor, forced_mask: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        own = self.model.config.hears == "own"
        layers = self.model.config.decoder_layers
        weights, biases = self.gates(c)
        chances = by_step(temperature * (torch.log(noise) - torch.log(1 - noise)))
        masks, forced_tokens = by_step(torch.cat([forced_mask] * 3, -1)), by_step(only_hits(forced))
        halves = state.chunk(2 * layers, -1)
        h, cell = list(halves[0::2]), list(halves[1::2])
        out_weight, out_bias = self.model.output.weight.T, self.model.output.bias
        tokens, said = [], []
        for step in range(BAR):
            heard = previous
            for layer in range(layers):
                gates = torch.cat([heard, h[layer]], -1) @ weights[layer] + biases[layer]
                h[layer], cell[layer] = lstm_cell(gates, cell[layer])
                heard = h[layer]
            out = heard @ out_weight + out_bias
            logits, velocity, offset = out.chunk(3, -1)
            hit = (logits + chances[step] > 0).to(out.dtype)
            sampled = torch.cat([hit, hit * torch.sigmoid(velocity), hit * torch.tanh(offset)], -1)
            token = torch.where(masks[step], forced_tokens[step], sampled)
            previous = token if own else torch.where(masks[step], forced_tokens[step], torch.zeros_like(sampled))
            tokens.append(token)
            said.append(out)
        logits, velocities, offsets = as_bar(said).chunk(3, -1)
        after = torch.cat([half for pair in zip(h, cell, strict=True) for half in pair], -1)
        return as_bar(tokens), torch.cat([logits, torch.sigmoid(velocities), torch.tanh(offsets)], -1), after, previous

    def gates(self, c: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """Per layer, the matrix (in + size, 4 * size) that input and h share, and what is added: for layer 0 the product of c too."""
        lstm: nn.LSTM = self.model.decoder
        weights, biases = [], []
        for layer in range(lstm.num_layers):
            into, over = (getattr(lstm, f"weight_{way}_l{layer}").T for way in ("ih", "hh"))
            bias = getattr(lstm, f"bias_ih_l{layer}") + getattr(lstm, f"bias_hh_l{layer}")
            weights.append(torch.cat([into if layer else into[:FEATURES], over]))
            biases.append(bias if layer else c @ into[FEATURES:] + bias)
        return weights, biases


def lstm_cell(gates: Tensor, cell: Tensor) -> tuple[Tensor, Tensor]:
    """One step of an LSTM from its gates (B, 4 * size), in PyTorch's order i f g o: the new h and c, each (B, size)."""
    i, f, g, o = gates.chunk(4, -1)
    cell = torch.sigmoid(f) * cell + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(cell), cell


def only_hits(tokens: Tensor) -> Tensor:
    """Tokens (..., 27) with velocity and offset 0 where there is no hit: what a decoder may hear."""
    hits, velocities, offsets = tokens.chunk(3, -1)
    return torch.cat([hits, hits * velocities, hits * offsets], -1)


def by_step(bar: Tensor) -> Sequence[Tensor]:
    """(B, 16, n) -> 16 times (B, n), as one split: a gather for each step costs 16 nodes more."""
    width = bar.shape[-1]
    return bar.reshape(-1, BAR * width).chunk(BAR, -1)


def as_bar(steps: list[Tensor]) -> Tensor:
    """16 times (B, n) -> (B, 16, n)."""
    return torch.cat(steps, -1).reshape(-1, BAR, steps[0].shape[-1])


@dataclass(frozen=True, slots=True)
class Plan:
    """One graph to export: the module, and the doors in the order of its arguments and results."""

    module: nn.Module
    inputs: tuple[Door, ...]
    outputs: tuple[Door, ...]


def plans(model: GrooVAE) -> dict[str, Plan]:
    """The graphs of a model by role."""
    config = model.config
    z, state = ("batch", config.z_size), ("batch", 2 * config.decoder_layers * config.decoder_size)
    notes, bar, cells = ("batch", config.steps, FEATURES), ("batch", BAR, FEATURES), ("batch", BAR, VOICES)
    heard = (Door("c", z), Door("state", state), Door("previous", ("batch", FEATURES)))
    chosen = (Door("noise", cells), Door("temperature", (1,)), Door("forced", bar), Door("forced_mask", cells, torch.bool))
    told = (Door("tokens", bar), Door("logits", bar), Door("state_after", state), Door("previous_after", ("batch", FEATURES)))
    return {
        "encoder": Plan(EncoderGraph(model), (Door("notes", notes),), (Door("mu", z), Door("sigma", z))),
        "start": Plan(StartGraph(model), (Door("z", z),), (Door("state", state),)),
        "decoder": Plan(DecoderGraph(model), heard + chosen, told),
    }


def export_graph(plan: Plan, path: Path, weights: Path, stored: dict[str, Stored]) -> None:
    """Write one graph to `path`, its weights linked to the file `weights` beside it, where `stored` says they lie."""
    batch = torch.export.Dim("batch", min=1)
    shapes = tuple({0: batch} if door.shape[0] == "batch" else {} for door in plan.inputs)
    with quiet(), torch.no_grad():
        program = torch.onnx.export(
            plan.module.eval(), tuple(door.example() for door in plan.inputs), dynamic_shapes=shapes,
            input_names=[door.name for door in plan.inputs], output_names=[door.name for door in plan.outputs],
            dynamo=True, opset_version=OPSET, optimize=False, verbose=False,
        )
        assert program is not None  # it is None only for the old exporter
        model = program.model
        begin_from_zeros(model.graph)
        link_weights(model.graph, weights, stored)
        optimizer.optimize_ir(model, input_size_limit=FOLD_LIMIT, output_size_limit=FOLD_LIMIT)
        join_directions(model.graph)
    RemoveUnusedNodesPass()(model)
    ClearMetadataAndDocStringPass()(model)  # it holds stack traces, and with them the paths of this machine
    path.write_bytes(ir.to_proto(model).SerializeToString(deterministic=True))


def begin_from_zeros(graph: ir.Graph) -> None:
    """LSTM ops begin from zeros by themselves: dropping the zeros made to measure leaves no Shape op behind."""
    for node in graph:
        if node.op_type == "LSTM":
            node.replace_input_with(5, None)
            node.replace_input_with(6, None)


def join_directions(graph: ir.Graph) -> None:
    """Between two LSTM layers (steps, B, 2, size) becomes (steps, B, 2 * size) by sizes the exporter measures; say "keep, keep, join"."""
    for node in graph:
        if node.op_type == "Reshape" and node.inputs[1] is not None and node.inputs[1].const_value is None:
            name = f"{node.name}_sizes"
            sizes = ir.Value(name=name, const_value=ir.tensor([0, 0, -1], dtype=ir.DataType.INT64, name=name))
            graph.register_initializer(sizes)
            node.replace_input_with(1, sizes)


def link_weights(graph: ir.Graph, weights: Path, stored: dict[str, Stored]) -> None:
    """Put a link into the file `weights`, by its plain name, and a cast to float32 in the place of every weight."""
    for name, value in list(graph.initializers.items()):
        key = name.removeprefix("model.")
        if key not in stored:
            continue
        at = stored[key]
        shape, half_type = ir.Shape(at.shape), ir.DataType.FLOAT16
        half = ir.ExternalTensor(weights.name, at.offset, at.length, half_type, shape=shape, name=key, base_dir=weights.parent)
        link = ir.Value(name=key, shape=shape, type=ir.TensorType(half_type), const_value=half)
        cast = ir.node("Cast", [link], attributes={"to": ir.DataType.FLOAT}, name=f"float32 {key}")
        cast.outputs[0].name, cast.outputs[0].shape, cast.outputs[0].type = f"{key}.float32", value.shape, value.type
        value.replace_all_uses_with(cast.outputs[0])
        del graph.initializers[name]
        graph.register_initializer(link)
        graph.insert_before(graph[0], cast)


@contextmanager
def quiet() -> Iterator[None]:
    """The exporter warns of things that concern its own authors."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
