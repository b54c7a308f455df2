"""What the decoder hears while it learns: parts of the phrase, as a performer leaves them.

In the instrument the decoder hears what is forced, the steps that the audience has heard or the voices that a performer locks, and
nothing of what it decides itself. Each cell it decides is then a smooth function of the latent, and a morph changes a hit once instead
of setting off others. In training it hears nothing, a beginning, some voices, or scattered steps, in these shares.
"""

import torch
from torch import Tensor

NOTHING, BEGINNING, VOICES, SCATTERED = 0.4, 0.3, 0.15, 0.15  # of the examples
KINDS = 9


def parts_heard(count: int, steps: int, draw: torch.Generator) -> Tensor:
    """1 where a cell is heard, else 0; float32 (count, steps, 27), alike for the hit, velocity and offset of a cell."""
    beginning = torch.arange(steps)[None, :, None] < torch.randint(1, steps + 1, (count, 1, 1), generator=draw)
    voices = torch.rand(count, 1, KINDS, generator=draw) < 0.5
    scattered = torch.rand(count, steps, 1, generator=draw) < 0.5
    choice = torch.multinomial(torch.tensor([NOTHING, BEGINNING, VOICES, SCATTERED]), count, True, generator=draw)[:, None, None]
    heard = ((choice == 1) & beginning) | ((choice == 2) & voices) | ((choice == 3) & scattered)
    return heard.expand(count, steps, KINDS).float().repeat(1, 1, 3)
