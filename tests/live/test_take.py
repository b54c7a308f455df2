"""A take on disk: what it keeps of an earlier one, and what is in it when the player died."""

from pathlib import Path

from mvae.core.midifile import read_performance
from mvae.live import wire
from mvae.live.control_log import Act, Take, read
from mvae.live.take import Recorder, log_path
from tests.live.jack import wait_until

TAKE = Take("four_corners", 1, 120.0, {"groove_2bar": "0123456789abcdef"})


def sent(tick: int, on: bool) -> wire.Sent:
    return wire.Sent(tick, on, 9, 36, 100 * on, 0, 0, tick // 240, 0)


def test_an_earlier_take_stays_until_something_is_recorded(tmp_path: Path) -> None:
    path = tmp_path / "take.mid"
    path.write_bytes(b"old")
    log_path(path).write_text("old")
    with Recorder(path, TAKE):
        pass
    assert path.read_bytes() == b"old" and log_path(path).read_text() == "old"
    assert sorted(tmp_path.iterdir()) == [log_path(path), path]


def test_the_file_is_whole_from_the_first_note_on_and_at_every_bar(tmp_path: Path) -> None:
    path = tmp_path / "take.mid"

    def notes() -> int:
        return len(read_performance(path).notes) if path.exists() else 0

    with Recorder(path, TAKE) as recorder:
        recorder.act(Act("play"))
        recorder.hear(sent(0, True))
        assert wait_until(lambda: notes() == 1, 5)  # what sounds is closed in the file
        for message in (sent(100, False), sent(240, True), sent(340, False), sent(3840, True)):
            recorder.hear(message)
        assert wait_until(lambda: notes() == 3, 5)


def test_acts_that_a_dead_player_never_took_hold_back_nothing(tmp_path: Path) -> None:
    path = tmp_path / "take.mid"
    with Recorder(path, TAKE) as recorder:
        recorder.act(Act("play"), "generation 1")
        recorder.hear(wire.Accepted(0, 1, 0, 0, 0, 0, 0))
        recorder.hear(sent(480, True))
        recorder.act(Act("move", at=500), "generation 2")
        recorder.hear(wire.Died("the player died and was replaced"))
        recorder.hear(wire.Succeeded(700, 4))
        recorder.act(Act("panic"), "panic")
        recorder.hear(wire.Panicked(900))
        take, acts = read(log_path(path))
        assert take == TAKE
        assert [(act.do, act.tick) for act in acts] == [("play", 0), ("move", 480), ("successor", 700), ("panic", 900)]
