"""The Python door to a bundle: phrases sampled, encoded, decoded and interpolated in a REPL, a notebook or a script.

The questions are those of `mvae.live.phrasing`, as the commands `sample`, `interpolate` and `reconstruct` ask them: the same bundle, seed
and temperature give the same music here and there. No port, no clock. One thread at a time may call a Model.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mvae.core.errors import UserError
from mvae.core.latent import Latent
from mvae.core.midifile import DEFAULT_BPM
from mvae.core.names import match, unknown
from mvae.core.phrase import Phrase, join
from mvae.core.png import Pixels, png_bytes
from mvae.core.roll import Lane, picture
from mvae.live.offline import contact_sheet, find_bundle, numbered, point
from mvae.live.phrase_files import make_folder, midi_bytes, write_file
from mvae.live.phrasing import Phrasing, Said, between, phrasing_of, sampled
from mvae.live.token_decoder import open_decoder

TEMPERATURE = 0.5
MOST = 10_000  # phrases at once


class Heard(ABC):
    """What can be done with music from a model: written as a .mid, drawn as a .png, and shown by a notebook."""

    tempo_bpm: float

    @abstractmethod
    def _lanes(self) -> Sequence[Lane]: ...

    @abstractmethod
    def _pixels(self) -> Pixels: ...

    def to_midi(self, path: str | Path, tempo: float | None = None) -> Path:
        """Write a Standard MIDI file at `tempo` BPM. UserError where the disk refuses."""
        write_file(Path(path), midi_bytes(self._lanes(), tempo or self.tempo_bpm))
        return Path(path)

    def png(self, path: str | Path) -> Path:
        """Write a picture. UserError where the disk refuses."""
        write_file(Path(path), self._repr_png_())
        return Path(path)

    def _repr_png_(self) -> bytes:
        """What a notebook shows."""
        return png_bytes(self._pixels())


class Bars(Heard):
    """A phrase that a model said, and the point where it said it.

    `z` (z,) float32; `music` float32 (steps, 27) of a groove, int64 (steps, streams) of tokens; `phrases` by stream, with their notes.
    """

    def __init__(self, bundle: Phrasing, said: Said, tempo_bpm: float = DEFAULT_BPM) -> None:
        self.z, self.music, self.tempo_bpm = said.z, said.music, tempo_bpm
        self.lanes = bundle.lanes(said.music)

    @property
    def phrases(self) -> dict[str, Phrase]:
        """A phrase for each stream: drums, melody, bass."""
        return {lane.name: lane.phrase for lane in self.lanes}

    def _lanes(self) -> Sequence[Lane]:
        return self.lanes

    def _pixels(self) -> Pixels:
        return picture(self.lanes)

    def __repr__(self) -> str:
        counts = ", ".join(f"{len(phrase.notes)} notes of {name}" for name, phrase in self.phrases.items())
        return f"<{self.lanes[0].phrase.bars} bars: {counts}>"


class Phrases(Heard, Sequence[Bars]):
    """Several phrases in their order. Written as a .mid they follow each other; to a folder each is a file of its own."""

    def __init__(self, each: Sequence[Bars]) -> None:
        self._each, self.tempo_bpm = tuple(each), each[0].tempo_bpm

    @overload
    def __getitem__(self, index: int) -> Bars: ...
    @overload
    def __getitem__(self, index: slice) -> "Phrases": ...
    def __getitem__(self, index: int | slice) -> "Bars | Phrases":
        return Phrases(self._each[index]) if isinstance(index, slice) else self._each[index]

    def __len__(self) -> int:
        return len(self._each)

    @property
    def z(self) -> NDArray[np.float32]:
        """Every point, (phrases, z)."""
        return np.stack([bars.z for bars in self])

    def to_midi(self, path: str | Path, tempo: float | None = None) -> Path:
        """Write one Standard MIDI file, or into a folder one of each. UserError where the disk refuses."""
        if Path(path).suffix.lower() in (".mid", ".midi"):
            return super().to_midi(path, tempo)
        folder = make_folder(Path(path))
        for name, bars in zip(numbered("phrase", len(self)), self, strict=True):
            bars.to_midi(folder / f"{name}.mid", tempo)
        return folder

    def _lanes(self) -> Sequence[Lane]:
        streams = zip(*(bars.lanes for bars in self), strict=True)
        return [Lane(lanes[0].name, join(lane.phrase for lane in lanes), lanes[0].drums) for lanes in streams]

    def _pixels(self) -> Pixels:
        return contact_sheet([str(number) for number in range(1, len(self) + 1)], [bars.lanes for bars in self])

    def __repr__(self) -> str:
        return "[" + ",\n ".join(map(repr, self)) + "]"


Music = str | Path | Bars | Phrase | Sequence[Phrase] | ArrayLike  # a .mid, a phrase for each stream, or the array of them
Place = Music  # or a point (z,), or an anchor's name


class Model:
    """A bundle, open. Make it with `Model.open`."""

    def __init__(self, name: str, bundle: Phrasing, about: str) -> None:
        self.name, self._bundle, self._about = name, bundle, about

    @classmethod
    def open(cls, name: str | Path, provider: str = "auto") -> "Model":
        """A bundle that comes with mvae, by name, or one in a folder. UserError with the list of what exists."""
        folder = find_bundle(str(name))
        decoder = open_decoder(folder, provider)
        about = f"{decoder.card.kind}, {decoder.bars} bars, z {decoder.card.z_size}, {decoder.provider}"
        return cls(folder.name, phrasing_of(decoder), about)

    @property
    def bars(self) -> int:
        """How many bars a phrase has."""
        return self._bundle.bars

    @property
    def anchors(self) -> dict[str, Latent]:
        """The named points of the bundle, each (z,)."""
        return dict(self._bundle.space.anchors)

    @property
    def axes(self) -> tuple[str, ...]:
        """The attributes that `move` knows."""
        return tuple(self._bundle.space.axes)

    def sample(self, count: int = 1, temperature: float = TEMPERATURE, seed: int = 0, tempo: float = DEFAULT_BPM) -> Phrases:
        """Fresh phrases, drawn from what the bundle knows of music; the same again for the same seed."""
        said = sampled(self._bundle, _whole("count", count, 1), _degree(temperature), _seed(seed))
        return Phrases([Bars(self._bundle, each, tempo) for each in said])

    def encode(self, music: Music, bar: int | None = None) -> Latent:
        """The point (z,) of music: a .mid file (from bar `bar`, or where its music begins), bars, a phrase for each stream, or their array.

        UserError in one line where the music does not fit the bundle.
        """
        if isinstance(music, (str, Path)):
            return point(self._bundle, str(music), bar).z
        return self._bundle.encode(self._taken(music))

    def decode(self, z: Place, temperature: float = TEMPERATURE, seed: int = 0, tempo: float | None = None) -> Bars:
        """What the model says at a point (z,), or at whatever else `encode` takes."""
        point, tempo_bpm = self._place(z)
        said = Said(point, self._bundle.decode(point, _degree(temperature), _seed(seed), 0))
        return Bars(self._bundle, said, tempo or tempo_bpm or DEFAULT_BPM)

    def interpolate(
        self, a: Place, b: Place, steps: int = 9, temperature: float = TEMPERATURE, seed: int = 0, tempo: float | None = None
    ) -> Phrases:
        """The way from one point to another, both ends included; they may be whatever `encode` takes."""
        (start, start_bpm), (end, end_bpm) = self._place(a), self._place(b)
        said = between(self._bundle, start, end, _whole("steps", steps, 2), _degree(temperature), _seed(seed))
        return Phrases([Bars(self._bundle, each, tempo or start_bpm or end_bpm or DEFAULT_BPM) for each in said])

    def move(self, z: Place, **axes: float) -> Latent:
        """The point (z,) this many standard deviations along axes of the bundle: `model.move(z, density=1.5)`."""
        point = self._place(z)[0]
        known = self._bundle.space.axes
        for given, value in axes.items():
            name = match(given, known)
            if name is None:
                raise UserError(unknown("axis of the bundle", given, tuple(known)))
            point = point + known[name].move(value)
        return point

    def _place(self, place: Place) -> tuple[Latent, float | None]:
        """A point, and the tempo it was played at, where it was. Bars that a model of this size said stand where they were said."""
        size = self._bundle.space.z_size
        if isinstance(place, (str, Path)):
            found = point(self._bundle, str(place), None)
            return found.z, found.tempo_bpm
        if isinstance(place, Bars):
            return (place.z if place.z.shape == (size,) else self.encode(place)), place.tempo_bpm
        if not isinstance(place, (Phrase, Sequence)) and np.shape(place) == (size,):
            return np.asarray(place, np.float32), None
        return self.encode(place), None

    def _taken(self, music: Music) -> NDArray[np.generic]:
        """Music as the model takes it."""
        if isinstance(music, Bars):
            return self._bundle.fitting(music.music)
        phrases = [music] if isinstance(music, Phrase) else music
        if isinstance(phrases, Sequence) and phrases and all(isinstance(each, Phrase) for each in phrases):
            return self._bundle.of_phrases([each for each in phrases if isinstance(each, Phrase)])
        return self._bundle.fitting(np.asarray(music))

    def __repr__(self) -> str:
        return f"<Model {self.name}: {self._about}; anchors {', '.join(self.anchors) or 'none'}; axes {', '.join(self.axes) or 'none'}>"


def _whole(name: str, value: int, low: int) -> int:
    if not isinstance(value, (int, np.integer)):
        raise UserError(f"{name} takes a whole number, got {value!r}")
    if not low <= value <= MOST:
        raise UserError(f"{name} = {value} is outside {low} to {MOST}")
    return int(value)


def _seed(seed: int) -> int:
    if not isinstance(seed, (int, np.integer)) or seed < 0:
        raise UserError(f"seed takes a whole number from 0 on, got {seed!r}")
    return int(seed)


def _degree(temperature: float) -> float:
    if not isinstance(temperature, (int, float, np.number)):
        raise UserError(f"temperature takes a number, got {temperature!r}")
    if not 0 <= temperature <= 10:
        raise UserError(f"temperature = {temperature} is outside 0 to 10")
    return float(temperature)
