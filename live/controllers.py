"""MIDI controllers: bytes of a message become changes by what is bound to them. Hop 1 of the signal path.

Remembers which buttons are down, so that each fires once, and where pots and faders were, for soft takeover. Knows nothing of ports or of
what actions do; ranges, curves and the deadband are the panel's.
"""

from collections.abc import Callable, Sequence
from typing import Final

from mvae.core.actions import Action
from mvae.core.change import Change, Value
from mvae.core.control import TOP14, Control, steps_of
from mvae.core.control_reader import Reader, Touch
from mvae.core.panel import Panel
from mvae.core.patch import Patch
from mvae.live.assign import Binding, Bindings, of_patch
from mvae.live.takeover import Takeover, Way

DOWN: Final = 0.5  # a button that says values is down from the middle on
OnTakeover = Callable[[str, Way], None]  # a knob, and which way its control is to be turned to take it over; empty: it has been


def unconcerned(knob: str, way: Way) -> None:
    """For who does not mind."""


class Controllers:
    """One controller: `source` names it, and its buttons are its own. Of a patch without more, what the patch binds.

    With a `panel` there is soft takeover, unless it is not to `cross`.
    """

    def __init__(
        self, patch: Patch, source: str, panel: Panel | None = None, on_takeover: OnTakeover = unconcerned, crosses: bool = True
    ) -> None:
        self.source = source
        self.bindings = Bindings(of_patch(patch))
        self.actions = patch.actions() if panel is None else panel.actions
        self.takeover = Takeover()
        self.reader = Reader()
        self._panel, self._on_takeover, self._crosses = panel, on_takeover, crosses
        self._shown: dict[Control, int] = {}
        self._down: set[Control] = set()

    def changes(self, message: Sequence[int], at_s: float) -> tuple[Change, ...]:
        """What a whole MIDI message means: a knob's place or steps, a button's action, or nothing."""
        touch = self.reader.read(message)
        return () if touch is None else self.touched(touch, at_s)

    def touched(self, touch: Touch, at_s: float) -> tuple[Change, ...]:
        """What a touch means."""
        binding = self.bindings.of(touch)
        action = None if binding is None else self.actions.get(binding.action)
        if binding is None or action is None:
            return ()
        control = binding.control
        if touch.half == "steps" or control.is_relative:
            steps = touch.value if touch.half == "steps" else steps_of(control.encoding, touch.value)
            return self._stepped(binding, action, steps, at_s)
        wide = control.encoding == "absolute14"
        value = self.reader.joined(touch) if wide and touch.kind != "pitchbend" else None if touch.half == "fine" else touch.value
        if value is None:
            return ()
        self._shown[control] = value
        if action.kind == "knob" and not binding.button:
            return self._turned(binding, action, value, at_s)
        if action.kind == "choice" and not binding.button and binding.value is None:
            return self._change(binding, self._chosen(action, value / control.top), at_s)
        return self._pressed(binding, action, touch, value >= control.top * DOWN if touch.kind == "cc" or wide else value > 0, at_s)

    def taken(self) -> dict[Control, int]:
        """What controls have said since the last call, the last of each. On the lights' thread."""
        return {control: self._shown.pop(control) for control in tuple(self._shown)}

    def _turned(self, binding: Binding, action: Action, value: int, at_s: float) -> tuple[Change, ...]:
        """A pot or fader."""
        control = binding.control
        travel = value / control.top
        if self._panel is not None and self._crosses and not binding.follows:
            verdict = self.takeover.turned((control, action.name), travel, action.travel(self._panel.aim(action.name)))
            if verdict.is_new:
                self._on_takeover(action.name, verdict.way)
            if not verdict.has:
                return ()
        if control.top == TOP14:
            return (Change(action.name, travel, at_s, self.source, "normalized"),)
        return (Change(action.name, value, at_s, self.source, "7-bit"),)

    def _stepped(self, binding: Binding, action: Action, steps: int, at_s: float) -> tuple[Change, ...]:
        """An encoder: of a choice the next or the one before, and a step to the right presses a button."""
        if not steps:
            return ()
        if action.kind == "knob":
            return (Change(action.name, steps, at_s, self.source, "steps"),)
        if action.kind == "choice" and binding.value is None:
            return self._change(binding, self._beside(action, 1 if steps > 0 else -1), at_s)
        return self._change(binding, binding.value, at_s) if steps > 0 else ()

    def _pressed(self, binding: Binding, action: Action, touch: Touch, down: bool, at_s: float) -> tuple[Change, ...]:
        """A button: once each time it goes down. A note or a program is down whenever it is said."""
        control = binding.control
        fires = down and (control.kind in ("note", "program") or control not in self._down)
        (self._down.add if down else self._down.discard)(control)
        if not fires:
            return ()
        if control.number is None:
            return self._change(binding, str(touch.number + 1) if action.is_free else touch.number + 1, at_s)
        if action.kind == "choice" and binding.value is None:
            return self._change(binding, self._beside(action, 1), at_s)
        if action.kind == "knob":
            return ()
        return self._change(binding, binding.value, at_s)

    def _change(self, binding: Binding, value: Value, at_s: float) -> tuple[Change, ...]:
        return (Change(binding.action, value, at_s, self.source),)

    def _chosen(self, action: Action, travel: float) -> str:
        """The choice at a travel."""
        return action.choices[min(int(travel * len(action.choices)), len(action.choices) - 1)]

    def _beside(self, action: Action, way: int) -> str:
        """The choice after the one that stands, or before it; after the last comes the first."""
        stands = self._panel.snapshot().choices.get(action.name, action.choices[0]) if self._panel is not None else action.choices[0]
        return action.choices[(action.choices.index(stands) + way) % len(action.choices)]
