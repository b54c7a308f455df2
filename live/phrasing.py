"""A bundle asked for whole phrases, one at a time and without a performer: the same questions for grooves and for tokens.

A phrase depends on the bundle, the latent, the temperature, the seed and a number alone. Knows nothing of files or of the command line.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mvae.core import groove, tokens
from mvae.core.chance import phrase_noise, token_noise
from mvae.core.errors import UserError
from mvae.core.excerpt import Excerpt, groove_excerpt, token_excerpt
from mvae.core.groove import HITS, VOICES
from mvae.core.latent import Latent, Space, slerp
from mvae.core.midifile import Performance
from mvae.core.phrase import Phrase
from mvae.core.prior import drawn
from mvae.core.roll import Lane
from mvae.live.decoder import Decoder, add_feel
from mvae.live.token_decoder import TokenDecoder

Music = NDArray[Any]  # (steps, 27) float32 of a groove, (steps, streams) int64 of tokens
FEEL = 1.0  # the drummer's spread, as the instrument plays it by default


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """A point (z,) of the latent space, and the phrase that the model says there."""

    z: Latent
    music: Music


class Phrasing(Protocol):
    """What is asked of a bundle."""

    space: Space
    bars: int

    def read(self, performance: Performance, bar: int | None) -> Excerpt:
        """The bars of a performance that the model takes. UserError, without the file's name, where it does not fit."""
        ...

    def encode(self, music: Music) -> Latent:
        """The mean of what the model thinks it is."""
        ...

    def decode(self, z: Latent, temperature: float, seed: int, number: int) -> Music:
        """A phrase; `number` names its chance."""
        ...

    def lanes(self, music: Music) -> tuple[Lane, ...]:
        """A phrase of each stream."""
        ...

    def of_phrases(self, phrases: Sequence[Phrase]) -> Music:
        """A phrase of each stream, as the model takes them. UserError where they do not fit."""
        ...

    def fitting(self, music: Music) -> Music:
        """The same. UserError for an array of another shape."""
        ...

    def likeness(self, asked: Music, got: Music) -> tuple[str, ...]:
        """How much of a phrase came back, a line for each stream."""
        ...


class GroovePhrasing:
    """Nine drums with velocity and micro-timing."""

    def __init__(self, decoder: Decoder) -> None:
        self.decoder, self.space, self.bars = decoder, decoder.space, decoder.bars

    def read(self, performance: Performance, bar: int | None) -> Excerpt:
        return groove_excerpt(performance, self.bars, bar)

    def encode(self, music: Music) -> Latent:
        return self.decoder.encode(music)[0]

    def decode(self, z: Latent, temperature: float, seed: int, number: int) -> Music:
        noise = phrase_noise(seed, number, 0, 0, 0.0, self.decoder.steps, VOICES)
        return add_feel(self.decoder.decode(z, noise.hits, temperature), noise.feel, self.space, FEEL)

    def lanes(self, music: Music) -> tuple[Lane, ...]:
        return (Lane("drums", groove.decode(music), drums=True),)

    def of_phrases(self, phrases: Sequence[Phrase]) -> Music:
        if len(phrases) != 1:
            raise UserError(f"the model takes one phrase of drums, not {len(phrases)}")
        return self.fitting(groove.encode(phrases[0]))

    def fitting(self, music: Music) -> Music:
        return of_shape(music, (self.decoder.steps, groove.FEATURES)).astype(np.float32)

    def likeness(self, asked: Music, got: Music) -> tuple[str, ...]:
        one, other = asked[:, HITS] > 0.5, got[:, HITS] > 0.5
        f1 = 2 * (one & other).sum() / max(1, one.sum() + other.sum())
        return (f"drums: {share((one == other).all(1))} of the steps have the same hits; F1 of the hits {f1:.3f}",)


class TokenPhrasing:
    """A melody, a bass, drums or a trio of tokens."""

    def __init__(self, decoder: TokenDecoder) -> None:
        self.decoder, self.space, self.bars = decoder, decoder.space, decoder.bars

    def read(self, performance: Performance, bar: int | None) -> Excerpt:
        return token_excerpt(performance, self.decoder.kind, self.bars, bar)

    def encode(self, music: Music) -> Latent:
        return self.decoder.encode(music)[0]

    def decode(self, z: Latent, temperature: float, seed: int, number: int) -> Music:
        noise = token_noise(seed, number, 0, 0, 0.0, self.decoder.steps, self.decoder.vocabulary)
        return self.decoder.decode(z, noise, temperature)

    def lanes(self, music: Music) -> tuple[Lane, ...]:
        names = self.decoder.streams
        return tuple(Lane(name, tokens.decode_stream(name, music[:, column]), name == "drums") for column, name in enumerate(names))

    def of_phrases(self, phrases: Sequence[Phrase]) -> Music:
        try:
            return self.fitting(tokens.encode(self.decoder.kind, phrases))
        except ValueError as problem:
            raise UserError(str(problem)) from None

    def fitting(self, music: Music) -> Music:
        return of_shape(music, (self.decoder.steps, len(self.decoder.streams))).astype(np.int64)

    def likeness(self, asked: Music, got: Music) -> tuple[str, ...]:
        names = self.decoder.streams
        return tuple(f"{name}: {share(asked[:, column] == got[:, column])} of the steps are the same" for column, name in enumerate(names))


def of_shape(music: Music, shape: tuple[int, int]) -> Music:
    """The same. UserError for another shape."""
    if music.shape != shape:
        raise UserError(f"the model takes music of (steps, features) = {shape}, not {music.shape}")
    return music


def sampled(bundle: Phrasing, count: int, temperature: float, seed: int) -> list[Said]:
    """So many phrases at points drawn from what the bundle knows of music."""
    points = [drawn(bundle.space, seed, number) for number in range(count)]
    return [Said(z, bundle.decode(z, temperature, seed, number)) for number, z in enumerate(points)]


def between(bundle: Phrasing, start: Latent, end: Latent, steps: int, temperature: float, seed: int) -> list[Said]:
    """The way from one point to another in so many steps, 2 or more, both ends included; all of one chance."""
    points = [slerp(start, end, number / (steps - 1)) for number in range(steps)]
    return [Said(z, bundle.decode(z, temperature, seed, 0)) for z in points]


def share(same: NDArray[np.bool_] | Sequence[bool]) -> str:
    """How many of them, in percent."""
    return f"{100 * float(np.mean(same)):.1f} %"


def phrasing_of(decoder: Decoder | TokenDecoder) -> Phrasing:
    """The questions to an open bundle."""
    return GroovePhrasing(decoder) if isinstance(decoder, Decoder) else TokenPhrasing(decoder)
