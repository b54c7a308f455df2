"""Where all actions stand: the one place where every port's changes meet.

`turn` and `snapshot` may be called from any thread; `drain` only by lookahead. A knob's latest value wins; switches, choices and
triggers keep their order. Reads no clock, does nothing that an action asks for.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from mvae.core.actions import COUNTS, Action, Actions
from mvae.core.change import Change, Value

DEADBAND_COUNTS = 1.5  # a 7-bit pot at rest wavers by one count
_NOWHERE = "\0"
MASTER = "master"  # the source of changes that a clock makes
MOST_WAITING = 1024  # switches, choices and triggers that lookahead has not yet taken


@dataclass(frozen=True, slots=True)
class Positions:
    """A frozen snapshot: each knob in its own unit, each switch, each choice. Equal when all stand alike, whatever the `version`."""

    knobs: Mapping[str, float]
    switches: Mapping[str, bool]
    choices: Mapping[str, str]
    version: int = field(default=0, compare=False)

    def __post_init__(self) -> None:
        for name in ("knobs", "switches", "choices"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def __hash__(self) -> int:
        return hash(tuple(frozenset(standing.items()) for standing in (self.knobs, self.switches, self.choices)))

    def of(self, part: str, knob: str) -> float:
        """Where a knob of a part stands."""
        return self.knobs[f"{part}.{knob}"]

    def moved(self, knobs: Mapping[str, float]) -> "Positions":
        """The same with these knobs elsewhere."""
        return replace(self, knobs={**self.knobs, **knobs})


def start(actions: Actions) -> Positions:
    """Every knob at its default, every switch off, every choice at its first."""
    return Positions(
        knobs={action.name: action.default for action in actions.of_kind("knob")},
        switches={action.name: False for action in actions.of_kind("switch")},
        choices={action.name: action.choices[0] for action in actions.of_kind("choice")},
    )


def wavers(count: float, last: float | None) -> bool:
    """Whether a 7-bit `count` is within the deadband of the `last` accepted one: noise of a pot, not a move. End stops never are."""
    return last is not None and (count == last or (0 < count < COUNTS and abs(count - last) <= DEADBAND_COUNTS))


class Panel:
    """The actions' positions. `changed` is set on each accepted change; `refused` counts what no action could mean."""

    def __init__(self, actions: Actions) -> None:
        self.actions = actions
        self.changed = threading.Event()
        self.refused = 0
        self.refusals: dict[str, str] = {}  # actions that nobody but a master may do, and why
        self._lock = threading.Lock()
        self._snapshot = start(actions)
        self._knobs = dict(self._snapshot.knobs)
        self._switches = dict(self._snapshot.switches)
        self._choices = dict(self._snapshot.choices)
        self._version = 0
        self._counts: dict[tuple[str, str], float] = {}
        self._waiting: list[Change] = []

    @property
    def version(self) -> int:
        """Counts moves of knobs, switches and choices; equal versions are equal snapshots. Triggers move nothing."""
        return self._version

    def turn(self, *changes: Change) -> tuple[str, ...]:
        """Take changes, all of them before the next snapshot. One answer for each: "" or why it was refused."""
        with self._lock:
            answers = tuple(self._take(change) for change in changes)
            self.refused += sum(map(bool, answers))
        return answers

    def snapshot(self) -> Positions:
        """Where everything stands now; the same object as long as nothing moves."""
        with self._lock:
            if self._snapshot.version != self._version:
                self._snapshot = Positions(self._knobs, self._switches, self._choices, self._version)
            return self._snapshot

    def drain(self) -> tuple[Change, ...]:
        """Switches, choices and triggers since the last call, in order, with their values resolved."""
        with self._lock:
            waiting, self._waiting = tuple(self._waiting), []
        return waiting

    def _take(self, change: Change) -> str:
        action = self.actions.get(change.action)
        if action is None:
            return f"there is no action {change.action!r}"
        if change.action in self.refusals and change.source != MASTER:
            return self.refusals[change.action]
        if action.kind == "trigger" and not action.fires(change.value):
            return ""
        try:
            value = action.read(change.value, change.scale)
        except ValueError as problem:
            return str(problem)
        if action.kind == "knob":
            self._turn_knob(action, change, float(value or 0.0))
            return ""
        return self._queue(action, replace(change, value=value))

    def _turn_knob(self, action: Action, change: Change, value: float) -> None:
        if change.scale == "7-bit":
            count = float(change.value or 0)
            if wavers(count, self._counts.get((change.source, action.name))):
                return
            self._counts[change.source, action.name] = count
        if self._knobs[action.name] != value:
            self._knobs[action.name] = value
            self._moved()

    def _queue(self, action: Action, change: Change) -> str:
        if action.kind == "switch" and change.value is None:
            change = replace(change, value=not self._switches[action.name])
        if change.value == self._stands(action):
            return ""
        if len(self._waiting) >= MOST_WAITING:
            return f"{action.name} is one too many at once"
        self._waiting.append(change)
        if action.kind == "trigger":
            self.changed.set()
            return ""
        if action.kind == "switch":
            self._switches[action.name] = bool(change.value)
        else:
            self._choices[action.name] = str(change.value)
        self._moved()
        return ""

    def _stands(self, action: Action) -> Value:
        """Where a switch or choice is already; a trigger stands nowhere, so its every change counts."""
        return self._switches[action.name] if action.kind == "switch" else self._choices.get(action.name, _NOWHERE)

    def _moved(self) -> None:
        self._version += 1
        self.changed.set()
