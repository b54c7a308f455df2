"""What a lookahead keeps in mind: what it aims at, the units it has decoded, the fills laid over them. Frozen data."""

from dataclasses import dataclass

from mvae.core.panel import Positions
from mvae.core.phrase import TICKS_PER_STEP
from mvae.core.score import Due
from mvae.core.shaping import Placed
from mvae.core.steer import Course
from mvae.live.models import Asked, Cell, Said

Heard = tuple[Cell, ...]
PartNotes = tuple[tuple[Placed, ...], ...]  # of each part
Stand = tuple[object, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Aim:
    """All that decides what is decoded: where the knobs stand, the course of the latent, and whose chance it is."""

    positions: Positions
    course: Course
    seed: int
    roll: int


@dataclass(frozen=True, slots=True)
class Fill:
    """The last steps of a decoded fill, laid over the music from absolute step `start` to `end`."""

    start: int
    end: int
    tokens: Said  # with feel


@dataclass(frozen=True, slots=True)
class Plan:
    """A decoded unit, a phrase or a bar of one, in its place."""

    index: int  # how many units came before it
    asked: Asked
    tokens: Said
    plain: PartNotes  # shaped, as if there were no fill; ticks from its line
    placed: PartNotes  # with the fills that fall into it; a mute changes neither
    heard: Heard  # what had begun when it was decoded, wherever its feel has moved it since


def due(note: Placed, line: int) -> Due:
    """A note in the song, its unit's line at an absolute step."""
    tick = line * TICKS_PER_STEP
    return Due(note.voice, line + note.step, tick + note.on_tick, tick + note.off_tick, note.channel, note.pitch, note.velocity)
