"""The settings of a part: its bundle, what each drum class sounds as, how velocities are shaped, its delay and gate.

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


@dataclass(frozen=True, slots=True)
class Part:
    """One voice of the band. `sounds` has one for each class; `delay_ms` is later when positive; `gate_ms` None is half a step."""

    name: str
    bundle: str
    sounds: tuple[Sound, ...]
    velocities: Velocities = Velocities()
    delay_ms: float = 0.0
    gate_ms: float | None = None
