"""What the player has sounding on its ports: every note is marked in shared memory before it is sent, so that it is ended come what may.

A channel is one of a port: 16 for each slot. Knows nothing of the song, nor of who asks for a note.
"""

from collections.abc import Callable, Collection, Sequence

from mvae.core.part import CHANNELS
from mvae.live import wire
from mvae.live.output import EVERY, Sink, control, note_off, note_on
from mvae.live.status import Counters, StatusPage

NOTE_OFF, NOTE_ON, PROGRAM, PRESSURE = 0x80, 0x90, 0xC0, 0xD0


class Voices:
    """The notes on `out`; what it does not take is counted."""

    def __init__(self, out: Sink, page: StatusPage, counters: Counters, now_s: Callable[[], float]) -> None:
        self._out, self._page, self._counters, self._now_s = out, page, counters, now_s

    def send(self, message: bytes, slot: int = EVERY) -> None:
        """A message as it is."""
        if not self._out.send(message, slot):
            self._counters.send_errors += 1

    def strike(self, channel: int, pitch: int, velocity: int, passes: bool = False) -> None:
        """A note begins; one that `passes` is a controller's."""
        slot, of_port = divmod(channel, CHANNELS)
        self._page.mark(channel, pitch, velocity, self._now_s(), passes)
        self.send(note_on(of_port, pitch, velocity), slot)

    def end(self, channel: int, pitch: int) -> None:
        """A note ends."""
        slot, of_port = divmod(channel, CHANNELS)
        self.send(note_off(of_port, pitch), slot)
        self._page.unmark(channel, pitch)

    def pass_on(self, thru: wire.Thru) -> None:
        """What a controller plays: its notes are as any other."""
        slot, of_port = divmod(thru.channel, CHANNELS)
        if thru.kind == NOTE_ON and thru.second:
            self.strike(thru.channel, thru.first, thru.second, passes=True)
        elif thru.kind in (NOTE_ON, NOTE_OFF):
            self.end(thru.channel, thru.first)
        else:
            data = (thru.first,) if thru.kind in (PROGRAM, PRESSURE) else (thru.first, thru.second)
            self.send(bytes((thru.kind | of_port, *data)), slot)

    def left(self) -> list[tuple[int, int]]:
        """(channel, pitch) of what is marked as sounding in the song."""
        return self._page.of_song()

    def end_all(self, controls: Sequence[int]) -> None:
        """End all that has sounded, as a port may have lost a note-off; then the controllers of every channel used."""
        for channel, pitch in self._page.sounded():
            self.end(channel, pitch)
        for channel in self._page.used_channels():
            for number in controls:
                self.send(control(channel % CHANNELS, number), channel // CHANNELS)

    def hush(self, slots: Collection[int], but_sounding: bool = False) -> None:
        """Note-offs for what has sounded on some slots, or for what has ended there; what is marked stays so, until its own note-off."""
        sounding = self._page.sounding() if but_sounding else ()
        for channel, pitch in self._page.sounded():
            if channel // CHANNELS in slots and (channel, pitch) not in sounding:
                self.send(note_off(channel % CHANNELS, pitch), channel // CHANNELS)
