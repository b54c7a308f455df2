"""What `mvae-live bench --pages N` has found, as a record and as a performer reads it: figures beside what they should be.

Measures nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mvae.core.phrase import STEPS_PER_BEAT
from mvae.live.bench import figures, obedience, rate
from mvae.live.bench_table import (
    ALLOWED_MS,
    MEMORY_MB,
    SHARE,
    Promises,
    Record,
    at_least,
    at_most,
    cell,
    over_time,
    promise,
    promises,
    punctual,
    row,
    spread,
    verdict,
)
from mvae.live.flood import Flood
from mvae.live.memory import Memory
from mvae.live.oracle import Obedience
from mvae.live.rig import TEMPO
from mvae.live.sending import Late, Load
from mvae.live.watchers import Kind, Seen

STEPS_PER_S: Final = float(TEMPO) / 60 * STEPS_PER_BEAT
PROMISES: Final[Promises] = {
    "send_lateness_loaded_ms": (f"p99 at most spinner_ms + {ALLOWED_MS} ms", punctual),
    "knob_to_note_ms": (f"{SHARE:.0%} of notes within the lead", lambda record: at_least(record["knob_to_note_ms"]["obeyed"], SHARE)),
    "late_phrases": ("0", lambda record: at_most(record["late_phrases"], 0)),
    "decodes_per_step": ("at least 1", lambda record: at_least(record["decodes_per_step"], 1.0)),
    "pages_in_step": ("all", lambda record: record["pages_in_step"] == record["pages"]),
    "page_notes_lost": ("0", lambda record: at_most(record["page_notes_lost"], 0)),
    "hanging_notes": ("0", lambda record: at_most(record["hanging_notes"], 0)),
    "processes_died": ("0", lambda record: at_most(record["processes_died"], 0)),
    "bounces_alike": ("byte for byte", lambda record: record["bounces_alike"]),
    "rss_mb": (f"at most {MEMORY_MB:g}", lambda record: at_most(record["rss_mb"], MEMORY_MB)),
}
SPREADS = ("send_lateness_loaded_ms", "spinner_ms", "reference_ms", "knob_to_note_ms", "osc_answer_ms", "page_answer_ms", "page_note_ms")
NUMBERS = (
    "late_phrases", "decodes_per_step", "osc_sent_per_s", "osc_messages_per_s", "osc_lost", "pages_in_step", "in_step_after_s",
    "page_news_per_s", "page_frames_per_s", "page_bars", "page_moves", "page_notes_lost", "hanging_notes", "processes_died",
    "bounces_alike", "rss_begin_mb", "rss_mb", "rss_growth_mb",
)  # fmt: skip
REAL: Final = "real pages, drawn without a screen"


@dataclass(frozen=True, slots=True)
class Stage:
    """The load that was asked for."""

    kind: Kind
    pages: int
    osc_rate: int
    seconds: float
    moves: int


@dataclass(slots=True)
class Loaded:
    """All of a measurement."""

    memory: Memory
    by: str = ""  # what the pages are
    port: str = ""
    bundle: str = ""
    heard: str = ""  # where it was listened for notes that hang
    late: Late = field(default_factory=Late)
    load: Load = field(default_factory=Load)
    floods: list[Flood] = field(default_factory=list)
    received: int = 0  # of what the floods sent
    coalesced: int = 0
    refused: int = 0
    unknown: int = 0
    malformed: int = 0
    answers_ms: list[float | None] = field(default_factory=list)  # None: no answer came
    first_step: int = 0  # of the notes that every page should have
    last_step: int = 0
    played: set[tuple[int, int, int]] = field(default_factory=set)  # part, voice, step
    pages: list[Seen] = field(default_factory=list)
    in_step: list[bool] = field(default_factory=list)
    in_step_s: float = 0.0  # after the floods
    moves: Obedience | None = None
    hanging: int = 0
    own: int = 0  # messages that are no flood's: the hand's moves, and questions
    died: int = 0  # processes of the instrument
    alike: bool | None = None  # whether the take bounces byte for byte; None: its log says that it cannot


def load_record(machine: Mapping[str, Any], patch: str, on_stage: Stage, found: Loaded) -> Record:
    """All figures under their keys; ms, s and MB by name. Of the pages the one that got the least."""
    sent, sent_s = sum(flood.sent for flood in found.floods), sum(flood.seconds for flood in found.floods)
    assert found.moves is not None
    record: Record = {
        "machine": dict(machine), "patch": patch, "bundle": found.bundle, "port": found.port, "seconds": on_stage.seconds,
        "pages": on_stage.pages, "pages_by": found.by, "pages_drawn": on_stage.kind == "chromium",
        "send_lateness_loaded_ms": figures(found.late.notes),
        "spinner_ms": figures(found.late.spinner),
        "reference_ms": figures(found.late.sender),
        "knob_to_note_ms": obedience(found.moves),
        "late_phrases": found.load.late_phrases,
        "decodes_per_s": rate(found.load.decodes, found.load.seconds),
        "decodes_per_step": rate(found.load.decodes, found.load.seconds * STEPS_PER_S),
        "osc_rate": on_stage.osc_rate,
        "osc_sent_per_s": rate(sent, sent_s),
        "osc_messages_per_s": rate(found.load.osc_messages, found.load.seconds),
        "osc_lost": sent + found.own - found.received,
        "osc": {"coalesced": found.coalesced, "refused": found.refused, "unknown": found.unknown, "malformed": found.malformed},
        "osc_answer_ms": figures(ms for ms in found.answers_ms if ms is not None),
        "osc_unanswered": found.answers_ms.count(None),
        "pages_in_step": sum(found.in_step),
        "in_step_after_s": round(found.in_step_s, 2),
        "page_news_per_s": min(rate(page.news, page.seconds) for page in found.pages),
        "page_frames_per_s": least_frames(found.pages),
        "page_bars": min(page.sections.get("phrases", 0) for page in found.pages),
        "page_moves": min(page.sections.get("positions", 0) for page in found.pages),
        "page_notes_lost": sum(map(len, lost(found))),
        "page_answer_ms": figures(ms for page in found.pages for ms in page.took_ms),
        "page_note_ms": figures(ms for page in found.pages for ms in page.told_ms),
        "hanging_notes": found.hanging, "hanging_heard": found.heard,
        "processes_died": found.died,
        "bounces_alike": found.alike,
        "rss_begin_mb": found.memory.begin_mb, "rss_mb": found.memory.most_mb, "rss_growth_mb": found.memory.growth_mb,
        "rss_over_time_mb": found.memory.samples,
    }  # fmt: skip
    record["promises"] = promises(record, PROMISES)
    return record


def least_frames(pages: list[Seen]) -> float | None:
    """Frames a second of the page that drew the fewest; None where pages draw nothing."""
    drawn = [rate(page.frames, page.seconds) for page in pages if page.frames is not None]
    return min(drawn, default=None)


def lost(found: Loaded) -> list[set[tuple[int, int, int]]]:
    """For each page the notes that were played and that it was not told."""
    due = {note for note in found.played if found.first_step <= note[2] < found.last_step}
    return [due - set(page.notes) for page in found.pages]


def load_table(record: Record) -> str:
    """Everything in a record, as lines."""
    machine, moves, osc = record["machine"], record["knob_to_note_ms"], record["osc"]
    what = REAL if record["pages_drawn"] else "nothing is drawn"
    return "\n".join(
        [
            f"{machine['cpu']}, {machine['cores']} cores, {machine['system']}, load {machine['load']} before the start",
            f"{record['patch']}: {record['bundle']}, onnxruntime {machine['onnxruntime']}",
            f"port: {record['port']}",
            f"pages: {record['pages']}, {record['pages_by']} ({what})",
            f"load: {record['seconds']:g} s, {record['osc_rate']} OSC messages a second wanted, {record['decodes_per_s']} decodes a second",
            "",
            row("", ("p50", "p99", "max")),
            *(row(key, spread(record[key]), promise(key, record, PROMISES)) for key in SPREADS),
            "",
            *(row(key, [cell(record[key])], promise(key, record, PROMISES)) for key in NUMBERS),
            "",
            f"{moves['moves']} moves: {moves['obeyed']:.2%} of the {moves['notes']} notes due {moves['lead_ms']:g} ms later obeyed",
            f"OSC: {osc['coalesced']} coalesced, {osc['refused']} refused, {osc['unknown']} unknown, {osc['malformed']} malformed; "
            f"{record['osc_unanswered']} questions without an answer",
            f"hanging notes: listened for {record['hanging_heard']}",
            over_time(record["rss_over_time_mb"]),
            verdict(record),
        ]
    )
