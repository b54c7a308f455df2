"""What those who subscribed over OSC hear of the music: beats, bars, notes, and once a bar the gauges. Knows nothing of sockets."""

from typing import Protocol

from mvae.core.phrase import TICKS_PER_BEAT
from mvae.core.score import Handoff
from mvae.live import wire
from mvae.live.gauges import Gauges
from mvae.live.status import Status

BEATS_PER_BAR = 4


class Sends(Protocol):
    """The way out (`mvae.live.osc_ports.OscPorts`)."""

    def send(self, address: str, *values: float | int | str | bool) -> None: ...
    def publish(self, address: str, *values: float | int | str | bool) -> None: ...


class Feedback:
    """Tells the music as it happens."""

    def __init__(self, out: Sends, part: str):
        self.out, self.part = out, part
        self._durations: dict[tuple[int, int], int] = {}  # (voice, step) -> ticks, of the phrases around the last one handed over
        self._length_steps = 0  # of a phrase
        self._beat = self._bar = -1

    def planned(self, handoff: Handoff) -> None:
        """How long the notes handed over will last."""
        self._length_steps = handoff.length_steps
        self._forget(handoff.start_step)
        self._durations.update({(note.voice, note.step): note.off_tick - note.on_tick for note in handoff.notes})

    def hear(self, message: wire.Up) -> None:
        """A message of the player."""
        match message:
            case wire.Sent(on=True):
                duration = self._durations.get((message.voice, message.step), 0) / TICKS_PER_BEAT
                beat = message.tick / TICKS_PER_BEAT
                self.out.send("/mvae/note", self.part, message.pitch, message.velocity, beat, duration)
            case wire.Repeated():
                self._repeat(message.start_step)
            case wire.Started():
                self._beat = self._bar = -1
                self.out.publish("/mvae/playing", 1)
            case wire.Stopped():
                self.out.publish("/mvae/playing", 0)
            case _:
                pass

    def beat(self, tick: int, status: Status, gauges: Gauges) -> None:
        """Where the song is; says so once a beat."""
        beat = tick // TICKS_PER_BEAT
        if beat == self._beat or beat < 0 or not status.playing:
            return
        self._beat = beat
        self.out.send("/mvae/beat", beat)
        if (bar := beat // BEATS_PER_BAR) != self._bar:
            self._bar = bar
            self.out.send("/mvae/bar", bar)
            self.out.publish("/mvae/gauge/decode_ms", round(gauges.last_ms, 3))
            self.out.publish("/mvae/gauge/late_phrases", status.counters.repeats)
            self.out.publish("/mvae/gauge/lateness_ms", round(status.worst_lateness_s * 1000, 3))

    def _repeat(self, start_step: int) -> None:
        """The player began its last phrase again, a length later."""
        self._forget(start_step)
        last = range(start_step - self._length_steps, start_step)
        notes = [(voice, step, ticks) for (voice, step), ticks in self._durations.items() if step in last]
        self._durations.update({(voice, step + self._length_steps): ticks for voice, step, ticks in notes})

    def _forget(self, start_step: int) -> None:
        """All but the phrases around a step."""
        near = range(start_step - 2 * self._length_steps, start_step + 2 * self._length_steps)
        self._durations = {note: ticks for note, ticks in self._durations.items() if note[1] in near}
