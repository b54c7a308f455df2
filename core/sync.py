"""What a master clock says, whoever it is: where the beat is, and what its transport does. Knows nothing of MIDI, Link and ports.

Ticks are 1/960 beat. Clock ticks count on the master's clock, song ticks from bar 1 of its song.
"""

from dataclasses import dataclass
from typing import TypeAlias

from mvae.core.clock import Clock


@dataclass(frozen=True, slots=True)
class Beats:
    """The master's beat as it is known now; replaces what was known before."""

    clock: Clock


@dataclass(frozen=True, slots=True)
class Begin:
    """The song plays: its tick `song_tick` lies at `clock_tick`, which may be a little past. Where it plays already, it goes on there."""

    song_tick: int
    clock_tick: int


@dataclass(frozen=True, slots=True)
class End:
    """The song stops now."""


@dataclass(frozen=True, slots=True)
class Located:
    """While stopped: the song will go on from `song_tick`."""

    song_tick: int


@dataclass(frozen=True, slots=True)
class Heard:
    """How well the master is heard, for the performer: `state` is waiting, locked or lost; `peers` are those of a Link session."""

    state: str
    peers: int = 0


Said: TypeAlias = Beats | Begin | End | Located | Heard
