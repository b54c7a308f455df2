"""MusicVAE and GrooVAE in PyTorch: music -> latent -> music, for phrases on the 16th grid.

A step of a groove is 27 numbers: 9 hits {0, 1}, 9 velocities [0, 1], 9 offsets [-1, 1] in half steps, positive late
(`mvae.core.groove`). A step of the others is a token for each stream (`mvae.core.tokens`). Sizes come from a `ModelConfig`.
Knows nothing of files, losses, schedules or corpora.
Sources: Roberts et al. 2018 (arXiv 1803.05428) for the VAE, Gillick et al. 2019 (arXiv 1905.06118) for the groove outputs.
"""

from collections.abc import Iterator, Sequence
from functools import reduce
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mvae.core.phrase import STEPS_PER_BAR
from mvae.core.tokens import VOCABULARY
from mvae.train.configs import ModelConfig
from mvae.train.hearing import as_heard
from mvae.train.sets import logits_of, table_of

VOICES = 9
FEATURES = 3 * VOICES


class Posterior(NamedTuple):
    mu: Tensor  # (B, z)
    sigma: Tensor  # (B, z), > 0


class Steps(NamedTuple):
    """What the decoder says of every step."""

    hits: Tensor  # (B, steps, 9) logits
    velocities: Tensor  # (B, steps, 9) in [0, 1]
    offsets: Tensor  # (B, steps, 9) in [-1, 1]


class Encoder(nn.Module):
    """A bidirectional LSTM over the steps; the last layer's final forward and backward states side by side give the posterior. Where bars
    have codes, a reader of each stream reads each bar by itself, and the codes of all bars give the posterior."""

    readers: nn.ModuleDict

    def __init__(self, config: ModelConfig, width: int):
        super().__init__()
        self.config = config
        if config.bar_size:
            self.readers = nn.ModuleDict({name: BarReader(config) for name in config.streams})
            last = config.bars * config.codes_size
        else:
            self.encoder = nn.LSTM(width, config.encoder_size, config.encoder_layers, batch_first=True, bidirectional=True)
            last = 2 * config.encoder_size
        self.to_mu = nn.Linear(last, config.z_size)
        self.to_sigma = nn.Linear(last, config.z_size)
        self.rest()

    @torch.no_grad()
    def rest(self) -> None:
        """Let every phrase rest at 0 on the knobs of attributes."""
        if told := len(self.config.attributes):
            self.to_mu.weight[-told:], self.to_mu.bias[-told:] = 0.0, 0.0

    def posterior(self, *streams: Tensor) -> Posterior:
        """(B, steps, width) of each stream -> posterior. Its last dimensions, where they are knobs, say where the phrase rests on them:
        at 0, or within the knobs' play as `mvae.train.lean` lets it, but nothing that the losses of training could change."""
        last = self.last_layer(streams)
        mu, sigma = self.to_mu(last), F.softplus(self.to_sigma(last))
        if told := len(self.config.attributes):
            play = self.config.play
            rests = play * torch.tanh(mu[:, -told:].detach() / play) if play else torch.zeros_like(mu[:, -told:])
            mu, sigma = torch.cat([mu[:, :-told], rests], -1), F.pad(sigma[:, :-told], (0, told), value=1.0)
        return Posterior(mu, sigma)

    def last_layer(self, streams: Sequence[Tensor]) -> Tensor:
        """What the posterior is read from: (B, steps, width) of each stream -> (B, last)."""
        return self.codes(streams).flatten(1) if self.config.bar_size else last_states(self.encoder, reduce(torch.add, streams))

    def codes(self, streams: Sequence[Tensor]) -> Tensor:
        """(B, steps, width) of each stream -> (B, bars, codes), the streams' side by side."""
        return torch.cat([read(steps) for read, steps in zip(self.readers.values(), streams, strict=True)], -1)


