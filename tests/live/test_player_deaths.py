"""Real processes under a real JACK server: what a foreign client hears when all goes well, and when someone is killed in mid-bar."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.live.jack import Heard, Listener, undisturbed, wait_until

TEMPO_BPM = 240.0
BAR_S = 4 * 60 / TEMPO_BPM
TIMES = 3  # kills of each kind
LATE_S = 0.010  # of 90 % of what is heard; loose, as the machine may be busy: benches judge times


class StandIn:
    """The instrument's stand-in as a test sees it."""

    def __init__(self, name: str, *arguments: object) -> None:
        script = Path(__file__).with_name("stand_in.py")
        command = [sys.executable, "-P", str(script), name, *map(str, arguments)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.lines: list[list[object]] = []
        threading.Thread(target=self._read, daemon=True).start()
        assert wait_until(lambda: bool(self.told("ready")), 10), "the stand-in did not start"

    def _read(self) -> None:
        assert self.process.stdout
        self.lines.extend(json.loads(line) for line in self.process.stdout)

    def told(self, kind: str) -> list[list[object]]:
        return [line[1:] for line in self.lines if line[0] == kind]

    @property
    def port(self) -> str:
        return str(self.told("ready")[-1][0])

    @property
    def player_pid(self) -> int:
        return int(str(self.told("ready")[-1][1]))

    def go(self) -> None:
        """Somebody listens now."""
        assert self.process.stdin
        self.process.stdin.write("\n")
        self.process.stdin.flush()


@contextmanager
def stand_in(name: str, *arguments: object) -> Iterator[StandIn]:
    process = StandIn(name, *arguments)
    try:
        yield process
    finally:
        process.process.kill()
        process.process.wait()


pytestmark = pytest.mark.usefixtures("jack_server")


def gone(pid: int) -> bool:
    """No such process, or only its entry that nobody has collected."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def plays(foreign: Listener) -> bool:
    """In mid-bar: several note-ons heard, and some of them sound."""
    return len(foreign.notes()) > 20 and len(foreign.open_notes()) >= 2


def note_ons_since(foreign: Listener, at_s: float) -> list[Heard]:
    return [note for note in foreign.notes() if note.is_on and note.at_s > at_s]


def all_closed_before_they_sound_again(notes: list[Heard]) -> bool:
    """A note that a dead player left sounding must be ended by its successor before that plays it."""
    sounding: set[int] = set()
    for note in notes:
        if note.is_on and note.message[1] in sounding:
            return False
        (sounding.add if note.is_on else sounding.discard)(note.message[1])
    return True


def hears_everything(foreign: Listener) -> None:
    with stand_in("mvae-test", TEMPO_BPM, 4) as instrument:
        foreign.connect(instrument.port)
        instrument.go()
        assert wait_until(lambda: bool(instrument.told("lateness_us")), 20)
        assert wait_until(lambda: not foreign.open_notes(), 2)
        sent = [(int(str(tick)), bool(on), int(str(pitch))) for tick, on, _, pitch, *_ in instrument.told("Sent")]
        assert wait_until(lambda: any(heard.message == b"\xfc" for heard in foreign.heard), 2)
        song = foreign.heard[: [heard.message for heard in foreign.heard].index(b"\xfc")]  # then all that has sounded is ended again
        heard = [heard for heard in song if heard.message[0] & 0xE0 == 0x80]
        assert [(note.is_on, note.message[1]) for note in heard] == [(on, pitch) for _, on, pitch in sent]
        assert len(sent) == 4 * 2 * (1 + 16 + 16 + 4) and {note.message[0] & 15 for note in heard} == {9}
        begins_s = sorted(note.at_s - tick * 60 / TEMPO_BPM / 960 for note, (tick, *_) in zip(heard, sent, strict=True))
        assert begins_s[len(begins_s) * 9 // 10] - begins_s[0] < LATE_S


def test_a_foreign_client_hears_every_note_closed_in_order_and_on_time() -> None:
    undisturbed(hears_everything)


def hears_the_transport(foreign: Listener) -> None:
    with stand_in("mvae-test", TEMPO_BPM, 1) as instrument:
        foreign.connect(instrument.port)
        instrument.go()
        assert wait_until(lambda: any(heard.message == b"\xfc" for heard in foreign.heard), 20)
        messages = [heard.message for heard in foreign.heard]
        song = messages[messages.index(b"\xfa") : messages.index(b"\xfc")]
        assert song.count(b"\xf8") == 96  # the one on the closing line comes after the stop


def test_the_start_the_clocks_and_the_stop_frame_the_song() -> None:
    undisturbed(hears_the_transport)


def hears_silence_after_the_instrument_is_killed(kind: str, foreign: Listener) -> None:
    for _ in range(TIMES):
        with stand_in("mvae-test", TEMPO_BPM) as instrument:
            foreign.connect(instrument.port)
            instrument.go()
            assert wait_until(lambda: plays(foreign), 10)
            instrument.process.send_signal(getattr(signal, kind))
            assert wait_until(lambda: not foreign.open_notes() and foreign.heard[-1].message == b"\xfc", 3), foreign.open_notes()
            assert wait_until(lambda: gone(instrument.player_pid), 3)
            foreign.heard.clear()


@pytest.mark.parametrize("kind", ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"])
def test_no_note_is_left_sounding_when_the_instrument_is_killed(kind: str) -> None:
    undisturbed(partial(hears_silence_after_the_instrument_is_killed, kind))


def hears_no_end(foreign: Listener) -> None:
    with stand_in("mvae-test", TEMPO_BPM) as instrument:
        foreign.connect(instrument.port)
        instrument.go()
        for kind in (signal.SIGINT, signal.SIGHUP):
            assert wait_until(lambda: plays(foreign), 10)
            os.kill(instrument.player_pid, kind)
            foreign.heard.clear()
        assert wait_until(lambda: plays(foreign), 10)
        assert instrument.told("Died") == []


def test_a_signal_that_the_player_itself_gets_from_the_terminal_does_not_end_it() -> None:
    undisturbed(hears_no_end)


def hears_a_successor(kind: str, foreign: Listener) -> None:
    with stand_in("mvae-test", TEMPO_BPM / 2) as instrument:
        foreign.connect(instrument.port)
        instrument.go()
        assert wait_until(lambda: bool(instrument.told("peers")) and instrument.told("peers")[-1] == [foreign.port], 5)
        for deaths in range(1, TIMES + 1):
            before = len(foreign.notes())
            assert wait_until(lambda before=before: len(foreign.notes()) > before + 20 and len(foreign.open_notes()) >= 2, 10)
            died_s = time.monotonic()
            os.kill(instrument.player_pid, getattr(signal, kind))
            assert wait_until(lambda deaths=deaths: len(instrument.told("Died")) == deaths, 10)
            ons = partial(note_ons_since, foreign, died_s + 0.01)
            assert wait_until(lambda ons=ons: bool(ons()), 10)
            assert ons()[0].at_s - died_s < 2 * BAR_S  # at half the tempo
        assert instrument.told("Died") == [["the player died and was replaced"]] * TIMES
        instrument.process.terminate()
        assert wait_until(lambda: not foreign.open_notes(), 3), foreign.open_notes()
        assert all_closed_before_they_sound_again(foreign.notes())


@pytest.mark.parametrize("kind", ["SIGKILL", "SIGTERM"])
def test_after_the_player_is_killed_play_goes_on_within_a_bar_and_nothing_hangs(kind: str) -> None:
    undisturbed(partial(hears_a_successor, kind))
