"""A model of tokens as ONNX graphs, their weights linked as `mvae.export.graph` does it.

* encoder: tokens (B, steps, streams) -> mu, sigma (B, z)
* conductor, of a hierarchical model: z (B, z) -> c (B, bars, c)
* start: c (B, c) -> state (B, streams * 2 * layers * size), stream after stream: layer 0 h, layer 0 c, layer 1 h, ...
* decoder: one bar of every stream, its 16 steps unrolled, sampling included.

A token enters a decoder as a row of one table, the product of its vector and the first layer's matrix, which onnxruntime multiplies once,
when a session is made; c enters once a bar.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mvae.core.tokens import VOCABULARY
from mvae.export.graph import BAR, Door, Plan, as_bar, by_step, lstm_cell
from mvae.train.model import MusicVAE, StreamDecoder


class TokenEncoderGraph(nn.Module):
    """tokens (B, steps, streams) -> mu, sigma (B, z)."""

    def __init__(self, model: MusicVAE):
        super().__init__()
        self.model = model

    def forward(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        mu, sigma = self.model.encode(tokens)
        return mu, sigma


class ConductorGraph(nn.Module):
    """z (B, z) -> c (B, bars, c). What the conductor hears is the same at every bar, z or nothing: it is multiplied once."""

    def __init__(self, model: MusicVAE):
        super().__init__()
        self.model = model

    def forward(self, z: Tensor) -> Tensor:
        model, lstm = self.model, self.model.conductor
        halves = torch.tanh(z @ model.to_conductor.weight.T + model.to_conductor.bias).chunk(2 * lstm.num_layers, -1)
        h, cell = list(halves[0::2]), list(halves[1::2])
        weights = [getattr(lstm, f"weight_hh_l{layer}").T for layer in range(lstm.num_layers)]
        biases = [getattr(lstm, f"bias_ih_l{layer}") + getattr(lstm, f"bias_hh_l{layer}") for layer in range(lstm.num_layers)]
        if model.config.conductor_hears == "z":
            biases[0] = z @ getattr(lstm, f"weight_ih_l{0}").T + biases[0]
        for layer in range(1, lstm.num_layers):
            weights[layer] = torch.cat([getattr(lstm, f"weight_ih_l{layer}").T, weights[layer]])
        said = []
        for _ in range(model.config.bars):
            for layer in range(lstm.num_layers):
                into = h[layer] if layer == 0 else torch.cat([h[layer - 1], h[layer]], -1)
                h[layer], cell[layer] = lstm_cell(into @ weights[layer] + biases[layer], cell[layer])
            said.append(h[-1])
        bars = torch.cat(said, -1).reshape(-1, model.config.bars, model.config.conductor_size)
        c = bars @ model.to_c.weight.T + model.to_c.bias if isinstance(model.to_c, nn.Linear) else bars
        if not model.config.bar_size:
            return c
        return c + (z @ model.to_bars.weight.T + model.to_bars.bias).reshape(-1, model.config.bars, model.config.c_size)


class TokenStartGraph(nn.Module):
    """c (B, c) -> state (B, streams * 2 * layers * size)."""

    def __init__(self, model: MusicVAE):
        super().__init__()
        self.model = model

    def forward(self, c: Tensor) -> Tensor:
        return torch.cat([torch.tanh(c @ d.to_state.weight.T + d.to_state.bias) for d in self.model.by_stream()], -1)


class TokenDecoderGraph(nn.Module):
    """One bar of every stream. A token is argmax(logits + temperature * noise); where `forced_mask` is true it is that of
    `forced`. The next step hears it, or of a model that hears only what is forced, nothing else."""

    def __init__(self, model: MusicVAE):
        super().__init__()
        self.model = model

    def forward(
        self, c: Tensor, state: Tensor, previous: Tensor, noise: Tensor, temperature: Tensor, forced: Tensor, forced_mask: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        names = self.model.config.streams
        count = len(names)
        states, heards, forceds, masks = (side.chunk(count, -1) for side in (state, previous, forced, forced_mask))
        noises, degrees = torch.split(noise, [VOCABULARY[name] for name in names], -1), temperature.chunk(count)
        runs = [
            self.run(decoder, c, states[n], heards[n], noises[n], degrees[n], forceds[n], masks[n])
            for n, decoder in enumerate(self.model.by_stream())
        ]
        tokens, logits, after, heard = (torch.cat(side, -1) for side in zip(*runs, strict=True))
        return tokens, logits, after, heard

    def run(
        self, decoder: StreamDecoder, c: Tensor, state: Tensor, previous: Tensor, noise: Tensor, temperature: Tensor, forced: Tensor,
        mask: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:  # fmt: skip
        """One stream: tokens (B, 16, 1), logits (B, 16, vocabulary), state after, previous after (B, 1)."""
        lstm = decoder.lstm
        layers = lstm.num_layers
        into, over, bias = ([getattr(lstm, f"{kind}_l{n}") for n in range(layers)] for kind in ("weight_ih", "weight_hh", "bias_ih"))
        biases = [bias[n] + getattr(lstm, f"bias_hh_l{n}") for n in range(layers)]
        table = decoder.heard.weight @ into[0].T
        lead = (c @ decoder.to_input.weight.T + decoder.to_input.bias) @ into[0].T + biases[0]
        upper = [torch.cat([into[n].T, over[n].T]) for n in range(1, layers)]
        halves = state.chunk(2 * layers, -1)
        h, cell = list(halves[0::2]), list(halves[1::2])
        hears_own, nothing = self.model.config.hears == "own", torch.full_like(previous, decoder.nothing)
        chances, masks, choices = by_step(temperature * noise), by_step(mask), by_step(forced)
        tokens, said = [], []
        for step in range(BAR):
            gates = F.embedding(previous[:, 0], table) + lead + h[0] @ over[0].T
            h[0], cell[0] = lstm_cell(gates, cell[0])
            for n in range(1, layers):
                h[n], cell[n] = lstm_cell(torch.cat([h[n - 1], h[n]], -1) @ upper[n - 1] + biases[n], cell[n])
            logits = h[-1] @ decoder.output.weight.T + decoder.output.bias
            own = (logits + chances[step]).argmax(-1, keepdim=True)
            token = torch.where(masks[step], choices[step], own)
            tokens.append(token)
            previous = token if hears_own else torch.where(masks[step], choices[step], nothing)
            said.append(logits)
        after = torch.cat([half for pair in zip(h, cell, strict=True) for half in pair], -1)
        return as_bar(tokens), as_bar(said), after, previous


def token_plans(model: MusicVAE) -> dict[str, Plan]:
    """The graphs of a model of tokens by role."""
    config = model.config
    streams = len(config.streams)
    width, state = sum(VOCABULARY[name] for name in config.streams), streams * 2 * config.decoder_layers * config.decoder_size
    c, cells = ("batch", config.c_size), ("batch", BAR, streams)
    heard = (Door("c", c), Door("state", ("batch", state)), Door("previous", ("batch", streams), torch.int64))
    chosen = (Door("noise", ("batch", BAR, width)), Door("temperature", (streams,)))
    given = (Door("forced", cells, torch.int64), Door("forced_mask", cells, torch.bool))
    told = (Door("tokens", cells, torch.int64), Door("logits", ("batch", BAR, width)))
    after = (Door("state_after", ("batch", state)), Door("previous_after", ("batch", streams), torch.int64))
    z = ("batch", config.z_size)
    music = Door("tokens", ("batch", config.steps, streams), torch.int64)
    graphs = {
        "encoder": Plan(TokenEncoderGraph(model), (music,), (Door("mu", z), Door("sigma", z))),
        "start": Plan(TokenStartGraph(model), (Door("c", c),), (Door("state", ("batch", state)),)),
        "decoder": Plan(TokenDecoderGraph(model), heard + chosen + given, told + after),
    }
    if config.hierarchical:
        graphs["conductor"] = Plan(ConductorGraph(model), (Door("z", z),), (Door("c", ("batch", config.bars, config.c_size)),))
    return graphs
