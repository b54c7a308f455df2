"""The ears: what is played in at one MIDI input, kept for the last 16 bars, aligned to the beat. A feature of the instrument.

Times become song ticks by the player's own clock, nudge and master included, less the latency of the input. A song that begins again
or jumps back forgets what it has not yet reached. What is played while the song stands is kept by itself until it plays again (`stood`),
in the tempo that stands when it is asked for. `hear` is called on the input's thread, all else on the instrument's. Knows nothing of
models.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import replace

from mvae.core.heard import TICKS_PER_BAR, HeardNote
from mvae.core.phrase import TICKS_PER_BEAT
from mvae.live.deeds import Doer
from mvae.live.status import Status

KEPT_BARS = 16
MOST_WAITING = 4096  # messages between two rounds of the instrument
NOTE_OFF, NOTE_ON = 0x80, 0x90


class Ears:
    """The memory of one input. `source` says what counts as drums (`core.heard.SOURCES`)."""

    def __init__(self, source: str = "channel", latency_ms: float = 0.0, name: str = "") -> None:
        self.source, self.name, self._latency_s = source, name, latency_ms / 1000
        self.notes: list[HeardNote] = []  # in the order they came
        self.does: Mapping[str, Doer] = {}
        self._stood: deque[tuple[bytes, float]] = deque(maxlen=MOST_WAITING)  # what came while the song stood
        self._came: deque[tuple[bytes, float]] = deque(maxlen=MOST_WAITING)
        self._open: dict[tuple[int, int], int] = {}  # where the note of a channel and pitch stands that still sounds

    @property
    def listens(self) -> bool:
        """Whether there is an input."""
        return bool(self.name)

    def hear(self, message: bytes, at_s: float) -> None:
        """A message of the input, at a monotonic time."""
        if len(message) == 3 and message[0] & 0xF0 in (NOTE_OFF, NOTE_ON):
            self._came.append((message, at_s))

    def advance(self, status: Status, now_s: float) -> None:
        """Take in what came since the last round; what comes while the song stands has no beat yet."""
        came = [self._came.popleft() for _ in range(len(self._came))]
        if not status.playing:
            self._stood.extend(came)
            return
        self._stood.clear()
        self._forget(status.tick_at(now_s))
        for message, at_s in came:
            take(self.notes, self._open, message, status.tick_at(at_s - self._latency_s))

    def stood(self, seconds_per_beat: float) -> list[HeardNote]:
        """What was played since the song stands, in ticks from the first message."""
        notes, sounding = list[HeardNote](), dict[tuple[int, int], int]()
        for message, at_s in self._stood:
            take(notes, sounding, message, round((at_s - self._stood[0][1]) / seconds_per_beat * TICKS_PER_BEAT))
        return notes

    def stopped(self) -> None:
        """What was heard is kept: a capture may be asked for once the song stands."""

    def _forget(self, tick: int) -> None:
        """What lies 16 bars back, and a bar for the line to come; and what the song has jumped back over."""
        oldest = tick - (KEPT_BARS + 1) * TICKS_PER_BAR
        if self.notes and (self.notes[0].tick < oldest or self.notes[-1].tick > tick):
            kept = [place for place, note in enumerate(self.notes) if oldest <= note.tick <= tick]
            moved = {old: new for new, old in enumerate(kept)}
            self.notes = [self.notes[place] for place in kept]
            self._open = {key: moved[place] for key, place in self._open.items() if place in moved}


def take(notes: list[HeardNote], sounding: dict[tuple[int, int], int], message: bytes, tick: int) -> None:
    """A message at a tick; `sounding` is the place of each note that has not ended, by channel and pitch."""
    kind, key, velocity = message[0] & 0xF0, (message[0] & 15, message[1]), message[2]
    place = sounding.pop(key, None)
    if place is not None:
        notes[place] = replace(notes[place], off_tick=max(tick, notes[place].tick + 1))
    if kind == NOTE_ON and velocity > 0:
        sounding[key] = len(notes)
        notes.append(HeardNote(tick, message[1], velocity, key[0]))
