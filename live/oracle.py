"""Whether moves were obeyed: what each should have made of the music, worked out anew from the model, held against what was played.

Pure, and none of the code that played has a part in it but `steer`, the decoder and `shape`: it puts forced steps and phrases together
itself. A note is judged where one move alone governs it: due so long after that move, and before the next. Knows the log's acts, times
and played notes; no ports.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mvae.core.chance import phrase_noise
from mvae.core.groove import VOICES
from mvae.core.panel import Positions
from mvae.core.part import Part
from mvae.core.patch import Patch
from mvae.core.phrase import TICKS_PER_STEP
from mvae.core.shaping import HALF_STEP_TICKS, shape, shift_ticks
from mvae.core.steer import steer
from mvae.live.control_log import Act
from mvae.live.decoder import add_feel
from mvae.live.hand import Way
from mvae.live.lookahead import Decodes, Tokens

Identity = tuple[int, int]  # voice, absolute step
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
    """A phrase of the model in its place. `asked` is what the model was asked: latent, temperature, variation."""

    asked: tuple[bytes, float, float]
    tokens: Tokens
    notes: Played


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
    """One part of a patch, its decoder and seed, and where the knobs stood at the start. Tempo, variation and quantise do not change."""

    def __init__(self, patch: Patch, decoder: Decodes, seed: int, start: Positions):
        self.patch, self.decoder, self.seed, self.start = patch, decoder, seed, start
        self.part: Part = patch.parts[0]
        self.length = decoder.steps * TICKS_PER_STEP
        self.tempo_bpm = start.knobs["tempo"]

    def judge(self, turns: Sequence[Turned], acts: Sequence[Act], played: Performance, lead_s: float) -> Obedience:
        """Hold what was played against the moves: a note due `lead_s` after a move must obey it."""
        rules = [Ruled(turned, taking(turned, acts, played), turned.at_s, turned.at_s + lead_s) for turned in turns]
        return self.verdict(rules, acts, played, lead_s)

    def judge_when_taken(self, turns: Sequence[Turned], acts: Sequence[Act], played: Performance) -> Obedience:
        """The same, however long the machine kept the moves waiting: a note due after the player took the new phrase must obey."""
        rules = []
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
        z = steer(self.patch, positions, self.decoder.space)
        noise = phrase_noise(self.seed, 0, 0, index, positions.knobs["variation"], self.decoder.steps, VOICES)
        asked = (z.tobytes(), positions.knobs["temperature"], positions.knobs["variation"])
        forced, mask = (None, None) if old is None else (old.tokens, self.past(index, positions, old, at))
        if old is not None and old.asked == asked:
            tokens = old.tokens
        else:
            tokens = self.decoder.decode(z, noise.hits, positions.knobs["temperature"], forced, mask)
        felt = add_feel(tokens, noise.feel, self.decoder.space, positions.knobs["feel"])
        line, first = index * self.length, index * self.decoder.steps
        placed = shape(felt, self.part, positions, self.tempo_bpm)
        return Said(asked, tokens, {(note.voice, first + note.step): (line + note.on_tick, note.pitch, note.velocity) for note in placed})

    def past(self, index: int, positions: Positions, old: Said, at: int) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
        """The cells (steps, voices) of a phrase that are over at a song tick: none of their notes can be due any more."""
        first, shift = index * self.decoder.steps, shift_ticks(self.part, positions.knobs, self.tempo_bpm)
        latest = [(first + step) * TICKS_PER_STEP + HALF_STEP_TICKS + shift for step in range(self.decoder.steps)]
        mask = np.array([[tick <= at] * VOICES for tick in latest])
        for (voice, step), (tick, _, _) in old.notes.items():
            mask[step - first, voice] |= tick <= at
        return mask

    def phrase_at(self, at: int, positions: Positions) -> int:
        """The number of the phrase that a change at a song tick still reaches."""
        shift = shift_ticks(self.part, positions.knobs, self.tempo_bpm)
        return max(0, (at - shift + HALF_STEP_TICKS) // self.length)


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
                self.last = int(act.value) // self.oracle.decoder.steps
                self.phrases[self.last] = self.shifted(self.phrases[self.last - 1])
            case _:
                pass
        self.phrases = {index: said for index, said in self.phrases.items() if index > self.last - 2}

    def shifted(self, said: Said) -> Said:
        """A phrase played once more, a length later."""
        steps, ticks = self.oracle.decoder.steps, self.oracle.length
        again = {(voice, step + steps): (tick + ticks, pitch, loud) for (voice, step), (tick, pitch, loud) in said.notes.items()}
        return Said(said.asked, said.tokens, again)

    def change(self, positions: Positions, at: int) -> tuple[Played, Played]:
        """The phrase at a song tick and, where it stands already, the next: as they are, and as these positions make them from then on."""
        index = self.oracle.phrase_at(at, positions)
        before, after = dict[Identity, Struck](), dict[Identity, Struck]()
        for number in {index, index + 1} & set(self.phrases):
            old = self.phrases[number]
            before.update(old.notes)
            after.update(self.oracle.say(number, positions, old if number == index else None, at).notes)
        return before, after


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
