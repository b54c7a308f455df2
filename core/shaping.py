"""From what was decoded to notes in ticks: voicing, swing, micro-timing, push, velocity gain and curve, note and channel.

Pure. Ticks count from the phrase's line and may be negative. Knows nothing of what was played before: a note's end is kept before
the next onset of its pitch within the phrase; across phrases that is the player's work.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mvae.core.feel import Feel, humanized, humanized_groove, swung, swung_groove
from mvae.core.groove import HITS, LATEST, OFFSETS, VELOCITIES
from mvae.core.panel import Positions
from mvae.core.part import Part
from mvae.core.phrase import TICKS_PER_BEAT, TICKS_PER_STEP, Note
from mvae.core.scale import KEYS
from mvae.core.standing import accent, standing
from mvae.core.tokens import Tokens, decode_stream
from mvae.core.voicing import Voicing, lengthened, voiced

HALF_STEP_TICKS = TICKS_PER_STEP // 2
MS_PER_MINUTE = 60_000.0
LOUDEST = 127
SHORTEST_GAP_TICKS = 2  # between onsets of one pitch: on, off, on need three different ticks


@dataclass(frozen=True, slots=True)
class Placed:
    """A note ready for the player but for where its phrase lies; `off_tick` > `on_tick`, `channel` 0..15 and 16 more for each slot."""

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


def shift_ms(part: Part, knobs: Mapping[str, float]) -> float:
    """How far push (ahead) and delay (behind) move every note of the part; positive is later."""
    return part.delay_ms + knobs[f"{part.name}.delay_ms"] - knobs["push"]


def shift_ticks(part: Part, knobs: Mapping[str, float], tempo_bpm: float) -> int:
    """The same in ticks of the song."""
    return ticks(shift_ms(part, knobs), tempo_bpm)


def gain(part: Part, positions: Positions) -> float:
    """What the part's velocities are multiplied by, before its own curve."""
    return positions.knobs["velocity"] * positions.of(part.name, "velocity")


def shape(tokens: NDArray[np.floating], part: Part, positions: Positions, tempo_bpm: float, lent: Feel | None = None) -> tuple[Placed, ...]:
    """The notes of decoded `tokens` (steps, 27), `feel` included, sorted by onset. A mute changes nothing here: it is the handoff's.

    The drummer's own feel gives way to the `lent` one as far as the part's `humanize` says.
    `timing` scales offsets, clipped to half a step; `velocity` scales velocities before the part's own curve. Of two hits of one
    cell, or closer than a note can be, that sound the same note on the same channel the louder is kept.
    """
    knobs, part = positions.knobs, standing(part, positions)
    shift, stress = shift_ticks(part, knobs, tempo_bpm), positions.of(part.name, "accent")
    gate = HALF_STEP_TICKS if part.gate_ms is None else ticks(part.gate_ms, tempo_bpm)
    gate = max(1, round(gate * positions.of(part.name, "length")))
    tokens = np.asarray(tokens, np.float32)
    if lent is not None:
        tokens = humanized_groove(tokens, lent, positions.of(part.name, "humanize"))
    tokens = swung_groove(tokens, positions.of(part.name, "swing"))
    late = np.clip(tokens[:, OFFSETS].astype(np.float64) * knobs["timing"], -1.0, LATEST) * HALF_STEP_TICKS
    loud = tokens[:, VELOCITIES].astype(np.float64) * gain(part, positions)
    placed = []
    for step, voice in np.argwhere(tokens[:, HITS] > 0.5).tolist():
        on_tick = step * TICKS_PER_STEP + round(float(late[step, voice])) + shift
        sound = part.sounds[voice]
        velocity = part.velocities.midi(float(loud[step, voice]) * accent(step, stress))
        placed.append(Placed(voice, step, on_tick, on_tick + gate, sound.channel, sound.pitch, velocity))
    return _apart(placed)


def place(
    tokens: Tokens, after: Tokens, part: Part, positions: Positions, tempo_bpm: float, feel: Feel | None = None
) -> tuple[Placed, ...]:
    """The notes of one stream's `tokens` (whole bars,), sorted by onset; what `after` (whole bars,) holds on to ends there.

    `feel` counts from the first of the tokens. `timing`, `velocity` and mutes are as in `shape`.
    """
    part = standing(part, positions)
    phrase = decode_stream(part.stream, np.concatenate([tokens, after]))
    phrase = voiced(phrase, voicing(part, positions)) if part.melodic else lengthened(phrase, positions.of(part.name, "length"))
    phrase = swung(phrase, positions.of(part.name, "swing"))
    if feel is not None:
        phrase = humanized(phrase, feel, positions.of(part.name, "humanize"))
    notes = [_placed(note, part, positions, tempo_bpm) for note in phrase.notes]
    return tuple(note for note in _apart(_joined(notes) if part.melodic else notes) if note.step < len(tokens))


def voicing(part: Part, positions: Positions) -> Voicing:
    """How a melodic part lies now."""
    transpose, octave = (round(positions.of(part.name, knob)) for knob in ("transpose", "octave"))
    root, length = KEYS.index(positions.choices["key"]), positions.of(part.name, "length")
    return Voicing(root, positions.choices["scale"], transpose, octave, part.low, part.high, length)


def _placed(note: Note, part: Part, positions: Positions, tempo_bpm: float) -> Placed:
    knobs = positions.knobs
    late = min(max(2 * note.offset_steps * knobs["timing"], -1.0), float(LATEST)) * HALF_STEP_TICKS
    on_tick = note.step * TICKS_PER_STEP + round(late) + shift_ticks(part, knobs, tempo_bpm)
    length = note.duration * TICKS_PER_BEAT if part.gate_ms is None else ticks(part.gate_ms, tempo_bpm)
    channel, pitch = (part.channel, note.pitch) if part.melodic else (part.sounds[note.voice].channel, part.sounds[note.voice].pitch)
    stress = accent(note.step, positions.of(part.name, "accent"))
    velocity = part.velocities.midi(note.velocity / LOUDEST * gain(part, positions) * stress)
    return Placed(note.voice, note.step, on_tick, on_tick + max(1, round(length)), channel, pitch, velocity)


def _joined(line: Sequence[Placed]) -> list[Placed]:
    """The notes of one voice, none longer than up to the next."""
    limits = [later.on_tick for later in line[1:]]
    return [
        note if limit >= note.off_tick else Placed(note.voice, note.step, note.on_tick, limit, note.channel, note.pitch, note.velocity)
        for note, limit in zip(line, [*limits, line[-1].off_tick] if line else [], strict=True)
    ]


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
