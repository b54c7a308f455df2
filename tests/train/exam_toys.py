"""Models of tokens small enough to reason about, and windows of phrases written by hand."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mvae.core.latent import Axis, Mixture
from mvae.core.tokens import FIRST_PITCH, STREAMS, VOCABULARY, Tokens, canonical_mono
from mvae.train.token_windows import TokenSong, TokenWindows

Points = NDArray[np.float32]


def random_melodies(count: int, seed: int = 0, bars: int = 2, share: float = 0.4) -> Tokens:
    """Phrases (count, steps, 1) of white and black keys from chance."""
    draw = np.random.default_rng(seed)
    tokens = np.where(draw.random((count, 16 * bars)) < share, FIRST_PITCH + draw.integers(55, 80, (count, 16 * bars)), 0)
    return np.asarray(canonical_mono(tokens)[..., None], np.int64)


def random_trios(count: int, seed: int = 0, bars: int = 2) -> Tokens:
    """Phrases (count, steps, 3) from chance."""
    draw = np.random.default_rng(seed)
    drums = draw.integers(0, 8, (count, 16 * bars, 1))
    return np.concatenate([random_melodies(count, seed, bars), random_melodies(count, seed + 1, bars), drums], axis=2)


def token_windows(kind: str, tokens: Tokens, song: Sequence[int], sets: Sequence[str]) -> TokenWindows:
    """Windows whose batch is `tokens` (n, steps, streams), in this order; `sets` names each song's data set."""
    n, steps, streams = tokens.shape
    rows = tokens.transpose(2, 0, 1).reshape(-1).astype(np.uint16)
    start = np.arange(n)[:, None] * steps + np.arange(streams)[None] * n * steps
    songs = tuple(TokenSong(f"{number}.mid", "test", name, 120.0) for number, name in enumerate(sets))
    return TokenWindows(kind, steps // 16, rows, songs, start.astype(np.int64), np.array(song, np.int64))


class EchoTokens:
    """Answers phrase number i with `answers[i]`, whether it is taught or plays on its own: mu is the number itself, found again."""

    z_size, temperature, hierarchical = 2, 1.0, False
    mixture: Mixture | None = None
    axes: Mapping[str, Axis] = {}
    sets: tuple[str, ...] = ()

    def __init__(self, kind: str, phrases: Tokens, answers: Tokens):
        self.kind, self.bars, self.phrases, self.answers = kind, phrases.shape[1] // 16, phrases, answers

    def encode(self, tokens: Tokens) -> tuple[Points, Points]:
        rows = [int((self.phrases != one).sum((1, 2)).argmin()) for one in tokens]
        mu = np.stack([np.array(rows), np.zeros(len(rows))], axis=1).astype(np.float32)
        return mu, np.full_like(mu, 0.01)

    def decode(self, z: Points, noise: NDArray[np.float32] | None, temperature: float) -> Tokens:
        return self.answers[np.rint(z[:, 0]).astype(int) % len(self.answers)]

    def logits(self, z: Points, tokens: Tokens) -> NDArray[np.float32]:
        """Half of the chance on the answer, the rest spread evenly."""
        parts = list[NDArray[np.float32]]()
        for n, (name, answer) in enumerate(zip(STREAMS[self.kind], self.decode(z, None, 0.0).transpose(2, 0, 1), strict=True)):
            one = np.zeros((*answer.shape, VOCABULARY[name]), np.float32)
            np.put_along_axis(one, answer[..., None], np.float32(np.log(VOCABULARY[name] - 1)), -1)
            parts.append(one)
            assert n < tokens.shape[2]
        return np.concatenate(parts, -1)


class DialTokens:
    """A melody whose z is two dials: how many notes it has, and how many of them are white keys. Above temperature 0, chance picks keys."""

    kind, bars, z_size, temperature, hierarchical = "melody", 2, 2, 0.0, True
    mixture: Mixture | None = None
    axes: Mapping[str, Axis] = {}
    sets: tuple[str, ...] = ()

    def encode(self, tokens: Tokens) -> tuple[Points, Points]:
        begins = tokens[..., 0] >= FIRST_PITCH
        notes = np.maximum(begins.sum(1), 1)
        white = (begins & (tokens[..., 0] != FIRST_PITCH + 61)).sum(1) / notes
        mu = np.stack([(notes - 16) / 5, (white - 0.5) * 4], axis=1).astype(np.float32)
        return mu, np.full_like(mu, 0.1)

    def decode(self, z: Points, noise: NDArray[np.float32] | None, temperature: float) -> Tokens:
        place = np.argsort(np.arange(32) * 7 % 32)  # in which order steps are filled
        count = np.clip(np.rint(16 + 5 * z[:, :1]), 1, 32)
        white = place % 8 < 8 * np.clip(0.5 + z[:, 1:] / 4, 0, 1)
        keys = np.where(white, 60 + 4 * (place % 2), 61)
        if noise is not None and temperature > 0:
            keys = keys + 12 * (noise[:, :, 0] > 1)
        return np.where(place < count, FIRST_PITCH + keys, 0)[..., None].astype(np.int64)

    def logits(self, z: Points, tokens: Tokens) -> NDArray[np.float32]:
        answer = self.decode(z, None, 0.0)
        said = np.zeros((*answer.shape[:2], VOCABULARY["melody"]), np.float32)
        np.put_along_axis(said, answer, np.float32(8), -1)
        return said
