"""Names as performers type them: matched without regard to case, spaces, dashes and underscores; a mistake is answered with what exists.

Knows nothing of what the names stand for.
"""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from mvae.core.errors import listing


def plain(name: str) -> str:
    """What two names must share to mean the same: `Four Corners`, `four-corners` and `four_corners` are one."""
    return name.casefold().translate({ord(mark): None for mark in " _-"})


def match(name: str, names: Iterable[str]) -> str | None:
    """The one of `names` that `name` means, or None. An exact match comes first."""
    candidates = tuple(names)
    if name in candidates:
        return name
    return next((candidate for candidate in candidates if plain(candidate) == plain(name)), None)


def unknown(what: str, name: str, names: Sequence[str]) -> str:
    """The line that answers a name that is not there: the closest match, if any, and the list."""
    by_plain = {plain(candidate): candidate for candidate in names}
    close = get_close_matches(plain(name), list(by_plain), n=1)
    hint = f" (did you mean {by_plain[close[0]]!r}?)" if close else ""
    return f"no {what} {name!r}{hint}; there are: {listing(names)}"
