"""What the player is about to play: phrases handed over by the lookahead, spliced, played once each, repeated when nothing new came.

Times are song ticks (960 a beat; tick 0 is the first line, the lead-in is negative). The same `accept` calls at the same ticks give the
same events, however `due` is called in between. Knows nothing of seconds, tempo, ports or who reads the events.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

from mvae.core.held import HALF_STEP_TICKS, NEVER, HeldPart
from mvae.core.phrase import TICKS_PER_STEP

OFF: Final = 0  # kinds of Event
ON: Final = 1
REPEAT: Final = 2  # the last phrase of a part begins again at `step`: nothing newer came in time
SKIPPED: Final = 3  # a note-on that was overdue after a stall and stays silent
BEFORE: Final = -(1 << 62)  # the tick to accept at while nothing plays: no note is late


class Due(NamedTuple):
    """One note to play. A tuple, because the player unpacks a hundred of them between two notes."""

    voice: int
    step: int  # absolute, from the first line
    on_tick: int
    off_tick: int
    channel: int  # 0..15
    pitch: int
    velocity: int  # 1..127


@dataclass(frozen=True, slots=True)
class Handoff:
    """A phrase of one part for steps `start_step` to `start_step + length_steps`; notes before `take_hold_step` are not taken.

    One that sounds already may be named all the same, to end it earlier. A silent part has no notes, and what sounds of it ends at the
    line of that step.
    """

    part: int
    generation: int
    start_step: int
    length_steps: int
    take_hold_step: int
    notes: tuple[Due, ...]
    silent: bool = False


class Event(NamedTuple):
    """Something that happens at a tick; `kind` is OFF, ON, REPEAT or SKIPPED."""

    tick: int
    kind: int
    channel: int
    pitch: int
    velocity: int
    part: int
    voice: int
    step: int


class Spliced(NamedTuple):
    """What became of a handoff: notes that stay as they were, that were taken out unplayed, that sound late, at once, and that never do."""

    kept: int
    replaced: int
    late: int
    dropped: int


_Pending = tuple[int, int, int, int, int, int, int, int]  # on_tick, channel, pitch, -velocity, part, voice, step, off_tick


def _pending(part: int, note: Due, on_tick: int) -> _Pending:
    """As the queue sorts it: of two notes that strike one pitch at once the louder comes first. A late note keeps its length."""
    voice, step, due_tick, off_tick, channel, pitch, velocity = note
    return (on_tick, channel, pitch, -velocity, part, voice, step, max(off_tick - due_tick, 1) + on_tick)


class Score:
    """The notes of all parts in playing order. `due` hands out what happens; `accept` takes what is to come."""

    def __init__(self) -> None:
        self._parts: dict[int, HeldPart] = {}
        self._queue: list[_Pending] = []  # unplayed notes, the next one last
        self._sounding: dict[tuple[int, int], tuple[int, int, int, int, int]] = {}  # (channel, pitch) -> off, on tick, part, voice, step
        self._events: list[Event] = []
        self._oldest_tick = BEFORE  # a note-on before this is skipped
        self._stop_step = NEVER

    def accept(self, handoff: Handoff, tick: int, late_ticks: int = 0) -> Spliced:
        """Splice a phrase in at `tick`: identities that have sounded stay, all others from the take-hold step on come from the handoff.

        A new note that is due already sounds at once if it is at most `late_ticks` late. If it is later, the unplayed note of the
        old phrase with the same identity stays; where there is none, the note is dropped.
        """
        self._advance(tick)
        part = self._parts.setdefault(handoff.part, HeldPart())
        first, end = max(handoff.take_hold_step, handoff.start_step), handoff.start_step + handoff.length_steps
        old = self._take_out(handoff.part, part, first, max(end, handoff.start_step + part.phrases.get(handoff.start_step, 0)))
        if handoff.silent:
            self._hush(handoff.part, first, tick)
        replaced, kept, late, dropped = len(old), 0, 0, 0
        for note in handoff.notes:
            identity, taken = note[:2], first <= note.step < end
            if identity in part.played:
                kept += taken
                self._end_earlier(handoff.part, note, tick)
                continue
            if not taken:
                continue
            if identity in part.held:
                continue  # the handoff names it twice
            part.held[identity] = note
            if note.on_tick >= tick:
                self._queue.append(_pending(handoff.part, note, note.on_tick))
            elif tick - note.on_tick <= late_ticks:
                late += 1
                self._queue.append(_pending(handoff.part, note, tick))
            elif identity in old:
                kept += 1
                replaced -= 1
                self._queue.append(old[identity])
            else:
                dropped += 1
        self._queue.sort(reverse=True)
        part.phrases[handoff.start_step] = handoff.length_steps
        part.generation = handoff.generation
        part.plan_repeat()
        part.forget(tick)
        return Spliced(kept, replaced, late, dropped)

    def leave(self, step: int, tick: int) -> None:
        """From the line of a step on nothing of what is held at `tick` plays or repeats: other music comes.

        What sounds keeps its end, unless a note of its own part and voice, or of its pitch, begins before.
        """
        self._advance(tick)
        self._queue = [note for note in self._queue if note[6] < step]
        for part in self._parts.values():
            part.leave(step)

    def due(self, tick: int, oldest_on_tick: int = BEFORE) -> list[Event]:
        """All that happens up to and including `tick`, in order. Note-ons before `oldest_on_tick`, once given, come as SKIPPED."""
        self._oldest_tick = max(self._oldest_tick, oldest_on_tick)
        self._advance(tick)
        events, self._events = self._events, []
        return events

    def next_tick(self) -> int | None:
        """The tick of the next event, which may be past; None when nothing will ever happen."""
        tick = self._events[0].tick if self._events else min(self._next())
        return None if tick == NEVER else tick

    def silence(self, tick: int) -> list[Event]:
        """What is due up to `tick`, and then the note-offs of everything that sounds."""
        self._advance(tick)
        for key in list(self._sounding):
            self._end(key, tick)
        return self.due(tick)

    def seek(self, step: int) -> None:
        """Go on from a step: what is held of it and of later steps sounds again. For a start from standstill, after `silence`."""
        self._stop_step, self._oldest_tick = NEVER, BEFORE
        self._queue = []
        for number, part in self._parts.items():
            part.played = {identity for identity in part.played if identity[1] < step}
            self._queue += [_pending(number, note, note.on_tick) for (_, at), note in part.held.items() if at >= step]
        self._queue.sort(reverse=True)

    def stop_at(self, step: int) -> None:
        """Notes of this step and later ones do not sound, early as they may be, and nothing is repeated for them; until `seek`."""
        self._stop_step = step

    def early_ticks(self, step: int) -> int:
        """How long before the line of `step` the first unplayed note is due; at least half a step."""
        return max(HALF_STEP_TICKS, step * TICKS_PER_STEP - self._queue[-1][0] if self._queue else 0)

    def sounding(self) -> list[tuple[int, int]]:
        """(channel, pitch) of what sounds."""
        return list(self._sounding)

    def parts(self) -> list[tuple[int, int, int, int]]:
        """(part, generation, end step of what is held, next step: the one after the last that has sounded) of those that go on."""
        rows = ((number, part.generation, part.end_step, part.played_step + 1) for number, part in self._parts.items() if not part.gone)
        return list(rows)

    def _next(self) -> tuple[int, int, int]:
        """Ticks of the next repeat, note-off and note-on; on one tick they happen in this order."""
        repeat = min((part.repeat_tick for part in self._parts.values() if part.end_step < self._stop_step), default=NEVER)
        off = min((end[0] for end in self._sounding.values()), default=NEVER)
        return repeat, off, self._queue[-1][0] if self._queue else NEVER

    def _advance(self, tick: int) -> None:
        while True:
            repeat, off, on = self._next()
            if min(repeat, off, on) > tick:
                return
            if repeat <= off and repeat <= on:
                self._repeat(repeat)
            elif off <= on:
                for key in [key for key, end in self._sounding.items() if end[0] == off]:
                    self._end(key, off)
            else:
                self._strike(self._queue.pop())

    def _strike(self, note: _Pending) -> None:
        """A note-on is due: end what it chokes, the same voice and the same pitch, and sound it."""
        tick, channel, pitch, velocity, number, voice, step, off_tick = note
        if step >= self._stop_step:
            return
        part, key = self._parts[number], (channel, pitch)
        part.played.add((voice, step))
        part.played_step = max(part.played_step, step)
        if tick < self._oldest_tick:
            self._events.append(Event(tick, SKIPPED, channel, pitch, -velocity, number, voice, step))
            return
        if key in self._sounding and self._sounding[key][1] == tick:
            return  # a louder note struck this pitch on this very tick: the two are one
        for other in [other for other, end in self._sounding.items() if other == key or end[2:4] == (number, voice)]:
            self._end(other, tick)
        self._sounding[key] = (off_tick, tick, number, voice, step)
        self._events.append(Event(tick, ON, channel, pitch, -velocity, number, voice, step))

    def _end(self, key: tuple[int, int], tick: int) -> None:
        _, _, part, voice, step = self._sounding.pop(key)
        self._events.append(Event(tick, OFF, key[0], key[1], 0, part, voice, step))

    def _end_earlier(self, part: int, note: Due, tick: int) -> None:
        """A note that sounds keeps its end across a splice, unless the new phrase ends it earlier, whatever pitch it has there."""
        for key, sounds in self._sounding.items():
            if sounds[2:] == (part, note.voice, note.step) and note.off_tick < sounds[0]:
                self._sounding[key] = (max(note.off_tick, tick), *sounds[1:])

    def _hush(self, part: int, step: int, tick: int) -> None:
        """End what sounds of a part, and what will have begun, at the line of a step, where it does not end before."""
        end = max(step * TICKS_PER_STEP, tick)
        for key, sounds in self._sounding.items():
            if sounds[2] == part:
                self._sounding[key] = (min(sounds[0], end), *sounds[1:])
        self._queue = [
            (*note[:7], max(min(note[7], end), note[0] + 1)) if note[4] == part and note[6] < step else note for note in self._queue
        ]

    def _take_out(self, number: int, part: HeldPart, first: int, end: int) -> dict[tuple[int, int], _Pending]:
        """Remove the unplayed notes of a part's steps from `first` to before `end`, and give them by identity."""
        out = {note[5:7]: note for note in self._queue if note[4] == number and first <= note[6] < end}
        self._queue = [note for note in self._queue if note[4] != number or note[5:7] not in out]
        part.held = {identity: note for identity, note in part.held.items() if not first <= identity[1] < end or identity in part.played}
        return out

    def _repeat(self, tick: int) -> None:
        """Nothing newer came: the last phrase of the part again, one length later."""
        number, part = next(item for item in self._parts.items() if item[1].repeat_tick == tick and item[1].end_step < self._stop_step)
        start, length = part.last()
        ticks = length * TICKS_PER_STEP
        for (voice, step), note in list(part.held.items()):
            if max(start, part.first_step) <= step < start + length and voice >= 0:
                again = note._replace(step=step + length, on_tick=note.on_tick + ticks, off_tick=note.off_tick + ticks)
                part.held[voice, step + length] = again
                self._queue.append(_pending(number, again, again.on_tick))
        self._queue.sort(reverse=True)
        part.phrases[start + length] = length
        part.plan_repeat()
        part.forget(tick)
        self._events.append(Event(tick, REPEAT, 0, 0, 0, number, 0, start + length))
