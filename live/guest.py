"""The instrument on somebody else's clock: tempo, transport and song position are a master's, of MIDI clock or of a Link session.

While the song stands, the phrase from which it will go on lies ready with the player, so that it begins on the master's very beat. Where
the master begins elsewhere, the instrument hears of it and hands over what is played there.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mvae.core.change import Change
from mvae.core.panel import MASTER, Positions
from mvae.core.phrase import STEPS_PER_BAR, TICKS_PER_STEP
from mvae.core.score import Handoff
from mvae.live import wire
from mvae.live.control_log import Act, phrase_hash
from mvae.live.instrument import CALM_S, DECODE_EVERY_S, Instrument
from mvae.live.status import Status

NAMES = {"midi": "MIDI clock", "link": "Link session"}
REFUSED = ("tempo", "tap")


class Guest(Instrument):
    """An instrument whose player follows `sync`, "midi" or "link"; all else as `Instrument`."""

    def __init__(self, sync: str, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.master, self.wanted_bars = NAMES[sync], self.bars
        self.place = 0  # the step at which the master's song is likely to begin
        self.line_tick = 0  # where it has begun
        self.ready: tuple[int, Positions] | None = None  # what lies ready with the player: from which step, decoded for which positions
        self.cued: tuple[Handoff, ...] = ()
        self.panel.refusals.update(dict.fromkeys(REFUSED, f"the tempo is the {self.master}'s"))
        self.panel.refusals["locate"] = f"the position is the {self.master}'s"
        own: dict[str, Callable[[Change, Status], None]] = {"play": self.join, "continue": self.join, "stop": self.stop_all}
        self.does.update(own)
        self.tell(wire.Sync("waiting", 0))

    def turn_page(self, now_s: float) -> None:
        """As of any instrument; while the song stands, keep its first phrase ready."""
        super().turn_page(now_s)
        positions = self.panel.snapshot()
        if self.playing or self.answering() or self.ready == (self.place, positions):
            return
        if self.ready is None or now_s - self.decoded_s > CALM_S:
            self.cue(positions, now_s)

    def cue(self, positions: Positions, now_s: float) -> None:
        """Hand over what is played where the song will begin."""
        self.decoded_s = now_s
        self.cued = tuple(on_line(handoff, self.place) for handoff in self.band.cue(positions, self.tempo_bpm, self.place))
        self.gauges.decoded(self.now_s() - now_s)
        self.player.send(wire.Cue(self.place, self.cued))
        self.ready = self.place, positions

    def follow_tempo(self) -> None:
        """The clock is the master's."""
        self.follow_nudge()

    def look_ahead(self, positions: Positions, status: Status, now_s: float) -> None:
        """Before the line at which it joins, only what begins there is decoded."""
        if status.tick_at(now_s + self.gauges.heard_ahead_s()) >= self.line_tick:
            super().look_ahead(positions, status, now_s)
        elif self.moving and now_s - self.decoded_s >= DECODE_EVERY_S:
            self.locate(positions)

    def locate(self, positions: Positions) -> None:
        """Hand over what is played from the line where the song has begun."""
        step = step_of(self.line_tick)
        self.hand("locate", None, positions, lambda: self.band.begin(positions, self.tempo_bpm, step), step)

    def hear(self, message: wire.Up) -> None:
        """What the player says, of its master as well."""
        unasked = self.awaited is not wire.Stopped
        super().hear(message)
        match message:
            case wire.Started():
                self.started(message.line_tick, message.tick)
            case wire.Stopped():
                self.place, self.ready = 0, None
                if unasked:
                    self.recorder.act(Act("stop", message.tick, value=wire.STOP_NOW))
            case wire.Located():
                self.place, self.ready = step_of(message.tick), None
            case wire.TempoAt():
                self.tempo_bpm = message.bpm
                self.panel.turn(Change("tempo", message.bpm, self.now_s(), MASTER))
                self.recorder.act(Act("tempo", message.tick, value=message.bpm))
            case wire.Sync():
                self.tell(message)

    def started(self, line_tick: int, tick: int) -> None:
        """The song has begun at a tick, and is, or soon will be, at a line."""
        self.line_tick, step = line_tick, step_of(line_tick)
        if self.ready is not None and self.ready[0] == step:
            self.band.taken()
            changes, self.heard = self.ready[1].changed_from(self.heard), self.ready[1]
            self.recorder.act(Act("start", step * TICKS_PER_STEP, changes=changes, value=step, phrase=phrase_hash(*self.cued)))
            for handoff in self.cued:
                self.feedback.planned(handoff)
        else:
            self.recorder.act(Act("start", line_tick, at=tick, value=step))
            self.locate(self.panel.snapshot())
        self.ready = None
        if self.wanted_bars is not None:
            self.bars = step // STEPS_PER_BAR + self.wanted_bars
            self.count_bars()

    def tell(self, heard: wire.Sync) -> None:
        """How the master is heard: for the screen, and for whoever listens."""
        self.feedback.out.publish("/mvae/sync", heard.state, heard.peers)
        match self.master, heard.state:
            case "MIDI clock", "waiting":
                self.remark = "waiting for MIDI clock"
            case "MIDI clock", "lost":
                self.remark = "the MIDI clock is lost: playing on at its last tempo"
            case "MIDI clock", _:
                self.remark = "" if "MIDI clock" in self.remark else self.remark
            case _:
                self.remark = f"Link: {heard.peers} peer{'' if heard.peers == 1 else 's'}"

    def join(self, change: Change, status: Status) -> None:
        """Play along from the master's next bar line; where its song stands, from bar 1 or from where it stopped."""
        if not status.playing:
            step = 0 if change.action == "play" else step_of(status.stopped_tick)
            self.player.send(wire.Join(step))

    def stop_all(self, change: Change, status: Status) -> None:
        """Stop, and say so to a session that stops together."""
        self.player.send(wire.Stop(wire.STOP_NOW)) if not status.playing else self.stop(change, status)
        self.player.send(wire.Share(False))

    def renewed(self) -> None:
        """What lies ready, or will be played from the line where it joins, is decoded anew."""
        self.ready = None
        if self.playing and self.player.status().tick_at(self.now_s()) < self.line_tick:
            self.locate(self.panel.snapshot())


def step_of(tick: int) -> int:
    """The first step from a song tick on."""
    return -(-tick // TICKS_PER_STEP)


def on_line(handoff: Handoff, step: int) -> Handoff:
    """A phrase that begins without a lead-in: what would sound before the line of its first step sounds on it."""
    line = step * TICKS_PER_STEP
    notes = (note._replace(on_tick=max(note.on_tick, line), off_tick=max(note.off_tick, line + 1)) for note in handoff.notes)
    return replace(handoff, notes=tuple(notes))
