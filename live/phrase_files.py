"""A phrase as files: a .mid that begins at its line and is as long as its bars, and a picture of it.

The same phrase gives the same bytes. Knows nothing of models or of where phrases come from.
"""

from collections.abc import Sequence
from pathlib import Path

from mvae.core.drums import DRUM_CHANNEL
from mvae.core.errors import UserError
from mvae.core.phrase import STEPS_PER_BAR, TICKS_PER_BEAT, TICKS_PER_STEP
from mvae.core.png import Pixels, png_bytes
from mvae.core.roll import Lane, picture
from mvae.core.track import Track, replace_file

CHANNELS = {"drums": DRUM_CHANNEL, "bass": 1}  # 0..15; others play on the first
PROGRAMS = {"bass": 33, "drums": 0}  # electric bass (finger); others are pianos


def midi_bytes(lanes: Sequence[Lane], tempo_bpm: float) -> bytes:
    """The lanes as a Standard MIDI file, each on its channel. What is played ahead of the line begins at the line."""
    track = Track()
    track.tempo(0, tempo_bpm)
    events = list[tuple[int, bool, int, int, int]]()
    for lane in lanes:
        channel = CHANNELS.get(lane.name, 0)
        track.program(0, channel, PROGRAMS.get(lane.name, 0))
        for note in lane.phrase.notes:
            on_tick = max(0, round(note.beat * TICKS_PER_BEAT))
            off_tick = max(on_tick + 1, round((note.beat + note.duration) * TICKS_PER_BEAT))
            events += [(on_tick, True, channel, note.pitch, note.velocity), (off_tick, False, channel, note.pitch, 0)]
    for tick, on, channel, pitch, velocity in sorted(events):  # of one tick the ends come first
        track.note(tick, on, channel, pitch, velocity)
    return track.file(lanes[0].phrase.bars * STEPS_PER_BAR * TICKS_PER_STEP)


def make_folder(folder: Path) -> Path:
    """The folder, made where it is not there. UserError where it cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"--out {folder}: {error.strerror}; give a folder that can be written") from error
    return folder


def write_phrase(folder: Path, name: str, lanes: Sequence[Lane], tempo_bpm: float) -> None:
    """`name`.mid and `name`.png. UserError where the disk refuses."""
    write_file(folder / f"{name}.mid", midi_bytes(lanes, tempo_bpm))
    write_picture(folder / f"{name}.png", picture(lanes))


def write_picture(path: Path, pixels: Pixels) -> None:
    """A picture as a PNG file. UserError where the disk refuses."""
    write_file(path, png_bytes(pixels))


def write_file(path: Path, data: bytes) -> None:
    """A file, whole or not at all. UserError where the disk refuses."""
    try:
        replace_file(path, data)
    except OSError as error:
        raise UserError(f"{path}: cannot be written ({error.strerror}); make room or choose another folder") from error
