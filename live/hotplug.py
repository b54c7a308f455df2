"""Ports that come and go: which there are is asked twice a second, and whoever wants one hears when it vanishes and when it is back.

An unplugged port says nothing by itself, in any MIDI system. A port is known again by its name, without the address that ALSA puts behind
it. Runs on a thread of its own, far from the player. A port that goes and comes back between two looks is noticed under JACK, which tells
of every port that comes; elsewhere only if it has another address then.
"""

import math
import re
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import rtmidi

from mvae.core.errors import UserError
from mvae.live.midi_ports import Input, Lister, OnMessage, Port, match, open_input

LOOK_S: Final = 0.5
LONG_AGO_S: Final = 60.0  # by then everybody has looked
ALSA_ADDRESS: Final = re.compile(r" \d+:\d+$")


@dataclass(frozen=True, slots=True)
class There:
    """The ports that exist just now."""

    inputs: tuple[Port, ...] = ()
    outputs: tuple[Port, ...] = ()
    came_s: Mapping[str, float] = field(default_factory=dict)  # when ports came of late, as far as the MIDI system tells

    def anew(self, port: Port, since_s: float) -> bool:
        """Whether the port of this name is another than it was at a time."""
        return self.came_s.get(port.name, -math.inf) > since_s


@dataclass(frozen=True, slots=True)
class PortState:
    """Whether a port that is wanted is there. `port` is its full name, or the last one; empty as long as it has never been there."""

    wanted: str
    port: str
    present: bool

    @property
    def remark(self) -> str:
        """For the performer."""
        name = self.port or self.wanted
        return f"{name} is back" if self.present else f"{name} is gone: playing on; it is taken up again when it is back"


OnState: TypeAlias = Callable[[PortState], None]
Look: TypeAlias = Callable[[There], None]


def bare(name: str) -> str:
    """A port's name without an ALSA address, which may be another after the port was replugged."""
    return ALSA_ADDRESS.sub("", name)


def found_again(port: Port, there: Sequence[Port]) -> Port | None:
    """The port itself, or the one that has its name now; None while there is none."""
    same = [other for other in there if other.api == port.api and bare(other.name) == bare(port.name)]
    return port if port in same else next(iter(same), None)


def found(fragment: str, there: Sequence[Port], own: Collection[str] = ()) -> Port | None:
    """The port that a fragment of a name means, none of our `own`; None while there is none."""
    heard = [port for port in there if port.name not in own]
    index = match([port.name for port in heard], fragment)
    return None if index is None else heard[index]


class PortWatch:
    """Asks which ports there are and tells all who look, on a thread of its own that sleeps as long as nobody does.

    Use as a context manager. `add` may be called from any thread.
    """

    def __init__(self, look_s: float = LOOK_S) -> None:
        self._look_s = look_s
        self._looks: list[Look] = []
        self._lock = threading.Lock()  # held while the looks are told, so that none is told after it was taken off
        self._wanted, self._over = threading.Event(), threading.Event()
        self._came_s: dict[str, float] = {}
        self._thread = threading.Thread(target=self._run, name="ports", daemon=True)
        self._thread.start()

    def add(self, look: Look) -> Callable[[], None]:
        """Tell `look` what there is, again and again; what is returned ends it. `look` may not add or end one."""
        with self._lock:
            self._looks.append(look)
        self._wanted.set()

        def undo() -> None:
            with self._lock:
                self._looks.remove(look)

        return undo

    def close(self) -> None:
        """Look no more."""
        self._over.set()
        self._wanted.set()
        self._thread.join()

    def __enter__(self) -> "PortWatch":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self) -> None:
        self._wanted.wait()
        listers = Lister(rtmidi.MidiIn, self._come), Lister(rtmidi.MidiOut)
        while not self._over.wait(self._look_s):
            inputs, outputs = (tuple(lister.ports(time.monotonic())) for lister in listers)
            with self._lock:
                for look in self._looks:
                    look(There(inputs, outputs, self._came_s))
            for name in [name for name, came_s in tuple(self._came_s.items()) if came_s < time.monotonic() - LONG_AGO_S]:
                del self._came_s[name]
        for lister in listers:
            lister.close()

    def _come(self, name: str) -> None:
        """On a thread of the MIDI system's."""
        self._came_s[name] = time.monotonic()


def unconcerned(state: PortState) -> None:
    """For who does not mind whether a port is there."""


def none() -> tuple[str, ...]:
    """No ports of our own."""
    return ()


class InputKeeper:
    """Hears the input whose name contains `fragment`, and hears it again by the same name whenever it was gone for a while.

    `on_message` is called on a thread of the MIDI system's, `on_state` on the watch's: first when the port is there or is known to be
    missing, then at each change. `own` gives the full names of the ports that are played to, which are never heard. Raises UserError,
    which names the `option`, for a port that is not there, unless it `may_be_absent`.
    """

    def __init__(
        self, watch: PortWatch, fragment: str, on_message: OnMessage, on_state: OnState = unconcerned,
        own: Callable[[], Collection[str]] = none, name: str = "mvae", option: str = "--controller", may_be_absent: bool = False,
    ) -> None:  # fmt: skip
        self.fragment = fragment
        self._on_message, self._on_state, self._own, self._name, self._option = on_message, on_state, own, name, option
        self._port: Port | None = None  # the one that is heard, or was last
        self._input: Input | None = None
        self._opened_s = 0.0
        try:
            self._open(fragment)
        except UserError:
            if not may_be_absent:
                raise
        except rtmidi.RtMidiError:  # it has gone just now, and is taken up when it is back
            pass
        self._on_state(self.state)
        self._undo = watch.add(self._look)

    @property
    def state(self) -> PortState:
        """How it stands."""
        return PortState(self.fragment, self._port.name if self._port else "", self._input is not None)

    def close(self) -> None:
        """Hear no more."""
        self._undo()
        self._let_go()

    def _open(self, name: str) -> None:
        self._opened_s = time.monotonic()
        self._input = open_input(name, self._on_message, self._own(), self._name, self._option)
        self._port = self._input.port

    def _let_go(self) -> None:
        if self._input is not None:
            self._input.close()
            self._input = None

    def _look(self, there: There) -> None:
        """On the watch's thread."""
        if self._input is not None:
            if self._port not in there.inputs or there.anew(self._port, self._opened_s):
                self._let_go()
                self._on_state(self.state)
            return
        port = found_again(self._port, there.inputs) if self._port else found(self.fragment, there.inputs, self._own())
        if port is None:
            return
        try:
            self._open(port.name)
        except (UserError, rtmidi.RtMidiError):  # it has gone again meanwhile
            return
        self._on_state(self.state)
