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
from collections import deque
from collections.abc import Callable, Mapping

from mvae.core.change import Change
from mvae.core.glide import glide
from mvae.core.panel import Panel, Positions
from mvae.core.patch import Patch
from mvae.core.phrase import STEPS_PER_BAR, TICKS_PER_STEP
from mvae.core.score import Handoff
from mvae.core.tap import TapTempo
from mvae.live import wire
from mvae.live.control_log import Act, phrase_hash
from mvae.live.feedback import Feedback
from mvae.live.gauges import Gauges
from mvae.live.lookahead import Lookahead
from mvae.live.player_link import PlayerLink
from mvae.live.status import Status
from mvae.live.take import Recorder

DECODE_EVERY_S = 0.010  # at most one decode in this time; the newest positions win
HEARD_AHEAD_S = 0.006  # what is due this soon counts as heard: about what a decode and the pipe take
PATIENCE_S = 0.020  # the loop's longest sleep
DEFAULT_TEMPO_BPM = 120.0
CALM_S = 0.050  # after this long without a move the next phrase is decoded
URGENT_S = 0.6  # and this long before its line whatever moves
LEAD_TICKS = 40  # of the lead-in, besides the early hits of the first step: 20 ms at 120 BPM, for the pipe
TICKS_PER_BAR = STEPS_PER_BAR * TICKS_PER_STEP


