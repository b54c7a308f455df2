"""What the instrument has played and hears again is no playing: a virtual port looped by a DAW is the usual cause of runaway notes.

An echo is a note of the same channel, pitch and velocity as one sent a moment ago, on whatever port. Knows nothing of ports; which of
them are our own, and are never heard at all, is `midi_ports`'s to say.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

from mvae.core.part import CHANNELS
from mvae.live.midi_ports import OnMessage

ECHO_S: Final = 0.030  # a DAW's buffer and two cables; a hand that strikes as hard as that within this time is taken for an echo
NOTE_OFF, NOTE_ON = 0x80, 0x90
Struck: TypeAlias = Callable[[int, int], tuple[float, int]]  # channel and pitch -> when it was sent (monotonic seconds), and how hard


class EchoFilter:
    """Stands before `on_message`, in its place, and keeps echoes from it. One for each input; called on the input's thread.

    `struck` says what was sent last (`player_link.PlayerLink.struck`). `echoes` counts what was kept away.
    """

    def __init__(self, on_message: OnMessage, struck: Struck) -> None:
        self._on_message, self._struck = on_message, struck
        self._kept: set[tuple[int, int]] = set()  # echoes whose note-off is still to come
        self.echoes = 0

    def __call__(self, message: bytes, at_s: float) -> None:
        if self._is_echo(message, at_s):
            self.echoes += 1
        else:
            self._on_message(message, at_s)

    def _is_echo(self, message: bytes, at_s: float) -> bool:
        if len(message) != 3 or message[0] & 0xF0 not in (NOTE_OFF, NOTE_ON):
            return False
        note, velocity = (message[0] % CHANNELS, message[1]), message[2]
        if message[0] & 0xF0 == NOTE_OFF or velocity == 0:
            kept = note in self._kept
            self._kept.discard(note)
            return kept
        sent_s, sent_velocity = self._struck(*note)
        echo = 0.0 <= at_s - sent_s <= ECHO_S and velocity == sent_velocity
        (self._kept.add if echo else self._kept.discard)(note)
        return echo
