"""Learn: name an action, touch a control, and it is bound; forgotten, or kept in the patch's file, on request. A feature of the instrument.

Touches come on the threads of controllers, everything else is called on the instrument's own; the file is written by a thread of its own.
"""

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from mvae.core.actions import Action
from mvae.core.change import Change, Value
from mvae.core.control import Control
from mvae.core.control_reader import Touch
from mvae.core.errors import UserError
from mvae.core.names import match, unknown
from mvae.live.altering import complain
from mvae.live.assign import Binding, places
from mvae.live.deeds import Doer
from mvae.live.guess import Found, Guess, clarified
from mvae.live.patch_keeper import Learned, PatchKeeper
from mvae.live.status import Status

if TYPE_CHECKING:
    from mvae.live.instrument import Instrument

QUIET_S: Final = 0.7  # after this long a control that was touched has been turned


@dataclass(slots=True)
class Waiting:
    """What waits for a control, and what was touched since: a guess for each controller."""

    action: Action
    value: Value
    says: str
    guesses: dict[str, Guess]
    touched_s: float = 0.0


class Learner:
    """What was learned on one instrument; `changed` is called, on any thread, whenever that is something else."""

    def __init__(self, instrument: "Instrument", keeper: PatchKeeper, changed: Callable[[], None]) -> None:
        self.instrument, self.keeper, self.changed = instrument, keeper, changed
        self.learned: tuple[Learned, ...] = ()
        self.last = ""
        self.does: Mapping[str, Doer] = {"learn": self.do}
        self._waiting: Waiting | None = None
        self._unsure: dict[tuple[str, object], Learned] = {}  # encoders that have gone one way only, by place
        self._news: deque[tuple[str, tuple[str, ...], str]] = deque()  # an address, what is told there, and to whom
        self._lock = threading.Lock()
        self._writer: threading.Thread | None = None

    def patched(self, keeper: PatchKeeper) -> None:
        """What is learned from now on is of another patch."""
        with self._lock:
            self.keeper, self._waiting = keeper, None
        self.instrument.feedback.out.publish("/mvae/learning", "")

    def state(self) -> tuple[str, str]:
        """What waits for a control, and what was learned last; each empty for nothing."""
        waiting = self._waiting
        return waiting.says if waiting is not None else "", self.last

    def do(self, change: Change, status: Status) -> None:
        """Learn an action by its name, no more without one; or keep what was learned, or forget it."""
        if change.action == "learn keep":
            self.keep(change.source)
            return
        try:
            if change.action == "learn forget":
                self.forget(str(change.value or ""))
                return
            waiting = self._wanted(str(change.value or ""))
        except UserError as problem:
            complain(self.instrument, change.action, str(problem), change.source)
            return
        with self._lock:
            self._waiting = waiting
        self.instrument.feedback.out.publish("/mvae/learning", self.state()[0])
        if waiting is not None:
            how = "turn a knob or fader" if waiting.action.kind == "knob" else "press a button, pad or key"
            self.instrument.remark = f"learning {waiting.says}: {how}"

    def heard(self, controller: str, touch: Touch, at_s: float) -> bool:
        """Whether a touch is for learning only. On the controller's thread."""
        with self._lock:
            if self._waiting is None:
                self._clarify(controller, touch)
                return False
            self._waiting.touched_s = at_s
            usual = Guess(self._waiting.action.kind != "knob")
            found = self._waiting.guesses.setdefault(controller, usual).heard(touch)
            if found is not None:
                self._bind(controller, found, self._waiting)
            return True

    def advance(self, status: Status, now_s: float) -> None:
        """A control that was turned a little is bound, too, once it rests; and what was learned is told."""
        with self._lock:
            waiting = self._waiting
            if waiting is not None and waiting.guesses and now_s - waiting.touched_s > QUIET_S:
                for controller, guess in waiting.guesses.items():
                    if self._waiting is not None and (found := guess.quiet()) is not None:
                        self._bind(controller, found, waiting)
                waiting.guesses.clear()
        while self._news:
            address, words, source = self._news.popleft()
            self.instrument.remark = ": ".join(words)
            self.instrument.feedback.out.answer(source, address, *words)
            self.instrument.feedback.out.publish("/mvae/learning", self.state()[0])

    def stopped(self) -> None:
        """Whether it plays makes no difference."""

    def forget(self, name: str) -> None:
        """What was learned for an action, or all of it, is bound no more; the patch's own bindings are back. Raises UserError."""
        with self._lock:
            known = [each.says for each in self.learned]
            found = match(name, known) if name else None
            if not known or (name and found is None):
                raise UserError("nothing was learned" if not known else unknown("learned action", name, known))
            gone = [each for each in self.learned if not name or each.says == found]
            self.learned = tuple(each for each in self.learned if each not in gone)
            self._unsure = {place: each for place, each in self._unsure.items() if each in self.learned}
            self.last = ""
            self.changed()
        for each in gone:
            self.instrument.feedback.out.send("/mvae/learn/forgotten", each.says)
        self.instrument.remark = f"forgotten: {', '.join(each.says for each in gone)}"

    def keep(self, source: str = "") -> None:
        """Write what was learned into the patch's file, soon."""
        if not self.learned and not self.keeper.has_kept:
            complain(self.instrument, "learn keep", "nothing was learned: learn NAME, then touch a control", source)
            return
        self.close()
        self._writer = threading.Thread(target=self._write, args=(self.learned, source), name="keeper")
        self._writer.start()

    def close(self) -> None:
        """Wait for what is being written."""
        if self._writer is not None:
            self._writer.join()

    def _wanted(self, said: str) -> Waiting | None:
        """What a performer's words name; None for no words. Raises UserError with the list."""
        actions = self.instrument.panel.actions
        if not said:
            return None
        choice = match(said, [action.name for action in actions.of_kind("choice")])
        action, value = (actions[choice], None) if choice is not None else knob_or_parsed(said, self.instrument)
        return Waiting(action, value, said if action.kind != "knob" else action.name, {})

    def _bind(self, controller: str, found: Found, waiting: Waiting) -> None:
        """The control is known: from now on it does what waited for it. The lock is held."""
        self._waiting = None
        binding = Binding(found.control, waiting.action.name, waiting.value, str(found.control), waiting.action.kind != "knob")
        learned = Learned(controller, binding, waiting.says)
        self._put(learned)
        if found.control.is_relative:
            self._unsure[self._place(controller, found.control)] = learned
        self.last = f"{waiting.says}: {found.control} of {controller}"
        self._news.append(("/mvae/learned", (waiting.says, f"{found.control} of {controller}"), ""))

    def _put(self, learned: Learned) -> None:
        """Of an action or a control only the last is kept."""
        deed, at = learned.binding.deed, set(places(learned.binding.control))
        others = (
            old for old in self.learned
            if old.binding.deed != deed and (old.controller != learned.controller or not at & set(places(old.binding.control)))
        )  # fmt: skip
        self.learned = (*others, learned)
        self.changed()

    def _clarify(self, controller: str, touch: Touch) -> None:
        """An encoder that now goes the other way may be of another kind than it seemed. The lock is held."""
        learned = self._unsure.get((controller, (touch.kind, touch.channel, touch.number)))
        if learned is None:
            return
        control = learned.binding.control
        encoding = clarified(control.encoding, touch.value)
        if encoding != control.encoding:
            del self._unsure[self._place(controller, control)]
            self._put(replace(learned, binding=replace(learned.binding, control=replace(control, encoding=encoding))))

    def _place(self, controller: str, control: Control) -> tuple[str, object]:
        return controller, places(control)[0]

    def _write(self, learned: tuple[Learned, ...], source: str) -> None:
        """On a thread of its own."""
        try:
            path = self.keeper.keep(learned)
        except UserError as problem:
            self._news.append(("/mvae/error", ("learn keep", str(problem)), source))
            return
        self._news.append(("/mvae/learn/kept", (f"kept; --patch {path.stem} plays it from now on", str(path)), ""))


def knob_or_parsed(said: str, instrument: "Instrument") -> tuple[Action, Value]:
    """A knob by its name, or another action with its value. Raises UserError with the list."""
    actions = instrument.panel.actions
    knob = match(said, [action.name for action in actions.of_kind("knob")])
    return (actions[knob], None) if knob is not None else actions.parse(said)
