"""The changes of a set as a table for people: beat of set.mid, bar of the song, what was done, its value. Comma-separated, a line each.

Reads and writes text only; when which act was done is the control log's business.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from mvae.core.phrase import STEPS_PER_BAR, TICKS_PER_BEAT, TICKS_PER_STEP
from mvae.live.control_log import STARTS, Act

HEADER = ("beat", "bar", "kind", "name", "value")
DEED, CHANGE = "deed", "change"  # kinds: a patch may call a knob as a deed is called
UPKEEP = ("move", "follow", "with", "repeat", "glide", "wander", "enter", "cue")  # no hand's acts: only what changed with them is told
WORDS = {"leave": "glide", "from": "locate"}


class Row(NamedTuple):
    """A line: the beat of set.mid, the bar of the song from 1, DEED or CHANGE, of what, and its value as text."""

    beat: float
    bar: int
    kind: str
    name: str
    value: str


class ChangeSheet:
    """Makes the lines as acts are taken."""

    def __init__(self) -> None:
        self._waiting: list[Act] = []
        self._beat = 0.0  # of the last line: what is done at rest is done where the music stopped
        self._said: dict[str, str] = {}  # what was told last of each: a tempo is an act, and later a change of what is played

    def lines(self, acts: Sequence[Act], offset: int) -> str:
        """The lines of acts; song tick 0 lies at tick `offset` of the take. From a start on they wait for `started`: a start is taken
        before the take knows where it begins."""
        now = list(acts)
        if self._waiting or any(act.do in STARTS for act in acts):
            first = 0 if self._waiting else next(place for place, act in enumerate(acts) if act.do in STARTS)
            self._waiting += now[first:]
            now = now[:first]
        return self._text(now, offset)

    def started(self, offset: int) -> str:
        """The lines that have waited: what was started begins at this offset."""
        waiting, self._waiting = self._waiting, []
        return self._text(waiting, offset)

    def _text(self, acts: Sequence[Act], offset: int) -> str:
        found = []
        for row in (row for act in acts for row in rows(act, offset)):
            self._beat = max(self._beat, row.beat)
            if row.kind == DEED or self._said.get(row.name) != row.value:
                self._said |= {row.name: row.value} if row.kind == CHANGE else {}
                found.append(row._replace(beat=self._beat))
        return text_of(found)


def rows(act: Act, offset: int) -> list[Row]:
    """What an act says: the act itself, if it was a hand's, then each change."""
    beat, bar = (offset + act.tick) / TICKS_PER_BEAT, act.tick // (STEPS_PER_BAR * TICKS_PER_STEP) + 1
    kind = CHANGE if act.do == "tempo" else DEED
    found = [] if act.do in UPKEEP else [Row(beat, bar, kind, WORDS.get(act.do, act.do), value_of(act))]
    return found + [Row(beat, bar, CHANGE, name, shown(value)) for name, value in act.changes.items()]


def value_of(act: Act) -> str:
    """The value of an act that was a hand's, as its text."""
    if act.patch:
        return act.patch
    if act.points:
        return " ".join(sorted(act.points))
    if act.do == "stop":
        return "now" if act.value < 0 else f"bar {int(act.value) // STEPS_PER_BAR + 1}"
    return shown(act.value) if act.value else ""


def shown(value: float | bool | str) -> str:
    """A value as people write it: switches are on or off."""
    return ("on" if value else "off") if isinstance(value, bool) else f"{value:.6g}" if isinstance(value, (int, float)) else value


def text_of(found: Iterable[Row]) -> str:
    """Rows as lines of the file."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for row in found:
        writer.writerow((f"{row.beat:.3f}", *row[1:]))
    return out.getvalue()


def read_rows(text: str) -> list[Row]:
    """The rows of a file. A last line cut short by a kill is left out."""
    whole = text[: text.rfind("\n") + 1]
    return [Row(float(beat), int(bar), kind, name, value) for beat, bar, kind, name, value in list(csv.reader(io.StringIO(whole)))[1:]]
