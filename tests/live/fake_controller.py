"""A controller made of virtual ports, both ways: what a test turns and presses on it, and what its lights are told."""

import threading
from collections.abc import Callable
from types import TracebackType

import rtmidi

from mvae.core.control import Control, said
from mvae.live.midi_ports import stop_hearing
from tests.live.jack import wait_until

ANSWER_S = 30.0
AGAIN_S = 1.0  # long against what an answer takes: a pad that is pressed twice is off again
API = rtmidi.API_UNIX_JACK

FILE = """
format = 1
name = "Fake Pads"
match = ["Fake Pads"]
channel = 1
hello = ["F0 7D 01 F7"]
[colours]
red = 5
dim = 7
[control.pot]
numbers = [16, 17]
[control.fader]
kind = "pitchbend"
follows = true
light = {}
[control.ring]
numbers = [20]
encoding = "twos complement"
light = {by = "cc"}
[control.pad]
kind = "note"
numbers = [36, 37, 38]
light = {ready = "dim", on = "red"}
[control.program]
kind = "program"
[assign]
x = "pot1"
y = "pot2"
axes = ["ring"]
tempo = "fader"
"mute *" = "pad1"
"quantise bar" = "pad2"
scene = "program"
"""


class FakeController:
    """Plugged in while it is entered. `lit` is all that it was told."""

    def __init__(self, name: str = "Fake Pads") -> None:
        self.name = name
        self.lit: list[bytes] = []
        self._news = threading.Condition()

    def __enter__(self) -> "FakeController":
        self.plug()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.unplug()

    def plug(self) -> None:
        self.out = rtmidi.MidiOut(API, name=self.name)
        self.out.open_virtual_port(self.name)
        self.lights = rtmidi.MidiIn(API, name=f"{self.name} lights")
        self.lights.ignore_types(sysex=False)
        self.lights.set_callback(self._hear)
        self.lights.open_virtual_port(f"{self.name} lights")

    def unplug(self) -> None:
        stop_hearing(self.lights)
        self.out.close_port()
        self.out.delete()

    def says(self, control: Control, *values: int) -> None:
        """Turn or press a control."""
        for value in values:
            for message in said(control, value):
                self.out.send_message(message)

    def is_told(self, message: bytes) -> bool:
        """Whether a light is told so, soon."""
        with self._news:
            return self._news.wait_for(lambda: message in self.lit, ANSWER_S)

    def until(self, true: Callable[[], object], control: Control, *values: int) -> bool:
        """Say it, and again now and then until it was heard: a busy JACK may lose it, and the first one after a connection."""

        def tried() -> bool:
            self.says(control, *values)
            return wait_until(lambda: bool(true()), AGAIN_S)

        return wait_until(tried, ANSWER_S)

    def _hear(self, event: tuple[list[int], float], _: object) -> None:
        with self._news:
            self.lit.append(bytes(event[0]))
            self._news.notify_all()
