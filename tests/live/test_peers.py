"""Reading who is connected to a port from what the commands of JACK and ALSA print."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mvae.live import peers
from mvae.live.midi_ports import open_output
from mvae.live.peers import AlsaCommands, JackCommands, JackPackage, Patchbay, aconnect_peers, jack_lsp_peers, patchbay
from tests.live.jack import listener, server, wait_until
from tests.parts import need

JACK_LSP = """system:capture_1
mvae:mvae
   Pure Data:midi in 1
   synth:in
lonely:out
"""
ACONNECT = """client 0: 'System' [type=kernel]
    0 'Timer           '
client 128: 'mvae' [type=user,pid=4711]
    0 'mvae            '
\tConnecting To: 129:0, 130:2[real:0]
    1 'other           '
client 129: 'Synth' [type=user,pid=4712]
    0 'in              '
\tConnected From: 128:0
"""


def test_jack_lsp_names_the_peers_below_the_port() -> None:
    assert jack_lsp_peers(JACK_LSP, "mvae:mvae") == ("Pure Data:midi in 1", "synth:in")
    assert jack_lsp_peers(JACK_LSP, "lonely:out") == ()
    assert jack_lsp_peers(JACK_LSP, "mvae:gone") is None


def test_aconnect_names_the_addresses_a_port_connects_to() -> None:
    assert aconnect_peers(ACONNECT, "128:0") == ("129:0", "130:2")
    assert aconnect_peers(ACONNECT, "128:1") == ()
    assert aconnect_peers(ACONNECT, "129:0") == ()
    assert aconnect_peers(ACONNECT, "131:0") is None


def test_an_alsa_port_is_connected_by_its_address(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    record = tmp_path / "record"
    command = tmp_path / "aconnect"
    command.write_text(f'#!/bin/sh\necho "$@" >> {record}\n[ "$1" = -l ] && cat <<\'.\'\n{ACONNECT}.\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    bay = patchbay("ALSA")
    assert isinstance(bay, AlsaCommands)
    assert bay.peers("mvae:mvae 128:0") == ("129:0", "130:2")
    bay.connect("mvae:mvae 133:0", "129:0")
    assert record.read_text() == "-l\n133:0 129:0\n"


def test_where_there_is_no_way_there_is_no_patchbay(monkeypatch: pytest.MonkeyPatch) -> None:
    assert patchbay("CoreMIDI") is None
    monkeypatch.setattr(peers, "jack_package", lambda: None)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert patchbay("JACK") is None and patchbay("ALSA") is None


def ways() -> list[Patchbay]:
    package = peers.jack_package()
    return [JackCommands(), *([JackPackage(package)] if package else [])]


def test_both_ways_to_jack_see_and_make_the_same_connections(jack_server: str) -> None:
    for bay in ways():
        with listener("first") as first, listener("second") as second:
            out = open_output(None, "mvae-test")
            assert bay.peers(out.port) == ()
            assert bay.connect(out.port, first.port)
            assert bay.connect(out.port, second.port)
            assert wait_until(lambda bay=bay, out=out: sorted(bay.peers(out.port) or ()) == ["first:in", "second:in"], 2)
            assert not bay.connect(out.port, "nobody:in")
            out.close()
            assert wait_until(lambda bay=bay, out=out: bay.peers(out.port) is None, 2)


def test_a_server_that_has_gone_leaves_the_peers_unknown() -> None:
    with server():
        found = ways()
        assert [bay.peers("nobody:out") for bay in found] == [None] * len(found)
    assert [bay.peers("nobody:out") for bay in found] == [None] * len(found)


def test_clients_outlive_their_server_and_its_successor_is_found() -> None:
    """In a process of its own: what goes wrong here ends a process."""
    need("the JACK-Client package", peers.jack_package() is not None, "pip install JACK-Client, and the library of JACK")
    subprocess.run([sys.executable, "-m", "tests.live.jack_gone"], check=True, timeout=60)
