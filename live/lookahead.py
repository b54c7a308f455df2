"""Hops 3 to 5 of the signal path for one part: positions -> latent -> phrase -> handoff. Runs ahead of the music.

Deterministic: the same calls in the same order give the same handoffs, so a control log replays byte for byte. Knows nothing of
clocks, ports, threads or processes; song time comes in as ticks (960 a beat, tick 0 is the first line).
"""

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mvae.core.chance import PhraseNoise, phrase_noise
from mvae.core.groove import VOICES
from mvae.core.latent import Latent, Space
from mvae.core.panel import Positions
from mvae.core.part import Part
from mvae.core.patch import Patch
from mvae.core.phrase import STEPS_PER_BAR, STEPS_PER_BEAT, TICKS_PER_STEP
from mvae.core.score import Due, Handoff
from mvae.core.shaping import Placed, shape, shift_ticks
from mvae.core.steer import steer
from mvae.live.decoder import add_feel

Tokens = NDArray[np.float32]  # (steps, 27), raw: what the decoder said and hears when it goes on
Cells = tuple[tuple[int, int], ...]  # (step of its phrase, voice)
QUANTA = {"now": 1, "beat": STEPS_PER_BEAT, "bar": STEPS_PER_BAR}  # steps; "phrase" is the phrase's own length
FILL_ROLLS = 1 << 20  # fills draw their chance from rolls of their own


class Decodes(Protocol):
    """What the lookahead needs of a decoder (`mvae.live.decoder.Decoder`)."""

    space: Space

    @property
    def steps(self) -> int: ...

    def decode(
        self, z: Latent, hits: Tokens, temperature: float, forced: Tokens | None = None, mask: NDArray[np.bool_] | None = None
    ) -> Tokens: ...


@dataclass(frozen=True, slots=True)
class Fill:
    """The last steps of a decoded fill, laid over the phrases from absolute step `start` to `end`."""

    start: int
    end: int
    tokens: Tokens  # with feel


@dataclass(frozen=True, slots=True)
class Plan:
    """A decoded phrase in its place."""

    index: int  # how many phrases came before it
    asked: tuple[bytes, float, bytes]  # of the decoder: latent, temperature, chance
    tokens: Tokens
    plain: tuple[Placed, ...]  # shaped, as if there were no fill; ticks from its line
    placed: tuple[Placed, ...]  # with the fills that fall into it; a mute changes neither
    heard: Cells  # what had begun when it was decoded, wherever its feel has moved it since


