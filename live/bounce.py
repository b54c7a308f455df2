"""`bounce`: the same path as the live instrument, on a clock of its own: no port, no thread, no waiting.

With a control log every act is done at the tick at which the player took it in the take, so the .mid comes out the same, byte for byte.
Without one, or with a hand-written log (ticks and changes, fills, reseeds), the phrases follow each other as they would on stage.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence

from mvae.core.action_table import KNOBS
from mvae.core.change import Change
from mvae.core.errors import UserError
from mvae.core.panel import Panel, Positions
from mvae.core.patch import Patch
from mvae.core.patch_file import load_patch
from mvae.core.phrase import STEPS_PER_BAR, TICKS_PER_BEAT, TICKS_PER_STEP
from mvae.core.points import points_of
from mvae.core.score import Handoff
from mvae.core.seats import first_homes, seated
from mvae.live import wire
from mvae.live.acts import IN_PLAY, redo
from mvae.live.control_log import AT_ONCE, INFILL, Act, Take, phrase_hash
from mvae.live.ensemble import Ensemble, Opened, open_band
from mvae.live.guest import cue
from mvae.live.instrument import LEAD_TICKS, TICKS_PER_BAR
from mvae.live.output import NoOutput
from mvae.live.player import MIDI_CLOCK_TICKS
from mvae.live.repeater import Repeater
from mvae.live.status import Status, StatusPage
from mvae.live.take import LEAD_IN_TICKS, Recorder

HIGHEST = {knob.name: knob.high for knob in KNOBS}
LAG_TICKS = round(HIGHEST["nudge"] / 1000 * HIGHEST["tempo"] / 60 * TICKS_PER_BEAT)  # how much later than its MIDI clock a line may be
LONG_LEAD_TICKS = LEAD_TICKS + MIDI_CLOCK_TICKS + LAG_TICKS  # no take has a longer one: on stage the line is on the next MIDI clock


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
    """A player on a manual clock and the band that feeds it; `reads` gives the patch that an act names, in the place of the one before."""

    def __init__(self, panel: Panel, band: Ensemble, take: Take, reads: Callable[[Act], Patch] | None = None, provider: str = "auto"):
        self.panel, self.band = panel, band
        self.homes, self.reads, self.provider = first_homes(band.patch), reads or named_patch, provider
        self.others: list[str] = []  # bundles of later patches that are not those of the take
        self.tempo_bpm = take.tempo_bpm
        self.recorder = Recorder(None, take, [part.name for part in band.patch.parts])
        self.now_s = 0.0
        self.up = Inbox()
        self.page = StatusPage.make()
        self.player = Repeater(lambda: self.now_s, NoOutput(""), self.up, self.page, take.tempo_bpm)
        self.stop_tick: int | None = None  # where a stop that was asked for lies
        self.by_hand = False  # the acts are lines by hand
        self.cues: dict[str, tuple[Handoff, ...]] = {}  # what lay ready for a master's start, by its hash
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
        self.turn(act.changes)
        positions, band = self.panel.snapshot(), self.band
        decoded: Sequence[Handoff] = ()
        match act.do:
            case "play" | "continue" | "from" | "located":
                self.run_out()
                decoded = self.set_off(act, positions)
            case "cue":
                handoffs = cue(band, int(act.value), act.bars, positions, self.tempo_bpm)
                if phrase_hash(*handoffs) != act.phrase and self.differs is None:
                    self.differs = act
                self.cues[act.phrase] = handoffs
            case "start" | "restart":
                self.start(act)
            case "patch":
                self.change(act)
            case "enter":
                self.run_to(act.tick)
                decoded = band.enter(positions, self.tempo_bpm, int(act.value))
                self.player.receive(wire.Enter(int(act.value), tuple(decoded)), self.now_s)
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

    def set_off(self, act: Act, positions: Positions) -> Sequence[Handoff]:
        """From a standstill: begin, go on, or stand elsewhere; what the player was given to do it."""
        if act.do == "located":
            self.player.receive(wire.Locate(act.tick // TICKS_PER_STEP), self.now_s)
            return ()
        if act.do == "play":
            decoded = self.band.begin(positions, self.tempo_bpm)
            self.player.receive(wire.Play(LONG_LEAD_TICKS + int(act.value) * TICKS_PER_BAR, tuple(decoded)), self.now_s)
            return decoded
        if act.do == "from":
            self.player.receive(wire.Locate(int(act.value)), self.now_s)
            decoded = self.band.begin(positions, self.tempo_bpm, int(act.value))
        else:
            decoded = self.band.move(act.tick if act.at is None else act.at, positions, self.tempo_bpm)
        self.player.receive(wire.Continue(LONG_LEAD_TICKS, tuple(decoded)), self.now_s)
        return decoded

    def check(self, act: Act) -> None:
        """UserError for an act of nothing that plays, or of a part that is not there."""
        if act.do in IN_PLAY and not self.band.begun:
            raise UserError(f"control log: {act.do} at tick {act.tick}: nothing was played before it; a take begins with play")
        patch, most = self.band.patch, len(self.band.roster)
        if not 0 <= act.part < most:
            raise UserError(f"control log: {act.do} at tick {act.tick}: part {act.part}: {patch.name} has {most}")
        for slot, texts in act.points.items():
            try:
                self.band.check(points_of(texts), in_music=slot == INFILL)
            except ValueError as problem:
                raise UserError(f"control log: {act.do} at tick {act.tick}: points of {slot}: {problem}") from None

    def change(self, act: Act) -> None:
        """Another patch in the place of the one before. UserError for one that does not open."""
        patch, self.homes = seated(self.reads(act), self.homes, self.band.patch)
        opened = open_band(patch, self.provider)
        self.others += differing(opened, act.bundles)
        self.band = opened.ensemble(self.band.seed, self.band)
        self.panel.become(patch.actions(opened.temperatures), patch.smooth_ms, {})
        self.recorder.patched([part.name for part in self.band.roster], b"")

    def start(self, act: Act) -> None:
        """A master began the song: with what lay ready, or had once lain; else what is held plays from there, or what will come."""
        self.run_out()
        if act.phrase and act.phrase not in self.cues:
            raise UserError(f"control log: {act.do} at tick {act.tick}: phrase {act.phrase} was never cued; see a log that --record wrote")
        if act.phrase and act.do == "start":
            self.band.taken()
        cued = self.cues.get(act.phrase, ())
        self.player.begin(cued, act.tick, act.tick - LONG_LEAD_TICKS if act.at is None else act.at, act.bars, self.now_s)

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
        notes = [f"{bundle} is not the bundle of the take: from there it will differ" for bundle in self.others]
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
    return any(act.do in ("play", "start", "restart") for act in acts)


def named_patch(act: Act) -> Patch:
    """The patch that an act names, as it is now."""
    return load_patch(act.patch)


def differing(opened: Opened, then: Mapping[str, str]) -> list[str]:
    """The bundles that are others than a take had."""
    return [bundle for bundle, proof in opened.hashes.items() if then.get(bundle, "") != proof]
