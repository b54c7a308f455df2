"""Scales by name, and the tone of a scale that is nearest to a pitch. Knows nothing of notes, registers or of who chose the key."""

from collections.abc import Mapping
from types import MappingProxyType

OCTAVE = 12
KEYS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")

SCALES: Mapping[str, tuple[int, ...]] = MappingProxyType({  # semitones above the root; the first locks nothing
    "chromatic": tuple(range(OCTAVE)),
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "locrian": (0, 1, 3, 5, 6, 8, 10),
    "harmonic minor": (0, 2, 3, 5, 7, 8, 11),
    "melodic minor": (0, 2, 3, 5, 7, 9, 11),  # the rising form
    "pentatonic major": (0, 2, 4, 7, 9),
    "pentatonic minor": (0, 3, 5, 7, 10),
    "blues": (0, 3, 5, 6, 7, 10),
    "whole tone": (0, 2, 4, 6, 8, 10),
    "diminished": (0, 2, 3, 5, 6, 8, 9, 11),  # whole step first
    "phrygian dominant": (0, 1, 4, 5, 7, 8, 10),
    "hirajoshi": (0, 2, 3, 7, 8),
    "octaves": (0,),
})  # fmt: skip


def in_scale(pitch: int, root: int, scale: str) -> bool:
    """Whether a pitch is a tone of the scale on `root` (a pitch class, 0 is C). KeyError for a scale that is not in SCALES."""
    return (pitch - root) % OCTAVE in SCALES[scale]


def quantise(pitch: int, root: int, scale: str, low: int = 0, high: int = 127) -> int:
    """The tone of the scale nearest to `pitch` (0..127), the lower of two, among the pitches `low`..`high`.

    Where those hold no tone of it, the one nearest to them in 0..127. KeyError for a scale that is not in SCALES.
    """
    for distance in range(128):
        for tone in (pitch - distance, pitch + distance):
            if low <= tone <= high and in_scale(tone, root, scale):
                return tone
    tones = (tone for tone in range(128) if in_scale(tone, root, scale))
    return min(tones, key=lambda tone: (max(low - tone, tone - high), tone))
