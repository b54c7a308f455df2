"""A MIDI file that grows: events are encoded as they come, and the file is whole at every moment.

One track of format 0 at 960 ticks a beat. The bytes depend on the events alone. Knows nothing of when events happen or who plays them.
"""

import os
import struct
from pathlib import Path

from mvae.core.errors import UserError
from mvae.core.phrase import TICKS_PER_BEAT

NOTE_OFF, NOTE_ON, PROGRAM_CHANGE = 0x80, 0x90, 0xC0
END_OF_TRACK = b"\xff\x2f\x00"
FOUR_FOUR = b"\xff\x58\x04\x04\x02\x18\x08"
MICROSECONDS_PER_MINUTE = 60_000_000


def variable_length(value: int) -> bytes:
    """A MIDI variable-length quantity: seven bits a byte, the highest first. `value` >= 0."""
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F | 0x80)
    return bytes(reversed(groups))


class Track:
    """Events in the order of their ticks, and what sounds after them."""

    def __init__(self, name: str = "mvae") -> None:
        text = name.encode()
        self._bytes = bytearray(b"\x00\xff\x03" + variable_length(len(text)) + text + b"\x00" + FOUR_FOUR)
        self._sounding: dict[tuple[int, int], None] = {}
        self.tick = 0

    def tempo(self, tick: int, bpm: float) -> None:
        """The tempo from a tick on."""
        self._event(tick, b"\xff\x51\x03" + round(MICROSECONDS_PER_MINUTE / bpm).to_bytes(3, "big"))

    def note(self, tick: int, on: bool, channel: int, pitch: int, velocity: int) -> None:
        """A note-on or note-off; channel 0..15."""
        self._event(tick, bytes(((NOTE_ON if on else NOTE_OFF) | channel, pitch, velocity)))
        if on:
            self._sounding[channel, pitch] = None
        else:
            self._sounding.pop((channel, pitch), None)

    def program(self, tick: int, channel: int, program: int) -> None:
        """A program change; channel 0..15, program 0..127."""
        self._event(tick, bytes((PROGRAM_CHANGE | channel, program)))

    def file(self, until_tick: int = 0) -> bytes:
        """The whole file as it stands, at least `until_tick` long; what still sounds ends at the last event."""
        ends = b"".join(b"\x00" + bytes((NOTE_OFF | channel, pitch, 0)) for channel, pitch in self._sounding)
        track = bytes(self._bytes) + ends + variable_length(max(0, until_tick - self.tick)) + END_OF_TRACK
        return struct.pack(">4sIHHH", b"MThd", 6, 0, 1, TICKS_PER_BEAT) + struct.pack(">4sI", b"MTrk", len(track)) + track

    def _event(self, tick: int, event: bytes) -> None:
        tick = max(tick, self.tick)  # events are taken in order; the first may be a lead-in
        self._bytes += variable_length(tick - self.tick) + event
        self.tick = tick


def replace_file(path: Path, data: bytes) -> None:
    """Write a file whole or not at all: a kill at any moment leaves the old one or the new one. OSError where the disk refuses."""
    beside = _beside(path)
    try:
        beside.write_bytes(data)
        os.replace(beside, path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise


def check_writable(path: Path) -> None:
    """Raise UserError unless a file can be written at `path`. A file that is there stays as it is."""
    try:
        fault = _fault(path)
        if not fault:
            beside = _beside(path)
            beside.write_bytes(b"")
            beside.unlink()
    except OSError as error:
        fault = f"cannot be written ({error.strerror}); choose another name or folder"
    if fault:
        raise UserError(f"{path}: {fault}")


def _fault(path: Path) -> str:
    """Why no file can take this path, as far as its looks tell."""
    if not path.parent.is_dir():
        return f"the folder {path.parent} is not there; make it first"
    if path.is_dir():
        return "is a folder; give a file name"
    if path.exists() and not path.is_file():
        return "is not a plain file; choose another name"
    if path.exists() and not os.access(path, os.W_OK):
        return "is write-protected; choose another name"
    return ""


def _beside(path: Path) -> Path:
    """Where a file is written before it takes its place."""
    return path.with_name(f".{path.name}.partial")
