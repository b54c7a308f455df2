"""What every experiment on a model of tokens starts from: its test phrases and their points, and its training windows."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mvae.core.errors import UserError, listing
from mvae.core.latent import slerp
from mvae.core.tokens import STREAMS, Tokens, canonical_mono
from mvae.train.corpus import Corpus
from mvae.train.ngram import LanguageModel, fit_windows
from mvae.train.token_coder import Points, encode_tokens
from mvae.train.token_exam import Exam, streams_of
from mvae.train.token_test_set import BUDGET_STEPS, Chosen, choose, headline_sets
from mvae.train.token_windows import TokenWindows

Index = NDArray[np.int64]

PARTS = ("reconstruction", "posterior", "interpolation", "attributes", "prior", "encodes_again")


@dataclass(frozen=True, slots=True)
class Options:
    """How much is measured. `temperature` None: the model's default, for free-running decodes that are not "sampled"."""

    seed: int = 0
    temperature: float | None = None
    pairs: int = 1024
    samples: int = 1000
    again: int = 10_000
    draws: int = 1000
    steps: int = BUDGET_STEPS  # of test music
    attribute_steps: int = 1 << 15  # of test music whose attributes are moved, over all streams
    parts: tuple[str, ...] = PARTS
    sets: tuple[str, ...] = ()  # whose test songs are taken; all of the corpus without


@dataclass(frozen=True, eq=False)
class Subject:
    """A model with its music; everything else is made when it is first asked for."""

    exam: Exam
    chosen: Chosen  # test phrases of all data sets
    training: TokenWindows  # of the data sets that the model was trained on
    options: Options = field(default_factory=Options)

    @property
    def streams(self) -> tuple[str, ...]:
        return streams_of(self.exam)

    @property
    def temperature(self) -> float:
        return self.exam.temperature if self.options.temperature is None else self.options.temperature

    @cached_property
    def sets(self) -> tuple[str, ...]:
        """The headline's data sets."""
        return headline_sets(self.chosen.set)

    @cached_property
    def real(self) -> Tokens:
        """The headline's test phrases, (n, steps, streams)."""
        return self.chosen.tokens[self.chosen.of_sets(self.sets)]

    @cached_property
    def song(self) -> Index:
        return self.chosen.song[self.chosen.of_sets(self.sets)]

    @cached_property
    def posterior(self) -> tuple[Points, Points]:
        """mu and sigma of the test phrases, (n, z) each."""
        return encode_tokens(self.exam, self.real)

    @property
    def mu(self) -> Points:
        return self.posterior[0]

    @cached_property
    def language(self) -> LanguageModel:
        """n-grams of the training windows."""
        return fit_windows(self.training)


def subject_of(exam: Exam, corpus: Corpus, options: Options) -> Subject:
    """A model with the test and training windows of a corpus of its kind. UserError where it has none of the data sets that the model
    learnt, or not those to be tested on."""
    windows, test = corpus.tokens("train", exam.bars), corpus.tokens("test", exam.bars)
    training = of_sets(windows, exam.sets) if exam.sets else windows
    if not len(training):
        raise UserError(f"--data {corpus.folder}: none of the data sets that the model learnt ({listing(exam.sets)}); prepare them, too")
    if missing := set(options.sets) - (there := {test.songs[number].set for number in test.song.tolist()}):
        raise UserError(f"--sets {min(missing)}: {corpus.folder} has no test songs of it; choose from {listing(sorted(there))}")
    return Subject(exam, choose(of_sets(test, options.sets) if options.sets else test, options.steps), training, options)


def of_sets(windows: TokenWindows, sets: Sequence[str]) -> TokenWindows:
    """The windows of these data sets."""
    inside = np.isin(windows.song, [number for number, song in enumerate(windows.songs) if song.set in sets])
    return replace(windows, start=windows.start[inside], song=windows.song[inside])


def between(a: Points, b: Points, alpha: float) -> Points:
    """Points on the ways from `a` to `b`, (n, z) each."""
    return np.stack([slerp(x, y, alpha) for x, y in zip(a, b, strict=True)])


def canonical(kind: str, tokens: Tokens) -> Tokens:
    """Phrases (n, steps, streams) without an OFF that ends nothing."""
    columns = [
        tokens[..., n] if name == "drums" else canonical_mono(tokens[..., n]) for n, name in enumerate(STREAMS[kind])
    ]  # fmt: skip
    return np.stack(columns, axis=-1)


def thinned(count: int, most: int) -> Index:
    """At most so many of `count` places, spread evenly."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).astype(np.int64))
