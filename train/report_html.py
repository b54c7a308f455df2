"""The few pieces of HTML that the report is made of: numbers, tables, heat tables, figures. Text is escaped here."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from mvae.train.report_figures import Number

NONE = "–"


@dataclass(frozen=True, slots=True)
class Html:
    """Markup that is taken as it is."""

    text: str


Cell = str | Html | float | int | None


def number(value: Number, digits: int = 3) -> str:
    """A number as the page shows it: a real minus, a dash where there is none."""
    if value is None:
        return NONE
    text = f"{value:.{digits}f}"
    return text.replace("-", "−") if float(text) else text.removeprefix("-")


def interval(value: Number, bounds: Sequence[float] | None, digits: int = 3) -> Html:
    """A number, and in small its 95 % interval where it has one."""
    if value is None or not bounds:
        return Html(number(value, digits))
    return Html(f"{number(value, digits)} <small>{number(bounds[0], digits)}&nbsp;..&nbsp;{number(bounds[1], digits)}</small>")


def cell(value: Cell) -> str:
    if isinstance(value, Html):
        return value.text
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return escape(value) if isinstance(value, str) else number(value)


def table(caption: str, head: Sequence[str], rows: Sequence[Sequence[Cell]], names: int = 1) -> str:
    """A table whose first `names` columns name the row."""
    top = "".join(f'<th scope="col">{escape(each)}</th>' for each in head)
    lines = []
    for row in rows:
        first = "".join(f'<th scope="row">{cell(each)}</th>' for each in row[:names])
        lines.append(f"<tr>{first}{''.join(f'<td>{cell(each)}</td>' for each in row[names:])}</tr>")
    return _wide("plain", caption, top, lines)


def heat_table(caption: str, rows: Sequence[str], columns: Sequence[str], values: Sequence[Sequence[Number]], digits: int = 0) -> str:
    """A matrix as a table, the stronger a value the deeper its colour; each row on its own scale. Its diagonal is framed."""
    lines = []
    for i, (name, row) in enumerate(zip(rows, values, strict=True)):
        most = max((abs(value) for value in row if value is not None), default=0.0) or 1.0
        cells = []
        for j, value in enumerate(row):
            side, depth = "up" if (value or 0.0) >= 0 else "down", round(70 * abs(value or 0.0) / most)
            own = " own" if i == j else ""
            cells.append(f'<td class="{side}{own}" style="--depth:{depth}%">{number(value, digits)}</td>')
        lines.append(f'<tr><th scope="row">{escape(name)}</th>{"".join(cells)}</tr>')
    top = "".join(f'<th scope="col">{escape(each)}</th>' for each in ("", *columns))
    return _wide("heat", caption, top, lines)


def _wide(kind: str, caption: str, top: str, lines: Sequence[str]) -> str:
    """A table that scrolls by itself where the page is narrow."""
    head, body = f"<caption>{escape(caption)}</caption><thead><tr>{top}</tr></thead>", "\n".join(lines)
    return f'<div class="wide"><table class="{kind}">{head}<tbody>\n{body}\n</tbody></table></div>'


def folded(summary: str, inside: str) -> str:
    """What is unfolded by those who want it."""
    return f"<details><summary>{escape(summary)}</summary>{inside}</details>"


def figure(picture: str, caption: str, below: str = "") -> str:
    """A picture with its caption; `below` is markup, such as a key."""
    return f"<figure>{picture}<figcaption>{escape(caption)}{below}</figcaption></figure>"


def listed(lines: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def words(name: str) -> str:
    """A key of the numbers as words."""
    return name.replace("_", " ")
