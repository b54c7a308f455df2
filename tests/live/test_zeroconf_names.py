"""Names and addresses as zeroconf takes them. The announcement itself is tested with real programs in test_open."""

import asyncio
import socket
from typing import Any

import pytest
from zeroconf import IPVersion

from mvae.live.surface_door import is_loopback
from mvae.live.zeroconf_names import LABEL_BYTES, Announcement, addresses, host_label, keep_to_loopback, label, version
from tests.live.network import private


def test_it_is_announced_where_it_listens() -> None:
    assert addresses("127.0.0.1") == addresses("localhost") == ("127.0.0.1",) and addresses("10.0.0.5") == ("10.0.0.5",)
    everywhere = addresses("0.0.0.0")
    assert everywhere and (everywhere == ("127.0.0.1",) or not any(map(is_loopback, everywhere)))
    assert version(("::1",)) == IPVersion.V6Only and version(("10.0.0.5",)) == IPVersion.V4Only


@pytest.mark.parametrize("name", ["mvae", "stage left", "Übung 3.2", "x" * 200, "ü" * 100, "...", ""])
def test_any_name_becomes_one_that_dns_takes_with_room_for_a_number(name: str) -> None:
    assert 0 < len(f"{label(name)}-16".encode()) <= LABEL_BYTES and "." not in label(name)
    host = host_label(name)
    assert 0 < len(host) <= LABEL_BYTES and host.isascii() and host.replace("-", "a").isalnum()


def test_nothing_is_read_before_its_sockets_are_kept_to_the_loopback() -> None:
    kept = []

    async def announce() -> None:
        loop = asyncio.get_running_loop()
        create = loop.create_datagram_endpoint

        async def reads(factory: Any, *, sock: socket.socket) -> Any:
            kept.append(sock.getsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, 16).strip(b"\0"))
            return await create(factory, sock=sock)

        loop.create_datagram_endpoint = reads  # type: ignore[method-assign,assignment]
        announcement = Announcement("mvae", "127.0.0.1", 7770, 7771)
        assert await announcement.start()
        await announcement.stop()

    with private():
        asyncio.run(announce())
    assert kept == [b"lo", b"lo"]


def test_what_came_before_a_socket_was_kept_to_the_loopback_is_thrown_away() -> None:
    with private(), udp() as listener, udp() as sender:
        listener.bind(("", 0))
        where = ("127.0.0.1", listener.getsockname()[1])
        sender.sendto(b"before", where)
        keep_to_loopback(listener)
        sender.sendto(b"after", where)
        assert listener.recv(16) == b"after"


def test_where_no_socket_can_be_kept_to_the_loopback_none_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mvae.live.zeroconf_names.sys.platform", "win32")
    monkeypatch.delattr("mvae.live.zeroconf_names.AsyncZeroconf")
    assert not asyncio.run(Announcement("mvae", "127.0.0.1", 7770, 7771).start())


def udp() -> socket.socket:
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
