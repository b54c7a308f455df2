"""What goes through the pipes between the instrument and its surface, and on to the pages: news, a JSON object a line.

Down: sections by name. Of `positions`, `published` and `phrases` only what has changed is sent, `notes` are events, every other section is
sent whole; so news can be merged, and whoever is slow gets the newest. With `actions`, those of another patch, all is told anew. Up:
requests, each a word and what it is about. Knows no processes.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final, TypeAlias

from mvae.core.actions import Action, Actions, Argument
from mvae.core.change import Change

News: TypeAlias = dict[str, Any]
BY_KEY: Final = ("positions", "published", "phrases")  # sections of which the keys are merged
ACTIONS: Final = "actions"
NOTES: Final = "notes"
MOST_NOTES: Final = 256  # of those who are too slow for more, the oldest are lost
SCALES: Final = ("own", "normalized")


def merge(into: News, news: Mapping[str, Any], notes: bool = True) -> None:
    """Put news into what is known, the newest wins; `notes` says whether events are kept as well."""
    for section in BY_KEY if ACTIONS in news else ():
        into.pop(section, None)
    for section, told in news.items():
        if section == NOTES:
            if notes:
                into[NOTES] = [*into.get(NOTES, ()), *told][-MOST_NOTES:]
        elif section in BY_KEY:
            into[section] = {**into.get(section, {}), **told}
        else:
            into[section] = told


def line_of(news: Mapping[str, Any]) -> bytes:
    """News or a request as a line."""
    return json.dumps(news, separators=(",", ":"), allow_nan=False).encode() + b"\n"


def news_of(line: bytes | str) -> News:
    """The line read. Raises ValueError for one that is not a JSON object."""
    news = json.loads(line)
    if not isinstance(news, dict):
        raise ValueError("not an object")
    return news


def actions_record(actions: Actions) -> list[dict[str, Any]]:
    """The table of actions as JSON has it."""
    return [asdict(action) for action in actions.values()]


def actions_of(records: list[dict[str, Any]]) -> Actions:
    """The table again."""
    return Actions(map(action_of, records))


def action_of(record: Mapping[str, Any]) -> Action:
    """One action of the table."""
    argument = record["argument"]
    if argument is not None:
        argument = Argument(**{**argument, "choices": tuple(argument["choices"])})
    return Action(**{**record, "choices": tuple(record["choices"]), "argument": argument})


def turn_record(change: Change) -> News:
    """A change as a request."""
    return {"turn": [change.action, change.value, change.scale, change.source]}


def change_of(turn: object, at_s: float, source: str = "page") -> Change:
    """The change that a request means: [action, value, scale, source], of which all but the first may be left out. Raises ValueError."""
    words = [*turn, *(None, "own", source)[len(turn) - 1 :]] if isinstance(turn, list) and 1 <= len(turn) <= 4 else [None] * 4
    action, value, scale, said = words
    if not (isinstance(action, str) and isinstance(said, str) and isinstance(value, (bool, int, float, str, type(None)))):
        raise ValueError("a turn is an action, a value, and the scale own or normalized")
    if scale not in SCALES:
        raise ValueError(f"there is no scale {scale!r}: give own or normalized")
    return Change(action, value, at_s, said, scale)
