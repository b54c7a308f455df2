"""What the player publishes in shared memory: where the music is, what has happened so far, what sounds. One writes, all others read.

There are two slots for the record: the writer fills the one not in use and then points to it, with a checksum, so that no reader takes
half a record and a player killed while writing leaves a whole one. The memory outlives the player: its successor finds there what to
silence and where to go on. A channel is one of a port: 16 for each slot, MIDI channels 0..15 of the slot's own. Knows nothing of pipes.
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
from mvae.core.part import CHANNELS
from mvae.core.phrase import TICKS_PER_BEAT

MAX_PARTS: Final = 16
SLOTS: Final = 1 + MAX_PARTS  # the instrument's port and one for each part
PITCHES: Final = 128
_ALL: Final = SLOTS * CHANNELS
BIN_EDGES_US: Final[tuple[int, ...]] = (*range(0, 1000, 10), *range(1000, 10_000, 100), *range(10_000, 100_001, 1000))  # lower edges
_HEAD: Final = 4  # its first byte tells the slot of the last record, 1 or 2, or 0 for none. One byte: a wider number is not written at once
_COUNT: Final = struct.Struct("<I")
_FIXED: Final = struct.Struct("<?dddqq10IddI")
_PART: Final = struct.Struct("<HIii")
_SLOT: Final = 4 + _FIXED.size + MAX_PARTS * _PART.size  # crc32 and record
_USED: Final = _HEAD + 2 * _SLOT  # channels that have carried a note, a byte each
_SOUNDING: Final = _USED + _ALL  # (channel, pitch), a byte each
_STRUCK: Final = _SOUNDING + _ALL * PITCHES  # (MIDI channel, pitch): when it was struck last, on any port, and how hard
_STRIKE: Final = struct.Struct("<dB")
_LATENESS: Final = _STRUCK + CHANNELS * PITCHES * _STRIKE.size  # u32 counts
_COUNTS: Final = struct.Struct(f"<{len(BIN_EDGES_US)}I")
SIZE: Final = _LATENESS + _COUNTS.size


# marks of a note: from before its note-on is sent, by the song or by a controller; from after its note-off is sent
_SOUNDS, _HAS_SOUNDED, _PASSES = 1, 2, 3


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

    def mark(self, channel: int, pitch: int, velocity: int = 0, at_s: float = 0.0, passes: bool = False) -> None:
        """About to send a note-on, at a monotonic time; one that only passes through is no note of the song."""
        self._map[_USED + channel] = 1
        self._map[_SOUNDING + channel * PITCHES + pitch] = _PASSES if passes else _SOUNDS
        _STRIKE.pack_into(self._map, _STRUCK + (channel % CHANNELS * PITCHES + pitch) * _STRIKE.size, at_s, velocity)

    def unmark(self, channel: int, pitch: int) -> None:
        """The note-off has been sent."""
        self._map[_SOUNDING + channel * PITCHES + pitch] = _HAS_SOUNDED

    def struck(self, channel: int, pitch: int) -> tuple[float, int]:
        """When a note of a MIDI channel 0..15 was last sent, on whatever port, in monotonic seconds, and its velocity; (0, 0) for never."""
        at_s, velocity = _STRIKE.unpack_from(self._map, _STRUCK + (channel * PITCHES + pitch) * _STRIKE.size)
        return at_s, velocity

    def sounding(self) -> list[tuple[int, int]]:
        """(channel, pitch) of every note that sounds."""
        return self._marked(_SOUNDS, _PASSES)

    def of_song(self) -> list[tuple[int, int]]:
        """(channel, pitch) of every note of the song that sounds."""
        return self._marked(_SOUNDS)

    def sounded(self) -> list[tuple[int, int]]:
        """(channel, pitch) of every note that sounds or has sounded since the page was made."""
        return self._marked(_SOUNDS, _HAS_SOUNDED, _PASSES)

    def _marked(self, *marks: int) -> list[tuple[int, int]]:
        found = []
        for channel in self.used_channels():
            at = _SOUNDING + channel * PITCHES
            found += [(channel, pitch) for pitch, mark in enumerate(self._map[at : at + PITCHES]) if mark in marks]
        return found

    def used_channels(self) -> list[int]:
        """The channels that have carried a note since the page was made."""
        return [channel for channel, used in enumerate(self._map[_USED : _USED + _ALL]) if used]

    def count_lateness(self, lateness_s: float) -> None:
        """Add one send to the histogram."""
        at = _LATENESS + 4 * max(0, bisect_right(BIN_EDGES_US, lateness_s * 1e6) - 1)
        _COUNT.pack_into(self._map, at, _COUNT.unpack_from(self._map, at)[0] + 1)

    def lateness(self) -> tuple[int, ...]:
        """The histogram: sends by bin of `BIN_EDGES_US`."""
        counts: tuple[int, ...] = _COUNTS.unpack_from(self._map, _LATENESS)
        return counts
