"""The settings of a part: which stream of which bundle it plays, what that sounds as, how it is shaped.

Frozen data; knows nothing of files or of notes already placed.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sound:
    """What a drum class plays: a MIDI note on a channel 0..15."""

    channel: int
    pitch: int


@dataclass(frozen=True, slots=True)
class Velocities:
    """Shaping of velocities: from `low` to `high` (1..127) along v ** `exponent`."""

    low: int = 1
    high: int = 127
    exponent: float = 1.0

    def midi(self, velocity: float) -> int:
        """The MIDI velocity, at least 1, of a velocity 0..1 (clipped)."""
        share = math.pow(min(max(velocity, 0.0), 1.0), self.exponent)
        return max(1, round(self.low + (self.high - self.low) * share))


MAIN = 0  # the slot of the instrument's own port
VIRTUAL = "virtual"  # instead of a port's name: a virtual port of the part's own
CHANNELS = 16
MELODIC = ("melody", "bass")  # streams of one voice, with pitches of their own; all others are drums


@dataclass(frozen=True, slots=True)
class Part:
    """One voice of the band. Parts of the same bundle share one latent; `stream` is the bundle's, as a rule named as the part.

    Drums have `sounds`, one for each class; a melodic part has a `channel` 0..15 and a register, `low` to `high`. `delay_ms` is later when
    positive; `gate_ms` None is as decoded, of a groove half a step. `port` is what the patch says of where it sounds: a fragment of an
    output's name, VIRTUAL, or None for the instrument's own port; `slot` is where its own port is found, alike for parts of one port.
    What a part has a knob for is where that begins (`mvae.core.standing`). What is played on a controller with `thru` in its name sounds
    where the part does.
    """

    name: str
    bundle: str
    sounds: tuple[Sound, ...]
    velocities: Velocities = Velocities()
    delay_ms: float = 0.0
    gate_ms: float | None = None
    stream: str = "drums"
    channel: int = 9
    low: int = 0
    high: int = 127
    port: str | None = None
    slot: int = MAIN
    octave: int = 0
    transpose: int = 0
    accent: float = 0.0
    thru: str | None = None

    @property
    def melodic(self) -> bool:
        """Whether it is one voice with pitches, not drums."""
        return self.stream in MELODIC
