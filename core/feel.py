"""Swing, and the feel of a groove lent to any part: how loud and how late each step of a bar is played.

Pure. Notes keep their step and stay within half a step of it, in their order; a note ends no later than the next onset of its voice.
Knows nothing of models or of who asks for how much.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mvae.core.groove import HITS, LATEST, OFFSETS, VELOCITIES
from mvae.core.phrase import STEPS_PER_BAR, STEPS_PER_BEAT, Note, Phrase
from mvae.core.voicing import next_beats

Steps = NDArray[np.float64]  # (steps,)

LATEST_STEPS = float(LATEST) / 2  # from there to the earliest onset of the next step there are two ticks
TRIPLET_STEPS = 1 / 3  # how late an odd 16th is when a pair of 16ths is played as two thirds and a third
TOUCH_BEATS = 1e-6  # a note that ends this near to the next onset ends with it


@dataclass(frozen=True, slots=True, eq=False)
class Feel:
    """Of each step of some whole bars: `velocity` 0..1 and `offset` in half steps, positive is late. Both (steps,)."""

    velocity: Steps
    offset: Steps


def feel_of(tokens: NDArray[np.floating]) -> Feel:
    """The feel of a groove array (whole bars of 16, 27): of each step the mean over its hits.

    A step without hits takes the mean over the hits at its place in the other bars, else at its place in the other beats, else over
    all. Without any hit every velocity is 0.5 and every offset 0. ValueError where the array is not whole bars.
    """
    if len(tokens) % STEPS_PER_BAR or not len(tokens):
        raise ValueError(f"a feel is of whole bars of {STEPS_PER_BAR} steps, not {len(tokens)}")
    hits = tokens[:, HITS] > 0.5
    steps = np.arange(len(tokens))
    places = (steps, steps % STEPS_PER_BAR, steps % STEPS_PER_BEAT, steps * 0)  # ever wider
    velocity = _means(np.asarray(tokens[:, VELOCITIES], np.float64), hits, places, 0.5)
    offset = _means(np.asarray(tokens[:, OFFSETS], np.float64), hits, places, 0.0)
    return Feel(np.clip(velocity, 0.0, 1.0), np.clip(offset, -1.0, float(LATEST)))


def _means(values: Steps, hits: NDArray[np.bool_], places: tuple[NDArray[np.int64], ...], nothing: float) -> Steps:
    """Of each step the mean of `values` (steps, 9) over the hits at the first of its `places` that has some. (steps,)"""
    found = np.full(len(values), nothing)
    count, total = hits.sum(1), (values * hits).sum(1)
    for place in reversed(places):
        counts, totals = np.bincount(place, count), np.bincount(place, total)
        with_hits = counts[place] > 0
        found[with_hits] = totals[place][with_hits] / counts[place][with_hits]
    return found


def humanized(phrase: Phrase, feel: Feel, amount: float) -> Phrase:
    """The phrase with `amount` (0..1) of a groove's feel, repeated where it is shorter; 0 changes nothing.

    Velocities are scaled by how loud the groove plays their step against its mean, so the part keeps its own level; onsets move by
    the groove's offset.
    """
    if amount == 0:
        return phrase
    level = float(feel.velocity.mean())
    ratio = feel.velocity / level if level > 0 else np.ones_like(feel.velocity)
    scale = 1.0 + amount * (ratio - 1.0)
    late = amount * feel.offset / 2
    louder = [replace(note, velocity=_velocity(note.velocity * float(scale[note.step % len(scale)]))) for note in phrase.notes]
    return Phrase(phrase.bars, _moved(louder, phrase.steps, lambda step: float(late[step % len(late)])))


def humanized_groove(tokens: NDArray[np.float32], feel: Feel, amount: float) -> NDArray[np.float32]:
    """A groove array (whole bars, 27) whose own feel gives way to `amount` (0..1) of another's, repeated where it is shorter.

    What the classes of one step are to each other stays, such as a ghost note beside a hat, and so does the level of the whole.
    """
    hits, step = tokens[:, HITS] > 0.5, np.arange(len(tokens)) % len(feel.velocity)
    if amount == 0 or not hits.any():
        return tokens
    own, played = feel_of(tokens), hits.any(1)
    loud, lent = own.velocity, feel.velocity[step]
    level = float(lent[played].sum() / loud[played].sum()) if loud[played].any() else 0.0
    wanted = np.divide(lent, level * loud, out=np.ones(len(tokens)), where=level * loud > 0)
    louder = tokens[:, VELOCITIES] * (1.0 + amount * (wanted - 1.0))[:, None]
    later = tokens[:, OFFSETS] + amount * (feel.offset[step] - own.offset)[:, None]
    felt = tokens.copy()
    felt[:, VELOCITIES] = np.where(hits, np.clip(louder, 0.0, 1.0), tokens[:, VELOCITIES])
    felt[:, OFFSETS] = np.where(hits, np.clip(later, -1.0, LATEST), tokens[:, OFFSETS])
    return felt


def _velocity(value: float) -> int:
    return min(max(round(value), 1), 127)


def swung(phrase: Phrase, share: float) -> Phrase:
    """The phrase with every second 16th late: 0 straight, 1 a third of a step, which makes triplets of the 16ths."""
    if share == 0:
        return phrase
    return Phrase(phrase.bars, _moved(phrase.notes, phrase.steps, lambda step: swing_steps(step, share)))


def swung_groove(tokens: NDArray[np.float32], share: float) -> NDArray[np.float32]:
    """`swung` for a groove array (steps, 27)."""
    if share == 0:
        return tokens
    moved = tokens.copy()
    late = np.array([2 * swing_steps(step, share) for step in range(len(tokens))])[:, None]
    moved[:, OFFSETS] = np.where(tokens[:, HITS] > 0.5, np.clip(tokens[:, OFFSETS] + late, -1.0, LATEST), tokens[:, OFFSETS])
    return moved


def swing_steps(step: int, share: float) -> float:
    """How late, in steps, swing makes a step."""
    return share * TRIPLET_STEPS if step % 2 else 0.0


def _moved(notes: Sequence[Note], steps: int, late_steps: Callable[[int], float]) -> tuple[Note, ...]:
    """Every onset as much later as its step is, held within the step. Lengths stay; a note that reached the next onset of its voice
    still does, and none goes beyond it."""
    moved = [replace(note, beat=(note.step + _held(note.offset_steps + late_steps(note.step))) / STEPS_PER_BEAT) for note in notes]
    limits = zip(next_beats(notes, steps), next_beats(moved, steps), strict=True)
    return tuple(_ended(note, now, *limit) for note, now, limit in zip(notes, moved, limits, strict=True))


def _ended(note: Note, now: Note, old_next: float, new_next: float) -> Note:
    """The note moved to where it is `now`, with its length."""
    room = new_next - now.beat
    joined = note.beat + note.duration >= old_next - TOUCH_BEATS
    return replace(now, duration=room if joined else min(note.duration, room))


def _held(offset_steps: float) -> float:
    return min(max(offset_steps, -0.5), LATEST_STEPS)
