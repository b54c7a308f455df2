"""A bundle, opened: latents in, bars out, on the fastest provider here that reproduces what PyTorch gave.

A phrase is a pure function of (latent, chance, temperature, forced): bars are decoded one after the other, each one run of
an unrolled graph, its state handed to the next. Knows nothing of knobs, clocks, ports or MIDI, and never imports torch.
One thread at a time may call a Decoder.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from mvae.core.bundle import GOLDEN_FILE, ROLES, Arrays, read_arrays, read_space, verify
from mvae.core.card import ModelCard
from mvae.core.errors import UserError
from mvae.core.groove import FEATURES, HITS, OFFSETS, VELOCITIES, VOICES
from mvae.core.latent import Space
from mvae.core.phrase import STEPS_PER_BAR
from mvae.live.providers import RUN_ERRORS, candidates, open_session

Singles = NDArray[np.float32]
Truths = NDArray[np.bool_]
Graphs = TypeVar("Graphs")

TOLERANCE = {"cpu": 1e-4}  # of golden logits; elsewhere:
LOOSE_TOLERANCE = 2e-2
BATCH = 128  # phrases decoded at once: more is not faster


@dataclass(frozen=True, slots=True)
class Choice:
    """The provider that plays, and in one line why it and no other."""

    kind: str
    reason: str


class Decoder:
    """The graphs of one bundle on one provider. Make it with `Decoder.open`."""

    def __init__(self, folder: Path, card: ModelCard, space: Space, kind: str, threads: int):
        """Sessions on the provider `kind`; RuntimeError when it does not start or a graph does not load."""
        self.card, self.space = card, space
        self.bars, self.steps = card.bars, card.steps
        self.choice = Choice(kind, "")
        self._encoder, self._start, self._decoder = (open_session(folder / card.graphs[role].file, kind, threads) for role in ROLES)

    @classmethod
    def open(cls, folder: Path, provider: str = "auto", threads: int = 1) -> "Decoder":
        """The bundle in `folder`, verified: version, files, hashes, no pickle, golden pair. Warmed up when it returns.

        `provider` is auto, cuda, coreml or cpu. UserError in one line for a bundle or provider that cannot be used.
        """
        card = verify(folder)
        space = read_space(folder, card)
        golden = read_arrays(folder / GOLDEN_FILE)
        decoder, choice = first_proven(
            folder, provider, lambda kind: cls(folder, card, space, kind, threads), lambda one, near: golden_fault(one, golden, near)
        )
        decoder.choice = choice
        decoder.decode(golden["z"][0], golden["noise"][0], 0.0)
        return decoder

    @property
    def provider(self) -> str:
        """cuda, coreml or cpu; `choice.reason` says why."""
        return self.choice.kind

    def encode(self, notes: Singles) -> tuple[Singles, Singles]:
        """Groove arrays (steps, 27) or (B, steps, 27) -> mu, sigma: (z,) or (B, z)."""
        if notes.ndim == 2:
            mu, sigma = self.encode(notes[None])
            return mu[0], sigma[0]
        parts = [(np.empty((0, self.card.z_size), np.float32),) * 2]
        parts += [self._encoder.run(None, {"notes": np.ascontiguousarray(notes[rows], np.float32)}) for rows in _batches(len(notes))]
        mu, sigma = (np.concatenate(side) for side in zip(*parts, strict=True))
        return mu, sigma

    def decode(
        self, z: Singles, noise: Singles, temperature: float, forced: Singles | None = None, mask: Truths | None = None, from_bar: int = 0
    ) -> Singles:
        """One phrase: z (z,), chance of the hits (steps, 9) in (0, 1) -> tokens (steps, 27): hits 0/1, velocities 0..1, offsets -1..1.

        Where `mask` (steps, 9) is true the cell is taken from `forced` (steps, 27), and what follows continues it; bars before
        `from_bar` are taken from `forced` whole. Without `forced` everything is free.
        """
        if from_bar and forced is not None:
            mask = np.zeros(noise.shape, bool) if mask is None else mask.copy()
            mask[: from_bar * STEPS_PER_BAR] = True
        forced_one, mask_one = None if forced is None else forced[None], None if mask is None else mask[None]
        tokens: Singles = self._run(z[None], noise[None], temperature, forced_one, mask_one)[0][0]
        return tokens

    def decode_batch(
        self, z: Singles, noise: Singles | None, temperature: float, forced: Singles | None = None, mask: Truths | None = None
    ) -> Singles:
        """`decode` for B phrases at once: z (B, z), noise (B, steps, 9), forced (B, steps, 27), mask (B, steps, 9) -> (B, steps, 27).

        Without noise every decision is at even chance: what temperature 0 gives, at any temperature.
        """
        chance = self._even(len(z)) if noise is None else noise
        parts = [np.empty((0, self.steps, FEATURES), np.float32)]
        for rows in _batches(len(z)):
            forced_rows, mask_rows = None if forced is None else forced[rows], None if mask is None else mask[rows]
            parts.append(self._run(z[rows], chance[rows], temperature, forced_rows, mask_rows)[0])
        return np.concatenate(parts)

    def logits_batch(self, z: Singles, tokens: Singles) -> Singles:
        """Teacher-forced: z (B, z), tokens (B, steps, 27) -> what each step says after hearing those before it, (B, steps, 27):
        hit logits, velocities, offsets."""
        even, everything = self._even(len(z)), np.ones((len(z), self.steps, VOICES), bool)
        parts = [self._run(z[rows], even[rows], 0.0, tokens[rows], everything[rows])[1] for rows in _batches(len(z))]
        return np.concatenate([np.empty((0, self.steps, FEATURES), np.float32), *parts])

    def _even(self, count: int) -> Singles:
        return np.full((count, self.steps, VOICES), 0.5, np.float32)

    def start(self, z: Singles) -> Singles:
        """z (B, z) -> the decoder's first state (B, 2 * layers * size)."""
        state: Singles = self._start.run(None, {"z": np.ascontiguousarray(z, np.float32)})[0]
        return state

    def _run(self, z: Singles, noise: Singles, temperature: float, forced: Singles | None, mask: Truths | None) -> tuple[Singles, Singles]:
        """Bar after bar, for a batch: tokens and logits, each (B, steps, 27)."""
        count = len(z)
        c, state = np.ascontiguousarray(z, np.float32), self.start(z)
        feeds: dict[str, Any] = {
            "c": c,
            "previous": np.zeros((count, FEATURES), np.float32),
            "temperature": np.array([temperature], np.float32),
            "forced": np.zeros((count, STEPS_PER_BAR, FEATURES), np.float32),
            "forced_mask": np.zeros((count, STEPS_PER_BAR, VOICES), bool),
        }
        tokens, logits = (np.empty((count, self.steps, FEATURES), np.float32) for _ in range(2))
        for first in range(0, self.steps, STEPS_PER_BAR):
            bar = slice(first, first + STEPS_PER_BAR)
            feeds["state"], feeds["noise"] = state, np.ascontiguousarray(noise[:, bar], np.float32)
            if forced is not None and mask is not None:
                feeds["forced"] = np.ascontiguousarray(forced[:, bar], np.float32)
                feeds["forced_mask"] = np.ascontiguousarray(mask[:, bar], bool)
            tokens[:, bar], logits[:, bar], state, feeds["previous"] = self._decoder.run(None, feeds)
        return tokens, logits


