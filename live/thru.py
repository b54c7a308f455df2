"""MIDI thru: what a controller plays goes on to a part's port and channel, by way of the player, so that no note of it is left sounding.

May be called from any thread. Knows nothing of controllers, nor of which of their messages mean something else.
"""

import threading
from collections.abc import Sequence
from typing import Protocol

from mvae.core.panel import Panel
from mvae.core.part import CHANNELS, Part
from mvae.core.standing import standing
from mvae.live import wire

NOTE_OFF, NOTE_ON, SYSTEM = 0x80, 0x90, 0xF0


class Sends(Protocol):
    """The way to the player (`mvae.live.player_link.PlayerLink`)."""

    def send(self, message: wire.Down) -> None: ...


class Thru:
    """One controller's way to a `part`, wherever that sounds. Note-offs go where their note-ons went."""

    def __init__(self, part: Part, panel: Panel, player: Sends) -> None:
        self._part, self._panel, self._player = part, panel, player
        self._held: dict[tuple[int, int], int] = {}  # (the controller's channel, pitch) -> the channel it sounds on
        self._lock = threading.Lock()

    def pass_on(self, message: bytes) -> None:
        """A whole message of the controller's. What is of no channel (clock, SysEx) stays behind."""
        if not NOTE_OFF <= message[0] < SYSTEM:
            return
        kind, (first, *rest) = message[0] & 0xF0, message[1:]
        second = rest[0] if rest else 0
        positions = self._panel.snapshot()
        if f"{self._part.name}.channel" not in positions.knobs:
            return  # the part has gone with its patch
        with self._lock:
            channel = standing(self._part, positions).channel
            if kind in (NOTE_ON, NOTE_OFF):
                played = message[0] % CHANNELS, first
                if kind == NOTE_ON and second:
                    self._end(played)  # where it sounds already, perhaps elsewhere
                    self._held[played] = channel
                else:
                    self._end(played)
                    return
            self._player.send(wire.Thru(channel, kind, first, second))

    def let_go(self, message: bytes) -> None:
        """End the note that a message lets go, if it is held, whatever else its key may mean by now."""
        kind = message[0] & 0xF0
        if kind == NOTE_OFF or (kind == NOTE_ON and message[2:] == b"\0"):
            with self._lock:
                self._end((message[0] % CHANNELS, message[1]))

    def release(self) -> None:
        """The controller is gone: what is held on it ends."""
        with self._lock:
            for played in list(self._held):
                self._end(played)

    def _end(self, played: tuple[int, int]) -> None:
        channel = self._held.pop(played, None)
        if channel is not None:
            self._player.send(wire.Thru(channel, NOTE_OFF, played[1], 0))


def thrus(parts: Sequence[Part], controller: str, panel: Panel, player: Sends) -> tuple[Thru, ...]:
    """The ways of a controller by its name: to every part that has a fragment of it as its `thru`."""
    return tuple(Thru(part, panel, player) for part in parts if part.thru and part.thru.casefold() in controller.casefold())
