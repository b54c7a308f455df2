"""`mvae-train evaluate`: how well a bundle plays back performances it has never heard, in one JSON record. Here: grooves; models of
tokens are measured by `mvae.train.token_evaluate`.

Every phrase is decoded once, free-running from its own mu at temperature 0, as performers get it. Errors are without `feel`
(residuals only add to them), distributions and spreads with it. Knows nothing of what is musical: see `mvae.train.realism`.
"""

import argparse
import json
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mvae.core.errors import UserError, listing
from mvae.train import baselines
from mvae.train.bootstrap import estimate
from mvae.train.coder import Coder, decode_all, encode_all, keep_facts, open_coder
from mvae.train.feel import residual_of, with_feel
from mvae.train.sources import SPLITS
from mvae.train.tally import (
    ERROR_FIGURES,
    HIT_FIGURES,
    POINT_FIGURES,
    SPREAD_FIGURES,
    Songs,
    error_sums,
    hit_sums,
    point_sums,
    spread_sums,
)
from mvae.train.token_coder import kind_at

Notes = NDArray[np.float32]  # (n, steps, 27)
Record = dict[str, Any]

SPLIT_TABLES = ("info.csv", "split.csv")
GAP_WINDOWS = 2048  # training windows, spread evenly, that the train-test gap is taken on


class WindowSet(Protocol):
    """What this module needs of a corpus's windows."""

    @property
    def song(self) -> NDArray[np.int64]: ...
    @property
    def bpm(self) -> NDArray[np.floating]: ...
    def __len__(self) -> int: ...
    def batch(self, indices: NDArray[np.int64]) -> Notes: ...


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--bundle", type=Path, required=True, help="a bundle's folder (or a run, before it is exported)")
    parser.add_argument("--midi", type=Path, required=True, nargs="+", metavar="DIR", help="any folder of MIDI files (of tokens, several)")
    parser.add_argument("--split", help="which split of a folder that says its splits: train, validation, test (default) or all")
    parser.add_argument(
        "--tracks", metavar="REGEX", help="of melodies and basses: only tracks whose name this finds (default: all; of pop909 MELODY)"
    )
    parser.add_argument("--per-song", type=int, metavar="N", help="of tokens: at most N windows of a song (default: what minutes allow)")
    parser.add_argument("--data", type=Path, metavar="OUT", help="the training corpus, for its baselines and the train-test gap")
    parser.add_argument("--feel", type=float, default=1.0, help="the feel that distributions are taken with (default 1)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here as well")
    parser.add_argument("--keep", action="store_true", help="write the figures into the bundle's card")


def run(arguments: argparse.Namespace) -> int:
    if arguments.json and not arguments.json.parent.is_dir():
        raise UserError(f"--json {arguments.json}: the folder {arguments.json.parent} is not there; make it first")
    if arguments.per_song is not None and arguments.per_song < 1:
        raise UserError(f"--per-song {arguments.per_song}: no window; give 1 or more")
    split = arguments.split or ("test" if any((folder / name).is_file() for folder in arguments.midi for name in SPLIT_TABLES) else "all")
    if split not in (*SPLITS, "all"):
        raise UserError(f"--split {split}: it is one of {listing((*SPLITS, 'all'))}")
    if kind_at(arguments.bundle) == "groove":
        record, kept = groove_record(arguments, split)
    else:
        from mvae.train import token_evaluate

        record, kept = token_evaluate.run(arguments, split)
    if arguments.json:
        arguments.json.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    if arguments.keep:
        keep_facts(arguments.bundle, {"figures": {split: kept}})
    return 0


def groove_record(arguments: argparse.Namespace, split: str) -> tuple[Record, Record]:
    """The record of a model of grooves, and what its card keeps of it."""
    from mvae.train.corpus import Corpus, windows_of_folder

    if len(arguments.midi) > 1:
        raise UserError(f"--midi {' '.join(map(str, arguments.midi))}: a model of grooves is measured on one folder; give one")
    coder, folder = open_coder(arguments.bundle), arguments.midi[0]
    windows = windows_of_folder(folder, coder.bars, None if split == "all" else split)
    if not len(windows):
        raise UserError(f"--midi {folder}: no drums in 4/4 for {coder.bars} bars (split {split}); give a folder with some")
    training = Corpus.open(arguments.data).windows("train", coder.bars) if arguments.data else None
    about = {"bundle": arguments.bundle.name, "midi": folder.name, "split": split, "files_left_out": len(windows.skipped)}
    record = {**about, "bars": coder.bars} | evaluate(coder, windows, training, arguments.feel)
    print_record(record)
    return record, headline(record)


def headline(record: Record) -> Record:
    """What the card keeps: every figure with its interval, rounded, and the baselines' F1."""
    kept = {name: np.round(value, 4).tolist() for name, value in record.items() if isinstance(value, float | list)}
    names = [name for name, figures in record["baselines"].items() if figures and "hit_f1_by_file" in figures]
    return kept | {f"{name}_f1_by_file": round(record["baselines"][name]["hit_f1_by_file"], 4) for name in names}


