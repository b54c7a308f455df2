"""`mvae-train report`: the experiments of the MusicVAE paper on bundles, as one page, with the numbers as JSON and the music as MIDI.

Into the folder go `report.html`, `report.json` (everything that the page shows), `music/` (every phrase of a piano roll) and, where a
flat twin stands beside a hierarchical model, `listening/` (the blind test). Knows nothing of how a figure is measured or drawn.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mvae.core.card import CARD_FILE, read_card
from mvae.core.errors import UserError, listing
from mvae.core.track import replace_file
from mvae.train import listening_clips
from mvae.train.coder import open_coder
from mvae.train.corpus import Corpus
from mvae.train.evaluate import evaluate
from mvae.train.exp_groove import groove_encodes_again
from mvae.train.exp_subject import PARTS, Options
from mvae.train.experiments import corpus_for, experiments
from mvae.train.listening import Wish, drawn
from mvae.train.listening_answers import read_answers, result
from mvae.train.report_checks import checks
from mvae.train.report_music import MUSIC, examples
from mvae.train.report_page import page
from mvae.train.report_rolls import midi
from mvae.train.token_exam import BundleExam, Exam, open_exam
from mvae.train.token_sets import OPEN_SETS

Record = dict[str, Any]

NUMBERS, PAGE, LISTENING = "report.json", "report.html", "listening"
PAIRS, TEMPO_BPM = 60, 120.0  # of the listening test


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--bundle", type=Path, nargs="+", default=[], metavar="B", help="bundles (or runs), of tokens or grooves")
    parser.add_argument("--twin", type=Path, nargs="+", default=[], metavar="FLAT", help="flat twins, for the comparison only")
    parser.add_argument("--data", type=Path, nargs="+", default=[], metavar="OUT", help="a prepared corpus for each kind of model")
    parser.add_argument("--out", type=Path, required=True, metavar="REPORT", help="the folder to write into")
    parser.add_argument("--answers", type=Path, nargs="+", default=[], metavar="CSV", help="answers of the listening test")
    parser.add_argument("--notes", type=Path, metavar="TEXT", help="paragraphs on what was tried, for the end of the page")
    parser.add_argument("--numbers", type=Path, metavar="JSON", help="measure nothing: the page anew from an earlier report.json")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS), metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument(
        "--sets", nargs="+", default=[], metavar="SET",
        help="test songs of these data sets alone (default: all, the figures of those with open licences)",
    )  # fmt: skip
    parser.add_argument("--pairs", type=int, default=Options().pairs, help=f"pairs to interpolate (default {Options().pairs})")
    parser.add_argument("--samples", type=int, default=Options().samples, help=f"samples of the prior (default {Options().samples})")
    parser.add_argument("--again", type=int, default=Options().again, help=f"phrases to encode again (default {Options().again})")
    parser.add_argument("--seed", type=int, default=0)


def run(arguments: argparse.Namespace) -> int:
    for name in ("pairs", "samples", "again"):
        if getattr(arguments, name) < 1:
            raise UserError(f"--{name} {getattr(arguments, name)}: give 1 or more")
    notes = paragraphs(arguments.notes) if arguments.notes else []
    answers = result(read_answers(arguments.answers)) if arguments.answers else None
    out = folder(arguments.out)
    numbers = kept(arguments.numbers) if arguments.numbers else measured(arguments, out)
    if answers:
        numbers["listening"] = answers
    if notes:
        numbers["notes"] = notes
    found = checks(numbers)
    numbers["checks"] = [check.record() for check in found]
    write(out / NUMBERS, json.dumps(numbers, indent=1, allow_nan=False) + "\n")
    folder(out / MUSIC)
    for example in examples(numbers):
        replace_file(out / example.path, midi(example.kind, example.tokens, example.title))
    write(out / PAGE, page(numbers))
    asked = [check for check in found if check.must]
    print(f"{out / PAGE}: {sum(check.held for check in asked)} of {len(asked)} things that must hold do")
    for check in asked:
        if not check.held:
            print(f"{check.model}: {check.told()}")
    return 0


def paragraphs(path: Path) -> list[str]:
    """A text file's paragraphs. UserError where it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise UserError(f"--notes {path}: cannot be read ({reason}); give a text file") from None
    return [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]


def kept(path: Path) -> Record:
    """The numbers of an earlier report. UserError where it is none."""
    try:
        numbers = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"--numbers {path}: cannot be read ({error}); give the {NUMBERS} of a report") from None
    if not isinstance(numbers, dict) or not isinstance(numbers.get("bundles"), dict) or "checks" not in numbers:
        raise UserError(f"--numbers {path}: not the numbers of a report; give the {NUMBERS} that mvae-train report wrote")
    return numbers


