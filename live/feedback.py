"""What those who subscribed over OSC hear of the music: beats, bars, notes, and once a bar the gauges. Knows nothing of sockets."""

from collections.abc import Sequence
from typing import Protocol

from mvae.core.phrase import TICKS_PER_BEAT
from mvae.core.score import Handoff
from mvae.live import wire
from mvae.live.gauges import Gauges
from mvae.live.status import Status

BEATS_PER_BAR = 4
Identity = tuple[int, int]  # voice, absolute step


class Sends(Protocol):
    """The way out (`mvae.live.osc_ports.OscPorts`)."""

    def send(self, address: str, *values: float | int | str | bool) -> None: ...
    def publish(self, address: str, *values: float | int | str | bool) -> None: ...
    def answer(self, source: str, address: str, *values: float | int | str | bool) -> None: ...


class Feedback:
    """Tells the music as it happens."""

    def __init__(self, out: Sends, parts: Sequence[str]):
        self.out, self.parts = out, tuple(parts)
        self._durations: dict[int, dict[Identity, int]] = {}  # part -> (voice, step) -> ticks, around what was handed over last
        self._length_steps: dict[int, int] = {}  # part -> of a phrase, or of a bar where bars are handed over
        self._beat = self._bar = -1

    def planned(self, handoff: Handoff) -> None:
        """How long the notes handed over will last."""
        self._length_steps[handoff.part] = handoff.length_steps
        durations = self._near(handoff.part, handoff.start_step)
        durations.update({(note.voice, note.step): note.off_tick - note.on_tick for note in handoff.notes})

    def hear(self, message: wire.Up) -> None:
        """A message of the player."""
        match message:
            case wire.Sent(on=True):
                beat, duration = message.tick / TICKS_PER_BEAT, self.duration_beats(message)
                self.out.send("/mvae/note", self.parts[message.part], message.pitch, message.velocity, beat, duration)
            case wire.Repeated():
                self._repeat(message.part, message.start_step)
            case wire.Started():
                self._beat = self._bar = -1
                self.out.publish("/mvae/playing", 1)
            case wire.Stopped():
                self.out.publish("/mvae/playing", 0)
            case _:
                pass

    def duration_beats(self, note: wire.Sent) -> float:
        """How long a note that was sent will last; 0 where that was never said."""
        return self._durations.get(note.part, {}).get((note.voice, note.step), 0) / TICKS_PER_BEAT

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

    def _repeat(self, part: int, start_step: int) -> None:
        """The player began a part's last phrase again, a length later."""
        length, durations = self._length_steps.get(part, 0), self._near(part, start_step)
        last = range(start_step - length, start_step)
        notes = [(voice, step, ticks) for (voice, step), ticks in durations.items() if step in last]
        durations.update({(voice, step + length): ticks for voice, step, ticks in notes})

    def _near(self, part: int, start_step: int) -> dict[Identity, int]:
        """Of a part the lengths of the phrases around a step; all others are forgotten."""
        length = self._length_steps.get(part, 0)
        near = range(start_step - 2 * length, start_step + 2 * length)
        kept = {note: ticks for note, ticks in self._durations.get(part, {}).items() if note[1] in near}
        self._durations[part] = kept
        return kept
