"""MIDI clock over real JACK: the instrument starts, stops, goes on and jumps with a master in another process, in phase with its beat."""

import json
import subprocess
from bisect import bisect_left
from collections.abc import Sequence
from functools import partial

import pytest

from mvae.live import spinner
from mvae.live.rig import process
from tests.live.command import MvaeLive, free_port, mvae_live, run
from tests.live.jack import Heard, Listener, listener, undisturbed, wait_until
from tests.live.timing import TRIES, p99, period_ms

ALLOWED_MS = 2.0  # besides what a spinner needs here
FROM, TO = 120, 140  # BPM
BARS = 4
WORDS = (f"play:4@{FROM}", "start", f"play:{4 * BARS}@{FROM}", f"play:{4 * BARS}@{TO}", "stop", f"play:2@{TO}", "at:32", f"play:1@{TO}",
         "continue", f"play:12@{TO}", "stop", f"play:1@{TO}")  # fmt: skip
Song = list[tuple[float, float]]  # (beat of the song, when it was due)

pytestmark = pytest.mark.usefixtures("jack_server")


def songs(due: Sequence[tuple[float, str]]) -> list[Song]:
    """The stretches in which the master played, each clock with its place in the song."""
    found: list[Song] = []
    position, running = 0, False
    for at_s, message in due:
        match bytes.fromhex(message)[0]:
            case 0xF8:
                if running:
                    found[-1].append((position / 24, at_s))
                position += running
            case 0xF2:
                position = int(message[2:4], 16) * 6 + int(message[4:6], 16) * 128 * 6
            case 0xFC:
                running = False
            case start:
                position, running = 0 if start == 0xFA else position, True
                found.append([])
    return found


def time_of(song: Song, beat: float) -> float:
    """When a beat of the song was due, between or beyond its clocks."""
    after = min(max(1, bisect_left(song, (beat, 0.0))), len(song) - 1)
    (beat_0, at_0), (beat_1, at_1) = song[after - 1], song[after]
    return at_0 + (beat - beat_0) / (beat_1 - beat_0) * (at_1 - at_0)


def notes(foreign: Listener, instrument: MvaeLive) -> list[tuple[Heard, float]]:
    """The note-ons, and the beat of the song at which each was to sound."""
    beats = [float(values[3]) for values in instrument.heard("/mvae/note")]  # type: ignore[arg-type]
    return list(zip([note for note in foreign.notes() if note.is_on], beats, strict=True))


def spread(late: Sequence[float], middle: float) -> float:
    """How far from the middle 99 % of them lie at most."""
    return p99(sorted(abs(each - middle) for each in late))


def perform(started: "subprocess.Popen[str]") -> list[Song]:
    """Let the master do its words."""
    assert started.stdin and started.stdout
    started.stdin.write("\n")
    started.stdin.flush()
    return songs(json.loads(started.stdout.readline()))


