"""Standard MIDI files: a performance read in beats, events written in ticks.

Reading gives every note of every track, the tempo map and the metres. Knows nothing of drums, grids or parts, and nothing of
SMPTE time or of several songs in one file (format 2), which it refuses.
"""

import os
import struct
import tempfile
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import mido
from mvae.core.errors import UserError
from mvae.core.phrase import TICKS_PER_BEAT

DEFAULT_BPM = 120.0
_UNREADABLE = (OSError, EOFError, ValueError, LookupError, struct.error, mido.KeySignatureError)


@dataclass(frozen=True, slots=True, order=True)
class PlayedNote:
    """A note as it was played: onset and duration in beats, MIDI channel 0..15, pitch and velocity 1..127."""

    beat: float
    duration: float
    channel: int
    pitch: int
    velocity: int


@dataclass(frozen=True, slots=True)
class Metre:
    """The metre from a beat on."""

    beat: float
    numerator: int
    denominator: int

    @property
    def is_four_four(self) -> bool:
        """Bars of four quarters in two or four (2/2 counts as 4/4)."""
        return (self.numerator, self.denominator) in ((4, 4), (2, 2))


@dataclass(frozen=True, slots=True)
class Performance:
    """A MIDI file's music, times in beats from its start. `tempos` are (beat, bpm); both maps start at beat 0."""

    notes: tuple[PlayedNote, ...]
    tempos: tuple[tuple[float, float], ...]
    metres: tuple[Metre, ...]

    def bpm_at(self, beat: float) -> float:
        """The tempo at a beat."""
        return self.tempos[max(0, bisect_right(self.tempos, beat, key=lambda tempo: tempo[0]) - 1)][1]

    def metre_at(self, beat: float) -> Metre:
        """The metre at a beat."""
        return self.metres[max(0, bisect_right(self.metres, beat, key=lambda metre: metre.beat) - 1)]


@dataclass(frozen=True, slots=True)
class NoteEvent:
    """A note-on or note-off at a tick of the song (960 a beat)."""

    tick: int
    on: bool
    channel: int
    pitch: int
    velocity: int


def read_performance(path: Path) -> Performance:
    """The music of a MIDI file. Raises UserError, naming the file, where it cannot be read as one."""
    try:
        file = mido.MidiFile(path)
        messages = list(mido.merge_tracks(file.tracks, skip_checks=True))
    except _UNREADABLE as error:
        raise UserError(f"{path}: not a readable MIDI file ({str(error) or type(error).__name__})") from None
    if file.type == 2 or not 0 < file.ticks_per_beat < 0x8000:
        raise UserError(f"{path}: a MIDI file of format 2 or in SMPTE time; save it as format 0 or 1 in beats")
    return _performance(messages, file.ticks_per_beat)


def _performance(messages: Sequence[mido.Message], ticks_per_beat: int) -> Performance:
    notes, tempos, metres = list[PlayedNote](), {0.0: DEFAULT_BPM}, {0.0: Metre(0.0, 4, 4)}
    sounding: dict[tuple[int, int], tuple[float, int]] = {}
    tick, beat = 0, 0.0

    def end(key: tuple[int, int]) -> None:
        if key in sounding:
            onset, velocity = sounding.pop(key)
            notes.append(PlayedNote(onset, beat - onset, *key, velocity))

    for message in messages:
        tick += message.time
        beat = tick / ticks_per_beat
        if message.type in ("note_on", "note_off"):
            key = (message.channel, message.note)
            end(key)
            if message.type == "note_on" and message.velocity:
                sounding[key] = (beat, message.velocity)
        elif message.type == "set_tempo" and message.tempo:
            tempos[beat] = 60e6 / message.tempo
        elif message.type == "time_signature":
            metres[beat] = Metre(beat, message.numerator, message.denominator)
    for key in tuple(sounding):
        end(key)
    return Performance(tuple(sorted(notes)), tuple(sorted(tempos.items())), tuple(metres[beat] for beat in sorted(metres)))


def midi_bytes(events: Iterable[NoteEvent], tempos: Sequence[tuple[int, float]] = ((0, DEFAULT_BPM),), name: str = "mvae") -> bytes:
    """A MIDI file of format 0 at 960 ticks a beat, 4/4: the same arguments give the same bytes.

    `tempos` are (tick, bpm). At one tick tempi come first, then note-offs, then note-ons in the order given; a tick before 0
    counts as 0. Raises ValueError for a channel, pitch or velocity that MIDI does not have.
    """
    rows = [(max(0, tick), 0, _meta(0x51, round(60e6 / bpm).to_bytes(3, "big"))) for tick, bpm in tempos]
    rows += [(max(0, event.tick), 2 if event.on else 1, _note(event)) for event in events]
    rows.sort(key=lambda row: row[:2])
    track = bytearray(b"\0" + _meta(0x03, name.encode()) + b"\0" + _meta(0x58, bytes((4, 2, 24, 8))))
    at = 0
    for tick, _, message in rows:
        track += _variable_length(tick - at) + message
        at = tick
    track += b"\0" + _meta(0x2F, b"")
    return b"MThd" + struct.pack(">IHHH", 6, 0, 1, TICKS_PER_BEAT) + b"MTrk" + struct.pack(">I", len(track)) + bytes(track)


def write_midi(
    path: Path, events: Iterable[NoteEvent], tempos: Sequence[tuple[int, float]] = ((0, DEFAULT_BPM),), name: str = "mvae"
) -> None:
    """Write `midi_bytes` to `path`, whole or not at all: a reader never sees half a file. Raises OSError."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with open(handle, "wb") as file:
            file.write(midi_bytes(events, tempos, name))
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _note(event: NoteEvent) -> bytes:
    if not (0 <= event.channel < 16 and 0 <= event.pitch < 128 and 0 <= event.velocity < 128):
        raise ValueError(f"MIDI has no such note: {event}")
    return bytes(((0x90 if event.on else 0x80) | event.channel, event.pitch, event.velocity))


def _meta(kind: int, data: bytes) -> bytes:
    return bytes((0xFF, kind)) + _variable_length(len(data)) + data


def _variable_length(value: int) -> bytes:
    digits = [value & 0x7F]
    while value := value >> 7:
        digits.append(0x80 | value & 0x7F)
    return bytes(reversed(digits))
