"""Phrases as tokens, one a step for each stream: MusicVAE's representation (Roberts et al. 2018, arXiv 1803.05428).

A melody or a bass is one voice: HOLD (nothing begins: a note sounds on, or silence does), OFF (the sounding note ends), or a pitch that
begins. Drums are the set of the nine classes that are struck, as the bits of a number. A trio is a melody, a bass and drums side by side.
Tokens are int64 (steps, streams). Knows nothing of velocity or of timing within a step.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import floor
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from mvae.core.drums import NOTE_OF_CLASS
from mvae.core.phrase import STEPS_PER_BAR, STEPS_PER_BEAT, Note, Phrase

Tokens = NDArray[np.int64]

HOLD, OFF, FIRST_PITCH = 0, 1, 2
MONO_TOKENS = FIRST_PITCH + 128
DRUM_TOKENS = 1 << len(NOTE_OF_CLASS)
VELOCITY = 96  # of decoded notes: tokens have none
DRUM_GATE_BEATS = 0.25

STREAMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"melody": ("melody",), "bass": ("bass",), "drums": ("drums",), "trio": ("melody", "bass", "drums")}
)
VOCABULARY: Mapping[str, int] = MappingProxyType({"melody": MONO_TOKENS, "bass": MONO_TOKENS, "drums": DRUM_TOKENS})


def encode(kind: str, phrases: Sequence[Phrase]) -> Tokens:
    """A phrase for each stream of `kind`, all of the same length -> tokens (steps, streams). ValueError where they do not fit."""
    streams = STREAMS[kind]
    if len(phrases) != len(streams) or len({phrase.bars for phrase in phrases}) != 1:
        raise ValueError(f"{kind} takes {len(streams)} phrases of the same length, not {[phrase.bars for phrase in phrases]} bars")
    return np.stack([encode_stream(name, phrase) for name, phrase in zip(streams, phrases, strict=True)], axis=1)


def decode(kind: str, tokens: Tokens) -> tuple[Phrase, ...]:
    """Tokens (whole bars, streams) -> a phrase for each stream of `kind`. ValueError for another shape or an unknown token."""
    streams = STREAMS[kind]
    if tokens.ndim != 2 or tokens.shape[1] != len(streams) or tokens.shape[0] % STEPS_PER_BAR or not len(tokens):
        raise ValueError(f"tokens of a {kind} are (whole bars of {STEPS_PER_BAR}, {len(streams)}), not {tokens.shape}")
    return tuple(decode_stream(name, tokens[:, column]) for column, name in enumerate(streams))


def encode_stream(name: str, phrase: Phrase) -> Tokens:
    """A phrase of one stream -> tokens (steps,)."""
    return encode_drums(phrase) if name == "drums" else encode_mono(phrase)


def decode_stream(name: str, tokens: Tokens) -> Phrase:
    """Tokens (steps,) of one stream -> its phrase. ValueError for a token outside the vocabulary."""
    if tokens.size and not 0 <= tokens.min() <= tokens.max() < VOCABULARY[name]:
        raise ValueError(f"a token of {name} lies in 0..{VOCABULARY[name] - 1}, not {tokens.min()}..{tokens.max()}")
    return decode_drums(tokens) if name == "drums" else decode_mono(tokens)


def encode_mono(phrase: Phrase) -> Tokens:
    """The highest of the notes that begin at a step, until the next one begins or it ends; ends at the nearest step. (steps,)"""
    tokens = np.zeros(phrase.steps, np.int64)
    begun = dict[int, Note]()
    for note in phrase.notes:
        if note.step not in begun or note.pitch > begun[note.step].pitch:
            begun[note.step] = note
    for step, note in begun.items():
        tokens[step] = FIRST_PITCH + note.pitch
    for step, note in begun.items():
        end = max(step + 1, floor((note.beat + note.duration) * STEPS_PER_BEAT + 0.5))
        if end < phrase.steps and not tokens[step + 1 : end + 1].any():
            tokens[end] = OFF
    return tokens


def decode_mono(tokens: Tokens) -> Phrase:
    """Notes of voice 0; one that nothing ends sounds to the end of the phrase. An OFF where nothing sounds says nothing."""
    events = [*np.flatnonzero(tokens).tolist(), len(tokens)]
    notes = [
        Note(step, 0, int(tokens[step]) - FIRST_PITCH, VELOCITY, step / STEPS_PER_BEAT, (end - step) / STEPS_PER_BEAT)
        for step, end in pairwise(events)
        if tokens[step] >= FIRST_PITCH
    ]
    return Phrase(len(tokens) // STEPS_PER_BAR, tuple(notes))


def canonical_mono(tokens: Tokens) -> Tokens:
    """Tokens (..., steps) of one voice, with HOLD for every OFF that ends nothing: before the first note, or after another OFF."""
    steps = np.arange(tokens.shape[-1])
    last = np.maximum.accumulate(np.where(tokens != HOLD, steps, -1), axis=-1)  # the last event up to each step
    before = np.concatenate([np.full_like(last[..., :1], -1), last[..., :-1]], axis=-1)
    sounds = (before >= 0) & (np.take_along_axis(tokens, np.maximum(before, 0), axis=-1) >= FIRST_PITCH)
    return np.where((tokens == OFF) & ~sounds, HOLD, tokens)


def encode_drums(phrase: Phrase) -> Tokens:
    """The set of classes struck at each step, class 0 the lowest bit. (steps,)"""
    tokens = np.zeros(phrase.steps, np.int64)
    for note in phrase.notes:
        tokens[note.step] |= 1 << note.voice
    return tokens


def decode_drums(tokens: Tokens) -> Phrase:
    """A note for each bit, its voice the class, a step long or until the phrase ends."""
    notes = [
        Note(step, voice, pitch, VELOCITY, step / STEPS_PER_BEAT, DRUM_GATE_BEATS)
        for step in np.flatnonzero(tokens).tolist()
        for voice, pitch in enumerate(NOTE_OF_CLASS)
        if tokens[step] >> voice & 1
    ]
    return Phrase(len(tokens) // STEPS_PER_BAR, tuple(notes))
