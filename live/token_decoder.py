"""A bundle of tokens, opened: latents in, bars of a melody, a bass, drums or a trio out, on the fastest provider that proves itself.

A phrase is a pure function of (latent, chance, temperature, forced). Of a hierarchical model each bar is decoded by itself, so that any
bars can be had without the others; of a flat one a bar takes the state that the bar before it left. Knows nothing of knobs, clocks, ports
or MIDI, and never imports torch. One thread at a time may call a TokenDecoder.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mvae.core.bundle import GOLDEN_FILE, Arrays, read_arrays, read_space, verify
from mvae.core.card import ModelCard, read_card
from mvae.core.errors import UserError
from mvae.core.latent import Space
from mvae.core.phrase import STEPS_PER_BAR
from mvae.core.tokens import Tokens
from mvae.live.decoder import BATCH, Choice, Decoder, first_proven
from mvae.live.providers import open_session

Singles = NDArray[np.float32]
Truths = NDArray[np.bool_]
Temperature = float | Sequence[float]


class TokenDecoder:
    """The graphs of one bundle on one provider. Make it with `TokenDecoder.open`."""

    def __init__(self, folder: Path, card: ModelCard, space: Space, kind: str, threads: int):
        """Sessions on the provider `kind`; RuntimeError when it does not start or a graph does not load."""
        self.card, self.space, self.kind = card, space, card.kind
        self.bars, self.steps = card.bars, card.steps
        self.streams, self.vocabulary, self.width = card.parts, card.vocabulary, sum(card.vocabulary)
        self.hierarchical = card.hierarchical
        self.choice = Choice(kind, "")
        self._led: tuple[bytes, Singles] | None = None  # the last single latent and its c: bar after bar asks for the same
        sessions = {role: open_session(folder / graph.file, kind, threads) for role, graph in card.graphs.items()}
        self._encoder, self._start, self._decoder = (sessions[role] for role in ("encoder", "start", "decoder"))
        self._conductor = sessions.get("conductor")

    @classmethod
    def open(cls, folder: Path, provider: str = "auto", threads: int = 1) -> "TokenDecoder":
        """The bundle in `folder`, verified: version, files, hashes, no pickle, golden pair. Warmed up when it returns.

        `provider` is auto, cuda, coreml or cpu. UserError in one line for a bundle or provider that cannot be used.
        """
        card = verify(folder)
        if not card.vocabulary:
            raise UserError(f"{folder}: kind = '{card.kind}': not a bundle of tokens; give a melody, bass, drums or trio")
        space, golden = read_space(folder, card), read_arrays(folder / GOLDEN_FILE)
        decoder, choice = first_proven(
            folder, provider, lambda kind: cls(folder, card, space, kind, threads), lambda one, near: token_golden_fault(one, golden, near)
        )
        decoder.choice = choice
        decoder.decode(golden["z"][0], golden["noise"][0], 0.0)
        return decoder

    @property
    def provider(self) -> str:
        """cuda, coreml or cpu; `choice.reason` says why."""
        return self.choice.kind

    def encode(self, tokens: Tokens) -> tuple[Singles, Singles]:
        """Tokens (steps, streams) or (B, steps, streams) -> mu, sigma: (z,) or (B, z)."""
        if tokens.ndim == 2:
            mu, sigma = self.encode(tokens[None])
            return mu[0], sigma[0]
        parts = [(np.empty((0, self.card.z_size), np.float32),) * 2]
        for first in range(0, len(tokens), BATCH):
            parts.append(self._encoder.run(None, {"tokens": np.ascontiguousarray(tokens[first : first + BATCH], np.int64)}))
        mu, sigma = (np.concatenate(side) for side in zip(*parts, strict=True))
        return mu, sigma

    def lead(self, z: Singles) -> Singles:
        """z (B, z) -> what leads the bars: c (B, bars, c), of a flat model z itself, (B, 1, z)."""
        if self._conductor is None:
            return z[:, None]
        key = z.tobytes() if len(z) == 1 else b""
        if self._led is not None and key == self._led[0]:
            return self._led[1]
        c: Singles = self._conductor.run(None, {"z": np.ascontiguousarray(z, np.float32)})[0]
        if key:
            self._led = (key, c)
        return c

    def start(self, c: Singles) -> Singles:
        """c (B, c) -> the decoders' first state (B, streams * 2 * layers * size)."""
        state: Singles = self._start.run(None, {"c": np.ascontiguousarray(c, np.float32)})[0]
        return state

    def decode(
        self, z: Singles, noise: Singles, temperature: Temperature, forced: Tokens | None = None, mask: Truths | None = None,
        bars: range | None = None,
    ) -> Tokens:  # fmt: skip
        """One phrase, or of it these `bars`: z (z,), Gumbel noise (steps, width) -> tokens (bars * 16, streams).

        Where `mask` (steps, streams) is true the token is taken from `forced` (steps, streams), and what follows continues it. Without
        `forced` everything is free. `temperature` is one number, or one for each stream.
        """
        chosen = range(self.bars) if bars is None else bars
        forced_one, mask_one = None if forced is None else forced[None], None if mask is None else mask[None]
        decoded = chosen if self.hierarchical else range(chosen.stop)
        tokens: Tokens = self._run(z[None], noise[None], temperature, forced_one, mask_one, decoded)[0][0]
        return tokens[(chosen.start - decoded.start) * STEPS_PER_BAR :]

    def decode_batch(
        self, z: Singles, noise: Singles | None, temperature: Temperature, forced: Tokens | None = None, mask: Truths | None = None
    ) -> Tokens:
        """`decode` for B phrases at once: z (B, z), noise (B, steps, width), forced and mask (B, steps, streams) -> (B, steps, streams).

        Without noise it is temperature 0.
        """
        return np.asarray(self._in_batches(z, noise, temperature, forced, mask, 0), np.int64)

    def logits_batch(self, z: Singles, tokens: Tokens) -> Singles:
        """Teacher-forced: z (B, z), tokens (B, steps, streams) -> the logits of each step after those before it, (B, steps, width)."""
        everything = np.ones(tokens.shape, bool)
        return np.asarray(self._in_batches(z, None, 0.0, tokens, everything, 1), np.float32)

    def _in_batches(
        self, z: Singles, noise: Singles | None, temperature: Temperature, forced: Tokens | None, mask: Truths | None, side: int
    ) -> NDArray[Any]:
        size = max(1, BATCH // self.bars)
        parts = list[NDArray[Any]]([np.empty((0, self.steps, (len(self.streams), self.width)[side]), (np.int64, np.float32)[side])])
        for first in range(0, len(z), size):
            rows = slice(first, first + size)
            chance = None if noise is None else noise[rows]
            tokens, truths = None if forced is None else forced[rows], None if mask is None else mask[rows]
            parts.append(self._run(z[rows], chance, 0.0 if noise is None else temperature, tokens, truths, range(self.bars))[side])
        return np.concatenate(parts)

    def _run(
        self, z: Singles, noise: Singles | None, temperature: Temperature, forced: Tokens | None, mask: Truths | None, bars: range
    ) -> tuple[Tokens, Singles]:
        """A batch: tokens (B, bars * 16, streams) and logits (B, bars * 16, width)."""
        lead, run = self.lead(z), self._all_at_once if self.hierarchical else self._one_by_one
        cells = slice(bars.start * STEPS_PER_BAR, bars.stop * STEPS_PER_BAR)
        shape, streams = (len(z), len(bars) * STEPS_PER_BAR), len(self.streams)
        free = forced is None or mask is None
        music: dict[str, NDArray[Any]] = {
            "noise": np.zeros((*shape, self.width), np.float32) if noise is None else np.asarray(noise[:, cells], np.float32),
            "forced": np.zeros((*shape, streams), np.int64) if free else np.asarray(forced, np.int64)[:, cells],
            "forced_mask": np.zeros((*shape, streams), bool) if free else np.asarray(mask, bool)[:, cells],
        }
        degrees = np.broadcast_to(np.asarray(temperature, np.float32), (len(self.streams),))
        return run(lead, music, np.ascontiguousarray(degrees), bars)

    def _all_at_once(self, lead: Singles, music: dict[str, NDArray[Any]], degrees: Singles, bars: range) -> tuple[Tokens, Singles]:
        """Independent bars, as one batch."""
        c = np.ascontiguousarray(lead[:, bars.start : bars.stop]).reshape(-1, lead.shape[-1])
        feeds = {name: np.ascontiguousarray(array.reshape(len(c), STEPS_PER_BAR, -1)) for name, array in music.items()}
        tokens, logits, _, _ = self._decoder.run(
            None, feeds | {"c": c, "state": self.start(c), "previous": self._nothing(len(c)), "temperature": degrees}
        )
        shape = (len(lead), len(bars) * STEPS_PER_BAR, -1)
        return tokens.reshape(shape), logits.reshape(shape)

    def _one_by_one(self, lead: Singles, music: dict[str, NDArray[Any]], degrees: Singles, bars: range) -> tuple[Tokens, Singles]:
        """Bar after bar from the phrase's first, the state of one handed to the next."""
        c = np.ascontiguousarray(lead[:, 0], np.float32)
        state, previous = self.start(c), self._nothing(len(c))
        tokens, logits = list[Tokens](), list[Singles]()
        for bar in bars:
            cells = slice(bar * STEPS_PER_BAR, (bar + 1) * STEPS_PER_BAR)
            feeds = {name: np.ascontiguousarray(array[:, cells]) for name, array in music.items()}
            here, said, state, previous = self._decoder.run(
                None, feeds | {"c": c, "state": state, "previous": previous, "temperature": degrees}
            )
            tokens.append(here)
            logits.append(said)
        return np.concatenate(tokens, axis=1), np.concatenate(logits, axis=1)

    def _nothing(self, count: int) -> Tokens:
        """What the first step hears: in each stream the number after its last token."""
        return np.tile(np.array(self.vocabulary, np.int64), (count, 1))


def open_decoder(folder: Path, provider: str = "auto", threads: int = 1) -> Decoder | TokenDecoder:
    """A bundle of any kind, verified. UserError as `Decoder.open`."""
    return (Decoder if read_card(folder).kind == "groove" else TokenDecoder).open(folder, provider, threads)


def token_golden_fault(decoder: TokenDecoder, golden: Arrays, tolerance: float) -> str | None:
    """In what the decoder departs from PyTorch's outputs by more than `tolerance`, None when in nothing.

    Golden arrays: notes (tokens) -> mu, sigma; z -> c, and its first bar's -> state; z, notes (forced) -> logits; z, noise, temperature ->
    tokens, with PyTorch's margins (B, steps, streams): how far each choice was from the next best. Free-running tokens of a stream are
    compared up to the first step at which its margin lies below the tolerance.
    """
    mu, sigma = decoder.encode(golden["notes"])
    lead = decoder.lead(golden["z"])
    found = {"mu": mu, "sigma": sigma, "c": lead, "state": decoder.start(lead[:, 0])}
    found["logits"] = decoder.logits_batch(golden["z"], golden["notes"])
    for name, array in found.items():
        if array.shape != golden[name].shape:
            raise ValueError(f"{name} has shape {golden[name].shape} where {array.shape} is expected")
        distance = float(np.nan_to_num(np.abs(array.astype(np.float64) - golden[name]), nan=np.inf).max(initial=0.0))
        if distance > tolerance:
            return f"{name} differ from PyTorch's by {distance:.1e}, more than {tolerance:.0e}"
    tokens = decoder.decode_batch(golden["z"], golden["noise"], golden["temperature"].tolist())
    safe = np.logical_and.accumulate(golden["margins"] > tolerance, axis=1)
    if (tokens[safe] != golden["tokens"][safe]).any():
        return "free-running tokens differ from PyTorch's where no choice was close"
    return None
