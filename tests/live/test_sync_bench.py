"""`mvae-live bench --sync`: what it makes of what was heard, and one short run of each kind over real JACK and a real session."""

import importlib.util
import json
import subprocess

import pytest

from mvae.core.errors import UserError
from mvae.live.sync_bench import delays, song_of_clock, song_of_session, spread, summed_up, table, time_of
from tests.live.command import COMMAND
from tests.live.jack import server
from tests.live.network import private
from tests.parts import need

TIMEOUT_S = 90
LINE = [(0.0, 10.0), (8.0, 14.0), (16.0, 18.0)]


def test_the_time_of_a_beat_lies_on_the_line() -> None:
    assert [time_of(LINE, beat) for beat in (-1.0, 0.0, 4.0, 16.0, 17.0)] == [9.5, 10.0, 12.0, 18.0, 18.5]


def test_spread_tells_how_far_off_either_way() -> None:
    assert spread([-3.0, 1.0, 2.0]) == {"p50": 2.0, "p99": 3.0, "max": 3.0, "n": 3}


def test_a_clock_is_late_against_the_one_due_before_it() -> None:
    due = [(1.0, "f8"), (1.005, "fa"), (1.1, "f8"), (1.2, "f8")]
    assert delays(due, [(1.002, "f8"), (1.007, "fa"), (1.103, "f8"), (1.2001, "f8")]) == pytest.approx([2.0, 3.0, 0.1])


def test_the_song_of_a_clock_begins_after_its_start_and_jumps_where_clocks_come_closer() -> None:
    times = [n * 0.02 for n in range(60)] + [1.2 + n * 0.018 for n in range(60)]
    due = [(at_s, "f8") for at_s in times]
    due.insert(24, (0.465, "fa"))
    line, jump = song_of_clock([*due, (3.0, "fc")])
    assert line[0] == (0.0, times[24]) and line[-1] == (95 / 24, times[-1]) and jump == pytest.approx(36 / 24)


def test_the_song_of_a_session_is_its_beat() -> None:
    assert song_of_session([(1.0, 7.0, 120, 1), (2.0, 9.0, 120, 1), (3.0, 11.2, 140, 1)]) == ([(7.0, 1.0), (9.0, 2.0), (11.2, 3.0)], 11.2)


@pytest.mark.parametrize(("late_s", "held"), [(0.003, True), (0.0065, False)])
def test_the_ports_on_the_way_are_taken_off_and_the_bar_after_a_jump_is_not_counted(late_s: float, held: bool) -> None:
    notes = [(time_of(LINE, beat) + late_s + (0.5 if 8 <= beat < 12 else 0), round(960 * beat)) for beat in range(16)]
    record = summed_up("midi", [1.0, 1.0, 1.1], notes, LINE, 8.0, [0.1, 0.2])
    assert record["note_time_ms"]["max"] == pytest.approx(1000 * late_s - 2) and record["after_jump_ms"]["n"] == 4
    assert record["held"] is held and table(record).endswith("yes" if held else "no")


def test_too_few_notes_are_told() -> None:
    with pytest.raises(UserError, match="too few notes"):
        summed_up("link", [1.0], [(10.0, 0)], LINE, 8.0, [0.1])


def bench(sync: str) -> "subprocess.CompletedProcess[str]":
    command = [*COMMAND, "bench", "--sync", sync, "--seconds", "12", "--json"]
    return subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)


@pytest.mark.parametrize("sync", ["midi", "link"])
def test_a_short_run_tells_all_its_figures(sync: str) -> None:
    need("Ableton Link", sync == "midi" or importlib.util.find_spec("link") is not None, "pip install 'mvae[link]'")
    with server(), private():
        ended = bench(sync)
    assert ended.returncode == 0, ended.stderr
    record = json.loads(ended.stdout)
    print(table(record))
    assert record["notes"] > 50 and record["note_time_ms"]["p50"] < 10 and record["spinner_ms"]["n"] > 100


def test_where_nothing_can_be_heard_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "mvae-nobody")
    ended = bench("midi")
    assert ended.returncode == 2 and len(ended.stderr.strip().splitlines()) == 1
