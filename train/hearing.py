"""What encoders and decoders hear while they learn.

An encoder hears all of a groove, its taps, or its hits. Taps are one row: where anything sounds, as loud as the loudest, as late as the
mean; they lie where the closed hat would, the rest is silent. Hits are which piece sounds at which step, without velocity and timing.
A decoder that says the whole groove all the same learns to drumify or to humanize (Gillick et al. 2019, THIRD_PARTY.md).

A decoder hears parts of the phrase, as a performer leaves them: what is forced, the steps that the audience has heard or the voices
that a performer locks, and nothing of what it decides itself. Each cell it decides is then a smooth function of the latent, and a morph
changes a hit or a note once instead of setting off others. In training it hears nothing, a beginning, some voices, or scattered
steps, in these shares.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

NOTHING, BEGINNING, VOICES, SCATTERED = 0.4, 0.3, 0.15, 0.15  # of the examples
KINDS = 9
CLOSED_HAT = 2  # where taps lie


def as_heard(notes: Tensor, what: str) -> Tensor:
    """Notes (B, steps, 27) as the encoder hears them, `what` one of `mvae.core.card.HEARD`: of the same shape, for every encoder to take
    a groove."""
    if what == "all":
        return notes
    hits, velocities, offsets = notes.chunk(3, dim=-1)
    if what == "hits":
        return torch.cat([hits, torch.zeros_like(velocities), torch.zeros_like(offsets)], dim=-1)
    late = (hits * offsets).sum(-1, keepdim=True) / hits.sum(-1, keepdim=True).clamp(min=1.0)
    row = [hits.amax(-1, keepdim=True), (hits * velocities).amax(-1, keepdim=True), late]
    return torch.cat([F.pad(each, (CLOSED_HAT, KINDS - 1 - CLOSED_HAT)) for each in row], dim=-1)


def parts_heard(count: int, steps: int, voices: int, draw: torch.Generator) -> Tensor:
    """Where a cell is heard: (count, steps, voices) of bool."""
    beginning = torch.arange(steps)[None, :, None] < torch.randint(1, steps + 1, (count, 1, 1), generator=draw)
    some = torch.rand(count, 1, voices, generator=draw) < 0.5
    scattered = torch.rand(count, steps, 1, generator=draw) < 0.5
    choice = torch.multinomial(torch.tensor([NOTHING, BEGINNING, VOICES, SCATTERED]), count, True, generator=draw)[:, None, None]
    heard = ((choice == 1) & beginning) | ((choice == 2) & some) | ((choice == 3) & scattered)
    return heard.expand(count, steps, voices)
