"""Puts on the stage what speaks to other programs over OSC: notes out, and clips for Ableton Live."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from mvae.core.errors import UserError
from mvae.live.clip_feature import Clips
from mvae.live.instrument import Instrument
from mvae.live.notes_feature import NotesOut
from mvae.live.notes_out import Way, read_way


def ways_of(texts: Sequence[str]) -> tuple[Way, ...]:
    """The ways for notes that a command line gives. Raises UserError."""
    try:
        return tuple(map(read_way, texts))
    except ValueError as problem:
        raise UserError(f"--notes-to: {problem}") from None


@contextmanager
def outward(instrument: Instrument, texts: Sequence[str]) -> Iterator[None]:
    """While the block runs the instrument's notes go these ways, and others that are asked for. Raises UserError."""
    try:
        notes, clips = NotesOut(instrument, ways_of(texts)), Clips(instrument)
    except (ValueError, OSError) as problem:
        raise UserError(f"--notes-to {' '.join(texts)}: {problem}") from None
    instrument.add(notes)
    instrument.add(clips)
    try:
        yield
    finally:
        notes.close()
        clips.close()
