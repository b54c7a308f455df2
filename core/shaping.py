"""From decoded cells to notes in ticks: micro-timing, push, velocity gain and curve, each class's note and channel.

Pure. Ticks count from the phrase's line and may be negative. Knows nothing of what was played before: a note's end is kept before
the next onset of its pitch within the phrase; across phrases that is the player's work.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mvae.core.groove import HITS, LATEST, OFFSETS, VELOCITIES
from mvae.core.panel import Positions
from mvae.core.part import Part
from mvae.core.phrase import TICKS_PER_BEAT, TICKS_PER_STEP

HALF_STEP_TICKS = TICKS_PER_STEP // 2
MS_PER_MINUTE = 60_000.0
SHORTEST_GAP_TICKS = 2  # between onsets of one pitch: on, off, on need three different ticks


@dataclass(frozen=True, slots=True)
class Placed:
    """A note ready for the player but for where its phrase lies; `off_tick` > `on_tick`, channel 0..15."""

    voice: int
    step: int
    on_tick: int
    off_tick: int
    channel: int
    pitch: int
    velocity: int


def ticks(ms: float, tempo_bpm: float) -> int:
    """Milliseconds as ticks of the song, to the nearest."""
    return round(ms * tempo_bpm * TICKS_PER_BEAT / MS_PER_MINUTE)


def shift_ticks(part: Part, knobs: Mapping[str, float], tempo_bpm: float) -> int:
    """How far push (ahead) and delay (behind) move every note of the part; positive is later."""
    return ticks(part.delay_ms - knobs["push"], tempo_bpm)


def earliest_ticks(part: Part, positions: Positions, tempo_bpm: float) -> int:
    """How far ahead of its step a note can sound: half a step, and what push and delay add. At least 0."""
    return max(0, HALF_STEP_TICKS - shift_ticks(part, positions.knobs, tempo_bpm))


def shape(tokens: NDArray[np.floating], part: Part, positions: Positions, tempo_bpm: float) -> tuple[Placed, ...]:
    """The notes of decoded `tokens` (steps, 27), `feel` included, sorted by onset. A mute changes nothing here: it is the handoff's.

    `timing` scales offsets, clipped to half a step; `velocity` scales velocities before the part's own curve. Of two hits of one
    cell, or closer than a note can be, that sound the same note on the same channel the louder is kept.
    """
    knobs = positions.knobs
    shift = shift_ticks(part, knobs, tempo_bpm)
    gate = HALF_STEP_TICKS if part.gate_ms is None else max(1, ticks(part.gate_ms, tempo_bpm))
    late = np.clip(tokens[:, OFFSETS].astype(np.float64) * knobs["timing"], -1.0, LATEST) * HALF_STEP_TICKS
    loud = tokens[:, VELOCITIES].astype(np.float64) * knobs["velocity"]
    placed = []
    for step, voice in np.argwhere(tokens[:, HITS] > 0.5).tolist():
        on_tick = step * TICKS_PER_STEP + round(float(late[step, voice])) + shift
        sound = part.sounds[voice]
        velocity = part.velocities.midi(float(loud[step, voice]))
        placed.append(Placed(voice, step, on_tick, on_tick + gate, sound.channel, sound.pitch, velocity))
    return _apart(placed)


def _apart(placed: Sequence[Placed]) -> tuple[Placed, ...]:
    """Each pitch one note at a time: collisions settled, ends before the next onset."""
    kept: dict[tuple[int, int], list[Placed]] = {}
    for note in sorted(placed, key=lambda note: (note.on_tick, note.voice)):
        line = kept.setdefault((note.channel, note.pitch), [])
        if line and (line[-1].step == note.step or note.on_tick - line[-1].on_tick < SHORTEST_GAP_TICKS):
            if note.velocity > line[-1].velocity:
                line[-1] = note
        else:
            line.append(note)
    return tuple(sorted((note for line in kept.values() for note in _closed(line)), key=lambda note: (note.on_tick, note.voice)))


def _closed(line: Sequence[Placed]) -> list[Placed]:
    """The notes of one pitch, each ending at least a tick before the next begins."""
    limits = [later.on_tick - 1 for later in line[1:]]
    return [
        note if limit >= note.off_tick else Placed(note.voice, note.step, note.on_tick, limit, note.channel, note.pitch, note.velocity)
        for note, limit in zip(line, [*limits, line[-1].off_tick], strict=True)
    ]
