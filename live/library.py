"""The user's library: anchors and scenes kept by name, a file each, in a folder of the user's.

A file states its format and is written whole or not at all, by a thread of its own, so that the music never waits for a disk. A file that
cannot be read is told in one line, left where it is, and put aside before its name is given to another. Knows nothing of what is kept.
"""

import json
import os
import queue
import threading
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any

import platformdirs

from mvae.core.errors import UserError
from mvae.core.names import plain
from mvae.core.track import replace_file

FORMAT = 1
HOME = "MVAE_HOME"  # the environment variable that names another folder
ASIDE = ".damaged"


def home() -> Path:
    """The folder of the user's data."""
    return Path(os.environ.get(HOME) or platformdirs.user_data_dir("mvae", appauthor=False))


def file_name(name: str) -> str:
    """A file's name for what a performer calls something: names that mean the same have the same, on every system."""
    word = "".join(mark for mark in plain(name) if mark.isascii() and mark.isalnum())[:40]
    return f"{word or 'name'}-{sha256(plain(name).encode()).hexdigest()[:8]}.json"


class Library:
    """The records below a folder. `records` reads, `keep` writes soon after; `remark` is what the disk last refused. Close it."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.remark = ""
        self._unread: set[Path] = set()  # files that are there and could not be read
        self._jobs: queue.SimpleQueue[tuple[Path, bytes] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> "Library":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def records(self, kind: str, complaints: list[str]) -> Iterator[Mapping[str, Any]]:
        """Every record of a kind, such as "anchors", by name. What cannot be read adds a line to `complaints`."""
        for path in sorted((self.folder / kind).glob("*.json")):
            try:
                yield read(path)
            except UserError as problem:
                self.refuse(kind, path, str(problem), complaints)

    def refuse(self, kind: str, path: Path | str, why: str, complaints: list[str]) -> None:
        """A file, or the one of this name, says nothing that can be used: it is left as it is."""
        found = path if isinstance(path, Path) else self.folder / kind / file_name(path)
        self._unread.add(found)
        complaints.append(why)

    def keep(self, kind: str, name: str, record: Mapping[str, Any]) -> None:
        """Write a record by its name, over one of the same name."""
        text = json.dumps({"format": FORMAT, "name": name, **record}, indent=1, sort_keys=True, ensure_ascii=False)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="library", daemon=True)
            self._thread.start()
        self._jobs.put((self.folder / kind / file_name(name), text.encode() + b"\n"))

    def close(self) -> None:
        """Write what is left."""
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            path, data = job
            try:
                self._write(path, data)
                self.remark = ""
            except OSError as error:
                self.remark = f"{path}: not kept ({error.strerror}); give {HOME} a folder that can be written"

    def _write(self, path: Path, data: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path in self._unread:
            path.replace(free(path.with_suffix(ASIDE)))
            self._unread.discard(path)
        replace_file(path, data)


def free(path: Path) -> Path:
    """The path, or one beside it that nothing has yet."""
    return next(other for number in range(1 << 20) if not (other := path.with_name(f"{path.name}{number or ''}")).exists())


def read(path: Path) -> Mapping[str, Any]:
    """A record. UserError in one line: file, what is wrong, remedy."""
    remedy = "it is left as it is; mend it, or move it away"
    try:
        record = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); {remedy}") from None
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError):
        raise UserError(f"{path}: damaged, not JSON: {remedy}") from None
    if not isinstance(record, dict) or not isinstance(record.get("name"), str):
        raise UserError(f"{path}: damaged, it says no name: {remedy}")
    if record.get("format") != FORMAT:
        raise UserError(f"{path}: format = {record.get('format')}: this mvae reads format {FORMAT}; {remedy}, or update mvae")
    return record
