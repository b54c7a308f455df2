"""What is locked of one bundle: voices that go on as they are, whatever else changes. Both through the graph's `forced` and `mask`.

A voice is a column of what the model says: a class of a groove, a stream of tokens; of drums in tokens also a bit of the set, and sets
that have it otherwise are barred (`core.drum_sets`), so that the model hears whatever is locked. A lock keeps what was planned last, unit
by unit of the phrase, or what was played in (`offer`).
Deterministic; knows nothing of time.
"""

from collections.abc import Iterable, Sequence
from copy import copy
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mvae.core.drums import CLASSES
from mvae.core.panel import Positions
from mvae.core.part import Part
from mvae.core.tokens import FIRST_PITCH

Said = NDArray[Any]  # (steps, ...) raw, as `models.Said`
Mask = NDArray[np.bool_]  # (steps, columns)
Bits = NDArray[np.int64]  # (steps, columns): those of a set that are decided
WHOLE = -1  # instead of a bit: all of a column


class Voice(NamedTuple):
    """A column, or one bit of it."""

    column: int
    bit: int = WHOLE


class Kept(NamedTuple):
    """What a voice plays in a unit, as bytes."""

    unit: int
    voice: Voice
    content: bytes


class Held(NamedTuple):
    """What a decoder may not choose: cells of `forced` where `mask` is true, and of the sets there these `bits`. None: nothing."""

    forced: Said | None = None
    mask: Mask | None = None
    bits: Bits | None = None