def evaluate(coder: Coder, windows: WindowSet, training: WindowSet | None = None, feel: float = 1.0) -> Record:
    """Every figure of the windows, each with its interval under KEY_ci; baselines beside them."""
    notes, songs = windows.batch(np.arange(len(windows))), Songs.of(windows.song, windows.bpm)
    mu, sigma = encode_all(coder, notes)
    decoded = decode_all(coder, mu)
    residual = residual_of(coder)
    record: Record = {"files": songs.count, "temperature": 0.0, "feel": feel if residual else 0.0}
    record |= estimate(POINT_FIGURES, point_sums(mu, sigma, songs)) | estimate(HIT_FIGURES, hit_sums(notes, decoded, songs))
    record |= estimate(ERROR_FIGURES, error_sums(notes, decoded, songs)) | shuffled(notes, decoded, songs)
    felt = with_feel(decoded, residual, feel) if residual else decoded
    record |= estimate(SPREAD_FIGURES, spread_sums(notes, felt, songs))
    without_feel = estimate(SPREAD_FIGURES, spread_sums(notes, decoded, songs))
    record |= {f"{name}_feel_0": without_feel[name] for name in ("timing_sd_ratio", "velocity_sd_ratio")}
    later, again = baselines.bars_after_the_first(notes)
    record["baselines"] = {"bar_2_is_bar_1": estimate(HIT_FIGURES, hit_sums(later, again, songs)) if later.size else None}
    if training is not None:
        compared, above = against_training(notes, decoded, songs, training)
        record["baselines"] |= compared
        record |= above | gap(coder, training, record["hit_f1_by_file"])
    return record


def shuffled(notes: Notes, decoded: Notes, songs: Songs) -> Record:
    """F1 when each phrase is answered by the decode of a phrase of another file."""
    if songs.count < 2:
        return {"f1_with_shuffled_z": None, "f1_with_shuffled_z_ci": None}
    other = decoded[partners(songs.place)]
    return estimate({"f1_with_shuffled_z": HIT_FIGURES["hit_f1"]}, hit_sums(notes, other, songs))


def partners(place: NDArray[np.int64], seed: int = 0) -> NDArray[np.int64]:
    """For each phrase (n,) of at least two files a phrase of another file, drawn evenly."""
    rng = np.random.default_rng(seed)
    drawn = rng.integers(len(place), size=len(place))
    while (same := place[drawn] == place).any():
        drawn[same] = rng.integers(len(place), size=int(same.sum()))
    return drawn


def against_training(notes: Notes, decoded: Notes, songs: Songs, training: WindowSet) -> tuple[Record, Record]:
    """The baselines that need the training windows; and by how much F1 by file is above the nearest window's, songs paired."""
    known = training.batch(np.arange(len(training)))
    nearest = known[baselines.nearest(baselines.hit_bits(notes), baselines.hit_bits(known))[0]]
    velocity, offset = baselines.class_means(known)
    flat, on_grid = (baselines.played_with(notes, velocity, each) for each in (offset, 0 * offset))
    hits, errors = hit_sums(notes, nearest, songs), error_sums(notes, nearest, songs)
    record: Record = {"nearest_training_window": estimate(HIT_FIGURES, hits) | estimate(ERROR_FIGURES, errors)}
    record["class_means"] = estimate(ERROR_FIGURES, error_sums(notes, flat, songs))
    record["zero_offset"] = estimate({"timing_mae_ms": ERROR_FIGURES["timing_mae_ms"]}, error_sums(notes, on_grid, songs))
    both = {"f1": hit_sums(notes, decoded, songs)["f1"], "nearest": hits["f1"]}
    return record, estimate({"above_nearest_training_window": lambda t: (t["f1"] - t["nearest"]) / t["songs"]}, both)


def gap(coder: Coder, training: WindowSet, f1_by_file: float) -> Record:
    """F1 by file on training windows spread evenly, and how far above the evaluated files' it is."""
    rows = np.unique(np.linspace(0, len(training) - 1, GAP_WINDOWS).astype(np.int64))
    notes, songs = training.batch(rows), Songs.of(training.song[rows], training.bpm[rows])
    decoded = decode_all(coder, encode_all(coder, notes)[0])
    told = estimate({"train_hit_f1_by_file": HIT_FIGURES["hit_f1_by_file"]}, hit_sums(notes, decoded, songs))
    return told | {"train_test_gap": float(hit_sums(notes, decoded, songs)["f1"].mean()) - f1_by_file}


def print_record(record: Record) -> None:
    """The figures as a table: value and 95 % interval."""
    print(f"{record['bundle']} on {record['midi']} ({record['split']}): {record['files']} files, {record['bars']} bars, z = mu, T = 0")
    print_figures(record, "")
    for name, figures in record["baselines"].items():
        print(f"baseline {name}")
        print_figures(figures or {}, "  ")


def print_figures(figures: Record, indent: str) -> None:
    for name, value in figures.items():
        low, high = figures.get(f"{name}_ci") or (None, None)
        if isinstance(value, float) and not name.endswith("_ci"):
            print(f"{indent}{name:34s}{value:10.4f}" + (f"   {low:.4f} .. {high:.4f}" if low is not None else ""))
