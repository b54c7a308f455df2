"""Where all actions stand: the one place where every port's changes meet.

`turn` and `snapshot` may be called from any thread; `drain` and `advance` only by lookahead. A knob's latest value wins; switches, choices
and triggers keep their order. A smooth knob takes its time to where a hand has put it. Reads no clock, does nothing an action asks for.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from mvae.core.actions import COUNTS, Action, Actions
from mvae.core.change import Change, Value

DEADBAND_COUNTS = 1.5  # a 7-bit pot at rest wavers by one count
_NOWHERE = "\0"
EXACT = ("glide", "log", "scene", "set", "start")  # sources that say where a knob stands at which moment: never smoothed
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

    def changed_from(self, before: "Positions") -> dict[str, float | bool | str]:
        """What stands elsewhere than before, and where."""
        pairs = ((before.knobs, self.knobs), (before.switches, self.switches), (before.choices, self.choices))
        return {name: value for old, new in pairs for name, value in new.items() if old.get(name) != value}


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


@dataclass(frozen=True, slots=True)
class Ramp:
    """A smooth knob under way: from where it stood at a time to where it was put, along its travel."""

    begin_s: float
    length_s: float
    begin: float  # travel 0..1
    aim: float  # in the knob's own unit


class Panel:
    """The actions' positions. `changed` is set on each accepted change; `refused` counts what no action could mean.

    `smooth_ms` is how long a knob takes, by name; the others are there at once.
    """

    def __init__(self, actions: Actions, smooth_ms: Mapping[str, float] | None = None) -> None:
        self.actions = actions
        self.smooth_ms = dict(smooth_ms or {})
        self.changed = threading.Event()
        self.refused = 0
        self.refusals: dict[str, str] = {}  # actions that nobody but a master may do, and why
        self._lock = threading.Lock()
        self._snapshot = start(actions)
        self._stand(self._snapshot)
        self._version = 0
        self._counts: dict[tuple[str, str], float] = {}
        self._ramps: dict[str, Ramp] = {}
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

    def aim(self, name: str) -> float:
        """Where a knob was put, in its own unit: a smooth one may not be there yet; 0 for one that has gone with its patch."""
        with self._lock:
            return self._aim(name)

    def become(self, actions: Actions, smooth_ms: Mapping[str, float], kept: Mapping[str, float | str]) -> None:
        """Have other actions from now on, those of another patch: each where it starts, but what is `kept`, as far as it reaches.

        What is a master's stays as it is.
        """
        with self._lock:
            self.actions, self.smooth_ms, version = actions, dict(smooth_ms), self._version + 1
            self._stand(start(actions))
            self._version = version
            self._counts, self._ramps = {}, {}
            self._waiting = [change for change in self._waiting if change.action in actions and actions[change.action].kind == "trigger"]
            for name, value in kept.items():
                if name in self._knobs:
                    self._knobs[name] = float((value if name in self.refusals else actions[name].read(value)) or 0.0)
                elif value in (actions[name].choices if name in actions else ()):
                    self._choices[name] = str(value)
        self.changed.set()

    def advance(self, now_s: float) -> None:
        """Move smooth knobs on to where they stand at a time."""
        with self._lock:
            for name, ramp in tuple(self._ramps.items()):
                share = (now_s - ramp.begin_s) / ramp.length_s
                if share >= 1.0:
                    del self._ramps[name]
                    self._set(name, ramp.aim)
                elif share > 0.0:
                    action = self.actions[name]
                    travel = ramp.begin + share * (action.travel(ramp.aim) - ramp.begin)
                    self._set(name, float(action.read(travel, "normalized") or 0.0))

    def drain(self) -> tuple[Change, ...]:
        """Switches, choices and triggers since the last call, in order, with their values resolved."""
        with self._lock:
            waiting, self._waiting = tuple(self._waiting), []
        return waiting

    def _stand(self, positions: Positions) -> None:
        """All stands so."""
        self._snapshot = positions
        self._knobs: dict[str, float] = dict(positions.knobs)
        self._switches: dict[str, bool] = dict(positions.switches)
        self._choices: dict[str, str] = dict(positions.choices)

    def _take(self, change: Change) -> str:
        action = self.actions.get(change.action)
        if action is None:
            return f"there is no action {change.action!r}"
        if change.action in self.refusals and change.source != MASTER:
            return self.refusals[change.action]
        if action.kind == "trigger" and not action.fires(change.value):
            return ""
        if change.scale == "steps" and action.kind == "knob":
            change = self._stepped(action, change)
        try:
            value = change.value if change.source == MASTER else action.read(change.value, change.scale)
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
        smooth_ms = self.smooth_ms.get(action.name, 0.0)
        if smooth_ms > 0 and change.source not in EXACT:
            if self._aim(action.name) != value:
                begin = action.travel(self._knobs[action.name])
                self._ramps[action.name] = Ramp(change.at_s, smooth_ms / 1000, begin, value)
                self.changed.set()
            return
        self._ramps.pop(action.name, None)
        self._set(action.name, value)

    def _stepped(self, action: Action, change: Change) -> Change:
        """An encoder's steps as the place to which they lead."""
        steps = change.value if isinstance(change.value, (int, float)) else 0
        return replace(change, value=action.travel(self._aim(action.name)) + steps / COUNTS, scale="normalized")

    def _aim(self, name: str) -> float:
        return self._ramps[name].aim if name in self._ramps else self._knobs.get(name, 0.0)

    def _set(self, name: str, value: float) -> None:
        if self._knobs[name] != value:
            self._knobs[name] = value
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
