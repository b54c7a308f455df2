"""Stands in for the instrument: drives a real player with made-up phrases until it is killed. Prints what happens, a JSON list a line.

Run as `python -P stand_in.py NAME TEMPO [BARS]`. Signals have their default effect here: the player alone must keep the stage silent.
"""

import json
import signal
import sys

from mvae.core.score import Due, Handoff
from mvae.live import wire
from mvae.live.player_link import PlayerLink

BAR = 16
DRONE_TICKS = 3800  # a note that sounds nearly the whole bar, so that a kill at any time finds one


def phrase(bar: int) -> Handoff:
    """A bar of four voices: two on every step, one early and one late, a third on beats, and a drone."""
    notes = [Due(9, bar * BAR, bar * 3840, bar * 3840 + DRONE_TICKS, 9, 30, 64)]
    for step in range(bar * BAR, (bar + 1) * BAR):
        notes += [Due(voice, step, step * 240 + at, step * 240 + at + 150, 9, 40 + voice, 100) for voice, at in ((0, -30), (1, 25))]
        if step % 4 == 0:
            notes.append(Due(2, step, step * 240, step * 240 + 700, 9, 42, 110))
    return Handoff(0, bar, bar * BAR, BAR, bar * BAR, tuple(notes))


def tell(*words: object) -> None:
    print(json.dumps(words), flush=True)


def main(name: str, tempo_bpm: float, bars: int | None) -> None:
    with PlayerLink(None, name, tempo_bpm) as link:
        tell("ready", link.port, link.pid)
        sys.stdin.readline()  # a listener has connected
        link.send(wire.Play(0, (phrase(0), phrase(1))))
        if bars is not None:
            link.send(wire.Stop(bars * BAR))
        while True:
            messages = link.wait(0.05)
            for message in messages:
                if not isinstance(message, wire.Ready):
                    tell(type(message).__name__, *message)
                if isinstance(message, wire.Died):
                    tell("ready", link.port, link.pid)
            tell("peers", *link.peers)
            if any(isinstance(message, wire.Stopped) for message in messages):
                break
            status = link.status()
            part = status.part(0)
            if part is not None and part.next_step > part.end_step - BAR:
                link.send(phrase(part.end_step // BAR))
        tell("lateness_us", link.lateness_us(0.5), link.lateness_us(0.99), link.status().worst_lateness_s * 1e6)


if __name__ == "__main__":
    for kind in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(kind, signal.SIG_DFL)  # whoever runs the tests may have them ignored, as nohup does, and a shell that does not wait
    signal.signal(signal.SIGINT, signal.default_int_handler)
    main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else None)