class BarReader(nn.Module):
    """A bar of one stream by itself: tokens -> a code."""

    def __init__(self, config: ModelConfig):
        super().__init__()
        self.encoder = nn.LSTM(config.input_size, config.encoder_size, config.encoder_layers, batch_first=True, bidirectional=True)
        self.to_bar = nn.Linear(2 * config.encoder_size, config.bar_size)

    def forward(self, steps: Tensor) -> Tensor:
        """(B, bars * 16, width) -> (B, bars, code)."""
        codes: Tensor = self.to_bar(self.bars(steps))
        return codes

    def bars(self, steps: Tensor) -> Tensor:
        """What the LSTM makes of each bar: (B, bars * 16, width) -> (B, bars, 2 * size)."""
        states = last_states(self.encoder, steps.reshape(-1, STEPS_PER_BAR, steps.shape[-1]))
        return states.reshape(-1, steps.shape[1] // STEPS_PER_BAR, states.shape[-1])


def last_states(lstm: nn.LSTM, steps: Tensor) -> Tensor:
    """(B, steps, width) -> the last layer's final forward and backward states, (B, 2 * size)."""
    _, (hidden, _) = lstm(steps)
    return torch.cat([hidden[-2], hidden[-1]], dim=-1)


class GrooVAE(Encoder):
    """Flat LSTM decoder with z at every step."""

    def __init__(self, config: ModelConfig):
        super().__init__(config, FEATURES)
        z, size, layers = config.z_size, config.decoder_size, config.decoder_layers
        self.to_state = nn.Linear(z, 2 * layers * size)
        self.decoder = nn.LSTM(FEATURES + z, size, layers, batch_first=True)
        self.output = nn.Linear(size, FEATURES)

    def encode(self, notes: Tensor) -> Posterior:
        """Notes (B, steps, 27) -> posterior of what is heard of them (`encoder_hears`)."""
        return self.posterior(as_heard(notes, self.config.encoder_hears))

    def start(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """z (B, z) -> the decoder's first (h, c), each (layers, B, size); order in the product: layer 0 h, layer 0 c, layer 1 h, ..."""
        state = torch.tanh(self.to_state(z)).view(z.shape[0], self.config.decoder_layers, 2, self.config.decoder_size)
        h, c = state.permute(2, 1, 0, 3).contiguous()
        return h, c

    def decode(self, z: Tensor, previous: Tensor, state: tuple[Tensor, Tensor] | None = None) -> tuple[Steps, tuple[Tensor, Tensor]]:
        """Teacher-forced: z (B, z), previous (B, steps, 27) the tokens one step earlier -> what each step says, and the state after."""
        conditioned = torch.cat([previous, z[:, None, :].expand(-1, previous.shape[1], -1)], dim=-1)
        hidden, state = self.decoder(conditioned, self.start(z) if state is None else state)
        hits, velocities, offsets = self.output(hidden).chunk(3, dim=-1)
        return Steps(hits, torch.sigmoid(velocities), torch.tanh(offsets)), state

    @torch.no_grad()
    def sample(self, z: Tensor, uniform: Tensor, temperature: float) -> Tensor:
        """Free-running decode, one step after another: z (B, z), uniform (B, steps, 9) in (0, 1) -> tokens (B, steps, 27).

        A hit sounds where logit + temperature * logit(u) > 0: a Bernoulli draw from the logits at temperature 1, their sign at 0.
        """
        state, heard, tokens = self.start(z), z.new_zeros(z.shape[0], 1, FEATURES), []
        for step in range(uniform.shape[1]):
            said, state = self.decode(z, heard, state)
            hits = (said.hits[:, 0] + temperature * torch.logit(uniform[:, step]) > 0).to(z.dtype)
            token = torch.cat([hits, said.velocities[:, 0] * hits, said.offsets[:, 0] * hits], dim=-1)[:, None]
            heard = token if self.config.hears == "own" else torch.zeros_like(token)
            tokens.append(token)
        return torch.cat(tokens, dim=1)


def one_step_late(notes: Tensor) -> Tensor:
    """What the decoder hears at each step under teacher forcing: the step before, silence at first. (B, steps, 27)"""
    return F.pad(notes, (0, 0, 1, 0))[:, :-1]


class StreamDecoder(nn.Module):
    """The tokens of one stream: an LSTM led by c, its own or forced tokens heard a step later."""

    def __init__(self, config: ModelConfig, stream: str):
        super().__init__()
        self.config, self.nothing = config, VOCABULARY[stream]  # the token that stands for nothing heard
        size, layers = config.decoder_size, config.decoder_layers
        self.to_state = nn.Linear(config.c_size, 2 * layers * size)
        self.to_input = nn.Linear(config.c_size, config.input_size)
        self.heard = table_of(stream, config.input_size, more=1)
        self.lstm = nn.LSTM(config.input_size, size, layers, batch_first=True)
        self.output = logits_of(stream, size)

    def start(self, c: Tensor) -> tuple[Tensor, Tensor]:
        """c (B, c) -> the first (h, c), each (layers, B, size); order in the product: layer 0 h, layer 0 c, layer 1 h, ..."""
        state = torch.tanh(self.to_state(c)).view(c.shape[0], self.config.decoder_layers, 2, self.config.decoder_size)
        h, cell = state.permute(2, 1, 0, 3).contiguous()
        return h, cell

    def forward(
        self, c: Tensor, heard: Tensor, state: tuple[Tensor, Tensor] | None = None, dropout: float = 0.0
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """c (B, c), heard (B, steps) tokens -> logits (B, steps, vocabulary), and the state after."""
        into = F.dropout(self.heard(heard) + self.to_input(c)[:, None], dropout, self.training)
        hidden, after = self.lstm(into, self.start(c) if state is None else state)
        return self.output(F.dropout(hidden, dropout, self.training)), after


class MusicVAE(Encoder):
    """Tokens of one or several streams. Flat: z leads the whole phrase. Hierarchical: a conductor says a c for each bar from z alone,
    and each bar is decoded from its c afresh, so that bars are independent given z. Where bars have codes, a matrix gives each bar
    its codes back from z, and the conductor, which begins as nothing, adds to them."""

    to_conductor: nn.Linear
    conductor: nn.LSTM
    to_c: nn.Linear | nn.Identity
    to_bars: nn.Linear

    def __init__(self, config: ModelConfig):
        super().__init__(config, config.input_size)
        self.tokens = nn.ModuleDict({name: table_of(name, config.input_size) for name in config.streams})
        self.decoders = nn.ModuleDict({name: StreamDecoder(config, name) for name in config.streams})
        if config.hierarchical:
            size, layers = config.conductor_size, config.conductor_layers
            self.to_conductor = nn.Linear(config.z_size, 2 * layers * size)
            self.conductor = nn.LSTM(config.z_size if config.conductor_hears == "z" else 1, size, layers, batch_first=True)
            self.to_c = nn.Linear(size, config.c_size) if config.c_size != size or config.bar_size else nn.Identity()
            if config.bar_size:
                self.to_bars = nn.Linear(config.z_size, config.bars * config.c_size)
                nn.init.zeros_(cast(Tensor, self.to_c.weight))
                nn.init.zeros_(cast(Tensor, self.to_c.bias))

    def by_stream(self) -> Iterator[StreamDecoder]:
        """The decoders in the order of the streams."""
        for name in self.config.streams:
            yield cast(StreamDecoder, self.decoders[name])

    def encode(self, tokens: Tensor) -> Posterior:
        """Tokens (B, steps, streams) -> posterior."""
        return self.posterior(*self.read(tokens))

    @torch.no_grad()
    def last(self, tokens: Tensor) -> Tensor:
        """What the posterior of tokens (B, steps, streams) is read from. (B, last)"""
        return self.last_layer(self.read(tokens))

    def read(self, tokens: Tensor) -> list[Tensor]:
        """What the encoder hears: (B, steps, streams) -> (B, steps, width) of each stream."""
        return [table(tokens[..., n]) for n, table in enumerate(self.tokens.values())]

    def lead(self, z: Tensor) -> Tensor:
        """z (B, z) -> c (B, bars, c), of a flat model (B, 1, z). The conductor hears z at each bar, or only in the state it begins with."""
        if not self.config.hierarchical:
            return z[:, None]
        size, layers = self.config.conductor_size, self.config.conductor_layers
        h, cell = torch.tanh(self.to_conductor(z)).view(len(z), layers, 2, size).permute(2, 1, 0, 3).contiguous()
        heard = z[:, None] if self.config.conductor_hears == "z" else z.new_zeros(len(z), 1, 1)
        said, _ = self.conductor(heard.expand(-1, self.config.bars, -1), (h, cell))
        c: Tensor = self.to_c(said)
        return c + self.to_bars(z).view(c.shape) if self.config.bar_size else c

    def decode(self, z: Tensor, tokens: Tensor, keep: Tensor | None = None, dropout: float = 0.0) -> list[Tensor]:
        """Teacher-forced: z (B, z), tokens (B, steps, streams) -> logits (B, steps, vocabulary) of each stream.

        Where `keep` (B, steps, streams) is false the token is not heard. All bars of a hierarchical model are decoded as one batch.
        """
        c = self.lead(z).flatten(0, 1)
        heard = [self.heard(tokens, n, keep).reshape(len(c), -1) for n in range(len(self.decoders))]
        said = (decoder(c, steps, dropout=dropout)[0] for decoder, steps in zip(self.by_stream(), heard, strict=True))
        return [logits.reshape(*tokens.shape[:2], -1) for logits in said]

    def heard(self, tokens: Tensor, stream: int, keep: Tensor | None = None) -> Tensor:
        """What a decoder hears at each step: the token before, nothing at first and, of a hierarchical model, at each bar line.

        tokens (B, steps, streams) -> (B, steps).
        """
        nothing = VOCABULARY[self.config.streams[stream]]
        own = tokens[..., stream] if keep is None else torch.where(keep[..., stream], tokens[..., stream], nothing)
        late = F.pad(own, (1, 0), value=nothing)[:, :-1]
        if self.config.hierarchical:
            late = torch.where(torch.arange(late.shape[1], device=late.device) % STEPS_PER_BAR == 0, nothing, late)
        return late

    @torch.no_grad()
    def sample(self, z: Tensor, gumbel: list[Tensor], temperature: float) -> Tensor:
        """Free-running decode: z (B, z), gumbel (B, steps, vocabulary) of each stream -> tokens (B, steps, streams).

        argmax(logits + temperature * gumbel): a draw from the softmax at 1, the likeliest token at 0. Only bars with gumbel are decoded.
        """
        c = self.lead(z)[:, : max(1, gumbel[0].shape[1] // STEPS_PER_BAR)].flatten(0, 1)
        return torch.stack([self._run(n, c, len(z), noise, temperature) for n, noise in enumerate(gumbel)], -1)

    def _run(self, stream: int, c: Tensor, count: int, gumbel: Tensor, temperature: float) -> Tensor:
        decoder = cast(StreamDecoder, self.decoders[self.config.streams[stream]])
        noise = gumbel.reshape(len(c), -1, gumbel.shape[-1])
        state, heard, said = decoder.start(c), c.new_full((len(c), 1), decoder.nothing, dtype=torch.long), []
        for step in range(noise.shape[1]):
            logits, state = decoder(c, heard, state)
            token = (logits + temperature * noise[:, step : step + 1]).argmax(-1)
            heard = token if self.config.hears == "own" else heard
            said.append(token)
        return torch.cat(said, 1).reshape(count, -1)


def model_of(config: ModelConfig) -> "GrooVAE | MusicVAE":
    """The model of a config, with fresh weights."""
    return MusicVAE(config) if config.streams else GrooVAE(config)
