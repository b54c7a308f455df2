import socket
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mvae.core.action_table import table
from mvae.core.actions import Actions
from mvae.core.change import Change
from mvae.core.errors import UserError
from mvae.core.panel import Panel
from mvae.live.osc_codec import address_of, arguments, bundle, message, timetag_of
from mvae.live.osc_ports import LARGEST, MOST_ANSWERS, MOST_TIMED, OscPorts, parse_bind, sender_of, source_of, subscriber
from mvae.live.subscribers import MOST
from tests.toy_space import MORPH, toy_patch

ACTIONS = Actions(table("ABCD", ("density",), ("drums",)))
WAIT_S = 10.0
Heard = tuple[str, tuple[object, ...]]


class Client:
    """A real UDP client on loopback."""

    def __init__(self, port: int) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(WAIT_S)
        self.port = self.socket.getsockname()[1]
        self.to = ("127.0.0.1", port)

    def send(self, address: str, *values: float | int | str | bool) -> None:
        self.raw(message(address, *values))

    def raw(self, datagram: bytes) -> None:
        self.socket.sendto(datagram, self.to)

    def hear(self) -> Heard:
        datagram = self.socket.recv(65536)
        return address_of(datagram).decode(), arguments(datagram)

    def hear_until(self, wanted: Callable[[Heard], bool]) -> list[Heard]:
        """Everything up to what is wanted; the socket's timeout bounds the wait."""
        heard = [self.hear()]
        while not wanted(heard[-1]):
            heard.append(self.hear())
        return heard


class Stage:
    """A panel, its OSC port and a client."""

    def __init__(self) -> None:
        self.panel = Panel(ACTIONS)
        self.osc = OscPorts(self.panel, ACTIONS, port=0)
        self.client = Client(self.osc.address[1])

    def wait(self, reached: Callable[[], bool]) -> None:
        """Wait until the panel has what is wanted, woken by its changes."""
        end_s = time.monotonic() + WAIT_S
        while not reached():
            assert time.monotonic() < end_s, "it never came"
            self.panel.changed.wait(0.02)
            self.panel.changed.clear()

    def knob(self, name: str) -> float:
        return self.panel.snapshot().knobs[name]

    def after(self) -> None:
        """Wait until everything sent so far has been handled: messages of one sender keep their order."""
        self.client.send("/mvae/are/you/there")
        self.client.hear_until(lambda heard: heard == ("/mvae/error", ("unknown", "/mvae/are/you/there")))


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    with stage.osc:
        yield stage
    stage.client.socket.close()


@pytest.mark.parametrize("value", [1.5, 1, True])
def test_a_knob_turns_whatever_the_type_of_the_number(stage: Stage, value: float) -> None:
    stage.client.send("/mvae/knob/density", value)
    stage.wait(lambda: stage.knob("density") == float(value))


def test_normalized_is_0_to_1_of_the_knobs_range(stage: Stage) -> None:
    stage.client.send("/mvae/knob/density/normalized", 0.75)
    stage.client.send("/mvae/tempo/normalized", 1)
    stage.wait(lambda: stage.knob("density") == 1.0 and stage.knob("tempo") == 400.0)


def test_xy_moves_both_axes_of_the_pad(stage: Stage) -> None:
    stage.client.send("/mvae/xy", 0.25, 0.5)
    stage.wait(lambda: (stage.knob("x"), stage.knob("y")) == (0.25, 0.5))


def test_a_value_out_of_range_is_clipped(stage: Stage) -> None:
    stage.client.send("/mvae/knob/density", 99.0)
    stage.wait(lambda: stage.knob("density") == 2.0)


def test_triggers_fire_on_nothing_a_bang_or_one_and_never_on_zero(stage: Stage) -> None:
    for values in ((), (1.0,), (0.0,), (0,), (False,), ("bang",), (True,)):
        stage.client.send("/mvae/reseed", *values)
    stage.client.raw(b"/mvae/reseed\0\0\0\0,I\0\0")
    stage.client.send("/mvae/anchor/B/recall", 4)
    stage.after()
    drained = stage.panel.drain()
    assert [change.action for change in drained] == ["reseed"] * 5 + ["recall B"]
    assert drained[-1].value == 4.0 and drained[-1].source == f"osc 127.0.0.1:{stage.client.port}"


