"""The instrument as its surface knows it: the table of actions, where they stand, and all else that was told. One for the process.

Everything here runs in the surface's event loop. Knows nothing of HTTP, pages and pipes: what is asked goes to `ask`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from mvae.core.actions import Actions
from mvae.core.change import Change, Value
from mvae.core.panel import Positions
from mvae.live.surface_news import News, actions_of, merge, turn_record

Told: TypeAlias = Callable[[str, Value], None]  # an action's name and where it stands now
Published: TypeAlias = Callable[[str, tuple[Value, ...]], None]  # an OSC address and its values
Heard: TypeAlias = Callable[[News], None]
Undo: TypeAlias = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Facts:
    """What does not change while a patch plays."""

    name: str = "mvae"
    patch: str = ""
    osc_host: str = "127.0.0.1"
    osc_port: int = 0
    more: Mapping[str, Any] = field(default_factory=dict)  # for the pages: parts, provider, seed


class Desk:
    """What is known, and who wants to hear of it. `ask` takes requests to the instrument."""

    def __init__(self, ask: Callable[[News], None]) -> None:
        self.ask = ask
        self.known: News = {}
        self.actions = Actions(())
        self.facts = Facts()
        self._hear: dict[object, Heard] = {}

    def turn(self, change: Change) -> None:
        """Do something. Where it stands then comes back as news; a refusal as the section `refused`."""
        self.ask(turn_record(change))

    def positions(self) -> Positions:
        """Where all actions stand, as far as is known."""
        standing = {"knob": dict[str, Any](), "switch": dict[str, Any](), "choice": dict[str, Any]()}
        for name, value in self.known.get("positions", {}).items():
            if name in self.actions:
                standing[self.actions[name].kind][name] = value
        return Positions(standing["knob"], standing["switch"], standing["choice"])

    def published(self) -> Mapping[str, tuple[Value, ...]]:
        """State that has an OSC address and is no action's: the patch, the anchors' names, gauges."""
        return {address: tuple(values) for address, values in self.known.get("published", {}).items()}

    def listen(self, told: Told, published: Published | None = None) -> Undo:
        """Call `told` for each knob, switch and choice that moves from now on, and `published` for other state. Gives what ends it."""

        def hear(news: News) -> None:
            for name, value in news.get("positions", {}).items():
                told(name, value)
            if published is not None:
                for address, values in news.get("published", {}).items():
                    published(address, tuple(values))

        return self.overhear(hear)

    def overhear(self, hear: Heard) -> Undo:
        """Call `hear` with all news from now on."""
        key = object()
        self._hear[key] = hear

        def undo() -> None:
            self._hear.pop(key, None)

        return undo

    def take(self, news: News) -> None:
        """News of the instrument."""
        merge(self.known, news, notes=False)
        if "actions" in news:
            self.actions = actions_of(news["actions"])
        if "facts" in news:
            self.facts = Facts(**news["facts"])
        for hear in tuple(self._hear.values()):
            hear(news)
