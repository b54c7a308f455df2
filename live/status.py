"""What the player publishes in shared memory: where the music is, what has happened so far, what sounds. One writes, all others read.

There are two slots for the record: the writer fills the one not in use and then points to it, with a checksum, so that no reader takes
half a record and a player killed while writing leaves a whole one. The memory outlives the player: its successor finds there what to
silence and where to go on. Knows nothing of ports and pipes.
"""

import mmap
import os
import struct
import sys
import tempfile
import zlib
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mvae.core.clock import Clock
from mvae.core.phrase import TICKS_PER_BEAT

MAX_PARTS: Final = 16
CHANNELS, PITCHES = 16, 128
BIN_EDGES_US: Final[tuple[int, ...]] = (*range(0, 1000, 10), *range(1000, 10_000, 100), *range(10_000, 100_001, 1000))  # lower edges
_HEAD: Final = 4  # its first byte tells the slot of the last record, 1 or 2, or 0 for none. One byte: a wider number is not written at once
_COUNT: Final = struct.Struct("<I")
_FIXED: Final = struct.Struct("<?dddqq10IddI")
_PART: Final = struct.Struct("<HIii")
_SLOT: Final = 4 + _FIXED.size + MAX_PARTS * _PART.size  # crc32 and record
_USED: Final = _HEAD + 2 * _SLOT  # channels that have carried a note, a byte each
_SOUNDING: Final = _USED + CHANNELS  # (channel, pitch), a byte each
_LATENESS: Final = _SOUNDING + CHANNELS * PITCHES  # u32 counts
_COUNTS: Final = struct.Struct(f"<{len(BIN_EDGES_US)}I")
SIZE: Final = _LATENESS + _COUNTS.size


_SOUNDS, _HAS_SOUNDED = 1, 2  # marks of a note: from before its note-on is sent; from after its note-off is sent


@dataclass(slots=True)
class Counters:
    """Counts since the instrument started; they go on across the death of a player."""

    sent: int = 0  # note-ons and note-offs
    repeats: int = 0  # late phrases: the last one began again
    late: int = 0  # notes that a splice brought late, sounded at once
    dropped: int = 0  # notes that a splice brought too late
    stalls: int = 0
    skipped: int = 0  # note-ons that stayed silent after a stall
    up_drops: int = 0  # messages the instrument did not take in time
    send_errors: int = 0  # messages the port did not take
    clocks: int = 0  # MIDI clocks sent
    successors: int = 0  # players that took over from a dead one

    def row(self) -> tuple[int, ...]:
        return (self.sent, self.repeats, self.late, self.dropped, self.stalls, self.skipped, self.up_drops, self.send_errors, self.clocks,
                self.successors)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PartStatus:
    """A part as the player holds it: `end_step` is where what it holds ends, `next_step` follows the last step that has sounded."""

    part: int
    generation: int
    end_step: int
    next_step: int


