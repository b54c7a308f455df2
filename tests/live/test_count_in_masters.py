"""A count-in with real masters: MIDI clock over JACK, and Link peers in a network of their own."""

import importlib.util
import json
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from mvae.live.count_in import SIDE_STICK
from mvae.live.rig import process
from tests.live.command import MvaeLive, mvae_live, run
from tests.live.jack import Heard, Listener, listener, server, undisturbed, wait_until
from tests.live.network import private
from tests.live.test_sync_link import HOW, Peer, beat_at
from tests.live.test_sync_midi import perform, time_of
from tests.live.timing import period_ms
from tests.parts import need

ALLOWED_MS = 3.0  # of the middle of all notes, besides a few periods of JACK
EARLY_BEATS = 0.13  # drummers play ahead of the line
DESK = ("play:4@120", "start", "play:13@120", "stop", "play:2@120", "at:32", "play:1@120", "continue", "play:9@120", "stop", "play:1@120")
Note = tuple[Heard, float]  # and the beat at which it was to sound


@pytest.fixture(scope="module", autouse=True)
def stage() -> Iterator[None]:
    """JACK, and a network."""
    need("Ableton Link", importlib.util.find_spec("link") is not None, HOW)
    with server(), private():
        yield


def played(foreign: Listener, instrument: MvaeLive) -> list[Note]:
    """Every note-on that was heard, once all that was told of has been."""

    def ons() -> list[Heard]:
        return [note for note in foreign.notes() if note.is_on]

    assert wait_until(lambda: len(ons()) == len(instrument.heard("/mvae/note")), 3.0)
    return list(zip(ons(), (float(values[3]) for values in instrument.heard("/mvae/note")), strict=True))  # type: ignore[arg-type]


def parted(notes: Sequence[Note]) -> tuple[list[float], list[float]]:
    """The beats of the clicks, and of the music."""
    return [beat for note, beat in notes if is_click(note)], [beat for note, beat in notes if not is_click(note)]


def is_click(note: Heard) -> bool:
    return note.message[1] == SIDE_STICK


def middle(late_ms: Sequence[float]) -> float:
    return sorted(late_ms)[len(late_ms) // 2]


def counts_in_with_a_desk(take: Path, foreign: Listener) -> None:
    words = ("--sync", "midi", "--clock-port", "mvae-desk", "--count-in", "1", "--seed", "1", "--name", "mvae-midi", "--record", str(take))
    with process("mvae.live.metronome", "midi", "mvae-desk", *DESK) as desk:
        assert desk.stdout and "mvae-desk" in json.loads(desk.stdout.readline())
        with mvae_live(*words) as instrument:
            instrument.subscribe()
            foreign.connect("mvae-midi:mvae-midi")
            first, second = perform(desk)
            notes = played(foreign, instrument)
            instrument.signal("SIGTERM")
            assert instrument.end() == 0
    early = [(note, beat) for note, beat in notes if note.at_s < first[-1][1] + 0.1]
    for song, some, line in ((first, early, 0), (second, notes[len(early) :], 8)):
        clicks, music = parted(some)
        assert clicks == [line, line + 1, line + 2, line + 3]
        assert line + 4 - EARLY_BEATS <= min(music) < line + 5 and max(music) > line + 7 and len(music) > 10
        late_ms = [1000 * (note.at_s - time_of(song, beat)) for note, beat in some]
        assert abs(middle(late_ms)) < 4 * period_ms() + ALLOWED_MS, late_ms
    assert foreign.open_notes() == set()


def test_midi_clock_counts_in_from_where_the_master_starts_and_the_take_comes_out_again(tmp_path: Path) -> None:
    take, again = tmp_path / "take.mid", tmp_path / "again.mid"
    undisturbed(partial(counts_in_with_a_desk, take))
    bounced = run("bounce", "--controls", str(take.with_suffix(".log")), "--out", str(again))
    assert bounced.returncode == 0, bounced.stderr
    assert again.read_bytes() == take.read_bytes()


def counts_in_with_a_peer(foreign: Listener) -> None:
    with process("mvae.live.metronome", "link", "120", "wait:1.5", "start", "wait:8", "stop", "wait:1") as started:
        peer = Peer(started)
        with mvae_live("--sync", "link", "--count-in", "1", "--seed", "1", "--name", "mvae-link") as instrument:
            instrument.subscribe()
            foreign.connect("mvae-link:mvae-link")
            instrument.wait(lambda: ("locked", 1) in instrument.heard("/mvae/sync"))
            peer.begin()
            samples = peer.samples()
            notes = played(foreign, instrument)
    clicks, music = parted(notes)
    begun = beat_at(samples, samples[0].at_s + 1.5)
    line = clicks[0]
    assert clicks == [line, line + 1, line + 2, line + 3] and line % 4 == 0 and begun - 0.1 < line < begun + 4.1
    assert line + 4 - EARLY_BEATS <= min(music) < line + 5 and max(music) > line + 7
    assert {sample.bpm for sample in samples} == {120.0}
    assert all(abs(beat_at(samples, sample.at_s + 1.0) - sample.beat - 2.0) < 0.02 for sample in samples[:200])  # its beat is never changed
    late_ms = [(beat_at(samples, note.at_s) - beat) * 500 for note, beat in notes]
    assert abs(middle(late_ms)) < 2 * period_ms() + ALLOWED_MS, late_ms


def test_a_link_session_that_starts_is_counted_in_from_its_bar_line() -> None:
    undisturbed(counts_in_with_a_peer)


def count_in_together(first_ear: Listener) -> None:
    words = ("--sync", "link", "--seed", "5", "--count-in")
    with listener("second-ear") as second_ear, mvae_live(*words, "1", "--name", "mvae-one") as first:
        first.subscribe()
        with mvae_live(*words, "1", "--name", "mvae-two") as second, mvae_live(*words, "0", "--name", "mvae-three") as third:
            second.subscribe(), third.subscribe()
            first_ear.connect("mvae-one:mvae-one")
            second_ear.connect("mvae-two:mvae-two")
            for instrument in (first, second, third):
                instrument.wait(lambda: ("locked", 2) in instrument.heard("/mvae/sync"))  # noqa: B023
            first.send("/mvae/play")
            third.wait(lambda: len(third.heard("/mvae/note")) >= 20, 20.0)
            first.send("/mvae/stop")
            first.wait(lambda: second.heard("/mvae/playing")[-1] == third.heard("/mvae/playing")[-1] == (0,))
            one, two = played(first_ear, first), played(second_ear, second)
            clicks, music = parted(one)
            enters = min(float(values[3]) for values in third.heard("/mvae/note"))  # type: ignore[arg-type]
    line = clicks[0]
    assert clicks == parted(two)[0] == [line, line + 1, line + 2, line + 3] and line % 4 == 0
    assert line + 4 - EARLY_BEATS <= min(music) == min(parted(two)[1]) == enters < line + 5, (
        "all enter together, who counts in and who does not"
    )
    apart_ms = [1000 * abs(mine.at_s - theirs.at_s) for (mine, _), (theirs, _) in zip(one, two, strict=False)]
    assert len(apart_ms) > 15 and middle(apart_ms) < ALLOWED_MS + period_ms(), apart_ms


def test_who_starts_a_link_session_counts_it_in_and_all_enter_together() -> None:
    undisturbed(count_in_together)
