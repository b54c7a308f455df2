"""`mvae-train listening`: a blind test by ear. `make` writes the page that plays pairs, `result` reads the answers.

Real songs, the hierarchical model and its flat twin, each against each, at one tempo and with the same sounds. Knows nothing of
how a pair is drawn or played (`mvae.train.listening_clips`) and nothing of statistics (`mvae.train.ranks`).
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mvae.core.errors import UserError, listing
from mvae.core.tokens import Tokens
from mvae.core.track import replace_file
from mvae.live.token_decoder import TokenDecoder
from mvae.train.corpus import Corpus
from mvae.train.listening_answers import read_answers, result, told
from mvae.train.listening_clips import SOURCES, ListeningTest, clips_needed, decoded, make_test, page, real_rows, samples
from mvae.train.token_sets import OPEN_SETS
from mvae.train.token_windows import TokenWindows

PAGE = "listening.html"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be heard: so many pairs, the models' samples or reconstructions, and real songs of these data sets."""

    pairs: int
    clips: str
    sets: tuple[str, ...]
    tempo_bpm: float
    temperature: float
    seed: int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="make|result")
    make = actions.add_parser("make", help="write the page", description="Write a page that plays pairs and keeps the answers.")
    make.add_argument("--real", type=Path, required=True, metavar="CORPUS", help="the prepared corpus whose test songs are heard")
    make.add_argument("--bundle", type=Path, required=True, metavar="HIER", help="a bundle of a hierarchical model")
    make.add_argument("--twin", type=Path, required=True, metavar="FLAT", help="its flat twin: same kind and length")
    make.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder to write the page into")
    make.add_argument("--pairs", type=int, default=60, help="how many pairs (default 60)")
    make.add_argument("--clips", choices=("samples", "reconstructions"), default="samples", help="what the models play (default samples)")
    make.add_argument("--sets", nargs="+", default=list(OPEN_SETS), metavar="SET", help="sets of the real songs (default: open licences)")
    make.add_argument("--tempo", type=float, default=120.0, metavar="BPM", help="of all clips (default 120)")
    make.add_argument("--temperature", type=float, metavar="T", help="of both models (default: the hierarchical bundle's)")
    make.add_argument("--seed", type=int, default=0)
    ask = actions.add_parser("result", help="what the answers say", description="Wins of each source, and whether the sources differ.")
    ask.add_argument("answers", type=Path, nargs="+", metavar="ANSWERS.csv", help="files as the page saves them")
    ask.add_argument("--json", type=Path, metavar="FILE", help="write the figures here as well")


def run(arguments: argparse.Namespace) -> int:
    return run_make(arguments) if arguments.action == "make" else run_result(arguments)


def run_result(arguments: argparse.Namespace) -> int:
    if arguments.json and not arguments.json.parent.is_dir():
        raise UserError(f"--json {arguments.json}: the folder {arguments.json.parent} is not there; make it first")
    record = result(read_answers(arguments.answers))
    print(told(record))
    if arguments.json:
        replace_file(arguments.json, (json.dumps(record, indent=1) + "\n").encode())
    return 0


def run_make(arguments: argparse.Namespace) -> int:
    if arguments.pairs < 3:
        raise UserError(f"--pairs {arguments.pairs}: three sources meet in at least 3 pairs; give 3 or more")
    if not 20 <= arguments.tempo <= 400:
        raise UserError(f"--tempo {arguments.tempo:g}: give a tempo in 20 .. 400 BPM")
    if arguments.temperature is not None and not 0 <= arguments.temperature <= 4:
        raise UserError(f"--temperature {arguments.temperature:g}: give one in 0 .. 4")
    corpus = Corpus.open(arguments.real)
    model, twin = open_twins(arguments.bundle, arguments.twin)
    if corpus.kind != model.kind:
        raise UserError(f"--real {arguments.real}: a corpus of {corpus.kind}; give one of {model.kind}, as {arguments.bundle} plays it")
    temperature = model.card.temperature if arguments.temperature is None else arguments.temperature
    wish = Wish(arguments.pairs, arguments.clips, tuple(arguments.sets), arguments.tempo, temperature, arguments.seed)
    test = drawn(corpus.tokens("test", model.bars), model, twin, wish)
    try:
        arguments.out.mkdir(parents=True, exist_ok=True)
        replace_file(arguments.out / PAGE, page(test).encode())
    except OSError as error:
        raise UserError(f"--out {arguments.out}: cannot be written ({error.strerror}); choose another folder") from None
    print(f"{arguments.out / PAGE}: {arguments.pairs} pairs of {model.bars} bars of {model.kind}, test {test.name}; open it in a browser")
    return 0


def open_twins(bundle: Path, twin: Path) -> tuple[TokenDecoder, TokenDecoder]:
    """The hierarchical bundle and its flat twin; UserError where they are not that."""
    model, other = TokenDecoder.open(bundle), TokenDecoder.open(twin)
    if not model.hierarchical:
        raise UserError(f"--bundle {bundle}: a flat model; give the hierarchical one here and the flat one as --twin")
    if other.hierarchical:
        raise UserError(f"--twin {twin}: a hierarchical model; give a flat one of the same kind and length")
    if (model.kind, model.bars) != (other.kind, other.bars):
        raise UserError(f"--twin {twin}: {other.kind} of {other.bars} bars; give one that plays {model.kind} of {model.bars} as {bundle}")
    return model, other


def drawn(windows: TokenWindows, model: TokenDecoder, twin: TokenDecoder, wish: Wish) -> ListeningTest:
    """The test: as many clips of each source as the pairs need. Both models draw from the same kind of prior, at one temperature."""
    count = clips_needed(wish.pairs)
    needed = count if wish.clips == "samples" else 2 * count
    rows = real_rows(windows, wish.sets, needed, wish.seed)
    if len(rows) < needed:
        known, named = listing(sorted({song.set for song in windows.songs})), " ".join(wish.sets)
        raise UserError(f"--sets {named}: {len(rows)} test windows where {needed} are needed; add sets ({known}) or ask for fewer pairs")
    real, other = windows.batch(rows[:count]), windows.batch(rows[count:])  # what is reconstructed is not heard as it is
    fitted = model.space.mixture is not None and twin.space.mixture is not None
    clips: dict[str, Sequence[Tokens]] = {SOURCES[0]: list(real)}
    for number, (source, decoder) in enumerate(zip(SOURCES[1:], (model, twin), strict=True)):
        seed, mixture = wish.seed + number, decoder.space.mixture if fitted else None
        if wish.clips == "samples":
            clips[source] = samples(decoder, mixture, decoder.card.z_size, count, wish.temperature, seed)
        else:
            clips[source] = decoded(decoder, decoder.encode(other)[0], wish.temperature, seed)
    origin = f"samples of {'the fitted mixtures' if fitted else 'N(0, 1)'}" if wish.clips == "samples" else wish.clips
    print(f"{origin} at temperature {wish.temperature:g}; real: {len(np.unique(windows.song[rows[:count]]))} test songs")
    return make_test(model.kind, clips, wish.pairs, wish.tempo_bpm, wish.seed)
