"""What happened on the panel: an action, a value, a time, and who did it.

Knows nothing of ranges or of what an action does.
"""

from dataclasses import dataclass
from typing import Literal

Value = float | int | str | bool | None
Scale = Literal["own", "normalized", "7-bit", "steps"]


@dataclass(frozen=True, slots=True)
class Change:
    """One action done once.

    `value` is a knob's position in the `scale` given ("own" unit, "normalized" 0..1 or a "7-bit" count 0..127; or "steps" of an encoder,
    127 to its whole travel), a choice's name, a switch's state (None: the other one) or a trigger's argument (None: its default). `at_s`
    is monotonic; `source` names port and sender.
    """

    action: str
    value: Value = None
    at_s: float = 0.0
    source: str = ""
    scale: Scale = "own"
