"""The answers of a blind listening test: CSV files as the page saves them, and what they say.

Each clip of an answered pair is judged 1 (preferred), 1/2 (equal) or 0. The Kruskal-Wallis test over the three sources is the MusicVAE
paper's (Roberts et al. 2018, section 5.5); as there, the two judgements of a pair are not independent of each other.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from mvae.core.errors import UserError
from mvae.train.listening_clips import SOURCES, source_of
from mvae.train.ranks import kruskal_wallis, wilson

COLUMNS = ("test", "listener", "pair", "first", "second", "answer", "plays_first", "plays_second", "seconds")
SCORES = {"first": (1.0, 0.0), "equal": (0.5, 0.5), "second": (0.0, 1.0)}
LEAST_SURE = 0.05  # of p: above it the sources are not said to differ
REMEDY = "give the file as the page saved it"


@dataclass(frozen=True, slots=True)
class Answer:
    """One pair as one listener judged it: the sources in the order of A and B, and `answer` first, equal or second."""

    test: str
    listener: str
    pair: int
    sources: tuple[str, str]
    answer: str

    def score(self, source: str) -> float | None:
        """1, 1/2 or 0; None for a source that is not in the pair."""
        return SCORES[self.answer][self.sources.index(source)] if source in self.sources else None


def read_answers(paths: Sequence[Path]) -> tuple[Answer, ...]:
    """The answers of all files; one that stands in several counts once. UserError, naming file and line, for anything else."""
    found = dict[tuple[str, str, int], Answer]()
    for path in paths:
        for line, answer in enumerate(_read(path), 2):
            key = (answer.test, answer.listener, answer.pair)
            if found.setdefault(key, answer) != answer:
                raise UserError(f"{path}: line {line}: listener {answer.listener} judged pair {answer.pair} otherwise before; keep one")
    if not found:
        raise UserError(f"{', '.join(map(str, paths))}: no answers; answer some pairs on the page and save them")
    return tuple(found.values())


def _read(path: Path) -> list[Answer]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else "not CSV"
        raise UserError(f"{path}: cannot be read ({reason}); {REMEDY}") from None
    if not rows or tuple(rows[0]) != COLUMNS:
        raise UserError(f"{path}: line 1: not the columns {','.join(COLUMNS)}; {REMEDY}")
    return [_answer(path, line, row) for line, row in enumerate(rows[1:], 2) if row]


def _answer(path: Path, line: int, row: Sequence[str]) -> Answer:
    if len(row) != len(COLUMNS):
        raise UserError(f"{path}: line {line}: {len(row)} values where {len(COLUMNS)} belong; {REMEDY}")
    value = dict(zip(COLUMNS, row, strict=True))
    if not value["pair"].isdecimal():
        raise UserError(f"{path}: line {line}: pair = '{value['pair']}': not a number; {REMEDY}")
    if value["answer"] not in SCORES:
        raise UserError(f"{path}: line {line}: answer = '{value['answer']}': not one of {', '.join(SCORES)}; {REMEDY}")
    pair = int(value["pair"])
    first, second = (source_of(value["test"], pair, value[side]) for side in ("first", "second"))
    if first is None or second is None or first == second:
        raise UserError(f"{path}: line {line}: first = '{value['first']}', second = '{value['second']}': not the clips of a pair; {REMEDY}")
    return Answer(value["test"], value["listener"], pair, (first, second), value["answer"])


def result(answers: Sequence[Answer]) -> dict[str, Any]:
    """Wins by source and by meeting, and the test. UserError where a source has not been judged."""
    judged = {source: [score for answer in answers if (score := answer.score(source)) is not None] for source in SOURCES}
    for source, scores in judged.items():
        if not scores:
            raise UserError(f"answers: none on a pair with the {source} source; answer more pairs")
    test = kruskal_wallis(list(judged.values()))
    meetings = {f"{a} : {b}": _tally(x.score(a) for x in answers if set(x.sources) == {a, b}) for a, b in combinations(SOURCES, 2)}
    return {
        "listeners": len({(answer.test, answer.listener) for answer in answers}),
        "answers": len(answers),
        "sources": {source: _tally(scores) for source, scores in judged.items()},
        "meetings": meetings,
        "kruskal_wallis": {"h": test.h, "degrees": test.degrees, "p": test.p},
    }


def _tally(scores: Iterable[float | None]) -> dict[str, Any]:
    """How often preferred, equal and not; the share preferred of the decided, with its Wilson interval."""
    given = list(scores)
    won, equal, lost = (given.count(score) for score in (1.0, 0.5, 0.0))
    decided = won + lost
    return {"won": won, "equal": equal, "lost": lost, "share": won / decided if decided else None, "share_ci": list(wilson(won, decided))}


def told(record: Mapping[str, Any]) -> str:
    """The result as a table for the terminal."""
    lines = [f"{record['answers']} answers of {record['listeners']} listeners"]
    lines.append(f"{'':22s}{'won':>5s}{'equal':>7s}{'lost':>6s}   share of the decided")
    for name, tally in (record["sources"] | record["meetings"]).items():
        low, high = tally["share_ci"]
        share = f"{tally['share']:.3f}" if tally["share"] is not None else "  -  "
        lines.append(f"{name:22s}{tally['won']:5d}{tally['equal']:7d}{tally['lost']:6d}   {share} ({low:.3f} .. {high:.3f})")
    test = record["kruskal_wallis"]
    verdict = "the sources differ" if test["p"] < LEAST_SURE else "no difference is shown"
    lines.append(f"Kruskal-Wallis over the three sources: H({test['degrees']}) = {test['h']:.3f}, p = {test['p']:.4g}: {verdict}")
    return "\n".join(lines)
