"""A part as its knobs stand: where it sounds, what its notes are, how loud and how long. Pure.

Knows nothing of what was decoded; delay, length, octave and the like are applied where notes are placed (`shaping`).
"""

from collections.abc import Mapping
from dataclasses import replace

from mvae.core.drums import CLASSES
from mvae.core.panel import Positions
from mvae.core.part import CHANNELS, MAIN, Part, Sound, Velocities
from mvae.core.phrase import STEPS_PER_BAR, STEPS_PER_BEAT

LEAST_GATE_MS = 1.0  # below it a gate is none
STRENGTHS = ((STEPS_PER_BAR, 0.0), (STEPS_PER_BEAT, 0.25), (STEPS_PER_BEAT // 2, 0.5), (1, 0.75))  # what lies on such steps loses so much


def knobs_of(part: Part) -> dict[str, float]:
    """Where the knobs of a part begin, those of the table aside: as its patch says."""
    begin = {
        "accent": part.accent,
        "curve": part.velocities.exponent,
        "gate_ms": part.gate_ms or 0.0,
        "channel": part.channel + 1.0,
        "octave": float(part.octave),
        "transpose": float(part.transpose),
    }
    maps = {f"map.{name}": float(sound.pitch) for name, sound in zip(CLASSES, part.sounds, strict=False)}
    return {f"{part.name}.{name}": value for name, value in (begin | maps).items()}


def standing(part: Part, positions: Positions) -> Part:
    """The part as it stands. Its channels are those of its port: 16 for each slot, from the slot's own on."""
    gate_ms = positions.of(part.name, "gate_ms")
    channel = round(positions.of(part.name, "channel")) - 1
    first = CHANNELS * slot_of(part, positions)
    velocities = Velocities(part.velocities.low, part.velocities.high, positions.of(part.name, "curve"))
    return replace(
        part,
        sounds=() if part.melodic else sounds(part, positions, channel, first),
        velocities=velocities,
        gate_ms=gate_ms if gate_ms >= LEAST_GATE_MS else None,
        channel=first + channel,
    )


def sounds(part: Part, positions: Positions, channel: int, first: int) -> tuple[Sound, ...]:
    """What each drum class sounds as: those that had the part's channel go where it goes."""
    notes = (round(positions.of(part.name, f"map.{name}")) for name in CLASSES)
    return tuple(
        Sound(first + (channel if sound.channel == part.channel else sound.channel), note)
        for sound, note in zip(part.sounds, notes, strict=True)
    )


def slot_of(part: Part, positions: Positions) -> int:
    """Where the part sounds: MAIN, or its own slot."""
    return part.slot if positions.choices.get(f"{part.name}.out") == "own" else MAIN


def silent(part: Part, switches: Mapping[str, bool]) -> bool:
    """Whether nothing is to be heard of a part: it is muted, or another is solo and it is not."""
    solo = {name for name, on in switches.items() if on and name.startswith("solo ")}
    return switches[f"mute {part.name}"] or bool(solo and f"solo {part.name}" not in solo)


def accent(step: int, amount: float) -> float:
    """What the velocity of a note at a step is multiplied by: 1 on the downbeat, down to 1 - `amount` * 0.75 between the eighths."""
    return 1.0 - amount * next(loses for every, loses in STRENGTHS if step % every == 0)