def measured(arguments: argparse.Namespace, out: Path) -> Record:
    """Everything that is measured, and the pages of the listening test."""
    paths = [*arguments.bundle, *arguments.twin]
    if not arguments.bundle or not arguments.data:
        raise UserError("report: --bundle and --data are needed (or --numbers); give bundles and a prepared corpus for each kind")
    names = [path.name for path in paths]
    if len(set(names)) < len(names):
        raise UserError(f"--bundle {listing(names)}: two have the same name; rename a folder")
    corpora = [Corpus.open(path) for path in arguments.data]
    grooves = {path.name: path for path in paths if is_groove(path)}
    exams: dict[str, Exam] = {path.name: open_exam(path) for path in paths if path.name not in grooves}
    sizes = {name: getattr(arguments, name) for name in ("seed", "pairs", "samples", "again")}
    options = Options(**sizes, parts=tuple(arguments.parts), sets=tuple(arguments.sets))
    of_tokens = [corpus for corpus in corpora if corpus.kind != "groove"]
    numbers: Record = experiments(exams, of_tokens, options, lambda text: print(text, flush=True))
    numbers["twins"] = [path.name for path in arguments.twin]
    again = arguments.again if "encodes_again" in arguments.parts else 0
    numbers["groove"] = {name: groove(path, corpora, again, arguments.seed) for name, path in grooves.items()}
    numbers["listening_pages"] = listening_pages(exams, numbers["comparisons"], corpora, out, arguments.seed)
    return numbers


def is_groove(path: Path) -> bool:
    """Whether a path is a bundle of grooves; whatever else is wrong with it, opening it says."""
    return (path / CARD_FILE).is_file() and read_card(path).kind == "groove"


def groove(path: Path, corpora: Sequence[Corpus], again: int, seed: int) -> Record:
    """A groove bundle's figures, and `again` of its samples encoded again."""
    told = played_back(path, corpora) | {"hears": read_card(path).hears}
    if again:
        print(f"{path.name}: encodes_again", flush=True)
        told["encodes_again"] = groove_encodes_again(open_coder(path), again, seed)
    return told


def played_back(path: Path, corpora: Sequence[Corpus]) -> Record:
    """Figures on the test performances of a corpus of grooves, or without one those that the card keeps."""
    corpus = next((corpus for corpus in corpora if corpus.kind == "groove"), None)
    if corpus is None:
        figures = read_card(path).figures.get("test")
        if not figures:
            raise UserError(f"{path}: no figures in its card; give a corpus of grooves with --data, or run mvae-train evaluate --keep")
        return dict(figures) | {"from": "card"}
    print(f"{path.name}: test performances", flush=True)
    coder = open_coder(path)
    return evaluate(coder, corpus.windows("test", coder.bars)) | {"from": corpus.folder.name}


def listening_pages(
    exams: Mapping[str, Exam], comparisons: Sequence[Mapping[str, Any]], corpora: Sequence[Corpus], out: Path, seed: int
) -> list[str]:
    """A blind test for each hierarchical bundle and flat twin; where the test songs do not suffice, none."""
    pages = list[str]()
    for each in comparisons:
        model, twin = exams[each["hierarchical"]], exams[each["flat"]]
        if not isinstance(model, BundleExam) or not isinstance(twin, BundleExam):
            continue
        windows = corpus_for(each["hierarchical"], model, corpora).tokens("test", model.bars)
        try:
            wish = Wish(PAIRS, "samples", OPEN_SETS, TEMPO_BPM, model.temperature, seed)
            test = drawn(windows, model.decoder, twin.decoder, wish)
        except UserError as error:
            print(f"no listening test of {each['hierarchical']}: {error}")
            continue
        folder(out / LISTENING)
        pages.append(f"{LISTENING}/{each['hierarchical']}_{each['flat']}.html")
        write(out / pages[-1], listening_clips.page(test))
    return pages


def folder(path: Path) -> Path:
    """The folder, made where it is not there. UserError where it cannot be."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"--out {path}: cannot be made ({error.strerror}); choose another folder") from None
    return path


def write(path: Path, text: str) -> None:
    try:
        replace_file(path, text.encode())
    except OSError as error:
        raise UserError(f"--out {path}: cannot be written ({error.strerror}); choose another folder") from None
