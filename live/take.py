"""A recording in progress: the .mid of what was sent, and beside it the control log that plays it again.

The .mid is written whole at every bar line, so a kill loses a bar at most, and the log line by line (`mvae.live.take_files`).
Times are scheduled ticks, not those of the clock on the wall. Files of an earlier take stay until something plays. Knows nothing of ports
and decoding.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from mvae.core.errors import UserError
from mvae.core.phrase import STEPS_PER_BAR, TICKS_PER_BEAT, TICKS_PER_STEP
from mvae.core.score import Handoff
from mvae.core.track import Track, check_writable
from mvae.live import wire
from mvae.live.control_log import AT_ONCE, Act, Log, Take, line_of, phrase_hash
from mvae.live.take_files import TakeFiles

TICKS_PER_BAR = STEPS_PER_BAR * TICKS_PER_STEP
LEAD_IN_TICKS = TICKS_PER_BAR  # a take begins a bar before the first line, for the hits that come early
ROOM_TICKS = TICKS_PER_BEAT  # that a line from which play goes on has before it: longer than any lead-in


def log_path(path: Path) -> Path:
    """Where the control log of a take lies: beside its .mid."""
    return path.with_suffix(".log")


class Recorder:
    """Hears what the player did and what the instrument asked of it. Without a path it keeps nothing on disk, and no log.

    `track` is the whole; `parts` are the names of those that have a track of their own, in the order of the patch.
    """

    def __init__(self, path: Path | None, take: Take, parts: Sequence[str] = ()):
        """UserError for a path at which no take can be written."""
        self.path = path
        self.track, self.parts = Track(), tuple(Track(name) for name in parts)
        self._tempos: list[tuple[int, float]] = []
        self._tempo_from(0, take.tempo_bpm)
        self.offset = LEAD_IN_TICKS  # tick of the take at which song tick 0 lies; below 0 where play began far in the song
        self._end = 0  # tick of the take at which play has stopped
        self._log = Log(take)
        self._files: TakeFiles | None = None
        self.playing = False  # as far as was heard
        self._bpm: float | None = None  # a tempo that came while nothing played
        self._bar: int | None = None
        if path is not None:
            check_writable(path)
            if path.suffix.lower() == log_path(path).suffix:
                raise UserError(f"{path}: the control log goes there; give a name that ends in .mid")
            check_writable(log_path(path))

    @property
    def remark(self) -> str:
        """What the performer should know of the disk, or nothing."""
        return self._files.remark if self._files else ""

    @property
    def told(self) -> str:
        """What the performer is told before the first note, or nothing."""
        return ""

    def hear(self, message: wire.Up) -> None:
        """A message of the player."""
        match message:
            case wire.Sent():
                self._note(message)
                self._commit(message.tick // TICKS_PER_BAR)
            case wire.Started():
                self._start(message.line_tick, message.bars)
            case wire.TempoAt():
                self._tempo(message.tick, message.bpm)
            case wire.Accepted():
                self._settle(f"generation {message.generation}", message.tick)
            case wire.Repeated():
                self.act(Act("repeat", message.tick, value=message.start_step, part=message.part))
            case wire.Stall():
                self.act(Act("stall", message.tick, value=message.overdue_ms))
            case wire.Succeeded():
                self.act(Act("successor", message.tick, value=message.step))
            case wire.Died():
                self._log.settle_all(self.track.tick - self.offset)
            case wire.Panicked():
                self._settle("panic", message.tick)
            case wire.Stopping():
                self._settle(f"stop at {message.step}", message.tick)
            case wire.Stopped():
                self.playing, self._end = False, self.offset + message.tick
                self._settle("stop", message.tick)
                self._commit(None)
            case _:
                pass

    def patched(self, parts: Sequence[str], text: bytes) -> None:
        """A patch with this text plays, and these are the names of all parts by number: each that is new has a track from now on."""
        for name in parts[len(self.parts) :] if self.parts else ():
            track = Track(name)
            for tick, bpm in self._tempos:
                track.tempo(tick, bpm)
            self.parts = (*self.parts, track)

    def act(self, act: Act, awaits: str = "") -> None:
        """The instrument did something; with `awaits` its line waits for the player to say when it took it."""
        if self.path is not None:
            self._log.act(act, awaits)
            self._write_log()

    def happened(self, act: Act) -> None:
        """The player did something by itself."""
        if self.path is not None:
            self._log.happened(act)
            self._write_log()

    def hand(self, act: Act, handoffs: Sequence[Handoff]) -> None:
        """The instrument handed notes over: at once when it starts, else each part's by itself, which the player takes in turn."""
        at_once = act.do in AT_ONCE
        first, others = handoffs[0], () if at_once else handoffs[1:]
        said = phrase_hash(*handoffs) if at_once else phrase_hash(first)
        self.act(replace(act, part=first.part, phrase=said), f"generation {first.generation}")
        for other in others:
            self.act(Act("with", part=other.part, phrase=phrase_hash(other)), f"generation {other.generation}")

    def close(self) -> None:
        """Write what is left; nothing where nothing was played. UserError if the disk still refuses."""
        if self._files is not None:
            self._write_log()
            self.write(self._files)
            self._files.close()

    def __enter__(self) -> "Recorder":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _start(self, line_tick: int, counted: int) -> None:
        """What is played after a stop goes on in the take where it belongs in the bar, at the next line with room for the lead-in.

        So it does wherever in the song it goes on: bars that were passed over leave no silence. The bars of a count-in come on top.
        """
        end = max(self.track.tick, self._end)
        self.offset = (-(-(end + ROOM_TICKS - line_tick) // TICKS_PER_BAR) + counted) * TICKS_PER_BAR
        self.playing = True
        if self._bpm is not None:
            self._tempo_from(self.offset + line_tick - ROOM_TICKS, self._bpm)
            self._bpm = None
        if self.path is not None and self._files is None:
            self._files = TakeFiles(self.path)
            self.begin(self._files)
        self._write_log()

    def _tempo(self, tick: int, bpm: float) -> None:
        """While nothing plays time stands still: the tempo is that of the next start."""
        if self.playing:
            self._tempo_from(self.offset + tick, bpm)
        else:
            self._bpm = bpm
        self._settle("tempo", tick)

    def _settle(self, awaited: str, tick: int) -> None:
        self._log.settle(awaited, tick)
        self._write_log()

    def _write_log(self) -> None:
        if self._files is not None and self.path is not None:
            records = self._log.ready()
            self._files.add(log_path(self.path), "".join(map(line_of, records)))
            self.took([record for record in records if isinstance(record, Act)], self._files)

    def begin(self, files: TakeFiles) -> None:
        """Something plays for the first time."""

    def took(self, acts: Sequence[Act], files: TakeFiles) -> None:
        """These acts are in the log now, each with its tick."""

    def write(self, files: TakeFiles) -> None:
        """The take as it stands now; at a new bar, at a stop and at the end."""
        if self.path is not None:
            files.put(self.path, self.track.file())

    def _commit(self, bar: int | None) -> None:
        """At a new bar, and at a stop, the .mid is due."""
        if bar != self._bar and self._files is not None:
            self.write(self._files)
        self._bar = bar

    def _note(self, sent: wire.Sent) -> None:
        for track in (self.track, *self.parts[sent.part : sent.part + 1]):
            track.note(self.offset + sent.tick, sent.on, sent.channel, sent.pitch, sent.velocity)

    def _tempo_from(self, tick: int, bpm: float) -> None:
        self._tempos.append((tick, bpm))
        for track in (self.track, *self.parts):
            track.tempo(tick, bpm)
