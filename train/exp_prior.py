"""What a model of tokens plays on its own: is it like the music, is it copied, and can all of it be encoded again?

A bar is known when it stands token for token in a training window. A phrase is `memorised` when all its bars are known, `copied` when it
stands whole in training. Real test phrases stand beside every figure.
"""

import time

import numpy as np
from numpy.typing import NDArray

from mvae.core import tokens as codec
from mvae.core.phrase import STEPS_PER_BAR
from mvae.core.tokens import FIRST_PITCH, Tokens
from mvae.train.exp_interpolation import pairs
from mvae.train.exp_subject import Subject, between, canonical
from mvae.train.mixture import sample
from mvae.train.token_coder import Points, encode_tokens
from mvae.train.token_exam import play
from mvae.train.token_metrics import Record
from mvae.train.token_test_set import fingerprints
from mvae.train.token_windows import TokenWindows

Marks = NDArray[np.uint64]

EXAMPLES = 8
AT_A_TIME = 1000


def prior(subject: Subject) -> Record:
    """Figures of each source of phrases, and a few of the phrases."""
    marks = known_marks(subject.training)
    count = min(subject.options.samples, len(subject.real))
    phrases = {name: decoded(subject, z) for name, z in sources(subject).items()}
    test = subject.real[np.random.default_rng(subject.options.seed).permutation(len(subject.real))[:count]]
    told = {name: figures(subject, tokens, *marks) for name, tokens in (phrases | {"test": test}).items()}
    examples = {name: tokens[:EXAMPLES].tolist() for name, tokens in phrases.items() if name != "midpoints"}
    return {"samples": subject.options.samples, "temperature": subject.temperature, "sources": told, "examples": examples}


def sources(subject: Subject) -> dict[str, Points]:
    """Points of N(0, 1), of the bundle's own mixture where it has one, and half way between test phrases."""
    count, seed = subject.options.samples, subject.options.seed
    found = {"normal": normal(count, subject.exam.z_size, seed)}
    if subject.exam.mixture is not None:
        found["mixture"] = sample(subject.exam.mixture, count, seed)
    first, second = pairs(subject.song, count, seed)
    return found | {"midpoints": between(subject.mu[first], subject.mu[second], 0.5)}


def normal(count: int, size: int, seed: int) -> Points:
    return np.random.default_rng(seed).standard_normal((count, size)).astype(np.float32)


def decoded(subject: Subject, z: Points) -> Tokens:
    return canonical(subject.exam.kind, play(subject.exam, z, subject.temperature, subject.options.seed))


def figures(subject: Subject, tokens: Tokens, bars: Marks, wholes: Marks) -> Record:
    """Density, cost and what of the phrases is known."""
    known = np.isin(bar_marks(tokens), bars)
    density = {name: onsets_per_bar(name, tokens[..., n]) for n, name in enumerate(subject.streams)}
    return {
        "n": len(tokens),
        "density": {name: float(values.mean()) for name, values in density.items()},
        "density_sd": {name: float(values.std()) for name, values in density.items()},
        "lm_bits_per_step": float(subject.language.cost(tokens).mean() / tokens.shape[1]),
        "bars_known": float(known.mean()),
        "memorised": float(known.all(1).mean()),
        "copied": float(np.isin(fingerprints(tokens), wholes).mean()),
    }


def onsets_per_bar(stream: str, tokens: Tokens) -> NDArray[np.float64]:
    """Onsets, of drums hits, per bar of phrases (n, steps). (n,)"""
    onsets = np.bitwise_count(tokens) if stream == "drums" else tokens >= FIRST_PITCH
    return np.asarray(onsets.mean(1, dtype=np.float64) * STEPS_PER_BAR)


def known_marks(training: TokenWindows) -> tuple[Marks, Marks]:
    """The fingerprints of all bars of the training windows, and of the windows."""
    bars, wholes = list[Marks](), list[Marks]()
    for first in range(0, len(training), AT_A_TIME):
        tokens = training.batch(slice(first, first + AT_A_TIME))
        bars.append(np.unique(bar_marks(tokens)))
        wholes.append(fingerprints(tokens))
    return np.unique(np.concatenate(bars)), np.unique(np.concatenate(wholes))


def bar_marks(tokens: Tokens) -> Marks:
    """A fingerprint of each bar of phrases (n, steps, streams), (n, bars)."""
    return fingerprints(tokens.reshape(-1, STEPS_PER_BAR, tokens.shape[2])).reshape(len(tokens), -1)


def encodes_again(subject: Subject) -> Record:
    """Samples of N(0, 1) at temperature 1: the share whose notes give the same tokens again, and the share the encoder takes."""
    begun, same, taken = time.monotonic(), 0, 0
    kind, count = subject.exam.kind, subject.options.again
    for first in range(0, count, AT_A_TIME):
        z = normal(min(AT_A_TIME, count - first), subject.exam.z_size, subject.options.seed + 1 + first)
        tokens = play(subject.exam, z, 1.0, subject.options.seed + first)
        notes = (codec.decode(kind, phrase) for phrase in tokens)
        again = np.stack([codec.encode(kind, phrase) for phrase in notes])
        same += int((again == canonical(kind, tokens)).all((1, 2)).sum())
        mu, sigma = encode_tokens(subject.exam, again)
        taken += int((np.isfinite(mu).all(1) & np.isfinite(sigma).all(1) & (sigma > 0).all(1)).sum())
    told = {"n": count, "temperature": 1.0, "same_tokens": same / count, "encoded": taken / count}
    return told | {"seconds": round(time.monotonic() - begun, 2)}
