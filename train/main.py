"""`mvae-train`: prepare a corpus, train a model, measure and complete a bundle. Each subcommand's module is imported when it is called."""

import importlib
import sys
from collections.abc import Sequence

from mvae.core.errors import Parser, command
from mvae.train.memory import keep_memory

SUBCOMMANDS = {
    "prepare": ("mvae.train.prepare", "make a corpus from a folder of MIDI files"),
    "train": ("mvae.train.loop", "train a model on a corpus"),
    "lean": ("mvae.train.lean", "let the paper's attribute vectors turn the knobs of a trained melody"),
    "evaluate": ("mvae.train.evaluate", "measure a bundle on a folder of MIDI files"),
    "calibrate": ("mvae.train.calibrate", "find a bundle's anchors, fills, axes, prior and feel, and write them into it"),
    "realism": ("mvae.train.realism", "measure samples, midpoints and morphs, and choose the default temperature"),
    "report": ("mvae.train.report", "the paper's experiments on bundles, as one page with tables and figures"),
    "listening": ("mvae.train.listening", "a blind listening test: make the page, or read the answers"),
}


def run(arguments: Sequence[str]) -> int:
    """Parse the arguments and run the subcommand."""
    parser = Parser(prog="mvae-train", description="Corpus, model and evaluation.")
    subparsers = parser.add_subparsers(dest="subcommand", required=True, metavar="SUBCOMMAND")
    chosen = next((argument for argument in arguments if argument in SUBCOMMANDS), None)
    module = None
    for name, (path, about) in SUBCOMMANDS.items():
        subparser = subparsers.add_parser(name, help=about, description=about)
        if name == chosen:
            module = importlib.import_module(path)
            module.add_arguments(subparser)
    options = parser.parse_args(arguments)
    if module is None:  # argparse has refused the arguments by now
        return 2
    return int(module.run(options))


def main() -> int:
    """The command `mvae-train`, in a process of its own."""
    keep_memory()
    return command(run, "mvae-train")


if __name__ == "__main__":
    sys.exit(main())
