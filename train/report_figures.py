"""Figures of the report as inline SVG: curves with bands, and dots with intervals on one scale. Colours are the page's style classes.

The same bytes for the same numbers; everything drawn lies in its box. Knows nothing of models.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from math import ceil, floor, isfinite, log10

LEFT, RIGHT, TOP, BOTTOM = 46.0, 12.0, 12.0, 38.0
ROW, NAMES = 22.0, 190.0  # height of a row of dots, and the room for its name
MARK = 8.0  # half the height of a stroke

Number = float | None


@dataclass(frozen=True, slots=True)
class Curve:
    """A line through points; `low` and `high` are its interval, where it has one. `kind` is a style class. None is a gap."""

    label: str
    kind: str
    x: Sequence[float]
    y: Sequence[Number]
    low: Sequence[Number] = ()
    high: Sequence[Number] = ()


@dataclass(frozen=True, slots=True)
class Dot:
    """A value with its interval, where it has one."""

    label: str
    kind: str
    value: Number
    interval: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class DotRow:
    """A named row of dots."""

    name: str
    dots: Sequence[Dot]


@dataclass(frozen=True, slots=True)
class Scale:
    """A range of values laid on a range of pixels; what lies outside is held at the edge."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        held = min(max(value, self.low), self.high)
        return self.start + (held - self.low) / (self.high - self.low) * (self.end - self.start)


@dataclass(frozen=True, slots=True)
class Size:
    """Of a chart, in pixels."""

    width: float = 420.0
    height: float = 260.0


@dataclass(frozen=True, slots=True)
class Axes:
    """What stands at the sides; a range is found where none is given."""

    x_label: str
    y_label: str
    x_range: tuple[float, float] | None = None
    y_range: tuple[float, float] | None = None
    size: Size = field(default_factory=Size)


def ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Round numbers within low..high, about `count`: steps of 1, 2 or 5 times a power of ten."""
    rough = (high - low) / count
    power = 10.0 ** floor(log10(rough))
    step = next(size * power for size in (1, 2, 5, 10) if size * power >= rough * 0.999)
    return [round(n * step, 10) for n in range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1)]


def span(values: Sequence[Number]) -> tuple[float, float]:
    """A range that holds all the values with a little room, never empty."""
    known = [value for value in values if value is not None and isfinite(value)] or [0.0]
    low, high = min(known), max(known)
    room = 0.06 * (high - low) or max(abs(high) * 0.1, 0.1)
    return low - room, high + room


def line_chart(title: str, curves: Sequence[Curve], axes: Axes) -> str:
    """Curves on one pair of axes. The key is in the page: see `key`."""
    width, height = axes.size.width, axes.size.height
    x = Scale(*(axes.x_range or span([v for curve in curves for v in curve.x])), LEFT, width - RIGHT)
    everything = [v for curve in curves for side in (curve.y, curve.low, curve.high) for v in side]
    y = Scale(*(axes.y_range or span(everything)), height - BOTTOM, TOP)
    drawn = [*_grid(x, y, axes), *(_band(curve, x, y) for curve in curves if curve.low), *(_line(curve, x, y) for curve in curves)]
    return svg(title, width, height, drawn)


def dot_chart(title: str, rows: Sequence[DotRow], x_label: str, x_range: tuple[float, float] | None = None, width: float = 640.0) -> str:
    """A row for each name, on one scale: a dot for what is of kind `own`, a stroke for everything else."""
    dots = [dot for row in rows for dot in row.dots]
    x = Scale(*(x_range or span([v for dot in dots for v in (dot.value, *(dot.interval or ()))])), NAMES, width - RIGHT)
    bottom = TOP + ROW * len(rows)
    drawn = [_vertical(x, value, TOP, bottom) for value in ticks(x.low, x.high)]
    drawn.append(f'<text class="small" text-anchor="middle" x="{_n((NAMES + width) / 2)}" y="{_n(bottom + 32)}">{escape(x_label)}</text>')
    for number, row in enumerate(rows):
        y = TOP + ROW * (number + 0.5)
        drawn.append(f'<text text-anchor="end" x="{_n(NAMES - 10)}" y="{_n(y + 4)}">{escape(row.name)}</text>')
        drawn += [_dot(dot, x, y) for dot in row.dots if dot.value is not None]
    return svg(title, width, bottom + BOTTOM, drawn)


def key(entries: Sequence[tuple[str, str]]) -> str:
    """The key of a chart: (style class, label) each."""
    items = "".join(f'<li><i class="{kind}"></i>{escape(label)}</li>' for kind, label in entries)
    return f'<ul class="key">{items}</ul>'


def svg(title: str, width: float, height: float, drawn: Sequence[str]) -> str:
    """One picture, named for those who do not see it."""
    box = f'viewBox="0 0 {_n(width)} {_n(height)}" style="max-width:{_n(width)}px"'
    return f'<svg {box} role="img"><title>{escape(title)}</title>{"".join(drawn)}</svg>'


def _grid(x: Scale, y: Scale, axes: Axes) -> list[str]:
    """Lines at round values, their numbers, and what the sides mean."""
    lines = [_vertical(x, value, y.end, y.start) for value in ticks(x.low, x.high)]
    for value in ticks(y.low, y.high):
        at = y.at(value)
        lines.append(f'<line class="grid" x1="{_n(x.start)}" x2="{_n(x.end)}" y1="{_n(at)}" y2="{_n(at)}"/>')
        lines.append(f'<text class="small" text-anchor="end" x="{_n(x.start - 5)}" y="{_n(at + 4)}">{value:g}</text>')
    middle_x, middle_y = (x.start + x.end) / 2, (y.start + y.end) / 2
    lines.append(f'<text class="small" text-anchor="middle" x="{_n(middle_x)}" y="{_n(y.start + 32)}">{escape(axes.x_label)}</text>')
    turned = f'transform="rotate(-90 11 {_n(middle_y)})" text-anchor="middle" x="11" y="{_n(middle_y)}"'
    return [*lines, f'<text class="small" {turned}>{escape(axes.y_label)}</text>']


def _vertical(x: Scale, value: float, top: float, bottom: float) -> str:
    at = x.at(value)
    line = f'<line class="grid" x1="{_n(at)}" x2="{_n(at)}" y1="{_n(top)}" y2="{_n(bottom)}"/>'
    return line + f'<text class="small" text-anchor="middle" x="{_n(at)}" y="{_n(bottom + 15)}">{value:g}</text>'


def _line(curve: Curve, x: Scale, y: Scale) -> str:
    """The curve in pieces, broken at its gaps, with a dot for each value."""
    pieces, dots = list[list[str]]([[]]), list[str]()
    for a, b in zip(curve.x, curve.y, strict=True):
        if b is None:
            pieces.append([])
            continue
        pieces[-1].append(f"{_n(x.at(a))},{_n(y.at(b))}")
        dots.append(f'<circle class="{curve.kind}" cx="{_n(x.at(a))}" cy="{_n(y.at(b))}" r="2.5"/>')
    lines = "".join(f'<polyline class="{curve.kind}" points="{" ".join(piece)}"/>' for piece in pieces if len(piece) > 1)
    return f"<g><title>{escape(curve.label)}</title>{lines}{''.join(dots)}</g>"


def _band(curve: Curve, x: Scale, y: Scale) -> str:
    known = [(a, low, high) for a, low, high in zip(curve.x, curve.low, curve.high, strict=True) if low is not None and high is not None]
    edge = [(a, low) for a, low, _ in known] + [(a, high) for a, _, high in reversed(known)]
    points = " ".join(f"{_n(x.at(a))},{_n(y.at(b))}" for a, b in edge)
    return f'<polygon class="band {curve.kind}" points="{points}"/>'


def _dot(dot: Dot, x: Scale, y: float) -> str:
    assert dot.value is not None
    bar = ""
    if dot.interval is not None:
        low, high = dot.interval
        bar = f'<line class="{dot.kind}" x1="{_n(x.at(low))}" x2="{_n(x.at(high))}" y1="{_n(y)}" y2="{_n(y)}"/>'
    told, at = escape(f"{dot.label}: {dot.value:.3f}"), _n(x.at(dot.value))
    mark = f'<circle class="{dot.kind}" cx="{at}" cy="{_n(y)}" r="4.5"/>'
    if dot.kind != "own":  # what is compared with is a stroke: it is seen behind a dot
        mark = f'<line class="mark {dot.kind}" x1="{at}" x2="{at}" y1="{_n(y - MARK)}" y2="{_n(y + MARK)}"/>'
    return f"<g><title>{told}</title>{bar}{mark}</g>"


def _n(value: float) -> str:
    """A pixel place, short."""
    return f"{value:.1f}".removesuffix(".0")
