"""The ears of the real `mvae-live` under a JACK server: pads play kicks into a port; what they play is captured, leads, and bounces."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mvae.core.drums import NOTE_OF_CLASS
from mvae.live.midi_ports import open_output
from mvae.live.output import Output, note_off, note_on
from tests.live.command import MvaeLive, mvae_live, run
from tests.live.jack import wait_until

BPM = 100.0
BEAT_S = 60 / BPM
KICK = NOTE_OF_CLASS[0]
LATE_S = 0.1  # after the bar line a capture may be there
PATCH = """format = 1
name = "Ears"
[[part]]
name = "drums"
bundle = "groove_2bar"
channel = 10
[anchors]
A = "jazz"
B = "funk"
[knob.feel]
default = 0
[knob.temperature]
default = 0
"""
TOKENS = """format = 1
name = "Ears"
[[part]]
name = "melody"
bundle = "trio_16bar"
channel = 1
[[part]]
name = "bass"
bundle = "trio_16bar"
channel = 2
[[part]]
name = "drums"
bundle = "trio_16bar"
channel = 10
[anchors]
A = "boss_3"
B = "chiptune"
"""
LED = '[listen]\nslot = "A"\n'

pytestmark = pytest.mark.usefixtures("jack_server")


class Pads:
    """Hands that strike a pad in time with what the instrument tells of its beat."""

    def __init__(self, live: MvaeLive, out: Output) -> None:
        self.live, self.out, self._wait = live, out, threading.Event()

    def line(self, bar: int) -> float:
        """When a bar began, as it was told, once it has."""
        self.live.wait(lambda: any(told.address == "/mvae/bar" and told.values == (bar,) for told in self.live.told))
        return next(told.at_s for told in self.live.told if told.address == "/mvae/bar" and told.values == (bar,))

    def until(self, at_s: float) -> None:
        self._wait.wait(max(0.0, at_s - time.monotonic()))

    def beats(self, line_s: float, count: int) -> None:
        """Kicks, so many beats from a line on."""
        for beat in range(count):
            self.until(line_s + beat * BEAT_S)
            self.out.send(note_on(9, KICK, 110))
            self.until(line_s + beat * BEAT_S + 0.05)
            self.out.send(note_off(9, KICK))


@contextmanager
def pads_plugged() -> Iterator[Output]:
    """A port that pads play to."""
    out = open_output(None, "Pads")
    try:
        yield out
    finally:
        out.close()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "library"))
    return tmp_path


def heard_from(live: MvaeLive, bar: int) -> list[tuple[int, float]]:
    """(pitch, beat of the bar) of the two bars from a bar on, counted from 0 as it tells them."""
    first = 4.0 * bar
    notes = [(int(str(pitch)), float(str(beat)) - first) for _, pitch, _, beat, _ in live.heard("/mvae/note")]
    return [(pitch, beat) for pitch, beat in notes if -0.12 <= beat < 7.88]


def is_four_on_the_floor(notes: list[tuple[int, float]]) -> bool:
    """Kicks on nearly all beats, and little else."""
    beats = {round(beat) for pitch, beat in notes if pitch == KICK and abs(beat - round(beat)) < 0.12}
    return len(beats) >= 7 and len(notes) - len(beats) <= 4


def started(folder: Path, text: str = PATCH) -> tuple[str, ...]:
    """The words of a set that listens, armed, and is recorded."""
    patch = folder / "ears.toml"
    patch.write_text(text)
    words = ("--patch", str(patch), "--seed", "5", "--tempo", f"{BPM:g}", "--start", "armed", "--record", str(folder / "take.mid"))
    return (*words, "--name", "mvae-ears", "--listen", "Pads")


def bounces(folder: Path) -> None:
    """The take comes out again, byte for byte."""
    done = run("bounce", "--controls", str(folder / "take.log"), "--out", str(folder / "again.mid"))
    assert done.returncode == 0 and "differ" not in done.stdout, done.stdout + done.stderr
    assert (folder / "again.mid").read_bytes() == (folder / "take.mid").read_bytes()


def test_pads_are_captured_at_the_line_and_morphed_to_and_a_capture_of_nothing_says_why(folder: Path) -> None:
    with pads_plugged() as out, mvae_live(*started(folder)) as live:
        pads = Pads(live, out)
        live.subscribe()
        live.send("/mvae/play")
        live.send("/mvae/knob/morph", 1.0)
        line = pads.line(1)
        live.send("/mvae/anchor/B/capture", 2)
        live.wait(lambda: live.heard("/mvae/error"))
        assert live.heard("/mvae/error") == [("capture B", "no notes in the last 2 bars")]
        pads.beats(line, 8)
        live.send("/mvae/anchor/B/capture", 2)
        line = pads.line(3)
        live.wait(lambda: ("capture 1",) in live.heard("/mvae/anchor/B"))
        captured_s = next(told.at_s for told in live.told if told.address == "/mvae/anchor/B" and told.values == ("capture 1",))
        assert captured_s - line < LATE_S
        pads.line(5)
        assert is_four_on_the_floor(heard_from(live, 3)), heard_from(live, 3)
        live.signal("SIGTERM")
        assert live.end() == 0
    bounces(folder)


def test_what_the_pads_play_leads_from_the_next_bar_on(folder: Path) -> None:
    with pads_plugged() as out, mvae_live(*started(folder, PATCH + LED)) as live:
        pads = Pads(live, out)
        live.subscribe()
        live.send("/mvae/play")
        pads.beats(pads.line(1), 4)
        assert wait_until(lambda: ("heard",) in live.heard("/mvae/anchor/A"), 5)
        pads.line(4)
        assert is_four_on_the_floor(heard_from(live, 2)), heard_from(live, 2)
        live.signal("SIGTERM")
        assert live.end() == 0
    bounces(folder)


def test_a_trio_of_sixteen_bars_is_captured_in_time_and_no_phrase_is_late_for_it(folder: Path) -> None:
    with pads_plugged() as out, mvae_live(*started(folder, TOKENS)) as live:
        pads = Pads(live, out)
        live.subscribe()
        live.send("/mvae/play")
        line = pads.line(1)
        for beat in range(8):
            pads.until(line + beat * BEAT_S)
            for channel, key in ((0, 60 + beat), (1, 36), (9, KICK)):
                out.send(note_on(channel, key, 100))
            pads.until(line + beat * BEAT_S + 0.05)
            for channel, key in ((0, 60 + beat), (1, 36), (9, KICK)):
                out.send(note_off(channel, key))
        live.send("/mvae/anchor/B/capture", 2)
        line = pads.line(3)
        live.wait(lambda: ("capture 1",) in live.heard("/mvae/anchor/B"))
        captured_s = next(told.at_s for told in live.told if told.address == "/mvae/anchor/B" and told.values == ("capture 1",))
        assert captured_s - line < LATE_S and not live.heard("/mvae/error")
        live.send("/mvae/knob/morph", 1.0)
        pads.line(5)
        assert live.heard("/mvae/gauge/late_phrases")[-1] == (0,)
        live.signal("SIGTERM")
        assert live.end() == 0
    bounces(folder)
