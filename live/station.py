"""One controller on stage: what it says turns the panel, and what the panel says lights it, for as long as it is plugged in.

Messages come on a thread of the MIDI system's, ports on the watch's, lights on that of the hands; a lock keeps the last two apart. What it
plays and nothing is bound to goes on to the parts that want it (`thru`).
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Protocol

import rtmidi

from mvae.core.actions import Actions
from mvae.core.control_reader import Touch
from mvae.core.errors import UserError
from mvae.core.panel import Panel
from mvae.core.patch import Patch
from mvae.live.assign import Binding, layered, of_file, of_patch
from mvae.live.controller_file import GENERIC, ControllerFile, find_controller
from mvae.live.controllers import Controllers, OnTakeover
from mvae.live.hotplug import PortState, There, bare
from mvae.live.lights import Lights, Stand, Stands
from mvae.live.midi_ports import Port, open_output
from mvae.live.output import Output
from mvae.live.thru import Thru

SAID_BACK: Final = (("capture", "playback"), ("MIDI Out", "MIDI In"), ("Output", "Input"), ("out", "in"))  # of one device, in port names


class Learns(Protocol):
    """Who may want a touch for itself (`mvae.live.learner.Learner`)."""

    def heard(self, controller: str, touch: Touch, at_s: float) -> bool: ...


class Station:
    """The controller whose port's name contains `fragment`. Which kind that is, is known once the port has been there.

    With `crosses` there is soft takeover.
    """

    def __init__(
        self, fragment: str, patch: Patch, panel: Panel, learns: Learns, ways: Sequence[Thru], on_takeover: OnTakeover, crosses: bool = True
    ) -> None:  # fmt: skip
        self.fragment, self.port, self.present = fragment, "", False
        self.controllers = Controllers(patch, fragment, panel, on_takeover, crosses)
        self._patch, self._panel, self._learns, self._ways = patch, panel, learns, tuple(ways)
        self._learned: tuple[Binding, ...] = ()
        self._lock = threading.Lock()
        self._out: Output | None = None
        self._out_port: Port | None = None
        self.kind = find_controller(fragment)
        self._lights = Lights(self.kind)
        self.learn(())

    @property
    def called(self) -> str:
        """What a patch calls it."""
        return self.fragment if self.kind.file.stem == GENERIC else self.kind.name

    def hear(self, message: bytes, at_s: float) -> None:
        """What it says. On its own thread."""
        for way in self._ways:
            way.let_go(message)  # learn may have bound a key that is held
        touch = self.controllers.reader.read(message)
        if touch is not None and self._learns.heard(self.called, touch, at_s):
            return
        if touch is not None and self.controllers.bindings.of(touch) is not None:
            self._panel.turn(*self.controllers.touched(touch, at_s))
            return
        for way in self._ways:
            way.pass_on(message)

    def become(self, patch: Patch, ways: Sequence[Thru]) -> None:
        """It plays another patch. What is held on it ends."""
        before, self._ways = self._ways, tuple(ways)
        for way in before:
            way.release()
        self._patch, self.controllers.actions = patch, self._panel.actions
        self.controllers.takeover.forget()
        self.learn(self._learned)

    def note(self, state: PortState) -> None:
        """How its port stands. On the watch's thread."""
        self.present = state.present
        if not state.present:
            self.controllers.takeover.forget()
            self._let_go()
            for way in self._ways:
                way.release()
        elif state.port != self.port:
            self.port = state.port
            self._become(find_controller(state.port))

    def learn(self, learned: Iterable[Binding]) -> None:
        """What was learned for it, all of it. On any thread."""
        self._learned = tuple(learned)
        actions, patch = self._panel.actions, of_patch(self._patch, self.kind, self.port or self.fragment)
        self.controllers.bindings = layered(self._known(actions), patch, self._assigned(actions))

    def look(self, there: There, own: Sequence[str]) -> None:
        """Which ports there are: the one that lights it is opened as soon as it is there. On the watch's thread."""
        if self._out_port is not None and self._out_port not in there.outputs:
            self._let_go()
        if self._out is None and self.present and (len(self._lights) or self.kind.hello):
            wanted = answering(self.port, self.fragment, [port for port in there.outputs if port.name not in own])
            if wanted is not None:
                self._open(wanted)

    def light(self, stands: Stands, most: int) -> None:
        """Show what is new, at most so many lights of it. On the hands' thread."""

        def seen(binding: Binding) -> Stand:
            stand = stands(binding)
            self._lights.moved(self.controllers.taken())  # whatever hand has put it there is known by now
            return stand

        with self._lock:
            if self._out is not None:
                for message in self._lights.news(self.controllers.bindings, seen, most):
                    self._out.send(message)

    def close(self) -> None:
        """Leave it as it was found."""
        with self._lock:
            if self._out is not None:
                for message in self.kind.bye:
                    self._out.send(message)
        self._let_go()

    def _known(self, actions: Actions) -> tuple[Binding, ...]:
        """What was learned, as far as the patch has it."""
        return tuple(binding for binding in self._learned if binding.action in actions)

    def _assigned(self, actions: Actions) -> tuple[Binding, ...]:
        taken = layered(self._known(actions), of_patch(self._patch, self.kind, self.port or self.fragment), ())
        return of_file(self.kind, self._patch, actions, taken)

    def _become(self, kind: ControllerFile) -> None:
        """It is a controller of this kind."""
        with self._lock:
            self.kind, self._lights = kind, Lights(kind)
        self.learn(self._learned)

    def _open(self, port: Port) -> None:
        try:
            out = open_output(port.name, f"{self.fragment} lights", option="--controller")
        except (UserError, rtmidi.RtMidiError):  # it has gone again meanwhile
            return
        with self._lock:
            self._out, self._out_port = out, port
            self._lights.forget()
            for message in self.kind.hello:
                out.send(message)

    def _let_go(self) -> None:
        with self._lock:
            out, self._out, self._out_port = self._out, None, None
        if out is not None:
            out.close()


def answering(port: str, fragment: str, outputs: Sequence[Port]) -> Port | None:
    """The output of the device that has an input `port`: of the same name, or of the name that such outputs have, or with the fragment."""
    names = [bare(output.name) for output in outputs]
    wanted = bare(port)
    others = [wanted.replace(old, new) for old, new in SAID_BACK if old in wanted]
    tests: list[Callable[[str], bool]] = [
        lambda name: name == wanted, lambda name: name in others, lambda name: fragment.casefold() in name.casefold(),
    ]  # fmt: skip
    return next((output for test in tests for output, name in zip(outputs, names, strict=True) if test(name)), None)
