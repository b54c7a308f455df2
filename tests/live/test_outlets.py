"""Several ports: each part on its own, and what happens when they are unplugged, replugged, exchanged, or their player dies.

Real: `mvae-live` in a process of its own, under a JACK server, heard by rtmidi inputs that are closed and made again.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import rtmidi

from mvae.live.midi_ports import stop_hearing
from mvae.live.output import Output
from tests.live.command import MvaeLive, mvae_live
from tests.live.jack import wait_until

BACK_S = 2.0  # as promised, besides what a busy machine takes
PATIENCE_S = 20.0
CLOCK, START, CONTINUE, STOP = 0xF8, 0xFA, 0xFB, 0xFC
PATCH = """format = 1
name = "Ports"
[[part]]
name = "drums"
bundle = "groove_2bar"
channel = 10
gate_ms = 400
{drums}
[[part]]
name = "kit"
bundle = "groove_2bar"
channel = 10
gate_ms = 400
{kit}
[anchors]
A = "rock"
B = "funk"
"""


class Synth:
    """An input of a MIDI system: a synthesizer that can be unplugged. What it has heard survives, as a performer's ears do."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.heard: list[tuple[bytes, float]] = []
        self.echo: Output | None = None  # where it sends on what it hears
        self._client: rtmidi.MidiIn | None = None
        self.plug()

    def plug(self) -> None:
        self._client = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name=self.name)
        self._client.ignore_types(timing=False)
        self._client.open_virtual_port(self.name)
        self._client.set_callback(self._hear)

    def _hear(self, event: tuple[list[int], float], _: object) -> None:
        message = bytes(event[0])
        self.heard.append((message, time.monotonic()))
        if self.echo is not None and message[0] < CLOCK:
            self.echo.send(message)

    def connect(self, output: str) -> None:
        """Listen to a virtual port instead, as somebody does with a patchbay."""
        self.unplug()
        self._client = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name=self.name)
        self._client.ignore_types(timing=False)
        self._client.set_callback(self._hear)

        def there() -> bool:
            ports = self._client.get_ports() if self._client else []
            return output in ports

        assert wait_until(there, PATIENCE_S), output
        self._client.open_port(self._client.get_ports().index(output), self.name)

    def unplug(self) -> None:
        if self._client is not None:
            stop_hearing(self._client)
            self._client = None

    def count(self, wanted: Callable[[bytes], bool]) -> int:
        return sum(wanted(message) for message, _ in list(self.heard))

    def ons(self) -> int:
        return self.count(is_on)

    def sounding(self) -> set[tuple[int, int]]:
        """(channel, pitch) of what still sounds."""
        open_notes: set[tuple[int, int]] = set()
        for message, _ in list(self.heard):
            if message[0] & 0xE0 == 0x80:
                (open_notes.add if is_on(message) else open_notes.discard)((message[0] & 15, message[1]))
        return open_notes

    def more(self, ons: int = 8) -> None:
        """Wait until it has heard so many more notes."""
        before = self.ons()
        assert wait_until(lambda: self.ons() >= before + ons, PATIENCE_S), f"{self.name} hears nothing more"


def is_on(message: bytes) -> bool:
    return message[0] & 0xF0 == 0x90 and message[2] > 0


pytestmark = pytest.mark.usefixtures("jack_server")


@pytest.fixture
def synths() -> Iterator[tuple[Synth, Synth]]:
    pair = Synth("Alpha"), Synth("Beta")
    yield pair
    for synth in pair:
        synth.unplug()


@contextmanager
def playing(folder: Path, drums: str = "", kit: str = "", *words: str) -> Iterator[MvaeLive]:
    path = folder / "ports.toml"
    path.write_text(PATCH.format(drums=drums, kit=kit))
    given = ["--patch", str(path), "--seed", "3", "--tempo", "160", "--name", "mvae-ports", "--no-surface", *words]
    with mvae_live(*given) as live:
        live.subscribe()
        live.send("/mvae/play")
        yield live


def ends_silent(live: MvaeLive, *synths: Synth) -> None:
    live.signal("SIGTERM")
    assert live.end() == 0
    for synth in synths:
        assert wait_until(lambda synth=synth: not synth.sounding(), 5), (synth.name, synth.sounding())


def test_each_part_plays_on_its_own_port_with_clock_and_transport_on_both(tmp_path: Path, synths: tuple[Synth, Synth]) -> None:
    alpha, beta = synths
    with playing(tmp_path, "port = 'alpha'\nmap = {kick = {note = 11}}", "port = 'beta'\nmap = {kick = {note = 22}}") as live:
        alpha.more(), beta.more()
        for synth, own, other in ((alpha, 11, 22), (beta, 22, 11)):
            pitches = {message[1] for message, _ in synth.heard if is_on(message)}
            assert own in pitches and other not in pitches
            assert synth.count(lambda message: message[0] == CLOCK) > 24 and synth.count(lambda message: message[0] == START) == 1
        live.send("/mvae/part/kit/mute", 1)
        assert wait_until(lambda: not beta.sounding(), PATIENCE_S)
        alpha.more()
        live.send("/mvae/part/kit/out", "main")  # every part has a port, so the first one's is the instrument's
        live.send("/mvae/part/kit/mute", 0)
        assert wait_until(lambda: any(is_on(message) and message[1] == 22 for message, _ in list(alpha.heard)), PATIENCE_S)
        live.send("/mvae/panic")
        for synth in synths:
            assert wait_until(lambda synth=synth: synth.count(lambda message: message[:2] == b"\xb9\x78") >= 1, PATIENCE_S)
        ends_silent(live, *synths)
        assert all(synth.count(lambda message: message[0] == STOP) >= 1 for synth in synths)


