"""The control log of a take: what was done to the music and when, so that the same take can be played again byte for byte.

One JSON object a line. The first line says which patch, seed, tempo and bundle; each further line is an act of the instrument, in the
order the acts were done: its tick is the song tick at which the player accepted it. A hand-written log needs only `tick` and `changes`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from math import isfinite
from pathlib import Path
from typing import Any

from mvae.core.card import ModelCard
from mvae.core.errors import UserError, listing
from mvae.core.points import points_of
from mvae.core.score import Handoff

FORMAT = 1
ALWAYS = ("do", "tick")  # keys that every act shows
ACTS = ("play", "move", "follow", "fill", "reseed", "repeat", "tempo", "stop", "panic", "continue", "stall", "successor", "with", "start",
        "locate", "anchor", "scene", "leave", "glide", "wander", "from", "count", "infill", "patch", "enter", "cue", "located",
        "restart")  # fmt: skip
MOST_BARS = 16  # of a count-in
INFILL = "infill"  # instead of a slot: the points are music that was played in, a whole phrase
STARTS = ("play", "continue", "from")
AT_ONCE = (*STARTS, "enter")  # acts that hand everything over together


@dataclass(frozen=True, slots=True)
class Take:
    """The first line: what was played."""

    patch: str
    seed: int
    tempo_bpm: float
    bundles: Mapping[str, str]  # name -> hash of its files
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Act:
    """One thing done. `at` is the song tick up to which the notes counted as heard; `tick` when the player accepted the result.

    `part` is the part whose notes were handed over, in the patch's order from 0. What an act hands over to several parts the player takes
    one after the other: each further part has a line "with" of its own. A play or continue hands over everything at once.
    `points` are placed in slots, by slot and bundle, as text; `chance` is the seed and roll from then on, or nothing.
    A master's "start" is at the line where the music enters, after `bars` of a count-in, and `at` is where its song had come by then; with
    the `phrase` of a "cue" that lay ready. A "restart" is one with an earlier cue, before the instrument had another ready.
    Of another `patch` the name and the `bundles` are told as in the first line; what "enter" hands over plays from step `value` on.
    """

    do: str = "move"
    tick: int = 0
    at: int | None = None
    changes: Mapping[str, float | bool | str] = field(default_factory=dict)
    value: float = 0.0
    phrase: str = ""  # hash of the notes handed over
    part: int = 0
    points: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    chance: Sequence[int] = ()
    patch: str = ""
    bundles: Mapping[str, str] = field(default_factory=dict)
    bars: int = 0


TEXT, WHOLE, NUMBER, TABLE, ROW = (str,), (int,), (int, float), (dict,), (list,)
TAKE_KEYS = {"patch": TEXT, "seed": WHOLE, "tempo_bpm": NUMBER, "bundles": TABLE, "format": WHOLE}
ACT_KEYS = {"do": TEXT, "tick": WHOLE, "at": WHOLE, "changes": TABLE, "value": NUMBER, "part": WHOLE, "phrase": TEXT,
            "points": TABLE, "chance": ROW, "patch": TEXT, "bundles": TABLE, "bars": WHOLE}  # fmt: skip


def phrase_hash(*handoffs: Handoff) -> str:
    """A short hash of the notes handed over: where two takes part ways, the first differing line shows it."""
    texts = []
    for handoff in handoffs:
        notes = ";".join(",".join(map(str, note)) for note in handoff.notes)
        texts.append(f"{handoff.start_step},{handoff.take_hold_step}:{notes}")
    return sha256("|".join(texts).encode()).hexdigest()[:12]


def bundle_hash(card: ModelCard) -> str:
    """A short hash of all files of a bundle: a take names what it was played with."""
    proofs = ",".join(f"{name}:{proof.sha256}" for name, proof in sorted(card.files.items()))
    return sha256(proofs.encode()).hexdigest()[:16]


def line_of(record: Take | Act) -> str:
    """The record as a line; what an act leaves as usual is left out."""
    usual = asdict(Act()) if isinstance(record, Act) else {}
    kept = {key: value for key, value in asdict(record).items() if key in ALWAYS or key not in usual or value != usual[key]}
    return json.dumps(kept, separators=(",", ":")) + "\n"


def read(path: Path) -> tuple[Take | None, list[Act]]:
    """A log from disk; UserError naming file, line and key. A last line cut short by a kill is left out."""
    try:
        lines = path.read_text("utf-8").splitlines(keepends=True)
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); give a control log that --record wrote") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not text; give a control log that --record wrote") from error
    if len(lines) > 1 and not lines[-1].endswith("\n") and not is_whole(lines[-1]):
        lines.pop()
    records = [_record(path, number, line) for number, line in enumerate(lines, 1)]
    take = _take(path, records[0]) if records and "seed" in records[0] else None
    return take, [_act(path, number, record) for number, record in enumerate(records, 1) if number > 1 or take is None]


def is_whole(line: str) -> bool:
    """Whether a line is all there: those written by hand may end without a newline."""
    try:
        json.loads(line)
    except json.JSONDecodeError:
        return False
    return True


def _record(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        raise UserError(f'{path}, line {number}: not JSON ({error.msg}); a line is an object such as {{"tick":0,"changes":{{}}}}') from None
    if not isinstance(record, dict):
        raise UserError(f"{path}, line {number}: {line.strip()[:40]}: not an object")
    return record


def _take(path: Path, record: dict[str, Any]) -> Take:
    if record.get("format") != FORMAT:
        raise UserError(f"{path}, line 1: format = {record.get('format')}: this version reads control logs of format {FORMAT}")
    return Take(**_checked(path, 1, record, TAKE_KEYS))


def _act(path: Path, number: int, record: dict[str, Any]) -> Act:
    act = Act(**_checked(path, number, record, ACT_KEYS))
    if act.do not in ACTS:
        raise UserError(f"{path}, line {number}: do = {act.do}: not an act; known: {listing(ACTS)}")
    if act.do == "patch" and not act.patch:
        raise UserError(f"{path}, line {number}: patch is missing: give the name of a patch, or a file")
    if act.do == "tempo" and not 10 <= act.value <= 1000:
        raise UserError(f"{path}, line {number}: value = {act.value:g}: a tempo is 10 to 1000 BPM")
    if not 0 <= act.bars <= MOST_BARS:
        raise UserError(f"{path}, line {number}: bars = {act.bars}: a count-in has 0 to {MOST_BARS}")
    for name, value in act.changes.items():
        if not isinstance(value, (bool, int, float, str)):
            raise UserError(f"{path}, line {number}: changes: {name} = {json.dumps(value)[:40]}: give a number, a name, true or false")
    if not is_chance(act.chance):
        raise UserError(f"{path}, line {number}: chance = {json.dumps(act.chance)[:40]}: give a seed and a roll, such as [1, 0]")
    for slot, texts in act.points.items():
        try:
            points_of(texts if isinstance(texts, dict) else {"bundle": ""})
        except ValueError as problem:
            raise UserError(f"{path}, line {number}: points: {slot}: {problem}") from None
    return act


def is_chance(chance: Sequence[object]) -> bool:
    """Nothing, or a seed and a roll."""
    return len(chance) in (0, 2) and all(isinstance(word, int) and not isinstance(word, bool) and word >= 0 for word in chance)


def _checked(path: Path, number: int, record: dict[str, Any], keys: Mapping[str, tuple[type, ...]]) -> dict[str, Any]:
    """The record, once each of its keys is known and its value is of a kind that the key can have."""
    for key, value in record.items():
        if key not in keys:
            raise UserError(f"{path}, line {number}: {key}: not a key; known: {listing(list(keys))}")
        if not isinstance(value, keys[key]) or isinstance(value, bool) or (isinstance(value, float) and not isfinite(value)):
            raise UserError(f"{path}, line {number}: {key} = {json.dumps(value)[:40]}: cannot be meant; see a log that --record wrote")
    if missing := [key for key in keys if keys is TAKE_KEYS and key not in record]:
        raise UserError(f"{path}, line {number}: {missing[0]} is missing; see a log that --record wrote")
    return record


class Log:
    """A log being made: acts in the order they were done, each held back until the player has said at which tick it took them."""

    def __init__(self, take: Take):
        self._ready: list[Take | Act] = [take]
        self._waiting: list[tuple[str, Act]] = []  # what the player is still to say, or "", and the act

    def act(self, act: Act, awaits: str = "") -> None:
        """Something was done. With `awaits` it is ready once `settle` has named the same."""
        self._waiting.append((awaits, act))

    def happened(self, act: Act) -> None:
        """The player did something by itself: before all that it has not yet said to have taken."""
        self._waiting.insert(self._settled(), ("", act))

    def settle(self, awaited: str, tick: int) -> None:
        """The player took the first act that awaits this, at a tick."""
        for place, (awaits, act) in enumerate(self._waiting):
            if awaits == awaited:
                self._waiting[place] = ("", replace(act, tick=tick))
                break

    def settle_all(self, tick: int) -> None:
        """The player that should have taken what waits is dead: as far as anyone knows, it took them by a tick."""
        self._waiting = [("", replace(act, tick=tick) if awaits else act) for awaits, act in self._waiting]

    def ready(self) -> list[Take | Act]:
        """What has become ready since the last call: the take first, then its acts."""
        settled = self._settled()
        records = self._ready + [act for _, act in self._waiting[:settled]]
        self._ready = []
        del self._waiting[:settled]
        return records

    def _settled(self) -> int:
        """How many acts, from the first on, wait for nothing."""
        return next((place for place, (awaits, _) in enumerate(self._waiting) if awaits), len(self._waiting))