def follows_a_master(punctual: list[bool], foreign: Listener) -> None:
    with process("mvae.live.metronome", "midi", "mvae-desk", *WORDS) as desk:
        assert desk.stdout and "mvae-desk" in json.loads(desk.stdout.readline())
        with mvae_live("--sync", "midi", "--clock-port", "mvae-desk", "--seed", "1", "--name", "mvae-midi") as instrument:
            instrument.subscribe()
            foreign.connect("mvae-midi:mvae-midi")
            beside = spinner.start(22)
            first, second = perform(desk)
            bare_ms = p99(sorted(us / 1000 for us in spinner.lateness_us(beside)))
            wait_until(lambda: len(instrument.heard("/mvae/note")) == len([note for note in foreign.notes() if note.is_on]), 3.0)
            heard = notes(foreign, instrument)
            instrument.send("/mvae/tempo", 90.0)
            instrument.wait(lambda: instrument.heard("/mvae/error"))
            assert "the tempo is the MIDI clock's" in str(instrument.heard("/mvae/error")[-1])
    assert foreign.open_notes() == set()
    early = [(note, beat) for note, beat in heard if note.at_s < first[-1][1] + 0.1]
    later = heard[len(early) :]
    assert min(beat for _, beat in early) >= 0 and max(beat for _, beat in early) > 8 * BARS - 2
    assert min(beat for _, beat in later) >= 8 - 0.13 and max(beat for _, beat in later) > 18
    before = [1000 * (note.at_s - time_of(first, beat)) for note, beat in early if beat < 4 * BARS - 0.1]
    after = [1000 * (note.at_s - time_of(first, beat)) for note, beat in early if beat > 4 * BARS + 4]  # a bar to find the new tempo
    again = [1000 * (note.at_s - time_of(second, beat)) for note, beat in later if beat > 8.1]
    middle = sorted(before)[len(before) // 2]
    print(f"{len(early)} + {len(later)} notes, {middle:.2f} ms after the beat; 99 % within {spread(before, middle):.2f} of that, "
          f"{spread(after, middle):.2f} after the jump, {spread(again, middle):.2f} after continue; spinner {bare_ms:.2f}")  # fmt: skip
    assert abs(middle) < 4 * period_ms() + ALLOWED_MS
    punctual.append(all(spread(some, middle) <= max(bare_ms, period_ms()) + ALLOWED_MS for some in (before, after, again)))


def test_it_starts_stops_continues_and_jumps_with_a_master_and_keeps_in_phase() -> None:
    punctual: list[bool] = []
    while len(punctual) < TRIES and not any(punctual):
        undisturbed(partial(follows_a_master, punctual))
    assert any(punctual)


def follows_an_instrument(together: list[bool], first_ear: Listener) -> None:
    with listener("second-ear") as second_ear, mvae_live("--start", "armed", "--seed", "5", "--name", "mvae-lead") as lead:
        lead.subscribe()
        with mvae_live("--sync", "midi", "--clock-port", "mvae-lead", "--seed", "5", "--name", "mvae-follow") as follow:
            follow.subscribe()
            first_ear.connect("mvae-lead:mvae-lead")
            second_ear.connect("mvae-follow:mvae-follow")
            follow.wait(lambda: ("locked", 0) in follow.heard("/mvae/sync"))
            beside = spinner.start(10)
            lead.send("/mvae/play")
            lead.wait(lambda: len(lead.heard("/mvae/beat")) >= 16)
            lead.send("/mvae/stop")
            follow.wait(lambda: follow.heard("/mvae/playing")[-1] == (0,))
            bare_ms = p99(sorted(us / 1000 for us in spinner.lateness_us(beside)))
            wait_until(lambda: not second_ear.open_notes(), 2.0)
            beats = [dict(zip(("lead", "follow"), each, strict=True)) for each in zip(*map(rows, (lead, follow)), strict=False)]
    assert first_ear.open_notes() == second_ear.open_notes() == set()
    assert len(beats) > 40 and all(each["lead"][:2] == each["follow"][:2] for each in beats[8:-4])  # the same drums in the same order
    mine, theirs = ([note for note in ear.notes() if note.is_on] for ear in (first_ear, second_ear))
    apart = sorted(1000 * (two.at_s - one.at_s) for one, two in list(zip(mine, theirs, strict=False))[8:-4])
    middle = apart[len(apart) // 2]
    print(f"{len(apart)} notes {middle:.2f} ms after the leader's, 99 % within {spread(apart, middle):.2f} ms; spinner {bare_ms:.2f}")
    assert abs(middle) < 3 * period_ms() + ALLOWED_MS
    together.append(spread(apart, middle) <= max(bare_ms, 2 * period_ms()) + ALLOWED_MS)


def rows(instrument: MvaeLive) -> list[tuple[object, ...]]:
    """The notes that it told of."""
    return instrument.heard("/mvae/note")


def test_one_instrument_leads_and_another_follows_through_start_and_stop() -> None:
    together: list[bool] = []
    while len(together) < TRIES and not any(together):
        undisturbed(partial(follows_an_instrument, together))
    assert any(together)


def test_a_clock_port_that_is_not_there_is_told_with_those_that_are() -> None:
    ended = run("--sync", "midi", "--clock-port", "nobody", "--osc", str(free_port()))
    assert ended.returncode == 2 and "--clock-port 'nobody': no port has this in its name; there are:" in ended.stderr


def test_without_a_clock_port_it_makes_one_that_a_master_can_connect_to() -> None:
    with mvae_live("--sync", "midi", "--name", "mvae-open") as instrument:
        instrument.subscribe()
        listed = subprocess.run(["jack_lsp"], capture_output=True, text=True, check=True).stdout
        assert "mvae-open clock" in listed
