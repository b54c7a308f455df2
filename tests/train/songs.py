"""MIDI files written for a test, and corpora of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import mido
import numpy as np

TICKS_PER_STEP = 120
BAR = 16


@dataclass(frozen=True)
class Played:
    """A track of one channel with one program: (step, pitch, length in steps), all of which may be fractions."""

    program: int
    notes: Sequence[tuple[float, int, float]]
    channel: int = 0
    name: str = ""


def write(path: Path, *tracks: Played, metres: Sequence[tuple[int, int, int]] = (), bpm: float = 100) -> Path:
    """A file of format 1; metres are (bar, numerator, denominator), the bars 16 steps."""
    file = mido.MidiFile(type=1, ticks_per_beat=4 * TICKS_PER_STEP)
    first = [(bar * BAR * TICKS_PER_STEP, mido.MetaMessage("time_signature", numerator=n, denominator=d)) for bar, n, d in metres]
    file.tracks.append(_track([(0, mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm))), *first]))
    for track in tracks:
        events: list[tuple[int, mido.Message]] = [(0, mido.Message("program_change", channel=track.channel, program=track.program))]
        for step, pitch, length in track.notes:
            events.append((round(step * TICKS_PER_STEP), mido.Message("note_on", channel=track.channel, note=pitch, velocity=80)))
            end = round((step + length) * TICKS_PER_STEP)
            events.append((end, mido.Message("note_off", channel=track.channel, note=pitch)))
        file.tracks.append(_track(events, track.name))
    path.parent.mkdir(parents=True, exist_ok=True)
    file.save(path)
    return path


def _track(events: Sequence[tuple[int, mido.Message]], name: str = "") -> mido.MidiTrack:
    track, tick = mido.MidiTrack([mido.MetaMessage("track_name", name=name)]), 0
    for at, message in sorted(events, key=lambda event: (event[0], event[1].type != "note_off")):
        track.append(message.copy(time=at - tick))
        tick = at
    return track


def tune(seed: int, bars: int, low: int = 60) -> list[tuple[float, int, float]]:
    """A note on each beat, of seven pitches from `low` up."""
    rng = np.random.default_rng(seed)
    return [(4.0 * beat, low + int(rng.integers(7)), 3.0) for beat in range(4 * bars)]


def beat(seed: int, bars: int) -> list[tuple[float, int, float]]:
    """A kick on each beat and chance hi-hats."""
    rng = np.random.default_rng(seed)
    return sorted([(4.0 * n, 36, 1.0) for n in range(4 * bars)] + [(2.0 * n, 42, 1.0) for n in range(8 * bars) if rng.random() < 0.6])


def band(seed: int, bars: int) -> tuple[Played, Played, Played]:
    """A melody, a bass and drums."""
    return Played(0, tune(seed, bars)), Played(33, tune(seed + 1000, bars, 36), 1), Played(0, beat(seed, bars), 9)


def written_band(folder: Path, songs: int, bars: int = 4) -> Path:
    """A folder of small songs, four of five in train and the others in validation and test by turns."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = ["file,split,source_set"]
    for number in range(songs):
        write(folder / f"{number}.mid", *band(number, bars))
        split = "train" if number % 5 else ("validation", "test")[number // 5 % 2]
        rows.append(f"{number}.mid,{split},{'odd' if number % 2 else 'even'}")
    (folder / "split.csv").write_text("\n".join(rows) + "\n")
    return folder
