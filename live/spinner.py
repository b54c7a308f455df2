"""A do-nothing process that is as punctual as this machine lets a Python process be: what the player's lateness is judged against.

It waits as the player does, for a deadline 48 times a second, and writes down how late it was; with a port it also sends a note then, as
bare as can be (the reference sender). Runs as `python -m mvae.live.spinner SECONDS [NAME]`. Knows nothing of the player.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Final

from mvae.live.midi_ports import open_output
from mvae.live.output import note_off, note_on
from mvae.live.punctual import SPIN_S, USUAL, claim, preferred

PERIOD_S: Final = 1 / 48  # a MIDI clock at 120 BPM


def start(seconds: float, port_name: str | None = None) -> "subprocess.Popen[str]":
    """A spinner beside whatever else runs, sending notes on a virtual port of its own if that is named."""
    command = [sys.executable, "-P", "-m", "mvae.live.spinner", str(seconds), *([port_name] if port_name else [])]
    with preferred(USUAL):
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)


def lateness_us(process: "subprocess.Popen[str]") -> list[int]:
    """Wait for a spinner to end: the lateness of every deadline in microseconds, in order of time."""
    output, _ = process.communicate()
    late: list[int] = json.loads(output)
    return late


def spin(seconds: float, act: Callable[[int], object]) -> list[int]:
    """Call `act` with a count at every deadline for so long, and give how late each call was over, in microseconds."""
    now_s, begin_s = time.monotonic, time.monotonic() + PERIOD_S
    late = []
    for count in range(int(seconds / PERIOD_S)):
        deadline_s = begin_s + count * PERIOD_S
        time.sleep(max(0.0, deadline_s - SPIN_S - now_s()))
        while now_s() < deadline_s:
            pass
        act(count)
        late.append(round((now_s() - deadline_s) * 1e6))
    return late


def main(seconds: float, port_name: str | None) -> None:
    out = open_output(None, port_name) if port_name else None
    claim()
    notes = note_on(9, 36, 1), note_off(9, 36)
    late = spin(seconds, (lambda count: out.send(notes[count % 2])) if out else (lambda _: None))
    if out:
        out.close()
    print(json.dumps(late))


if __name__ == "__main__":
    main(float(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None)
