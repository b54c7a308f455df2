"""Interpolation after Roberts et al. 2018 (arXiv 1803.05428), section 5.2: from phrase A to phrase B in the latent space, and in the data.

H(alpha): share of steps that differ from A, over that share at alpha = 1. Cost: bits of a 5-gram model over the weighted mean of those of A
and B. The data's own baseline takes each step from B with probability alpha, all streams together.
"""

import numpy as np
from numpy.typing import NDArray

from mvae.core.tokens import Tokens
from mvae.train.bootstrap import weights
from mvae.train.exp_subject import Subject, between, canonical
from mvae.train.token_exam import play
from mvae.train.token_metrics import Record, number

Floats = NDArray[np.float64]

ALPHA = tuple(round(0.1 * n, 1) for n in range(11))
EXAMPLES = 2


def interpolation(subject: Subject) -> Record:
    """The curves, each a list over alpha. Intervals are over pairs."""
    first, second = pairs(subject.song, subject.options.pairs, subject.options.seed)
    a, b = subject.real[first], subject.real[second]
    ways = [played(subject, between(subject.mu[first], subject.mu[second], alpha)) for alpha in ALPHA]
    mixed = [crossfade(a, b, alpha, subject.options.seed + n) for n, alpha in enumerate(ALPHA)]
    costs = {name: np.stack([subject.language.cost(x) for x in each]) for name, each in (("", ways), ("_data", mixed))}
    ends = subject.language.cost(a), subject.language.cost(b)
    straight = np.stack([(1 - alpha) * ends[0] + alpha * ends[1] for alpha in ALPHA])
    told: Record = {"pairs": len(first), "alpha": list(ALPHA), "temperature": subject.temperature}
    told |= {"hamming": distances(ways, a), "hamming_decoded": distances(ways, ways[0]), "hamming_data": distances(mixed, a)}
    for name, cost in costs.items():
        told[f"lm_cost{name}"], told[f"lm_cost{name}_ci"] = ratios(cost, straight, subject.options.draws)
        told[f"lm_bits_per_step{name}"] = (cost.mean(1) / a.shape[1]).tolist()
    told["monotone"] = all(bool((np.diff(told[name]) >= 0).all()) for name in ("hamming", "hamming_decoded"))
    inner = range(1, len(ALPHA) - 1)
    told["below_data_inside"] = all(told["lm_cost"][n] < told["lm_cost_data"][n] for n in inner)
    bits = subject.language.bits(subject.real).mean(0) / a.shape[1]
    model = {name: float(bits[n]) for n, name in enumerate(subject.streams)}
    told["language_model"] = {"order": 5, "trained_on_steps": subject.language.steps, "test_bits_per_step": model}
    told["examples"] = [{"alpha": list(ALPHA), "tokens": [x[n].tolist() for x in ways]} for n in range(min(EXAMPLES, len(a)))]
    return told


def pairs(song: NDArray[np.int64], count: int, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """So many pairs of phrases of different songs, drawn evenly; of the same song where there is but one."""
    draw = np.random.default_rng(seed)
    first, second = draw.integers(len(song), size=(2, count))
    several = len(set(song.tolist())) > 1
    while several and (same := song[first] == song[second]).any():
        second[same] = draw.integers(len(song), size=int(same.sum()))
    return first, second


def played(subject: Subject, z: NDArray[np.float32]) -> Tokens:
    """Decodes with the chance of each phrase kept, so that what differs comes from the points."""
    return canonical(subject.exam.kind, play(subject.exam, z, subject.temperature, subject.options.seed))


def crossfade(a: Tokens, b: Tokens, alpha: float, seed: int) -> Tokens:
    """Each step from `b` with probability alpha, else from `a`."""
    chosen = np.random.default_rng(seed).random(a.shape[:2]) < alpha
    return np.where(chosen[..., None], b, a)


def distances(ways: list[Tokens], a: Tokens) -> list[float]:
    """H(alpha): mean share of tokens that differ from `a`, over the last of them."""
    apart = [float((x != a).mean()) for x in ways]
    return [share / (apart[-1] or 1.0) for share in apart]


def ratios(cost: Floats, straight: Floats, draws: int) -> tuple[list[float | None], list[list[float] | None]]:
    """Mean cost over mean straight cost at each alpha, (11, pairs) each, and 95 % intervals over pairs."""
    drawn = weights(cost.shape[1], draws)
    told = [number((drawn @ above) / (drawn @ below)) for above, below in zip(cost, straight, strict=True)]
    return [value for value, _ in told], [interval for _, interval in told]
