"""`bounce`: the same path as the live instrument, on a clock of its own: no port, no thread, no waiting.

With a control log every act is done at the tick at which the player took it in the take, so the .mid comes out the same, byte for byte.
Without one, or with a hand-written log (ticks and changes, fills, reseeds), the phrases follow each other as they would on stage.
"""

import argparse
from collections import deque
from collections.abc import Mapping, Sequence

from mvae.core.change import Change
from mvae.core.errors import UserError
from mvae.core.panel import Panel, Positions
from mvae.core.patch import DEFAULT_PATCH
from mvae.core.patch_file import load_patch
from mvae.core.phrase import STEPS_PER_BAR, TICKS_PER_STEP
from mvae.core.points import points_of
from mvae.core.score import Handoff
from mvae.core.track import check_writable
from mvae.live import wire
from mvae.live.acts import IN_PLAY, redo
from mvae.live.control_log import AT_ONCE, INFILL, Act, Take, phrase_hash, read
from mvae.live.ensemble import Ensemble, open_band
from mvae.live.guest import on_line
from mvae.live.instrument import LEAD_TICKS, TICKS_PER_BAR, make_panel
from mvae.live.output import NoOutput
from mvae.live.phrase_files import write_file
from mvae.live.player import MIDI_CLOCK_TICKS, Player
from mvae.live.status import Status, StatusPage
from mvae.live.take import LEAD_IN_TICKS, Recorder

LONG_LEAD_TICKS = LEAD_TICKS + MIDI_CLOCK_TICKS  # no take has a longer one: on stage the line is on the next MIDI clock


class Inbox:
    """The player's way back: messages kept until they are read."""

    def __init__(self) -> None:
        self.dropped = 0
        self.messages: list[wire.Up] = []

    def post(self, message: wire.Up) -> None:
        self.messages.append(message)

    def flush(self) -> None:
        pass


