"""The one kind of failure a performer is told about before the set: a single line that says what to do.

Knows nothing of files, ports or models; everything that checks input raises `UserError`, every command ends through `command`.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

INTERRUPTED = 128 + 2  # the exit code that shells give to what SIGINT ended


class UserError(Exception):
    """Bad input: one line naming the place (file or option), the key, the value and the remedy."""

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows: the line alone."""
        return [f"mvae: {self}"]


def command(run: Callable[[Sequence[str]], int], program: str, arguments: Sequence[str] | None = None) -> int:
    """Run a command's body and return its exit code: a `UserError` becomes one line on stderr and code 2, Ctrl-C no traceback."""
    try:
        return run(sys.argv[1:] if arguments is None else arguments)
    except UserError as error:
        print(f"{program}: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return INTERRUPTED


def listing(names: Sequence[str], none: str = "none") -> str:
    """Names as a performer reads them in an error line."""
    return ", ".join(names) if names else none


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are one line, like every other."""

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message}; see {self.prog} --help")