@dataclass(frozen=True, slots=True)
class Status:
    """One consistent look at the player. Between two looks the song goes on by the clock: `tick_at` needs no new one."""

    playing: bool
    clock: Clock
    origin_tick: int  # the clock's tick (beat * 960) at song tick 0
    stopped_tick: int  # the song position while stopped
    counters: Counters
    last_lateness_s: float
    worst_lateness_s: float
    parts: tuple[PartStatus, ...]

    def tick_at(self, now_s: float) -> int:
        """The song tick at a monotonic time; negative in the lead-in, at rest while stopped."""
        return int(self.clock.beat_at(now_s) * TICKS_PER_BEAT // 1) - self.origin_tick if self.playing else self.stopped_tick

    def time_of_tick(self, tick: int) -> float:
        """The monotonic time of a song tick, in seconds; only while playing."""
        return self.clock.time_of((tick + self.origin_tick) / TICKS_PER_BEAT)

    def part(self, number: int) -> PartStatus | None:
        """What is known of a part; None before its first handoff."""
        return next((part for part in self.parts if part.part == number), None)


def lateness_quantile_us(counts: Sequence[int], share: float) -> int:
    """The lateness that `share` of all sends stay below, in microseconds: the upper edge of its bin; 0 when nothing was sent."""
    wanted, seen = share * sum(counts), 0
    for index, count in enumerate(counts):
        seen += count
        if count and seen >= wanted:
            return BIN_EDGES_US[min(index + 1, len(BIN_EDGES_US) - 1)]
    return 0


class StatusPage:
    """The shared memory itself. Open it with `make` (the instrument) or `attach` (the player)."""

    def __init__(self, file: int, address: str) -> None:
        self._file = file
        self.address = address  # what the player is told: "fd:7" or "path:..."
        self._map = mmap.mmap(file, SIZE)

    @classmethod
    def make(cls) -> "StatusPage":
        """Anonymous memory where the system has it, so that no disk slows a write; else a temporary file, deleted as soon as possible."""
        if sys.platform == "linux":
            file, path = os.memfd_create("mvae-status"), ""
        else:
            file, path = tempfile.mkstemp(prefix="mvae-status-")
        os.ftruncate(file, SIZE)
        if sys.platform == "win32":
            return cls(file, f"path:{path}")
        if path:
            os.unlink(path)
        return cls(file, f"fd:{file}")

    @classmethod
    def attach(cls, address: str) -> "StatusPage":
        """The page that another process made, by its address; a descriptor must have been inherited."""
        kind, _, place = address.partition(":")
        return cls(int(place) if kind == "fd" else os.open(place, os.O_RDWR), address)

    def inherited(self) -> tuple[int, ...]:
        """The descriptors a child process must inherit to attach."""
        return (self._file,) if self.address.startswith("fd:") else ()

    def close(self) -> None:
        self._map.close()
        os.close(self._file)
        if self.address.startswith("path:"):
            os.unlink(self.address.removeprefix("path:"))

    def write(self, status: Status) -> None:
        """Publish. Only the player calls this."""
        clock, parts = status.clock, status.parts[:MAX_PARTS]
        record = _FIXED.pack(
            status.playing, clock.beat, clock.at_s, clock.seconds_per_beat, status.origin_tick, status.stopped_tick,
            *status.counters.row(), status.last_lateness_s, status.worst_lateness_s, len(parts),
        ) + b"".join([_PART.pack(part.part, part.generation, part.end_step, part.next_step) for part in parts])  # fmt: skip
        slot = 2 if self._map[0] == 1 else 1
        at = _HEAD + (slot - 1) * _SLOT
        self._map[at : at + 4 + len(record)] = struct.pack("<I", zlib.crc32(record)) + record
        self._map[0] = slot

    def read(self) -> Status | None:
        """The last whole record; None before the first."""
        while last := self._map[0]:
            at = _HEAD + (last - 1) * _SLOT
            slot = self._map[at : at + _SLOT]
            *fixed, last_s, worst_s, count = _FIXED.unpack_from(slot, 4)
            length = _FIXED.size + min(count, MAX_PARTS) * _PART.size
            if zlib.crc32(slot[4 : 4 + length]) == int.from_bytes(slot[:4], "little"):
                parts = tuple(PartStatus(*row) for row in _PART.iter_unpack(slot[4 + _FIXED.size : 4 + length]))
                playing, beat, at_s, spb, origin, stopped, *counts = fixed
                return Status(playing, Clock(beat, at_s, spb), origin, stopped, Counters(*counts), last_s, worst_s, parts)
        return None

    def mark(self, channel: int, pitch: int) -> None:
        """About to send a note-on."""
        self._map[_USED + channel] = 1
        self._map[_SOUNDING + channel * PITCHES + pitch] = _SOUNDS

    def unmark(self, channel: int, pitch: int) -> None:
        """The note-off has been sent."""
        self._map[_SOUNDING + channel * PITCHES + pitch] = _HAS_SOUNDED

    def sounding(self) -> list[tuple[int, int]]:
        """(channel, pitch) of every note that sounds."""
        return [divmod(index, PITCHES) for index, mark in enumerate(self._marks()) if mark == _SOUNDS]

    def sounded(self) -> list[tuple[int, int]]:
        """(channel, pitch) of every note that sounds or has sounded since the page was made."""
        return [divmod(index, PITCHES) for index, mark in enumerate(self._marks()) if mark]

    def _marks(self) -> bytes:
        return self._map[_SOUNDING : _SOUNDING + CHANNELS * PITCHES]

    def used_channels(self) -> list[int]:
        """Channels 0..15 that have carried a note since the page was made."""
        return [channel for channel in range(CHANNELS) if self._map[_USED + channel]]

    def count_lateness(self, lateness_s: float) -> None:
        """Add one send to the histogram."""
        at = _LATENESS + 4 * max(0, bisect_right(BIN_EDGES_US, lateness_s * 1e6) - 1)
        _COUNT.pack_into(self._map, at, _COUNT.unpack_from(self._map, at)[0] + 1)

    def lateness(self) -> tuple[int, ...]:
        """The histogram: sends by bin of `BIN_EDGES_US`."""
        counts: tuple[int, ...] = _COUNTS.unpack_from(self._map, _LATENESS)
        return counts
