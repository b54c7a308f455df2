"""Where the player's MIDI bytes go: a port of the system's MIDI, or nowhere. Knows nothing of notes, clocks and the song.

The port is opened in the player's process (`midi_ports` finds it). A message the port does not take is counted, never raised.
"""

import time
from typing import Final, Protocol

import rtmidi

CLOCK: Final = b"\xf8"
START: Final = b"\xfa"
CONTINUE: Final = b"\xfb"
STOP: Final = b"\xfc"
ALL_SOUND_OFF: Final = 120
RESET_CONTROLLERS: Final = 121
ALL_NOTES_OFF: Final = 123
MIDI_ERRORS: Final = (rtmidi.RtMidiError, SystemError, OSError)  # what opening or closing a port may raise, whatever it is
DRAIN_S: Final = 0.05  # from the last message to closing the port: JACK delivers once a period, and drops what lies in a closed port


EVERY: Final = -1  # the slot of what all ports are told


class Sink(Protocol):
    """What the player plays on: a port, or several (`outputs`), of which a slot names one."""

    def send(self, message: bytes, slot: int = EVERY) -> bool:
        """Send one MIDI message; False if a port did not take it."""
        ...


class Output(Sink, Protocol):
    """A port, or the lack of one."""

    port: str  # full name; empty without a port
    api: str
    virtual: bool
    remark: str  # one line for the performer, or empty

    def close(self) -> None: ...


class NoOutput:
    """Plays nowhere, and takes everything; `port` is one that is not there just now."""

    def __init__(self, remark: str, port: str = "") -> None:
        self.port, self.api, self.virtual, self.remark = port, "none", False, remark

    def send(self, message: bytes, slot: int = EVERY) -> bool:
        return True

    def close(self) -> None:
        pass


class MidiOutput:
    """An open port of rtmidi."""

    def __init__(self, client: rtmidi.MidiOut, port: str, api: str, virtual: bool) -> None:
        self._client = client
        self.port, self.api, self.virtual, self.remark = port, api, virtual, ""
        self.closed = False
        self.away = False  # unplugged: nothing is sent until it is opened again

    def send(self, message: bytes, slot: int = EVERY) -> bool:
        if self.away:
            return True
        try:
            self._client.send_message(message)
        except rtmidi.RtMidiError:
            return False
        return True

    def close(self) -> None:
        """Wait until what was sent has gone out, then close; once. Raises one of MIDI_ERRORS where the MIDI system has gone."""
        if self.closed:
            return
        self.away = self.closed = True
        time.sleep(DRAIN_S)
        try:
            self._client.close_port()
        finally:
            self._client.delete()


def note_on(channel: int, pitch: int, velocity: int) -> bytes:
    return bytes((0x90 | channel, pitch, velocity))


def note_off(channel: int, pitch: int) -> bytes:
    return bytes((0x80 | channel, pitch, 0))


def control(channel: int, number: int, value: int = 0) -> bytes:
    return bytes((0xB0 | channel, number, value))


def song_position(step: int) -> bytes:
    """F2 for a step (16th); past the 1,024 bars that the message can name it counts from 0 again."""
    return bytes((0xF2, step & 0x7F, step >> 7 & 0x7F))