class Bounce:
    """A player on a manual clock and the band that feeds it."""

    def __init__(self, panel: Panel, band: Ensemble, take: Take):
        self.panel, self.band = panel, band
        self.tempo_bpm = take.tempo_bpm
        self.recorder = Recorder(None, take, [part.name for part in band.patch.parts])
        self.now_s = 0.0
        self.up = Inbox()
        self.page = StatusPage.make()
        self.player = Player(lambda: self.now_s, NoOutput(""), self.up, self.page, take.tempo_bpm)
        self.stop_tick: int | None = None  # where a stop that was asked for lies
        self.by_hand = False  # the acts are lines by hand
        self.together: deque[Handoff] = deque()  # of the last act, what the player took by itself later
        self.end_tick = 0
        self.differs: Act | None = None  # the first act whose phrase is not the one in the log
        self.stalled: Act | None = None

    def play(self, acts: Sequence[Act], bars: int | None) -> bytes:
        """The .mid of the acts, or of `bars` bars with the hand-written changes among `acts`; bytes of a file."""
        if recorded(acts):
            for act in acts:
                self.repeat(act)
        else:
            self.improvise(acts, bars or 0)
        self.run_out()
        self.end_tick = max(self.recorder.offset + self.position(), self.recorder.track.tick) - LEAD_IN_TICKS
        self.page.close()
        return self.recorder.track.file()

    def improvise(self, acts: Sequence[Act], bars: int) -> None:
        """Bars from the start, phrase after phrase, with each change at its tick."""
        self.by_hand = True
        waiting = sorted(acts, key=lambda act: act.tick)
        while waiting and waiting[0].tick <= 0 and waiting[0].do == "move":
            self.turn(waiting.pop(0).changes)
            self.follow_tempo()
        self.player.receive(wire.Play(LONG_LEAD_TICKS, self.band.begin(self.panel.snapshot(), self.tempo_bpm)), self.now_s)
        if bars:
            self.player.receive(wire.Stop(bars * STEPS_PER_BAR), self.now_s)
        self.hear()
        end = bars * TICKS_PER_BAR
        while self.position() < end:
            ahead = min(self.band.lookaheads, key=lambda ahead: ahead.planned_to - ahead.steps)
            following = (ahead.planned_to - ahead.steps) * TICKS_PER_STEP
            if waiting and waiting[0].tick < min(following, end):
                act = waiting.pop(0)
                self.run_to(act.tick)
                self.turn(act.changes)
                self.follow_tempo()
                self.repeat(act)
            else:
                self.run_to(min(following, end))
                self.give(*ahead.follow(self.panel.snapshot(), self.tempo_bpm))

    def follow_tempo(self) -> None:
        """A tempo among hand-written changes; in a take it is an act of its own."""
        tempo_bpm = self.panel.snapshot().knobs["tempo"]
        if tempo_bpm != self.tempo_bpm:
            self.tempo_bpm = tempo_bpm
            self.player.receive(wire.Tempo(tempo_bpm), self.now_s)

    def repeat(self, act: Act) -> None:
        """One act of a take, as it was done. UserError for one that cannot have been."""
        self.check(act)
        at = act.tick if act.at is None else act.at
        self.turn(act.changes)
        positions, band = self.panel.snapshot(), self.band
        decoded: Sequence[Handoff] = ()
        match act.do:
            case "play":
                self.run_out()
                decoded = band.begin(positions, self.tempo_bpm)
                self.player.receive(wire.Play(LONG_LEAD_TICKS + int(act.value) * TICKS_PER_BAR, tuple(decoded)), self.now_s)
            case "continue" | "from":
                self.run_out()
                if act.do == "from":
                    self.player.receive(wire.Locate(int(act.value)), self.now_s)
                    decoded = band.begin(positions, self.tempo_bpm, int(act.value))
                else:
                    decoded = band.move(at, positions, self.tempo_bpm)
                self.player.receive(wire.Continue(LONG_LEAD_TICKS, tuple(decoded)), self.now_s)
            case "start":
                self.start(act, positions)
            case "with" if self.together:
                decoded = [self.together.popleft()]
            case "stop":
                self.run_to(act.tick)
                self.player.receive(wire.Stop(int(act.value)), self.now_s)
                self.stop_tick = int(act.value) * TICKS_PER_STEP if act.value >= 0 else None
            case "panic":
                self.run_to(act.tick)
                self.player.receive(wire.Panic(), self.now_s)
            case "tempo":
                self.run_to(act.tick)
                self.tempo_bpm = act.value
                self.player.receive(wire.Tempo(act.value), self.now_s)
            case "stall" | "successor":
                self.stalled = self.stalled or act
            case _:
                decoded = redo(band, act, positions, self.tempo_bpm, bool(act.phrase) or self.by_hand)
        if decoded:
            self.hand(act, decoded)
        self.hear()

    def check(self, act: Act) -> None:
        """UserError for an act of nothing that plays, or of a part that is not there."""
        patch = self.band.patch
        if act.do in IN_PLAY and not self.band.begun:
            raise UserError(f"control log: {act.do} at tick {act.tick}: nothing was played before it; a take begins with play")
        if not 0 <= act.part < len(patch.parts):
            raise UserError(f"control log: {act.do} at tick {act.tick}: part {act.part}: {patch.name} has {len(patch.parts)}")
        for slot, texts in act.points.items():
            try:
                self.band.check(points_of(texts), in_music=slot == INFILL)
            except ValueError as problem:
                raise UserError(f"control log: {act.do} at tick {act.tick}: points of {slot}: {problem}") from None

    def start(self, act: Act, positions: Positions) -> None:
        """A master began the song: what lay ready plays from there; else what is held, or what will come."""
        self.run_out()
        step = int(act.value)
        handoffs = [on_line(handoff, step) for handoff in self.band.begin(positions, self.tempo_bpm, step)] if act.phrase else []
        if handoffs and phrase_hash(*handoffs) != act.phrase and self.differs is None:
            self.differs = act
        if handoffs or abs(step * TICKS_PER_STEP - self.position()) > TICKS_PER_STEP:  # else it goes on where it stopped
            self.player.receive(wire.Locate(step), self.now_s)
        self.player.receive(wire.Continue(LONG_LEAD_TICKS, tuple(handoffs)), self.now_s)

    def hand(self, act: Act, handoffs: Sequence[Handoff]) -> None:
        """Give the player what an act of the take gave it at its tick, and keep what it gave by itself later; by hand all at once."""
        at_once = act.do in AT_ONCE
        now = handoffs if at_once or self.by_hand else handoffs[:1]
        if act.phrase and phrase_hash(*now) != act.phrase and self.differs is None:
            self.differs = act
        if act.do != "with":
            self.together = deque(handoffs[len(now) :])
        if not at_once:
            self.run_to(act.tick)
            self.give(*now)

    def turn(self, changes: Mapping[str, float | bool | str]) -> None:
        """Put the panel where the log says. UserError for a name or value that no action has."""
        answers = self.panel.turn(*(Change(name, value, self.now_s, "log") for name, value in changes.items()))
        for (name, value), answer in zip(changes.items(), answers, strict=True):
            if answer:
                raise UserError(f"control log: {name} = {value}: {answer}")
        self.panel.drain()

    def give(self, *handoffs: Handoff) -> None:
        for handoff in handoffs:
            self.player.receive(handoff, self.now_s)
        self.hear()

    def hear(self) -> None:
        for message in self.up.messages:
            self.recorder.hear(message)
        self.up.messages.clear()

    def bars(self) -> int:
        """How long the music was, the last bar as a whole."""
        return -(-self.end_tick // TICKS_PER_BAR)

    def remarks(self) -> list[str]:
        """What the log says that this bounce could not do alike."""
        notes = []
        if self.differs is not None:
            notes.append(f"bar {bar_of(self.differs)} is the first that differs from the take (other machine or bundle)")
        if self.stalled is not None:
            notes.append(f"the take has a {self.stalled.do} at bar {bar_of(self.stalled)}: from there it may differ")
        return notes

    def status(self) -> Status:
        status = self.page.read()
        assert status is not None  # the player wrote it when it was made
        return status

    def position(self) -> int:
        """The song tick now."""
        return self.status().tick_at(self.now_s)

    def run_to(self, tick: int | None) -> None:
        """Let the player play everything due before and at a song tick, each at its own time; nothing when it stands still."""
        status = self.status()
        if tick is None or not status.playing:
            return
        end_s = status.time_of_tick(tick)
        while self.status().playing and self.player.deadline_s() <= end_s:
            self.now_s = max(self.now_s, self.player.deadline_s())
            self.player.step(self.now_s)
        if self.status().playing:
            self.now_s = max(self.now_s, end_s)
        self.hear()

    def run_out(self) -> None:
        """To the stop that was asked for; where the log was cut short by a kill, as far as the last phrases reach."""
        if self.status().playing:
            self.run_to(self.stop_tick if self.stop_tick is not None else self.position() + 2 * TICKS_PER_BAR)
        self.stop_tick = None


def bar_of(act: Act) -> int:
    """As musicians count, from 1."""
    return max(0, act.tick) // TICKS_PER_BAR + 1


def recorded(acts: Sequence[Act]) -> bool:
    """Whether these are the acts of a take, not lines by hand."""
    return any(act.do in ("play", "start") for act in acts)


def bounce(chosen: argparse.Namespace) -> int:
    """The command `mvae-live bounce`."""
    take, acts = read(chosen.controls) if chosen.controls else (None, [])
    if chosen.bars is None and not recorded(acts):
        raise UserError("bounce needs --bars N, or --controls with the log of a recording in which something was played")
    check_writable(chosen.out)
    patch = load_patch(chosen.patch or (take.patch if take else DEFAULT_PATCH))
    opened = open_band(patch, chosen.provider)
    for bundle, proof in opened.hashes.items():
        if take is not None and take.bundles.get(bundle, "") != proof:
            print(f"{bundle} is not the bundle of the take: it will differ")
    seed = chosen.seed if chosen.seed is not None else take.seed if take else 0
    tempo_bpm = patch.start_tempo(chosen.tempo or (take.tempo_bpm if take else None))
    panel = make_panel(patch, opened.temperatures, tempo_bpm)
    for setting in chosen.set:
        set_knob(panel, setting)
    tempo_bpm = panel.snapshot().knobs["tempo"]
    offline = Bounce(panel, opened.ensemble(seed), Take("", seed, tempo_bpm, {}))
    write_file(chosen.out, offline.play(acts, chosen.bars))
    print(f"{chosen.out}: {offline.bars()} bars, seed {seed}")
    for note in offline.remarks():
        print(note)
    return 0


def set_knob(panel: Panel, setting: str) -> None:
    """KNOB=VALUE; UserError with the list of knobs, or the reason why the value cannot be meant."""
    name, _, text = setting.partition("=")
    knob = panel.actions.find(name.strip(), "knob")
    try:
        value = float(text)
    except ValueError:
        raise UserError(f"--set {setting}: give KNOB=NUMBER, {knob.name} from {knob.low:g} to {knob.high:g}") from None
    if not knob.low <= value <= knob.high:
        raise UserError(f"--set {setting}: {knob.name} goes from {knob.low:g} to {knob.high:g}")
    panel.turn(Change(knob.name, value, 0.0, "set"))
