"""Hop 6 of the signal path: beats become MIDI at their time. Owns the clock, the song position and the sounding notes.

`step(now_s)` does all that is due and `receive` takes a message; between them it waits for nothing, so that a test can run it on a clock
of its own. Ticks are 1/960 beat: a clock tick counts from the clock's beat 0, a song tick from the first line; `origin_tick` is the
difference. `clock` is the one that notes are played by: the beat's, later by the nudge; the MIDI clock that is sent keeps to the beat.
The song never goes back: where the clock is set back, by a nudge or a master, it stands until that has come there again, so a take needs
no nudge to be played again. A channel is one of a port: 16 for each slot. Knows nothing of pipes, processes and models, nor of a master.
"""

from collections.abc import Callable, Sequence
from typing import Final

from mvae.core.clock import Clock
from mvae.core.held import HALF_STEP_TICKS, NEVER
from mvae.core.part import CHANNELS
from mvae.core.phrase import STEPS_PER_BAR, TICKS_PER_BEAT, TICKS_PER_STEP
from mvae.core.score import BEFORE, OFF, ON, REPEAT, Event, Handoff, Score
from mvae.live import output, wire
from mvae.live.output import EVERY, Sink
from mvae.live.status import Counters, PartStatus, Status, StatusPage
from mvae.live.voices import Voices

MIDI_CLOCK_TICKS: Final = TICKS_PER_BEAT // 24
START_TICKS: Final = 8  # FA and FB go out this long before the F8 of their line: at least 1 ms, as the MIDI standard asks, up to 500 BPM
LATE_S: Final = 0.010  # a note that a splice brings this late still sounds
STALL_S: Final = 0.100
CATCH_UP_CLOCKS: Final = 96  # MIDI clocks sent at once after a stall, so that listeners keep their place; of more they lose it anyway
FLOAT_SLACK_TICKS: Final = 1e-5


def late_ticks(clock: Clock) -> int:
    """The lateness that a spliced note may have, in ticks at the clock's tempo."""
    return round(LATE_S / clock.seconds_per_beat * TICKS_PER_BEAT)


