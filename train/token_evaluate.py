"""`mvae-train evaluate` for models of tokens: how well a bundle plays back phrases it has never heard, in one JSON record.

Distinct windows of each song, z = mu. `teacher_forced`: the likeliest token, having heard what was played; `sampled`: free-running at
temperature 1, mean of four seeds; `greedy`: free-running at temperature 0. Every accuracy is a mean over songs; headline figures are of
the data sets with open licences. Beside each stand a model that holds all the way (of drums: that is silent) and the nearest training
window, found knowing the answer.
"""

import argparse
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mvae.core.errors import UserError
from mvae.core.tokens import HOLD, Tokens
from mvae.train.bootstrap import estimate
from mvae.train.corpus import Corpus
from mvae.train.evaluate import partners
from mvae.train.metrics import kl_bits
from mvae.train.nearest import nearest
from mvae.train.tally import POINT_FIGURES, point_sums
from mvae.train.tally import Songs as Places
from mvae.train.token_coder import Points, encode_tokens
from mvae.train.token_exam import Exam, open_exam, play, streams_of, teach
from mvae.train.token_metrics import Floats, Record, Songs, accuracy, numbers, onset_f1, right_onsets, skill, tables
from mvae.train.token_test_set import BUDGET_STEPS, Chosen, choose, headline_sets, read_windows, spread
from mvae.train.token_windows import TokenWindows

SEEDS = range(4)
GAP_PHRASES = 600  # training phrases, each of another song, that the train-test gap is taken on
ONE_SONG = "shuffled_z: there is one song, so each phrase has the z of another phrase of it"
BY_SET = ("teacher_forced", "sampled", "greedy", "onset_f1", "hold", "nearest", "skill", "nearest_skill")

Table = Mapping[str, Floats]  # by figure: (songs, streams)


def examine(exam: Exam, chosen: Chosen, training: TokenWindows | None = None, draws: int = 1000) -> tuple[Record, dict[str, Floats]]:
    """Every figure of the chosen windows as tables by stream, and of each headline song (songs, streams) what they are means of."""
    mu, sigma = encode_tokens(exam, chosen.tokens)
    table = song_table(exam, chosen, mu, sigma, training)
    songs = Songs.of(chosen.song, draws)
    head = headline_sets(chosen.set)
    of_head = np.isin(set_of_song(chosen, songs), head)
    own = {name: values[of_head] for name, values in table.items()}
    inside = chosen.of_sets(head)
    record: Record = {"n_phrases": int(inside.sum()), "songs": int(of_head.sum()), "headline_sets": list(head)}
    record |= {"n_distinct": chosen.distinct, "per_song": chosen.per_song} | figures(own, streams_of(exam), draws)
    record |= points(mu[inside], sigma[inside], chosen.song[inside], draws)
    if songs.count == 1 < len(mu):
        record["note"] = ONE_SONG
    record["sets"] = by_set(table, set_of_song(chosen, songs), chosen, streams_of(exam))
    if training is not None:
        record |= gap(exam, training, chosen, head, record)
    return record, own


def song_table(exam: Exam, chosen: Chosen, mu: Points, sigma: Points, training: TokenWindows | None) -> dict[str, Floats]:
    """What the figures are means of, by song: (songs, streams) each."""
    real, streams, songs = chosen.tokens, streams_of(exam), Songs.of(chosen.song, 1)
    forced, bits = teach(exam, mu, real)
    played = [play(exam, mu, 1.0, seed) for seed in SEEDS]
    greedy = play(exam, mu)
    table = {
        "teacher_forced": songs.means(accuracy(real, forced)),
        "sampled": np.mean([songs.means(accuracy(real, each)) for each in played], 0),
        "greedy": songs.means(accuracy(real, greedy)),
        "teacher_forced_onsets": songs.ratios(*right_onsets(streams, real, forced)),
        "sampled_onsets": np.mean([songs.ratios(*right_onsets(streams, real, each)) for each in played], 0),
        "onset_f1": np.mean([onset_f1(songs, streams, real, each) for each in played], 0),
        "onset_f1_greedy": onset_f1(songs, streams, real, greedy),
        "hold": songs.means((real == HOLD).mean(1)),
        "bits": songs.means(bits) / real.shape[1],
    }
    noise = np.random.default_rng(0).standard_normal(mu.shape)
    drawn = teach(exam, np.asarray(mu + sigma * noise, np.float32), real)[1].sum(1, keepdims=True)
    table["elbo"] = (songs.means(drawn) + songs.means(kl_bits(mu, sigma)[:, None])) / real.shape[1]
    table |= with_other_z(exam, chosen, mu, songs)
    if training is not None:
        close = nearest_windows(real, training, exam)
        table |= {"nearest": songs.means(accuracy(real, close)), "nearest_onset_f1": onset_f1(songs, streams, real, close)}
    return table


