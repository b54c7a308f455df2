"""The record of a bench as a performer reads it: figures beside what they should be, and a verdict. Measures nothing."""

from collections.abc import Mapping
from typing import Any

Record = dict[str, Any]

ALLOWED_MS = 0.5  # of send lateness under load above the spinner's, at p99
TARGETS = {
    "decode_ms_torch": "at least 3 times decode_ms",
    "send_lateness_loaded_ms": f"p99 at most spinner_ms + {ALLOWED_MS} ms",
    "knob_to_note_ms": "99 % of notes within the lead",
    "first_note_s": "at most 2",
    "rss_mb": "at most 400",
    "late_phrases": "0",
}
SPREADS = (
    "decode_ms", "decode_ms_torch", "send_lateness_ms", "spinner_calm_ms", "reference_calm_ms", "send_lateness_loaded_ms", "spinner_ms",
    "reference_ms", "knob_to_note_ms",
)  # fmt: skip
NUMBERS = ("first_note_s", "rss_mb", "rss_growth_mb", "late_phrases", "decode_speedup")
COLUMNS = ("p50", "p99", "max")


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
            *(row(key, spread(record[key]), TARGETS.get(key, "")) for key in SPREADS),
            "",
            *(row(key, [cell(record[key])], TARGETS.get(key, "")) for key in NUMBERS),
            "",
            f"under load: {record['decodes_per_s']} decodes and {record['osc_messages_per_s']} OSC messages a second",
            f"{moves['moves']} moves: {moves['obeyed']:.2%} of the {moves['notes']} notes due {moves['lead_ms']:g} ms later obeyed",
            *record["remarks"],
            verdict(record),
        ]
    )


def row(name: str, cells: "tuple[str, ...] | list[str]", target: str = "") -> str:
    return f"{name:<26}{''.join(f'{text:>10}' for text in cells)}   {target}".rstrip()


def spread(figures: Mapping[str, float | None] | None) -> list[str]:
    """p50, p99 and max of what was measured."""
    return [cell(figures[column]) if figures else "null" for column in COLUMNS]


def cell(value: float | None) -> str:
    return "null" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)


def verdict(record: Record) -> str:
    """The promise of sending, held or not."""
    sent, spun = record["send_lateness_loaded_ms"], record["spinner_ms"]
    if not sent or not spun:
        return "verdict: nothing was sent"
    says = f"send lateness under load, p99 {sent['p99']:.3f} ms <= spinner's {spun['p99']:.3f} ms + {ALLOWED_MS} ms"
    return f"verdict: {says}: {'yes' if record['holds'] else 'no'}"
