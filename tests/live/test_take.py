"""A take on disk: what it keeps of an earlier one, where it goes on after a stop, and what a disk that refuses does to it."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.errors import UserError
from mvae.core.midifile import Performance, read_performance
from mvae.core.score import Handoff
from mvae.core.track import Track
from mvae.live import take_files, wire
from mvae.live.control_log import Act, Take, phrase_hash, read
from mvae.live.take import LEAD_IN_TICKS, TICKS_PER_BAR, Recorder, log_path
from tests.live.jack import wait_until

TAKE = Take("four_corners", 1, 120.0, {"groove_2bar": "0123456789abcdef"})
STARTED = wire.Started(-160, 0)
WAIT_S = 5.0


def sent(tick: int, on: bool = True) -> wire.Sent:
    return wire.Sent(tick, on, 9, 36, 100 * on, 0, 0, tick // 240, 0)


def hear(recorder: Recorder, *messages: wire.Up) -> None:
    for message in messages:
        recorder.hear(message)


def notes(path: Path) -> int:
    """How many are in the file."""
    return len(read_performance(path).notes) if path.exists() else 0


def music(recorder: Recorder, folder: Path) -> Performance:
    """What a file of the take as it stands would hold."""
    (folder / "now.mid").write_bytes(recorder.track.file())
    return read_performance(folder / "now.mid")


def ticks(recorder: Recorder, folder: Path) -> list[int]:
    return [round(note.beat * 960) for note in music(recorder, folder).notes]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "take.mid"


def test_an_earlier_take_stays_until_something_plays(path: Path) -> None:
    path.write_bytes(b"old")
    log_path(path).write_text("old")
    with Recorder(path, TAKE) as recorder:
        recorder.act(Act("tempo", value=90.0), "tempo")
        recorder.hear(wire.TempoAt(0, 90.0))
        recorder.act(Act("reseed"))
    assert path.read_bytes() == b"old" and log_path(path).read_text() == "old"
    assert sorted(path.parent.iterdir()) == [log_path(path), path]


def test_what_was_done_before_play_is_in_the_log(path: Path) -> None:
    with Recorder(path, TAKE) as recorder:
        recorder.act(Act("reseed"))
        recorder.act(Act("play"), "generation 1")
        hear(recorder, wire.Accepted(0, 1, 0, 0, 0, 0, 0), STARTED)
    assert read(log_path(path)) == (TAKE, [Act("reseed"), Act("play")])


def test_what_is_handed_to_several_parts_is_a_line_for_each_when_it_was_taken_and_one_line_at_a_start(path: Path) -> None:
    both = [Handoff(part, 7 + part, 0, 16, 0, ()) for part in (0, 1)]
    with Recorder(path, TAKE) as recorder:
        recorder.hand(Act("play"), both)
        recorder.hand(Act("move", at=300, changes={"x": 1.0}), [replace(both[0], generation=9), replace(both[1], generation=10)])
        for part, generation, tick in ((0, 7, 0), (1, 8, 0), (0, 9, 310), (1, 10, 311)):
            recorder.hear(wire.Accepted(part, generation, tick, 0, 0, 0, 0))
        recorder.hear(STARTED)
    _, (play, move, other) = read(log_path(path))
    assert (play.do, play.phrase) == ("play", phrase_hash(*both))
    assert (move.do, move.at, move.tick, move.part, other.do, other.tick, other.part) == ("move", 300, 310, 0, "with", 311, 1)


def test_the_file_is_whole_from_the_first_note_on_and_at_every_bar(path: Path) -> None:
    with Recorder(path, TAKE) as recorder:
        hear(recorder, STARTED, sent(0))
        assert wait_until(lambda: notes(path) == 1, WAIT_S)  # what sounds is closed in the file
        hear(recorder, sent(100, False), sent(240), sent(340, False), sent(TICKS_PER_BAR))
        assert wait_until(lambda: notes(path) == 3, WAIT_S)
        hear(recorder, sent(TICKS_PER_BAR + 100, False), sent(TICKS_PER_BAR + 240), wire.Stopped(TICKS_PER_BAR + 300))
        assert wait_until(lambda: notes(path) == 4, WAIT_S)  # a stop does not wait for a bar line
        hear(recorder, STARTED, sent(0))
    assert notes(path) == 5 and sorted(path.parent.iterdir()) == [log_path(path), path]


def test_acts_that_a_dead_player_never_took_hold_back_nothing(path: Path) -> None:
    with Recorder(path, TAKE) as recorder:
        recorder.act(Act("play"), "generation 1")
        hear(recorder, wire.Accepted(0, 1, 0, 0, 0, 0, 0), STARTED, sent(480))
        recorder.act(Act("move", at=500), "generation 2")
        hear(recorder, wire.Died("the player died and was replaced"), wire.Succeeded(700, 4))
        recorder.act(Act("panic"), "panic")
        recorder.hear(wire.Panicked(900))
        assert wait_until(lambda: log_path(path).exists() and len(read(log_path(path))[1]) == 4, WAIT_S)  # before the end, too
    _, acts = read(log_path(path))
    assert [(act.do, act.tick) for act in acts] == [("play", 0), ("move", 480), ("successor", 700), ("panic", 900)]


def test_repeats_and_stalls_are_in_the_log(path: Path) -> None:
    with Recorder(path, TAKE) as recorder:
        hear(recorder, STARTED, wire.Repeated(0, 32, 7320), wire.Stall(9000, 120, 3, 8900))
    assert read(log_path(path))[1] == [Act("repeat", 7320, value=32), Act("stall", 9000, value=120)]


def test_hits_before_the_first_line_have_room(tmp_path: Path) -> None:
    recorder = Recorder(None, TAKE)
    hear(recorder, STARTED, sent(-110), sent(-50, False), sent(0))
    assert ticks(recorder, tmp_path) == [LEAD_IN_TICKS - 110, LEAD_IN_TICKS]


def test_a_tempo_turned_before_play_takes_no_room_of_the_early_hits_and_holds_from_the_lead_in_on(tmp_path: Path) -> None:
    recorder = Recorder(None, TAKE)
    hear(recorder, wire.TempoAt(0, 90.0), wire.TempoAt(0, 80.0), STARTED, sent(-110), sent(-50, False), sent(0), wire.TempoAt(960, 100.0))
    assert ticks(recorder, tmp_path) == [LEAD_IN_TICKS - 110, LEAD_IN_TICKS]
    tempos = [(beat, round(bpm, 3)) for beat, bpm in music(recorder, tmp_path).tempos]
    assert tempos == [(0.0, 120.0), (3.0, 80.0), (5.0, 100.0)]


def test_a_tempo_turned_while_it_is_stopped_holds_from_the_next_start_on(tmp_path: Path) -> None:
    recorder = Recorder(None, TAKE)
    hear(recorder, STARTED, sent(0), sent(100, False), wire.Stopped(1900), wire.TempoAt(1900, 90.0), wire.Started(1700, 1920), sent(1920))
    (_, (tempo_beat, bpm)), note_beat = music(recorder, tmp_path).tempos, music(recorder, tmp_path).notes[-1].beat
    assert bpm == pytest.approx(90.0, abs=0.01) and note_beat - tempo_beat == 1.0


def test_the_mid_is_put_together_once_a_bar_however_many_notes_it_has(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, whole = list[int](), Track.file

    def counted(track: Track) -> bytes:
        made.append(track.tick)
        return whole(track)

    monkeypatch.setattr(Track, "file", counted)
    with Recorder(path, TAKE) as recorder:
        recorder.hear(STARTED)
        for tick in range(0, 2 * TICKS_PER_BAR, 240):
            recorder.hear(sent(tick))
    assert made == [TICKS_PER_BAR, 2 * TICKS_PER_BAR, 3 * TICKS_PER_BAR - 240]  # and at the end


@given(st.integers(0, 40_000), st.integers(-200, 200))
def test_after_a_stop_play_goes_on_where_it_belongs_in_the_bar_and_no_note_is_moved(stopped: int, rounding: int) -> None:
    """A continue begins at the step next to where it stopped: its early hits lie before the stop."""
    for line in (0, max(0, stopped + rounding) // 240 * 240):
        recorder = Recorder(None, TAKE)
        hear(recorder, STARTED, sent(stopped), sent(stopped, False), wire.Stopped(stopped))
        before = recorder.track.tick
        hear(recorder, wire.Started(line - 700, line), sent(line - 600))
        assert recorder.offset % TICKS_PER_BAR == 0
        assert recorder.track.tick == recorder.offset + line - 600 >= before
        assert recorder.track.tick - before < 2 * TICKS_PER_BAR


@pytest.mark.parametrize("bar", [0, 1, 40])
def test_wherever_in_the_song_play_begins_and_goes_on_no_bars_are_left_empty_but_those_that_were_played(bar: int, tmp_path: Path) -> None:
    recorder, line = Recorder(None, TAKE), bar * TICKS_PER_BAR
    hear(recorder, wire.Started(line - 700, line), sent(line), sent(line + 100, False), wire.Stopped(line + 6 * TICKS_PER_BAR))
    hear(recorder, wire.Started(100 * TICKS_PER_BAR - 700, 100 * TICKS_PER_BAR), sent(100 * TICKS_PER_BAR))
    assert ticks(recorder, tmp_path) == [LEAD_IN_TICKS, LEAD_IN_TICKS + 7 * TICKS_PER_BAR]


def test_a_path_that_cannot_hold_a_take_is_refused_before_anything_is_touched(path: Path) -> None:
    log_path(path).mkdir()
    none, log = path.parent / "none" / "take.mid", path.with_name("a.LOG")
    for wrong, told in ((path, "is a folder"), (none, "not there"), (log, "the control log")):
        with pytest.raises(UserError, match=told):
            Recorder(wrong, TAKE)
    assert list(path.parent.iterdir()) == [log_path(path)]


def test_a_disk_that_refuses_is_told_and_asked_again_and_nothing_is_lost(path: Path) -> None:
    with Recorder(path, TAKE) as recorder:
        log_path(path).mkdir()  # stands in for a full disk
        recorder.act(Act("play"), "generation 1")
        hear(recorder, wire.Accepted(0, 1, 0, 0, 0, 0, 0), STARTED, sent(0))
        assert wait_until(lambda: "the recording is not being written" in recorder.remark, WAIT_S)
        assert recorder.remark.startswith(str(path)) and "\n" not in recorder.remark
        hear(recorder, sent(100, False), sent(960))
        log_path(path).rmdir()
        recorder.hear(sent(TICKS_PER_BAR))
        assert wait_until(lambda: recorder.remark == "" and notes(path) == 3, WAIT_S)
        recorder.hear(sent(TICKS_PER_BAR + 240))
    assert notes(path) == 4
    assert read(log_path(path)) == (TAKE, [Act("play")])


def test_a_disk_that_refuses_to_the_end_is_told_when_the_take_is_closed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(take_files, "replace_file", refuse)
    recorder = Recorder(path, TAKE)
    hear(recorder, STARTED, sent(0), sent(TICKS_PER_BAR))
    with pytest.raises(UserError, match="No space left on device"):
        recorder.close()


def test_without_a_path_nothing_is_written_and_no_log_grows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Recorder(None, TAKE) as recorder:
        for tick in range(0, 10 * TICKS_PER_BAR, 240):
            recorder.act(Act("move", tick), f"generation {tick}")
        hear(recorder, STARTED, sent(0))
        assert len(recorder._log.ready()) == 1
    assert list(tmp_path.iterdir()) == [] and recorder.remark == ""
