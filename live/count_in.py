"""A count-in: sticks on every beat of the bars before the first line, louder on the first of each bar.

They are notes of the first drum part, in steps before that of the line, below 0 on the instrument's own clock, so that they are sent,
logged and recorded like any other. Where there are only melodic parts, they go to the drum channel.
"""

from mvae.core.panel import Positions
from mvae.core.phrase import STEPS_PER_BAR, STEPS_PER_BEAT, TICKS_PER_STEP
from mvae.core.score import Due, Handoff
from mvae.core.standing import standing
from mvae.live.ensemble import Ensemble

SIDE_STICK, DRUM_CHANNEL = 37, 9
VOICE = -1  # no voice of a part: it is not repeated
LOUD, SOFT = 120, 90
CLICK_TICKS = TICKS_PER_STEP // 2


def clicks(band: Ensemble, bars: int, positions: Positions, line: int = 0) -> tuple[Handoff, ...]:
    """The clicks of so many bars before the line of a step, where the first drums sound now; nothing of no bars."""
    parts = band.numbered
    number, part = next((each for each in parts if not each[1].melodic), parts[0])
    channel = DRUM_CHANNEL if part.melodic else standing(part, positions).sounds[0].channel
    first = line - bars * STEPS_PER_BAR
    notes = tuple(click(step, channel, (step - line) % STEPS_PER_BAR == 0) for step in range(first, line, STEPS_PER_BEAT))
    return (Handoff(number, next(band.generations), first - 1, line - first + 1, first, notes),) if bars else ()  # no other begins there


def click(step: int, channel: int, is_one: bool) -> Due:
    """One click, on the line of a step; louder on the one of a bar."""
    on_tick = step * TICKS_PER_STEP
    return Due(VOICE, step, on_tick, on_tick + CLICK_TICKS, channel, SIDE_STICK, LOUD if is_one else SOFT)
