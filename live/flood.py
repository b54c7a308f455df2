"""A flood of OSC from a process of its own, for measuring: the knobs of the music moving at 50 Hz, in more messages than any hand makes.

`python -m mvae.live.flood --patch P --osc PORT --rate HZ` says when it begins, sends until its stdin ends, and tells how much that was.
With `--mixed` three messages in ten are nothing that an instrument should be sent; with `--still` the knobs of the music rest, and others
are told where they stand. All datagrams are made before the first is sent. Knows nothing of the instrument but its patch and its OSC port.
"""

import argparse
import json
import math
import select
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Final

from mvae.core.panel import Positions, start
from mvae.core.patch import Knob, Patch
from mvae.core.patch_file import load_patch
from mvae.live.hand import knobs_of_music, single
from mvae.live.osc_codec import message
from mvae.live.rig import process

TURNS_HZ: Final = 50  # of the knobs
BURSTS: Final = 10  # in a turn
LOOP: Final = 4 * TURNS_HZ  # turns until all knobs stand where they began
ELSEWHERE: Final = ("tempo", "nudge", "temperature")  # knobs whose place is not the table's, but the patch's or the command's
PLAIN: Final = ("normalized",)
MIXED: Final = ("normalized", "own", "normalized", "unknown", "normalized", "own", "refused", "normalized", "malformed", "normalized")
NONSENSE: Final = {
    "unknown": message("/mvae/knob/nosuch", 0.5),
    "refused": message("/mvae/quantise", "never"),
    "malformed": b"/mvae/knob/x\0\0\0\0,z\0\0",
}


@dataclass(slots=True)
class Flood:
    """What was sent, known once it is over."""

    sent: int = 0
    seconds: float = 0.0


def turning(knobs: Sequence[Knob], turn: int) -> Iterator[tuple[bytes, bytes]]:
    """Where each knob is in a turn, in its travel and in its own unit: up and down, every knob at its own pace."""
    for number, knob in enumerate(knobs):
        travel = 0.5 + 0.5 * math.sin(2 * math.pi * turn * (1 + number % 3) / LOOP + number)
        value = knob.low + travel * (knob.high - knob.low)
        yield message(f"/mvae/knob/{knob.name}/normalized", travel), message(f"/mvae/knob/{knob.name}", value)


def resting(patch: Patch) -> list[tuple[bytes, bytes]]:
    """Knobs that are no hand's, told where they stand."""
    actions = patch.actions()
    standing: Positions = start(actions)
    hands = {knob.name for knob in knobs_of_music(patch)}
    names = [name for name, value in standing.knobs.items() if name not in hands and name not in ELSEWHERE and single(value) == value]
    return [(message(actions[name].address, standing.knobs[name]),) * 2 for name in names]


def waves(patch: Patch, rate: int, mixed: bool, still: bool) -> list[list[bytes]]:
    """The datagrams of each burst of a loop."""
    knobs, kinds = knobs_of_music(patch), cycle(MIXED if mixed else PLAIN)
    at_rest, bursts = resting(patch), list[list[bytes]]()
    for turn in range(LOOP):
        places = cycle(at_rest if still else turning(knobs, turn))
        for burst in range(BURSTS):
            number = turn * BURSTS + burst
            due = (number + 1) * rate // (TURNS_HZ * BURSTS) - number * rate // (TURNS_HZ * BURSTS)
            bursts.append([NONSENSE.get(kind) or next(places)[kind == "own"] for kind in islice(kinds, due)])
    return bursts


def pour(bursts: Sequence[Sequence[bytes]], osc_port: int) -> Flood:
    """Send until stdin ends."""
    flood, begin_s = Flood(), time.monotonic()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as osc:
        osc.connect(("127.0.0.1", osc_port))
        for number, datagrams in enumerate(cycle(bursts)):
            time.sleep(max(0.0, begin_s + number / (TURNS_HZ * BURSTS) - time.monotonic()))
            if number % BURSTS == 0 and select.select([sys.stdin], [], [], 0)[0]:
                break
            for datagram in datagrams:
                osc.send(datagram)
            flood.sent += len(datagrams)
    flood.seconds = time.monotonic() - begin_s
    return flood


@contextmanager
def flooding(patch: str, osc_port: int, rate: int, *options: str) -> Iterator[Flood]:
    """A flood that lasts as long as the block; what it gives is filled in when it is over."""
    flood = Flood()
    words = ("--patch", patch, "--osc", str(osc_port), "--rate", str(rate), *options)
    with process("mvae.live.flood", *words) as pouring:
        assert pouring.stdin and pouring.stdout
        pouring.stdout.readline()
        yield flood
        pouring.stdin.close()
        flood.sent, flood.seconds = json.loads(pouring.stdout.readline())


def main() -> int:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--patch", required=True)
    arguments.add_argument("--osc", type=int, required=True)
    arguments.add_argument("--rate", type=int, required=True)
    arguments.add_argument("--mixed", action="store_true")
    arguments.add_argument("--still", action="store_true")
    chosen = arguments.parse_args()
    bursts = waves(load_patch(chosen.patch), chosen.rate, chosen.mixed, chosen.still)
    print(json.dumps("begins"), flush=True)
    flood = pour(bursts, chosen.osc)
    print(json.dumps([flood.sent, flood.seconds]), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
