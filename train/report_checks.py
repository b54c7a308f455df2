"""What is asked of the models in a report's numbers, and by how much each is met or missed.

Two kinds: what must hold of shipped models, and what the papers reach on other music, as an aim. A trio is reported, not asked: its
open corpus has 11 test songs; but what it decodes must encode again, which takes no songs. Flat twins are not asked either: they are
there to be compared with. Pure functions of the numbers.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from mvae.core.errors import listing
from mvae.train import paper
from mvae.train.report_html import number

Numbers = Mapping[str, Any]

RECONSTRUCTION, POSTERIOR, INTERPOLATION, ATTRIBUTES, SAMPLES, GROOVE, LISTENING = range(1, 8)
MOST_GAP = 0.05  # of train over test accuracy
SURE = 0.05  # of p

RULES = {"above": lambda value, bound: value > bound, "below": lambda value, bound: value < bound,
         "at least": lambda value, bound: value >= bound, "at most": lambda value, bound: value <= bound}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Check:
    """`value` (None: not measured) against `bound` by `rule`. `must`: it is asked of this model; else an aim, or reported only."""

    section: int
    model: str
    what: str
    value: float | None
    rule: str
    bound: float
    must: bool
    digits: int = 3

    @property
    def held(self) -> bool:
        return self.value is not None and bool(RULES[self.rule](self.value, self.bound))

    @property
    def short(self) -> float:
        """How far the value is from where it would hold; 0 where it does."""
        return 0.0 if self.held or self.value is None else abs(self.value - self.bound)

    def told(self) -> str:
        """One line for a reader."""
        asked = f"{self.rule} {number(self.bound, self.digits)}"
        if self.value is None:
            return f"{self.what}: not measured; {asked} is asked"
        end = "held" if self.held else f"missed by {number(self.short, self.digits)}"
        return f"{self.what}: {number(self.value, self.digits)}, asked {asked}: {end}"

    def record(self) -> dict[str, Any]:
        return {"section": self.section, "model": self.model, "what": self.what, "value": self.value, "rule": self.rule,
                "bound": self.bound, "must": self.must, "held": self.held, "short": self.short}  # fmt: skip


def checks(numbers: Numbers) -> tuple[Check, ...]:
    """Every check that the numbers of a report allow, section by section."""
    found = list[Check]()
    twins = set(numbers.get("twins", ()))
    for name, model in numbers["bundles"].items():
        for part, look in PARTS.items():
            if model.get(part) is not None:
                found += look(name, model, name not in twins and (part in OF_TRIOS or model["kind"] != "trio"))
    for each in numbers.get("comparisons", ()):
        found += comparison(each)
    for name, figures in numbers.get("groove", {}).items():
        found += groove(name, figures)
    found += listening(numbers.get("listening"))
    return tuple(sorted(found, key=lambda check: check.section))


def reconstruction(name: str, model: Numbers, asked: bool) -> Iterator[Check]:
    table = model["reconstruction"]
    for stream in model["streams"]:
        known = paper.ACCURACY.get((model["kind"], model["bars"], model["hierarchical"], stream))
        above, gap = table["above_nearest"][stream], table["train_test_gap"][stream]
        yield Check(RECONSTRUCTION, name, f"{stream}, skill over the nearest training window's", above, "above", 0.0, asked)
        yield Check(RECONSTRUCTION, name, f"{stream}, train - test gap", gap, "at most", MOST_GAP, asked)
        for way in ("teacher_forced", "sampled") if known else ():
            value, what = table[way][stream], f"{stream}, {way.replace('_', '-')}, the paper's value"
            yield Check(RECONSTRUCTION, name, what, value, "at least", getattr(known, way), False)


def comparison(each: Numbers) -> Iterator[Check]:
    pair = f"{each['hierarchical']} over {each['flat']}"
    for way in ("teacher_forced", "sampled"):
        for stream, interval in each[f"{way}_ci"].items():
            low = interval[0] if interval else None
            what = f"{stream}, {way.replace('_', '-')}, lower end of the difference"
            yield Check(RECONSTRUCTION, pair, what, low, "above", 0.0, each["kind"] != "trio" and each["bars"] == 16)


def posterior(name: str, model: Numbers, asked: bool) -> Iterator[Check]:
    for stream, interval in model["posterior"]["lost_sampled_ci"].items():
        low = interval[0] if interval else None
        yield Check(POSTERIOR, name, f"{stream}, accuracy lost with another song's z, lower end", low, "above", 0.0, asked)


def interpolation(name: str, model: Numbers, asked: bool) -> Iterator[Check]:
    table = model["interpolation"]
    rise = min(b - a for curve in ("hamming", "hamming_decoded") for a, b in pairwise(table[curve]))
    yield Check(INTERPOLATION, name, "least rise of the distance from one step to the next", rise, "at least", 0.0, asked)
    worst = max(ours - data for ours, data in zip(table["lm_cost"][1:-1], table["lm_cost_data"][1:-1], strict=True))
    yield Check(INTERPOLATION, name, "language-model cost over the baseline's, where it is worst", worst, "below", 0.0, asked)


def attributes(name: str, model: Numbers, asked: bool) -> Iterator[Check]:
    """Of the paper's vectors, and of the axes that a performer turns, of a melody one for each of the paper's attributes."""
    table = model["attributes"]
    yield from _directions(name, "vectors between quartiles", table, asked)
    axes = table.get("axes") or {"names": [], "percent": [], "monotone": []}
    share, whole = len(axes["names"]) / len(table["names"]), asked and model["kind"] == "melody"
    yield Check(ATTRIBUTES, name, "share of attributes that have an axis", share, "at least", 1.0, whole)
    if axes["names"]:
        yield from _directions(name, "calibrated axes", axes, asked)


def _directions(name: str, which: str, table: Numbers, asked: bool) -> Iterator[Check]:
    """Of the paper's vectors, or of the axes that a performer turns."""
    parts = table.get("parts", {})
    part = [[name in parts.get(whole, ()) for name in table["names"]] for whole in table["names"]]
    margins = [_margin(row, i, part[i]) for i, row in enumerate(table["percent"])]
    known = [margin for margin in margins if margin is not None]
    weak = [each for each, margin in zip(table["names"], margins, strict=True) if margin is None or margin <= 0]
    what = f"{which}: margin of the diagonal in the weakest row, %" + (f" (not dominant: {listing(weak)})" if weak else "")
    yield Check(ATTRIBUTES, name, what, min(known) if len(known) == len(margins) else None, "above", 0.0, asked, 1)
    bent = [each for each, straight in zip(table["names"], table["monotone"], strict=True) if not straight]
    share = 1 - len(bent) / len(table["names"])
    what = f"{which}: share of attributes that rise at every step" + (f" (not: {listing(bent)})" if bent else "")
    yield Check(ATTRIBUTES, name, what, share, "at least", 1.0, False)


