"""Two threads know of a port that has vanished: the watch that sees it, and the instrument that hears of it from the player."""

import threading
import time
from typing import Any

import pytest

from mvae.live import hotplug, outlets, wire
from mvae.live.hotplug import PortWatch, There
from mvae.live.midi_ports import Port
from mvae.live.outlets import Outlets
from tests.live.hall import Hall

MEANWHILE_S = 0.2


def test_a_port_that_is_open_again_just_when_the_watch_looks_is_no_longer_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    port = Port("JACK", "Synth:Synth")
    with Hall() as hall, PortWatch() as watch:
        opened = wire.Opened(0, port.name, port.api, False)
        hall.link.ports = {0: opened}  # type: ignore[attr-defined]
        heard = Outlets(hall.instrument, watch, "mvae")
        heard.look(There())
        assert hall.link.sent[-1:] == [wire.Unplugged(0)]
        back = threading.Thread(target=heard.hear, args=[opened])

        def found_again(*given: Any) -> Port | None:
            back.start()
            back.join(MEANWHILE_S)  # as far as it comes
            return hotplug.found_again(*given)

        monkeypatch.setattr(outlets, "found_again", found_again)
        heard.look(There((), (port,)))
        back.join()
        heard.look(There())
        assert hall.link.sent[-1:] == [wire.Unplugged(0)], "it has vanished once more, and that is seen"
        heard.close()


def test_a_port_that_is_known_to_be_gone_is_opened_at_the_first_look_that_finds_it() -> None:
    port = Port("JACK", "Synth:Synth")
    with Hall() as hall, PortWatch() as watch:
        hall.link.ports = {0: wire.Opened(0, port.name, port.api, False)}  # type: ignore[attr-defined]
        heard = Outlets(hall.instrument, watch, "mvae")
        heard.look(There((), (port,)))
        heard.look(There())
        heard.look(There((), (port,), {port.name: time.monotonic()}))
        assert hall.link.sent[-2:] == [wire.Unplugged(0), wire.Plugged(0, port.name)]
        heard.close()
