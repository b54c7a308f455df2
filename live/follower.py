"""A player that has a master: its clock and transport are those of MIDI clock or of a Link session.

What the master says comes in as `core.sync` has it; its beats replace the player's clock whenever more is known of them, and notes already
handed over move with them. When the master falls silent the music plays on at the last tempo. Knows nothing of ports and networks.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Final, Protocol

from mvae.core.clock import Clock
from mvae.core.midi_clock import CLOCK_TICKS, CLOCKS_PER_BEAT
from mvae.core.phrase import STEPS_PER_BAR, TICKS_PER_BEAT, TICKS_PER_STEP
from mvae.core.score import BEFORE, Handoff, Score
from mvae.core.sync import TICKS_PER_BAR, Beats, Begin, End, Heard, Located, Said, entrance
from mvae.live import output, wire
from mvae.live.output import Sink
from mvae.live.player import Player, late_ticks
from mvae.live.status import StatusPage

JOIN_LEAD_S: Final = 0.15  # before the line to join at: for the first phrase, and for its early hits
JUMP_BEATS: Final = 0.25  # a beat that is suddenly so far away is that of another session
TELL_BPM, TELL_S = 0.5, 0.1  # a tempo that has moved so much is told, so often at most
TELL_FINE_BPM, TELL_FINE_S = 0.05, 2.0


class Master(Protocol):
    """A clock to follow. Nothing here waits."""

    patience_s: float  # how often `take` is to be called at least
    remark: str  # one line for the performer, or empty
    heard_at: wire.Opened | None  # the input that it comes in at, if it is one

    def take(self, now_s: float) -> Sequence[Said]:
        """What it has said since the last call."""
        ...

    def join(self, now_s: float, lead_s: float, song_tick: int, bars: int) -> Sequence[Said]:
        """A Begin at its next bar line that is at least `lead_s` and so many bars away; nothing as long as that is not known.

        `song_tick` if it stands.
        """
        ...

    def adopt(self, song_tick: int) -> None:
        """Its song plays already, as a dead player knew: clock tick 0 is this song tick."""
        ...

    def share(self, playing: bool, now_s: float) -> None:
        """Tell it that the performer has started or stopped the music, if it listens."""
        ...

    def reopen(self, port: str, own: Collection[str]) -> None:
        """Hear its input again, which was gone for a while, on any thread. Raises UserError if it is not there."""
        ...

    def close(self) -> None: ...


class Follower(Player):
    """Plays in time with `master`; where that starts, after `count_in` bars."""

    def __init__(
        self, now_s: Callable[[], float], out: Sink, up: wire.UpPipe, page: StatusPage, bpm: float, nudge_ms: float, master: Master,
        count_in: int = 0,
    ) -> None:  # fmt: skip
        super().__init__(now_s, out, up, page, bpm, nudge_ms)
        self._master, self.patience_s = master, master.patience_s
        self._shift_ticks: int | None = None  # from the master's clock ticks to ours
        self._cues: dict[int, tuple[Handoff, ...]] = {}  # of bar 1 and of the last place: step -> what to play from there
        self._count_in, self._entry_tick = count_in, BEFORE  # bars; the song tick at which the music has entered, or will
        self._wants: tuple[int, int] | None = None  # song tick and bars of a Join that waits for the master
        self._told_bpm, self._told_s = bpm, now_s()

    def follow(self, now_s: float) -> None:
        """Obey what the master has said, after everything due before it."""
        said = [*self._master.take(now_s)]
        if self._wants is not None and (joined := self._master.join(now_s, JOIN_LEAD_S, *self._wants)):
            said += joined
            self._wants = None
        if said or self._tempo_moved(now_s):
            self.step(now_s)
            for one in said:
                self._obey(one, now_s)
            self.step(now_s)  # what this has made due comes before a tempo told
            self._tell_tempo(now_s)
            self._publish()

    def receive(self, message: wire.Down, now_s: float) -> None:
        """Take a message of the instrument's; a tempo is the master's to say."""
        match message:
            case wire.Tempo():
                return
            case wire.Cue(step, handoffs):
                first = entrance(0, self._count_in) // TICKS_PER_STEP
                self._cues = {place: cue for place, cue in self._cues.items() if place == first} | {step: handoffs}
            case wire.Enter():
                self._cues = {}
                super().receive(message, now_s)
            case wire.Join(step, bars):
                if not self.playing:
                    self._wants, self._entry_tick = (step * TICKS_PER_STEP, bars), BEFORE
                    self.follow(now_s)
            case wire.Share(playing):
                self._master.share(playing, now_s)
            case _:
                if isinstance(message, wire.Stop):
                    self._wants = None
                super().receive(message, now_s)

    def _obey(self, said: Said, now_s: float) -> None:
        match said:
            case Beats(clock):
                self._beat(clock, now_s)
            case Begin():
                self._begin(said, now_s)
            case End():
                self._wants = None
                if self.playing:
                    self._halt(self._come_to(now_s))
            case Located(song_tick):
                self._locate(self._come_to(now_s), song_tick)
            case Heard(state, peers):
                self._up.post(wire.Sync(state, peers))

    def _beat(self, clock: Clock, now_s: float) -> None:
        """The master's clock, counted on from ours: what plays is not moved by where the master began to count."""
        own = self.clock.later(-self._nudge_s)
        if self._shift_ticks is None:
            self._shift_ticks = round((own.beat_at(now_s) - clock.beat_at(now_s)) * CLOCKS_PER_BEAT) * CLOCK_TICKS
            if self.playing:
                self._master.adopt(self._shift_ticks - self._origin_tick)
        beat = clock.beat + self._shift_ticks / TICKS_PER_BEAT
        new = Clock(beat, clock.at_s, clock.seconds_per_beat)
        if self.playing and abs(new.beat_at(now_s) - own.beat_at(now_s)) > JUMP_BEATS:
            self._halt(self._come_to(now_s))
            self._wants = self._stopped_tick, self._count_in if self._stopped_tick < self._entry_tick else 0
        self.clock, self._moved_s = new.later(self._nudge_s), now_s
        self._lag_ticks = self._lag()
        following = self._next_clock(now_s)
        if abs(self._clock_tick - following) > CLOCK_TICKS:
            self._clock_tick = following

    def _tempo_moved(self, now_s: float) -> bool:
        """Whether the tempo is to be told: soon where it has moved much, in a while where it has moved little."""
        moved, since_s = abs(self.clock.bpm - self._told_bpm), now_s - self._told_s
        return (moved > TELL_BPM and since_s > TELL_S) or (moved > TELL_FINE_BPM and since_s > TELL_FINE_S)

    def _tell_tempo(self, now_s: float) -> None:
        if self._tempo_moved(now_s):
            self._told_bpm, self._told_s = round(self.clock.bpm, 2), now_s
            self._up.post(wire.TempoAt(self._song_tick(self._come_to(now_s)), self._told_bpm))

    def _counted_in(self, begin: Begin, line_tick: int, tick: int) -> tuple[int, int, int]:
        """Where the music enters, in song and clock ticks, and after how many bars of clicks: those before a start that is ahead count."""
        if begin.bars is not None and self._song_tick(tick) >= self._entry_tick:
            return begin.song_tick, line_tick, begin.bars
        missing = max(0, self._count_in - max(0, line_tick - tick) // TICKS_PER_BAR)
        song_tick = entrance(begin.song_tick, missing)
        return song_tick, line_tick + song_tick - begin.song_tick, self._count_in

    def _begin(self, begin: Begin, now_s: float) -> None:
        """Play: what is cued for where the music enters, or what is held if it stopped there."""
        song_tick, line_tick, bars = self._counted_in(begin, begin.clock_tick + (self._shift_ticks or 0), self._come_to(now_s))
        if self.playing and begin.bars is not None and self._origin_tick == line_tick - song_tick:
            return  # it is there already
        if self.playing:
            self._halt(self._come_to(now_s))
        tick, step = self._come_to(now_s), -(-song_tick // TICKS_PER_STEP)
        cued = self._cues.get(step) if bars == self._count_in else None
        if cued is not None or abs(song_tick - self._stopped_tick) > TICKS_PER_STEP:
            self._score = Score()
        for handoff in cued or ():
            self._accept(handoff, BEFORE)
        self._score.seek(step - bars * STEPS_PER_BAR)
        self._origin_tick, self._entry_tick = line_tick - song_tick, song_tick
        late = late_ticks(Clock(0.0, 0.0, 60 / self._told_bpm))  # as a bounce knows the tempo
        self._oldest_tick = BEFORE if cued else tick - self._origin_tick - late
        self._tell_line(line_tick, song_tick // TICKS_PER_STEP, output.CONTINUE if song_tick else output.START)
        self.playing = True
        self._up.post(wire.Started(tick - self._origin_tick, song_tick, bars, cued[0].generation if cued else 0))
