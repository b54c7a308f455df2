"""A melody changed in one attribute: more notes or fewer, wider or narrower, in C or outside it, long or short, more or less
syncopated.

Edits are in a fixed order, the same in every bar as far as the music allows it, so that a stronger edit goes on where a weaker one
ended and the phrase stays itself. They teach a decoder what the attributes mean (`mvae.train.taught`). Pure functions of one voice,
tokens (steps,).
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

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
    """A note comes `by` steps early, or late, or gives way with those before the next beat of `by`, so that one begins off the beat of
    2 * `by` with none on the `by` steps before it."""
    if step % (2 * by) or not begins(tokens, step):
        return False
    if step >= by and not any(begins(tokens, step - n) for n in range(1, 2 * by + 1)):
        return moved(tokens, step, step - by)
    if step + by < len(tokens) and not any(begins(tokens, step + n) for n in range(1, by + 1)):
        return moved(tokens, step, step + by)
    if not begins(tokens, step + by) or not (tokens[:step] >= FIRST_PITCH).any():
        return False
    tokens[step : step + by] = HOLD
    return True


def onto_the_beat(tokens: Tokens, step: int, by: int) -> bool:
    """A note off the beat of 2 * `by`, with none on the `by` steps before it, comes so much earlier."""
    if step % (2 * by) != by or not begins(tokens, step) or any(begins(tokens, step - n) for n in range(1, by + 1)):
        return False
    return moved(tokens, step, step - by)


def moved(tokens: Tokens, step: int, to: int) -> bool:
    """A note begins elsewhere, and nothing ends or begins between."""
    note, low, high = tokens[step], min(step, to), max(step, to)
    tokens[low : high + 1] = HOLD
    tokens[to] = note
    return True


def stretched(tokens: Tokens, factor: float) -> Tokens:
    """Every pitch `factor` times as far from the middle one, on the nearest whose class occurs in the phrase."""
    found, notes = tokens.copy(), tokens >= FIRST_PITCH
    if notes.any():
        middle = np.median(tokens[notes])
        found[notes] = nearest(own_pitches(tokens), middle + factor * (tokens[notes] - middle))
    return found


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


FIRST = 0.75  # of the share of one change: what is left of it when it is made, so that a knob a little off its rest does something
Edit = Callable[[Tokens, float], Tokens]  # tokens (steps,) and how much of it, 0 .. 1


def share_of(trial: Try, strongest_first: bool = True) -> Edit:
    """The edit that makes that share of the changes which can be made, in the order of steps."""

    def edit(tokens: Tokens, amount: float) -> Tokens:
        found, order = tokens.copy(), in_order(len(tokens), strongest_first)
        done = [int(step) for step in order if trial(found, int(step))]
        if (few := int(amount * len(done) + FIRST)) == len(done):
            return found
        again = tokens.copy()
        for step in done[:few]:
            trial(again, step)
        return again

    return edit


WIDEST = 3.5  # times as far from the middle
EDITS: Mapping[str, tuple[Edit, Edit]] = {  # up, down
    "density": (share_of(divide), share_of(tie, strongest_first=False)),
    "diatonic": (share_of(into_c), share_of(out_of_c, strongest_first=False)),
    "legato": (share_of(join), share_of(cut, strongest_first=False)),
    "interval": (lambda t, much: stretched(t, 1 + (WIDEST - 1) * much), lambda t, much: stretched(t, 1 - much)),
    "syncopation": (share_of(partial(syncopate, by=1), strongest_first=False), share_of(partial(onto_the_beat, by=1))),
    "syncopation_8th": (share_of(partial(syncopate, by=2), strongest_first=False), share_of(partial(onto_the_beat, by=2))),
}
TWICE = 0.3  # of the phrases that are edited: in two attributes, as by two knobs
OFTEN = {"interval": 4.0, "syncopation_8th": 3.0}  # how much more often than others what is learnt slowly is drawn


def edited(tokens: Tokens, attribute: str, amount: float) -> Tokens:
    """The phrase (steps,) with an attribute raised or, where `amount` (-1 .. 1) is negative, lowered."""
    up, down = EDITS[attribute]
    return canonical_mono(up(tokens, amount) if amount > 0 else down(tokens, -amount))


def edits(tokens: Tokens, attributes: Sequence[str], share: float, rng: Generator) -> tuple[Tokens, NDArray[np.float64]]:
    """Phrases (B, steps) of one voice, `share` of them edited, in the order of `EDITS` where in two attributes; and by how much in each,
    (B, attributes)."""
    found, amounts = tokens.copy(), np.zeros((len(tokens), len(attributes)))
    odds = np.array([OFTEN.get(name, 1.0) for name in attributes])
    for row in np.flatnonzero(rng.random(len(tokens)) < share):
        chosen = rng.choice(len(attributes), min(len(attributes), 2 if rng.random() < TWICE else 1), replace=False, p=odds / odds.sum())
        amounts[row, chosen] = rng.uniform(-1, 1, len(chosen))
        for name in EDITS:
            if name in attributes and (amount := amounts[row, list(attributes).index(name)]):
                found[row] = edited(found[row], name, float(amount))
    return found, amounts
