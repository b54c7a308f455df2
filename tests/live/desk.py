"""A master of MIDI clock on a clock that a test turns by hand, with or without jitter; and the instrument that follows it."""

import random
from collections.abc import Sequence
from pathlib import Path

from mvae.core.midi_clock import MidiClock
from mvae.core.sync import Said
from mvae.live import wire
from mvae.live.control_log import Take
from mvae.live.ensemble import Ensemble
from mvae.live.feedback import Feedback
from mvae.live.follower import Follower
from mvae.live.guest import Guest
from mvae.live.output import NoOutput
from mvae.live.take import Recorder
from tests.live.hall import BPM, SEED, Hall, ManualLink, panel
from tests.live.studio import BEGIN_S, F8, ManualClock

POLL_S = 0.01


class Desk:
    """A master of MIDI clock: `play` sends a tick for each tempo, late by up to `jitter_s`; what the player hears of it."""

    patience_s, remark = 0.1, ""

    def __init__(self, jitter_s: float = 0.0) -> None:
        self.clock, self.at_s = MidiClock(120.0), BEGIN_S
        self.came: list[tuple[float, bytes]] = []
        self.ticks: list[float] = []  # as the master meant them
        self.shared: list[bool] = []
        self._draw, self._jitter_s = random.Random(1), jitter_s

    def play(self, ticks: int, bpm: float = 120.0) -> "Desk":
        for _ in range(ticks):
            self.at_s += 60 / bpm / 24
            self.ticks.append(self.at_s)
            self.came.append((self.at_s + self._draw.uniform(0, self._jitter_s), F8))
        return self

    def send(self, message: bytes, after_s: float = 0.005) -> "Desk":
        self.came.append((self.at_s + after_s, message))
        return self

    def take(self, now_s: float) -> Sequence[Said]:
        said: list[Said] = []
        while self.came and self.came[0][0] <= now_s:
            at_s, message = self.came.pop(0)
            said += self.clock.hear(message, at_s)
        return (*said, *self.clock.look(now_s))

    def join(self, now_s: float, lead_s: float, song_tick: int, bars: int) -> Sequence[Said]:
        return self.clock.join(now_s, lead_s, song_tick, bars)

    def adopt(self, song_tick: int) -> None:
        self.clock.adopt(song_tick)

    def share(self, playing: bool, now_s: float) -> None:
        self.shared.append(playing)

    def next_s(self) -> float:
        return self.came[0][0] if self.came else 1e9

    def close(self) -> None:
        pass


class GuestLink(ManualLink):
    """A player that follows a desk, behind a pipe."""

    def __init__(self, clock: ManualClock, desk: Desk, count_in: int = 0) -> None:
        super().__init__(clock)
        self.desk = desk
        self.follower = self.player = Follower(clock, NoOutput(""), self.inbox, self.page, BPM, 0.0, desk, count_in)

    def run_to(self, now_s: float) -> None:
        while (at_s := min(self.desk.next_s(), self.clock.now + POLL_S)) <= now_s:
            super().run_to(max(at_s, self.clock.now))
            self.follower.follow(self.clock.now)
        super().run_to(now_s)
        self.follower.follow(now_s)


class GuestHall(Hall):
    """An instrument that plays with a desk."""

    def __init__(
        self, desk: Desk, path: Path | None = None, bars: int | None = None, count_in: int = 0, band: Ensemble | None = None
    ) -> None:
        super().__init__(band=band)
        self.desk = desk
        self.link = GuestLink(self.clock, desk, count_in)
        self.panel = panel(self.band.patch)
        self.recorder = Recorder(path, Take("toy", SEED, BPM, {}))
        self.instrument = Guest(
            "midi", self.panel, self.band, self.link, self.recorder, Feedback(self, ["drums"]), bars, self.clock
        )  # fmt: skip
        self.instrument.count_in = count_in

    def run_out(self) -> "GuestHall":
        """Until the desk has said everything."""
        self.run(self.desk.at_s - self.clock.now + 0.006)
        return self

    def ons(self) -> list[tuple[int, int]]:
        """(song tick, step) of every note-on so far."""
        return [(sent.tick, sent.step) for sent in self.of(wire.Sent) if sent.on]  # type: ignore[union-attr]
