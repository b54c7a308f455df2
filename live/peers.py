"""Who is connected to the player's virtual port, and connecting them again after the player died and its port came back.

JACK through the JACK-Client package if it is installed, else through jack_lsp and jack_connect; ALSA through aconnect. Elsewhere there is
no way, and `patchbay` gives None. Used off the player, at about 1 Hz.
"""

import re
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import Any, Final, Protocol

COMMAND_TIMEOUT_S: Final = 2.0
unclosed = set[Any]()  # JACK clients that were not closed: libjack's threads call what they hold, though nobody else may


class Patchbay(Protocol):
    """The connections of one MIDI system."""

    def peers(self, port: str) -> tuple[str, ...] | None:
        """What an output port, by its full name, is connected to; None if there is no such port."""
        ...

    def connect(self, port: str, peer: str) -> bool:
        """Connect an output port to a peer; False if that failed."""
        ...

    def close(self) -> None:
        """Look no more."""
        ...


def patchbay(api: str) -> Patchbay | None:
    """The way to see and make connections in a MIDI system; None where there is none."""
    if api == "JACK":
        if package := jack_package():
            return JackPackage(package)
        return JackCommands() if shutil.which("jack_lsp") and shutil.which("jack_connect") else None
    if api == "ALSA" and shutil.which("aconnect"):
        return AlsaCommands()
    return None


@cache
def jack_package() -> ModuleType | None:
    """The JACK-Client package, where it and the library are there; told once to be silent, for a thread of libjack may be telling."""
    try:
        import jack
    except (ImportError, OSError):  # OSError: the package is there, the library is not
        return None
    package: ModuleType = jack
    package.set_error_function(lambda message: None)
    package.set_info_function(lambda message: None)
    return package


class JackPackage:
    """Through a JACK client of our own, which has no ports. `registered` is told the name of every port that comes, on a JACK thread.

    A client whose server has gone must not be closed, not even by the garbage collector: libjack may end the process by it. It is left.
    """

    def __init__(self, package: ModuleType, registered: Callable[[str], None] | None = None) -> None:
        self._jack, self._registered = package, registered
        self._make = type("Client", (package.Client,), {"__del__": lambda client: None})
        self._open: Any = None
        self._lost = False  # the server of the client that is open has gone

    def _client(self) -> Any:
        if self._lost:
            self._open, self._lost = None, False
        if self._open is None:
            client = self._make("mvae peers", no_start_server=True)
            unclosed.add(client)
            client.set_shutdown_callback(self._lose)
            if self._registered is not None:
                client.set_port_registration_callback(self._come)
                client.activate()
            self._open = client
        return self._open

    def _lose(self, status: Any, reason: str) -> None:
        self._lost = True

    def _come(self, port: Any, is_there: bool) -> None:
        if is_there and self._registered is not None:
            self._registered(port.name)

    @property
    def waits(self) -> bool:
        """Whether there is no client yet, or no more."""
        return self._open is None or self._lost

    def ports(self, outputs: bool) -> list[str]:
        """The full names of all MIDI ports that give, or that take; none without a server."""
        try:
            return [port.name for port in self._client().get_ports(is_midi=True, is_output=outputs, is_input=not outputs)]
        except self._jack.JackError:
            return []

    def close(self) -> None:
        """Let the client go."""
        client, self._open = self._open, None
        if client is not None and not self._lost:
            client.close()
            unclosed.discard(client)

    def peers(self, port: str) -> tuple[str, ...] | None:
        try:
            client = self._client()
            return tuple(peer.name for peer in client.get_all_connections(client.get_port_by_name(port)))
        except self._jack.JackError:
            return None

    def connect(self, port: str, peer: str) -> bool:
        try:
            self._client().connect(port, peer)
        except self._jack.JackError:
            return False
        return True


class JackCommands:
    """Through jack_lsp and jack_connect."""

    def peers(self, port: str) -> tuple[str, ...] | None:
        return jack_lsp_peers(_output_of("jack_lsp", "-c"), port)

    def connect(self, port: str, peer: str) -> bool:
        return _succeeds("jack_connect", port, peer)

    def close(self) -> None:
        """Nothing is open."""


class AlsaCommands:
    """Through aconnect. A port's full name ends in its address, client:port, in rtmidi; peers are addresses."""

    def peers(self, port: str) -> tuple[str, ...] | None:
        return aconnect_peers(_output_of("aconnect", "-l"), port.rpartition(" ")[2])

    def connect(self, port: str, peer: str) -> bool:
        return _succeeds("aconnect", port.rpartition(" ")[2], peer)

    def close(self) -> None:
        """Nothing is open."""


def jack_lsp_peers(listing: str, port: str) -> tuple[str, ...] | None:
    """The indented lines below a port in the output of `jack_lsp -c`; None if the port is not there."""
    ports: dict[str, list[str]] = {}
    here = ""
    for line in listing.splitlines():
        if line.startswith(" "):
            ports[here].append(line.strip())
        else:
            here = line
            ports[here] = []
    return tuple(ports[port]) if port in ports else None


def aconnect_peers(listing: str, address: str) -> tuple[str, ...] | None:
    """The addresses a port (client:port) connects to in the output of `aconnect -l`; None if the port is not there."""
    client = here = ""
    peers = None
    for line in listing.splitlines():
        if found := re.match(r"client (\d+):", line):
            client = found[1]
        elif found := re.match(r"\s+(\d+) '", line):
            here = f"{client}:{found[1]}"
            peers = () if here == address else peers
        elif here == address and (found := re.match(r"\s+Connecting To: (.*)", line)):
            peers = tuple(re.findall(r"\d+:\d+", found[1]))
    return peers


def _output_of(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=COMMAND_TIMEOUT_S, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""


def _succeeds(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=COMMAND_TIMEOUT_S, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