class Instrument:
    """One part, led by a panel, played by a player. `run` until `over`."""

    def __init__(
        self, panel: Panel, lookahead: Lookahead, player: PlayerLink, recorder: Recorder, feedback: Feedback, bars: int | None = None
    ):
        self.panel, self.lookahead, self.player = panel, lookahead, player
        self.recorder, self.feedback, self.bars = recorder, feedback, bars
        self.gauges = Gauges()
        self.moving = False  # the music is behind the knobs
        self.over = False
        self.remark = ""  # the last thing the performer should know
        self.heard: Positions = panel.snapshot()  # the positions of the last handoff
        self.tempo_bpm = self.heard.knobs["tempo"]
        self.decoded_s = 0.0  # when the last decode began
        self.glide: deque[tuple[int, Mapping[str, float]]] = deque()  # knobs to turn, and the step from which they stand there
        self.glided: Mapping[str, float] = {}  # where the glide has left them
        self.taps = TapTempo()
        self.does: dict[str, Callable[[Change, Status], None]] = {
            "play": self.play, "continue": self.go_on, "stop": self.stop, "panic": self.panic,
            "tap": self.tap, "reseed": self.reseed, "fill": self.fill, "recall": self.recall,
        }  # fmt: skip

    def run(self) -> None:
        """The loop: hear the player, do what was asked, keep the player ahead of the music."""
        while not self.over:
            self.panel.changed.wait(self.patience())
            self.panel.changed.clear()
            self.turn_page(time.monotonic())

    def end(self) -> None:
        """Leave the loop. From any thread, or a signal."""
        self.over = True
        self.panel.changed.set()

    @property
    def playing(self) -> bool:
        return self.player.status().playing

    @staticmethod
    def now_s() -> float:
        """The time that changes are stamped with, monotonic seconds."""
        return time.monotonic()

    def patience(self) -> float:
        """How long to sleep: until a decode that waits may be done, else until the player should be heard again."""
        if self.moving:
            return max(0.0, self.decoded_s + DECODE_EVERY_S - time.monotonic())
        return PATIENCE_S

    def turn_page(self, now_s: float) -> None:
        """One round of the loop."""
        for message in self.player.events():
            self.hear(message)
        status = self.player.status()
        for change in self.panel.drain():
            done = self.does.get(change.action.split()[0])
            if done is not None:
                done(change, status)
        if self.glide and status.playing:
            self.advance_glide(status.tick_at(now_s))
        positions = self.panel.snapshot()
        if positions.knobs["tempo"] != self.tempo_bpm:
            self.tempo_bpm = positions.knobs["tempo"]
            self.player.send(wire.Tempo(self.tempo_bpm))
            self.recorder.act(Act("tempo", value=self.tempo_bpm), "tempo")
        self.moving = status.playing and positions != self.heard
        if status.playing:
            self.look_ahead(positions, status, now_s)
            self.feedback.beat(status.tick_at(now_s), status, self.gauges)

    def look_ahead(self, positions: Positions, status: Status, now_s: float) -> None:
        """Decode what is to come: the rest of the sounding phrase when a hand moved, the next phrase when it is calm or time is short.

        The next phrase is as what sounds was last handed over, so that a move it overtakes is still heard in the phrase that sounds.
        """
        tick = status.tick_at(now_s + HEARD_AHEAD_S)
        if self.moving and now_s - self.decoded_s >= DECODE_EVERY_S:
            self.hand("move", tick, positions, lambda: self.lookahead.move(tick, positions, self.tempo_bpm))
        line = self.lookahead.planned_to * TICKS_PER_STEP
        urgent = status.time_of_tick(line) - now_s < URGENT_S and tick < line
        calm = positions == self.heard and now_s - self.decoded_s > CALM_S
        if self.lookahead.wants_next(tick) and (urgent or calm):
            heard = self.heard
            self.hand("follow", None, heard, lambda: self.lookahead.follow(heard, self.tempo_bpm))

    def hand(self, act: str, at: int | None, positions: Positions, decode: Callable[[], Handoff], value: float = 0.0) -> None:
        """Hops 3 to 5, timed and logged."""
        self.decoded_s = time.monotonic()
        handoff = decode()
        self.gauges.decoded(time.monotonic() - self.decoded_s)
        match act:
            case "play":
                self.player.send(wire.Play(LEAD_TICKS, (handoff,)))
            case "continue":
                self.player.send(wire.Continue(LEAD_TICKS, (handoff,)))
            case _:
                self.player.send(handoff)
        self.feedback.planned(handoff)
        changes, self.heard = changed(self.heard, positions), positions
        self.recorder.act(Act(act, at=at, changes=changes, value=value, phrase=phrase_hash(handoff)), f"generation {handoff.generation}")

    def hear(self, message: wire.Up) -> None:
        """What the player says: to the recording, to the lookahead, to whoever listens."""
        self.recorder.hear(message)
        if isinstance(message, wire.Repeated):
            self.lookahead.repeated(message.start_step)
        elif isinstance(message, wire.Stopped) and self.bars is not None:
            self.over = True
        elif isinstance(message, wire.Died):
            self.remark = message.remark
        self.feedback.hear(message)

    def play(self, change: Change, status: Status) -> None:
        """From bar 1, again if it plays already."""
        self.stop(Change("stop"), status)
        positions = self.panel.snapshot()
        self.hand("play", None, positions, lambda: self.lookahead.begin(positions, self.tempo_bpm))
        if self.bars is not None:
            step = self.bars * STEPS_PER_BAR
            self.player.send(wire.Stop(step))
            self.recorder.act(Act("stop", value=step))

    def go_on(self, change: Change, status: Status) -> None:
        """From where it stopped; from bar 1 where nothing was played yet."""
        if status.playing or not self.lookahead.plans:
            return None if status.playing else self.play(change, status)
        positions, tick = self.panel.snapshot(), status.stopped_tick
        self.hand("continue", tick, positions, lambda: self.lookahead.move(tick, positions, self.tempo_bpm))

    def stop(self, change: Change, status: Status) -> None:
        """Silence at once, or at the next bar line."""
        self.glide.clear()
        if change.value == "bar" and status.playing:
            tick = status.tick_at(time.monotonic())
            step = (max(0, tick) // TICKS_PER_BAR + 1) * STEPS_PER_BAR
            self.player.send(wire.Stop(step))
            self.recorder.act(Act("stop", tick, value=step))
        elif status.playing:
            self.player.send(wire.Stop(wire.STOP_NOW))
            self.recorder.act(Act("stop", value=wire.STOP_NOW), "stop")

    def panic(self, change: Change, status: Status) -> None:
        """All notes off, at once."""
        self.player.send(wire.Panic())
        self.recorder.act(Act("panic"), "panic")

    def tap(self, change: Change, status: Status) -> None:
        """The tempo of the last taps."""
        self.taps = self.taps.tap(change.at_s)
        if self.taps.bpm is not None:
            self.panel.turn(Change("tempo", self.taps.bpm, change.at_s, "tap"))

    def reseed(self, change: Change, status: Status) -> None:
        """New chance, heard when the quantise says."""
        self.lookahead.reseed()
        if not status.playing:
            self.recorder.act(Act("reseed"))
        self.again("reseed", status, lambda tick, positions: self.lookahead.move(tick, positions, self.tempo_bpm))

    def fill(self, change: Change, status: Status) -> None:
        bars = int(change.value or 1)
        self.again("fill", status, lambda tick, positions: self.lookahead.fill(tick, bars, positions, self.tempo_bpm), bars)

    def again(self, act: str, status: Status, decode: Callable[[int, Positions], Handoff], value: float = 0.0) -> None:
        """A decode that a trigger asked for, while something plays."""
        if status.playing:
            # a fill begins at a later line: a move not yet handed over is still to be heard before it
            positions = self.heard if act == "fill" else self.panel.snapshot()
            tick = status.tick_at(time.monotonic() + HEARD_AHEAD_S)
            self.hand(act, tick, positions, lambda: decode(tick, positions), value)

    def recall(self, change: Change, status: Status) -> None:
        """Glide to an anchor, at once where nothing plays."""
        tick = status.tick_at(time.monotonic())
        beats = float(change.value or 0.0) if status.playing else 0.0
        self.glide = deque(glide(self.panel.snapshot(), change.action.split()[1], beats, max(0, tick // TICKS_PER_STEP)))
        self.glided = {}
        if not status.playing:
            self.turn_knobs(self.glide.pop()[1])

    def advance_glide(self, tick: int) -> None:
        """Turn the knobs of a glide as far as the music has come. A hand on one of them ends it."""
        knobs = self.panel.snapshot().knobs
        if any(knobs[name] != value for name, value in self.glided.items()):
            self.glide.clear()
        while self.glide and self.glide[0][0] * TICKS_PER_STEP <= tick:
            self.turn_knobs(self.glide.popleft()[1])

    def turn_knobs(self, knobs: Mapping[str, float]) -> None:
        self.panel.turn(*(Change(name, value, time.monotonic(), "glide") for name, value in knobs.items()))
        self.glided = knobs


def make_panel(patch: Patch, temperature: float, tempo_bpm: float) -> Panel:
    """The panel of a patch, every knob where it starts; `temperature` is the model card's, for a patch that gives none."""
    panel = Panel(patch.actions(temperature))
    panel.turn(Change("tempo", tempo_bpm))
    return panel


def changed(old: Positions, new: Positions) -> dict[str, float | bool | str]:
    """What stands elsewhere now."""
    pairs = ((old.knobs, new.knobs), (old.switches, new.switches), (old.choices, new.choices))
    return {name: value for before, after in pairs for name, value in after.items() if before.get(name) != value}
