"""The report as one HTML page that needs nothing beside it: no script, nothing from a network, light and dark, on screen and on paper.

A pure function of the numbers that stand beside it as JSON. Knows nothing of models.
"""

from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

from mvae.train import report_music, report_sections
from mvae.train.report_checks import Check, Numbers, checks
from mvae.train.report_html import Cell, Html, folded, listed, number, table

TEMPLATE = Path(__file__).with_name("report.html")

Body = Callable[[Numbers], str]
SECTIONS: Sequence[tuple[str, str, Body]] = (  # heading, what it shows and which way is better, and its tables and figures
    (
        "Reconstruction",
        "How much of a phrase that it has never heard a model plays back, step for step: higher is better, 1 is everything.",
        report_sections.reconstruction,
    ),
    (
        "What the latent holds",
        "Whether the point z says which phrase is meant: cost in bits is better low, and what is lost with another phrase's z better high.",
        report_sections.posterior,
    ),
    (
        "Interpolation",
        "What is played on the way from one phrase to another: the distance should only rise, and the cost stay below that of steps "
        "mixed by chance; lower cost is more like music.",
        report_sections.interpolation,
    ),
    (
        "Attributes",
        "Whether a direction in the latent space changes what it is named for and little else: the framed diagonal should be the deepest "
        "of each row, and each curve rise from left to right.",
        report_sections.attributes,
    ),
    (
        "Samples and interpolations",
        "What the models make up, to be seen and heard: figures near those of the test phrases are better, copies of training songs "
        "are worse.",
        report_music.samples,
    ),
    (
        "Grooves",
        "How closely a drum performance is played back, hits, loudness and timing: higher F1 is better, lower errors are better.",
        report_music.groove,
    ),
    (
        "By ear",
        "What listeners prefer when they do not know who plays, real songs, the hierarchical or the flat model: the more often preferred, "
        "the better.",
        report_music.listening,
    ),
)


def page(numbers: Numbers) -> str:
    """The whole page. `numbers` is what `mvae-train report` writes as JSON."""
    found = checks(numbers)
    body = [_summary(numbers, found)]
    for place, (heading, lead, inside) in enumerate(SECTIONS, 1):
        mine = [check for check in found if check.section == place]
        title = f'<h2 id="s{place}">{place}. {escape(heading)}</h2><p class="lead">{escape(lead)}</p>'
        body.append(f"<section>{title}\n{inside(numbers)}\n{_missed(mine)}</section>")
    body.append(report_music.notes(numbers))
    return TEMPLATE.read_text(encoding="utf-8").replace("@@BODY@@", "\n".join(body))


def _summary(numbers: Numbers, found: Sequence[Check]) -> str:
    """Models, and what must hold of them at a glance."""
    asked = [check for check in found if check.must]
    held = sum(check.held for check in asked)
    asked_for = numbers.get("options", {}).get("sets")
    models: list[list[Cell]] = [
        [name, model["kind"], model["bars"], report_sections.build(model), model["z_size"], ", ".join(asked_for or model["corpus"]["sets"])]
        for name, model in numbers["bundles"].items()
    ]
    rows: list[list[Cell]] = [
        [check.model, check.what, number(check.value, check.digits), f"{check.rule} {number(check.bound, check.digits)}", _mark(check)]
        for check in asked
    ]
    links = "".join(f'<li><a href="#s{place}">{escape(heading)}</a></li>' for place, (heading, _, _) in enumerate(SECTIONS, 1))
    return "\n".join([
        f'<p class="verdict">Of {len(asked)} things that must hold of the models, {held} hold and {len(asked) - held} do not.</p>',
        f"<nav><ol>{links}</ol></nav>",
        table("The models, and the data sets that they are measured on", ("model", "kind", "bars", "build", "z", "sets"), models),
        folded("All that must hold", table("What must hold", ("model", "what", "is", "asked", ""), rows, 2)),
    ])  # fmt: skip


def _mark(check: Check) -> Html:
    if check.held:
        return Html('<span class="held">held</span>')
    told = "not measured" if check.value is None else f"missed by {number(check.short, check.digits)}"
    return Html(f'<span class="missed">{told}</span>')


def _missed(mine: Sequence[Check]) -> str:
    """What ends a section: all that is not held, what must hold first."""
    parts = list[str]()
    for title, must in (("Missed", True), ("Aims and reported figures not reached", False)):
        lines = [f"{check.model}: {check.told()}" for check in mine if check.must == must and not check.held]
        if lines:
            parts.append(f"<h3>{title}</h3>{listed(lines)}")
    if not mine:
        parts.append("<p>Nothing was measured here.</p>")
    elif not parts:
        parts.append(f"<p>Nothing is missed: {len(mine)} of {len(mine)} checks hold.</p>")
    return f'<div class="end">{"".join(parts)}</div>'