class Player:
    """Plays the score on `out`. `now_s` gives monotonic seconds; clock, song and counters of a page that was written go on."""

    def __init__(
        self, now_s: Callable[[], float], out: Sink, up: wire.UpPipe, page: StatusPage, bpm: float = 120.0, nudge_ms: float = 0.0
    ) -> None:
        before = page.read() or Status(False, Clock(0.0, now_s(), 60.0 / bpm), 0, 0, Counters(), 0.0, 0.0, ())
        self._now_s, self._up, self._page = now_s, up, page
        self.clock, self.counters, self.playing = before.clock, before.counters, before.playing
        self._voices = Voices(out, page, self.counters, now_s)
        self._nudge_s = nudge_ms / 1000
        self._origin_tick, self._stopped_tick = before.origin_tick, before.stopped_tick
        self._last_lateness_s, self._worst_lateness_s = 0.0, before.worst_lateness_s
        self._score = Score()
        self._lag_ticks = self._lag()  # how much later notes are played than the MIDI clock of their tick is sent
        self._clock_tick = self._next_clock(now_s())  # of the next F8, on the beat
        self._stop_tick = NEVER  # clock tick
        self._line = (NEVER, b"", EVERY)  # FA or FB: its tick on the beat, and the slot that is told
        self._oldest_tick, self._skipped = BEFORE, 0
        self._reached_tick, self._moved_s = BEFORE, 0.0  # how far the song has come; when the clock was set: what that made due is due then
        self._publish()

    def deadline_s(self) -> float:
        """The monotonic time of the next thing to do."""
        return self.clock.time_of(self._next_tick() / TICKS_PER_BEAT)

    def step(self, now_s: float) -> None:
        """Do all that is due."""
        limit, tick = self._tick_at(now_s), self._next_tick()
        if tick > limit:
            return
        overdue_s = now_s - self._due_s(tick)
        if overdue_s > STALL_S:
            self._catch_up(limit)
        while tick <= limit:
            self._dispatch(tick)
            tick = self._next_tick()
        self._reached_tick = max(self._reached_tick, limit)
        if overdue_s > STALL_S:
            self._up.post(wire.Stall(limit - self._origin_tick, int(overdue_s * 1000), self._skipped, self._oldest_tick))
        self._publish()

    def receive(self, message: wire.Down, now_s: float) -> None:
        """Take a message of the instrument's, after everything due before it."""
        self.step(now_s)
        tick = self._come_to(now_s)
        match message:
            case Handoff():
                self._accept(message, tick - self._origin_tick if self.playing else BEFORE)
            case wire.Tempo(bpm):
                self._set_tempo(self._tick_at(now_s), bpm)
            case wire.Nudge(ms):
                self._nudge(ms, now_s)
            case wire.Locate(step):
                self._locate(tick, step * TICKS_PER_STEP)
            case wire.Play(lead_ticks, handoffs):
                self._halt(tick)
                self._score, self._stopped_tick = Score(), 0
                self._start(tick, lead_ticks, handoffs, output.START)
            case wire.Continue(lead_ticks, handoffs) if not self.playing:
                self._start(tick, lead_ticks, handoffs, output.CONTINUE)
            case wire.Enter(step, handoffs):
                song_tick = tick - self._origin_tick if self.playing else BEFORE
                self._score.leave(step, song_tick)
                for handoff in handoffs:
                    self._accept(handoff, song_tick)
            case wire.Stop(step):
                self._stop(tick, step)
            case wire.Panic():
                self._silence(tick, (output.ALL_NOTES_OFF, output.RESET_CONTROLLERS, output.ALL_SOUND_OFF))
                self._up.post(wire.Panicked(self._song_tick(tick)))
            case wire.Resume(handoffs):
                self._resume(tick, handoffs)
            case wire.Thru():
                self._voices.pass_on(message)
            case wire.Hush(slot):
                self._voices.hush((slot,), but_sounding=True)
        self.step(now_s)
        self._publish()

    def shut(self) -> None:
        """The end: everything is silenced and listeners are told to stop. The page keeps the song's state, for a successor."""
        self._silence(self._come_to(self._now_s()), (output.ALL_NOTES_OFF, output.RESET_CONTROLLERS))
        if self.playing:
            self._voices.send(output.STOP)
        self._up.flush()

    def _tick_at(self, now_s: float) -> int:
        return int((self.clock.beat_at(now_s) * TICKS_PER_BEAT + FLOAT_SLACK_TICKS) // 1)

    def _come_to(self, now_s: float) -> int:
        """The clock tick that the song has come to."""
        tick = self._tick_at(now_s)
        self._reached_tick = max(self._reached_tick, tick) if self.playing else tick
        return self._reached_tick

    def _due_s(self, tick: int) -> float:
        """When a clock tick was due."""
        return max(self.clock.time_of(tick / TICKS_PER_BEAT), self._moved_s)

    def _song_tick(self, tick: int) -> int:
        return tick - self._origin_tick if self.playing else self._stopped_tick

    def _next_tick(self) -> int:
        tick = min(self._clock_tick - self._lag_ticks, self._stop_tick, self._line[0] - self._lag_ticks)
        note = self._score.next_tick() if self.playing else None
        return tick if note is None else min(tick, note + self._origin_tick)

    def _dispatch(self, tick: int) -> None:
        """All of one clock tick: a stop before anything else, the MIDI clock before the notes."""
        if tick >= self._stop_tick:
            self._halt(tick)
        if tick >= self._line[0] - self._lag_ticks:
            self._voices.send(*self._line[1:])
            self._line = (NEVER, b"", EVERY)
        if tick >= self._clock_tick - self._lag_ticks:
            self._voices.send(output.CLOCK)
            self._clock_tick += MIDI_CLOCK_TICKS
            self.counters.clocks += 1
        if self.playing:
            self._perform(self._score.due(tick - self._origin_tick, self._oldest_tick))

    def _perform(self, events: Sequence[Event]) -> None:
        for event in events:
            tick, kind, channel, pitch, velocity, part, voice, step = event
            if kind in (ON, OFF):
                self._voices.strike(channel, pitch, velocity) if kind == ON else self._voices.end(channel, pitch)
                lateness_s = self._now_s() - self._due_s(tick + self._origin_tick)
                self._count(lateness_s)
                self._up.post(wire.Sent(tick, kind == ON, channel % CHANNELS, pitch, velocity, part, voice, step, int(lateness_s * 1e6)))
            elif kind == REPEAT:
                self.counters.repeats += 1
                self._up.post(wire.Repeated(part, step, tick))
            else:
                self.counters.skipped += 1
                self._skipped += 1

    def _count(self, lateness_s: float) -> None:
        self.counters.sent += 1
        self._last_lateness_s = lateness_s
        self._worst_lateness_s = max(self._worst_lateness_s, lateness_s)
        self._page.count_lateness(lateness_s)

    def _catch_up(self, limit: int) -> None:
        """After a stall: note-ons that are overdue stay silent, and the MIDI clocks that were missed are sent at once."""
        self.counters.stalls += 1
        self._skipped = 0
        self._oldest_tick = limit - self._origin_tick - late_ticks(self.clock)
        first = ((limit + self._lag_ticks) // MIDI_CLOCK_TICKS - CATCH_UP_CLOCKS + 1) * MIDI_CLOCK_TICKS
        self._clock_tick = max(self._clock_tick, first)

    def _accept(self, handoff: Handoff, song_tick: int) -> None:
        spliced = self._score.accept(handoff, song_tick, late_ticks(self.clock))
        self.counters.late += spliced.late
        self.counters.dropped += spliced.dropped
        at_tick = self._stopped_tick if song_tick == BEFORE else song_tick
        self._up.post(wire.Accepted(handoff.part, handoff.generation, at_tick, *spliced))

    def _set_tempo(self, tick: int, bpm: float) -> None:
        """From the whole tick that has passed, so that the tempo map of a recording gives the very times that were played."""
        at_beat = tick / TICKS_PER_BEAT
        self.clock = Clock(at_beat, self.clock.time_of(at_beat), 60.0 / bpm)
        self._lag_ticks = self._lag()
        self._up.post(wire.TempoAt(self._song_tick(self._reached_tick), bpm))

    def _nudge(self, ms: float, now_s: float) -> None:
        """From now on notes are played so much later than the beat, or earlier. What that makes overdue sounds at once."""
        before_s, self._nudge_s = self._nudge_s, ms / 1000
        self.clock, self._moved_s = self.clock.later(self._nudge_s - before_s), now_s
        self._lag_ticks = self._lag()

    def _lag(self) -> int:
        return round(self._nudge_s / self.clock.seconds_per_beat * TICKS_PER_BEAT)

    def _next_clock(self, now_s: float) -> int:
        """The tick on the beat of the next F8 after now."""
        return ((self._tick_at(now_s) + self._lag_ticks) // MIDI_CLOCK_TICKS + 1) * MIDI_CLOCK_TICKS

    def _locate(self, tick: int, song_tick: int) -> None:
        """Silence, and nothing held: play goes on from elsewhere when it is told to."""
        self._halt(tick)
        self._score, self._stopped_tick = Score(), song_tick
        self._up.post(wire.Located(song_tick))

    def _start(self, tick: int, lead_ticks: int, handoffs: Sequence[Handoff], start: bytes) -> None:
        """From standstill at the step where it stopped, after a lead-in, with a MIDI clock on the line."""
        step = max(0, (self._stopped_tick + HALF_STEP_TICKS) // TICKS_PER_STEP)
        self._score.seek(step)  # so that the handoffs may replace what has sounded of this step,
        for handoff in handoffs:
            self._accept(handoff, BEFORE)
        self._score.seek(step)  # and what they bring for earlier ones stays silent
        least = max(self._score.early_ticks(step) + lead_ticks, self._lag_ticks + START_TICKS)
        line_tick = -(-(tick + least) // MIDI_CLOCK_TICKS) * MIDI_CLOCK_TICKS
        self._origin_tick, self._oldest_tick = line_tick - step * TICKS_PER_STEP, BEFORE
        self._tell_line(line_tick, step, start)
        self.playing = True
        self._up.post(wire.Started(tick - self._origin_tick, step * TICKS_PER_STEP, lead_ticks // (STEPS_PER_BAR * TICKS_PER_STEP)))

    def _tell_line(self, line_tick: int, step: int, start: bytes, slot: int = EVERY) -> None:
        if start == output.CONTINUE:
            self._voices.send(output.song_position(step), slot)
        self._line = (line_tick - START_TICKS, start, slot)

    def _stop(self, tick: int, step: int) -> None:
        if step != wire.STOP_NOW:
            self._up.post(wire.Stopping(step, self._song_tick(tick)))
        if not self.playing:
            self._up.post(wire.Stopped(self._stopped_tick))
        elif step == wire.STOP_NOW or self._origin_tick + step * TICKS_PER_STEP <= tick:
            self._halt(tick)
        else:
            self._stop_tick = self._origin_tick + step * TICKS_PER_STEP
            self._score.stop_at(step)

    def _halt(self, tick: int) -> None:
        """Silence now; what is held stays, to continue from."""
        if self.playing:
            self._perform(self._score.silence(tick - self._origin_tick))
            self._voices.send(output.STOP)
            self.playing, self._stopped_tick = False, tick - self._origin_tick
            self._up.post(wire.Stopped(self._stopped_tick))
        self._stop_tick, self._line = NEVER, (NEVER, b"", EVERY)

    def _silence(self, tick: int, controls: Sequence[int]) -> None:
        """Note-offs for all that sounds and, as a port may have lost one, for all that has sounded; then the controllers."""
        self._perform(self._score.silence(tick - self._origin_tick if self.playing else BEFORE))
        for channel, pitch in self._voices.left():  # by a dead player
            self._up.post(wire.Sent(self._song_tick(tick), False, channel % CHANNELS, pitch, 0, 0, -1, -1, 0))
        self._voices.end_all(controls)

    def exchange(self, slots: Sequence[int], put: Callable[[], None], now_s: float) -> None:
        """Let slots that share an output have another: all that has sounded there ends, on the old one and on the new.

        A song that plays is joined by the new one at a 16th's line.
        """
        self.step(now_s)
        self._voices.hush(slots)
        if self.playing:
            self._voices.send(output.STOP, slots[0])
        put()
        self._voices.hush(slots)
        if self.playing and self._line[0] == NEVER:
            step = max(0, (self._tick_at(now_s) - self._origin_tick) // TICKS_PER_STEP + 2)
            self._tell_line(self._origin_tick + step * TICKS_PER_STEP, step, output.CONTINUE, slots[0])
        self._publish()

    def _resume(self, tick: int, handoffs: Sequence[Handoff]) -> None:
        """Take over from a dead player: end what it left sounding, and play on from the next step but one."""
        self.counters.successors += 1
        self._silence(tick, (output.ALL_NOTES_OFF,))
        for handoff in handoffs:
            self._accept(handoff, BEFORE)
        if self.playing:
            step = max(0, (tick - self._origin_tick) // TICKS_PER_STEP + 2)
            self._score.seek(step)
            self._oldest_tick = tick - self._origin_tick
            self._tell_line(self._origin_tick + step * TICKS_PER_STEP, step, output.CONTINUE)
            self._up.post(wire.Succeeded(self._song_tick(tick), step))

    def _publish(self) -> None:
        self.counters.up_drops = self._up.dropped
        parts = tuple([PartStatus(*row) for row in self._score.parts()])
        latenesses = self._last_lateness_s, self._worst_lateness_s
        self._page.write(Status(self.playing, self.clock, self._origin_tick, self._stopped_tick, self.counters, *latenesses, parts))
        self._up.flush()
