"""A recording in progress: the .mid of what was sent, and beside it the control log that plays it again.

The .mid is written whole at every bar line by a thread of its own, so a kill loses a bar at most. Times are scheduled ticks, not those
of the clock on the wall. A second `play` goes on in the take a bar after the next bar line. Knows nothing of ports and decoding.
"""

import threading
from pathlib import Path
from types import TracebackType

from mvae.core.phrase import STEPS_PER_BAR, TICKS_PER_STEP
from mvae.core.track import Track, check_writable, replace_file
from mvae.live import wire
from mvae.live.control_log import Act, LogFile, Take

TICKS_PER_BAR = STEPS_PER_BAR * TICKS_PER_STEP
LEAD_IN_TICKS = TICKS_PER_BAR  # a take begins a bar before the first line, for the hits that come early


def log_path(path: Path) -> Path:
    """Where the control log of a take lies: beside its .mid."""
    return path.with_suffix(".log")


class Recorder:
    """Hears what the player did and what the instrument asked of it. Without a path it keeps nothing."""

    def __init__(self, path: Path | None, take: Take):
        self.path, self._take = path, take
        self.track = Track()
        self.track.tempo(0, take.tempo_bpm)
        self.offset = LEAD_IN_TICKS  # tick of the take at which song tick 0 lies
        self.log: LogFile | None = None
        self._bar: int | None = None
        self._due = threading.Event()
        self._over = False
        self._writer = threading.Thread(target=self._write, name="recorder", daemon=True)
        self._data = b""
        if path is not None:
            check_writable(path)
            check_writable(log_path(path))

    def hear(self, message: wire.Up) -> None:
        """A message of the player."""
        match message:
            case wire.Sent():
                self.track.note(self.offset + message.tick, message.on, message.channel, message.pitch, message.velocity)
                self._commit(message.tick // TICKS_PER_BAR)
            case wire.Started() if message.line_tick == 0 and self.track.tick > 0:
                self.offset = (self.track.tick // TICKS_PER_BAR + 2) * TICKS_PER_BAR
            case wire.TempoAt():
                self.track.tempo(self.offset + message.tick, message.bpm)
                self._settle("tempo", message.tick)
            case wire.Accepted():
                self._settle(f"generation {message.generation}", message.tick)
            case wire.Repeated():
                self.act(Act("repeat", message.tick, value=message.start_step))
            case wire.Stall():
                self.act(Act("stall", message.tick, value=message.overdue_ms))
            case wire.Succeeded():
                self.act(Act("successor", message.tick, value=message.step))
            case wire.Died() if self.log is not None:
                self.log.settle_all(self.track.tick - self.offset)
            case wire.Panicked():
                self._settle("panic", message.tick)
            case wire.Stopped():
                self._settle("stop", message.tick)
                self._commit(-1)
            case _:
                pass

    def act(self, act: Act, awaits: str = "") -> None:
        """The instrument did something; with `awaits` its line waits for the player to say when it took it.

        The first act begins the files; until then those of an earlier take stay.
        """
        if self.path is not None and self.log is None:
            self.log = LogFile(open(log_path(self.path), "w"), self._take)  # noqa: SIM115 (closed by close)
            self._writer.start()
        if self.log is not None:
            self.log.act(act, awaits)

    def _settle(self, awaited: str, tick: int) -> None:
        if self.log is not None:
            self.log.settle(awaited, tick)

    def _commit(self, bar: int) -> None:
        """At a new bar the file is due."""
        if bar != self._bar and self.path is not None:
            self._bar, self._data = bar, self.track.file()
            self._due.set()

    def _write(self) -> None:
        while not self._over:
            self._due.wait()
            self._due.clear()
            if self.path is not None and not self._over:
                replace_file(self.path, self._data)

    def close(self) -> None:
        """Write what is left; nothing where nothing was done."""
        self._over = True
        self._due.set()
        if self.path is not None and self.log is not None:
            self._writer.join()
            replace_file(self.path, self.track.file())
            self.log.close()

    def __enter__(self) -> "Recorder":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
