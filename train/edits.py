"""A melody changed in one attribute: more notes or fewer, leaps or repeats, in C or outside it, long or short, more or less
syncopated.

Edits are in a fixed order, the same in every bar as far as the music allows it, so that a stronger edit goes on where a weaker one
ended and the phrase stays itself. They teach a decoder what the attributes mean (`mvae.train.taught`). Pure functions of one voice,
tokens (steps,).
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mvae.core.phrase import STEPS_PER_BAR
from mvae.core.tokens import FIRST_PITCH, HOLD, MONO_TOKENS, OFF, Tokens, canonical_mono
from mvae.train.token_attributes import DIATONIC

STRENGTH = (0, 8, 4, 12, 2, 6, 10, 14, 3, 7, 11, 15, 1, 5, 9, 13)  # the steps of a bar, what carries the metre first
Try = Callable[[Tokens, int], bool]  # change tokens (steps,) at a step in place, if that can be done


def in_order(steps: int, strongest_first: bool = True) -> NDArray[np.int64]:
    """All steps of a phrase, by their place in the bar; of equal places every other bar, then those between. (steps,)"""
    bars = sorted(range(steps // STEPS_PER_BAR), key=lambda bar: f"{bar:016b}"[::-1])
    found = np.array([bar * STEPS_PER_BAR + step for step in STRENGTH for bar in bars], np.int64)
    return found if strongest_first else found[::-1]


def sounds_before(tokens: Tokens, step: int) -> bool:
    """Whether a note sounds just before a step."""
    events = np.flatnonzero(tokens[:step])
    return bool(events.size) and bool(tokens[events[-1]] >= FIRST_PITCH)


def begins(tokens: Tokens, step: int) -> bool:
    """Whether a note begins at a step; none does outside the phrase."""
    return bool(0 <= step < len(tokens) and tokens[step] >= FIRST_PITCH)


def free(tokens: Tokens, step: int) -> bool:
    """Whether nothing begins or ends at a step of the phrase."""
    return bool(0 <= step < len(tokens) and tokens[step] == HOLD)


def divide(tokens: Tokens, step: int) -> bool:
    """Begin a note where one sounds on: of the phrase's own pitch classes the one nearest to halfway to the next note."""
    if not free(tokens, step) or not sounds_before(tokens, step):
        return False
    before = tokens[np.flatnonzero(tokens[:step])[-1]]
    later = tokens[step:][tokens[step:] >= FIRST_PITCH]
    tokens[step] = nearest(own_pitches(tokens), np.array([(before + (later[0] if later.size else before)) / 2]))[0]
    return True


def tie(tokens: Tokens, step: int) -> bool:
    """Let the note before sound on in place of the one that begins here."""
    if not begins(tokens, step) or not sounds_before(tokens, step):
        return False
    tokens[step] = HOLD
    return True


def into_c(tokens: Tokens, step: int) -> bool:
    """A note outside C major goes down to its neighbour within."""
    if not begins(tokens, step) or DIATONIC[(tokens[step] - FIRST_PITCH) % 12]:
        return False
    tokens[step] -= 1
    return True


def out_of_c(tokens: Tokens, step: int) -> bool:
    """A note of C major goes to a neighbour outside, up where there is one."""
    if not begins(tokens, step) or not DIATONIC[(tokens[step] - FIRST_PITCH) % 12]:
        return False
    for by in (1, -1):
        if not DIATONIC[(tokens[step] - FIRST_PITCH + by) % 12] and FIRST_PITCH <= tokens[step] + by < MONO_TOKENS:
            tokens[step] += by
            return True
    return False


def syncopate(tokens: Tokens, step: int, by: int) -> bool:
    """A note comes `by` steps early, or late, or is tied to the one before, so that one begins off the beat of 2 * `by` with nothing on the
    `by` steps before it."""
    if step % (2 * by) or not begins(tokens, step):
        return False
    if all(free(tokens, step - n) for n in range(1, by + 1)) and not any(begins(tokens, step - n) for n in range(by + 1, 2 * by + 1)):
        tokens[step - by], tokens[step] = tokens[step], HOLD
        return True
    if all(free(tokens, step + n) for n in range(1, by + 1)):
        tokens[step + by], tokens[step] = tokens[step], HOLD
        return True
    between = any(begins(tokens, step + n) for n in range(1, by))
    return begins(tokens, step + by) and not between and tie(tokens, step)


def onto_the_beat(tokens: Tokens, step: int, by: int) -> bool:
    """A note off the beat of 2 * `by`, with nothing on the `by` steps before it, comes so much earlier."""
    if step % (2 * by) != by or not begins(tokens, step) or any(tokens[step - n] != HOLD for n in range(1, by + 1)):
        return False
    tokens[step - by], tokens[step] = tokens[step], HOLD
    return True


