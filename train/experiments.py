"""The experiments of the MusicVAE paper (Roberts et al. 2018, arXiv 1803.05428) on models of tokens, as plain data.

Each experiment takes a model with its music (`mvae.train.exp_subject`) and gives tables of numbers; None stands where there is none. Knows
nothing of pages or pictures.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import product

import numpy as np

from mvae.core.errors import UserError
from mvae.core.tokens import STREAMS
from mvae.train.corpus import Corpus
from mvae.train.exp_attributes import attribute_experiment
from mvae.train.exp_interpolation import interpolation
from mvae.train.exp_prior import encodes_again, prior
from mvae.train.exp_subject import Options, Subject, subject_of
from mvae.train.token_evaluate import examine
from mvae.train.token_exam import Exam
from mvae.train.token_metrics import Floats, Record, Songs, tables

__all__ = ["Options", "experiments"]

FORMAT = 1
POSTERIOR = ("nll_bits_per_step", "elbo_bits_per_step", "kl_bits", "active_units", "teacher_forced_shuffled_z", "sampled_shuffled_z",
             "lost_teacher_forced", "lost_sampled")  # fmt: skip
OTHERS = {
    "interpolation": interpolation,
    "attributes": attribute_experiment,
    "prior": prior,
    "encodes_again": encodes_again,
}


def experiments(
    exams: Mapping[str, Exam], corpora: Sequence[Corpus], options: Options | None = None, say: Callable[[str], None] = lambda _: None
) -> Record:
    """Every experiment on every model, by name. UserError where a model has no corpus of its kind and length."""
    wanted = options or Options()
    places = {name: corpus_for(name, exam, corpora) for name, exam in exams.items()}
    told: Record = {"format": FORMAT, "options": vars_of(wanted), "bundles": {}}
    by_song: dict[str, dict[str, Floats]] = {}
    for name, exam in exams.items():
        subject = subject_of(exam, places[name], wanted)
        told["bundles"][name] = about(subject, places[name])
        if {"reconstruction", "posterior"} & set(wanted.parts):
            say(f"{name}: reconstruction")
            record, by_song[name] = examine(exam, subject.chosen, subject.training, wanted.draws)
            told["bundles"][name] |= {"reconstruction": reconstruction(record), "posterior": posterior(record, exam)}
        for part, experiment in OTHERS.items():
            if part in wanted.parts:
                say(f"{name}: {part}")
                told["bundles"][name][part] = experiment(subject)
    told["comparisons"] = comparisons(exams, by_song, wanted.draws)
    return told


def vars_of(options: Options) -> Record:
    return {name: getattr(options, name) for name in options.__slots__} | {"parts": list(options.parts), "sets": list(options.sets)}


def corpus_for(name: str, exam: Exam, corpora: Sequence[Corpus]) -> Corpus:
    """The corpus of a model's kind that has its bars. UserError where there is none."""
    for corpus in corpora:
        if corpus.kind == exam.kind and exam.bars in corpus.facts.get("bars", ()):
            return corpus
    raise UserError(f"--data: no corpus of {exam.kind} with {exam.bars} bars for {name}; prepare one with --kind {exam.kind}")


def about(subject: Subject, corpus: Corpus) -> Record:
    exam = subject.exam
    training = sorted({subject.training.songs[number].set for number in np.unique(subject.training.song).tolist()})
    music = {"folder": corpus.folder.name, "sets": list(subject.sets), "training_sets": training}
    sizes = {"bars": exam.bars, "steps": subject.real.shape[1], "z_size": exam.z_size, "hierarchical": exam.hierarchical}
    return {"kind": exam.kind, "streams": list(subject.streams), **sizes, "temperature": subject.temperature, "corpus": music}


def reconstruction(record: Record) -> Record:
    """The figures of `examine` that tell how well phrases come back."""
    left_out = {*POSTERIOR, *(f"{name}_ci" for name in POSTERIOR), "nll_bits_per_step_by_stream"}
    return {name: value for name, value in record.items() if name not in left_out}


def posterior(record: Record, exam: Exam) -> Record:
    """The figures of `examine` that tell what the latents carry."""
    told = {key: record[key] for name in POSTERIOR for key in (name, f"{name}_ci")}
    told |= {"nll_bits_per_step_by_stream": record["nll_bits_per_step_by_stream"], "z_size": exam.z_size}
    per_step = 16 * exam.bars
    interval = record["kl_bits_ci"] and [bits / per_step for bits in record["kl_bits_ci"]]
    return told | {"kl_bits_per_step": record["kl_bits"] / per_step, "kl_bits_per_step_ci": interval}


def comparisons(exams: Mapping[str, Exam], by_song: Mapping[str, Mapping[str, Floats]], draws: int) -> list[Record]:
    """Every hierarchical model with every flat one of its kind and length: differences of accuracy, songs paired."""
    told = list[Record]()
    for one, other in product(by_song, by_song):
        a, b = exams[one], exams[other]
        if a.hierarchical and not b.hierarchical and (a.kind, a.bars) == (b.kind, b.bars):
            about_both = {"kind": a.kind, "bars": a.bars, "hierarchical": one, "flat": other}
            told.append(about_both | compared(by_song[one], by_song[other], a.kind, draws))
    return told


def compared(first: Mapping[str, Floats], second: Mapping[str, Floats], kind: str, draws: int) -> Record:
    """First less second of figures by song (songs, streams) of the same songs, with intervals over songs."""
    streams, names = STREAMS[kind], ("teacher_forced", "sampled")
    songs = Songs.of(np.arange(len(first["sampled"])), draws)
    told: Record = {"songs": songs.count} | tables({name: songs.drawn(first[name] - second[name]) for name in names}, streams)
    beyond = {name: {stream: beyond_zero(told[f"{name}_ci"][stream]) for stream in streams} for name in names}
    return told | {"excludes_zero": beyond}


def beyond_zero(interval: Sequence[float] | None) -> bool:
    return interval is not None and (interval[0] > 0 or interval[1] < 0)