def test_an_unplugged_port_comes_back_by_name_in_the_song_and_silent_while_the_other_plays_on(
    tmp_path: Path, synths: tuple[Synth, Synth]
) -> None:
    alpha, beta = synths
    with playing(tmp_path, "port = 'alpha'", "port = 'beta'") as live:
        beta.more()
        assert wait_until(lambda: bool(beta.sounding()), PATIENCE_S)
        beta.unplug()
        live.wait(lambda: ("beta" in str(live.heard("/mvae/remark")).lower()) and "gone" in str(live.heard("/mvae/remark")))
        alpha.more()
        beta.plug()
        plugged_s, before, left = time.monotonic(), len(beta.heard), beta.sounding()
        assert left, "nothing was left sounding, so nothing is shown"
        beta.more(1)
        came = beta.heard[before:]
        assert came[0][1] - plugged_s < BACK_S
        firsts = [message for message, _ in came[: 1 + next(n for n, (message, _) in enumerate(came) if is_on(message))]]
        ended = {(message[0] & 15, message[1]) for message in firsts if message[0] & 0xF0 == 0x80}
        assert left <= ended, "what was left sounding ends before anything else sounds"
        assert wait_until(lambda: beta.count(lambda message: message[0] == CONTINUE) == 1, PATIENCE_S)
        live.wait(lambda: "back" in str(live.heard("/mvae/remark")))
        assert live.heard("/mvae/port/kit")[-1][1] == 1
        ends_silent(live, alpha, beta)


def test_virtual_ports_are_called_after_their_parts_and_all_fall_silent_when_the_player_dies(
    tmp_path: Path, synths: tuple[Synth, Synth]
) -> None:
    alpha, beta = synths
    with playing(tmp_path, "port = 'virtual'", "port = 'virtual'", "--start", "now") as live:
        alpha.connect("mvae-ports drums:mvae-ports drums"), beta.connect("mvae-ports kit:mvae-ports kit")
        alpha.more(), beta.more()
        live.wait_beats(10)  # the patchbay is looked at once a second
        first = live.player_pid()
        assert first is not None
        os.kill(first, signal.SIGKILL)
        live.wait(lambda: live.player_pid() not in (first, None))
        alpha.more(), beta.more()
        ends_silent(live, alpha, beta)


def test_a_player_that_dies_while_a_port_is_unplugged_is_replaced_and_the_port_comes_back(
    tmp_path: Path, synths: tuple[Synth, Synth]
) -> None:
    alpha, beta = synths
    with playing(tmp_path, "port = 'alpha'", "port = 'beta'") as live:
        alpha.more(), beta.more()
        beta.unplug()
        live.wait(lambda: "gone" in str(live.heard("/mvae/remark")))
        first = live.player_pid()
        assert first is not None
        os.kill(first, signal.SIGKILL)
        live.wait(lambda: live.player_pid() not in (first, None))
        alpha.more()
        beta.plug()
        beta.more()
        ends_silent(live, alpha, beta)


def test_another_port_is_chosen_while_it_plays_and_an_unknown_one_is_answered(tmp_path: Path, synths: tuple[Synth, Synth]) -> None:
    alpha, beta = synths
    with playing(tmp_path, "", "", "--port", "alpha") as live:
        alpha.more()
        live.send("/mvae/part/kit/port", "beta")
        beta.more()
        live.wait(lambda: ("Beta:Beta", 1) in live.heard("/mvae/port/kit"))
        live.send("/mvae/part/kit/port", "gamma")
        live.wait(lambda: [why for _, why in live.heard("/mvae/error") if str(why).startswith("port 'gamma': no port has this")])
        beta.more(), alpha.more()
        live.send("/mvae/part/kit/port", "main")
        assert wait_until(lambda: live.heard("/mvae/part/kit/out")[-1:] == [("main",)], PATIENCE_S)
        live.send("/mvae/port", "beta")
        live.wait(lambda: ("Beta:Beta", 1) in live.heard("/mvae/port/main"))
        assert wait_until(lambda: not alpha.sounding(), PATIENCE_S)
        beta.more()
        ends_silent(live, alpha, beta)


def test_a_synth_that_is_gone_for_a_blink_is_played_to_again(tmp_path: Path, synths: tuple[Synth, Synth]) -> None:
    alpha, beta = synths
    with playing(tmp_path, "", "port = 'beta'", "--port", "alpha") as live:
        alpha.more(), beta.more()
        for synth in (alpha, beta):
            synth.unplug()
            synth.plug()
            synth.more()
        alpha.more(), beta.more()
        ends_silent(live, alpha, beta)


def test_a_port_of_a_part_that_is_not_there_is_named_with_those_that_are(tmp_path: Path, synths: tuple[Synth, Synth]) -> None:
    path = tmp_path / "ports.toml"
    path.write_text(PATCH.format(drums="port = 'gamma'", kit=""))
    with mvae_live("--patch", str(path), "--no-surface") as live:
        assert live.end(PATIENCE_S) == 2
        said = live.said()
        assert "[[part]]" in said and "'gamma'" in said and "Alpha:Alpha (JACK)" in said
