"""A hand in a process of its own, for measuring: it turns the knobs at random times, or floods the OSC port.

`python -m mvae.live.hand moves` says where it can be heard, waits for a line on stdin, and then tells each move with the time just before
it was sent; half of the moves are CCs, half OSC. `python -m mvae.live.hand flood` sends 2,000 messages a second that move the knobs at
50 Hz. Knows nothing of the instrument but its patch and its OSC port.
"""

import argparse
import json
import math
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
TURNS_HZ: Final = 50  # of a flood's knobs
MESSAGES_HZ: Final = 2000
BURSTS: Final = 10  # in a turn
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


def flood(patch: Patch, seconds: float, osc_port: int) -> int:
    """2,000 messages a second in small bursts, all knobs of the music moving at 50 Hz; how many were sent."""
    knobs, sent = knobs_of_music(patch), 0
    each = MESSAGES_HZ // (TURNS_HZ * BURSTS)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as osc:
        begin_s = time.monotonic()
        for burst in range(int(seconds * TURNS_HZ * BURSTS)):
            time.sleep(max(0.0, begin_s + burst / (TURNS_HZ * BURSTS) - time.monotonic()))
            turn = burst // BURSTS
            for _ in range(each):
                which = sent % len(knobs)
                travel = 0.5 + 0.5 * math.sin(turn / TURNS_HZ * (1 + which / 3) + which)
                osc.sendto(message(f"/mvae/knob/{knobs[which].name}/normalized", travel), ("127.0.0.1", osc_port))
                sent += 1
    return sent


def tell(*words: object) -> None:
    print(json.dumps(words), flush=True)


def main() -> int:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("what", choices=("moves", "flood"))
    arguments.add_argument("--patch", required=True)
    arguments.add_argument("--osc", type=int, required=True)
    arguments.add_argument("--count", type=int, default=0)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--seconds", type=float, default=1.0)
    arguments.add_argument("--name", default="mvae-hand")
    chosen = arguments.parse_args()
    patch = load_patch(chosen.patch)
    if chosen.what == "flood":
        tell("begins")
        tell(flood(patch, chosen.seconds, chosen.osc))
        return 0
    out = open_output(None, chosen.name)
    tell("port", out.port)
    sys.stdin.readline()
    for made in move(patch, chosen.count, chosen.seed, chosen.osc, out):
        tell(made.at_s, made.way, made.knob, made.value)
    out.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
