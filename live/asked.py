"""What was asked of the instrument and is not yet done: the newest of each deed, so that a flood of triggers is a few deeds.

Pure, and bounded whatever comes. Knows nothing of what the deeds are, of time, or of whether anything plays.
"""

from collections import OrderedDict
from collections.abc import Container, Iterable
from itertools import count
from typing import TypeAlias

from mvae.core.change import Change, Value

EACH = ("tap", "scene next", "patch next", "patch previous")  # many of them are not one
BY_NAME = ("store", "sample", "scene store", "clip write", "notes to", "controller", "learn forget")  # the argument says which is meant
MOST = 1024  # wait at a time
Deed: TypeAlias = tuple[str, Value | int]
PANIC, STOP, PLAY, CONTINUE = (("panic", None), ("stop", None), ("play", None), ("continue", None))


class Asked:
    """Changes in the order in which they are to be done. Of each deed only the newest waits.

    Stop and panic come before all else. A stop undoes the starts that wait; but one at the bar line comes after them.
    """

    def __init__(self) -> None:
        self._waiting: OrderedDict[Deed, Change] = OrderedDict()
        self._numbers = count()

    def __len__(self) -> int:
        return len(self._waiting)

    def take(self, changes: Iterable[Change]) -> None:
        """What was asked since."""
        for change in changes:
            self._take(change)

    def next(self) -> Change:
        """What is to be done now; it waits no longer. KeyError where nothing waits."""
        return self._waiting.popitem(last=False)[1]

    def again(self, change: Change) -> None:
        """What could not be done yet: before all else that waits by now."""
        self._waiting[self._deed(change)] = change
        self._waiting.move_to_end(self._deed(change), last=False)

    def keep(self, actions: Container[str]) -> None:
        """Only these can be done any more."""
        for deed in [deed for deed, change in self._waiting.items() if change.action not in actions]:
            del self._waiting[deed]

    def _take(self, change: Change) -> None:
        deed, starts = self._deed(change), PLAY in self._waiting or CONTINUE in self._waiting
        if deed == CONTINUE and starts:
            return  # it begins anyway
        at_once = deed == PANIC or (deed == STOP and not (change.value == "bar" and starts))
        undone = (PLAY, CONTINUE) if deed == PLAY or (deed == STOP and at_once) else ()
        for other in (deed, *undone):
            self._waiting.pop(other, None)
        if at_once or len(self._waiting) < MOST:
            self._waiting[deed] = change
            self._waiting.move_to_end(deed, last=not at_once)

    def _deed(self, change: Change) -> Deed:
        """What makes two changes the same deed."""
        if change.action in EACH:
            return change.action, next(self._numbers)
        return change.action, change.value if change.action.startswith(BY_NAME) else None