def leap(tokens: Tokens, step: int) -> bool:
    """A note goes an octave to where the intervals before and after it grow most, if they do."""
    if not begins(tokens, step):
        return False
    beside = neighbours(tokens, step)
    octaves = [t for t in (tokens[step], tokens[step] + 12, tokens[step] - 12) if FIRST_PITCH <= t < MONO_TOKENS]
    return changed(tokens, step, max(octaves, key=lambda t: np.abs(beside - t).sum()))


def repeat(tokens: Tokens, step: int) -> bool:
    """A note says the pitch of the one before again, where that makes the intervals smaller."""
    beside = neighbours(tokens, step)
    if not begins(tokens, step) or not beside.size or np.abs(beside - beside[0]).sum() >= np.abs(beside - tokens[step]).sum():
        return False
    return changed(tokens, step, beside[0])


def neighbours(tokens: Tokens, step: int) -> Tokens:
    """The notes before and after a step, as many as there are."""
    before, after = tokens[:step], tokens[step + 1 :]
    return np.concatenate([before[before >= FIRST_PITCH][-1:], after[after >= FIRST_PITCH][:1]])


def changed(tokens: Tokens, step: int, token: int) -> bool:
    """Whether it was another token that stood there."""
    other = bool(tokens[step] != token)
    tokens[step] = token
    return other


def own_pitches(tokens: Tokens) -> Tokens:
    """The tokens of every pitch whose class occurs in the phrase, rising."""
    classes = np.unique((tokens[tokens >= FIRST_PITCH] - FIRST_PITCH) % 12)
    every = np.arange(MONO_TOKENS - FIRST_PITCH)
    return np.asarray(FIRST_PITCH + every[np.isin(every % 12, classes)], np.int64)


def nearest(allowed: Tokens, wanted: NDArray[np.float64]) -> Tokens:
    """Of rising `allowed` (k,) what is nearest to each `wanted` (n,), the lower of two."""
    above = np.clip(np.searchsorted(allowed, wanted), 1, len(allowed) - 1)
    low, high = allowed[above - 1], allowed[above]
    return np.asarray(np.where(wanted - low <= high - wanted, low, high), np.int64)


def join(tokens: Tokens, step: int) -> bool:
    """A note that ends here sounds on."""
    if tokens[step] != OFF:
        return False
    tokens[step] = HOLD
    return True


def cut(tokens: Tokens, step: int) -> bool:
    """A note that begins here ends a step later."""
    if not begins(tokens, step) or not free(tokens, step + 1):
        return False
    tokens[step + 1] = OFF
    return True


EDITS: Mapping[str, tuple[tuple[Try, bool], tuple[Try, bool]]] = {  # up, down; whether the strongest steps come first
    "density": ((divide, True), (tie, False)),
    "diatonic": ((into_c, True), (out_of_c, False)),
    "legato": ((join, True), (cut, False)),
    "interval": ((leap, False), (repeat, False)),
    "syncopation": ((lambda t, s: syncopate(t, s, 1), False), (lambda t, s: onto_the_beat(t, s, 1), True)),
    "syncopation_8th": ((lambda t, s: syncopate(t, s, 2), False), (lambda t, s: onto_the_beat(t, s, 2), True)),
}
SLOW = {"interval": 2, "syncopation_8th": 4}  # how much more often than others what is learnt slowly is drawn
BACK = 0.2  # of the edits: from the edit to the phrase, the way that leads to what a musician wrote, and that an edit does not tell
TWICE = 0.3  # of the edits: two, one after the other, as of two knobs


def edited(tokens: Tokens, attribute: str, up: bool, amount: float) -> Tokens:
    """The phrase (steps,) with `amount` (0..1) of the edits that raise, or lower, an attribute."""
    trial, strongest = EDITS[attribute][0 if up else 1]
    found, order = tokens.copy(), in_order(len(tokens), strongest)
    done = [int(step) for step in order if trial(found, int(step))]
    if amount >= 1 or not done:
        return canonical_mono(found)
    again, few = tokens.copy(), max(1, round(amount * len(done)))
    for step in done[:few]:
        trial(again, step)
    return canonical_mono(again)


def pairs(tokens: Tokens, attributes: Sequence[str], share: float, rng: Generator) -> tuple[Tokens, Tokens]:
    """Of phrases (B, steps) of one voice `share` of them and an edit of each, of one of the attributes or of two; the others twice.
    (B, steps) each"""
    drawn = [name for name in attributes for _ in range(SLOW.get(name, 1))]
    first, second = tokens.copy(), tokens.copy()
    for row in np.flatnonzero(rng.random(len(tokens)) < share) if drawn else ():
        edit = tokens[row]
        for _ in range(2 if rng.random() < TWICE else 1):
            edit = edited(edit, drawn[rng.integers(len(drawn))], bool(rng.random() < 0.5), float(rng.random()))
        (first if rng.random() < BACK else second)[row] = edit
    return first, second
