"""AbletonOSC as its page describes it: a set of Live with tracks and slots, driven by messages to one port and answering at another.

Written from the published protocol, on python-osc's own server, which AbletonOSC uses as well: a program that cannot run here.
"""

import threading
from dataclasses import dataclass, field

from pythonosc.dispatcher import Dispatcher
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.osc_server import BlockingOSCUDPServer

TRACKS, SLOTS = 4, 8
Note = tuple[int, float, float, int, bool]


@dataclass
class LiveClip:
    """A MIDI clip."""

    length: float
    name: str = ""
    notes: list[Note] = field(default_factory=list)
    loop: tuple[float, float] = (0.0, 0.0)


class Ableton:
    """A set. `clips` by (track, slot), from 0. Answers go to the sender's host, at `reply_port`."""

    def __init__(self, reply_port: int) -> None:
        self.clips: dict[tuple[int, int], LiveClip] = {}
        self.errors: list[str] = []
        self._reply_port = reply_port
        calls = {
            "/live/clip_slot/get/has_clip": self.has_clip,
            "/live/clip_slot/create_clip": self.create_clip,
            "/live/clip/remove/notes": self.remove_notes,
            "/live/clip/add/notes": self.add_notes,
            "/live/clip/set/name": self.set_name,
            "/live/clip/set/loop_start": lambda at, start: self.set_loop(at, start, self.clip(at).loop[1]),
            "/live/clip/set/loop_end": lambda at, end: self.set_loop(at, self.clip(at).loop[0], end),
        }
        dispatcher = Dispatcher()
        dispatcher.set_default_handler(lambda client, address, *_: self.fail(client, f"Unknown OSC address: {address}"), True)
        for address, call in calls.items():
            dispatcher.map(address, self.handle, call, needs_reply_address=True)
        self._server = BlockingOSCUDPServer(("127.0.0.1", 0), dispatcher)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def handle(self, client, address, fixed, *values) -> None:  # type: ignore[no-untyped-def]
        """As AbletonOSC: the first two are the track and the slot; an exception is told as an error."""
        (call,), (track, slot, *rest) = fixed, values
        try:
            if not (0 <= track < TRACKS and 0 <= slot < SLOTS):
                raise IndexError("Index out of range")
            answer = call((track, slot), *rest)
            if answer is not None:
                self.reply(client, address, track, slot, answer)
        except (RuntimeError, ValueError, IndexError, KeyError) as problem:
            self.fail(client, f"Error handling OSC message: {problem}")

    def reply(self, client: tuple[str, int], address: str, *values: object) -> None:
        builder = OscMessageBuilder(address)
        for value in values:
            builder.add_arg(value)  # type: ignore[arg-type]
        self._server.socket.sendto(builder.build().dgram, (client[0], self._reply_port))

    def fail(self, client: tuple[str, int], text: str) -> None:
        self.errors.append(text)
        self.reply(client, "/live/error", text)

    def clip(self, at: tuple[int, int]) -> LiveClip:
        if at not in self.clips:
            raise RuntimeError("there is no clip")
        return self.clips[at]

    def has_clip(self, at: tuple[int, int]) -> bool:
        return at in self.clips

    def create_clip(self, at: tuple[int, int], length: float) -> None:
        if at in self.clips:
            raise RuntimeError("Slot is not empty")
        self.clips[at] = LiveClip(length, loop=(0.0, length))

    def remove_notes(self, at: tuple[int, int], pitch: int, pitches: int, start: float, beats: float) -> None:
        clip = self.clip(at)
        clip.notes = [note for note in clip.notes if not (pitch <= note[0] < pitch + pitches and start <= note[1] < start + beats)]

    def add_notes(self, at: tuple[int, int], *flat: float) -> None:
        if len(flat) % 5:
            raise ValueError("notes have five values each")
        for begin in range(0, len(flat), 5):
            pitch, start, lasts, velocity, mute = flat[begin : begin + 5]
            if not (0 <= pitch < 128 and lasts > 0 and 0 < velocity < 128 and isinstance(mute, bool)):
                raise ValueError(f"no note: {flat[begin : begin + 5]}")
            self.clip(at).notes.append((int(pitch), start, lasts, int(velocity), mute))

    def set_name(self, at: tuple[int, int], name: str) -> None:
        self.clip(at).name = name

    def set_loop(self, at: tuple[int, int], start: float, end: float) -> None:
        if start >= end:
            raise ValueError("the loop is empty")
        self.clip(at).loop = (start, end)