def with_other_z(exam: Exam, chosen: Chosen, mu: Points, songs: Songs) -> dict[str, Floats]:
    """Accuracies where each phrase has the mu of a phrase of another song, of the same where there is one song; nan of one phrase."""
    if len(mu) < 2:
        return dict.fromkeys(("teacher_forced_shuffled_z", "sampled_shuffled_z"), np.full((1, chosen.tokens.shape[2]), np.nan))
    other = mu[partners(songs.place if songs.count > 1 else np.arange(len(mu)))]
    forced, played = teach(exam, other, chosen.tokens)[0], play(exam, other, 1.0)
    pairs = {"teacher_forced_shuffled_z": forced, "sampled_shuffled_z": played}
    return {name: songs.means(accuracy(chosen.tokens, tokens)) for name, tokens in pairs.items()}


def nearest_windows(real: Tokens, training: TokenWindows, exam: Exam) -> Tokens:
    """The training window nearest to each phrase, of the data sets that the model was trained on."""
    rows = training.distinct()
    rows = rows[np.isin(training.song[rows], trained_songs(training, exam.sets))]
    known = training.batch(rows)
    return known[nearest(real, known)[0]]


def trained_songs(training: TokenWindows, sets: tuple[str, ...]) -> list[int]:
    """The songs of these data sets, of all where none is named."""
    return [number for number, song in enumerate(training.songs) if not sets or song.set in sets]


def set_of_song(chosen: Chosen, songs: Songs) -> NDArray[np.str_]:
    """The data set of each song, (songs,)."""
    return chosen.set[np.unique(songs.place, return_index=True)[1]]


def figures(table: Table, streams: tuple[str, ...], draws: int) -> Record:
    """All figures of a table by song, with intervals: accuracies by stream, bits over all streams."""
    songs = Songs.of(np.arange(len(table["hold"])), draws)
    drawn = {name: songs.drawn(values) for name, values in table.items()}
    bits, elbo = drawn.pop("bits"), drawn.pop("elbo")
    told = tables(drawn | skills(drawn), streams)
    told |= numbers({"nll_bits_per_step": bits.sum(1), "elbo_bits_per_step": elbo[:, 0]})
    return told | {"nll_bits_per_step_by_stream": {name: float(bits[0, n]) for n, name in enumerate(streams)}}


def skills(drawn: Table) -> dict[str, Floats]:
    """Skills and differences of figures that were drawn together."""
    hold = drawn["hold"]
    told = {"skill": skill(drawn["sampled"], hold), "skill_teacher_forced": skill(drawn["teacher_forced"], hold)}
    told["skill_greedy"] = skill(drawn["greedy"], hold)
    if "nearest" in drawn:
        told["nearest_skill"] = skill(drawn["nearest"], hold)
        told["above_nearest"] = told["skill"] - told["nearest_skill"]
        told["above_nearest_greedy"] = told["skill_greedy"] - told["nearest_skill"]
        told["above_nearest_teacher_forced"] = told["skill_teacher_forced"] - told["nearest_skill"]
    for name in ("sampled", "teacher_forced"):
        told[f"lost_{name}"] = drawn[name] - drawn[f"{name}_shuffled_z"]
    return told


def points(mu: Points, sigma: Points, song: NDArray[np.int64], draws: int) -> Record:
    """KL in bits, mean over phrases, and active units, with intervals over songs."""
    wanted = {name: figure for name, figure in POINT_FIGURES.items() if name != "n_phrases"}
    told: Record = dict(estimate(wanted, point_sums(mu, sigma, Places.of(song, np.zeros(len(song)))), draws))
    return told


