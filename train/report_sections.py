"""Sections 1 to 4 of the report: reconstruction, the use of z, interpolation, attributes. Each is made from the numbers alone."""

from collections.abc import Iterator, Mapping
from typing import Any

from mvae.core.errors import listing
from mvae.train import paper
from mvae.train.report_checks import Numbers
from mvae.train.report_figures import Axes, Curve, Dot, DotRow, Size, dot_chart, key, line_chart
from mvae.train.report_html import Cell, figure, folded, heat_table, interval, number, table, words

ACCURACIES = ("teacher_forced", "sampled")
MORE = ("greedy", "onset_f1", "onset_f1_greedy", "teacher_forced_onsets", "sampled_onsets")
BASELINES = ("hold", "nearest", "skill", "nearest_skill", "above_nearest")
PER_STEP = ("nll_bits_per_step", "elbo_bits_per_step", "kl_bits", "active_units")
SMALL = Size(300, 200)


def having(numbers: Numbers, part: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The bundles that a part was measured of."""
    for name, model in numbers["bundles"].items():
        if model.get(part) is not None:
            yield name, model


def by_stream(numbers: Numbers, part: str) -> Iterator[tuple[str, str, Mapping[str, Any], Mapping[str, Any]]]:
    """Name, stream, the bundle, and the part's table."""
    for name, model in having(numbers, part):
        for stream in model["streams"]:
            yield name, stream, model, model[part]


def told(values: Mapping[str, Any], what: str, stream: str) -> Cell:
    """A figure by stream, with its interval."""
    return interval(values[what][stream], (values.get(f"{what}_ci") or {}).get(stream))


def known(model: Mapping[str, Any], stream: str, way: str) -> float | None:
    """The paper's value for the same kind, length and build."""
    each = paper.ACCURACY.get((model["kind"], model["bars"], model["hierarchical"], stream))
    return getattr(each, way) if each else None


def build(model: Mapping[str, Any]) -> str:
    return "hierarchical" if model["hierarchical"] else "flat"


def reconstruction(numbers: Numbers) -> str:
    """Section 1."""
    rows = list(by_stream(numbers, "reconstruction"))
    accuracy = [
        [name, stream, build(model), values["songs"], values["n_phrases"],
         *(each for way in ACCURACIES for each in (told(values, way, stream), known(model, stream, way)))]
        for name, stream, model, values in rows
    ]  # fmt: skip
    parts = [table(
        "Accuracy, averaged over songs, with 95 % intervals over songs; beside it the paper's, which is of other music",
        ("model", "part", "build", "songs", "phrases", "teacher-forced", "paper", "sampled, T = 1", "paper"), accuracy, 2,
    )]  # fmt: skip
    parts.append(figure(
        dot_chart("sampled accuracy and baselines", [_dots(*row) for row in rows], "accuracy, sampled at T = 1", (0.0, 1.0)),
        "Sampled accuracy between what is had for nothing and what the paper has.",
        key([("own", "this model"), ("data", "all holds"), ("other", "nearest training window"), ("paper", "the paper")]),
    ))  # fmt: skip
    skill = [[name, stream, *(told(values, what, stream) for what in BASELINES), *_gap(values, stream)] for name, stream, _, values in rows]
    parts.append(table(
        "Against baselines. Skill is (accuracy - all holds) / (1 - all holds). The nearest training window is found knowing the answer.",
        ("model", "part", "all holds", "nearest window", "skill", "nearest's skill", "above nearest", "train, sampled", "train - test"),
        skill, 2,
    ))  # fmt: skip
    more = [[name, stream, *(told(values, what, stream) for what in MORE)] for name, stream, _, values in rows]
    parts.append(table("At temperature 0, and on onsets alone", ("model", "part", *map(words, MORE)), more, 2))
    return "\n".join([*parts, _ratios(rows), _compared(numbers), _sets(rows)])


def _gap(values: Mapping[str, Any], stream: str) -> tuple[Cell, Cell]:
    return told(values, "train_sampled", stream), number(values["train_test_gap"][stream])


def _dots(name: str, stream: str, model: Mapping[str, Any], values: Mapping[str, Any]) -> DotRow:
    bounds = (values.get("sampled_ci") or {}).get(stream)
    dots = [
        Dot("all holds", "data", values["hold"][stream]), Dot("nearest training window", "other", values["nearest"][stream]),
        Dot("the paper", "paper", known(model, stream, "sampled")),
        Dot("this model", "own", values["sampled"][stream], (bounds[0], bounds[1]) if bounds else None),
    ]  # fmt: skip
    return DotRow(name if len(model["streams"]) == 1 else f"{name}, {stream}", dots)


def _ratios(rows: list[tuple[str, str, Mapping[str, Any], Mapping[str, Any]]]) -> str:
    """Sampled over teacher-forced: what does not depend on the corpus."""
    lines = []
    for name, stream, model, values in rows:
        forced, sampled = values["teacher_forced"][stream], values["sampled"][stream]
        ours = sampled / forced if forced and sampled is not None else None
        theirs = [known(model, stream, way) for way in ("sampled", "teacher_forced")]
        lines.append([name, stream, ours, theirs[0] / theirs[1] if theirs[0] and theirs[1] else None])
    return table("Sampled over teacher-forced accuracy: it depends less on the music", ("model", "part", "here", "paper"), lines, 2)


def _compared(numbers: Numbers) -> str:
    rows: list[list[Cell]] = []
    for each in numbers.get("comparisons", ()):
        for stream in each["sampled"]:
            rows.append([each["hierarchical"], each["flat"], stream, each["songs"], *(told(each, way, stream) for way in ACCURACIES)])
            theirs = [paper.ACCURACY.get((each["kind"], each["bars"], hierarchical, stream)) for hierarchical in (True, False)]
            for way in ACCURACIES:
                both = [getattr(side, way) if side else None for side in theirs]
                rows[-1].append(both[0] - both[1] if both[0] is not None and both[1] is not None else None)
    head = ("hierarchical", "flat", "part", "songs", "teacher-forced", "sampled", "paper, teacher-forced", "paper, sampled")
    return table("Hierarchical minus flat, songs paired", head, rows, 3) if rows else ""


def _sets(rows: list[tuple[str, str, Mapping[str, Any], Mapping[str, Any]]]) -> str:
    shown = (*ACCURACIES, "hold", "nearest", "skill")
    lines: list[list[Cell]] = [
        [name, stream, each, figures["songs"], figures["n_phrases"], *(figures[what][stream] for what in shown)]
        for name, stream, _, values in rows
        for each, figures in values["sets"].items()
    ]
    head = ("model", "part", "set", "songs", "phrases", "teacher-forced", "sampled", "all holds", "nearest window", "skill")
    return folded("By data set", table("The same for each data set", head, lines, 3)) if lines else ""


def posterior(numbers: Numbers) -> str:
    """Section 2."""
    rows: list[list[Cell]] = []
    for name, model in having(numbers, "posterior"):
        values = model["posterior"]
        released = paper.RELEASED.get((model["kind"], model["bars"], model["hierarchical"]))
        figures = (interval(values[what], values.get(f"{what}_ci"), 1 if what in ("kl_bits", "active_units") else 3) for what in PER_STEP)
        about = f"{released.name}: accuracy {released.accuracy}, {released.kl_bits:.0f} bits" if released else None
        rows.append([name, *figures, values["z_size"], about])
    head = ("model", "NLL, bits a step", "ELBO, bits a step", "KL, bits", "active units", "of", "Magenta's checkpoint")
    lost: list[list[Cell]] = [
        [name, stream, *(told(values, what, stream) for what in
                         ("teacher_forced_shuffled_z", "lost_teacher_forced", "sampled_shuffled_z", "lost_sampled"))]
        for name, stream, _, values in by_stream(numbers, "posterior")
    ]  # fmt: skip
    lost_head = ("model", "part", "teacher-forced, shuffled z", "lost", "sampled, shuffled z", "lost")
    first = table("Cost in bits, and how much of z is used", head, rows)
    return first + table("Accuracy when each phrase is decoded from another song's z, and what is lost by it", lost_head, lost, 2)


def interpolation(numbers: Numbers) -> str:
    """Section 3."""
    parts = list[str]()
    for name, model in having(numbers, "interpolation"):
        values = model["interpolation"]
        alpha = values["alpha"]
        way = [
            Curve("between the models' own decodes", "own", alpha, values["hamming_decoded"]),
            Curve("from the phrase itself", "other", alpha, values["hamming"]),
            Curve("steps mixed by chance", "data", alpha, values["hamming_data"]),
        ]
        cost = [
            Curve("slerp in z", "own", alpha, values["lm_cost"], *_sides(values.get("lm_cost_ci"))),
            Curve("steps mixed by chance", "data", alpha, values["lm_cost_data"], *_sides(values.get("lm_cost_data_ci"))),
        ]
        left = line_chart(f"{name}: distance on the way", way, Axes("alpha", "share of the whole way", (0, 1)))
        right = line_chart(f"{name}: language-model cost on the way", cost, Axes("alpha", "cost over that of the ends", (0, 1)))
        labels = key([("own", "slerp in z, from A's decode"), ("other", "from phrase A itself"), ("data", "steps mixed by chance")])
        caption = f"{name}: {values['pairs']} pairs of test phrases, temperature {values['temperature']:g}. Left distance, right cost."
        parts.append(figure(left + right, caption, labels))
        names = ("hamming_decoded", "hamming", "hamming_data", "lm_cost", "lm_cost_data")
        rows = [[f"{a:g}", *(values[each][i] for each in names)] for i, a in enumerate(alpha)]
        inner = table(name, ("alpha", "distance", "from the phrase", "mixed by chance", "cost", "cost, mixed by chance"), rows)
        parts.append(folded(f"{name} in numbers", inner))
    return "\n".join(parts)


def _sides(bounds: list[list[float] | None] | None) -> tuple[list[float | None], list[float | None]]:
    found = bounds or []
    return [each[0] if each else None for each in found], [each[1] if each else None for each in found]


def attributes(numbers: Numbers) -> str:
    """Section 4: the paper's vectors, and the calibrated axes of the bundles that ship some."""
    parts = list[str]()
    for name, model in having(numbers, "attributes"):
        values = model["attributes"]
        parts.append(_moved(f"{name}, vectors between quartiles", values, values["k"], values["phrases"]))
        names = [words(each) for each in values["names"]]
        music = heat_table(f"{name}: by how much the quartiles themselves differ, in %", names, names, values["music"]["percent"], 1)
        parts.append(folded(f"{name}: the matrix of the music itself", music))
        if values.get("axes"):
            parts.append(_moved(f"{name}, calibrated axes", values["axes"], values["k"], values["phrases"]))
    return "\n".join(parts)


def _moved(title: str, values: Mapping[str, Any], k: list[float], phrases: int) -> str:
    """The matrix and the curves of one set of directions."""
    names = [words(each) for each in values["names"]]
    matrix = heat_table(f"{title}: change in %, added less taken away, halved", names, names, values["percent"], 1)
    spread = heat_table(f"{title}: the same in standard deviations", names, names, values["in_sd"], 2)
    charts = [
        line_chart(f"{title}: {each}", [Curve(each, "own", k, values["curve"][i], *_sides(values["curve_ci"][i]))],
                   Axes(f"times added; rank correlation {number(values['spearman'][i], 2)}", each, size=SMALL))
        for i, each in enumerate(names)
    ]  # fmt: skip
    caption = f"{title}: each attribute as its own direction is added -1.5 to 1.5 times, {phrases} phrases."
    for whole, own in values.get("parts", {}).items():
        parts = listing([words(each) for each in own])
        caption += f" {words(whole).capitalize()} is asked to move more than the others, but not than {parts}, its own parts: a whole"
        caption += " changes by a weighted mean of what they change by."
    return matrix + folded(f"{title}: in standard deviations", spread) + figure("".join(charts), caption)
