"""What was heard as points of latent spaces: which notes are meant for which bundle, how its encoder takes them, and why it does not.

Knows nothing of ports, clocks or slots.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mvae.core.errors import UserError
from mvae.core.heard import HeardNote, drum_phrase, in_bars, is_drum, line_phrase, notes_for, tap_phrase, why_not
from mvae.core.latent import Latent
from mvae.core.part import Part
from mvae.core.phrase import Phrase
from mvae.live.decoder import Decoder
from mvae.live.phrasing import Phrasing, phrasing_of
from mvae.live.token_decoder import TokenDecoder

Music = NDArray[Any]


class Listener:
    """One bundle that listens; `parts` are the whole band's, `own` those that play it. `hears` is its card's."""

    def __init__(
        self, bundle: str, parts: Sequence[Part], phrasing: Phrasing, streams: Sequence[str] = ("drums",), hears: str = "all"
    ) -> None:  # fmt: skip
        self.bundle, self.parts, self.phrasing, self.streams = bundle, tuple(parts), phrasing, tuple(streams)
        self.own = tuple(part for part in parts if part.bundle == bundle)
        self.bars = phrasing.bars
        self.hears_taps = hears == "taps"

    def music(self, notes: Sequence[HeardNote], line_tick: int, bars: int, source: str = "channel", as_taps: bool = True) -> Music:
        """The so many bars before a line as the model takes them, or plays them, if not `as_taps`.

        UserError, in a few words, for those that do not fit.
        """
        if problem := why_not(bars, self.bars, self.bundle):
            raise UserError(problem)
        heard = in_bars(notes, line_tick, bars)
        if not heard:
            raise UserError(f"no notes in the last {bars} bars" if bars > 1 else "no notes in the last bar")
        taps = as_taps and self.hears_taps
        return self.phrasing.of_phrases([self._phrase(stream, heard, line_tick, bars, source, taps) for stream in self.streams])

    def encode(self, music: Music) -> Latent:
        """The point (z,) that the model takes music for."""
        return np.asarray(self.phrasing.encode(music), np.float32)

    def _phrase(self, stream: str, heard: Sequence[HeardNote], line_tick: int, bars: int, source: str, taps: bool) -> Phrase:
        if taps:
            return tap_phrase(heard, line_tick, bars, self.bars)
        part = next((part for part in self.own if part.stream == stream), self.own[0])
        meant = notes_for(part, self.parts, heard, source)
        if not meant:
            wanted = f"notes for the {part.name}" if part.melodic else "drums" if source == "drums" else "drums, on channel 10"
            raise UserError(f"{self.bundle} takes {wanted}; what was heard is {kinds(heard, source)}")
        place = line_phrase if part.melodic else drum_phrase
        return place(meant, line_tick, bars, self.bars)


def kinds(heard: Sequence[HeardNote], source: str) -> str:
    """What there was, in words."""
    channels = sorted({note.channel + 1 for note in heard})
    what = "drums" if all(is_drum(note, source) for note in heard) else "notes"
    return f"{what} on channel{'s' if len(channels) > 1 else ''} {', '.join(map(str, channels))}"


def streams_of(decoder: Decoder | TokenDecoder) -> tuple[str, ...]:
    """The streams of an open bundle."""
    return ("drums",) if isinstance(decoder, Decoder) else tuple(decoder.streams)


def listeners_of(decoders: Mapping[str, Decoder | TokenDecoder], parts: Sequence[Part]) -> dict[str, Listener]:
    """A listener for each bundle. Each encodes silence once, so that the first capture is as fast as any."""
    found = {
        bundle: Listener(bundle, parts, phrasing_of(decoder), streams_of(decoder), decoder.card.hears)
        for bundle, decoder in decoders.items()
    }
    for listener in found.values():
        listener.encode(listener.phrasing.of_phrases([Phrase(listener.bars, ())] * len(listener.streams)))
    return found
