"""The instrument on one page: six hops from a hand to a sound.

    1  midi, osc, keys        a hand moves                         -> Change       port threads
    2  panel.turn             the newest position wins             -> Positions    any thread
    3  steer                  where the knobs point                -> Latent       this thread
    4  decoder.decode         what the model says there            -> Phrase       this thread, inside onnxruntime
    5  player.send(Handoff)   the rest of this phrase, the next    -> pipe         this thread
    6  player                 MIDI out, in time                                    a process of its own

`Instrument.run` is the lookahead thread: hops 3 to 5. It never waits for the player, and the player never for it.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

from mvae.core.change import Change
from mvae.core.panel import Panel, Positions
from mvae.core.patch import Patch
from mvae.core.phrase import STEPS_PER_BAR, TICKS_PER_STEP
from mvae.core.score import BEFORE, Handoff
from mvae.live import wire
from mvae.live.asked import Asked
from mvae.live.control_log import Act
from mvae.live.count_in import clicks
from mvae.live.deeds import Deeds, Doer
from mvae.live.ensemble import Ensemble
from mvae.live.feedback import Feedback
from mvae.live.gauges import Gauges
from mvae.live.player_link import PlayerLink
from mvae.live.prepared import Prepared
from mvae.live.status import Status
from mvae.live.take import Recorder

DECODE_EVERY_S = 0.010  # at most one decode in this time; the newest positions win
PATIENCE_S = 0.020  # the loop's longest sleep
ANSWER_S = 0.5  # a player that has not said in this time that it started or stopped is not waited for
ANSWER_EVERY_S = 0.001  # how often it is asked
CALM_S = 0.050  # after this long without a move the next phrase is decoded
URGENT_S = 0.6  # and this long before its line whatever moves
LEAD_TICKS = 40  # of the lead-in, besides the early hits of the first step: 20 ms at 120 BPM, for the pipe
TICKS_PER_BAR = STEPS_PER_BAR * TICKS_PER_STEP
WORK_S = 0.020  # of what was asked, in a round: the music is looked after in between


class Feature(Protocol):
    """Something that an instrument does besides playing. All of it is called from the instrument's own thread."""

    does: Mapping[str, Doer]  # by the first word of the action

    def advance(self, status: Status, now_s: float) -> None:
        """Once in every round, before anything is decoded, playing or not."""

    def stopped(self) -> None:
        """The music stops."""


