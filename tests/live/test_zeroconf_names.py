"""Names and addresses as zeroconf takes them. The announcement itself is tested with real programs in test_open."""

import pytest
from zeroconf import IPVersion

from mvae.live.surface_door import is_loopback
from mvae.live.zeroconf_names import LABEL_BYTES, addresses, host_label, label, version


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