def _margin(row: Sequence[float | None], own: int, part: Sequence[bool]) -> float | None:
    """By how much the attribute that a vector is named for changes more than any other that is no part of it."""
    if any(value is None for value in row):
        return None
    sizes = [abs(value or 0.0) for value in row]
    return sizes[own] - max((size for i, size in enumerate(sizes) if i != own and not part[i]), default=0.0)


def prior(name: str, model: Numbers, asked: bool) -> Iterator[Check]:
    sources = model["prior"]["sources"]
    chosen = "mixture" if "mixture" in sources else "normal"
    limit = sources["test"]["memorised"] or 0.0
    what = f"share of samples ({chosen}) known bar by bar from training, against the test songs' own"
    yield Check(SAMPLES, name, what, sources[chosen]["memorised"], "at most", limit, False)


def encodes_again(name: str, model: Numbers, asked: bool) -> Iterator[Check]:
    shares = model["encodes_again"]
    yield Check(SAMPLES, name, "share of decoded phrases that encode again", shares["encoded"], "at least", 1.0, asked, 4)
    yield Check(SAMPLES, name, "share of decoded phrases that come back token for token", shares["same_tokens"], "at least", 1.0, asked, 4)


def groove(name: str, figures: Numbers) -> Iterator[Check]:
    for figure, aim in paper.GROOVAE.items():
        yield Check(GROOVE, name, f"{figure}, GrooVAE's value", figures.get(figure), "at most", aim, False)
    shares = figures.get("encodes_again")
    if shares:
        yield Check(GROOVE, name, "share of decoded phrases that encode again", shares["encoded"], "at least", 1.0, True, 4)
        what = "share of decoded phrases that a MIDI file gives back the same"
        yield Check(GROOVE, name, what, shares["same_notes"], "at least", 1.0, True, 4)


def listening(result: Numbers | None) -> Iterator[Check]:
    if result:
        p, share = result["kruskal_wallis"]["p"], result["meetings"].get("hierarchical : flat", {}).get("share")
        yield Check(LISTENING, "answers", "chance that the sources do not differ, p", p, "below", SURE, False, 4)
        yield Check(LISTENING, "answers", "share of hierarchical over flat, of the decided", share, "above", 0.5, False)


PARTS = {
    "reconstruction": reconstruction, "posterior": posterior, "interpolation": interpolation, "attributes": attributes, "prior": prior,
    "encodes_again": encodes_again,
}  # fmt: skip
OF_TRIOS = ("encodes_again",)  # what is asked of trios as well
