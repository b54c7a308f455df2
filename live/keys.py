"""The terminal's keys: one table, and a thread that reads them. Hop 1 of the signal path.

Without a terminal, or in the background, there are no keys. Knows nothing of what actions do, nor of the terminal's modes.
"""

import threading
from collections.abc import Callable, Mapping

from mvae.core.actions import Actions
from mvae.core.change import Change, Value
from mvae.core.patch import Patch
from mvae.live.terminal import Terminal

SOURCE = "keys"
QUIT = "q"
PLAY_OR_STOP = " "
KEYS: Mapping[str, tuple[str, Value]] = {
    "t": ("tap", None),
    "p": ("panic", None),
    "r": ("reseed", None),
    "f": ("fill", None),
    "1": ("recall A", None),
    "2": ("recall B", None),
    "3": ("recall C", None),
    "4": ("recall D", None),
    "n": ("scene next", None),
    "[": ("patch previous", None),
    "]": ("patch next", None),
}
MUTE = "m"
HELP = "space play/stop · t tap · p panic · r reseed · m mute · f fill · 1-4 anchors · n next scene · [ ] patches · q quit"
ESCAPE = "\x1b"  # begins what arrows and function keys send


def bindings(actions: Actions, patch: Patch | None = None) -> Mapping[str, tuple[str, Value]]:
    """What each key does with these actions, the buttons of the patch included; those win over the usual keys,
    and of several for one key the first."""
    mutes = [action.name for action in actions.of_kind("switch")]
    usual = {key: does for key, does in {**KEYS, MUTE: (mutes[0] if mutes else "", None)}.items() if does[0] in actions}
    own = {button.key: (button.action, button.value) for button in reversed(patch.buttons if patch else ()) if button.key is not None}
    return {**usual, **own}


def changes(typed: str, bound: Mapping[str, tuple[str, Value]], playing: bool, at_s: float) -> tuple[Change, ...]:
    """What the typed characters mean; space plays or stops, and an arrow or a function key means nothing."""
    found = []
    for key in typed.partition(ESCAPE)[0]:
        action, value = bound.get(key, ("", None))
        if key == PLAY_OR_STOP and not action:
            action = "stop" if playing else "play"
            playing = not playing
        if action:
            found.append(Change(action, value, at_s, SOURCE))
    return tuple(found)


class Keys:
    """Reads the terminal until `close` and hands what is typed to `on_keys`; `here` says whether there is a terminal to read.

    `on_keys` is called on the keys' thread, with one or more characters. Use as a context manager.
    """

    def __init__(self, on_keys: Callable[[str], None]) -> None:
        self._on_keys = on_keys
        self._over = threading.Event()
        self._terminal = Terminal() if Terminal.usable() else None
        self.here = self._terminal is not None
        self._thread = threading.Thread(target=self._run, name="keys", daemon=True)
        if self._terminal is not None:
            self._thread.start()

    def close(self) -> None:
        """Read no more and put the terminal's mode back."""
        self._over.set()
        if self._terminal is not None:
            self._terminal.wake()
            self._thread.join()
            self._terminal.restore()

    def __enter__(self) -> "Keys":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self) -> None:
        while self._terminal is not None and not self._over.is_set():
            typed = self._terminal.read()
            if typed is None:
                return
            if typed and not self._over.is_set():
                self._on_keys(typed)
