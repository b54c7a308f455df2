"""What a model of grooves plays on its own: is it the same when it has been a MIDI file, and can all of it be encoded again?

A MIDI file holds velocities of 1 to 127 and times in ticks. The same means: the same hits with the velocities nearest to what the model
said, each at most half a tick from where it said; and what was read, written and read once more, is equal number for number.
"""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from mvae.core.drums import DRUM_CHANNEL, drum_notes, drum_phrase
from mvae.core.groove import HITS, LATEST, OFFSETS, VELOCITIES, decode, encode
from mvae.core.midifile import read_performance
from mvae.core.phrase import STEPS_PER_BAR, TICKS_PER_BEAT, TICKS_PER_STEP, Phrase, join
from mvae.core.track import Track
from mvae.train.coder import Array, Coder, decode_all, encode_all
from mvae.train.exp_prior import AT_A_TIME, normal
from mvae.train.token_metrics import Record

HALF_A_TICK = 1 / TICKS_PER_STEP + 1e-6  # of an offset, which counts half steps
LEAD_IN = Phrase(1, ())  # what is played ahead of the first line has a place there


def groove_encodes_again(coder: Coder, count: int, seed: int = 0) -> Record:
    """Samples of N(0, 1) at temperature 1: the share that a MIDI file gives back the same, and the share the encoder takes."""
    begun, same, taken = time.monotonic(), 0, 0
    for first in range(0, count, AT_A_TIME):
        z = normal(min(AT_A_TIME, count - first), coder.z_size, seed + 1 + first)
        chance = np.random.default_rng(seed + first).uniform(2.0**-24, 1 - 2.0**-24, (len(z), STEPS_PER_BAR * coder.bars, HITS.stop))
        notes = decode_all(coder, z, chance.astype(np.float32), 1.0)
        again = through_a_file(notes)
        settled = (through_a_file(again) == again).all((1, 2))
        same += int((is_same(notes, again) & settled).sum())
        mu, sigma = encode_all(coder, again)
        taken += int((np.isfinite(mu).all(1) & np.isfinite(sigma).all(1) & (sigma > 0).all(1)).sum())
    told = {"n": count, "temperature": 1.0, "same_notes": same / count, "encoded": taken / count}
    return told | {"seconds": round(time.monotonic() - begun, 2)}


def is_same(notes: Array, again: Array) -> NDArray[np.bool_]:
    """Whether phrases (n, steps, 27) that were read are those that were said, as nearly as a file can hold them. (n,)"""
    hits, said = notes[..., HITS] > 0.5, notes[..., VELOCITIES].astype(np.float64)  # in single precision some halves would round otherwise
    velocity = np.clip(np.rint(said * 127), 1, 127) != np.rint(again[..., VELOCITIES] * 127)
    offset = np.abs(np.clip(notes[..., OFFSETS], -1, LATEST) - again[..., OFFSETS]) > HALF_A_TICK
    return np.asarray(((hits == (again[..., HITS] > 0.5)) & ~(hits & (velocity | offset))).all((1, 2)))


def through_a_file(notes: Array) -> Array:
    """Phrases (n, steps, 27) as a MIDI file of all of them, one after the other, is read."""
    song = join([LEAD_IN, *(decode(each) for each in notes)])
    with TemporaryDirectory(prefix="mvae-") as folder:
        path = Path(folder) / "song.mid"
        path.write_bytes(_file(song))
        read = encode(drum_phrase(drum_notes(read_performance(path))))
    rows = np.zeros((song.steps, notes.shape[2]), np.float32)
    rows[: len(read)] = read  # bars of rest at the end are not in the file
    return rows[STEPS_PER_BAR:].reshape(notes.shape)


def _file(song: Phrase) -> bytes:
    track, events = Track(), list[tuple[int, bool, int, int, int]]()
    for note in song.notes:
        begin, end = round(note.beat * TICKS_PER_BEAT), round((note.beat + note.duration) * TICKS_PER_BEAT)
        events += [(begin, True, DRUM_CHANNEL, note.pitch, note.velocity), (end, False, DRUM_CHANNEL, note.pitch, 0)]
    for event in sorted(events):  # at one tick, what ends comes before what begins
        track.note(*event)
    return track.file()
