"""What the player holds for one part: its phrases, which of their notes have sounded, and when the last phrase begins again.

Knows nothing of other parts, nor of what sounds.
"""

from typing import TYPE_CHECKING, Final

from mvae.core.phrase import STEPS_PER_BAR, TICKS_PER_STEP

if TYPE_CHECKING:
    from mvae.core.score import Due

HALF_STEP_TICKS: Final = TICKS_PER_STEP // 2
NEVER: Final = 1 << 62


class HeldPart:
    """The phrases held for one part and what of them has sounded. Identity of a note: (voice, step)."""

    __slots__ = ("end_step", "first_step", "generation", "gone", "held", "phrases", "played", "played_step", "repeat_tick")

    def __init__(self) -> None:
        self.phrases: dict[int, int] = {}  # start step -> length in steps
        self.held: dict[tuple[int, int], Due] = {}
        self.played: set[tuple[int, int]] = set()
        self.played_step = -1  # the largest step of which a note has sounded
        self.generation = 0
        self.end_step = self.first_step = 0  # what lies before the first is not repeated
        self.repeat_tick = NEVER
        self.gone = False  # nothing new comes for it any more

    def last(self) -> tuple[int, int]:
        """Start and length of the phrase that ends last; of two, the longer."""
        end, length = max((start + length, length) for start, length in self.phrases.items())
        return end - length, length

    def leave(self, step: int) -> None:
        """Hold nothing for a step and later ones, and repeat nothing."""
        self.phrases = {start: min(length, step - start) for start, length in self.phrases.items() if start < step}
        self.held = {identity: note for identity, note in self.held.items() if identity[1] < step}
        self.end_step, self.first_step = min(self.end_step, step), step
        self.repeat_tick, self.gone = NEVER, True

    def plan_repeat(self) -> None:
        """A phrase is repeated one step before the earliest of its notes would sound again."""
        start, length = self.last()
        ons = [note.on_tick for (_, step), note in self.held.items() if start <= step < start + length]
        early = max(HALF_STEP_TICKS, start * TICKS_PER_STEP - min(ons, default=NEVER))
        self.end_step, self.gone = start + length, False
        self.repeat_tick = (self.end_step - 1) * TICKS_PER_STEP - early

    def forget(self, tick: int) -> None:
        """Let go of phrases that ended over a bar ago; the last one stays."""
        past_step = tick // TICKS_PER_STEP - STEPS_PER_BAR
        gone = [start for start, length in self.phrases.items() if start + length < past_step and start + length < self.end_step]
        if gone:
            for start in gone:
                del self.phrases[start]
            first = min(self.phrases)
            self.held = {identity: note for identity, note in self.held.items() if identity[1] >= first}
            self.played = {identity for identity in self.played if identity[1] >= first}
