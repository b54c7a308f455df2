"""A Standard MIDI file read as a performance: every note of every track in beats, the tempo map and the metres.

Knows nothing of drums, grids or parts, and nothing of SMPTE time or of several songs in one file (format 2), which it
refuses. Files are written by `mvae.core.track`.
"""

import struct
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import mido  # type: ignore[import-untyped]

from mvae.core.errors import UserError

DEFAULT_BPM = 120.0
_UNREADABLE = (OSError, EOFError, ValueError, LookupError, struct.error, mido.KeySignatureError)


@dataclass(frozen=True, slots=True, order=True)
class PlayedNote:
    """A note as it was played: onset and duration in beats, MIDI channel 0..15, pitch and velocity 1..127; the program of its channel
    when it began, and the track it lies in."""

    beat: float
    duration: float
    channel: int
    pitch: int
    velocity: int
    program: int = 0
    track: int = 0


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
    """A MIDI file's music, times in beats from its start. `tempos` are (beat, bpm); both maps start at beat 0. `tracks` are names."""

    notes: tuple[PlayedNote, ...]
    tempos: tuple[tuple[float, float], ...]
    metres: tuple[Metre, ...]
    tracks: tuple[str, ...] = ()

    def bpm_at(self, beat: float) -> float:
        """The tempo at a beat."""
        return self.tempos[max(0, bisect_right(self.tempos, beat, key=lambda tempo: tempo[0]) - 1)][1]

    def metre_at(self, beat: float) -> Metre:
        """The metre at a beat."""
        return self.metres[max(0, bisect_right(self.metres, beat, key=lambda metre: metre.beat) - 1)]


def read_performance(path: Path) -> Performance:
    """The music of a MIDI file. Raises UserError, naming the file, where it cannot be read as one."""
    try:
        file = mido.MidiFile(path)
        messages = _in_order(file.tracks)
        names = tuple(str(track.name) for track in file.tracks)
    except _UNREADABLE as error:
        raise UserError(f"{path}: not a readable MIDI file ({str(error) or type(error).__name__})") from None
    if file.type == 2 or not 0 < file.ticks_per_beat < 0x8000:
        raise UserError(f"{path}: a MIDI file of format 2 or in SMPTE time; save it as format 0 or 1 in beats")
    return _performance(messages, file.ticks_per_beat, names)


def _in_order(tracks: Sequence[mido.MidiTrack]) -> list[tuple[int, int, mido.Message]]:
    """(tick, track, message) of all tracks by tick; what is at one tick keeps the order of the tracks."""
    messages = list[tuple[int, int, mido.Message]]()
    for number, track in enumerate(tracks):
        tick = 0
        for message in track:
            tick += message.time
            messages.append((tick, number, message))
    return sorted(messages, key=lambda item: item[0])


def _performance(messages: Sequence[tuple[int, int, mido.Message]], ticks_per_beat: int, names: tuple[str, ...]) -> Performance:
    notes, tempos, metres = list[PlayedNote](), {0.0: DEFAULT_BPM}, {0.0: Metre(0.0, 4, 4)}
    sounding: dict[tuple[int, int, int], tuple[float, int, int]] = {}
    programs = [0] * 16
    beat = 0.0

    def end(key: tuple[int, int, int]) -> None:
        if key in sounding:
            onset, velocity, program = sounding.pop(key)
            notes.append(PlayedNote(onset, beat - onset, key[1], key[2], velocity, program, key[0]))

    for tick, track, message in messages:
        beat = tick / ticks_per_beat
        if message.type in ("note_on", "note_off"):
            key = (track, message.channel, message.note)
            end(key)
            if message.type == "note_on" and message.velocity:
                sounding[key] = (beat, message.velocity, programs[message.channel])
        elif message.type == "program_change":
            programs[message.channel] = message.program
        elif message.type == "set_tempo" and message.tempo:
            tempos[beat] = 60e6 / message.tempo
        elif message.type == "time_signature":
            metres[beat] = Metre(beat, message.numerator, message.denominator)
    for key in tuple(sounding):
        end(key)
    return Performance(tuple(sorted(notes)), tuple(sorted(tempos.items())), tuple(metres[beat] for beat in sorted(metres)), names)
