"""MusicVAE written plainly, to measure the speed of training against: one-hot inputs beside c at every step, bars read and said one after
another. The same model as `mvae.train.model.MusicVAE`, but for the inputs' width: there tokens and c enter the LSTMs as sums of vectors.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mvae.core.phrase import STEPS_PER_BAR
from mvae.core.tokens import VOCABULARY
from mvae.train.configs import ModelConfig
from mvae.train.model import Posterior


class PlainEncoder(nn.Module):
    """An LSTM over one-hot steps in both directions."""

    def __init__(self, config: ModelConfig, width: int):
        super().__init__()
        self.lstm = nn.LSTM(width, config.encoder_size, config.encoder_layers, batch_first=True, bidirectional=True)

    def forward(self, steps: Tensor) -> Tensor:
        """(B, steps, vocabulary) -> the last layer's final states, (B, 2 * size)."""
        _, (hidden, _) = self.lstm(steps)
        return torch.cat([hidden[-2], hidden[-1]], -1)


class PlainDecoder(nn.Module):
    """The tokens of one stream from one c: an LSTM that hears the token before, one-hot, beside c."""

    def __init__(self, config: ModelConfig, stream: str):
        super().__init__()
        self.layers, self.size, self.vocabulary = config.decoder_layers, config.decoder_size, VOCABULARY[stream]
        self.to_state = nn.Linear(config.c_size, 2 * self.layers * self.size)
        self.lstm = nn.LSTM(self.vocabulary + config.c_size, self.size, self.layers, batch_first=True)
        self.output = nn.Linear(self.size, self.vocabulary)

    def forward(self, c: Tensor, heard: Tensor, dropout: float) -> Tensor:
        """c (B, c), heard (B, steps, vocabulary) -> logits (B, steps, vocabulary)."""
        h, cell = torch.tanh(self.to_state(c)).view(len(c), self.layers, 2, self.size).permute(2, 1, 0, 3).contiguous()
        into = torch.cat([heard, c[:, None].expand(-1, heard.shape[1], -1)], -1)
        hidden, _ = self.lstm(F.dropout(into, dropout, self.training), (h, cell))
        return self.output(F.dropout(hidden, dropout, self.training))  # type: ignore[no-any-return]


class PlainMusicVAE(nn.Module):
    """With the methods of `MusicVAE` that training asks for."""

    def __init__(self, config: ModelConfig):
        super().__init__()
        self.config = config
        widths = [VOCABULARY[name] for name in config.streams]
        self.encoders = nn.ModuleList(PlainEncoder(config, width) for width in (widths if config.bar_size else [sum(widths)]))
        last = 2 * config.encoder_size
        if config.bar_size:
            self.to_codes = nn.ModuleList(nn.Linear(last, config.bar_size) for _ in widths)
            last = config.bars * config.codes_size
        self.to_mu, self.to_sigma = nn.Linear(last, config.z_size), nn.Linear(last, config.z_size)
        self.decoders = nn.ModuleList([PlainDecoder(config, name) for name in config.streams])
        if config.hierarchical:
            self.to_conductor = nn.Linear(config.z_size, 2 * config.conductor_layers * config.conductor_size)
            width = config.z_size if config.conductor_hears == "z" else 1
            self.conductor = nn.LSTM(width, config.conductor_size, config.conductor_layers, batch_first=True)
            same = config.c_size == config.conductor_size and not config.bar_size
            self.to_c = nn.Identity() if same else nn.Linear(config.conductor_size, config.c_size)
            if config.bar_size:
                self.to_bars = nn.Linear(config.z_size, config.bars * config.c_size)

    def one_hot(self, tokens: Tensor) -> list[Tensor]:
        """Tokens (B, steps, streams) -> (B, steps, vocabulary) of each stream."""
        return [F.one_hot(tokens[..., n], VOCABULARY[name]).float() for n, name in enumerate(self.config.streams)]

    def encode(self, tokens: Tensor) -> Posterior:
        """Tokens (B, steps, streams) -> posterior."""
        last = self.read(self.one_hot(tokens))
        mu, sigma = self.to_mu(last), F.softplus(self.to_sigma(last))
        if told := len(self.config.attributes):
            play = self.config.play
            rests = play * torch.tanh(mu[:, -told:].detach() / play) if play else torch.zeros_like(mu[:, -told:])
            mu, sigma = torch.cat([mu[:, :-told], rests], -1), torch.cat([sigma[:, :-told], torch.ones_like(rests)], -1)
        return Posterior(mu, sigma)

    def read(self, steps: list[Tensor]) -> Tensor:
        """(B, steps, vocabulary) of each stream -> what the posterior is read from, (B, last)."""
        if not self.config.bar_size:
            return self.encoders[0](torch.cat(steps, -1))  # type: ignore[no-any-return]
        bars = [torch.split(stream, STEPS_PER_BAR, 1) for stream in steps]
        parts = [list(zip(self.encoders, self.to_codes, (stream[bar] for stream in bars), strict=True)) for bar in range(self.config.bars)]
        return torch.cat([to_code(encoder(heard)) for bar in parts for encoder, to_code, heard in bar], -1)

    def lead(self, z: Tensor) -> Tensor:
        """z (B, z) -> c (B, bars, c), of a flat model (B, 1, z)."""
        config = self.config
        if not config.hierarchical:
            return z[:, None]
        state = torch.tanh(self.to_conductor(z)).view(len(z), config.conductor_layers, 2, config.conductor_size)
        h, cell = state.permute(2, 1, 0, 3).contiguous()
        heard = z[:, None] if config.conductor_hears == "z" else z.new_zeros(len(z), 1, 1)
        said, _ = self.conductor(heard.expand(-1, config.bars, -1), (h, cell))
        c: Tensor = self.to_c(said)
        return c + self.to_bars(z).view(c.shape) if config.bar_size else c

    def decode(self, z: Tensor, tokens: Tensor, keep: Tensor | None = None, dropout: float = 0.0) -> list[Tensor]:
        """Teacher-forced, bar by bar of a hierarchical model: -> logits (B, steps, vocabulary) of each stream."""
        length = STEPS_PER_BAR if self.config.hierarchical else self.config.steps
        kept = torch.ones_like(tokens, dtype=torch.bool) if keep is None else keep
        heard = [hot * kept[..., n, None] for n, hot in enumerate(self.one_hot(tokens))]
        bars = self.lead(z).unbind(1)
        said = list[Tensor]()
        for decoder, steps in zip(self.decoders, heard, strict=True):
            pieces = (F.pad(piece, (0, 0, 1, 0))[:, :-1] for piece in torch.split(steps, length, 1))
            said.append(torch.cat([decoder(c, late, dropout) for c, late in zip(bars, pieces, strict=True)], 1))
        return said