def by_set(table: Table, sets: NDArray[np.str_], chosen: Chosen, streams: tuple[str, ...]) -> Record:
    """A row of figures for each data set."""
    rows: Record = {}
    for name in sorted(set(sets.tolist())):
        own = Songs.of(np.flatnonzero(sets == name), 1)
        part = {key: own.drawn(values[sets == name]) for key, values in table.items() if key not in ("bits", "elbo")}
        told = tables(part | skills(part), streams)
        rows[name] = {"songs": int((sets == name).sum()), "n_phrases": int(chosen.of_sets((name,)).sum())}
        rows[name] |= {key: told[key] for key in BY_SET if key in told}
    return rows


def gap(exam: Exam, training: TokenWindows, chosen: Chosen, head: tuple[str, ...], record: Record) -> Record:
    """Accuracies on training phrases, data sets in the same shares as the test songs, and how far above the test they are."""
    rows = training_rows(training, chosen, head)
    if not len(rows):
        return {"train_phrases": 0}
    real = training.batch(rows)
    mu, _ = encode_tokens(exam, real)
    scores = {"train_teacher_forced": teach(exam, mu, real)[0], "train_sampled": play(exam, mu, 1.0)}
    songs = Songs.of(np.arange(len(real)))
    told = tables({name: songs.drawn(accuracy(real, tokens)) for name, tokens in scores.items()}, streams_of(exam))
    for name, key in (("train_test_gap", "sampled"), ("train_test_gap_teacher_forced", "teacher_forced")):
        told[name] = {stream: value - record[key][stream] for stream, value in told[f"train_{key}"].items()}
    return {"train_phrases": len(rows)} | told


def training_rows(training: TokenWindows, chosen: Chosen, head: tuple[str, ...]) -> NDArray[np.int64]:
    """One window of each of so many training songs of the headline's data sets, by their shares of the test songs; else of all."""
    songs = Songs.of(chosen.song, 1)
    sets = set_of_song(chosen, songs)
    of_window = np.array([training.songs[number].set for number in training.song.tolist()], np.str_)
    shares = {name: float((sets == name).sum()) for name in head if (of_window == name).any()}
    shares = shares or dict.fromkeys(sorted(set(of_window.tolist())), 1.0)
    found = list[NDArray[np.int64]]()
    for name, share in shares.items():
        one_each = spread(training.song, np.flatnonzero(of_window == name), 1)
        wanted = min(len(one_each), round(GAP_PHRASES * share / sum(shares.values())))
        found.append(one_each[np.linspace(0, len(one_each) - 1, wanted).astype(np.int64)])
    return np.concatenate([np.zeros(0, np.int64), *found])


def run(arguments: argparse.Namespace, split: str) -> tuple[Record, Record]:
    """The record that the command writes, and what the card keeps of it."""
    from mvae.train.token_print import headline, plain, print_record

    exam = open_exam(arguments.bundle)
    windows = read_windows(exam.kind, arguments.midi, exam.bars, None if split == "all" else split, arguments.tracks)
    names = ", ".join(map(str, arguments.midi))
    if not len(windows):
        raise UserError(f"--midi {names}: no {exam.kind} in 4/4 for {exam.bars} bars (split {split}); give a folder with some")
    training = corpus_of(exam, arguments.data) if arguments.data else None
    chosen = choose(windows, BUDGET_STEPS, arguments.per_song)
    about: dict[str, Any] = {"bundle": arguments.bundle.name, "midi": [folder.name for folder in arguments.midi], "split": split}
    about |= {"kind": exam.kind, "bars": exam.bars, "files_left_out": len(windows.skipped)}
    told = about | examine(exam, chosen, training)[0]
    print_record(told)
    return plain(told), headline(told)


def corpus_of(exam: Exam, folder: Any) -> TokenWindows:
    """The training windows of a corpus of the model's kind. UserError where it is of another kind or length."""
    corpus = Corpus.open(folder)
    if corpus.kind != exam.kind:
        raise UserError(f"--data {folder}: a corpus of {corpus.kind}; give one of {exam.kind}")
    return corpus.tokens("train", exam.bars)
