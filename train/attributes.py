"""What a performer hears a drum phrase by: nine numbers, each per bar or a mean over hits.

Pure functions of arrays (n, steps, 27) as in `mvae.core.groove`. A figure of a phrase that has nothing to take it from (no hits,
no hits between the eighths) is nan. Syncopation after Roberts et al. 2018 (arXiv 1803.05428), on kick or snare, counted per bar.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from mvae.core.drums import CLASSES
from mvae.core.groove import HITS, OFFSETS, VELOCITIES
from mvae.core.phrase import STEPS_PER_BAR

Notes = NDArray[np.float32]  # (n, steps, 27)
Values = NDArray[np.float64]  # (n,)

KICK, SNARE, CLOSED_HAT, OPEN_HAT, LOW_TOM, MID_TOM, HIGH_TOM, CRASH = (
    CLASSES.index(name) for name in ("kick", "snare", "closed_hat", "open_hat", "low_tom", "mid_tom", "high_tom", "crash")
)


def hits(notes: Notes) -> NDArray[np.bool_]:
    """(n, steps, 9)"""
    return np.asarray(notes[..., HITS] > 0.5)


def hits_per_bar(notes: Notes, voices: tuple[int, ...] = tuple(range(len(CLASSES)))) -> Values:
    """Hits of these voices, per bar."""
    return np.asarray(hits(notes)[..., list(voices)].sum((1, 2)) * STEPS_PER_BAR / notes.shape[1], dtype=np.float64)


def syncopation_16th(notes: Notes) -> Values:
    """Kick-or-snare onsets on odd steps with none on the step before, per bar."""
    onset, before, _ = _onsets(notes)
    odd = np.arange(notes.shape[1]) % 2 == 1
    return np.asarray((onset & ~before & odd).sum(1) * STEPS_PER_BAR / notes.shape[1], dtype=np.float64)


def syncopation_8th(notes: Notes) -> Values:
    """Kick-or-snare onsets on steps 2, 6, 10, 14 with none on the two steps before, per bar."""
    onset, before, two_before = _onsets(notes)
    offbeat = np.arange(notes.shape[1]) % 4 == 2
    return np.asarray((onset & ~before & ~two_before & offbeat).sum(1) * STEPS_PER_BAR / notes.shape[1], dtype=np.float64)


def _onsets(notes: Notes) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Kick or snare at each step, one step before and two steps before; nothing before the phrase. (n, steps) each"""
    onset = np.asarray(hits(notes)[..., [KICK, SNARE]].any(2))
    before = np.pad(onset, ((0, 0), (2, 0)))
    return onset, before[:, 1:-1], before[:, :-2]


def mean_velocity(notes: Notes) -> Values:
    """0..1 over all hits."""
    return _mean(notes[..., VELOCITIES], hits(notes))


def mean_offset(notes: Notes) -> Values:
    """Lateness over all hits, in half steps."""
    return _mean(notes[..., OFFSETS], hits(notes))


def swing(notes: Notes) -> Values:
    """Mean offset on odd steps minus that on even steps, in half steps."""
    offsets, struck = notes[..., OFFSETS], hits(notes)
    return _mean(offsets[:, 1::2], struck[:, 1::2]) - _mean(offsets[:, ::2], struck[:, ::2])


def fill(notes: Notes) -> Values:
    """Tom and crash hits in the last bar."""
    return hits_per_bar(notes[:, -STEPS_PER_BAR:], (LOW_TOM, MID_TOM, HIGH_TOM, CRASH))


def _mean(values: Notes, where: NDArray[np.bool_]) -> Values:
    """Mean of each phrase's values at its hits, nan where it has none. (n,)"""
    count = where.sum((1, 2)).astype(np.float64)
    total = np.where(where, values, 0).sum((1, 2), dtype=np.float64)
    return np.asarray(np.divide(total, count, out=np.full(len(values), np.nan), where=count > 0))


ATTRIBUTES: Mapping[str, Callable[[Notes], Values]] = {
    "density": hits_per_bar,
    "syncopation": syncopation_16th,
    "syncopation_8th": syncopation_8th,
    "velocity": mean_velocity,
    "lateness": mean_offset,
    "swing": swing,
    "kick": lambda notes: hits_per_bar(notes, (KICK,)),
    "hats": lambda notes: hits_per_bar(notes, (CLOSED_HAT, OPEN_HAT)),
    "fill": fill,
}


def attributes(notes: Notes) -> dict[str, Values]:
    """Every attribute of each phrase, name -> (n,)."""
    return {name: measure(notes) for name, measure in ATTRIBUTES.items()}