def test_triggers_and_switches_keep_their_order_and_none_is_lost(stage: Stage) -> None:
    for step in range(30):
        stage.client.send("/mvae/fill", step % 3 + 1)
        stage.client.send("/mvae/part/drums/mute", (step + 1) % 2)
        stage.client.send("/mvae/knob/density", step / 100)
    stage.after()
    drained = stage.panel.drain()
    assert [change.value for change in drained if change.action == "fill"] == [step % 3 + 1 for step in range(30)]
    assert [change.value for change in drained if change.action == "mute drums"] == [step % 2 == 0 for step in range(30)]
    assert stage.knob("density") == pytest.approx(0.29)


def test_names_of_scenes_come_as_text_as_words_and_as_an_address(stage: Stage) -> None:
    stage.client.send("/mvae/scene", "verse 2")
    stage.client.send("/mvae/scene", "verse", 2)
    stage.client.send("/mvae/scene/verse_2")
    stage.client.send("/mvae/scene/verse_2", 0)
    stage.client.send("/mvae/scene", "x" * 65)
    assert stage.client.hear()[1][:2] == ("value", "/mvae/scene")
    drained = [(change.action, change.value) for change in stage.panel.drain()]
    assert drained == [("scene", "verse 2"), ("scene", "verse 2"), ("scene", "verse_2")]


def test_an_unknown_address_is_answered_to_its_sender_only(stage: Stage) -> None:
    other = Client(stage.osc.address[1])
    other.send("/mvae/subscribe")
    other.hear_until(lambda heard: heard[0] == "/mvae/quantise")
    stage.client.send("/mvae/song/next")
    assert stage.client.hear() == ("/mvae/error", ("unknown", "/mvae/song/next"))
    stage.osc.send("/mvae/end")
    assert [heard[0] for heard in other.hear_until(lambda heard: heard[0] == "/mvae/end")] == ["/mvae/end"]
    other.socket.close()


@pytest.mark.parametrize(
    ("address", "values", "says"),
    [
        ("/mvae/knob/density", (float("nan"),), "finite"),
        ("/mvae/knob/density", (float("inf"),), "finite"),
        ("/mvae/knob/density", ("loud",), "takes a number"),
        ("/mvae/knob/density", (), "takes a number"),
        ("/mvae/knob/density", (1.0, 2.0), "takes 1 argument"),
        ("/mvae/xy", (1.0,), "takes 2 arguments"),
        ("/mvae/quantise", ("later",), "now, beat, bar, phrase"),
        ("/mvae/stop", ("soon",), "now, bar"),
        ("/mvae/subscribe", ("a.host.name", 9000), "host as numbers"),
        ("/mvae/subscribe", (0,), "port 1..65535"),
    ],
)
def test_a_bad_value_is_answered_with_the_address_and_the_reason(
    stage: Stage, address: str, values: tuple[float | str, ...], says: str
) -> None:
    stage.client.send(address, *values)
    name, (kind, where, reason) = stage.client.hear()
    assert (name, kind, where) == ("/mvae/error", "value", address) and says in str(reason)
    assert stage.osc.counts.refused == 1


def test_a_subscriber_is_told_the_full_state_and_then_changes(stage: Stage) -> None:
    stage.osc.publish("/mvae/playing", 1)
    stage.osc.publish("/mvae/patch", "Four corners")
    stage.panel.turn(Change("density", 0.5))
    stage.client.send("/mvae/subscribe")
    standing = {action.address for kind in ("knob", "switch", "choice") for action in ACTIONS.values() if action.kind == kind}
    state = dict(stage.client.hear() for _ in range(len(standing) + 2))
    assert set(state) == standing | {"/mvae/playing", "/mvae/patch"}
    assert state["/mvae/knob/density"] == (0.5,) and state["/mvae/patch"] == ("Four corners",) and state["/mvae/quantise"] == ("now",)
    stage.panel.turn(Change("density", -1.0), Change("mute drums", True))
    stage.osc.publish("/mvae/playing", 1)
    stage.osc.publish("/mvae/playing", 0)
    heard = {stage.client.hear() for _ in range(3)}
    assert heard == {("/mvae/knob/density", (-1.0,)), ("/mvae/part/drums/mute", (1,)), ("/mvae/playing", (0,))}


