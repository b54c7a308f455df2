"""The real command under a real JACK server, ended or killed in mid-bar: nothing is left sounding, and a dead player is replaced."""

import os
import signal
import time
from functools import partial
from pathlib import Path

import pytest

from mvae.core.midifile import read_performance
from mvae.core.patch import DEFAULT_PATCH, find_patch
from tests.live.command import mvae_live
from tests.live.jack import Heard, Listener, undisturbed, wait_until

TIMES = int(os.environ.get("MVAE_REPEATS", "2"))  # endings of each kind
TEMPO_BPM = 240.0
BAR_S = 4 * 60 / TEMPO_BPM
SETTLED_S = 0.05  # after a kill, what is on its way has come
NAME = "mvae-end"
STOP, CLOCK = b"\xfc", b"\xf8"

pytestmark = pytest.mark.usefixtures("jack_server")


def play(path: Path) -> tuple[str, ...]:
    """The default patch with long notes, so that there is always something to leave sounding."""
    patch = path.with_name("long.toml")
    patch.write_text(find_patch(DEFAULT_PATCH).read_text().replace("[[part]]\n", "[[part]]\ngate_ms = 400\n"))
    return ("--patch", str(patch), "--seed", "1", "--tempo", str(TEMPO_BPM), "--record", str(path), "--name", NAME)


def plays(foreign: Listener, since: int = 0) -> bool:
    """In mid-bar, a bar or more after `since` notes were heard, with something sounding."""
    return len([note for note in foreign.notes()[since:] if note.is_on]) > 16 and len(foreign.open_notes()) > 1


def ended(foreign: Listener) -> bool:
    """Told to stop, and silent."""
    return bool(foreign.heard) and not foreign.open_notes() and any(heard.message == STOP for heard in foreign.heard)


def leaves_silence(kind: str, path: Path, foreign: Listener) -> None:
    for _ in range(TIMES):
        path.unlink(missing_ok=True)
        with mvae_live(*play(path)) as instrument:
            foreign.connect(f"{NAME}:{NAME}")
            instrument.wait(lambda: plays(foreign))
            player = instrument.player_pid()
            instrument.signal(kind)
            assert wait_until(lambda: ended(foreign), 5), foreign.open_notes()
            assert instrument.end() == (-signal.SIGKILL if kind == "SIGKILL" else 0)
            assert player is not None and wait_until(lambda player=player: gone(player), 5)
            keeps_all_but_a_bar(path, foreign.notes(), whole=kind != "SIGKILL")
        foreign.heard.clear()


def gone(pid: int) -> bool:
    """No such process, or only its entry that nobody has collected."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def keeps_all_but_a_bar(path: Path, heard: list[Heard], whole: bool) -> None:
    """The .mid is valid and holds what was heard, but for the last bar where the instrument was killed."""
    ons = [note for note in heard if note.is_on]
    kept = read_performance(path).notes
    missing = ons[len(kept) :]
    assert [note.message[1] for note in ons[: len(kept)]] == [note.pitch for note in kept]
    assert not missing if whole else not missing or ons[-1].at_s - missing[0].at_s <= BAR_S + SETTLED_S


@pytest.mark.parametrize("kind", ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"])
def test_no_note_is_left_sounding_whatever_ends_the_instrument_and_the_recording_is_valid(kind: str, tmp_path: Path) -> None:
    undisturbed(partial(leaves_silence, kind, tmp_path / "take.mid"))


def goes_on_without_a_player(path: Path, foreign: Listener) -> None:
    with mvae_live(*play(path)) as instrument:
        foreign.connect(f"{NAME}:{NAME}")
        for _ in range(TIMES):
            since, bars = len(foreign.notes()), bars_heard(foreign)
            # the instrument looks once a second at who is connected: at 240 BPM a bar is a second
            instrument.wait(lambda since=since, bars=bars: bars_heard(foreign) > bars + 2.2 and plays(foreign, since))
            player, died_s = instrument.player_pid(), time.monotonic()
            assert player is not None
            os.kill(player, signal.SIGKILL)
            instrument.wait(lambda died_s=died_s: [note for note in foreign.notes() if note.is_on and note.at_s > died_s + SETTLED_S])
            first = next(note for note in foreign.notes() if note.is_on and note.at_s > died_s + SETTLED_S)
            assert first.at_s - died_s <= BAR_S
            assert instrument.player_pid() not in (player, None)
        instrument.signal("SIGTERM")
        assert instrument.end() == 0, instrument.said()
        assert wait_until(lambda: ended(foreign), 5), foreign.open_notes()
        assert closed_before_they_sound_again(foreign.notes())
        assert len(read_performance(path).notes) > 16 * TIMES


def bars_heard(foreign: Listener) -> float:
    """By its MIDI clocks."""
    return [heard.message for heard in foreign.heard].count(CLOCK) / 96


def closed_before_they_sound_again(notes: list[Heard]) -> bool:
    """No pitch is struck while it sounds: a successor ends what it finds before it plays."""
    sounding: set[int] = set()
    for note in notes:
        if note.is_on and note.message[1] in sounding:
            return False
        (sounding.add if note.is_on else sounding.discard)(note.message[1])
    return True


def test_after_the_players_death_play_goes_on_within_a_bar_on_the_reconnected_port(tmp_path: Path) -> None:
    undisturbed(partial(goes_on_without_a_player, tmp_path / "take.mid"))
