"""The file of a song as lines of tokens, and which of its tracks are read. How a performance becomes lines is in `mvae.core.lines`."""

import re
from collections.abc import Sequence

from mvae.core.errors import UserError
from mvae.core.lines import Lines, lines_of
from mvae.core.midifile import read_performance
from mvae.train.sources import Source

LEADS = {"pop909": re.compile("^MELODY$")}  # data sets whose melody is the track of that name alone


def pattern_of(tracks: str | None) -> re.Pattern[str] | None:
    """What `--tracks` asks for, if anything. UserError where it is no pattern."""
    try:
        return re.compile(tracks) if tracks else None
    except re.error as error:
        raise UserError(f"--tracks {tracks}: not a pattern ({error}); give a regular expression") from None


def tracks_of(kind: str, source: Source, asked: re.Pattern[str] | None) -> re.Pattern[str] | None:
    """The tracks of a file that are read: those asked for, else of melodies the lead of its data set; None: all."""
    return asked or (LEADS.get(source.set) if kind == "melody" else None)


def read_lines(source: Source, streams: Sequence[str], kit: str = "gm", tracks: re.Pattern[str] | None = None) -> tuple[Lines, ...]:
    """The stretches of a file. `tracks` keeps only the melodies and basses of the tracks whose name it finds.

    Raises UserError with the reason why there are none.
    """
    try:
        performance = read_performance(source.path)
    except UserError as error:
        raise UserError(str(error).removeprefix(f"{source.path}: ")) from None
    return lines_of(performance, streams, kit, tracks)