def test_feedback_can_be_sent_to_another_port_and_ended(stage: Stage) -> None:
    ear = Client(stage.osc.address[1])
    stage.client.send("/mvae/subscribe", "127.0.0.1", ear.port)
    ear.hear_until(lambda heard: heard[0] == "/mvae/quantise")
    stage.osc.send("/mvae/beat", 3.0)
    assert ear.hear() == ("/mvae/beat", (3.0,))
    stage.client.send("/mvae/unsubscribe", "localhost", float(ear.port))
    stage.after()
    stage.osc.send("/mvae/beat", 4.0)
    assert len(stage.osc.subscribers) == 0
    ear.socket.close()


def test_of_too_many_subscribers_the_oldest_goes(stage: Stage) -> None:
    for port in range(20_000, 20_000 + MOST + 5):
        stage.osc.subscribers.subscribe(("127.0.0.1", port))
    assert len(stage.osc.subscribers) == MOST


def test_a_subscriber_that_the_socket_refuses_is_dropped(stage: Stage) -> None:
    stage.osc.subscribers.subscribe(("127.0.0.1", 0))
    stage.osc.send("/mvae/beat", 1.0)
    assert len(stage.osc.subscribers) == 0 and stage.osc.subscribers.dropped == 1


def test_a_bundle_of_the_past_is_done_at_once_and_in_order(stage: Stage) -> None:
    stage.client.raw(bundle(1, message("/mvae/fill", 1), message("/mvae/fill", 2)))
    stage.client.raw(bundle(timetag_of(time.time() - 5), message("/mvae/fill", 3)))
    stage.after()
    assert [change.value for change in stage.panel.drain()] == [1, 2, 3]


def test_a_bundle_of_the_future_waits_and_holds_nothing_back(stage: Stage) -> None:
    due_s = time.time() + 0.3
    stage.client.raw(bundle(timetag_of(due_s), message("/mvae/knob/density", 1.0)))
    stage.client.send("/mvae/knob/x", 0.5)
    stage.wait(lambda: stage.knob("x") == 0.5)
    assert stage.knob("density") == 0.0
    stage.wait(lambda: stage.knob("density") == 1.0)
    assert time.time() >= due_s - 0.005


