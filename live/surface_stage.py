"""Puts the surface on the stage: where it listens, what it is told, and what the terminal says of it.

It listens from the beginning, so that a port that is taken is said before the first note; its process starts once the music sounds.
"""

import argparse
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial

from mvae.live.hotplug import PortWatch, There
from mvae.live.instrument import Instrument
from mvae.live.osc_ports import OscPorts
from mvae.live.screen import ScreenState
from mvae.live.subscribers import Values
from mvae.live.surface_link import SurfaceLink
from mvae.live.surface_news import News
from mvae.live.surface_portrait import Portrait, Source, facts_of

ANCHOR = "/mvae/anchor/"  # and the slot


class Surface:
    """The surface as the stage has it; without a link there is none. `state` is what OSC subscribers know."""

    def __init__(self, state: Callable[[], Mapping[str, Values]], link: SurfaceLink | None = None) -> None:
        self.state, self.link = state, link

    @property
    def told(self) -> str:
        """What the terminal says at once, screen or none: beyond the loopback the address with its token."""
        return f"page: {self.link.address}" if self.link is not None and self.link.door.token else ""

    def on(self, fixed: ScreenState) -> ScreenState:
        """The screen with what there is to say of it, and of what a page would show."""
        state = self.state()
        slots = {address: values for address, values in state.items() if address.startswith(ANCHOR) and "/" not in address[len(ANCHOR) :]}
        shown = replace(
            fixed,
            sync=" ".join(map(str, state.get("/mvae/sync", ()))),
            anchors=tuple(f"{address[len(ANCHOR) :]} {values[0]}" for address, values in sorted(slots.items())),
            scenes=words(state, "/mvae/scene/list"),
            scene=word(state, "/mvae/scene/playing"),
            next_scene=word(state, "/mvae/scene/waiting"),
            patches=words(state, "/mvae/patch/list"),
            next_patch=word(state, "/mvae/patch/waiting"),
            controllers=words(state, "/mvae/controller/list"),
            listens=word(state, "/mvae/listen/input"),
        )
        if self.link is None:
            return shown
        message = "; ".join(filter(None, (self.link.remark, fixed.message)))
        return replace(shown, page=self.link.address, pages=self.link.pages, message=message)


def words(state: Mapping[str, Values], address: str) -> tuple[str, ...]:
    """What was published there, as text."""
    return tuple(map(str, state.get(address, ())))


def word(state: Mapping[str, Values], address: str) -> str:
    """The first of what was published there, or nothing."""
    return next(iter(words(state, address)), "")


@contextmanager
def open_surface(
    chosen: argparse.Namespace, instrument: Instrument, osc: OscPorts, fixed: ScreenState, watch: PortWatch, hands: Source = dict
) -> Iterator[Surface]:
    """The surface of an instrument, unless none is wanted. It listens where OSC does, if that is beyond the loopback. Raises UserError.

    `hands` gives how controllers stand (`mvae.live.hands.Hands.state`).
    """
    if chosen.no_surface:
        yield Surface(osc.subscribers.state)
        return
    portrait = Portrait(instrument, osc.subscribers.state)
    instrument.player.witnesses.append(portrait.overhear)

    def facts() -> News:
        band = instrument.band
        more = facts_of(band.patch, band.numbered, provider=fixed.provider, sync=chosen.sync, message=fixed.message)
        here = {"osc_host": osc.address[0], "osc_port": osc.address[1]}
        return {"name": chosen.name, "patch": band.patch.name, **here, "more": more}

    ports = Ports(lambda: instrument.player.own)
    portrait.sources |= {"ports": lambda: ports.names, "hands": hands}
    with ExitStack() as stack:
        stack.callback(watch.add(ports.look))
        begun = partial(sounds, instrument)
        link = stack.enter_context(SurfaceLink(instrument.panel, portrait, facts(), osc.address[0], chosen.surface_port, begun))
        instrument.patched.append(lambda ready, step: link.become(facts()))
        yield Surface(osc.subscribers.state, link)


def sounds(instrument: Instrument) -> bool:
    """Whether the first bar has been reached."""
    status = instrument.player.status()
    return status.playing and status.tick_at(instrument.now_s()) >= 0


class Ports:
    """The names of the MIDI ports that there are, as the watch saw them last; of inputs none of our `own` outputs."""

    def __init__(self, own: Callable[[], Collection[str]]) -> None:
        self._own = own
        self.names: dict[str, list[str]] = {"outputs": [], "inputs": []}

    def look(self, there: There) -> None:
        """On the watch's thread."""
        own = self._own()
        inputs = [port.name for port in there.inputs if port.name not in own]
        self.names = {"outputs": [port.name for port in there.outputs], "inputs": inputs}
