"""The clock: one record that turns seconds into beats.

Does not know what time it is: the present comes in as an argument, in seconds of `time.monotonic`,
which every process of a machine reads alike.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clock:
    """`beat` was at `at_s` (monotonic seconds), and from there a beat takes `seconds_per_beat`."""

    beat: float
    at_s: float
    seconds_per_beat: float

    @property
    def bpm(self) -> float:
        return 60.0 / self.seconds_per_beat

    def beat_at(self, now_s: float) -> float:
        """The beat at a monotonic time."""
        return self.beat + (now_s - self.at_s) / self.seconds_per_beat

    def time_of(self, beat: float) -> float:
        """The monotonic time of a beat, in seconds."""
        return self.at_s + (beat - self.beat) * self.seconds_per_beat

    def later(self, by_s: float) -> "Clock":
        """The same beats, each so much later."""
        return Clock(self.beat, self.at_s + by_s, self.seconds_per_beat)

    def with_tempo(self, now_s: float, bpm: float) -> "Clock":
        """The same beat now, another tempo from now on."""
        return Clock(self.beat_at(now_s), now_s, 60.0 / bpm)