def test_what_waits_for_its_time_is_bounded(stage: Stage) -> None:
    soon = timetag_of(time.time() + 30)
    for _ in range(MOST_TIMED // 32 + 2):
        stage.client.raw(bundle(soon, *(message("/mvae/reseed") for _ in range(32))))
    stage.client.raw(bundle(timetag_of(time.time() + 3600), message("/mvae/reseed")))
    stage.after()
    assert stage.osc.counts.untimely == 2 * 32 + 1


@pytest.mark.parametrize(
    ("datagram", "count"),
    [
        (b"", "malformed"),
        (b"hello there\0", "malformed"),
        (b"/mvae/knob/density", "malformed"),
        (message("/mvae/knob/density", 1.0)[:-2], ""),
        (b"#bundle\0" + bytes(8) + struct.pack(">i", -4) + bytes(4), "malformed"),
        (message("/mvae/knob/density", "x" * LARGEST), "oversize"),
    ],
)
def test_what_is_not_osc_is_counted_and_ignored(stage: Stage, datagram: bytes, count: str) -> None:
    stage.client.raw(datagram)
    stage.after()
    assert {name for name in ("malformed", "oversize") if getattr(stage.osc.counts, name)} == ({count} if count else set())
    stage.client.send("/mvae/knob/x", 1.0)
    stage.wait(lambda: stage.knob("x") == 1.0)


def test_errors_are_answered_only_so_often(stage: Stage) -> None:
    for number in range(4 * MOST_ANSWERS):
        stage.client.send(f"/mvae/not/here/{number}")
    stage.client.send("/mvae/knob/x", 1.0)
    stage.wait(lambda: stage.knob("x") == 1.0)
    assert stage.osc.counts.unknown > stage.osc.counts.answered <= 2 * MOST_ANSWERS


def test_a_flood_ends_with_the_last_value_and_costs_few_turns_of_the_panel(stage: Stage) -> None:
    for number in range(5_001):
        stage.client.send("/mvae/knob/density", number / 5_000)
        if number % 100 == 0:  # the kernel's buffer holds a few hundred
            stage.after()
    assert stage.knob("density") == pytest.approx(1.0)
    assert stage.osc.counts.coalesced > 0 and stage.panel.version < 5_000


def test_a_port_that_is_taken_is_a_user_error(stage: Stage) -> None:
    with pytest.raises(UserError, match=f"--osc 127.0.0.1:{stage.osc.address[1]}: .* in use: give another port"):
        OscPorts(stage.panel, ACTIONS, port=stage.osc.address[1])


def test_an_address_that_is_not_ours_is_a_user_error() -> None:
    with pytest.raises(UserError, match=r"--osc 192\.0\.2\.1:7770"):
        OscPorts(Panel(ACTIONS), ACTIONS, host="192.0.2.1")


def test_closing_frees_the_port() -> None:
    with OscPorts(Panel(ACTIONS), ACTIONS, port=0) as first:
        port = first.address[1]
    with OscPorts(Panel(ACTIONS), ACTIONS, port=port) as second:
        assert second.address[1] == port


def test_where_to_listen_is_a_port_or_a_host_and_a_port() -> None:
    assert [parse_bind(text) for text in ("9000", "0.0.0.0:9000", "[::1]:9000")] == [("127.0.0.1", 9000), ("0.0.0.0", 9000), ("::1", 9000)]
    for text in ("", "host:", "70000", "abc"):
        with pytest.raises(UserError, match="--osc"):
            parse_bind(text)


def test_who_subscribes_is_the_sender_unless_a_port_or_a_host_is_given() -> None:
    sender = ("10.0.0.7", 5555)
    assert subscriber((), sender) == sender
    assert subscriber((9000.0,), sender) == ("10.0.0.7", 9000)
    assert subscriber(("10.0.0.9", 9000), sender) == ("10.0.0.9", 9000)


def test_what_goes_wrong_later_goes_to_who_asked_and_to_nobody_else(stage: Stage) -> None:
    other, asked = Client(stage.osc.address[1]), list[Change]()
    with other.socket:
        stage.client.send("/mvae/subscribe")
        other.send("/mvae/anchor/B/capture", 2)
        stage.wait(lambda: bool(asked.extend(stage.panel.drain()) or asked))
        stage.osc.answer(asked[0].source, "/mvae/error", "capture B", "no notes")
        assert other.hear() == ("/mvae/error", ("capture B", "no notes"))
        stage.client.send("/mvae/are/you/there")
        heard = stage.client.hear_until(lambda heard: heard == ("/mvae/error", ("unknown", "/mvae/are/you/there")))
        assert [words for address, words in heard if address == "/mvae/error"] == [("unknown", "/mvae/are/you/there")]


@pytest.mark.parametrize("source", ["", "page", "log", "generic", "osc", "osc nobody"])
def test_what_goes_wrong_later_and_was_not_asked_over_osc_goes_to_all_subscribers(stage: Stage, source: str) -> None:
    stage.client.send("/mvae/subscribe")
    stage.after()
    stage.osc.answer(source, "/mvae/error", "scene then", "there is no scene verse")
    assert stage.client.hear() == ("/mvae/error", ("scene then", "there is no scene verse"))


def test_a_source_names_its_sender_again() -> None:
    for sender in (("127.0.0.1", 9000), ("::1", 7)):
        assert sender_of(source_of(sender)) == sender


def test_the_addresses_become_those_of_another_patch_and_state_of_the_others_is_told_no_more(stage: Stage, tmp_path: Path) -> None:
    stage.osc.publish("/mvae/anchor/A", "rock")
    stage.osc.publish("/mvae/scene/playing", "verse")
    others = Actions(table("AB", ("swing",), ("bass",), ("bass",)))
    stage.panel.become(others, {}, {})
    stage.osc.become(others, toy_patch(tmp_path, MORPH + '[knob.morph]\nosc = "/my/morph"\n'))
    stage.client.send("/mvae/knob/density", 1.0)
    assert stage.client.hear() == ("/mvae/error", ("unknown", "/mvae/knob/density"))
    stage.client.send("/mvae/knob/swing", 1.5)
    stage.client.send("/my/morph", 0.25)
    stage.wait(lambda: (stage.knob("swing"), stage.knob("morph")) == (1.5, 0.25))
    stage.client.send("/mvae/subscribe")
    stage.client.hear_until(lambda heard: heard == ("/mvae/knob/swing", (1.5,)))
    told = stage.osc.subscribers.state()
    assert told["/mvae/scene/playing"] == ("verse",) and told["/mvae/part/bass/octave"] == (0.0,)
    assert not {"/mvae/anchor/A", "/mvae/knob/density", "/mvae/part/drums/mute", "/mvae/knob/x"} & set(told)
