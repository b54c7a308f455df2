"""The instrument on somebody else's clock: tempo, transport and song position are a master's, of MIDI clock or of a Link session.

While the song stands, the phrase from which it will go on lies ready with the player, so that it begins on the master's very beat. Where
the master begins elsewhere, the instrument hears of it and hands over what is played there. A count-in begins with the master's song, and
the music enters bars later, where that song is then.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mvae.core.change import Change
from mvae.core.panel import MASTER, Positions
from mvae.core.phrase import STEPS_PER_BAR, TICKS_PER_STEP
from mvae.core.score import Handoff
from mvae.core.sync import entrance
from mvae.live import wire
from mvae.live.control_log import Act, phrase_hash
from mvae.live.count_in import clicks
from mvae.live.ensemble import Ensemble
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
        self.line_tick = 0  # where it has begun, or the music has entered after a count-in
        self.ready: tuple[int, Positions] | None = None  # what lies ready with the player: from which step, decoded for which positions
        self.cued: tuple[Handoff, ...] = ()
        self.cues: dict[int, str] = {}  # all that ever lay ready: its first generation -> its hash
        self.lacks: wire.Started | None = None  # the song has begun so, and nothing that lay ready plays
        self.panel.refusals.update(dict.fromkeys(REFUSED, f"the tempo is the {self.master}'s"))
        self.panel.refusals["locate"] = f"the position is the {self.master}'s"
        own: dict[str, Callable[[Change, Status], None]] = {"play": self.join, "continue": self.join, "stop": self.stop_all}
        self.does.update(own)
        self.tell(wire.Sync("waiting", 0))

    def run(self) -> None:
        """As of any instrument; where the master takes the song is heard at once."""
        self.player.witnesses.append(self.wake)
        super().run()

    def wake(self, said: wire.Up) -> None:
        """On the thread that hears the player."""
        if isinstance(said, (wire.Started, wire.Located)):
            self.panel.changed.set()

    def turn_page(self, now_s: float) -> None:
        """As of any instrument; while the song stands, keep its first phrase ready."""
        super().turn_page(now_s)
        positions = self.panel.snapshot()
        entry = entrance(self.place * TICKS_PER_STEP, self.count_in) // TICKS_PER_STEP
        if self.playing or self.answering() or self.ready == (entry, positions):
            return
        if self.ready is None or now_s - self.decoded_s > CALM_S:
            self.cue(entry, positions, now_s)

    def cue(self, step: int, positions: Positions, now_s: float) -> None:
        """Hand over what is played where the music will enter, and the count-in before it."""
        self.decoded_s = now_s
        self.cued = cue(self.band, step, self.count_in, positions, self.tempo_bpm)
        self.gauges.decoded(self.now_s() - now_s)
        self.player.send(wire.Cue(step, self.cued))
        self.ready, self.cues[self.cued[0].generation] = (step, positions), phrase_hash(*self.cued)
        changes, self.heard = positions.changed_from(self.heard), positions
        self.recorder.act(Act("cue", changes=changes, value=step, bars=self.count_in, phrase=phrase_hash(*self.cued)))

    def follow_tempo(self) -> None:
        """The clock is the master's, and where it has taken the song is heard by now."""
        self.follow_nudge()
        if self.lacks is not None:
            begun, positions, self.lacks = self.lacks, self.panel.snapshot(), None
            self.locate(positions)
            if begun.bars:
                step, bars = step_of(begun.line_tick), begun.bars
                self.hand("count", begun.line_tick, positions, lambda: clicks(self.band, bars, positions, step), bars)

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
                self.started(message)
            case wire.Stopped():
                self.place, self.ready, self.lacks = 0, None, None
                if unasked:
                    self.recorder.happened(Act("stop", message.tick, value=wire.STOP_NOW))
            case wire.Located():
                self.place, self.ready = step_of(message.tick), None
                self.recorder.happened(Act("located", message.tick))
            case wire.TempoAt():
                self.tempo_bpm = message.bpm
                self.panel.turn(Change("tempo", message.bpm, self.now_s(), MASTER))
                self.recorder.act(Act("tempo", message.tick, value=message.bpm))
            case wire.Sync():
                self.tell(message)

    def started(self, begun: wire.Started) -> None:
        """The song has begun, and is, or will be, at the line where the music enters."""
        self.line_tick, step, bars = begun.line_tick, step_of(begun.line_tick), begun.bars
        ready = self.ready is not None and self.cued[0].generation == begun.cued
        do, phrase = "start" if ready or not begun.cued else "restart", self.cues.get(begun.cued, "")
        self.recorder.happened(Act(do, self.line_tick, at=begun.tick, value=step, bars=bars, phrase=phrase))
        if ready:
            self.band.taken()
            for handoff in self.cued:
                self.feedback.planned(handoff)
        self.ready, self.lacks = None, None if ready else begun
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
        """Play along from the master's next bar line; where its song stands, from bar 1 or from where it stopped.

        A count-in comes before, unless the music goes on.
        """
        if not status.playing:
            goes_on = change.action == "continue" and status.stopped_tick > self.line_tick
            self.player.send(wire.Join(step_of(status.stopped_tick), 0) if goes_on else wire.Join(0, self.count_in))

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


def cue(band: Ensemble, step: int, bars: int, positions: Positions, tempo_bpm: float) -> tuple[Handoff, ...]:
    """What is played where the music enters at a step, and the bars of clicks before it."""
    music = band.cue(positions, tempo_bpm, step)
    return (*(on_line(handoff, step - bars * STEPS_PER_BAR) for handoff in music), *clicks(band, bars, positions, step))


def on_line(handoff: Handoff, step: int) -> Handoff:
    """A phrase that begins without a lead-in: what would sound before the line of its first step sounds on it."""
    line = step * TICKS_PER_STEP
    notes = (note._replace(on_tick=max(note.on_tick, line), off_tick=max(note.off_tick, line + 1)) for note in handoff.notes)
    return replace(handoff, notes=tuple(notes))
