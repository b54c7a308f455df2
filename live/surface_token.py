"""The token that opens the page beyond the loopback, kept for a day, so that pages find an instrument again that was started anew.

It lies in the user's folder in a file that nobody else may read. One that others could have read or written, that is no file of ours, or
is a day old, is not trusted: there is a new one. So whoever has seen it has seen it for a day; to end that sooner, delete the file.
"""

import os
import re
import secrets
import stat
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

FILE: Final = "page.token"
TOKEN_BYTES: Final = 8
KEPT_S: Final = 24 * 3600.0
READS: Final = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


def page_token(folder: Path, now_s: float | None = None) -> str:
    """The token kept in a folder, or a new one at a time of the wall clock; kept, if the disk permits it."""
    now_s = time.time() if now_s is None else now_s
    token = kept(folder / FILE, now_s)
    if token is None:
        token = secrets.token_hex(TOKEN_BYTES)
        with suppress(OSError):  # it opens the page of this instrument all the same
            keep(folder / FILE, token, now_s)
    return token


def kept(path: Path, now_s: float) -> str | None:
    """A token that can be trusted; None for any other."""
    try:
        file = os.open(path, os.O_RDONLY | READS)
    except OSError:
        return None
    with open(file, "rb") as opened:
        about, said = os.fstat(file), opened.read(64).decode("ascii", "replace")
    is_ours = not hasattr(os, "getuid") or (about.st_uid == os.getuid() and not about.st_mode & 0o077)
    is_fresh = 0.0 <= now_s - about.st_mtime < KEPT_S
    return said if stat.S_ISREG(about.st_mode) and is_ours and is_fresh and re.fullmatch(f"[0-9a-f]{{{2 * TOKEN_BYTES}}}", said) else None


def keep(path: Path, token: str, now_s: float) -> None:
    """Write it whole or not at all, for this user alone. OSError where that cannot be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    trial = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    file = os.open(trial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | READS, 0o600)
    try:
        with open(file, "w", encoding="ascii") as opened:
            opened.write(token)
        os.utime(trial, (now_s, now_s))
        os.replace(trial, path)
    except OSError:
        trial.unlink(missing_ok=True)
        raise
