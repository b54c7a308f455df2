"""What a master clock says, whoever it is: where the beat is, and what its transport does. Knows nothing of MIDI, Link and ports.

Ticks are 1/960 beat. Clock ticks count on the master's clock, song ticks from bar 1 of its song.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

from mvae.core.clock import Clock
from mvae.core.phrase import STEPS_PER_BAR, TICKS_PER_STEP

TICKS_PER_BAR: Final = STEPS_PER_BAR * TICKS_PER_STEP


@dataclass(frozen=True, slots=True)
class Beats:
    """The master's beat as it is known now; replaces what was known before."""

    clock: Clock


@dataclass(frozen=True, slots=True)
class Begin:
    """The song plays: its tick `song_tick` lies at `clock_tick`, which may be a little past. Where it plays already, it goes on there.

    Before that there is room for a count-in of `bars`; None for a start, with which a count-in begins.
    """

    song_tick: int
    clock_tick: int
    bars: int | None = None


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


def entrance(song_tick: int, bars: int) -> int:
    """The song tick at which the music enters that is counted in from `song_tick` on: at a bar line, after so many whole bars."""
    return song_tick + (-song_tick % TICKS_PER_BAR + bars * TICKS_PER_BAR if bars else 0)


Said: TypeAlias = Beats | Begin | End | Located | Heard
