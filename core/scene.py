"""A scene: what a performer wants to find again, all of it or some. What a scene does not name stays as it is.

Knows nothing of files, bundles or when a scene begins.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mvae.core.actions import LONGEST_TEXT
from mvae.core.errors import listing
from mvae.core.names import match, plain
from mvae.core.panel import Positions
from mvae.core.points import Points

AGAIN, NEXT, RANDOM = "again", "next", "random"
WORDS = (AGAIN, NEXT, RANDOM)  # of `then`; anything else is a scene's name
RESERVED = (*WORDS, "store", "bars", "then", "playing", "waiting", "list", "names")  # words of addresses under /mvae/scene
LONGEST_BARS, LONGEST_GLIDE = 1024, 64
APART = ("tempo", "nudge", "glide", "quantise")  # a scene that is stored leaves these where they stand,
ROUTING = ("delay_ms", "channel", "out")  # and where a part sounds,
MAPPED = ".map."  # and as what


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """`anchors` are names by slot; `points` say exactly what they are, by slot and bundle, of a scene that was stored.

    `roll` is the roll of the dice, of `seed` or, for None, of the set's own; `phase` is how far a walk has come. `bars` 0 lasts until
    another scene is asked for; `then` "" is "next" in a song and else "again". `glide_beats` None is as the knob stands.
    """

    name: str
    anchors: Mapping[str, str] = field(default_factory=dict)
    points: Mapping[str, Points] = field(default_factory=dict)
    knobs: Mapping[str, float] = field(default_factory=dict)
    switches: Mapping[str, bool] = field(default_factory=dict)
    choices: Mapping[str, str] = field(default_factory=dict)
    roll: int | None = None
    seed: int | None = None
    phase: float | None = None
    bars: int = 0
    then: str = ""
    glide_beats: float | None = None


def check_name(name: str) -> None:
    """ValueError for a name that no scene or anchor can have."""
    if not plain(name) or len(name) > LONGEST_TEXT or not name.isprintable():
        raise ValueError(f"{name!r}: give a name with a letter or a digit, up to {LONGEST_TEXT} characters")
    if match(name, RESERVED) is not None or "/" in name:
        raise ValueError(f"{name!r}: not a name for it: no /, and none of {listing(RESERVED)}")


def standing(positions: Positions) -> tuple[dict[str, float], dict[str, bool], dict[str, str]]:
    """What of the positions a scene keeps: knobs, switches, choices."""
    knobs = {name: value for name, value in positions.knobs.items() if kept(name)}
    choices = {name: value for name, value in positions.choices.items() if kept(name)}
    return knobs, dict(positions.switches), choices


def kept(name: str) -> bool:
    """Whether a scene that is stored says where this knob or choice stands."""
    return name not in APART and MAPPED not in name and name.rpartition(".")[2] not in ROUTING


def find(asked: str, names: Sequence[str], song: Sequence[str], place: int = 0) -> tuple[str, int] | None:
    """The scene that a performer means and its place in the song, from `place` on where there are several.

    It is meant by name, or by its number from 1 in the song, or of all where there is no song.
    """
    name, listed = match(asked, names), song or names
    if name is not None:
        return name, place_of(name, song, place)
    if asked.isdecimal() and 1 <= int(asked) <= len(listed):
        return listed[int(asked) - 1], int(asked) - 1 if song else place
    return None


def place_of(name: str, song: Sequence[str], place: int) -> int:
    """Where in the song a scene plays: its next place from `place` on, or its first; `place` for one that is not in the song."""
    places = [number for number, listed in enumerate(song) if listed == name]
    return next((number for number in places if number >= place), places[0] if places else place)


def after(then: str, name: str, names: Sequence[str], song: Sequence[str], place: int, draw: float) -> tuple[str, int]:
    """The scene that follows `name`, which is at `place` of the song, and its own place; `draw` 0..1 decides what is random.

    After the last comes the first. From a scene that is not in the song the next is the one at `place`.
    """
    word = then or (NEXT if name in song else AGAIN)
    if word == NEXT and song:
        to = (place + (name in song)) % len(song)
        return song[to], to
    if word == NEXT:
        follower = names[(names.index(name) + 1) % len(names)] if name in names else name
    elif word == RANDOM:
        others = [other for other in dict.fromkeys(song or names) if other != name]
        follower = others[min(int(draw * len(others)), len(others) - 1)] if others else name
    else:
        follower = name if word == AGAIN else match(word, names) or name
    return follower, place if follower == name else place_of(follower, song, place)
