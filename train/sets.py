"""Drum sets as tokens that share what is learnt of their pieces: a table of rows and a product to logits.

Knows nothing of models; other streams get the plain nn.Embedding and nn.Linear.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mvae.core.drums import CLASSES
from mvae.core.tokens import VOCABULARY

VOICES = len(CLASSES)


class SetTable(nn.Module):
    """As nn.Embedding of drum tokens: a set's row is one of its own and the sum of its pieces' rows, so that sets which share a piece share
    what is learnt of it. A number after the last set has no pieces."""

    sets: Tensor

    def __init__(self, count: int, width: int):
        super().__init__()
        self.own, self.pieces = nn.Parameter(0.1 * torch.randn(count, width)), nn.Parameter(torch.randn(VOICES, width))
        self.register_buffer("sets", pieces_of_sets(count), persistent=False)

    @property
    def weight(self) -> Tensor:
        """(count, width)"""
        return self.own + self.sets @ self.pieces

    def forward(self, tokens: Tensor) -> Tensor:
        return F.embedding(tokens, self.weight)


class SetLogits(nn.Module):
    """As nn.Linear to drum tokens: a set's logit is one of its own and the sum of its pieces' logits."""

    sets: Tensor

    def __init__(self, width: int, count: int):
        super().__init__()
        self.own, self.pieces = nn.Linear(width, count), nn.Linear(width, VOICES)
        nn.init.normal_(self.own.weight, std=0.01)
        self.register_buffer("sets", pieces_of_sets(count), persistent=False)

    @property
    def weight(self) -> Tensor:
        """(count, width)"""
        return self.own.weight + self.sets @ self.pieces.weight

    @property
    def bias(self) -> Tensor:
        """(count,)"""
        return self.own.bias + self.sets @ self.pieces.bias

    def forward(self, hidden: Tensor) -> Tensor:
        return F.linear(hidden, self.weight, self.bias)


def table_of(stream: str, width: int, more: int = 0) -> nn.Embedding | SetTable:
    """A row for each token of a stream, and so many more for what is no token."""
    return (SetTable if stream == "drums" else nn.Embedding)(VOCABULARY[stream] + more, width)


def logits_of(stream: str, width: int) -> nn.Linear | SetLogits:
    """(..., width) -> (..., vocabulary)"""
    return (SetLogits if stream == "drums" else nn.Linear)(width, VOCABULARY[stream])


def pieces_of_sets(count: int) -> Tensor:
    """Which of the nine pieces each set has, 0 or 1: (count, 9); a number after the last set has none."""
    sets = [token if token < VOCABULARY["drums"] else 0 for token in range(count)]
    return torch.tensor([[float(token >> piece & 1) for piece in range(VOICES)] for token in sets])
