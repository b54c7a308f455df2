"""`mvae-live bench`: measures the promises on this machine, with the real instrument, and prints a table or JSON.

Every figure of sending stands beside a do-nothing spinner's and a bare sender's of the same seconds, for no machine is ever quite still.
Knows how to sum up; the measuring lies in `hops`, `sending`, `moves` and `launch`, the table in `bench_table`.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from mvae.live.bench_table import Record, allowed_ms, at_most, promises, table
from mvae.live.gauges import quantile
from mvae.live.hops import Decoding, Hops, measure_hops
from mvae.live.launch import first_note_s
from mvae.live.machine import describe
from mvae.live.moves import knob_to_note
from mvae.live.oracle import Obedience
from mvae.live.sending import Sending, measure_sending

LAUNCHES = 3


def bench(chosen: argparse.Namespace) -> int:
    """The command `mvae-live bench`."""
    machine, hops = describe(), measure_hops(chosen.patch)
    with TemporaryDirectory(prefix="mvae-bench-") as folder:
        tell(f"sending: {chosen.seconds:g} s calm and {chosen.seconds:g} s loaded, in turns")
        sending = measure_sending(chosen.patch, chosen.seconds)
        tell(f"knob to note: {chosen.moves} moves")
        by_lead, _ = knob_to_note(chosen.patch, Path(folder), chosen.moves)
        tell(f"first note: {LAUNCHES} launches")
        launches = [first_note_s(chosen.patch) for _ in range(LAUNCHES)]
    record = record_of(machine, chosen.patch, hops, sending, by_lead, launches)
    print(json.dumps(record, indent=1) if chosen.json else table(record))
    return 0


def tell(doing: str) -> None:
    """What is being measured now: to stderr, so that stdout is the record alone."""
    print(f"mvae-live bench: {doing}", file=sys.stderr, flush=True)


def figures(values: Iterable[float]) -> Record | None:
    """p50, p99, max and count; None of nothing."""
    ordered = sorted(values)
    if not ordered:
        return None
    p50, p99, largest = (round(value, 3) for value in (quantile(ordered, 0.5), quantile(ordered, 0.99), ordered[-1]))
    return {"p50": p50, "p99": p99, "max": largest, "n": len(ordered)}


def record_of(
    machine: Mapping[str, Any], patch: str, hops: Hops, sending: Sending, moves: Obedience, launches: Sequence[tuple[float, float | None]]
) -> Record:
    """All figures under their keys; ms, s and MB by name."""
    decode, torch = figures(hops.times["decode"]), figures(hops.torch)
    memory = [mb for _, mb in launches if mb is not None]
    record: Record = {
        "machine": dict(machine), "patch": patch, "bundle": hops.bundle, "bars": hops.bars, "provider": hops.provider, "port": sending.port,
        "decode_ms": decode,
        "decode_ms_torch": torch,
        "decode_speedup": speedup(decode, torch),
        "decodes": [decode_row(one) for one in hops.decodings],
        "hops_ms": {hop: figures(times) for hop, times in hops.times.items()},
        "send_lateness_ms": figures(sending.calm.notes),
        "spinner_calm_ms": figures(sending.calm.spinner),
        "reference_calm_ms": figures(sending.calm.sender),
        "send_lateness_loaded_ms": figures(sending.loaded.notes),
        "spinner_ms": figures(sending.loaded.spinner),
        "reference_ms": figures(sending.loaded.sender),
        "late_phrases": sending.load.late_phrases,
        "decodes_per_s": rate(sending.load.decodes, sending.load.seconds),
        "osc_messages_per_s": rate(sending.load.osc_messages, sending.load.seconds),
        "knob_to_note_ms": obedience(moves),
        "first_note_s": round(median(first_s for first_s, _ in launches), 3),
        "rss_mb": round(max(memory), 1) if memory else None,
        "rss_growth_mb": sending.memory.growth_mb,
        "rss_over_time_mb": sending.memory.samples,
    }  # fmt: skip
    record["promises"] = promises(record)
    record["remarks"] = remarks(hops, record)
    return record


def speedup(decode: Record | None, torch: Record | None) -> float | None:
    """How much faster than PyTorch, by the medians."""
    return round(torch["p50"] / decode["p50"], 2) if torch and decode else None


def decode_row(one: Decoding) -> Record:
    """What a bundle's decodes cost, and whether the median is within what is allowed."""
    ms, torch_ms, most = figures(one.ms), figures(one.torch_ms), allowed_ms(one.bars, one.streams)
    return {
        "bundle": one.bundle, "bars": one.bars, "streams": one.streams, "ms": ms, "torch_ms": torch_ms, "speedup": speedup(ms, torch_ms),
        "allowed_ms": most, "holds": at_most(ms["p50"] if ms else None, most),
    }  # fmt: skip


def rate(count: int, seconds: float) -> float:
    return round(count / seconds, 1) if seconds else 0.0


def obedience(moves: Obedience) -> Record:
    """Latencies of all moves and of each way, and the share of notes that obeyed."""
    record = figures(latency for _, latency in moves.latencies_ms) or {"p50": None, "p99": None, "max": None, "n": 0}
    ways = {way: figures(latency for by, latency in moves.latencies_ms if by == way) for way in ("cc", "osc")}
    return {
        **record, "obeyed": round(moves.share, 4), "notes": moves.notes, "moves": moves.moves, "overtaken": moves.overtaken,
        "lead_ms": moves.lead_ms, "by": ways,
    }  # fmt: skip


def remarks(hops: Hops, record: Record) -> list[str]:
    """What is missing, and why."""
    found = [f"decode_ms_torch is null: {hops.no_torch}"] if hops.no_torch else []
    if record["rss_mb"] is None:
        found.append("rss_mb is null: this system does not tell the memory of a process without what it shares")
    return found
