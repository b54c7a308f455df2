"""The terminal as a source of single keys, on Unix and on Windows.

On Unix its mode is put back on `restore` and, should nobody call that, when Python ends: at an exit, an exception or a signal that
Python handles. Knows nothing of what keys mean.
"""

import sys

if sys.platform == "win32":
    import msvcrt
    import time

    POLL_S = 0.02  # there is no waiting for a key

    class Terminal:
        """The console of Windows, which needs no mode."""

        @staticmethod
        def usable() -> bool:
            """Whether stdin is a console."""
            return sys.stdin is not None and sys.stdin.isatty()

        def read(self) -> str | None:
            """What was typed since, perhaps nothing; function keys come as nothing."""
            time.sleep(POLL_S)
            typed = ""
            while msvcrt.kbhit():
                key = msvcrt.getwch()
                if key in ("\x00", "\xe0"):
                    msvcrt.getwch()
                else:
                    typed += key
            return typed

        def wake(self) -> None:
            """The next poll ends by itself."""

        def restore(self) -> None:
            """There is nothing to put back."""

else:
    import atexit
    import contextlib
    import os
    import select
    import signal
    import termios
    import tty
    from typing import Any

    class Terminal:
        """A terminal in cbreak mode: keys come at once and unseen, while Ctrl-C and Ctrl-Z still work."""

        def __init__(self) -> None:
            self._terminal = sys.stdin.fileno()
            self._before: list[Any] | None = termios.tcgetattr(self._terminal)
            self._woken, self._waker = os.pipe()
            atexit.register(self.restore)
            tty.setcbreak(self._terminal, termios.TCSANOW)

        @staticmethod
        def usable() -> bool:
            """Whether stdin is a terminal and we are in its foreground: a background job that touched its mode would be stopped."""
            try:
                return sys.stdin is not None and sys.stdin.isatty() and os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
            except (OSError, ValueError):
                return False

        def read(self) -> str | None:
            """What is typed next; None when woken, or when the terminal has gone."""
            ready, _, _ = select.select([self._terminal, self._woken], [], [])
            if self._woken in ready:
                return None
            try:
                typed = os.read(self._terminal, 64)
            except OSError:
                return None
            return typed.decode("utf-8", "ignore") if typed else None

        def wake(self) -> None:
            """End the read under way."""
            os.write(self._waker, b".")

        def restore(self) -> None:
            """Put the mode back, once. A terminal that has gone needs nothing."""
            before, self._before = self._before, None
            if before is None:
                return
            atexit.unregister(self.restore)
            masked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})  # else a job sent to the background would stop here
            with contextlib.suppress(termios.error, OSError):
                termios.tcsetattr(self._terminal, termios.TCSANOW, before)
            signal.pthread_sigmask(signal.SIG_SETMASK, masked)
