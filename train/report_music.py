"""Sections 5 to 7 of the report: samples and interpolations as piano rolls, grooves, the listening test. From the numbers alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from mvae.core.errors import listing
from mvae.core.tokens import Tokens
from mvae.train import paper
from mvae.train.report_checks import Numbers
from mvae.train.report_html import Cell, figure, interval, number, table, words
from mvae.train.report_rolls import pitch_range, roll
from mvae.train.report_sections import having

MUSIC = "music"  # the folder of the .mid files, beside the page
SAMPLES_SHOWN = 4
ALPHAS_SHOWN = (0, 2, 4, 5, 6, 8, 10)  # of eleven
SOURCES = {"normal": "a standard normal z", "mixture": "the fitted mixture", "midpoints": "half way between test phrases",
           "test": "the test songs themselves"}  # fmt: skip
PRIOR = ("lm_bits_per_step", "bars_known", "memorised", "copied")
GROOVE = ("hit_f1_by_file", "hit_f1", "timing_mae_ms", "timing_kl", "velocity_mae", "velocity_kl", "kl_bits", "f1_with_shuffled_z")
TASKS = {  # by what the encoder hears
    "hits": "The same task",
    "all": "Playing back from z all that was heard, which is easier",
    "taps": "Finding the drums for one row of taps, with timing and velocity on the hits that both have",
}
CODED = {"timing_mae_ms": 2, "kl_bits": 1}  # digits where they are not three


@dataclass(frozen=True, slots=True)
class Example:
    """A phrase to be seen and heard."""

    path: str
    title: str
    kind: str
    tokens: Tokens  # (steps, streams)


def sampled(name: str, model: Mapping[str, Any]) -> Iterator[list[Example]]:
    """A row of samples for each source."""
    for source, phrases in model["prior"].get("examples", {}).items():
        yield [
            Example(f"{MUSIC}/{name}_{source}_{n + 1}.mid", f"{SOURCES[source]}, {n + 1}", model["kind"], np.array(tokens, np.int64))
            for n, tokens in enumerate(phrases[:SAMPLES_SHOWN])
        ]


def on_the_way(name: str, model: Mapping[str, Any]) -> Iterator[list[Example]]:
    """A row of phrases for each interpolation."""
    for n, each in enumerate(model["interpolation"].get("examples", ())):
        steps = [(i, alpha) for i, alpha in enumerate(each["alpha"]) if i in ALPHAS_SHOWN]
        yield [
            Example(f"{MUSIC}/{name}_way_{n + 1}_{round(100 * alpha):03d}.mid", f"alpha {alpha:g}", model["kind"],
                    np.array(each["tokens"][i], np.int64))
            for i, alpha in steps
        ]  # fmt: skip


def examples(numbers: Numbers) -> list[Example]:
    """Every phrase that the page shows: each stands beside it as a MIDI file."""
    rows = [row for name, model in having(numbers, "prior") for row in sampled(name, model)]
    rows += [row for name, model in having(numbers, "interpolation") for row in on_the_way(name, model)]
    return [example for row in rows for example in row]


def samples(numbers: Numbers) -> str:
    """Section 5."""
    parts = [_prior_table(numbers), _again_table(numbers)]
    for name, model in having(numbers, "prior"):
        at = f"temperature {model['prior']['temperature']:g}"
        parts += [_rolls(row, f"{name}: samples of {row[0].title.partition(',')[0]}, {at}") for row in sampled(name, model) if row]
    for name, model in having(numbers, "interpolation"):
        parts += [_rolls(row, f"{name}: from one test phrase to another, as both are decoded") for row in on_the_way(name, model)]
    return "\n".join(part for part in parts if part)


def notes(numbers: Numbers) -> str:
    """What was tried, in the words of who made the report."""
    paragraphs = "".join(f"<p>{escape(each)}</p>" for each in numbers.get("notes", ()))
    return f'<section><h2 id="notes">What was tried</h2>{paragraphs}</section>' if paragraphs else ""


def _prior_table(numbers: Numbers) -> str:
    rows: list[list[Cell]] = []
    for name, model in having(numbers, "prior"):
        for source, figures in model["prior"]["sources"].items():
            spread = figures["density_sd"]
            density = (f"{number(value, 1)} (sd {number(spread[stream], 1)})" for stream, value in figures["density"].items())
            rows.append([name, SOURCES[source], figures["n"], ", ".join(density), *(figures[what] for what in PRIOR)])
    head = ("model", "phrases from", "phrases", "onsets a bar", "language model, bits a step", "bars known", "all bars known", "copied")
    return table("What the models make up, beside the real test phrases; known means: stands so in the training songs", head, rows, 2)


def _again_table(numbers: Numbers) -> str:
    rows: list[list[Cell]] = []
    for name, model in having(numbers, "encodes_again"):
        figures = model["encodes_again"]
        rows.append([name, figures["n"], f"{figures['temperature']:g}", figures["encoded"], figures["same_tokens"]])
    head = ("model", "phrases", "temperature", "share that encodes again", "share that comes back token for token")
    return table("What is decoded can be encoded again", head, rows) if rows else ""


def _groove_again(numbers: Numbers) -> str:
    rows: list[list[Cell]] = []
    for name, figures in numbers.get("groove", {}).items():
        if shares := figures.get("encodes_again"):
            rows.append([name, shares["n"], f"{shares['temperature']:g}", shares["encoded"], shares["same_notes"]])
    head = ("model", "phrases", "temperature", "share that encodes again", "share that a MIDI file gives back the same")
    caption = "What is decoded can be encoded again; the same means: to the nearest velocity and the nearest tick"
    return table(caption, head, rows) if rows else ""


def _rolls(row: list[Example], caption: str) -> str:
    """Piano rolls on one pitch axis, each with a link to its file."""
    pitches = pitch_range(row[0].kind, [example.tokens for example in row])
    pictures = [
        f'<div class="one">{roll(each.kind, each.tokens, each.title, pitches)}'
        f'<p>{escape(each.title)} <a href="{escape(each.path)}">.mid</a></p></div>'
        for each in row
    ]
    return figure(f'<div class="rolls">{"".join(pictures)}</div>', caption)


def groove(numbers: Numbers) -> str:
    """Section 6."""
    rows: list[list[Cell]] = []
    for name, figures in numbers.get("groove", {}).items():
        shown = (interval(figures.get(what), figures.get(f"{what}_ci"), CODED.get(what, 3)) for what in GROOVE)
        rows.append([name, *shown])
    if not rows:
        return "<p>No groove bundle was given.</p>"
    rows.append(["GrooVAE, humanized", *(number(paper.GROOVAE.get(what), CODED.get(what, 3)) for what in GROOVE)])
    on_grid = {"timing_mae_ms": paper.GROOVAE_QUANTISED_MS}
    rows.append(["GrooVAE's baseline on the grid", *(number(on_grid.get(what), CODED.get(what, 3)) for what in GROOVE)])
    note = f"{_tasks(numbers['groove'])} Errors are without feel, the KL of timing and of velocity with it, where a bundle has it."
    first = table("Test performances, with 95 % intervals over files", ("model", *map(words, GROOVE)), rows)
    return first + f"<p>{escape(note)}</p>" + _groove_again(numbers)


def _tasks(grooves: Mapping[str, Any]) -> str:
    """Which models do what GrooVAE's figures are of, and what the others do: it depends on what an encoder hears."""
    by_task = {hears: [name for name, figures in grooves.items() if figures.get("hears", "all") == hears] for hears in TASKS}
    told = (f"{task}: {listing(by_task[hears])}." for hears, task in TASKS.items() if by_task[hears])
    return " ".join(["GrooVAE's figures are of humanization: its encoder hears which drums are struck, and it adds how.", *told])


def listening(numbers: Numbers) -> str:
    """Section 7."""
    result, parts = numbers.get("listening"), list[str]()
    for page in numbers.get("listening_pages", ()):
        link = f'<a href="{escape(page)}">{escape(page)}</a>'
        parts.append(f"<p>The test itself: {link}. It plays in any browser and keeps the answers there.</p>")
    if not result:
        return "\n".join([*parts, "<p>No answers yet. Answers saved by the page are read by <code>mvae-train listening result</code>.</p>"])
    rows: list[list[Cell]] = [
        [name, tally["won"], tally["equal"], tally["lost"], interval(tally["share"], tally["share_ci"])]
        for name, tally in (result["sources"] | result["meetings"]).items()
    ]
    caption = f"{result['answers']} answers of {result['listeners']} listeners; share of the decided with Wilson's 95 % interval"
    parts.append(table(caption, ("source", "preferred", "equal", "not preferred", "share preferred"), rows))
    test = result["kruskal_wallis"]
    parts.append(f"<p>Kruskal-Wallis over the three sources: H({test['degrees']}) = {number(test['h'])}, p = {number(test['p'], 4)}.</p>")
    return "\n".join(parts)
