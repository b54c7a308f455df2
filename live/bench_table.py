"""The record of a bench as a performer reads it: figures beside what they should be, and a verdict. Measures nothing."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Record = dict[str, Any]

ALLOWED_MS = 0.5  # of send lateness under load above the spinner's, at p99
BAR_MS, TRIO_BAR_MS = 2.5, 15.0  # of a decode, at the median: 5 ms a phrase of two bars; a bar of a trio
SPEEDUP, SHARE, LAUNCH_S, MEMORY_MB = 3.0, 0.99, 2.0, 400.0
Promises = Mapping[str, tuple[str, Callable[[Record], bool | None]]]  # what a figure should be, and whether it is; None: not measured
PROMISES: Promises = {
    "decode_ms": (f"p50 at most {BAR_MS:g} a bar, {TRIO_BAR_MS:g} of a trio", lambda record: all_within(record["decodes"])),
    "decode_speedup": (f"at least {SPEEDUP:g}", lambda record: at_least(record["decode_speedup"], SPEEDUP)),
    "send_lateness_loaded_ms": (f"p99 at most spinner_ms + {ALLOWED_MS} ms", lambda record: punctual(record)),
    "knob_to_note_ms": (f"{SHARE:.0%} of notes within the lead", lambda record: at_least(record["knob_to_note_ms"]["obeyed"], SHARE)),
    "first_note_s": (f"at most {LAUNCH_S:g}", lambda record: at_most(record["first_note_s"], LAUNCH_S)),
    "rss_mb": (f"at most {MEMORY_MB:g}", lambda record: at_most(record["rss_mb"], MEMORY_MB)),
    "late_phrases": ("0", lambda record: at_most(record["late_phrases"], 0)),
}
SPREADS = (
    "decode_ms", "decode_ms_torch", "send_lateness_ms", "spinner_calm_ms", "reference_calm_ms", "send_lateness_loaded_ms", "spinner_ms",
    "reference_ms", "knob_to_note_ms",
)  # fmt: skip
NUMBERS = ("first_note_s", "rss_mb", "rss_growth_mb", "late_phrases", "decode_speedup")
COLUMNS = ("p50", "p99", "max")
HELD = {True: "yes", False: "no", None: "not measured"}


def at_least(value: float | None, bound: float) -> bool | None:
    return None if value is None else value >= bound


def at_most(value: float | None, bound: float) -> bool | None:
    return None if value is None else value <= bound


def allowed_ms(bars: int, streams: int) -> float:
    """What a decode of so many bars may take: of one part, or of a trio together."""
    return bars * (BAR_MS if streams == 1 else TRIO_BAR_MS)


def all_within(decodes: Sequence[Record]) -> bool | None:
    """Whether every bundle decodes in the time allowed; None when one was not measured."""
    held = [row["holds"] for row in decodes]
    return None if not held or None in held else all(held)


def punctual(record: Record) -> bool | None:
    """Whether notes under load were sent as well as a process that does nothing else could have sent them; None when nothing was sent."""
    sent, spun = record["send_lateness_loaded_ms"], record["spinner_ms"]
    return bool(sent["p99"] <= spun["p99"] + ALLOWED_MS) if sent and spun else None


def promises(record: Record, wanted: Promises = PROMISES) -> dict[str, bool | None]:
    """Which promises hold here; None for those not measured."""
    return {key: holds(record) for key, (_, holds) in wanted.items()}


def table(record: Record) -> str:
    """Everything in a record, as lines."""
    machine, moves = record["machine"], record["knob_to_note_ms"]
    return "\n".join(
        [
            f"{machine['cpu']}, {machine['cores']} cores, {machine['system']}, load {machine['load']} before the start",
            f"{record['bundle']} ({record['bars']} bars) on {record['provider']}, onnxruntime {machine['onnxruntime']}",
            f"port: {record['port']}",
            "",
            row("", COLUMNS),
            *(row(key, spread(record[key]), promise(key, record)) for key in SPREADS),
            "",
            *decode_lines(record["decodes"]),
            "",
            *(row(key, [cell(record[key])], promise(key, record)) for key in NUMBERS),
            "",
            f"under load: {record['decodes_per_s']} decodes and {record['osc_messages_per_s']} OSC messages a second",
            f"{moves['moves']} moves: {moves['obeyed']:.2%} of the {moves['notes']} notes due {moves['lead_ms']:g} ms later obeyed",
            over_time(record["rss_over_time_mb"]),
            *record["remarks"],
            verdict(record),
        ]
    )


def promise(key: str, record: Record, wanted: Promises = PROMISES) -> str:
    """What a figure should be, and whether it is."""
    return f"{wanted[key][0]}: {HELD[record['promises'][key]]}" if key in wanted else ""


def decode_lines(decodes: Sequence[Record]) -> list[str]:
    """Each bundle's decodes in ms, beside the same weights in eager PyTorch."""
    lines = [row("decode, ms", (*COLUMNS, "PyTorch", "times"))]
    for one in decodes:
        torch = cell(one["torch_ms"]["p50"] if one["torch_ms"] else None)
        name = f"{one['bundle']}, {one['bars']} bar{'s' if one['bars'] > 1 else ''}"
        target = f"p50 at most {one['allowed_ms']:g}: {HELD[one['holds']]}"
        lines.append(row(name, [*spread(one["ms"]), torch, cell(one["speedup"])], target))
    return lines


def row(name: str, cells: Sequence[str], target: str = "") -> str:
    return f"{name:<26}{''.join(f'{text:>10}' for text in cells)}   {target}".rstrip()


def spread(figures: Mapping[str, float | None] | None) -> list[str]:
    """p50, p99 and max of what was measured."""
    return [cell(figures[column]) if figures else "null" for column in COLUMNS]


def cell(value: float | None) -> str:
    return "null" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)


def over_time(samples: Sequence[tuple[float, float]]) -> str:
    """Memory again and again, as a line."""
    if not samples:
        return "memory over time: not measured"
    return f"memory over {samples[-1][0]:g} s, MB: {' '.join(f'{mb:g}' for _, mb in samples)}"


def verdict(record: Record) -> str:
    """The promise of sending, held or not."""
    held = punctual(record)
    if held is None:
        return "verdict: nothing was sent"
    sent, spun = record["send_lateness_loaded_ms"], record["spinner_ms"]
    return f"verdict: send lateness under load, p99 {sent['p99']:.3f} ms <= spinner's {spun['p99']:.3f} ms + {ALLOWED_MS} ms: {HELD[held]}"
