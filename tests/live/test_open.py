"""The instrument as others find it: by zeroconf, by an OSCQuery client that is not ours, and by nobody beyond the loopback unless asked.

In a network of its own, so that the names it tells are told to nobody else.
"""

import json
import os
import selectors
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from pythonoscquery.osc_query_browser import OSCQueryBrowser
from pythonoscquery.osc_query_client import OSCQueryClient
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from mvae.live.osc_codec import address_of, arguments, message
from tests.live.command import MvaeLive, mvae_live
from tests.live.jack import wait_until
from tests.live.listeners import listening
from tests.live.network import private

WAIT_S = 60.0
OSC, OSCJSON = "_osc._udp.local.", "_oscjson._tcp.local."


class Finder:
    """The foreign library's browser; a new one whenever it has found a name and nothing behind it, which it never asks for again."""

    def __init__(self) -> None:
        self.browser = OSCQueryBrowser()

    def services(self) -> list[Any]:
        """What is there: a service has a name, a port and addresses."""
        services = [*self.browser.get_discovered_oscquery(), *self.browser.get_discovered_osc()]
        if None in services:
            self.close()
            self.browser = OSCQueryBrowser()
        return [service for service in services if service is not None]

    def names(self) -> set[str]:
        return {service.name for service in self.services()}

    def close(self) -> None:
        self.browser.zc.close()


@contextmanager
def finder() -> Iterator[Finder]:
    found = Finder()
    try:
        yield found
    finally:
        found.close()


def until(reached: Callable[[], object]) -> None:
    assert wait_until(lambda: bool(reached()), WAIT_S, 0.05)


def both(name: str) -> set[str]:
    return {f"{name}.{OSC}", f"{name}.{OSCJSON}"}


def free_tcp_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def surfaced(*words: str, osc_host: str = "127.0.0.1") -> Iterator[MvaeLive]:
    """An instrument with its surface, waiting for play."""
    with mvae_live("--start", "armed", "--seed", "1", "--surface-port", str(free_tcp_port()), *words, osc_host=osc_host) as live:
        yield live


def value(client: OSCQueryClient, path: str) -> Any:
    node = client.query_node(path)
    assert node is not None
    return node.value


def scenes(port: int) -> list[str]:
    """The scenes by name, as any program reads them that knows the address."""
    with urlopen(f"http://127.0.0.1:{port}/mvae/scene") as answer:
        listed = json.load(answer).get("RANGE", [{"VALS": []}])
    return list(listed[0]["VALS"])


