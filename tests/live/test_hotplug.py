"""Ports that are unplugged and plugged in again: names first, then real rtmidi ports under a real JACK server."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from mvae.core.errors import UserError
from mvae.live.hotplug import InputKeeper, PortState, PortWatch, bare, found, found_again
from mvae.live.midi_ports import Port, open_output
from mvae.live.output import Output, control
from tests.live.jack import wait_until

BACK_S = 2.0  # as promised
PATIENCE_S = 20.0  # for what is not promised


@pytest.fixture
def watch(jack_server: str) -> Iterator[PortWatch]:
    with PortWatch() as watching:
        yield watching


class Desk:
    """Whoever wants a controller: what it has heard of it."""

    def __init__(self, watch: PortWatch, fragment: str, **how: object) -> None:
        self.messages: list[bytes] = []
        self.states: list[PortState] = []
        self.keeper = InputKeeper(watch, fragment, lambda message, _: self.messages.append(message), self.states.append, **how)  # type: ignore[arg-type]

    def hears(self, controller: Output) -> bool:
        """Whether what the controller sends now arrives."""
        before = len(self.messages)
        return wait_until(lambda: controller.send(control(0, 1, 64)) and len(self.messages) > before, PATIENCE_S)

    def await_states(self, count: int, timeout_s: float = PATIENCE_S) -> None:
        assert wait_until(lambda: len(self.states) >= count, timeout_s), self.states


def test_a_port_of_alsa_is_known_again_by_its_name_without_the_address() -> None:
    assert bare("nanoKONTROL2:nanoKONTROL2 MIDI 1 24:0") == "nanoKONTROL2:nanoKONTROL2 MIDI 1"
    before, after, other = Port("ALSA", "Pad:Pad 1 24:0"), Port("ALSA", "Pad:Pad 1 28:0"), Port("ALSA", "Pad:Pad 2 24:1")
    assert found_again(before, [other, after]) == after
    assert found_again(before, [after, before]) == before
    assert found_again(before, [other, Port("JACK", "Pad:Pad 1")]) is None


def test_a_port_that_was_never_there_is_found_by_its_fragment_and_never_among_our_own() -> None:
    ports = [Port("JACK", "mvae:mvae"), Port("JACK", "Launchpad X:out")]
    assert found("launch", ports) == ports[1]
    assert found("mvae", ports, ["mvae:mvae"]) is None


def test_a_controller_that_is_unplugged_and_replugged_is_heard_again_within_two_seconds(watch: PortWatch) -> None:
    controller = open_output(None, "Knobs")
    desk = Desk(watch, "knobs")
    assert desk.hears(controller) and desk.states == [PortState("knobs", controller.port, True)]
    controller.close()
    desk.await_states(2)
    assert desk.states[1] == PortState("knobs", controller.port, False) and "Knobs" in desk.states[1].remark
    again, at_s = open_output(None, "Knobs"), time.monotonic()
    desk.await_states(3)
    assert time.monotonic() - at_s < BACK_S
    assert desk.states[2].present and desk.hears(again)
    desk.keeper.close()
    again.close()


def test_a_controller_that_is_gone_for_a_blink_is_heard_again_within_two_seconds(watch: PortWatch) -> None:
    controller = open_output(None, "Blink")
    desk, looks = Desk(watch, "blink"), threading.Semaphore(0)
    assert desk.hears(controller)
    undo = watch.add(lambda there: looks.release())
    assert looks.acquire(timeout=PATIENCE_S)  # it has just been looked at: the next look is half a second away
    controller.close()
    again, at_s = open_output(None, "Blink"), time.monotonic()
    assert again.port == controller.port
    desk.await_states(3)
    assert [state.present for state in desk.states] == [True, False, True] and time.monotonic() - at_s < BACK_S
    assert desk.hears(again) and looks.acquire(timeout=PATIENCE_S) and looks.acquire(timeout=PATIENCE_S)
    assert len(desk.states) == 3, "it is not taken for another again"
    undo()
    desk.keeper.close()
    again.close()


def test_one_of_two_controllers_goes_and_the_other_is_heard_on(watch: PortWatch) -> None:
    first, second = open_output(None, "Faders"), open_output(None, "Pads")
    desks = Desk(watch, "faders"), Desk(watch, "pads")
    first.close()
    desks[0].await_states(2)
    assert desks[1].hears(second) and len(desks[1].states) == 1
    for desk in desks:
        desk.keeper.close()
    second.close()


def test_a_controller_may_be_absent_at_first_if_that_is_allowed(watch: PortWatch) -> None:
    with pytest.raises(UserError, match="--controller 'later'"):
        Desk(watch, "later")
    desk = Desk(watch, "later", may_be_absent=True)
    assert desk.states == [PortState("later", "", False)]
    controller = open_output(None, "Comes Later")
    desk.await_states(2)
    assert desk.states[1] == PortState("later", controller.port, True) and desk.hears(controller)
    desk.keeper.close()
    controller.close()


def test_a_port_of_our_own_that_appears_is_not_taken_for_a_controller(watch: PortWatch) -> None:
    desk = Desk(watch, "mvae", may_be_absent=True, own=lambda: ["mvae drums:mvae drums"])
    own = open_output(None, "mvae drums")
    seen = threading.Event()
    undo = watch.add(lambda there: seen.set() if own.port in [port.name for port in there.inputs] else None)
    assert seen.wait(PATIENCE_S) and not desk.keeper.state.present
    undo()
    desk.keeper.close()
    own.close()


def test_a_keeper_that_is_closed_hears_no_more(watch: PortWatch) -> None:
    controller = open_output(None, "Knobs")
    desk = Desk(watch, "knobs")
    assert desk.hears(controller)
    desk.keeper.close()
    count = len(desk.messages)
    controller.send(control(0, 1, 1))
    controller.close()
    assert len(desk.messages) == count and len(desk.states) == 1


def test_an_input_may_be_closed_while_messages_pour_in(jack_server: str) -> None:
    """In a process of its own: what goes wrong there locks the interpreter."""
    told = subprocess.run([sys.executable, "-m", "tests.live.closing"], capture_output=True, text=True, timeout=60, check=True)
    assert told.stdout == "closed\n"
