"""An Ableton Link session as a master: its beat, its tempo, its start and stop. Never changes the tempo of a session.

The song position is the session's own beat, so that everybody plays the same bar, whenever they joined; a start is at a bar line. Needs
the extra `link`. Link keeps threads and sockets of its own and counts time on a clock of its own. Knows nothing of what plays.
"""

import math
import time
from collections.abc import Collection, Sequence
from typing import Any, Final

from mvae.core.clock import Clock
from mvae.core.errors import UserError
from mvae.core.phrase import BEATS_PER_BAR, TICKS_PER_BEAT
from mvae.core.sync import Beats, Begin, End, Heard, Said
from mvae.live import wire

POLL_S: Final = 0.01
DISCOVERY_S: Final = 1.0  # a session that is there is found within this time
ALL_BEATS: Final = float(BEATS_PER_BAR << 18)  # as a quantum it makes the phase the session's own beat, alike for all its peers
ON_THE_LINE_BEATS: Final = 0.05  # a start this little after a bar line is on it
SAME_TIME_S: Final = 0.00005  # within which the two clocks are read
READINGS: Final = 3
MOVED_S: Final = 0.00003  # a beat that has moved less is where it was


class LinkMaster:
    """A peer of whatever session this network has; alone, a session at `bpm`. Raises UserError where Link is not installed."""

    def __init__(self, bpm: float) -> None:
        self.patience_s, self.remark = POLL_S, ""
        self.heard_at: wire.Opened | None = None
        self._link = open_link(bpm)
        self._opened_s = time.monotonic()
        self._told: Clock | None = None
        self._playing = bool(self._link.captureSessionState().isPlaying())
        self._peers = -1

    def take(self, now_s: float) -> Sequence[Said]:
        state, said = self._link.captureSessionState(), list[Said]()
        at_s, micros = self._read_clocks()
        clock = Clock(state.phaseAtTime(micros, ALL_BEATS), at_s, 60.0 / state.tempo())
        if self._told is None or self._told.seconds_per_beat != clock.seconds_per_beat or moved_s(self._told, clock) > MOVED_S:
            self._told = clock
            said.append(Beats(clock))
        if state.isPlaying() != self._playing:
            self._playing = state.isPlaying()
            said.append(self._begin(state.phaseAtTime(state.timeForIsPlaying(), ALL_BEATS)) if self._playing else End())
        if (peers := self._link.numPeers()) != self._peers:
            self._peers = peers
            said.append(Heard("locked" if peers else "waiting", peers))
        return said

    def join(self, now_s: float, lead_s: float, song_tick: int, bars: int) -> Sequence[Said]:
        """A session that stands is started at the line where the music enters: others come in with the music, after the count-in."""
        if self._told is None or (self._peers <= 0 and now_s - self._opened_s < DISCOVERY_S):
            return ()
        begin = self._begin(self._told.beat_at(now_s + lead_s) + ON_THE_LINE_BEATS + bars * BEATS_PER_BAR, bars)
        if not self._playing:
            self._commit(True, self._told.time_of(begin.clock_tick / TICKS_PER_BEAT))
        return (begin,)

    def adopt(self, song_tick: int) -> None:
        """The song is the session's beat, whoever died."""

    def share(self, playing: bool, now_s: float) -> None:
        if playing != self._playing:
            self._commit(playing, now_s)

    def reopen(self, port: str, own: Collection[str]) -> None:
        """A session has no port."""

    def close(self) -> None:
        self._link.enabled = False

    def _begin(self, beat: float, bars: int | None = None) -> Begin:
        """At the first bar line from a beat on."""
        line = math.ceil((beat - ON_THE_LINE_BEATS) / BEATS_PER_BAR) * BEATS_PER_BAR * TICKS_PER_BEAT
        return Begin(line, line, bars)

    def _commit(self, playing: bool, at_s: float) -> None:
        now_s, micros = self._read_clocks()
        state = self._link.captureSessionState()
        state.setIsPlaying(playing, micros + round((at_s - now_s) * 1e6))
        self._link.commitSessionState(state)
        self._playing = playing

    def _read_clocks(self) -> tuple[float, int]:
        """The monotonic time in seconds and Link's in microseconds, of one moment."""
        best = (math.inf, 0.0, 0)
        for _ in range(READINGS):
            before_s = time.monotonic()
            micros = self._link.clock().micros()
            took_s = time.monotonic() - before_s
            best = min(best, (took_s, before_s + took_s / 2, micros))
            if took_s < SAME_TIME_S:
                break
        return best[1], best[2]


def moved_s(old: Clock, new: Clock) -> float:
    """How far the beat is from where it was expected, in seconds."""
    return abs(old.time_of(new.beat) - new.at_s)


def open_link(bpm: float) -> Any:
    """A peer with start/stop sync. Raises UserError where the package is not installed."""
    try:
        import link
    except ImportError as error:
        raise UserError("--sync link: Ableton Link is not installed here: pip install 'mvae[link]'") from error
    peer = link.Link(bpm)
    peer.startStopSyncEnabled = True
    peer.enabled = True
    return peer
