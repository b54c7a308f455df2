"""`mvae-live bench --sync midi|link`: how far from a master's beat notes are heard, steady and after a jump of 20 BPM, beside a spinner.

The master and whoever hears the notes are processes of their own. A message takes a while through the MIDI system: how long is measured
with a bare sender in the same run and taken off, once for each port on the way, so that what is left is the instrument's.
"""

import argparse
import json
import subprocess
import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

from mvae.core.errors import UserError
from mvae.core.phrase import BEATS_PER_BAR, TICKS_PER_BEAT
from mvae.live import spinner, wire
from mvae.live.bench_table import Record
from mvae.live.feedback import Feedback
from mvae.live.gauges import quantile
from mvae.live.machine import describe
from mvae.live.rig import Witness, free_port, process, rig
from mvae.live.sync_link import DISCOVERY_S, open_link

FROM_BPM, TO_BPM = 120, 140
ALLOWED_MS: Final = 2.0  # above the spinner's, at p99
DESK: Final = "mvae-desk"
PORTS: Final = {"midi": 2, "link": 1}  # that a beat and its note pass through
PATIENCE_S: Final = 10.0
Line = list[tuple[float, float]]  # (beat of the song, when it was)


class Order(Witness):
    """A witness that remembers the tick of every note-on in order, and how the master is heard."""

    def __init__(self, feedback: Feedback):
        super().__init__(feedback)
        self.ticks: list[int] = []
        self.sync: wire.Sync | None = None

    def hear(self, message: wire.Up) -> None:
        if isinstance(message, wire.Sent) and message.on:
            self.ticks.append(message.tick)
        elif isinstance(message, wire.Sync):
            self.sync = message
        super().hear(message)


def bench_sync(chosen: argparse.Namespace) -> int:
    """The command `mvae-live bench --sync`. UserError where there is no MIDI system, or no Link."""
    if chosen.sync == "link":
        nobody_there()
    with TemporaryDirectory(prefix="mvae-bench-") as folder:
        record = {"machine": describe(), **measure(chosen.sync, chosen.patch, Path(folder), chosen.seconds)}
    print(json.dumps(record, indent=1) if chosen.json else table(record))
    return 0


def nobody_there() -> None:
    """The bench changes the tempo of its session: UserError where somebody else is in it."""
    peer = open_link(FROM_BPM)
    time.sleep(DISCOVERY_S + 0.5)
    others = peer.numPeers()
    peer.enabled = False
    if others:
        raise UserError(f"bench --sync link: this would change the tempo of {others} other peers of a Link session; end them first")


def measure(sync: str, patch: str, folder: Path, seconds: float) -> Record:
    """Half of the time at one tempo, half at another."""
    beats = seconds / 2 * FROM_BPM / 60, seconds / 2 * TO_BPM / 60
    clock = [f"play:4@{FROM_BPM}", "start", f"play:{beats[0]:g}@{FROM_BPM}", f"play:{beats[1]:g}@{TO_BPM}", "stop", f"play:1@{TO_BPM}"]
    session = ["wait:1", "start", f"wait:{seconds / 2 + 2:g}", f"tempo:{TO_BPM}", f"wait:{seconds / 2:g}", "stop", "wait:0.5"]
    words = ["--start", "armed", "--sync", sync, *(["--clock-port", DESK] if sync == "midi" else [])]
    with process("mvae.live.metronome", "midi", DESK, *clock) as desk, process(
        "mvae.live.metronome", "link", str(FROM_BPM), *session
    ) if sync == "link" else nothing() as peer:
        says(desk)
        if peer:
            says(peer)  # its session is there, and older than the instrument's: the tempo of the older one holds
        with rig(patch, folder, free_port(), words=words) as playing, ear(DESK) as desk_ear:
            player = playing.instrument.player
            if not player.port:
                raise UserError(f"bench --sync: {player.remark}: notes are to be heard")
            order = playing.instrument.feedback = Order(playing.instrument.feedback)
            with ear(player.port) as note_ear:
                spinning = spinner.start(seconds + 2)
                if peer:
                    playing.wait(lambda: player.status().clock.bpm == FROM_BPM, PATIENCE_S)
                    go(peer)
                go(desk)
                due = says(desk)
                line, jump = song_of_session(says(peer)) if peer else song_of_clock(due)
                spun = [us / 1000 for us in spinner.lateness_us(spinning)]
                playing.pause(0.2)
                heard = [at_s for at_s, message in closes(note_ear) if message.startswith("9") and message[4:] != "00"]
            bare = closes(desk_ear)
    if len(heard) != len(order.ticks):
        raise UserError(f"bench --sync: {len(order.ticks)} notes were sent, {len(heard)} heard: the MIDI system loses some; try again")
    return summed_up(sync, delays(due, bare), list(zip(heard, order.ticks, strict=True)), line, jump, spun)