class Locks:
    """The locks of a bundle's parts. `streams` are the model's; a groove has nine `columns` of `width` numbers, tokens one each stream."""

    def __init__(self, parts: Sequence[Part], streams: Sequence[str], steps: int, nothing: Said) -> None:
        self.steps, self.dtype, self.width = steps, nothing.dtype, nothing.shape[1]
        self.is_groove = self.width > len(streams)
        self.columns = len(CLASSES) if self.is_groove else len(streams)
        self.drums = None if self.is_groove or "drums" not in streams else list(streams).index("drums")
        self.switches = dict(self._switches(parts, streams))
        self.offers = 0
        self._now: dict[int, Said] = {}  # by unit: what was planned last
        self._kept: dict[tuple[int, Voice], bytes] = {}

    def copy(self) -> "Locks":
        """The same, which goes its own way from now on."""
        made = copy(self)
        made._now, made._kept = dict(self._now), dict(self._kept)
        return made

    def wanted(self, positions: Positions) -> tuple[Voice, ...]:
        """The voices that are locked, in order."""
        return tuple(sorted({voice for name, voices in self.switches.items() if positions.switches.get(name) for voice in voices}))

    def turn(self, positions: Positions) -> None:
        """Take hold of what is locked from now on, let go of what is not."""
        wanted = self.wanted(positions)
        self._kept = {key: content for key, content in self._kept.items() if key[1] in wanted}
        for unit, said in self._now.items():
            for voice in wanted:
                if (unit, voice) not in self._kept:
                    self._kept[unit, voice] = self._of(said, voice).tobytes()

    def planned(self, unit: int, said: Said) -> None:
        """A unit (steps, ...) that will sound."""
        self._now[unit] = said

    def offer(self, music: Said) -> None:
        """Lock what was played in, a phrase (steps, ...), instead: the voices that it has, those of them that are wanted."""
        self.offers += 1
        for voice in voices_in(music, self.columns, self.drums):
            for unit in range(len(music) // self.steps):
                said = music[unit * self.steps : (unit + 1) * self.steps].astype(self.dtype)
                self._kept[unit, voice] = self._of(said, voice).tobytes()

    def switches_of(self, music: Said) -> tuple[str, ...]:
        """The switches that lock the voices of a phrase (steps, ...), each class of drums by itself."""
        voices = voices_in(music, self.columns, self.drums)
        finest = [voice for voice in voices if voice.bit != WHOLE or voice.column != self.drums]
        return tuple(name for name, own in self.switches.items() if len(own) == 1 and own[0] in finest)

    def asked(self, positions: Positions) -> tuple[Kept, ...]:
        """What is kept while the positions are these."""
        wanted = self.wanted(positions)
        return tuple(Kept(unit, voice, content) for (unit, voice), content in sorted(self._kept.items()) if voice in wanted)

    def forced(self, locked: Iterable[Kept], unit: int, forced: Said | None = None, mask: Mask | None = None) -> Held:
        """What is locked in a unit, besides what is forced there already."""
        here = [kept for kept in locked if kept.unit == unit]
        if not here:
            return Held(forced, mask)
        laid = np.zeros((self.steps, self.width), self.dtype) if forced is None else forced.copy()
        held = np.zeros((self.steps, self.columns), bool) if mask is None else mask.copy()
        bits = np.zeros((self.steps, self.columns), np.int64)
        for _, (column, bit), content in here:  # a whole column comes before its bits
            free = ~held[:, column]
            if bit == WHOLE:
                laid[free, column :: self.columns] = self._read(content)[free]
                held[:, column] = True
            else:
                laid[free, column] = (laid[free, column] & ~(1 << bit)) | self._read(content)[free, 0]
                bits[free, column] |= 1 << bit
        return Held(laid, held, bits if bits.any() else None)

    def forced_until(self, locked: Sequence[Kept], end: int, units: int) -> Held:
        """What is locked in as many steps as a unit has, those before absolute step `end`; they may lie in two of the `units`."""
        first, within = divmod(end - self.steps, self.steps)
        halves = [self.forced(locked, index % units) for index in (first, first + 1)]
        if all(half.mask is None for half in halves):
            return Held()
        shapes = (self.width, self.dtype), (self.columns, bool), (self.columns, np.int64)
        sides = [
            np.concatenate([np.zeros((self.steps, width), kind) if side is None else side for side in both])
            for both, (width, kind) in zip(zip(*halves, strict=True), shapes, strict=True)
        ]
        forced, mask, bits = (side[within : within + self.steps] for side in sides)
        return Held(forced, mask, bits if bits.any() else None)

    def kept_in(self, positions: Positions, laid: Said, own: Said) -> Said:
        """Steps of music `laid` over a unit's `own` (steps, ...), the voices that are locked as they are there."""
        laid = laid.copy()
        for column, bit in self.wanted(positions):
            if bit == WHOLE:
                laid[:, column :: self.columns] = own[:, column :: self.columns]
            else:
                laid[:, column] = (laid[:, column] & ~(1 << bit)) | (own[:, column] & (1 << bit))
        return laid

    def _of(self, said: Said, voice: Voice) -> Said:
        own: Said = said[:, voice.column :: self.columns]
        return np.ascontiguousarray(own if voice.bit == WHOLE else own & (1 << voice.bit))

    def _read(self, content: bytes) -> Said:
        return np.frombuffer(content, self.dtype).reshape(self.steps, -1)

    def _switches(self, parts: Sequence[Part], streams: Sequence[str]) -> Iterable[tuple[str, tuple[Voice, ...]]]:
        """What each switch locks."""
        for part in parts:
            column = list(streams).index(part.stream)
            whole = tuple(map(Voice, range(self.columns))) if self.is_groove else (Voice(column),)
            yield f"lock {part.name}", whole
            for number, name in enumerate(() if part.melodic else CLASSES):
                yield f"lock {part.name} {name}", (Voice(number) if self.is_groove else Voice(column, number),)


def voices_in(music: Said, columns: int, drums: int | None) -> tuple[Voice, ...]:
    """The voices that play in a phrase: a groove's (steps, 27) classes, tokens' (steps, streams) streams, and bits of `drums`, a column."""
    if music.shape[1] > columns:
        return tuple(Voice(column) for column in range(columns) if (music[:, column] > 0.5).any())
    begins = [bool((music[:, column] >= (1 if column == drums else FIRST_PITCH)).any()) for column in range(columns)]
    whole = tuple(Voice(column) for column in range(columns) if begins[column])
    if drums is None:
        return whole
    bits = int(np.bitwise_or.reduce(music[:, drums].astype(np.int64)))
    return (*whole, *(Voice(drums, bit) for bit in range(len(CLASSES)) if bits >> bit & 1))
