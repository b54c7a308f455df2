"""The pairs of a blind listening test, and the page that plays them.

Three sources stand against each other: windows of real songs, what the hierarchical model plays, and what its flat twin plays.
The page and its answers know a clip by its code, which is a hash of the test's name, the pair's number and the source; only who
tries the three sources finds out which it is. Knows nothing of commands.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mvae.core.chance import token_noise
from mvae.core.latent import Mixture, Space
from mvae.core.phrase import STEPS_PER_BEAT
from mvae.core.tokens import STREAMS, Tokens, decode
from mvae.train.mixture import sample
from mvae.train.token_windows import TokenWindows

Points = NDArray[np.float32]  # (n, z)

SOURCES = ("real", "hierarchical", "flat")
CODE_DIGITS = 12
TEMPLATE = Path(__file__).with_name("listening.html")


class Model(Protocol):
    """What this module asks of an opened bundle."""

    @property
    def streams(self) -> tuple[str, ...]: ...
    @property
    def vocabulary(self) -> tuple[int, ...]: ...
    @property
    def steps(self) -> int: ...
    @property
    def space(self) -> Space: ...
    def encode(self, tokens: Tokens) -> tuple[Points, Points]: ...
    def decode(self, z: NDArray[np.float32], noise: NDArray[np.float32], temperature: float) -> Tokens: ...


@dataclass(frozen=True, slots=True)
class Clip:
    """A phrase and where it comes from."""

    source: str
    tokens: Tokens  # (steps, streams)


@dataclass(frozen=True, slots=True)
class ListeningTest:
    """The pairs of a test; `name` is a hash of all that can be heard in it."""

    name: str
    kind: str
    tempo_bpm: float
    pairs: tuple[tuple[Clip, Clip], ...]


def code(test: str, pair: int, source: str) -> str:
    """What the page calls a clip."""
    return hashlib.sha256(f"{test}/{pair}/{source}".encode()).hexdigest()[:CODE_DIGITS]


def source_of(test: str, pair: int, told: str) -> str | None:
    """The source of the clip that the page calls `told`; None when it is none of this pair's."""
    return next((source for source in SOURCES if code(test, pair, source) == told), None)


def make_test(kind: str, clips: Mapping[str, Sequence[Tokens]], pairs: int, tempo_bpm: float, seed: int) -> ListeningTest:
    """So many pairs, each two sources against each other as often as the other two, no clip heard twice. `clips` by source."""
    left = {source: iter(clips[source]) for source in SOURCES}
    meetings = list(combinations(SOURCES, 2))
    met = [tuple(Clip(source, next(left[source])) for source in meetings[number % 3]) for number in range(pairs)]
    order = np.random.default_rng(seed).permutation(pairs)
    shuffled = [met[number] for number in order]
    heard = hashlib.sha256(f"{kind} {tempo_bpm}".encode())
    for clip in (clip for pair in shuffled for clip in pair):
        heard.update(clip.source.encode() + np.ascontiguousarray(clip.tokens, np.int64).tobytes())
    return ListeningTest(heard.hexdigest()[:CODE_DIGITS], kind, tempo_bpm, tuple((first, second) for first, second in shuffled))


def clips_needed(pairs: int) -> int:
    """The most clips that one source gives to so many pairs."""
    return pairs - pairs // 3


def real_rows(windows: TokenWindows, sets: Sequence[str], count: int, seed: int) -> NDArray[np.int64]:
    """The windows to be heard: of as many songs as there are in these sets, none twice. Fewer where there are no more."""
    rng = np.random.default_rng(seed)
    by_song = dict[int, list[int]]()
    for row in rng.permutation(windows.distinct()).tolist():
        if windows.songs[windows.song[row]].set in sets:
            by_song.setdefault(int(windows.song[row]), []).append(row)
    rounds = ((turn, place, row) for place, rows in enumerate(by_song.values()) for turn, row in enumerate(rows))
    return np.array([row for _, _, row in sorted(rounds)[:count]], np.int64)


def samples(model: Model, mixture: Mixture | None, z_size: int, count: int, temperature: float, seed: int) -> list[Tokens]:
    """Phrases from the mixture, or from N(0, 1) where there is none."""
    z = np.random.default_rng(seed).standard_normal((count, z_size)).astype(np.float32) if mixture is None else sample(mixture, count, seed)
    return decoded(model, z, temperature, seed)


def decoded(model: Model, z: Points, temperature: float, seed: int) -> list[Tokens]:
    """A phrase for each point, each with chance of its own."""
    return [
        model.decode(point, token_noise(seed, roll, 0, 0, 0.0, model.steps, model.vocabulary), temperature) for roll, point in enumerate(z)
    ]


def notes_of(kind: str, tokens: Tokens) -> list[list[int]]:
    """The notes of a phrase as the page plays them: part, step, length in steps, and pitch (of a drum its class)."""
    return [
        [part, note.step, max(1, round(note.duration * STEPS_PER_BEAT)), note.voice if STREAMS[kind][part] == "drums" else note.pitch]
        for part, phrase in enumerate(decode(kind, tokens))
        for note in phrase.notes
    ]


def page_facts(test: ListeningTest) -> dict[str, Any]:
    """What the page is told: nothing that names a source. The clips of a pair stand in the order of their codes."""
    pairs = [
        sorted(
            ({"code": code(test.name, number, clip.source), "notes": notes_of(test.kind, clip.tokens)} for clip in pair),
            key=lambda clip: str(clip["code"]),
        )
        for number, pair in enumerate(test.pairs)
    ]
    steps = len(test.pairs[0][0].tokens)
    return {"test": test.name, "tempo_bpm": test.tempo_bpm, "steps": steps, "parts": list(STREAMS[test.kind]), "pairs": pairs}


def page(test: ListeningTest) -> str:
    """The whole page; it needs nothing beside it."""
    facts = json.dumps(page_facts(test), separators=(",", ":"))
    return TEMPLATE.read_text(encoding="utf-8").replace("@@TEST@@", facts.replace("<", "\\u003c"))
