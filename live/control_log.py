"""The control log of a take: what was done to the music and when, so that the same take can be played again byte for byte.

One JSON object a line. The first line says which patch, seed, tempo and bundle; each further line is an act of the instrument, in the
order the acts were done: its tick is the song tick at which the player accepted it. A hand-written log needs only `tick` and `changes`.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from mvae.core.errors import UserError, listing
from mvae.core.score import Handoff

FORMAT = 1
ACTS = ("play", "move", "follow", "fill", "reseed", "repeat", "tempo", "stop", "panic", "continue", "stall", "successor")


@dataclass(frozen=True, slots=True)
class Take:
    """The first line: what was played."""

    patch: str
    seed: int
    tempo_bpm: float
    bundles: Mapping[str, str]  # name -> sha256 of its card
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Act:
    """One thing done. `at` is the song tick up to which the notes counted as heard; `tick` when the player accepted the result."""

    do: str = "move"
    tick: int = 0
    at: int | None = None
    changes: Mapping[str, float | bool | str] = field(default_factory=dict)
    value: float = 0.0
    phrase: str = ""  # hash of the notes handed over


def phrase_hash(handoff: Handoff) -> str:
    """A short hash of a handoff's notes: where two takes part ways, the first differing line shows it."""
    text = ";".join(",".join(map(str, note)) for note in handoff.notes)
    return sha256(f"{handoff.start_step},{handoff.take_hold_step}:{text}".encode()).hexdigest()[:12]


def line_of(record: Take | Act) -> str:
    """The record as a line; fields that say nothing are left out."""
    kept = {key: value for key, value in asdict(record).items() if value not in (None, {}, "", 0.0) or key == "tick"}
    return json.dumps(kept, separators=(",", ":")) + "\n"


def read(path: Path) -> tuple[Take | None, list[Act]]:
    """A log from disk; UserError naming file, line and key. A last line cut short by a kill is left out."""
    try:
        lines = path.read_text().splitlines(keepends=True)
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: cannot be read ({error}); give a control log that --record wrote") from error
    if lines and not lines[-1].endswith("\n"):
        lines.pop()
    records = [_record(path, number, line) for number, line in enumerate(lines, 1)]
    takes = [record for record in records[:1] if "seed" in record]
    return (_take(path, takes[0]) if takes else None), [_act(path, n, r) for n, r in enumerate(records, 1) if "seed" not in r]


def _record(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        raise UserError(f'{path}, line {number}: not JSON ({error.msg}); a line is an object such as {{"tick":960,"changes":{{}}}}') from error
    if not isinstance(record, dict):
        raise UserError(f"{path}, line {number}: {line.strip()[:40]}: not an object")
    return record


def _take(path: Path, record: dict[str, Any]) -> Take:
    if record.get("format") != FORMAT:
        raise UserError(f"{path}, line 1: format = {record.get('format')}: this version reads control logs of format {FORMAT}")
    try:
        return Take(**record)
    except TypeError as error:
        raise UserError(f"{path}, line 1: {error}") from error


def _act(path: Path, number: int, record: dict[str, Any]) -> Act:
    try:
        act = Act(**record)
    except TypeError as error:
        raise UserError(f"{path}, line {number}: {error}; known keys: {listing(list(Act.__dataclass_fields__))}") from error
    if act.do not in ACTS:
        raise UserError(f"{path}, line {number}: do = {act.do}: not an act; known: {listing(ACTS)}")
    if not isinstance(act.tick, int) or not isinstance(act.changes, dict):
        raise UserError(f"{path}, line {number}: tick must be a whole number and changes an object")
    return act


class LogFile:
    """A log being written: acts in the order they were done, each held back until the player has said at which tick it took them."""

    def __init__(self, file: IO[str], take: Take):
        self._file = file
        self._waiting: list[tuple[str, Act]] = []  # what the player is still to say, or "", and the act
        file.write(line_of(take))

    def act(self, act: Act, awaits: str = "") -> None:
        """Something was done. With `awaits` it is written once `settle` has named the same."""
        self._waiting.append((awaits, act))
        self._flush()

    def settle(self, awaited: str, tick: int) -> None:
        """The player took the first act that awaits this, at a tick."""
        for place, (awaits, act) in enumerate(self._waiting):
            if awaits == awaited:
                self._waiting[place] = ("", replace(act, tick=tick))
                break
        self._flush()

    def settle_all(self, tick: int) -> None:
        """The player that should have taken what waits is dead: as far as anyone knows, it took them by a tick."""
        self._waiting = [("", replace(act, tick=tick) if awaits else act) for awaits, act in self._waiting]
        self._flush()

    def _flush(self) -> None:
        ready = next((place for place, (awaits, _) in enumerate(self._waiting) if awaits), len(self._waiting))
        self._write(act for _, act in self._waiting[:ready])
        del self._waiting[:ready]

    def _write(self, acts: Iterable[Act]) -> None:
        text = "".join(map(line_of, acts))
        if text:
            self._file.write(text)
            self._file.flush()

    def close(self) -> None:
        """Write what the player took, and close the file."""
        self._write(act for awaits, act in self._waiting if not awaits)
        self._file.close()
