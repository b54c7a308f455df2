"""The response of axes as one SVG picture, a panel for each: what was asked for, what was reached, and what else moved.

Plain text, no plotting library, the same bytes for the same numbers.
"""

from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from mvae.train.response import STILL, Calibrated

Floats = NDArray[np.float64]

COLUMNS, WIDTH, HEIGHT = 3, 300, 230  # panels a row, and the size of one in pixels
LEFT, RIGHT, TOP, BOTTOM = 34, 12, 44, 30
LIMIT = 3.0  # standard deviations shown up and down
STYLE = """
text { font: 11px sans-serif; fill: #333 } .name { font-size: 13px; font-weight: bold } .small { font-size: 10px; fill: #777 }
.frame { fill: none; stroke: #ccc } .zero { stroke: #ddd } .other { fill: none; stroke: #b9c0c8 } .band { fill: #2a6f97; opacity: .12 }
.asked { fill: none; stroke: #d1495b; stroke-dasharray: 4 3; stroke-width: 1.5 } .own { fill: none; stroke: #2a6f97; stroke-width: 2.5 }
"""


def draw_axes(axes: Sequence[Calibrated]) -> str:
    """The SVG text: blue the attribute's mean (band: quartiles of phrases), red dashed what was asked for, grey all other attributes."""
    rows = -(-len(axes) // COLUMNS)
    width, height = COLUMNS * WIDTH, rows * HEIGHT + 24
    legend = "knob against attribute, in standard deviations of the training split; blue mean and quartiles, red asked for, grey the others"
    panels = [_panel(each, WIDTH * (i % COLUMNS), HEIGHT * (i // COLUMNS)) for i, each in enumerate(axes)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
            f"<style>{STYLE}</style>",
            f'<rect width="{width}" height="{height}" fill="white"/>',
            *panels,
            f'<text class="small" x="{LEFT}" y="{height - 8}">{legend}</text>',
            "</svg>\n",
        ]
    )


def _panel(each: Calibrated, left: int, top: int) -> str:
    response, name = each.response, each.axis.name
    middle = {attribute: float(np.interp(0.0, response.knob, mean)) for attribute, mean in response.mean.items()}

    def height(attribute: str, value: float) -> float:
        return (value - middle[attribute]) / max(response.sd[attribute], STILL)

    def line(values: Floats, attribute: str, kind: str) -> str:
        points = " ".join(_at(k, height(attribute, v)) for k, v in zip(response.knob, values, strict=True))
        return f'<polyline class="{kind}" points="{points}"><title>{escape(attribute)}</title></polyline>'

    low, high = (np.nanpercentile(response.own, q, axis=0) for q in (25, 75))
    edge = [*zip(response.knob, low, strict=True), *reversed([*zip(response.knob, high, strict=True)])]
    band = " ".join(_at(k, height(name, v)) for k, v in edge)
    faults = response.faults()
    verdict = f"{response.follow:.0%} of phrases follow" if not faults else f"not shipped: {faults[0]}"
    return "\n".join(
        [
            f'<g transform="translate({left} {top})">',
            f'<text class="name" x="{LEFT}" y="18">{escape(name)}</text><text class="small" x="{LEFT}" y="34">{escape(verdict)}</text>',
            *_grid(),
            *(line(mean, attribute, "other") for attribute, mean in response.mean.items() if attribute != name),
            f'<polygon class="band" points="{band}"/>',
            line(each.target, name, "asked"),
            line(response.mean[name], name, "own"),
            "</g>",
        ]
    )


def _grid() -> list[str]:
    """Frame, zero lines and the numbers along both sides."""
    (left, top), (right, bottom) = _place(-2, LIMIT), _place(2, -LIMIT)
    lines = [f'<rect class="frame" x="{left:.0f}" y="{top:.0f}" width="{right - left:.0f}" height="{bottom - top:.0f}"/>']
    for value in (-2, -1, 0, 1, 2):
        (x, y), kind = _place(value, value), "zero"
        lines.append(f'<text class="small" text-anchor="middle" x="{x:.0f}" y="{bottom + 13:.0f}">{value}</text>')
        lines.append(f'<text class="small" text-anchor="end" x="{left - 4:.0f}" y="{y + 3:.0f}">{value}</text>')
        lines.append(f'<line class="{kind}" x1="{left:.0f}" x2="{right:.0f}" y1="{y:.1f}" y2="{y:.1f}"/>')
    return lines


def _place(knob: float, sd: float) -> tuple[float, float]:
    """Where a value lies in its panel, pixels from its upper left corner."""
    x = LEFT + (knob + 2) / 4 * (WIDTH - LEFT - RIGHT)
    y = TOP + (LIMIT - min(max(sd, -LIMIT), LIMIT)) / (2 * LIMIT) * (HEIGHT - TOP - BOTTOM)
    return x, y


def _at(knob: float, sd: float) -> str:
    x, y = _place(float(knob), float(sd))
    return f"{x:.1f},{y:.1f}"