def test_a_foreign_client_finds_the_instrument_reads_it_turns_it_by_what_it_read_and_hears_it_move(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MVAE_HOME", str(tmp_path))
    with private(), finder() as found, surfaced("--name", "stage left") as live:
        live.subscribe()
        until(lambda: both("stage left") <= found.names())
        service = next(service for service in found.services() if service.name == f"stage left.{OSCJSON}")
        client = OSCQueryClient(service)
        host = client.get_host_info()
        assert host is not None and host.name == "stage left" and host.extensions["LISTEN"]
        assert value(client, "/mvae/quantise") == ["now"] and client.query_node("/mvae/no/such/thing") is None
        with connect(f"ws://127.0.0.1:{service.port}/") as ears, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hands:
            ears.send(json.dumps({"COMMAND": "LISTEN", "DATA": "/mvae/knob/density"}))
            assert heard(ears.recv(WAIT_S)) == ("/mvae/knob/density", (0.0,))
            hands.sendto(message("/mvae/knob/density", 1.25), (host.osc_ip, host.osc_port))
            assert heard(ears.recv(WAIT_S)) == ("/mvae/knob/density", (1.25,))
            assert value(client, "/mvae/knob/density") == [1.25]
            ears.send(message("/mvae/quantise", "bar"))
            until(lambda: value(client, "/mvae/quantise") == ["bar"])
            until(lambda: live.heard("/mvae/quantise")[-1] == ("bar",))
            hands.sendto(message("/mvae/scene/store", "late night"), (host.osc_ip, host.osc_port))
            until(lambda: "late night" in scenes(service.port))
        live.signal("SIGTERM")
        assert live.end() == 0
        until(lambda: not found.names())


def test_two_instruments_of_one_name_are_told_apart() -> None:
    with private(), finder() as found, surfaced() as first:
        first.subscribe()
        until(lambda: both("mvae") <= found.names())
        with surfaced() as second:
            second.subscribe()
            until(lambda: both("mvae") | both("mvae-2") <= found.names())


def heard(datagram: str | bytes) -> tuple[str, tuple[object, ...]]:
    assert isinstance(datagram, bytes)
    return address_of(datagram).decode(), arguments(datagram)


def served(live: MvaeLive, kind: str = "tcp") -> list[Any]:
    return [place for place in listening(live.process.pid) if place.kind == kind]


def test_nothing_listens_beyond_the_loopback_unless_it_is_asked_to() -> None:
    with private(), finder() as found, surfaced() as live:
        live.subscribe()
        live.send("/mvae/play")
        until(lambda: both("mvae") <= found.names() and live.heard("/mvae/note"))
        live.send("/mvae/notes/to", "127.0.0.1:9")
        until(lambda: ("127.0.0.1:9",) in live.heard("/mvae/notes/ways"))
        places = listening(live.process.pid)
        assert {place.kind for place in places} == {"tcp", "udp"} and all(place.is_loopback for place in places), places


def test_when_asked_to_it_listens_everywhere_and_a_browser_must_show_the_token_of_the_terminal() -> None:
    with private(), surfaced(osc_host="0.0.0.0") as live:
        subprocess.run(["ip", "address", "add", "10.9.8.7/32", "dev", "lo"], check=True)
        live.subscribe()
        until(lambda: served(live))
        assert [place.host for place in served(live)] == ["0.0.0.0"] and "0.0.0.0" in [place.host for place in served(live, "udp")]
        port = served(live)[0].port
        origin = f"http://10.9.8.7:{port}"
        with connect(f"ws://10.9.8.7:{port}/"):
            pass  # a program: OSC over UDP is as open
        for path in ("/", "/ws"):
            with pytest.raises(InvalidStatus, match="403"):
                connect(f"ws://10.9.8.7:{port}{path}", origin=origin)  # type: ignore[arg-type]
        with pytest.raises(InvalidStatus, match="403"):
            connect(f"ws://10.9.8.7:{port}/", origin="https://evil.example")  # type: ignore[arg-type]
        token = shown_token(live)
        for path in ("/", "/ws"):
            with connect(f"ws://10.9.8.7:{port}{path}?token={token}", origin=origin):  # type: ignore[arg-type]
                pass


def test_a_page_with_a_token_finds_an_instrument_again_that_was_started_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MVAE_HOME", str(tmp_path))
    with private():
        with surfaced(osc_host="0.0.0.0") as live:
            live.subscribe()
            until(lambda: served(live))
            port, token = served(live)[0].port, shown_token(live)
            live.signal("SIGTERM")
            assert live.end() == 0
        with surfaced("--surface-port", str(port), osc_host="0.0.0.0") as live:
            live.subscribe()
            until(lambda: served(live))
            with connect(f"ws://127.0.0.1:{port}/ws?token={token}", origin=f"http://127.0.0.1:{port}") as page:  # type: ignore[arg-type]
                assert "facts" in json.loads(page.recv(WAIT_S))
            with pytest.raises(InvalidStatus, match="403"):
                connect(f"ws://127.0.0.1:{port}/ws?token={token[:-1]}", origin=f"http://127.0.0.1:{port}")  # type: ignore[arg-type]


def shown_token(live: MvaeLive) -> str:
    """The token in what the terminal shows."""
    assert live.process.stdout
    file, said = live.process.stdout.fileno(), ""
    with selectors.DefaultSelector() as ready:
        ready.register(file, selectors.EVENT_READ)
        while "?token=" not in said or not said.endswith("\n"):
            assert ready.select(WAIT_S), said
            said += os.read(file, 4096).decode()
    return said.partition("?token=")[2].split()[0]
