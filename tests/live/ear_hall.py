"""A hall that listens: hands play drums into it, and a toy encoder makes points of what they play."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mvae.core import groove
from mvae.core.errors import UserError
from mvae.core.phrase import Phrase
from mvae.live.capture import Capture
from mvae.live.ears import Ears
from mvae.live.ensemble import Ensemble
from mvae.live.leading import Leading
from mvae.live.listening import Listener
from mvae.live.models import GrooveModel
from tests.live.form_hall import FormHall
from tests.live.hall import DRUMS, PATCH, SEED
from tests.toy_decoder import ToyDecoder

KICK, SNARE = 36, 38
CHANNEL_10 = 9


class ToyPhrasing:
    """Two bars of drums; a point is how many hits there are in each bar, how many kicks, and how hard they are."""

    bars = 2

    def __init__(self) -> None:
        self.space = ToyDecoder().space
        self.asked: list[NDArray[Any]] = []

    def of_phrases(self, phrases: Sequence[Phrase]) -> NDArray[Any]:
        if len(phrases) != 1:
            raise UserError("one phrase")
        return groove.encode(phrases[0])

    def encode(self, music: NDArray[Any]) -> NDArray[np.float32]:
        self.asked.append(music)
        hits = music[:, groove.HITS]
        return np.array([hits[:16].sum() / 8, hits[16:].sum() / 8, hits[:, 0].sum() / 4, music[:, groove.VELOCITIES].max()], np.float32)


def ear_band(slot: str = "") -> Ensemble:
    """A band of one groove; what is heard leads a slot of its patch."""
    patch = replace(PATCH, listen=slot or None)
    return Ensemble(patch, [patch], [GrooveModel(ToyDecoder())], SEED)


class EarHall(FormHall):
    """An instrument with ears. `slot` is led by what it hears; `listens` says whether there is an input."""

    def __init__(
        self, folder: Path, path: Path | None = None, slot: str = "", hears: str = "all", listens: bool = True
    ) -> None:  # fmt: skip
        super().__init__(folder, path, ear_band(slot))
        self.ears = Ears(name="pads" if listens else "")
        self.phrasing = ToyPhrasing()
        listeners = {"toy": Listener("toy", [DRUMS], self.phrasing, hears=hears)}  # type: ignore[arg-type]
        self.instrument.add(self.ears)
        self.capture = Capture(self.instrument, self.form.board, self.ears, listeners)
        self.instrument.add(self.capture)
        if slot:
            self.instrument.add(Leading(self.instrument, self.form.board, self.ears, listeners, slot))

    def strike(self, pitch: int = KICK, velocity: int = 100, channel: int = CHANNEL_10) -> None:
        """A hand strikes now, shortly."""
        self.ears.hear(bytes((0x90 | channel, pitch, velocity)), self.clock.now)
        self.ears.hear(bytes((0x80 | channel, pitch, 0)), self.clock.now + 0.05)

    def beats(self, count: int, pitch: int = KICK, velocity: int = 100, channel: int = CHANNEL_10) -> "EarHall":
        """From the next beat on a hand strikes so many beats; it ends a tenth of a second after the last."""
        for _ in range(count):
            self.to_tick((self.tick // 960 + 1) * 960)
            self.strike(pitch, velocity, channel)
            self.run(0.1)
        return self

    def to_tick(self, tick: int) -> None:
        """Play on to a song tick."""
        self.run(max(0.0, self.link.status().time_of_tick(tick) - self.clock.now))

    @property
    def errors(self) -> list[tuple[object, ...]]:
        return [words[1:] for words in self.told if words[0] == "/mvae/error"]

    def corner(self, slot: str) -> list[float]:
        found: list[float] = self.band.corners()[slot]["toy"].tolist()
        return found
