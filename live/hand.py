"""A hand in a process of its own, for measuring: it turns the knobs at random times.

`python -m mvae.live.hand` says where it can be heard, waits for a line on stdin, and then tells each move with the time just before it
was sent; half of the moves are CCs, half OSC. Knows nothing of the instrument but its patch and its OSC port.
"""

import argparse
import json
import random
import socket
import struct
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from mvae.core.actions import COUNTS
from mvae.core.patch import Knob, Patch
from mvae.core.patch_file import load_patch
from mvae.live.midi_ports import open_output
from mvae.live.osc_codec import message
from mvae.live.output import Output, control

SHORTEST_S: Final = 0.030  # between two moves
MEAN_S: Final = 0.100
FARTHER: Final = 12  # counts between two positions of a knob: well outside the deadband
PAD: Final = ("x", "y", "morph")
Way = Literal["cc", "osc"]
WAYS: Final[tuple[Way, Way]] = ("osc", "cc")


@dataclass(frozen=True, slots=True)
class Move:
    """One knob turned once, in normalized travel by OSC or as a 7-bit count by CC. `at_s` is monotonic."""

    at_s: float
    way: Way
    knob: str
    value: float


def knobs_of_music(patch: Patch) -> list[Knob]:
    """The knobs that say where in the latent space we are, those with a CC."""
    return [knob for knob in patch.knobs if (knob.name in PAD or knob.axis is not None) and knob.cc is not None]


def travels(patch: Patch, count: int, seed: int) -> Iterator[tuple[float, Way, Knob, int]]:
    """Random moves: the pause before each in seconds, how it is made, and a knob's new position in 7-bit counts."""
    draw, knobs = random.Random(seed), knobs_of_music(patch)
    stands = {(way, knob.name): COUNTS // 2 for way in WAYS for knob in knobs}
    for turn in range(count):
        knob = draw.choice(knobs)
        near = [stands[way, knob.name] for way in WAYS]  # a pot near where it stood is noise, wherever OSC has taken the knob since
        position = draw.choice([c for c in range(COUNTS + 1) if all(abs(c - stood) >= FARTHER for stood in near)])
        stands[WAYS[turn % 2], knob.name] = position
        yield SHORTEST_S + draw.expovariate(1 / (MEAN_S - SHORTEST_S)), WAYS[turn % 2], knob, position


def single(value: float) -> float:
    """What becomes of a number in an OSC message: float32."""
    number: float = struct.unpack("f", struct.pack("f", value))[0]
    return number


def move(patch: Patch, count: int, seed: int, osc_port: int, out: Output) -> Iterator[Move]:
    """Make the moves, each when its time has come. A CC without a port to go out on is told only: whoever reads it must turn the knob."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as osc:
        due_s = time.monotonic()
        for pause_s, way, knob, position in travels(patch, count, seed):
            due_s += pause_s
            time.sleep(max(0.0, due_s - time.monotonic()))
            if way == "cc":
                bytes_ = control(knob.channel or 0, knob.cc or 0, position)
                made = Move(time.monotonic(), way, knob.name, position)
                out.send(bytes_)
            else:
                travel = single(position / COUNTS)
                datagram = message(f"/mvae/knob/{knob.name}/normalized", travel)
                made = Move(time.monotonic(), way, knob.name, travel)
                osc.sendto(datagram, ("127.0.0.1", osc_port))
            due_s = max(due_s, made.at_s)  # a hand that was held up does not hurry
            yield made


def tell(*words: object) -> None:
    print(json.dumps(words), flush=True)


def main() -> int:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--patch", required=True)
    arguments.add_argument("--osc", type=int, required=True)
    arguments.add_argument("--count", type=int, required=True)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--name", default="mvae-hand")
    chosen = arguments.parse_args()
    patch = load_patch(chosen.patch)
    out = open_output(None, chosen.name)
    tell("port", out.port)
    sys.stdin.readline()
    for made in move(patch, chosen.count, chosen.seed, chosen.osc, out):
        tell(made.at_s, made.way, made.knob, made.value)
    out.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