def _batches(count: int) -> Iterator[slice]:
    return (slice(first, first + BATCH) for first in range(0, count, BATCH))


def first_proven(
    folder: Path, provider: str, make: Callable[[str], Graphs], fault_of: Callable[[Graphs, float], str | None]
) -> tuple[Graphs, Choice]:
    """A bundle's graphs, made on the first provider that starts and of which `fault_of`, asked with its tolerance, finds no fault.

    UserError in one line where there is none.
    """
    kinds, passed_over = candidates(provider)
    for kind in kinds:
        try:
            graphs = make(kind)
            fault = fault_of(graphs, TOLERANCE.get(kind, LOOSE_TOLERANCE))
        except KeyError as error:
            raise UserError(f"{folder / GOLDEN_FILE}: {error} is missing; export the bundle again") from error
        except RUN_ERRORS as error:
            fault = " ".join(str(error).split())
        if fault is None:
            return graphs, Choice(kind, "; ".join(["golden pair reproduced", *passed_over]))
        passed_over.append(f"{kind}: {fault}")
    raise UserError(f"{folder}: no provider can play it ({'; '.join(passed_over)}); export the bundle again")


def golden_fault(decoder: Decoder, golden: Arrays, tolerance: float) -> str | None:
    """In what the decoder departs from PyTorch's outputs by more than `tolerance`, None when in nothing.

    Golden arrays: notes -> mu, sigma; z -> state; z, notes (forced) -> logits; z, noise, temperature -> tokens, with PyTorch's
    margins (B, steps, 9): how far each decision was from its threshold. Free-running tokens are compared up to the first
    step at which a margin lies below the tolerance.
    """
    mu, sigma = decoder.encode(golden["notes"])
    found = {"mu": mu, "sigma": sigma, "state": decoder.start(golden["z"]), "logits": decoder.logits_batch(golden["z"], golden["notes"])}
    for name, array in found.items():
        if (distance := _distance(array, golden[name])) > tolerance:
            return f"{name} differ from PyTorch's by {distance:.1e}, more than {tolerance:.0e}"
    tokens = decoder.decode_batch(golden["z"], golden["noise"], float(golden["temperature"][0]))
    safe = np.logical_and.accumulate((golden["margins"] > tolerance).all(axis=2), axis=1)  # (B, steps)
    if (distance := _distance(tokens[safe], golden["tokens"][safe])) > tolerance:
        return f"free-running tokens differ from PyTorch's by {distance:.1e}, more than {tolerance:.0e}"
    return None


def _distance(one: Singles, other: Singles) -> float:
    """The largest difference; infinite where a number is none. ValueError for different shapes."""
    if one.shape != other.shape:
        raise ValueError(f"shape {other.shape} where {one.shape} is expected")
    difference = np.abs(one.astype(np.float64) - other)
    return float(np.nan_to_num(difference, nan=np.inf).max(initial=0.0))


def add_feel(tokens: Singles, feel: Singles, space: Space, amount: float) -> Singles:
    """Give hits the spread that a decoder's means lack: tokens (steps, 27), feel (steps, 18) Gaussian -> tokens (steps, 27).

    Velocities and offsets gain `amount` standard deviations' worth of the bundle's residuals, and are clipped to 0..1 and -1..1.
    """
    residual = space.residual
    if residual is None or amount == 0:
        return tokens
    felt = tokens.copy()
    hits = tokens[:, HITS]
    velocities = tokens[:, VELOCITIES] + amount * feel[:, :VOICES] * residual.velocity_sd
    offsets = tokens[:, OFFSETS] + amount * feel[:, VOICES:] * residual.offset_sd
    felt[:, VELOCITIES] = hits * np.clip(velocities, 0, 1)
    felt[:, OFFSETS] = hits * np.clip(offsets, -1, 1)
    return felt
