"""Whether moves were obeyed: what each should have made of the music, worked out anew from the model, held against what was played.

Pure, and none of the code that played has a part in it but `steer`, the model and how it places notes: it puts forced steps and phrases
together itself. An oracle judges the parts that share a latent; how long notes last it does not ask. A note is judged where one move alone
governs it: due so long after that move, and before the next. Knows the log's acts, times and played notes; no ports.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from mvae.core.panel import Positions
from mvae.core.patch import Patch
from mvae.core.phrase import TICKS_PER_STEP
from mvae.core.shaping import HALF_STEP_TICKS, shift_ticks
from mvae.core.steer import steer
from mvae.live.control_log import Act
from mvae.live.hand import Way
from mvae.live.models import Asked, Cell, Mask, Model
from mvae.live.models import Said as Tokens

Identity = tuple[int, int, int]  # part, voice, absolute step
Struck = tuple[int, int, int]  # song tick, pitch, velocity
Played = Mapping[Identity, Struck]
LATE_S = 0.011  # a new note that comes this late may sound at once, at a time that neither phrase names
LONGEST_S = 1.0  # after this long a move that is in no act was overtaken by a newer one


@dataclass(frozen=True, slots=True)
class Turned:
    """A move: when it was made (monotonic seconds), how, and where the knob stands since, in its own unit."""

    at_s: float
    way: Way
    knob: str
    value: float


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """A phrase, or a bar where bars are decoded, in its place; `cells` are those of its notes, and when each is due."""

    asked: Asked
    tokens: Tokens
    notes: Played
    cells: tuple[tuple[Cell, int], ...]


@dataclass(frozen=True, slots=True)
class Obedience:
    """How moves were obeyed. `notes` and `obeyed` count notes that a move should have changed; `latencies_ms` has one for each
    move that was taken: from the hand until a note due just then would have been the new one."""

    lead_ms: float  # from the hand to when it had to be obeyed; 0 where that was when it was taken
    moves: int
    overtaken: int  # moves that a newer position of the knob overtook before they were decoded
    notes: int
    obeyed: int
    latencies_ms: tuple[tuple[Way, float], ...]

    @property
    def share(self) -> float:
        """Of the notes, those that obeyed; 1 of none."""
        return self.obeyed / self.notes if self.notes else 1.0


@dataclass(frozen=True, slots=True)
class Performance:
    """What was played until `end_s`; `time_of` gives the monotonic seconds of a song tick, at a steady tempo."""

    notes: Played
    time_of: Callable[[int], float]
    end_s: float

    def tick_at(self, at_s: float) -> int:
        return int((at_s - self.time_of(0)) / (self.time_of(1) - self.time_of(0)))


@dataclass(frozen=True, slots=True)
class Ruled:
    """A move as it is judged: from `may_s` on it may be obeyed, from `must_s` on it must. `act` is the one that took it, if any did."""

    turned: Turned
    act: Act | None
    may_s: float
    must_s: float


@dataclass(frozen=True, slots=True)
class Expected:
    """What a move should make of the music: the notes before and after it."""

    ruled: Ruled
    before: Played
    after: Played


class Oracle:
    """A patch as one bundle sees it, its model and seed, the numbers of its parts in the band, and where the knobs stood at the start.

    Tempo, variation and quantise do not change.
    """

    def __init__(self, patch: Patch, model: Model, seed: int, start: Positions, numbers: Sequence[int] = (0,)):
        self.patch, self.model, self.seed, self.start, self.numbers = patch, model, seed, start, tuple(numbers)
        self.length = model.steps * TICKS_PER_STEP
        self.tempo_bpm = start.knobs["tempo"]

    def judge(self, turns: Sequence[Turned], acts: Sequence[Act], played: Performance, lead_s: float) -> Obedience:
        """Hold what was played against the moves: a note due `lead_s` after a move must obey it."""
        acts = concerning(acts, self.numbers)
        rules = [Ruled(turned, taking(turned, acts, played), turned.at_s, turned.at_s + lead_s) for turned in turns]
        return self.verdict(rules, acts, played, lead_s)

    def judge_when_taken(self, turns: Sequence[Turned], acts: Sequence[Act], played: Performance) -> Obedience:
        """The same, however long the machine kept the moves waiting: a note due after the player took the new phrase must obey."""
        acts, rules = concerning(acts, self.numbers), []
        for turned in turns:
            act = taking(turned, acts, played)
            if act is not None:
                rules.append(Ruled(turned, act, played.time_of(act.tick) - LATE_S, taken_s(act, played)))
        return self.verdict(rules, acts, played)

    def verdict(self, rules: Sequence[Ruled], acts: Sequence[Act], played: Performance, lead_s: float = 0.0) -> Obedience:
        """The rules held against what was played."""
        expected = self.expect(rules, acts, played)
        ends_s = [*(rule.may_s for rule in rules[1:]), played.end_s]
        obeyed = [right for one, end_s in zip(expected, ends_s, strict=True) for right in verdicts(one, end_s, played)]
        taken = [(rule.turned, taken_s(rule.act, played)) for rule in rules if rule.act is not None]
        latencies = tuple((turned.way, (at_s - turned.at_s) * 1000) for turned, at_s in taken)
        return Obedience(lead_s * 1000, len(rules), len(rules) - len(taken), len(obeyed), sum(obeyed), latencies)

    def expect(self, rules: Sequence[Ruled], acts: Sequence[Act], played: Performance) -> list[Expected]:
        """For each move what it should make of the phrases that stood when it had to be obeyed."""
        stands, expected, coming = Stands(self), list[Expected](), deque(acts)
        positions = self.start
        for rule in rules:
            positions = positions.moved({rule.turned.knob: rule.turned.value})
            while coming and coming[0] is not rule.act and played.time_of(begun(coming[0])) <= rule.must_s:
                stands.do(coming.popleft())
            in_time = coming and coming[0] is rule.act and played.time_of(begun(coming[0])) <= rule.must_s
            at = begun(coming[0]) if in_time else played.tick_at(rule.must_s)
            before, after = stands.change(positions, at)
            expected.append(Expected(rule, before, after))
        return expected

    def say(self, index: int, positions: Positions, old: Said | None = None, at: int = 0) -> Said:
        """Phrase `index` as the model says it at these positions, all of `old` that was due by the song tick `at` kept.

        Where the model is asked nothing new, it says nothing new: a knob at its end may be turned on.
        """
        asked, model = self.asks(index, positions), self.model
        forced, mask = (None, None) if old is None else (old.tokens, self.past(index, positions, old, at))
        if old is not None and old.asked == asked:
            tokens = old.tokens
        else:
            tokens = model.decode(asked, self.seed, self.numbers[0], index % model.units, 1, forced, mask)
        felt = model.felt(tokens, asked, self.seed, self.numbers[0], positions)
        unit, notes, cells = index % model.units, dict[Identity, Struck](), list[tuple[Cell, int]]()
        for number, part in zip(self.numbers, self.patch.parts, strict=True):
            for note in model.place(felt, model.nothing, part, unit, positions, self.tempo_bpm):
                tick = index * self.length + note.on_tick
                notes[number, note.voice, index * model.steps + note.step] = (tick, note.pitch, note.velocity)
                cells.append((model.cell(part, note), tick))
        return Said(asked, tokens, notes, tuple(cells))

    def asks(self, index: int, positions: Positions) -> Asked:
        """What the model is asked for a phrase or bar; a temperature for each stream."""
        shares = dict.fromkeys(self.model.streams, 1.0)
        for part in reversed(self.patch.parts):
            shares[part.stream] = positions.of(part.name, "temperature")
        temperatures, variation = tuple(positions.knobs["temperature"] * share for share in shares.values()), positions.knobs["variation"]
        z = steer(self.patch, positions, self.model.space)
        return Asked(z.tobytes(), temperatures, 0, variation, index // self.model.units if variation > 0 else 0)

    def past(self, index: int, positions: Positions, old: Said, at: int) -> Mask:
        """The cells of a phrase that are over at a song tick: none of their notes can be due any more."""
        latest = index * self.length + HALF_STEP_TICKS + self.shift(positions)
        within = sum(latest + step * TICKS_PER_STEP <= at for step in range(self.model.steps))
        return self.model.mask(within, [cell for cell, tick in old.cells if tick <= at])

    def shift(self, positions: Positions) -> int:
        """How far the part that plays earliest is moved, in ticks."""
        return min(shift_ticks(part, positions.knobs, self.tempo_bpm) for part in self.patch.parts)

    def phrase_at(self, at: int, positions: Positions) -> int:
        """The number of the phrase that a change at a song tick still reaches."""
        return max(0, (at - self.shift(positions) + HALF_STEP_TICKS) // self.length)


class Stands:
    """The phrases as they stood, act after act."""

    def __init__(self, oracle: Oracle):
        self.oracle, self.positions = oracle, oracle.start
        self.phrases: dict[int, Said] = {}
        self.last = -1  # the phrase decoded last; the next to follow is the one after it

    def do(self, act: Act) -> None:
        """What an act of the log did. Acts that decode nothing change nothing."""
        knobs = {name: float(value) for name, value in act.changes.items() if name in self.positions.knobs}
        self.positions = self.positions.moved(knobs)
        match act.do:
            case "play" | "follow":
                self.last += 1
                self.phrases[self.last] = self.oracle.say(self.last, self.positions)
            case "move" if act.at is not None:
                self.last = self.oracle.phrase_at(act.at, self.positions)
                self.phrases[self.last] = self.oracle.say(self.last, self.positions, self.phrases.get(self.last), act.at)
            case "repeat":
                self.last = int(act.value) // self.oracle.model.steps
                self.phrases[self.last] = self.shifted(self.phrases[self.last - 1])
            case _:
                pass
        self.phrases = {index: said for index, said in self.phrases.items() if index > self.last - 2}

    def shifted(self, said: Said) -> Said:
        """A phrase played once more, a length later."""
        steps, ticks = self.oracle.model.steps, self.oracle.length
        again = dict[Identity, Struck]()
        for (part, voice, step), (tick, pitch, loud) in said.notes.items():
            again[part, voice, step + steps] = (tick + ticks, pitch, loud)
        return Said(said.asked, said.tokens, again, tuple((cell, tick + ticks) for cell, tick in said.cells))

    def change(self, positions: Positions, at: int) -> tuple[Played, Played]:
        """The phrase at a song tick and, where it stands already, the next: as they are, and as these positions make them from then on."""
        index = self.oracle.phrase_at(at, positions)
        before, after = dict[Identity, Struck](), dict[Identity, Struck]()
        for number in {index, index + 1} & set(self.phrases):
            old = self.phrases[number]
            before.update(old.notes)
            after.update(self.oracle.say(number, positions, old if number == index else None, at).notes)
        return before, after


def concerning(acts: Sequence[Act], numbers: Collection[int]) -> list[Act]:
    """The acts as some parts of the band saw them: when they took what was theirs, and without decoding where nothing was."""
    found = []
    for place, act in enumerate(acts):
        if act.do == "with":
            continue
        together = [act, *takewhile(lambda later: later.do == "with", acts[place + 1 :])]
        own = [one for one in together if one.part in numbers]
        if own:
            act = replace(act, tick=own[-1].tick)
        elif act.do not in ("play", "continue"):
            act = replace(act, do="with")
        found.append(act)
    return found


def begun(act: Act) -> int:
    """The song tick that an act is about: up to there the music counted as heard."""
    return act.tick if act.at is None else act.at


def taken_s(act: Act, played: Performance) -> float:
    """From when on a note due would be of the act's new phrase: the player has it, and it was not yet counted as heard."""
    return played.time_of(max(begun(act), act.tick) + 1)


def taking(turned: Turned, acts: Iterable[Act], played: Performance) -> Act | None:
    """The act that took a move; None when a newer position of the knob overtook it."""
    for act in acts:
        taken = act.at is not None and act.changes.get(turned.knob) == turned.value
        if taken and 0 <= played.time_of(begun(act)) - turned.at_s < LONGEST_S:
            return act
    return None


def verdicts(expected: Expected, end_s: float, played: Performance) -> Iterator[bool]:
    """For each note that a move should have changed, due when it had to be obeyed and before another could be: whether it was so played."""
    for identity in expected.before.keys() | expected.after.keys():
        old, new = expected.before.get(identity), expected.after.get(identity)
        due_s = [played.time_of(note[0]) for note in (old, new) if note is not None]
        if old != new and expected.ruled.must_s <= min(due_s) and max(due_s) < end_s:
            struck = played.notes.get(identity)
            yield struck == new or (new is None and struck is not None and played.time_of(struck[0]) >= end_s)  # another move's by then
