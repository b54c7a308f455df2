"""Inputs that come and go, and come back looped, while a set plays: the real `mvae-live` under a JACK server, and rtmidi ports."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mvae.live.midi_ports import open_output
from mvae.live.output import Output, control, note_on
from tests.live.command import mvae_live
from tests.live.jack import wait_until
from tests.live.test_outlets import PATIENCE_S, Synth, ends_silent, is_on

BACK_S = 2.0
BEAT_S = 0.5
PATCH = """format = 1
name = "Loop"
[[part]]
bundle = "groove_2bar"
channel = 10
map = {kick = {note = 36}}
[anchors]
A = "rock"
B = "funk"
[knob.morph]
cc = 1
[button.dice]
does = "mute drums"
note = 36
"""

pytestmark = pytest.mark.usefixtures("jack_server")


class Metronome:
    """MIDI clock at a virtual port that can be unplugged. Its beat goes on meanwhile."""

    def __init__(self) -> None:
        self._out: Output | None = None
        self._lock, self._over = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._tick, daemon=True)
        self._thread.start()

    def plug(self) -> None:
        with self._lock:
            self._out = open_output(None, "Metro")

    def unplug(self) -> None:
        with self._lock:
            out, self._out = self._out, None
        if out is not None:
            out.close()

    def send(self, message: bytes) -> None:
        with self._lock:
            if self._out is not None:
                self._out.send(message)

    def close(self) -> None:
        self._over.set()
        self._thread.join()
        self.unplug()

    def _tick(self) -> None:
        begin_s, tick = time.monotonic(), 0
        while not self._over.wait(max(0.0, begin_s + tick * BEAT_S / 24 - time.monotonic())):
            self.send(b"\xf8")
            tick += 1


@pytest.fixture
def metronome() -> Iterator[Metronome]:
    metro = Metronome()
    metro.plug()
    yield metro
    metro.close()


@pytest.fixture
def synth() -> Iterator[Synth]:
    synth = Synth("Alpha")
    yield synth
    synth.unplug()


def test_the_midi_clock_is_followed_again_when_its_port_is_back_and_music_plays_meanwhile(metronome: Metronome, synth: Synth) -> None:
    words = "--patch", "first_light", "--port", "alpha", "--sync", "midi", "--clock-port", "metro", "--name", "mvae-guest", "--no-surface"
    with mvae_live(*words) as live:
        live.subscribe()
        live.wait(lambda: ("locked", 0) in live.heard("/mvae/sync"))
        live.send("/mvae/play")
        synth.more()
        metronome.unplug()
        live.wait(lambda: live.heard("/mvae/sync")[-1][0] == "lost" and "gone" in str(live.heard("/mvae/remark")))
        synth.more()
        metronome.plug()
        plugged_s = time.monotonic()
        live.wait(lambda: live.heard("/mvae/sync")[-1][0] == "locked" and "back" in str(live.heard("/mvae/remark")[-1]))
        back_s = next(told.at_s for told in reversed(live.told) if told.address == "/mvae/remark" and "back" in str(told.values))
        assert back_s - plugged_s < BACK_S
        synth.more()
        ends_silent(live, synth)


def test_a_controller_is_unplugged_and_replugged_while_it_plays(tmp_path: Path, synth: Synth) -> None:
    patch, knobs = tmp_path / "loop.toml", open_output(None, "Faders")
    patch.write_text(PATCH)
    words = ["--patch", str(patch), "--port", "alpha", "--controller", "faders", "--name", "mvae-hands", "--no-surface", "--start", "now"]
    words += ["--takeover", "jump"]  # the fader is where it is said to be
    with mvae_live(*words) as live:
        live.subscribe()

        def turned(to: int) -> bool:
            return bool(knobs.send(control(0, 1, to)) and live.heard("/mvae/knob/morph")[-1:] == [(to / 127,)])

        assert wait_until(lambda: turned(127), PATIENCE_S, 0.05)
        knobs.close()
        synth.more()
        knobs = open_output(None, "Faders")
        assert wait_until(lambda: turned(0), PATIENCE_S, 0.05)
        synth.more()
        ends_silent(live, synth)
    knobs.close()


def test_what_is_played_on_a_controller_sounds_with_its_part_and_ends_when_it_is_unplugged(tmp_path: Path, synth: Synth) -> None:
    patch, keys = tmp_path / "loop.toml", open_output(None, "Piano")
    patch.write_text(PATCH.replace("channel = 10\n", "channel = 7\nthru = 'piano'\n"))
    words = "--patch", str(patch), "--port", "alpha", "--controller", "piano", "--name", "mvae-thru", "--no-surface"
    with mvae_live(*words) as live:
        live.subscribe()

        def sounds() -> bool:
            return bool(keys.send(note_on(0, 100, 77)) and synth.count(lambda message: message == note_on(6, 100, 77)))

        assert wait_until(sounds, PATIENCE_S, 0.1) and (6, 100) in synth.sounding()
        keys.close()
        assert wait_until(lambda: not synth.sounding(), PATIENCE_S), "a key that nobody can let go sounds on"
        ends_silent(live, synth)


def test_what_the_instrument_plays_into_a_looped_port_does_not_press_its_own_buttons(tmp_path: Path, synth: Synth) -> None:
    patch, looped = tmp_path / "loop.toml", open_output(None, "Loop")
    patch.write_text(PATCH)
    words = "--patch", str(patch), "--port", "alpha", "--controller", "loop", "--name", "mvae-loop", "--no-surface", "--seed", "1"
    with mvae_live(*words, "--start", "now") as live:
        live.subscribe()
        synth.echo = looped  # a DAW that sends on what it hears
        assert wait_until(lambda: synth.count(lambda message: is_on(message) and message[1] == 36) >= 6, PATIENCE_S)
        assert (1,) not in live.heard("/mvae/part/drums/mute"), "a kick that came back has pressed the button"

        def pressed() -> bool:
            return bool(looped.send(note_on(9, 36, 1)) and (1,) in live.heard("/mvae/part/drums/mute"))

        assert wait_until(pressed, PATIENCE_S, 0.2), "a hand's note at the same port is heard"
        ends_silent(live, synth)
    looped.close()
