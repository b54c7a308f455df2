"""mvae from any Python, over OSC: turn its knobs, hear its notes. Needs python-osc and nothing of mvae: copy this file wherever you like.

    python mvae_osc.py            # start mvae-live first; walks the pad for 16 beats and prints every note
"""

import os
import random
import sys
import threading
from collections.abc import Callable

from pythonosc.dispatcher import Dispatcher
from pythonosc.osc_server import ThreadingOSCUDPServer
from pythonosc.udp_client import SimpleUDPClient

HOST, PORT = os.environ.get("MVAE_HOST", "127.0.0.1"), int(os.environ.get("MVAE_PORT", "7770"))


class Mvae:
    """An instrument that runs somewhere. `on_note(part, pitch, velocity, beat, duration)` is called for each note, on a thread."""

    def __init__(self, on_note: Callable[..., None] = print, host: str = HOST, port: int = PORT) -> None:
        self.beat = threading.Event()  # set at every beat
        self.client = SimpleUDPClient(host, port)
        dispatcher = Dispatcher()
        dispatcher.map("/mvae/note", lambda _, *note: on_note(*note))
        dispatcher.map("/mvae/beat", lambda *_: self.beat.set())
        dispatcher.map("/mvae/error", lambda _, *why: print("mvae:", *why, file=sys.stderr))
        self.server = ThreadingOSCUDPServer(("0.0.0.0" if host != "127.0.0.1" else host, 0), dispatcher)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.send("/mvae/subscribe", self.server.server_address[1])  # my host, at this port

    def send(self, address: str, *values: float | int | str) -> None:
        """Any address of the instrument: `send("/mvae/anchor/A/recall", 4.0)`."""
        self.client.send_message(address, list(values))

    def knob(self, name: str, value: float) -> None:
        """Turn a knob, in its own unit."""
        self.send(f"/mvae/knob/{name}", float(value))

    def pad(self, x: float, y: float) -> None:
        """Stand somewhere on the pad: A B above, C D below."""
        self.send("/mvae/xy", float(x), float(y))

    def wait(self, beats: int) -> None:
        """Return so many beats later."""
        for _ in range(beats):
            self.beat.clear()
            self.beat.wait()

    def close(self) -> None:
        """Be told no more."""
        self.send("/mvae/unsubscribe", self.server.server_address[1])
        self.server.shutdown()
        self.server.server_close()


def main() -> None:
    mvae = Mvae()
    mvae.send("/mvae/play")
    for _ in range(4):
        mvae.pad(random.random(), random.random())
        mvae.knob("density", random.uniform(-1, 2))
        mvae.wait(4)
    mvae.send("/mvae/fill", 1)
    mvae.wait(4)
    mvae.send("/mvae/stop")
    mvae.close()


if __name__ == "__main__":
    main()