class Instrument:
    """A band, led by a panel, played by a player. `run` until `over`; with `bars` it is over when so many have been played.

    A start or stop is on its way to the player for a moment. What was asked after it waits until it has been answered.
    """

    def __init__(
        self, panel: Panel, band: Ensemble, player: PlayerLink, recorder: Recorder, feedback: Feedback, bars: int | None = None,
        now_s: Callable[[], float] = time.monotonic,
    ):  # fmt: skip
        self.panel, self.band, self.player = panel, band, player
        self.recorder, self.feedback, self.bars = recorder, feedback, bars
        self.now_s = now_s  # monotonic seconds, the time that changes are stamped with
        self.asked = Asked()  # and not yet done
        self.awaited: type[wire.Up] | None = None  # what the player is to say before the next is done
        self.awaited_s = 0.0  # since when
        self.gauges = Gauges()
        self.moving = False  # the music is behind the knobs
        self.count_in = 0  # bars of clicks before play
        self.over = False
        self.remark = ""  # the last thing the performer should know
        self.heard: Positions = panel.snapshot()  # the positions of the last handoff
        self.tempo_bpm, self.nudge_ms = self.heard.knobs["tempo"], self.heard.knobs["nudge"]
        self.decoded_s = 0.0  # when the last decode began
        self.line_tick = BEFORE  # what comes before this line is not decoded
        self.does: dict[str, Doer] = {"play": self.play, "continue": self.go_on, "stop": self.stop}
        self.features: list[Feature] = []
        self.listeners: list[Callable[[wire.Up], None]] = []
        self.patched: list[Callable[[Prepared, int], None]] = []  # told of another patch, and from which step on, on this thread
        self.add(Deeds(self))

    def add(self, feature: "Feature") -> None:
        """One more thing that the instrument does, from before it runs."""
        self.features.append(feature)
        self.does.update(feature.does)

    def overhear(self, listener: Callable[[wire.Up], None]) -> None:
        """Tell all that the player says to one more, on this thread, from before it runs."""
        self.listeners.append(listener)

    def run(self) -> None:
        """The loop: hear the player, do what was asked, keep the player ahead of the music. At the end, silence."""
        while not self.over:
            self.panel.changed.wait(self.patience())
            self.panel.changed.clear()
            self.turn_page(self.now_s())
        self.finish()

    def end(self) -> None:
        """Leave the loop. From any thread, or a signal: so nothing here may wait for a lock, which the loop may hold just then."""
        self.over = True

    def finish(self) -> None:
        """Stop, and hear the player to the end, so that a recording ends where the music did. What is on its way begins before."""
        self.hear_out()
        self.stop(Change("stop"), self.player.status())
        self.hear_out()

    def hear_out(self) -> None:
        """Hear what the player has said, and what it is still to answer."""
        for message in self.player.events():
            self.hear(message)
        while self.answering():
            for message in self.player.wait(ANSWER_EVERY_S):
                self.hear(message)

    def renewed(self) -> None:
        """The chance is a new one, or the latent space has other anchors: what lies decoded is of the old."""

    @property
    def playing(self) -> bool:
        return self.player.status().playing

    def patience(self) -> float:
        """How long to sleep: until the player may have answered, what waits may be done, or the player should be heard again."""
        if self.awaited is not None:
            return ANSWER_EVERY_S
        if self.asked:
            return 0.0
        if self.moving:
            return max(0.0, self.decoded_s + DECODE_EVERY_S - self.now_s())
        return PATIENCE_S

    def answering(self) -> bool:
        """Whether the player is still to say that it started or stopped."""
        if self.now_s() - self.awaited_s > ANSWER_S:
            self.awaited = None
        return self.awaited is not None

    def turn_page(self, now_s: float) -> None:
        """One round of the loop."""
        for message in self.player.events():
            self.hear(message)
        self.follow_tempo()
        self.do_what_was_asked()
        status = self.player.status()
        for feature in self.features:
            feature.advance(status, now_s)
        if not status.playing or self.answering():
            self.moving = False
            return
        positions = self.panel.snapshot()
        self.moving = positions != self.heard
        self.look_ahead(positions, status, now_s)
        self.feedback.beat(status.tick_at(now_s), status, self.gauges)

    def follow_tempo(self) -> None:
        """The clock is the player's."""
        tempo_bpm = self.panel.snapshot().knobs["tempo"]
        if tempo_bpm != self.tempo_bpm:
            self.tempo_bpm = tempo_bpm
            self.player.send(wire.Tempo(tempo_bpm))
            self.recorder.act(Act("tempo", value=tempo_bpm), "tempo")
        self.follow_nudge()

    def follow_nudge(self) -> None:
        """How much later than the beat the player plays."""
        nudge_ms = self.panel.snapshot().knobs["nudge"]
        if nudge_ms != self.nudge_ms:
            self.nudge_ms = nudge_ms
            self.player.send(wire.Nudge(nudge_ms))

    def do_what_was_asked(self) -> None:
        """Triggers in their order, each with the player as it is by then; no more in a round than a decode, or a while."""
        self.asked.take(self.panel.drain())
        decodes, until_s = self.gauges.count, self.now_s() + WORK_S
        while self.asked and not self.answering() and self.gauges.count == decodes and self.now_s() <= until_s:
            change = self.asked.next()
            done = self.does.get(change.action.split()[0])
            if done is not None:
                done(change, self.player.status())

    def look_ahead(self, positions: Positions, status: Status, now_s: float) -> None:
        """Decode what is to come: the rest of the sounding phrase when a hand moved, the next phrase when it is calm or time is short.

        The next phrase is as what sounds was last handed over, so that a move it overtakes is still heard in the phrase that sounds.
        """
        tick = status.tick_at(now_s + self.gauges.heard_ahead_s())
        if (self.moving or self.band.behind(tick)) and now_s - self.decoded_s >= DECODE_EVERY_S:
            self.hand("move", tick, positions, lambda: self.band.move(tick, positions, self.tempo_bpm))
        heard, calm = self.heard, positions == self.heard and now_s - self.decoded_s > CALM_S
        for ahead in self.band.waiting(tick):
            line, part = ahead.planned_to * TICKS_PER_STEP, ahead.numbers[0]
            if calm or (status.time_of_tick(line) - now_s < URGENT_S and tick < line):
                self.hand("follow", None, heard, partial(self.band.follow, part, heard, self.tempo_bpm))

    def hand(
        self, act: str, at: int | None, positions: Positions, decode: Callable[[], Sequence[Handoff]], value: float = 0.0, **more: Any
    ) -> None:
        """Hops 3 to 5, timed and logged; `more` are fields of the act."""
        self.decoded_s = self.now_s()
        handoffs = tuple(decode())
        self.gauges.decoded(self.now_s() - self.decoded_s)
        match act:
            case "play":
                self.transport(wire.Play(LEAD_TICKS + int(value) * TICKS_PER_BAR, handoffs), wire.Started)
            case "continue" | "from":
                self.transport(wire.Continue(LEAD_TICKS, handoffs), wire.Started)
            case "enter":
                self.player.send(wire.Enter(int(value), handoffs))
            case _:
                for handoff in handoffs:
                    self.player.send(handoff)
        for handoff in handoffs if act != "count" else ():
            self.feedback.planned(handoff)
        changes, self.heard = positions.changed_from(self.heard), positions
        self.recorder.hand(Act(act, at=at, changes=changes, value=value, **more), handoffs)

    def transport(self, message: wire.Down, answer: type[wire.Up]) -> None:
        """Start or stop, which the player answers."""
        self.player.send(message)
        self.awaited, self.awaited_s = answer, self.now_s()

    def hear(self, message: wire.Up) -> None:
        """What the player says: to the recording, to the lookahead, to whoever listens."""
        self.recorder.hear(message)
        self.feedback.hear(message)
        for listener in self.listeners:
            listener(message)
        if self.awaited is not None and isinstance(message, (self.awaited, wire.Died)):
            self.awaited = None
        match message:
            case wire.Repeated():
                self.band.repeated(message.part, message.start_step)
            case wire.Stopped() if self.bars is not None and message.tick >= self.bars * TICKS_PER_BAR:
                self.over = True
            case wire.Died():
                self.remark = message.remark

    def play(self, change: Change, status: Status) -> None:
        """From bar 1; if it plays already, once that has stopped."""
        self.stop(Change("stop"), status)
        if status.playing:
            self.asked.again(change)
            return
        positions = self.panel.snapshot()
        self.hand("play", None, positions, lambda: self.band.begin(positions, self.tempo_bpm), self.count_in)
        if self.count_in:
            self.hand("count", None, positions, lambda: clicks(self.band, self.count_in, positions), self.count_in)
        self.count_bars()

    def go_on(self, change: Change, status: Status) -> None:
        """From where it stopped; from bar 1 where nothing was played yet; nothing if it plays."""
        if status.playing:
            return
        if not self.band.begun:
            self.play(change, status)
            return
        positions, tick = self.panel.snapshot(), status.stopped_tick
        self.hand("continue", tick, positions, lambda: self.band.move(tick, positions, self.tempo_bpm))
        self.count_bars()

    def count_bars(self) -> None:
        """The bars that were asked for end by themselves."""
        if self.bars is not None:
            self.stop_at(self.bars * STEPS_PER_BAR)

    def stop_at(self, step: int) -> None:
        """Silence at the line of a step. Its early hits may sound until the player has taken this."""
        self.player.send(wire.Stop(step))
        self.recorder.act(Act("stop", value=step), f"stop at {step}")

    def stop(self, change: Change, status: Status) -> None:
        """Silence at once, or at the next bar line."""
        for feature in self.features:
            feature.stopped()
        if not status.playing:
            return
        if change.value == "bar":
            self.stop_at((max(0, status.tick_at(self.now_s())) // TICKS_PER_BAR + 1) * STEPS_PER_BAR)
        else:
            self.transport(wire.Stop(wire.STOP_NOW), wire.Stopped)
            self.recorder.act(Act("stop", value=wire.STOP_NOW), "stop")


def make_panel(patch: Patch, temperatures: Mapping[str, float], tempo_bpm: float) -> Panel:
    """The panel of a patch, every knob where it starts; `temperatures` by bundle are the model cards', for a patch that gives none."""
    panel = Panel(patch.actions(temperatures), patch.smooth_ms)
    panel.turn(Change("tempo", tempo_bpm, source="start"))
    return panel
