"""mvae in Sardine: start mvae-live, then paste this into a Sardine session opened in this folder. Swimming functions turn the knobs."""

from mvae_osc import Mvae
from sardine_core.run import *  # noqa: F403  (how every Sardine session begins)

mvae = Mvae(on_note=lambda *note: None)
mvae.send("/mvae/play")


@swim  # noqa: F405
def density(p=4, i=0):
    mvae.knob("density", (-1, 0, 1, 2)[i % 4])
    again(density, p=4, i=i + 1)  # noqa: F405


@swim  # noqa: F405
def around(p=0.5, i=0):
    corners = ((0, 0), (1, 0), (1, 1), (0, 1))  # A, B, D, C
    mvae.pad(*corners[i // 8 % 4])
    again(around, p=0.5, i=i + 1)  # noqa: F405


@swim  # noqa: F405
def fills(p=32, i=0):
    mvae.send("/mvae/fill", 1)
    again(fills, p=32, i=i + 1)  # noqa: F405
