"""MIDI ports of this system: which there are, and opening one by a fragment of its name.

Tries every MIDI system that is there (ALSA and JACK on Linux, CoreMIDI, Windows MM); one that is not is no error. Errors of the performer
are a `UserError` that lists what exists and says what to do here. Ports that come and go after opening are noticed in `hotplug`.
"""

import gc
import os
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import rtmidi

from mvae.core.errors import UserError, listing
from mvae.live.output import MidiOutput, NoOutput, Output
from mvae.live.peers import JackPackage, jack_package

APIS: Final[dict[int, str]] = {
    rtmidi.API_LINUX_ALSA: "ALSA",
    rtmidi.API_MACOSX_CORE: "CoreMIDI",
    rtmidi.API_WINDOWS_MM: "Windows MM",
    rtmidi.API_UNIX_JACK: "JACK",
}  # in the order they are tried
REMEDIES: Final[dict[str, str]] = {
    "linux": "start JACK or `modprobe snd-virmidi`",
    "darwin": "switch on the IAC Driver in Audio MIDI Setup",
    "win32": "make a port with loopMIDI",
}
ALSA_SEQUENCER: Final = Path("/dev/snd/seq")
NAP_S, LAST_MESSAGE_NAPS = 0.001, 50  # a message on its way is heard by then, with some room: where threads wait for their turn, so do naps
VANISH_S: Final = 2.0  # how long a dead player's port may take to disappear
AGAIN_S: Final = 5.0  # how often a MIDI system that is not there is asked for again
_STDERR: Final = threading.Lock()
OnMessage: TypeAlias = Callable[[bytes, float], None]  # the MIDI message, and when it came (monotonic seconds)


@dataclass(frozen=True, slots=True)
class Port:
    """A port that exists: the MIDI system and the name it has there."""

    api: str
    name: str


@contextmanager
def quiet() -> Iterator[None]:
    """Keep C libraries from writing to stderr: they complain about every MIDI system that is not there."""
    with _STDERR:
        saved, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, 2)
            yield
        finally:
            os.dup2(saved, 2)
            os.close(saved)
            os.close(nowhere)


def _apis() -> list[int]:
    compiled = rtmidi.get_compiled_api()
    return [api for api in APIS if api in compiled and (api != rtmidi.API_LINUX_ALSA or ALSA_SEQUENCER.exists())]


def _client(kind: type, api: int, name: str) -> "rtmidi.MidiOut | rtmidi.MidiIn | None":
    """A client of a MIDI system, None where that does not run. No JACK server is started."""
    try:
        with quiet():
            return kind(api, name=name)
    except rtmidi.RtMidiError:
        return None


def _clients(kind: type, name: str) -> Iterator[tuple[int, "rtmidi.MidiOut | rtmidi.MidiIn"]]:
    for api in _apis():
        if client := _client(kind, api, name):
            yield api, client


def _list(kind: type) -> list[Port]:
    ports = []
    for api, client in _clients(kind, "mvae list"):
        ports += [Port(APIS[api], name) for name in client.get_ports()]
        client.delete()
    return ports


def list_outputs() -> list[Port]:
    """Every port that can be played to."""
    return _list(rtmidi.MidiOut)


def list_inputs() -> list[Port]:
    """Every port that can be heard, the virtual output of a running instrument among them."""
    return _list(rtmidi.MidiIn)


class Lister:
    """Lists ports again and again with clients that it keeps: under JACK each new one disturbs the others. For one thread.

    There the JACK-Client package asks, where it is installed: its client sleeps, while one of rtmidi's is woken in every period; and it
    tells `registered` of every port that comes.
    """

    def __init__(self, kind: type, registered: Callable[[str], None] | None = None) -> None:
        self._kind = kind
        self._clients: dict[int, rtmidi.MidiOut | rtmidi.MidiIn] = {}
        self._asked_s: dict[int, float] = {}
        package = jack_package()
        self._jack = JackPackage(package, registered) if package else None

    def ports(self, now_s: float) -> list[Port]:
        """Every port there is at a monotonic time."""
        for api in _apis():
            if api == rtmidi.API_UNIX_JACK and self._jack:
                continue
            if api not in self._clients and now_s - self._asked_s.get(api, -AGAIN_S) >= AGAIN_S:
                self._asked_s[api] = now_s
                if client := _client(self._kind, api, "mvae look"):
                    self._clients[api] = client
        listed = [Port(APIS[api], name) for api, client in self._clients.items() for name in client.get_ports()]
        return listed + [Port("JACK", name) for name in self._jack_ports(now_s)]

    def _jack_ports(self, now_s: float) -> list[str]:
        if self._jack is None or now_s < self._asked_s.get(rtmidi.API_UNIX_JACK, now_s):
            return []
        with quiet() if self._jack.waits else nullcontext():
            names = self._jack.ports(outputs=self._kind is rtmidi.MidiIn)
        self._asked_s[rtmidi.API_UNIX_JACK] = now_s + (AGAIN_S if self._jack.waits else 0.0)
        return names

    def close(self) -> None:
        if self._jack is not None:
            self._jack.close()
        for client in self._clients.values():
            client.delete()
        self._clients.clear()


def _remedy() -> str:
    return REMEDIES.get(sys.platform, "start a MIDI system")


def match(names: Sequence[str], fragment: str) -> int | None:
    """Index of the name that a performer means, whatever the case: the whole name before a part of one."""
    wanted, folded = fragment.casefold(), [name.casefold() for name in names]
    if wanted in folded:
        return folded.index(wanted)
    return next((index for index, name in enumerate(folded) if wanted in name), None)


