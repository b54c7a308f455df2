"""The controllers of an instrument: hot-plugged, learning, lit. A feature of the instrument, and a thread of its own for the lights.

Says which way to turn a control that does not have its knob, as `/mvae/takeover NAME up|down`, and nothing once it has. Smooth knobs move
here, once in a round.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from mvae.core.errors import UserError, listing
from mvae.core.names import plain
from mvae.live.assign import Binding
from mvae.live.echoes import EchoFilter
from mvae.live.hotplug import InputKeeper, OnState, PortState, PortWatch, There
from mvae.live.learner import Learner
from mvae.live.lights import Stand
from mvae.live.midi_ports import match
from mvae.live.patch_keeper import PatchKeeper
from mvae.live.station import Station
from mvae.live.status import Status
from mvae.live.takeover import Way
from mvae.live.thru import thrus

if TYPE_CHECKING:
    from mvae.live.instrument import Instrument
    from mvae.live.prepared import Prepared

LIGHT_S: Final = 1 / 30
ADDED: Final = "/mvae/controller"  # where one more is asked for
MOST_LIGHTS: Final = 16  # of a controller at a time: 500 messages a second go through an old MIDI cable, too


class Hands:
    """The controllers called so. Use as a context manager; `note` hears of ports that come and go.

    With `crosses` there is soft takeover. Raises UserError for a controller that is not there, or whose file cannot be read.
    """

    def __init__(
        self, instrument: "Instrument", controllers: Sequence[str], watch: PortWatch, note: OnState, crosses: bool = True,
        current_scene: Callable[[], tuple[str, ...]] = tuple,
    ) -> None:  # fmt: skip
        self.instrument, self.current_scene = instrument, current_scene
        self.learner = Learner(instrument, PatchKeeper(instrument.band.patch), self._learned)
        self.does = self.learner.does
        self.ways: dict[str, Way] = {}  # knobs that wait to be taken over
        self._ways_news: deque[tuple[str, Way]] = deque()
        self._told = ""  # which way to turn, as the performer was told
        self._watch, self._note = watch, note
        self._keepers: dict[Station, InputKeeper] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lights", daemon=True)
        self._crosses = crosses
        self.stations = [self._station(name) for name in controllers]
        self._undo = watch.add(self._look)
        instrument.patched.append(self.patched)

    def __enter__(self) -> "Hands":
        try:
            for station in self.stations:
                self._keepers[station] = self._keep(station)
        except BaseException:
            self.close()
            raise
        if self.stations:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hear no more, and leave every controller as it was found."""
        self._over.set()
        self._undo()
        for keeper in self._keepers.values():
            keeper.close()
        if self._thread.is_alive():
            self._thread.join()
        for station in self.stations:
            station.close()
        self.learner.close()

    def add(self, name: str) -> None:
        """One controller more. Raises UserError for one that is not there, or is one already. For one thread at a time."""
        station = self._station(name)
        keeper = self._keep(station, ADDED)
        same = next((other for other in self.stations if other.port == station.port), None)
        if same is not None:
            keeper.close()
            raise UserError(f"{ADDED} {name!r}: {same.port} is a controller already")
        self._keepers[station] = keeper
        self.stations = [*self.stations, station]
        self._learned()
        if not self._thread.is_alive():
            self._thread.start()

    def remove(self, name: str) -> None:
        """One controller less, left as it was found. Raises UserError with the list for one that is none. For one thread at a time."""
        called = [station.port or station.fragment for station in self.stations]
        index = match(called, name) if name else None
        if index is None:
            raise UserError(f"{ADDED}/remove {name!r}: no controller has this in its name; there are: {listing(called)}")
        station = self.stations[index]
        self.stations = [other for other in self.stations if other is not station]
        keeper = self._keepers.pop(station)
        keeper.close()
        station.close()
        station.note(replace(keeper.state, present=False))

    def state(self) -> dict[str, Any]:
        """For screens and pages: what is being learned, was learned last, and in all; which way to turn; which controllers there are."""
        waiting, last = self.learner.state()
        controllers = [{"name": station.kind.name, "port": station.port, "present": station.present} for station in self.stations]
        bound = [[each.says, f"{each.binding.control} of {each.controller}"] for each in self.learner.learned]
        return {"learning": waiting, "learned": last, "bound": bound, "takeover": dict(self.ways), "controllers": controllers}

    def advance(self, status: Status, now_s: float) -> None:
        """Move smooth knobs on, tell what was learned, and which way to turn."""
        self.instrument.panel.advance(now_s)
        self.learner.advance(status, now_s)
        while self._ways_news:
            knob, way = self._ways_news.popleft()
            self.ways = {name: other for name, other in {**self.ways, knob: way}.items() if other}
            self.instrument.feedback.out.send("/mvae/takeover", knob, way or "taken")
            self._remark(f"turn {knob} {way} to take it over" if way else "")

    def stopped(self) -> None:
        """Whether it plays makes no difference to hands."""

    def patched(self, ready: "Prepared", step: int) -> None:
        """The controls are bound as another patch has it, and what was learned as far as that goes."""
        patch, instrument = ready.patch, self.instrument
        self.learner.patched(PatchKeeper(patch))
        self._ways_news.clear()
        self.ways = {}
        self._remark("")
        for station in tuple(self.stations):
            station.become(patch, thrus(patch.parts, station.fragment, instrument.panel, instrument.player))

    def stands(self, binding: Binding) -> Stand:
        """How what a control does stands: the travel of a knob or a choice that is turned, else whether it is on. On any thread."""
        panel = self.instrument.panel
        action, positions = panel.actions.get(binding.action), panel.snapshot()
        if action is None:
            return False  # of a patch that has gone this moment
        if action.kind == "knob":
            return action.travel(panel.aim(action.name))
        if action.kind == "switch":
            return positions.switches.get(action.name, False)
        if action.kind == "choice":
            stands = positions.choices.get(action.name, action.choices[0])
            if binding.value is None and not binding.button:
                return action.choices.index(stands) / max(1, len(action.choices) - 1)
            return stands == binding.value
        return self._is_lit(action.name, binding.value)

    def _is_lit(self, trigger: str, value: object) -> bool:
        """Of triggers those are on that say how the music stands: play and stop, and the scene that plays."""
        if trigger in ("play", "stop"):
            return self.instrument.playing == (trigger == "play")
        return trigger == "scene" and bool(value) and plain(str(value)) in map(plain, self.current_scene())

    def _remark(self, text: str) -> None:
        """Tell the performer; what was told of takeover before is over, and all else stays."""
        if text or self.instrument.remark == self._told:
            self.instrument.remark = text
        self._told = text

    def _station(self, name: str) -> Station:
        patch, panel = self.instrument.band.patch, self.instrument.panel
        ways = thrus(patch.parts, name, panel, self.instrument.player)
        return Station(name, patch, panel, self.learner, ways, self._takeover, self._crosses)

    def _keep(self, station: Station, option: str = "--controller") -> InputKeeper:
        player = self.instrument.player

        def note(state: PortState) -> None:
            self._note(state)
            station.note(state)

        return InputKeeper(self._watch, station.fragment, EchoFilter(station.hear, player.struck), note, lambda: player.own, option=option)

    def _takeover(self, knob: str, way: Way) -> None:
        """On a controller's thread."""
        self._ways_news.append((knob, way))
        self.instrument.panel.changed.set()

    def _learned(self) -> None:
        """Something was learned. On any thread."""
        for station in self.stations:
            station.learn(each.binding for each in self.learner.learned if each.controller == station.called)

    def _look(self, there: There) -> None:
        """Which ports there are. On the watch's thread."""
        for station in self.stations:
            station.look(there, self.instrument.player.own)

    def _run(self) -> None:
        """Thread: the lights."""
        while not self._over.wait(LIGHT_S):
            for station in self.stations:
                station.light(self.stands, MOST_LIGHTS)