class Lookahead:
    """Keeps the phrase that sounds and the next one with the player, decoded again whenever a hand moves."""

    def __init__(self, patch: Patch, part: Part, number: int, decoder: Decodes, seed: int):
        self.patch, self.part, self.number, self.decoder, self.seed = patch, part, number, decoder, seed
        self.steps = decoder.steps
        self.plans: dict[int, Plan] = {}
        self.fills: tuple[Fill, ...] = ()
        self.generation = self.roll = self.fills_played = 0

    def begin(self, positions: Positions, tempo_bpm: float) -> Handoff:
        """The first phrase, from standstill."""
        self.plans, self.fills = {}, ()
        return self._splice(0, (), positions, tempo_bpm)

    def follow(self, positions: Positions, tempo_bpm: float) -> Handoff:
        """The phrase after the last one planned."""
        return self._splice((max(self.plans) + 1) * self.steps, (), positions, tempo_bpm)

    def move(self, tick: int, positions: Positions, tempo_bpm: float) -> Handoff:
        """What sounds from `tick` on, now that the positions are these: the steps heard by then are kept, the rest is decoded again."""
        quantum = QUANTA.get(positions.choices["quantise"], self.steps)
        return self._splice(*self._hold(tick, quantum, positions, tempo_bpm), positions, tempo_bpm)

    def repeated(self, start_step: int) -> None:
        """The player had nothing newer and began the last phrase again at `start_step`: that is what is heard now."""
        index = start_step // self.steps
        if index not in self.plans and index - 1 in self.plans:
            self.plans[index] = replace(self.plans[index - 1], index=index, heard=())

    def reseed(self) -> None:
        """New chance for every phrase still to be decoded."""
        self.roll += 1

    def fill(self, tick: int, bars: int, positions: Positions, tempo_bpm: float) -> Handoff:
        """A fill from the next boundary to the end of its `bars`-th bar, and back exactly. A bundle without fills plays on."""
        quantum = min(QUANTA.get(positions.choices["quantise"], STEPS_PER_BAR), STEPS_PER_BAR)
        start, _ = self._hold(tick, max(quantum, STEPS_PER_BEAT), positions, tempo_bpm)
        end = (start // STEPS_PER_BAR + min(bars, self.steps // STEPS_PER_BAR)) * STEPS_PER_BAR
        points = list(self.decoder.space.fills.values())
        if points:
            kept = (fill for fill in self.fills if fill.end > start - self.steps and not start <= fill.start < fill.end <= end)
            self.fills = (*kept, Fill(start, end, self._fill(points, positions)))
        return self._splice(start, (), positions, tempo_bpm)

    @property
    def planned_to(self) -> int:
        """The absolute step at which what is planned ends."""
        return (max(self.plans, default=-1) + 1) * self.steps

    def wants_next(self, tick: int) -> bool:
        """Whether the last phrase planned is the one that sounds at `tick`, or is over."""
        return self.planned_to - tick // TICKS_PER_STEP <= self.steps

    def _hold(self, tick: int, quantum: int, positions: Positions, tempo_bpm: float) -> tuple[int, Cells]:
        """The first absolute step a change at `tick` can still take, a multiple of `quantum`, and what is already heard from there on."""
        step = (tick - shift_ticks(self.part, positions.knobs, tempo_bpm) + TICKS_PER_STEP // 2) // TICKS_PER_STEP
        step = max(step, 0)
        heard = self._heard(step, tick)
        if quantum > 1 and (heard or step % quantum):
            return (step // quantum + 1) * quantum, ()
        return step, heard

    def _heard(self, step: int, tick: int) -> Cells:
        """What of absolute `step` and of later ones in its phrase has begun by `tick`: some drummers play early, and push moves notes."""
        plan = self.plans.get(step // self.steps)
        if plan is None:
            return ()
        line = plan.index * self.steps
        begun = ((note.step, note.voice) for note in plan.plain if line * TICKS_PER_STEP + note.on_tick <= tick)
        return tuple(cell for cell in {*plan.heard, *begun} if line + cell[0] >= step)

    def _splice(self, step: int, heard: Cells, positions: Positions, tempo_bpm: float) -> Handoff:
        """Decode the phrase around absolute `step`, everything before it and the cells `heard` forced; later phrases are forgotten.

        When the decoder would be asked for the same again (a mute, a fill, another push), the phrase is the one that stands.
        """
        index, within = divmod(step, self.steps)
        old = self.plans.get(index)
        z = steer(self.patch, positions, self.decoder.space)
        noise = self._noise(index, self.roll, positions.knobs["variation"])
        temperature = positions.knobs["temperature"]
        asked = (z.tobytes(), temperature, noise.hits.tobytes())
        if old is not None and old.asked == asked:
            tokens = old.tokens
        elif old is not None and (within or heard):
            tokens = self.decoder.decode(z, noise.hits, temperature, old.tokens, self._mask(within, heard))
        else:
            tokens = self.decoder.decode(z, noise.hits, temperature)
        felt = self._feel(tokens, noise, positions)
        filled = self._laid_over(index, felt)
        plain = shape(felt, self.part, positions, tempo_bpm)
        plan = Plan(index, asked, tokens, plain, plain if filled is felt else shape(filled, self.part, positions, tempo_bpm), heard)
        self.plans = {k: before for k, before in self.plans.items() if index - 2 < k < index} | {index: plan}
        return self._handoff(plan, step, positions)

    def _mask(self, within: int, heard: Cells) -> NDArray[np.bool_]:
        """True for every cell before step `within` of the phrase, and for those `heard`. (steps, 9)"""
        mask = np.zeros((self.steps, VOICES), bool)
        mask[:within] = True
        for cell in heard:
            mask[cell] = True
        return mask

    def _fill(self, points: list[Latent], positions: Positions) -> Tokens:
        """The next of the bundle's fills, decoded with chance of its own."""
        noise = self._noise(self.fills_played, FILL_ROLLS + self.roll, 1.0)
        tokens = self.decoder.decode(points[self.fills_played % len(points)], noise.hits, positions.knobs["temperature"])
        self.fills_played += 1
        return self._feel(tokens, noise, positions)

    def _noise(self, index: int, roll: int, variation: float) -> PhraseNoise:
        return phrase_noise(self.seed, roll, self.number, index, variation, self.steps, VOICES)

    def _feel(self, tokens: Tokens, noise: PhraseNoise, positions: Positions) -> Tokens:
        return add_feel(tokens, noise.feel, self.decoder.space, positions.knobs["feel"])

    def _laid_over(self, index: int, tokens: Tokens) -> Tokens:
        """The phrase with the fills that fall into it."""
        line = index * self.steps
        for fill in self.fills:
            first, last = max(fill.start, line), min(fill.end, line + self.steps)
            if first < last:
                tokens = tokens.copy()
                tokens[first - line : last - line] = fill.tokens[self.steps - (fill.end - first) :][: last - first]
        return tokens

    def _handoff(self, plan: Plan, hold: int, positions: Positions) -> Handoff:
        self.generation += 1
        line = plan.index * self.steps
        tick = line * TICKS_PER_STEP
        notes = () if positions.switches[f"mute {self.part.name}"] else plan.placed
        due = (
            Due(n.voice, line + n.step, tick + n.on_tick, tick + n.off_tick, n.channel, n.pitch, n.velocity)
            for n in notes
            if line + n.step >= hold
        )
        return Handoff(self.number, self.generation, line, self.steps, hold, tuple(due))
