"""Files that grow while the music plays, and the thread that writes them: some are appended to, some written whole again and again.

The music never waits for the disk; a disk that refuses is counted and asked again. What was appended is on disk before what was put whole
at the same time or later, so that a control log always covers its .mid. Knows nothing of what the files hold.
"""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from mvae.core.errors import UserError
from mvae.core.track import replace_file

Whole = bytes | Callable[[], bytes]  # a file's bytes, or what makes them


class Growing:
    """A file that is appended to, begun anew."""

    def __init__(self, path: Path):
        self._path = path
        self._file: BinaryIO | None = None
        self._unwritten = bytearray()

    def add(self, text: str) -> None:
        self._unwritten += text.encode()

    def write(self) -> None:
        """All that is not yet on disk. OSError where the disk refuses; the rest is kept."""
        if self._file is None:
            self._file = open(self._path, "wb", buffering=0)  # noqa: SIM115 (closed by close)
        while self._unwritten:
            del self._unwritten[: self._file.write(self._unwritten)]

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


class TakeFiles:
    """The files of a take, known by `name`. `add` and `put` are called from one thread; another writes."""

    def __init__(self, name: Path):
        self.faults, self.remark = 0, ""  # how often the disk refused, and what it says just now
        self._name = name
        self._lock = threading.Lock()  # never held while the disk is asked
        self._more: dict[Path, list[str]] = {}
        self._new: dict[Path, Whole] = {}
        self._growing: dict[Path, Growing] = {}  # these two are the writing thread's
        self._due: dict[Path, Whole] = {}
        self._wake, self._over = threading.Event(), False
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def add(self, path: Path, text: str) -> None:
        """More text of a file that is appended to."""
        if text:
            with self._lock:
                self._more.setdefault(path, []).append(text)
            self._wake.set()

    def put(self, path: Path, whole: Whole) -> None:
        """A file as it stands now; of several the last is written. What makes its bytes is called by the writing thread."""
        with self._lock:
            self._new[path] = whole
        self._wake.set()

    def close(self) -> None:
        """Write what is left. UserError if the disk still refuses."""
        self._over = True
        self._wake.set()
        self._thread.join()
        for growing in self._growing.values():
            growing.close()
        if self.remark:
            raise UserError(self.remark)

    def _run(self) -> None:
        over = False
        while not over:
            self._wake.wait()
            self._wake.clear()
            over = self._over
            self._take()
            try:
                self._write()
                self.remark = ""
            except OSError as error:
                self.faults += 1
                self.remark = f"{self._name}: the recording is not being written ({error.strerror})"

    def _take(self) -> None:
        with self._lock:
            more, new, self._more, self._new = self._more, self._new, {}, {}
        for path, texts in more.items():
            self._growing.setdefault(path, Growing(path)).add("".join(texts))
        self._due |= new

    def _write(self) -> None:
        for growing in self._growing.values():
            growing.write()
        for path, whole in tuple(self._due.items()):
            replace_file(path, whole if isinstance(whole, bytes) else whole())
            del self._due[path]
