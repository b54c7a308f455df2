"""Ports exchanged by a player, whatever the MIDI system does meanwhile: what is refused is told, and what is asked next is done."""

import threading

import pytest
import rtmidi

from mvae.live import switching, wire
from mvae.live.output import MidiOutput, NoOutput, Output
from mvae.live.outputs import Outputs
from mvae.live.switching import Switching
from tests.live.studio import Studio

PATIENCE_S = 20.0
ERRORS = [rtmidi.RtMidiError("gone"), rtmidi.SystemError("gone"), SystemError("gone"), OSError("gone")]


class Broken:
    """A client of a MIDI system that has gone."""

    def __init__(self, error: Exception) -> None:
        self.error, self.deleted = error, threading.Event()

    def close_port(self) -> None:
        raise self.error

    def delete(self) -> None:
        self.deleted.set()


class Place:
    """The ports of a player whose one output is broken."""

    def __init__(self, error: Exception) -> None:
        self.client = Broken(error)
        self.studio = Studio()
        self.outputs = Outputs({0: MidiOutput(self.client, "Synth", "JACK", False)})  # type: ignore[arg-type]
        self.woken = threading.Semaphore(0)
        self.switching = Switching(self.outputs, "mvae", self.woken.release)

    def asked(self, message: wire.Plugged | wire.Open) -> wire.Up:
        """What comes of it."""
        self.switching.ask(message)
        assert self.woken.acquire(timeout=PATIENCE_S), "the thread that opens ports is dead"
        self.switching.settle(self.studio.player, self.studio, self.studio.clock.now)
        return self.studio.up[-1]


@pytest.fixture(params=ERRORS, ids=lambda error: f"{type(error).__module__} {type(error).__name__}")
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Place:
    def open_output(fragment: str, *_: object, **__: object) -> Output:
        if fragment == "fails":
            raise request.param
        return NoOutput("", fragment)

    monkeypatch.setattr(switching, "open_output", open_output)
    return Place(request.param)


def test_a_port_that_cannot_be_closed_or_opened_is_refused_and_the_next_try_succeeds(place: Place) -> None:
    assert place.asked(wire.Plugged(0, "Synth")) == wire.Refused(0, "Synth: gone") and place.client.deleted.is_set()
    assert place.asked(wire.Plugged(0, "fails")) == wire.Refused(0, "fails: gone")
    assert place.asked(wire.Plugged(0, "Synth")) == wire.Opened(0, "Synth", "none", False)


def test_a_port_that_was_exchanged_and_cannot_be_closed_is_forgotten(place: Place) -> None:
    assert isinstance(place.asked(wire.Open(0, "Other", "mvae")), wire.Opened)
    assert place.client.deleted.wait(PATIENCE_S)
    assert isinstance(place.asked(wire.Open(0, "Synth", "mvae")), wire.Opened)