def summed_up(
    sync: str, port_ms: Sequence[float], notes: Sequence[tuple[float, int]], line: Line, jump_beat: float, spun: Sequence[float]
) -> Record:
    """The figures, in ms. A bar after the jump the instrument is to be in phase again."""
    delay_ms = median(port_ms)
    timed = [(tick / TICKS_PER_BEAT, 1000 * (at_s - time_of(line, tick / TICKS_PER_BEAT)) - PORTS[sync] * delay_ms) for at_s, tick in notes]
    steady = [ms for beat, ms in timed if beat < jump_beat]
    jumped = [ms for beat, ms in timed if beat >= jump_beat + BEATS_PER_BAR]
    if not steady or not jumped:
        raise UserError("bench --sync: too few notes were heard; give more --seconds, or another patch")
    record: Record = {
        "sync": sync,
        "notes": len(timed),
        "note_time_ms": spread(steady + jumped),
        "steady_ms": spread(steady),
        "after_jump_ms": spread(jumped),
        "offset_ms": round(median(steady + jumped), 3),
        "port_delay_ms": {**spread([ms - delay_ms for ms in port_ms]), "median": round(delay_ms, 3)},
        "spinner_ms": spread(spun),
    }
    record["held"] = record["note_time_ms"]["p99"] <= record["spinner_ms"]["p99"] + ALLOWED_MS
    return record


def spread(values: Sequence[float]) -> dict[str, float | int]:
    """p50, p99 and max of how far off, either way."""
    ordered = sorted(map(abs, values))
    p50, p99, largest = (round(value, 3) for value in (quantile(ordered, 0.5), quantile(ordered, 0.99), ordered[-1]))
    return {"p50": p50, "p99": p99, "max": largest, "n": len(ordered)}


def delays(due: Sequence[tuple[float, str]], heard: Sequence[tuple[float, str]]) -> list[float]:
    """How long the clocks of a bare sender took, in ms: each against the one that was due last before it came."""
    clocks = [at_s for at_s, message in due if message == "f8"]
    came = [at_s for at_s, message in heard if message == "f8" and at_s >= clocks[0]]
    return [1000 * (at_s - clocks[bisect_left(clocks, at_s) - 1]) for at_s in came]


def song_of_clock(due: Sequence[tuple[float, str]]) -> tuple[Line, float]:
    """The song as the master of MIDI clock played it, and the beat of its jump."""
    begin, end = (next(place for place, (_, message) in enumerate(due) if message == wanted) for wanted in ("fa", "fc"))
    line = [(number / 24, at_s) for number, (at_s, _) in enumerate(due[begin + 1 : end])]
    period_s = line[1][1] - line[0][1]
    jump = next(beat for (beat, at_s), (_, next_s) in pairwise(line) if next_s - at_s < 0.95 * period_s)
    return line, jump


def song_of_session(samples: Sequence[tuple[float, float, float, int]]) -> tuple[Line, float]:
    """The song of a Link session, whose beats are its own, and the beat of its jump."""
    return [(beat, at_s) for at_s, beat, _, _ in samples], next(beat for _, beat, bpm, _ in samples if bpm == TO_BPM)


def time_of(line: Line, beat: float) -> float:
    """When a beat was, between or beyond those that are known."""
    after = min(max(1, bisect_left(line, (beat, 0.0))), len(line) - 1)
    (beat_0, at_0), (beat_1, at_1) = line[after - 1], line[after]
    return at_0 + (beat - beat_0) / (beat_1 - beat_0) * (at_1 - at_0)


@contextmanager
def nothing() -> Iterator[None]:
    yield None


@contextmanager
def ear(port: str) -> Iterator["subprocess.Popen[str]"]:
    """A process that hears a port."""
    with process("mvae.live.ear", port) as listening:
        says(listening)
        yield listening


def says(process_: "subprocess.Popen[str]") -> Any:
    """The next line of a process. UserError where it has ended instead: it has told why."""
    assert process_.stdout
    line = process_.stdout.readline()
    if not line:
        raise UserError("bench --sync: a clock did not start; see the lines above")
    return json.loads(line)


def go(process_: "subprocess.Popen[str]") -> None:
    assert process_.stdin
    process_.stdin.write("\n")
    process_.stdin.flush()


def closes(listening: "subprocess.Popen[str]") -> list[tuple[float, str]]:
    """End an ear, and what it has heard."""
    assert listening.stdin
    listening.stdin.close()
    heard: list[tuple[float, str]] = says(listening)
    return heard


def table(record: Record) -> str:
    """Everything in a record, as lines."""
    rows = [f"{'':<16}{'p50':>10}{'p99':>10}{'max':>10}"]
    for key in ("note_time_ms", "steady_ms", "after_jump_ms", "port_delay_ms", "spinner_ms"):
        rows.append(f"{key:<16}{record[key]['p50']:>10.3f}{record[key]['p99']:>10.3f}{record[key]['max']:>10.3f}")
    held, delay_ms = "yes" if record["held"] else "no", record["port_delay_ms"]["median"]
    return "\n".join(
        [
            f"{record['notes']} notes against the beat of {record['sync']}, {FROM_BPM} and then {TO_BPM} BPM, ms",
            *rows,
            f"less {delay_ms:.3f} ms for each of {PORTS[record['sync']]} ports on the way; median {record['offset_ms']:.3f}",
            f"verdict: p99 {record['note_time_ms']['p99']:.3f} <= spinner's {record['spinner_ms']['p99']:.3f} + {ALLOWED_MS} ms: {held}",
        ]
    )
