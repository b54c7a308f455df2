"""Two threads know of a port that has vanished: the watch that sees it, and the instrument that hears of it from the player."""

import threading
from pathlib import Path

from mvae.live import wire
from mvae.live.hotplug import PortWatch, There
from mvae.live.midi_ports import Port
from mvae.live.outlets import Outlets
from tests.live.hall import Hall


class Slow(dict[Port, bool]):
    """What has vanished, for a thread that is interrupted when it has looked."""

    def __init__(self, meanwhile: threading.Thread, *given: object) -> None:
        super().__init__(*given)  # type: ignore[arg-type]
        self.meanwhile = meanwhile

    def __contains__(self, home: object) -> bool:
        return self.interrupted(super().__contains__(home))

    def get(self, home: object, default: object = None) -> object:  # type: ignore[override]
        return self.interrupted(super().get(home, default))  # type: ignore[call-overload]

    def interrupted(self, answer: object) -> bool:
        if threading.current_thread() is threading.main_thread() and not self.meanwhile.ident:
            self.meanwhile.start()
            self.meanwhile.join(0.2)
        return answer  # type: ignore[return-value]


def test_a_port_that_is_open_again_just_when_the_watch_looks_is_no_longer_gone(tmp_path: Path) -> None:
    port = Port("JACK", "Synth:Synth")
    with Hall() as hall, PortWatch() as watch:
        hall.link.ports = {0: wire.Opened(0, port.name, port.api, False)}  # type: ignore[attr-defined]
        outlets = Outlets(hall.instrument, watch, "mvae")
        outlets.look(There())
        assert hall.link.sent[-1:] == [wire.Unplugged(0)]
        back = threading.Thread(target=outlets.hear, args=[hall.link.ports[0]])  # type: ignore[attr-defined]
        outlets._gone = Slow(back, outlets._gone)
        outlets.look(There((), (port,)))
        back.join()
        outlets.look(There())
        assert hall.link.sent[-1:] == [wire.Unplugged(0)], "it has vanished once more, and that is seen"
        outlets.close()
