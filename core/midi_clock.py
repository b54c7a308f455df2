"""MIDI clock as a slave hears it: ticks, start, continue, stop and song position in; what the master says (`core.sync`) out.

The F8 that follows a start is the first of the song; the position counts in clocks, 24 a beat, and F2 gives it in 16ths. Times are those of
arrival, in monotonic seconds, and come in as arguments: reads no clock, knows nothing of ports.
"""

from typing import Final

from mvae.core.clock import Clock
from mvae.core.phase import SETTLED, PhaseLock
from mvae.core.phrase import BEATS_PER_BAR, TICKS_PER_BEAT
from mvae.core.sync import Beats, Begin, End, Heard, Located, Said

CLOCKS_PER_BEAT: Final = 24
CLOCKS_PER_STEP: Final = 6
CLOCK_TICKS: Final = TICKS_PER_BEAT // CLOCKS_PER_BEAT
CLOCKS_PER_BAR: Final = CLOCKS_PER_BEAT * BEATS_PER_BAR
TICK, START, CONTINUE, STOP, POSITION = 0xF8, 0xFA, 0xFB, 0xFC, 0xF2
LOST_S: Final = 0.5  # without a tick for so long the clock is lost; four ticks at the slowest tempo


class MidiClock:
    """`bpm` is the tempo to expect before the first beat has been heard."""

    def __init__(self, bpm: float) -> None:
        self._lock = PhaseLock(60.0 / bpm / CLOCKS_PER_BEAT)
        self._heard_s = -LOST_S  # when the last tick came
        self._state = "waiting"
        self._song = 0  # the song position of the next tick, in clocks
        self._running = False
        self._begins = False  # the next tick is the first after a start
        self._placed = True  # the song was not played to where it stands, so that to go on there is a start, too
        self._bars: int | None = None  # of the Begin to come

    def hear(self, message: bytes, at_s: float) -> tuple[Said, ...]:
        """One message, which came at `at_s`. Others than those of the clock say nothing."""
        match message[0] if message else 0:
            case 0xF8:
                return self._tick(at_s)
            case 0xFA:
                self._song = 0
                return self._begin(at_s, None)
            case 0xFB:
                return self._begin(at_s, None if self._placed else 0)
            case 0xFC:
                self._running = self._begins = False
                return (End(),)
            case 0xF2 if len(message) == 3:
                self._song = (message[1] | message[2] << 7) * CLOCKS_PER_STEP
                if self._running:
                    return self._begin(at_s, 0)
                self._placed = True
                return (Located(self._song * CLOCK_TICKS),)
            case _:
                return ()

    def adopt(self, song_tick: int) -> None:
        """The song plays already, though its start was not heard here: clock tick 0 is this song tick."""
        self._song, self._running = song_tick // CLOCK_TICKS + self._lock.line.tick + 1, True

    def look(self, now_s: float) -> tuple[Said, ...]:
        """What silence says."""
        return self._tell("lost") if self._state == "locked" and now_s - self._heard_s > LOST_S else ()

    def join(self, now_s: float, lead_s: float, song_tick: int, bars: int = 0) -> tuple[Said, ...]:
        """Play along `bars` after the next bar line of the song that is at least `lead_s` away, where the master's song stands then.

        If its song does not play: from `song_tick`, so many bars after the next beat. Nothing as long as no clock is heard: ask again.
        """
        if self._state != "locked":
            return ()
        line = self._lock.line
        first = line.tick + 1 + max(0, int((now_s + lead_s - line.at_s) / line.period_s))
        if not self._running:
            return (Begin(song_tick, (-(-first // CLOCKS_PER_BEAT) * CLOCKS_PER_BEAT + bars * CLOCKS_PER_BAR) * CLOCK_TICKS, bars),)
        song = self._song + first - (line.tick + 1)
        bar = (-(-song // CLOCKS_PER_BAR) + bars) * CLOCKS_PER_BAR
        return (Begin(bar * CLOCK_TICKS, (first + bar - song) * CLOCK_TICKS, bars),)

    def _tick(self, at_s: float) -> tuple[Said, ...]:
        lock = self._lock
        late_s = at_s - lock.line.time_of(lock.line.tick + 1)
        if self._begins and (self._is_lost(at_s) or (lock.age >= SETTLED and abs(late_s) > lock.gate_s)):
            lock.restart(at_s)  # the master's clock begins with its song
        else:
            before = lock.line.tick
            lock.hear(at_s)
            self._song += (lock.line.tick - before - 1) * self._running  # ticks that were lost
        said: list[Said] = [Beats(Clock(lock.line.tick / CLOCKS_PER_BEAT, lock.line.at_s, lock.line.period_s * CLOCKS_PER_BEAT))]
        if self._begins and self._is_lost(at_s):
            said.append(Begin(self._song * CLOCK_TICKS, lock.line.tick * CLOCK_TICKS, self._bars))
        self._begins, self._heard_s = False, at_s
        self._song += self._running
        return (*said, *(self._tell("locked") if lock.age >= SETTLED else ()))

    def _begin(self, at_s: float, bars: int | None) -> tuple[Said, ...]:
        """At once, if it is known when the next tick comes; else with that."""
        self._running = self._begins = True
        self._placed, self._bars = False, bars
        return () if self._is_lost(at_s) else (Begin(self._song * CLOCK_TICKS, (self._lock.line.tick + 1) * CLOCK_TICKS, bars),)

    def _is_lost(self, at_s: float) -> bool:
        return at_s - self._heard_s > LOST_S

    def _tell(self, state: str) -> tuple[Said, ...]:
        if state == self._state:
            return ()
        self._state = state
        return (Heard(state),)
