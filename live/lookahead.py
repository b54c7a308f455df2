"""Hops 3 to 5 of the signal path for one bundle: positions -> latent -> phrase or bar -> handoffs. Runs ahead of the music.

Deterministic: the same calls in the same order give the same handoffs, so a control log replays byte for byte. Knows nothing of
clocks, ports, threads or processes; song time comes in as ticks (960 a beat, tick 0 is the first line).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count

import numpy as np

from mvae.core.action_table import KNOBS
from mvae.core.latent import Latent
from mvae.core.panel import Positions
from mvae.core.part import Part
from mvae.core.patch import Patch
from mvae.core.phrase import STEPS_PER_BAR, STEPS_PER_BEAT, TICKS_PER_STEP
from mvae.core.score import Due, Handoff
from mvae.core.shaping import shift_ticks
from mvae.core.standing import silent
from mvae.core.steer import STRAIGHT, base, steer
from mvae.live.locks import Locks
from mvae.live.models import Asked, Model, Said
from mvae.live.plans import Aim, Fill, Heard, PartNotes, Plan, Stand, due

QUANTA = {"now": 1, "beat": STEPS_PER_BEAT, "bar": STEPS_PER_BAR}  # steps; "phrase" is the phrase's own length
FILL_ROLLS = 1 << 20  # fills draw their chance from rolls of their own
HELD_UNITS = 2  # a note of a bar lasts no longer than to the end of so many more
DECIDING = tuple(knob.name for knob in KNOBS if knob.name != "nudge")  # when notes are played is the player's


class Lookahead:
    """Keeps what sounds and the next unit with the player, decoded again whenever a hand moves.

    `patch` is the patch as the bundle sees it; `numbers` are what the player knows its parts by, `generations` those of handoffs, in the
    whole band. Its chance is that of a `seat`: its first part's in the patch.
    """

    def __init__(self, patch: Patch, model: Model, seed: int, numbers: Sequence[int] = (0,), generations: Iterator[int] | None = None,
                 seat: int | None = None):  # fmt: skip
        self.patch, self.model, self.seed, self.numbers = patch, model, seed, tuple(numbers)
        self.seat = self.numbers[0] if seat is None else seat
        self.parts: tuple[Part, ...] = patch.parts
        self.steps = model.steps
        self.plans: dict[int, Plan] = {}
        self.fills: tuple[Fill, ...] = ()
        self.roll = self.fills_played = 0
        self.course = STRAIGHT
        self.locks = Locks(patch.parts, model.streams, model.steps, model.nothing)
        self.hold_step = 0  # what is asked for before takes hold no earlier than here
        self._generations = generations or count(1)
        self._free: dict[int, tuple[Asked, Said]] = {}  # by unit of the phrase: what it says with nothing forced
        self._until: tuple[int, Aim] | None = None  # a step farther ahead than the next unit: until there it is played as before
        self._stood: tuple[Stand, Aim] | None = None  # when something moved last

    def begin(self, positions: Positions, tempo_bpm: float, step: int = 0) -> tuple[Handoff, ...]:
        """The first unit, from standstill; or from an absolute step on."""
        self.plans, self.fills, self._until, self._free = {}, (), None, {}
        self.hold_step = 0
        self.locks.turn(positions)
        self._stood = self.stand(positions, tempo_bpm), self._aim(positions)
        return self._splice(step, (), self._aim(positions), tempo_bpm)

    def follow(self, positions: Positions, tempo_bpm: float) -> tuple[Handoff, ...]:
        """The unit after the last one planned."""
        self.locks.turn(positions)
        line, aim = self.planned_to, self._aim(positions)
        if self._until is not None:
            until, before = self._until
            aim = before if line < until else aim
            self._until = self._until if line < until else None
        return self._splice(line, (), aim, tempo_bpm)

    def move(self, tick: int, positions: Positions, tempo_bpm: float) -> tuple[Handoff, ...]:
        """What sounds from `tick` on, now that the positions are these: the steps heard by then are kept, the rest is decoded again."""
        self.locks.turn(positions)
        aim = self._aim(positions)
        before = self._until[1] if self._until else self._stood[1] if self._stood else aim
        self._until, self._stood = None, (self.stand(positions, tempo_bpm), aim)
        step, heard = self._hold(tick, self._quantum(positions), positions, tempo_bpm)
        if self.plans and step > self.planned_to > tick // TICKS_PER_STEP:
            self._until = step, before
            last = self.plans[max(self.plans)]
            return self._splice(last.index * self.steps, last.heard, before, tempo_bpm)
        return self._splice(step, heard, aim, tempo_bpm)

    def moved(self, positions: Positions, tempo_bpm: float) -> bool:
        """Whether anything that concerns these parts stands elsewhere than when they moved last."""
        return self._stood is None or self._stood[0] != self.stand(positions, tempo_bpm)

    def stand(self, positions: Positions, tempo_bpm: float) -> Stand:
        """All that decides what these parts play."""
        own = tuple(f"{part.name}." for part in self.parts)
        knobs = [positions.knobs[name] for name in DECIDING] + [value for name, value in positions.knobs.items() if name.startswith(own)]
        mutes = [silent(part, positions.switches) for part in self.parts]
        z = steer(self.patch, positions, self.model.space, self.course)
        locked = self.locks.offers, *self.locks.wanted(positions)
        return (z.tobytes(), tempo_bpm, self.seed, self.roll, locked, *knobs, *mutes, *positions.choices.items())

    def repeated(self, start_step: int) -> None:
        """The player had nothing newer and began the last unit again at `start_step`: that is what is heard now."""
        index = start_step // self.steps
        if index not in self.plans and index - 1 in self.plans:
            again = replace(self.plans[index - 1], index=index, heard=())
            self.plans = {k: plan for k, plan in self.plans.items() if k > index - 2} | {index: again}

    def reseed(self) -> None:
        """New chance for all that is still to be decoded."""
        self.roll += 1

    def point(self, positions: Positions) -> Latent:
        """The point (z,) between the anchors, on the way and on the walk, that axis knobs add to."""
        return base(self.patch, positions, self.model.space, self.course)

    def fill(self, tick: int, bars: int, positions: Positions, tempo_bpm: float) -> tuple[Handoff, ...]:
        """A fill from the next boundary to the end of its `bars`-th bar, and back exactly; what is locked goes on in it.

        A bundle without fills plays on.
        """
        quantum = min(QUANTA.get(positions.choices["quantise"], STEPS_PER_BAR), STEPS_PER_BAR)
        start, _ = self._hold(tick, max(quantum, STEPS_PER_BEAT), positions, tempo_bpm)
        end = (start // STEPS_PER_BAR + min(bars, self.steps // STEPS_PER_BAR)) * STEPS_PER_BAR
        points = list(self.model.space.fills.values())
        if points:
            kept = (fill for fill in self.fills if fill.end > start - self.steps and not start <= fill.start < fill.end <= end)
            self.fills = (*kept, Fill(start, end, self._fill(points, end, positions)))
        return self._splice(start, (), self._aim(positions), tempo_bpm)

    @property
    def bundle(self) -> str:
        """As the patch names it."""
        return self.parts[0].bundle

    @property
    def has_fills(self) -> bool:
        return bool(self.model.space.fills)

    @property
    def planned_to(self) -> int:
        """The absolute step at which what is planned ends."""
        return (max(self.plans, default=-1) + 1) * self.steps

    def wants_next(self, tick: int) -> bool:
        """Whether the last unit planned is the one that sounds at `tick`, or is over."""
        return self.planned_to - tick // TICKS_PER_STEP <= self.steps

    def _aim(self, positions: Positions) -> Aim:
        return Aim(positions, self.course, self.seed, self.roll)

    def _quantum(self, positions: Positions) -> int:
        return QUANTA.get(positions.choices["quantise"], self.steps * self.model.units)

    def _hold(self, tick: int, quantum: int, positions: Positions, tempo_bpm: float) -> tuple[int, Heard]:
        """The first absolute step a change at `tick` can still take, a multiple of `quantum`, and what is already heard from there on.

        The part that plays earliest decides.
        """
        shift = min(shift_ticks(part, positions.knobs, tempo_bpm) for part in self.parts)
        step = max((tick - shift + TICKS_PER_STEP // 2) // TICKS_PER_STEP, 0)
        heard = self._heard(step, tick)
        if quantum > 1 and (heard or step % quantum):
            step, heard = (step // quantum + 1) * quantum, ()
        return (step, heard) if step >= self.hold_step else (self.hold_step, ())

    def _heard(self, step: int, tick: int) -> Heard:
        """What of absolute `step` and of later ones in its unit has begun by `tick`: some drummers play early, and push moves notes."""
        plan = self.plans.get(step // self.steps)
        if plan is None:
            return ()
        line = plan.index * self.steps
        begun = (
            self.model.cell(part, note)
            for part, notes in zip(self.parts, plan.plain, strict=True)
            for note in notes
            if line * TICKS_PER_STEP + note.on_tick <= tick
        )
        return tuple(cell for cell in {*plan.heard, *begun} if line + cell[0] >= step)

    def _splice(self, step: int, heard: Heard, aim: Aim, tempo_bpm: float) -> tuple[Handoff, ...]:
        """Decode the unit around absolute `step`, everything before it and the cells `heard` forced; later units are forgotten.

        When the decoder would be asked for the same again (a mute, a fill, another push), the unit is the one that stands. What begins at
        `hold_step` owes nothing to what was before.
        """
        index, within = divmod(step, self.steps)
        old, asked = self.plans.get(index), self._asked(index, aim)
        if old is not None and old.asked == asked:
            tokens = old.tokens
        elif old is not None and step == self.hold_step and not heard:
            tokens = np.concatenate([old.tokens[:within], self._freely(asked, index)[within:]])
        elif old is not None and (within or heard):
            tokens = self._decode(asked, index, old.tokens, self.model.mask(within, heard))
        else:
            tokens = self._freely(asked, index)
        self.locks.planned(index % self.model.units, tokens)
        positions, after = aim.positions, self._after(asked, index)
        felt = self.model.felt(tokens, asked, asked.seed, self.seat, positions)
        filled = self._laid_over(index, felt, positions)
        plain = self._shape(felt, after, index, positions, tempo_bpm)
        placed = plain if filled is felt else self._shape(filled, after, index, positions, tempo_bpm)
        plan = Plan(index, asked, tokens, plain, placed, heard)
        self.plans = {k: before for k, before in self.plans.items() if index - 2 < k < index} | {index: plan}
        sounding = self._sounding(plan, step, np.concatenate([tokens, after]), positions, tempo_bpm)
        return tuple(self._handoff(place, plan, step, sounding[place], positions) for place in range(len(self.parts)))

    def _asked(self, index: int, aim: Aim) -> Asked:
        """What the model is asked for a unit. A stream that no part plays has no share of its own in the temperature."""
        positions = aim.positions
        shares = {part.stream: positions.of(part.name, "temperature") for part in reversed(self.parts)}
        temperatures = tuple(positions.knobs["temperature"] * shares.get(stream, 1.0) for stream in self.model.streams)
        z, variation = steer(self.patch, positions, self.model.space, aim.course), positions.knobs["variation"]
        loop = index // self.model.units if variation > 0 else 0
        return Asked(z.tobytes(), temperatures, aim.roll, variation, loop, aim.seed, self.locks.asked(positions))

    def _decode(self, asked: Asked, index: int, forced: Said | None = None, mask: Said | None = None) -> Said:
        """A unit and, where a note may be held on into the next one of its phrase, that as well: two at once cost hardly more than one."""
        unit = index % self.model.units
        both = not asked.locked and unit + 1 < self.model.units and self._known(asked, index + 1) is None
        held = self.locks.forced(asked.locked, unit, forced, mask)
        said = self.model.decode(asked, asked.seed, self.seat, unit, 2 if both else 1, *held)
        if both:
            self._free[unit + 1] = asked, said[self.steps :]
        return said[: self.steps]

    def _freely(self, asked: Asked, index: int) -> Said:
        """A unit with nothing forced: what it said when it was asked the same, else decoded now."""
        said = self._known(asked, index)
        if said is None:
            said = self._decode(asked, index)
            self._free[index % self.model.units] = asked, said
        return said

    def _known(self, asked: Asked, index: int) -> Said | None:
        before, said = self._free.get(index % self.model.units, (None, None))
        return said if before == asked else None

    def _after(self, asked: Asked, index: int) -> Said:
        """What follows a unit in its phrase, as far as a note of it may be held: (steps, ...), none where it stands alone."""
        end = index + self.model.units - index % self.model.units
        found = []
        for later in range(index + 1, min(end, index + 1 + HELD_UNITS)):
            found.append(self._freely(asked, later))
            if not self.model.goes_on(found[-1]):
                break
        return np.concatenate(found) if found else self.model.nothing

    def _shape(self, felt: Said, after: Said, index: int, positions: Positions, tempo_bpm: float) -> PartNotes:
        unit = index % self.model.units
        return tuple(self.model.place(felt, after, part, unit, positions, tempo_bpm) for part in self.parts)

    def _fill(self, points: list[Latent], end: int, positions: Positions) -> Said:
        """The next of the bundle's fills, which ends at an absolute step, decoded with chance of its own around what is locked."""
        point = points[self.fills_played % len(points)]
        temperatures = self._asked(0, self._aim(positions)).temperatures
        asked = Asked(point.tobytes(), temperatures, FILL_ROLLS + self.roll, 1.0, self.fills_played, self.seed)
        self.fills_played += 1
        held = self.locks.forced_until(self.locks.asked(positions), end, self.model.units)
        said = self.model.decode(asked, self.seed, self.seat, 0, 1, *held)
        return self.model.felt(said, asked, self.seed, self.seat, positions)

    def _laid_over(self, index: int, own: Said, positions: Positions) -> Said:
        """The unit with the fills that fall into it, but for what is locked."""
        line, tokens = index * self.steps, own
        for fill in self.fills:
            first, last = max(fill.start, line), min(fill.end, line + self.steps)
            if first < last:
                rows, laid = slice(first - line, last - line), fill.tokens[self.steps - (fill.end - first) :][: last - first]
                tokens = tokens.copy()
                tokens[rows] = self.locks.kept_in(positions, laid, own[rows])
        return tokens

    def _sounding(self, plan: Plan, hold: int, on: Said, positions: Positions, tempo_bpm: float) -> list[Due | None]:
        """Of each melodic part its last note before step `hold`, with the end that it has now: it may sound on across the splice."""
        before = self.plans.get(plan.index - 1) if plan.index % self.model.units else None
        earlier = self._shape(before.tokens, on, before.index, positions, tempo_bpm) if before else ((),) * len(self.parts)
        line, found = plan.index * self.steps, list[Due | None]()
        for part, now, then in zip(self.parts, plan.placed, earlier, strict=True):
            notes = [due(note, line) for note in now if line + note.step < hold] or [due(note, line - self.steps) for note in then]
            found.append(notes[-1] if notes and part.melodic else None)
        return found

    def _handoff(self, place: int, plan: Plan, hold: int, sounding: Due | None, positions: Positions) -> Handoff:
        """The notes of a part from step `hold` on, and the one that may sound there; of a muted part none, and it falls silent."""
        line, muted = plan.index * self.steps, silent(self.parts[place], positions.switches)
        notes = [due(note, line) for note in plan.placed[place] if line + note.step >= hold]
        given = () if muted else (*([sounding] if sounding else []), *notes)
        return Handoff(self.numbers[place], next(self._generations), line, self.steps, hold, given, muted)
