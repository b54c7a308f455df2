"""A bundle as the lookahead sees it: what is decoded at once, where its chance comes from, how what it said becomes notes.

A groove or a flat model says a whole phrase at once; a hierarchical one says each bar by itself, and a note may be held from one bar into
the next. Knows nothing of song time, splices or players.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mvae.core.chance import PhraseNoise, phrase_noise, token_noise
from mvae.core.drum_sets import agreeing
from mvae.core.errors import UserError, listing
from mvae.core.feel import Feel
from mvae.core.groove import FEATURES, VOICES
from mvae.core.latent import Latent, Space
from mvae.core.panel import Positions
from mvae.core.part import Part
from mvae.core.phrase import STEPS_PER_BAR
from mvae.core.shaping import Placed, place, shape
from mvae.core.tokens import HOLD
from mvae.live.decoder import Decoder, add_feel
from mvae.live.locks import Bits, Kept
from mvae.live.token_decoder import TokenDecoder

Said = NDArray[Any]  # (steps, ...) raw: what a decoder said and hears when it goes on
Mask = NDArray[np.bool_]  # (steps, cells)
Cell = tuple[int, int]  # step and cell of it: a drum class, or a stream
KEPT_CHANCES = 4  # phrases


@dataclass(frozen=True, slots=True)
class Asked:
    """What a model is asked. Two that are equal get the same answer. `loop` is the pass through the phrase, 0 where all are alike."""

    z: bytes
    temperatures: tuple[float, ...]  # of each stream
    roll: int
    variation: float
    loop: int
    seed: int = 0
    locked: tuple[Kept, ...] = ()

    @property
    def latent(self) -> Latent:
        return np.frombuffer(self.z, np.float32)


class Model(Protocol):
    """One bundle. A unit is what is decoded at once: `steps` steps; a phrase has `units` of them."""

    space: Space
    streams: tuple[str, ...]
    steps: int
    units: int
    nothing: Said  # (0, ...)

    def decode(
        self, asked: Asked, seed: int, number: int, unit: int, count: int, forced: Said | None, mask: Mask | None, bits: Bits | None = None
    ) -> Said:
        """Units from `unit` of the phrase on, (count * steps, ...). `forced` and `mask` are of the first: what is true there is kept, and
        of sets of drums those `bits`.

        `number` is that of the model's first part: it draws its chance from there.
        """
        ...

    def mask(self, within: int, heard: Sequence[Cell]) -> Mask:
        """True for every cell before step `within` of a unit, and for those `heard`."""
        ...

    def cell(self, part: Part, note: Placed) -> Cell:
        """The cell that a note of a part came from."""
        ...

    def felt(self, said: Said, asked: Asked, seed: int, number: int, positions: Positions) -> Said:
        """With what of the performance is not the decoder's: drummers' spread."""
        ...

    def place(self, felt: Said, after: Said, part: Part, unit: int, positions: Positions, tempo_bpm: float) -> tuple[Placed, ...]:
        """The notes of a part in a unit, ticks from its line; `after` is what follows in the phrase."""
        ...

    def goes_on(self, said: Said) -> bool:
        """Whether a note may be held through the whole of a unit."""
        ...


class Decodes(Protocol):
    """What a groove model needs of a decoder (`mvae.live.decoder.Decoder`)."""

    space: Space

    @property
    def steps(self) -> int: ...

    def decode(self, z: Latent, hits: Said, temperature: float, forced: Said | None = None, mask: Mask | None = None) -> Said: ...


class GrooveModel:
    """Nine drums with velocity and micro-timing, a phrase at once; `feel` is what `humanize` puts in the place of their own."""

    streams: tuple[str, ...] = ("drums",)
    units = 1

    def __init__(self, decoder: Decodes, feel: Feel | None = None) -> None:
        self.decoder, self.space, self.steps, self.feel = decoder, decoder.space, decoder.steps, feel
        self.nothing: Said = np.zeros((0, FEATURES), np.float32)

    def decode(
        self, asked: Asked, seed: int, number: int, unit: int, count: int, forced: Said | None, mask: Mask | None, bits: Bits | None = None
    ) -> Said:
        return self.decoder.decode(asked.latent, self._noise(asked, seed, number).hits, asked.temperatures[0], forced, mask)

    def mask(self, within: int, heard: Sequence[Cell]) -> Mask:
        return cells(self.steps, VOICES, within, heard)

    def cell(self, part: Part, note: Placed) -> Cell:
        return note.step, note.voice

    def felt(self, said: Said, asked: Asked, seed: int, number: int, positions: Positions) -> Said:
        return add_feel(said, self._noise(asked, seed, number).feel, self.space, positions.knobs["feel"])

    def place(self, felt: Said, after: Said, part: Part, unit: int, positions: Positions, tempo_bpm: float) -> tuple[Placed, ...]:
        return shape(felt, part, positions, tempo_bpm, self.feel)

    def goes_on(self, said: Said) -> bool:
        return False

    def _noise(self, asked: Asked, seed: int, number: int) -> PhraseNoise:
        return phrase_noise(seed, asked.roll, number, asked.loop, asked.variation, self.steps, VOICES)


class TokenModel:
    """A melody, a bass, drums or a trio as tokens; `feel` is what `humanize` lends its parts. Of a hierarchical model a unit is a bar."""

    def __init__(self, decoder: TokenDecoder, feel: Feel | None = None) -> None:
        self.decoder, self.space, self.streams, self.feel = decoder, decoder.space, decoder.streams, feel
        self.units = decoder.bars if decoder.hierarchical else 1
        self.steps = decoder.steps // self.units
        self.nothing: Said = np.zeros((0, len(self.streams)), np.int64)
        self._chance = lru_cache(KEPT_CHANCES)(token_noise)

    def decode(
        self, asked: Asked, seed: int, number: int, unit: int, count: int, forced: Said | None, mask: Mask | None, bits: Bits | None = None
    ) -> Said:
        noise = self._chance(seed, asked.roll, number, asked.loop, asked.variation, self.decoder.steps, self.decoder.vocabulary)
        first, bars = unit * self.steps, self.steps // STEPS_PER_BAR
        chosen = range(unit * bars, (unit + count) * bars)
        if forced is None or mask is None:
            return self.decoder.decode(asked.latent, noise, asked.temperatures, bars=chosen)
        shape_, own = (self.decoder.steps, len(self.streams)), slice(first, first + self.steps)
        all_forced, all_mask = np.zeros(shape_, np.int64), np.zeros(shape_, bool)
        all_forced[own], all_mask[own] = forced, mask
        if bits is None:
            return self.decoder.decode(asked.latent, noise, asked.temperatures, all_forced, all_mask, chosen)
        noise = noise.copy()
        noise[own], degrees = agreeing(noise[own], asked.temperatures, self.decoder.vocabulary, all_forced[own], bits)
        return self.decoder.decode(asked.latent, noise, degrees, all_forced, all_mask, chosen)

    def mask(self, within: int, heard: Sequence[Cell]) -> Mask:
        return cells(self.steps, len(self.streams), within, heard)

    def cell(self, part: Part, note: Placed) -> Cell:
        return note.step, self.streams.index(part.stream)

    def felt(self, said: Said, asked: Asked, seed: int, number: int, positions: Positions) -> Said:
        return said

    def place(self, felt: Said, after: Said, part: Part, unit: int, positions: Positions, tempo_bpm: float) -> tuple[Placed, ...]:
        column = self.streams.index(part.stream)
        return place(felt[:, column], after[:, column], part, positions, tempo_bpm, self._feel_from(unit))

    def goes_on(self, said: Said) -> bool:
        return bool((said == HOLD).all(axis=0).any())

    def _feel_from(self, unit: int) -> Feel | None:
        """The feel as it stands at the line of a unit."""
        if self.feel is None:
            return None
        passed = unit * self.steps % len(self.feel.velocity)
        return Feel(np.roll(self.feel.velocity, -passed), np.roll(self.feel.offset, -passed))


def cells(steps: int, width: int, within: int, heard: Sequence[Cell]) -> Mask:
    """A mask (steps, width): all before a step, and these."""
    mask = np.zeros((steps, width), bool)
    mask[:within] = True
    for cell in heard:
        mask[cell] = True
    return mask


def model_of(decoder: Decoder | TokenDecoder, feel: Feel | None = None) -> Model:
    """The model of an open bundle."""
    return TokenModel(decoder, feel) if isinstance(decoder, TokenDecoder) else GrooveModel(decoder, feel)


def check_streams(file: object, parts: Sequence[Part], model: Model) -> None:
    """UserError for a part that plays a stream which its bundle has not."""
    for part in parts:
        if part.stream not in model.streams:
            remedy = f'{part.bundle} has {listing(model.streams)}; give stream = "{model.streams[0]}"'
            raise UserError(f'{file}: [[part]] name = "{part.name}": plays {part.stream}, but {remedy}')
