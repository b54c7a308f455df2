"""Listeners of virtual ports that come and go: by a patchbay that a test turns by hand, and by real ones under JACK."""

from mvae.live import wire
from mvae.live.connections import Connections
from mvae.live.player_link import PlayerLink
from tests.live.jack import wait_until
from tests.live.test_outlets import Synth
from tests.live.test_player_link import phrase

PORT = wire.Opened(0, "mvae:mvae", "JACK", True)
PATIENCE_S = 20.0


class Bay:
    """A patchbay: which ports there are, and who listens to ours."""

    def __init__(self, *ports: str) -> None:
        self.there, self.plugged = {PORT.port, *ports}, set(ports)

    def peers(self, port: str) -> tuple[str, ...] | None:
        if port not in self.there:
            return None
        return tuple(sorted(self.plugged & self.there)) if port == PORT.port else ()

    def connect(self, port: str, peer: str) -> bool:
        self.plugged.add(peer)
        return peer in self.there

    def close(self) -> None:
        """Nothing is open."""

    def unplug(self, peer: str) -> None:
        self.there.discard(peer)
        self.plugged.discard(peer)


def test_a_listener_that_vanished_is_connected_again_once_when_it_is_back() -> None:
    bay = Bay("synth", "other")
    connections = Connections(bay)
    assert connections.look([PORT]) == [] and connections.peers(0) == ("other", "synth")
    bay.unplug("synth")
    assert connections.look([PORT]) == [] and connections.peers(0) == ("other",)
    bay.there.add("synth")
    assert connections.look([PORT]) == [0] and set(connections.peers(0)) == {"other", "synth"}
    assert connections.look([PORT]) == []


def test_a_listener_that_somebody_disconnected_stays_so() -> None:
    bay = Bay("synth")
    connections = Connections(bay)
    connections.look([PORT])
    bay.plugged.clear()
    for _ in range(2):
        assert connections.look([PORT]) == [] and connections.peers(0) == ()


def test_a_port_that_is_gone_keeps_its_listeners_and_a_named_one_has_none() -> None:
    bay = Bay("synth")
    connections = Connections(bay)
    connections.look([PORT])
    bay.there.discard(PORT.port)
    assert connections.look([PORT]) == [] and connections.peers(0) == ("synth",)
    assert connections.look([PORT._replace(slot=1, virtual=False)]) == [] and connections.peers(1) == ()


def test_a_synth_that_was_connected_to_the_virtual_port_is_connected_again_and_nothing_is_left_sounding(jack_server: str) -> None:
    synth = Synth("Gamma")
    with PlayerLink(None, "mvae-plug", 240.0) as link:
        bay = link._connections
        assert bay is not None and wait_until(lambda: bay.connect(link.port, "Gamma:Gamma"), PATIENCE_S)
        assert wait_until(lambda: link.peers == ("Gamma:Gamma",), PATIENCE_S)
        link.send(wire.Play(0, (phrase(),)))
        synth.more()
        assert wait_until(lambda: bool(synth.sounding()), PATIENCE_S)
        synth.unplug()
        assert wait_until(lambda: link.peers == (), PATIENCE_S)
        link.send(wire.Stop(wire.STOP_NOW))
        synth.plug()
        assert wait_until(lambda: link.peers == ("Gamma:Gamma",), PATIENCE_S)
        assert wait_until(lambda: not synth.sounding(), PATIENCE_S), synth.sounding()
    synth.unplug()
