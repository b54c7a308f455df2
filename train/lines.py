"""The file of a song as lines of tokens. How a performance becomes lines is in `mvae.core.lines`."""

import re
from collections.abc import Sequence

from mvae.core.errors import UserError
from mvae.core.lines import Lines, lines_of
from mvae.core.midifile import read_performance
from mvae.train.sources import Source


def read_lines(source: Source, streams: Sequence[str], kit: str = "gm", tracks: re.Pattern[str] | None = None) -> tuple[Lines, ...]:
    """The stretches of a file. `tracks` keeps only the melodies and basses of the tracks whose name it finds.

    Raises UserError with the reason why there are none.
    """
    try:
        performance = read_performance(source.path)
    except UserError as error:
        raise UserError(str(error).removeprefix(f"{source.path}: ")) from None
    return lines_of(performance, streams, kit, tracks)