def _missing(option: str, fragment: str, ports: Sequence[Port]) -> UserError:
    names = listing([f"{port.name} ({port.api})" for port in ports])
    return UserError(f"{option} {fragment!r}: no port has this in its name; there are: {names}; or {_remedy()}")


def open_output(
    fragment: str | None, name: str, successor_of: str = "", opened: Collection[Output] = (), option: str = "--port"
) -> Output:
    """The output whose name contains `fragment`, in any MIDI system; without a fragment a virtual port called `name`.

    One that is among the `opened` is given again. `successor_of` is the full name of a dead player's virtual port: it is waited for until
    it is gone. Raises UserError, which names the `option`, for an unknown fragment. Where there can be no virtual port the music plays
    nowhere, and `remark` says why.
    """
    if not fragment:
        return _open_virtual(name, successor_of)
    for api, client in _clients(rtmidi.MidiOut, name):
        ports = client.get_ports()
        if (index := match(ports, fragment)) is not None:
            same = next((out for out in opened if (out.api, out.port) == (APIS[api], ports[index])), None)
            if same is not None:
                client.delete()
                return same
            with quiet():
                client.open_port(index, name)
            return MidiOutput(client, ports[index], APIS[api], virtual=False)
        client.delete()
    raise _missing(option, fragment, list_outputs())


def _open_virtual(name: str, successor_of: str) -> Output:
    for api in _apis():
        look = _client(rtmidi.MidiIn, api, name if APIS[api] == "ALSA" else f"{name} look")  # ALSA may keep a process's first name
        if look is not None:
            _wait_until_gone(successor_of, look)
            output = _virtual(api, look, name)
            look.delete()
            return output
    if sys.platform == "win32":
        return NoOutput(f"no virtual ports on Windows: {_remedy()} and name it with --port; playing without MIDI")
    return NoOutput(f"no MIDI system here ({_remedy()}); playing without MIDI")


def _virtual(api: int, look: rtmidi.MidiIn, name: str) -> Output:
    """Open the virtual port, and find the full name the MIDI system gave it, which differs if another instrument has the name."""
    before = look.get_ports()
    try:
        with quiet():
            client = rtmidi.MidiOut(api, name=name)
            client.open_virtual_port(name)
    except (rtmidi.RtMidiError, NotImplementedError):
        return NoOutput(f"no virtual ports with {APIS[api]}: {_remedy()} and name it with --port; playing without MIDI")
    new = [port for port in look.get_ports() if port not in before]
    return MidiOutput(client, new[0] if new else f"{name}:{name}", APIS[api], virtual=True)


def _wait_until_gone(port: str, look: rtmidi.MidiIn) -> None:
    deadline_s = time.monotonic() + VANISH_S
    while port in look.get_ports() and time.monotonic() < deadline_s:
        time.sleep(0.01)


class Input:
    """A port that is heard; messages come on a thread of the MIDI system's."""

    def __init__(self, client: rtmidi.MidiIn, port: Port, on_message: OnMessage, clock: bool = False) -> None:
        self.port = port
        self._client = client
        client.ignore_types(sysex=True, timing=not clock, active_sense=True)
        client.set_callback(lambda event, _: on_message(bytes(event[0]), time.monotonic()))

    def close(self) -> None:
        stop_hearing(self._client)


def stop_hearing(client: rtmidi.MidiIn) -> None:
    """Close a client with a callback. That goes first, as a period of JACK may bring hundreds of messages; the one that waits for the
    interpreter still finds it, and is let through. JACK ends the thread that brings messages wherever that is: one that is ended while
    it waits leaves the interpreter locked for good, or broken."""
    called = gc.get_referents(client)
    client.cancel_callback()
    for _ in range(LAST_MESSAGE_NAPS):
        time.sleep(NAP_S)
    client.close_port()
    client.delete()
    called.clear()


def open_input(
    fragment: str, on_message: OnMessage, own: Collection[str] = (), name: str = "mvae", option: str = "--controller", clock: bool = False
) -> Input:
    """Hear the port whose name contains `fragment`, MIDI clock only if asked. `own` are the full names of the ports that are played to:
    they are never heard.

    Raises UserError, which names the `option`, if no other port matches. `on_message` is called on the MIDI system's thread.
    """
    heard = []
    for api, client in _clients(rtmidi.MidiIn, f"{name} in"):
        ports = client.get_ports()
        names = [port for port in ports if port not in own]
        if (index := match(names, fragment)) is not None:
            with quiet():
                client.open_port(ports.index(names[index]), names[index])
            return Input(client, Port(APIS[api], names[index]), on_message, clock)
        heard += [Port(APIS[api], port) for port in names]
        client.delete()
    raise _missing(option, fragment, heard)


def open_clock_input(fragment: str | None, on_message: OnMessage, own: Collection[str], name: str) -> Input:
    """Hear the MIDI clock of a port, as `open_input`; without a fragment, at a virtual input called `name` clock, for others to connect to.

    Raises UserError where there can be no virtual port.
    """
    if fragment is not None:
        return open_input(fragment, on_message, own, name, "--clock-port", clock=True)
    for api in _apis():
        client = _client(rtmidi.MidiIn, api, f"{name} clock")
        if client is not None and sys.platform != "win32":
            with quiet():
                client.open_virtual_port(f"{name} clock")
            return Input(client, Port(APIS[api], f"{name} clock"), on_message, clock=True)
    raise UserError(f"--sync midi: no port can be made for the clock to come in: name one with --clock-port, or {_remedy()}")
