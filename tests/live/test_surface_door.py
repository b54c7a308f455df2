"""Who comes in: names, origins, tokens; and where the surface listens."""

import socket

import pytest

from mvae.core.errors import UserError
from mvae.live import surface_door
from mvae.live.surface_door import Door, facing, is_loopback, listener, outward
from tests.live.network import private

LOCAL, OPEN = Door("127.0.0.1", 7771), Door("0.0.0.0", 7771, "abc")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_the_loopback_is_known_by_each_of_its_names(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.168.0.5", "stage.local"])
def test_everything_else_is_beyond(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize("host", ["127.0.0.1:7771", "localhost:7771", "[::1]:7771", "localhost"])
def test_on_the_loopback_it_answers_to_the_loopbacks_names(host: str) -> None:
    assert LOCAL.knows_name(host)


@pytest.mark.parametrize("host", ["evil.example:7771", "127.0.0.1.evil.example:7771", "127.0.0.1:7772", "x@evil.example", ""])
def test_a_foreign_name_that_leads_to_the_loopback_is_not_answered(host: str) -> None:
    assert not LOCAL.knows_name(host)


def test_beyond_the_loopback_every_name_will_do_with_the_token() -> None:
    assert OPEN.knows_name("stage.local:7771") and OPEN.opens("abc")
    assert not OPEN.opens("") and not OPEN.opens("abd") and not OPEN.opens("äbc")


def test_where_there_is_no_token_none_is_wanted() -> None:
    assert LOCAL.opens("") and LOCAL.opens("anything")


def test_who_turns_something_from_beyond_the_loopback_shows_the_token_program_or_page() -> None:
    assert OPEN.may_turn("abc", None, "10.9.0.2") and OPEN.may_turn("abc", "http://10.9.0.1:7771", "10.9.0.2")
    assert not OPEN.may_turn("", None, "10.9.0.2") and not OPEN.may_turn("abd", None, "10.9.0.2") and not OPEN.may_turn("", None, "")
    assert OPEN.may_turn("", None, "127.0.0.1") and not OPEN.may_turn("", "http://127.0.0.1:7771", "127.0.0.1")
    assert LOCAL.may_turn("", None, "127.0.0.1") and LOCAL.may_turn("", "http://127.0.0.1:7771", "127.0.0.1")


@pytest.mark.parametrize("door", [LOCAL, OPEN])
def test_only_a_page_of_its_own_or_no_page_opens_a_websocket(door: Door) -> None:
    host = "127.0.0.1:7771"
    assert door.knows_origin(f"http://{host}", host) and door.knows_origin(None, host)
    assert not any(door.knows_origin(origin, host) for origin in ("http://evil.example", "null", "", "http://127.0.0.1:7772", "file://"))


def test_the_terminal_shows_an_address_that_opens_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surface_door, "outward", lambda: "192.168.0.5")
    assert LOCAL.address == "http://127.0.0.1:7771" and Door("::1", 7771).address == "http://[::1]:7771"
    assert OPEN.address == "http://192.168.0.5:7771/?token=abc"


def test_without_a_network_the_address_is_the_loopbacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surface_door, "SOMEWHERE", "no address")
    assert outward() == "127.0.0.1"


def test_the_address_that_faces_a_peer_is_on_its_network() -> None:
    with private("10.9.0.1/24"):
        assert (facing(("10.9.0.2", 9)), facing(("127.0.0.1", 9))) == ("10.9.0.1", "127.0.0.1")
        with pytest.raises(OSError, match="unreachable"):
            facing(("192.0.2.1", 9))


def test_without_a_port_the_next_one_that_is_free_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        probe.listen()
        monkeypatch.setattr(surface_door, "PORT", probe.getsockname()[1])
        with listener("127.0.0.1", None) as found:
            assert probe.getsockname()[1] < found.getsockname()[1] < probe.getsockname()[1] + surface_door.TRIES


def test_a_port_that_was_asked_for_and_is_taken_is_said_in_a_line() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        probe.listen()
        with pytest.raises(UserError, match=f"--surface-port {probe.getsockname()[1]}: .* give another port"):
            listener("127.0.0.1", probe.getsockname()[1])


def test_when_all_are_taken_that_is_said_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        probe.listen()
        monkeypatch.setattr(surface_door, "PORT", probe.getsockname()[1])
        monkeypatch.setattr(surface_door, "TRIES", 1)
        with pytest.raises(UserError, match="--no-surface"):
            listener("127.0.0.1", None)
