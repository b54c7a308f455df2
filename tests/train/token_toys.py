"""A model of melodies whose numbers are dials, and songs of tokens written by hand."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mvae.core.tokens import FIRST_PITCH, Tokens
from mvae.core.track import Track
from mvae.train.token_windows import TokenSong, TokenWindows

Points = NDArray[np.float32]
ORDER = np.argsort(np.arange(32) * 13 % 32)  # in which order steps are filled
SCALE = np.array([0, 2, 4, 5, 7, 9, 11])


class Keys:
    """A melody of two bars: z0 is how many notes it has, z1 how high they lie; chance moves notes by an octave at temperature 1."""

    kind, bars, z_size = "melody", 2, 3

    def encode(self, tokens: Tokens) -> tuple[Points, Points]:
        begins = tokens[..., 0] >= FIRST_PITCH
        count = begins.sum(1)
        pitch = np.where(begins, tokens[..., 0] - FIRST_PITCH, 0).sum(1) / np.maximum(count, 1)
        mu = np.stack([(count - 16) / 4, (pitch - 64) / 6, 0 * count], axis=1).astype(np.float32)
        return mu, np.full_like(mu, 0.1)

    def decode(self, z: Points, noise: NDArray[np.float32] | None, temperature: float) -> Tokens:
        steps = np.arange(32)
        begins = np.clip(16 + 4 * z[:, :1], 1, 32) > ORDER
        degree = np.rint(7 * (z[:, 1:2] * 6 + 64 - 48) / 12).astype(np.int64) + steps % 3
        pitch = 48 + 12 * (degree // 7) + SCALE[degree % 7]
        if noise is not None and temperature > 0:
            pitch = pitch + 12 * (noise[:, :, 0] * temperature > 2)
        return np.where(begins, FIRST_PITCH + np.clip(pitch, 0, 127), 0)[..., None].astype(np.int64)


def melody(notes: Mapping[int, int], bars: int = 2) -> Tokens:
    """One melody (steps, 1): step -> pitch."""
    tokens = np.zeros((16 * bars, 1), np.int64)
    for step, pitch in notes.items():
        tokens[step] = FIRST_PITCH + pitch
    return tokens


def windows_over(phrases: Sequence[Tokens], songs: Sequence[tuple[str, str]], song: Sequence[int]) -> TokenWindows:
    """Windows of melodies whose batch is `phrases`, in this order; `songs` are (file, set)."""
    rows = np.concatenate([phrase[:, 0] for phrase in phrases]).astype(np.uint16)
    start = np.arange(len(phrases), dtype=np.int64)[:, None] * len(phrases[0])
    labelled = tuple(TokenSong(file, "test", name, 120.0) for file, name in songs)
    return TokenWindows("melody", len(phrases[0]) // 16, rows, labelled, start, np.array(song, np.int64))


def folder_of_tunes(folder: Path, songs: int = 20, bars: int = 8) -> Path:
    """A folder of melodies in C with a `split.csv` that gives every split some, the set cre and a title each."""
    lines = ["file,split,source_set,title"]
    for number in range(songs):
        draw, track, step = np.random.default_rng(number), Track(), 0
        while step < bars * 16:
            length = int(draw.choice([1, 2, 2, 4]))
            pitch = 60 + int(draw.integers(-5, 6)) // 5 * 12 + int(draw.choice(SCALE))
            track.note(step * 240, True, 0, pitch, 90)
            track.note((step + length) * 240, False, 0, pitch, 0)
            step += length
        (folder / f"{number}.mid").write_bytes(track.file())
        split = ("train", "train", "validation", "test", "test")[number % 5]
        lines.append(f'{number}.mid,{split},cre,"{number} Tune {chr(65 + number)}, in C"')
    (folder / "split.csv").write_text("\n".join(lines) + "\n")
    return folder
