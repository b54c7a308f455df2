"""Models small enough to reason about, and phrases written by hand."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mvae.core.drums import CLASSES
from mvae.core.groove import FEATURES, VOICES
from mvae.train.windows import Song, Windows

Notes = NDArray[np.float32]
Points = NDArray[np.float32]


def phrase(hits: Mapping[str, Sequence[int]], velocity: float = 0.5, offset: float = 0.0, bars: int = 2) -> Notes:
    """One phrase (steps, 27): the steps of each class, all with the same velocity and offset."""
    notes = np.zeros((16 * bars, FEATURES), np.float32)
    for name, steps in hits.items():
        for step in steps:
            notes[step, CLASSES.index(name) + np.arange(3) * VOICES] = 1.0, velocity, offset
    return notes


def random_phrases(count: int, seed: int = 0, bars: int = 2, share: float = 0.2) -> Notes:
    """Phrases (count, steps, 27) with hits, velocities and offsets from chance."""
    draw = np.random.default_rng(seed)
    hits = draw.random((count, 16 * bars, VOICES)) < share
    velocities, offsets = draw.uniform(0.1, 0.9, hits.shape), draw.uniform(-0.6, 0.6, hits.shape)
    return np.concatenate([hits, hits * velocities, hits * offsets], axis=2).astype(np.float32)


def windows_over(notes: Notes, songs: Sequence[Song], song: Sequence[int]) -> Windows:
    """Windows whose batch is `notes` (n, steps, 27), in this order."""
    steps = notes.shape[1]
    rows = notes.reshape(-1, FEATURES).astype(np.float16)
    start = np.arange(len(notes), dtype=np.int64) * steps
    place = np.array(song, np.int64)
    return Windows(steps // 16, rows, tuple(songs), start, place, np.full(len(notes), 120.0), np.zeros(len(notes), bool))


def song_of(file: str, style: str = "rock", beat_type: str = "beat") -> Song:
    return Song(file, "train", style, beat_type, "someone", 0, 32, ((0.0, 120.0),), 0.0)


class Echo:
    """Answers phrase number i with `answers[i]`: mu is the number itself, found again by hits."""

    z_size = 2

    def __init__(self, notes: Notes, answers: Notes):
        self.bars = notes.shape[1] // 16
        self.notes, self.answers = notes, answers

    def encode(self, notes: Notes) -> tuple[Points, Points]:
        rows = [int(np.abs(self.notes - one).sum((1, 2)).argmin()) for one in notes]
        mu = np.stack([np.array(rows), np.zeros(len(rows))], axis=1).astype(np.float32)
        return mu, np.ones_like(mu)

    def decode(self, z: Points, uniform: Notes | None = None, temperature: float = 0.0) -> Notes:
        return self.answers[np.rint(z[:, 0]).astype(int)]


class Dials:
    """Every number of z is a dial: 0 adds snares, 1 is the velocity, 2 how late, and with temperature chance adds kicks."""

    z_size, bars = 4, 2

    def encode(self, notes: Notes) -> tuple[Points, Points]:
        hits, velocities, offsets = (notes[..., part : part + VOICES].sum((1, 2)) for part in (0, 9, 18))
        snares = notes[:, :, 1].sum(1)
        mu = np.stack([(snares - 16) / 5, (velocities / hits - 0.5) / 0.15, offsets / hits / 0.2, 0 * hits], axis=1)
        return mu.astype(np.float32), np.full_like(mu, 0.1, dtype=np.float32)

    def decode(self, z: Points, uniform: Notes | None = None, temperature: float = 0.0) -> Notes:
        notes = np.zeros((len(z), 32, FEATURES), np.float32)
        order = np.argsort(np.arange(32) * 7 % 32)  # in which order steps are filled
        notes[:, :, 1] = order < np.clip(16 + 5 * z[:, :1], 0, 32)
        notes[:, 0, 0] = 1
        if uniform is not None:
            notes[:, 1:, 0] = uniform[:, 1:, 0] < 0.1 * temperature
        hits = notes[..., :VOICES]
        notes[..., 9:18] = hits * np.clip(0.5 + 0.15 * z[:, 1, None, None], 0.01, 1)
        notes[..., 18:] = hits * np.clip(0.2 * z[:, 2, None, None], -1, 1)
        return notes
