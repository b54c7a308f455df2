"""Captures, infill and what leads, on a clock turned by hand: which bars, from when on, why not, and the take of it played again."""

from pathlib import Path

import numpy as np
import pytest

from mvae.core.change import Change
from mvae.core.groove import HITS
from tests.live.ear_hall import KICK, SNARE, EarHall, ear_band
from tests.live.form_hall import played_again
from tests.live.hall import BAR, BAR_S, BEAT_S, STEP


def hits(music: "np.ndarray[tuple[int, int], np.dtype[np.float32]]") -> list[tuple[int, int]]:
    """(step, class) of every hit."""
    return [(int(step), int(voice)) for step, voice in np.argwhere(music[:, HITS] > 0.5)]


def test_a_capture_asked_for_after_the_line_takes_the_bars_before_it_at_once(tmp_path: Path) -> None:
    with EarHall(tmp_path) as hall:
        hall.play(0.1)
        hall.beats(7)
        hall.to_tick(2 * BAR + 2 * STEP)
        hall.do("capture B", 2)
        hall.run(0.05)
        assert hits(hall.phrasing.asked[-1]) == [(step, 0) for step in range(4, 32, 4)]
        assert hall.corner("B") == pytest.approx([3 / 8, 4 / 8, 7 / 4, 100 / 127]) and hall.last("/mvae/anchor/B") == ("capture 1",)
        assert hall.errors == []


def test_a_capture_asked_for_before_the_line_waits_for_it_and_is_there_when_it_comes(tmp_path: Path) -> None:
    with EarHall(tmp_path) as hall:
        hall.play(0.1)
        hall.beats(6)
        hall.do("capture B", 2)
        before = hall.corner("B")
        hall.beats(1, SNARE)
        assert hall.corner("B") == before, "the bar is not over"
        hall.to_tick(2 * BAR)
        assert hall.corner("B") != before and hits(hall.phrasing.asked[-1])[-1] == (28, 1)


def test_what_plays_before_the_line_is_not_touched_by_a_capture_encoded_ahead_of_it(tmp_path: Path) -> None:
    def played(capture: bool) -> dict[tuple[int, int], tuple[int, int]]:
        with EarHall(tmp_path) as hall:
            hall.do("x", 1.0)
            hall.do("y", 0.0)
            hall.play(0.1)
            hall.beats(7)
            if capture:
                hall.do("capture B", 2)
            hall.to_tick(4 * BAR - 10)
            return hall.notes()

    with_it, without = played(True), played(False)
    before = [{key: note for key, note in notes.items() if key[1] < 32} for notes in (with_it, without)]
    assert before[0] == before[1] and with_it != without


def test_what_does_not_fit_says_why_and_changes_nothing(tmp_path: Path) -> None:
    def refused(hall: EarHall, bars: int = 2) -> str:
        before = hall.band.corners()
        hall.do("capture C", bars)
        hall.run(0.05)
        after = hall.band.corners()
        assert all(np.array_equal(before[slot]["toy"], after[slot]["toy"]) for slot in before)
        what, why = hall.errors[-1]
        assert what == "capture C" and hall.instrument.remark == why
        return str(why)

    with EarHall(tmp_path) as hall:
        hall.play(2.1 * BAR_S)
        assert refused(hall) == "no notes in the last 2 bars" and refused(hall, 1) == "no notes in the last bar"
        hall.beats(5, 60, channel=2)
        hall.to_tick(4 * BAR + STEP)
        assert refused(hall) == "toy takes drums, on channel 10; what was heard is notes on channel 3"
        assert refused(hall, 4) == "toy holds 2 bars, not 4"
    with EarHall(tmp_path, listens=False) as hall:
        hall.play(2.1 * BAR_S)
        assert refused(hall) == "nothing is listened to: name an input with --listen"


def test_a_capture_that_waits_when_the_song_stops_is_refused(tmp_path: Path) -> None:
    with EarHall(tmp_path) as hall:
        hall.play(0.1)
        hall.beats(7)
        hall.do("capture B", 2)
        hall.run(0.02)
        hall.do("stop")
        hall.run(0.1)
        assert hall.errors == [("capture B", "the song stopped before the bar was over")]


def test_what_is_heard_leads_bar_by_bar_and_silence_and_freeze_leave_it(tmp_path: Path) -> None:
    with EarHall(tmp_path, slot="A") as hall:
        hall.play(0.1)
        hall.beats(3)
        assert hall.phrasing.asked == []
        hall.to_tick(BAR)
        assert len(hall.phrasing.asked) == 1 and hits(hall.phrasing.asked[0]) == [(step, 0) for step in (4, 8, 12, 20, 24, 28)]
        hall.to_tick(BAR + STEP)
        hall.beats(3, SNARE)
        hall.to_tick(2 * BAR)
        assert hits(hall.phrasing.asked[1]) == [(4, 0), (8, 0), (12, 0), (20, 1), (24, 1), (28, 1)]
        hall.to_tick(4 * BAR + STEP)
        assert len(hall.phrasing.asked) == 2 and hall.last("/mvae/anchor/A") == ("heard",)
        hall.do("freeze", True)
        hall.beats(8)
        assert len(hall.phrasing.asked) == 2


def test_taps_of_any_pitch_and_channel_reach_a_model_that_hears_taps(tmp_path: Path) -> None:
    with EarHall(tmp_path, slot="A", hears="taps") as hall:
        hall.play(0.1)
        hall.beats(3, 61, channel=4)
        hall.to_tick(BAR)
        assert hits(hall.phrasing.asked[0]) == [(step, 2) for step in (4, 8, 12, 20, 24, 28)]


def test_infill_locks_what_was_played_and_the_rest_plays_around_it(tmp_path: Path) -> None:
    with EarHall(tmp_path) as hall:
        hall.play(0.1)
        hall.beats(7, KICK, 90)
        hall.do("infill", 2)
        hall.to_tick(2 * BAR)
        assert hall.panel.snapshot().switches["lock drums kick"] and not hall.panel.snapshot().switches["lock drums snare"]
        hall.do("x", 1.0)
        hall.do("feel", 0.0)
        hall.to_tick(6 * BAR - 10)
        kicks = [(step, loud) for (voice, step), (_, loud) in sorted(hall.notes().items()) if voice == 0 and step >= 64]
        assert kicks == [(step, 90) for step in range(64, 96, 4) if step != 64]
        others = {voice for voice, step in hall.notes() if step >= 64}
        assert len(others) > 1


def test_a_take_with_captures_infill_leading_and_locks_is_played_again_to_the_byte(tmp_path: Path) -> None:
    path = tmp_path / "take.mid"
    with EarHall(tmp_path, path, slot="A") as hall:
        hall.play(0.1)
        hall.beats(5)
        hall.do("capture D", 1)
        hall.beats(4, SNARE)
        hall.do("lock drums snare")
        hall.do("y", 0.9)
        hall.beats(4)
        hall.do("infill", 2)
        hall.beats(5, SNARE, 50)
        hall.do("lock drums snare")
        hall.do("reseed")
        hall.run(2 * BAR_S)
        hall.do("stop")
        hall.run(0.5)
        hall.instrument.finish()
    assert played_again(path, ear_band("A")) == path.read_bytes()


def test_a_line_that_comes_late_goes_to_who_asked(tmp_path: Path) -> None:
    with EarHall(tmp_path) as hall:
        hall.play(0.1)
        hall.beats(6)
        hall.panel.turn(Change("capture B", 2, hall.clock.now, "osc 127.0.0.1:9000"))
        hall.run(0.02)
        hall.do("stop")
        hall.run(0.1)
        assert hall.errors == [("capture B", "the song stopped before the bar was over")] and hall.answered == ["osc 127.0.0.1:9000"]


@pytest.mark.parametrize("action", ["scene", "load A", "scene then", "infill"])
def test_what_cannot_be_done_is_answered_to_who_asked(tmp_path: Path, action: str) -> None:
    with EarHall(tmp_path) as hall:
        hall.panel.turn(Change(action, None if action == "infill" else "nowhere", hall.clock.now, "osc 127.0.0.1:9000"))
        hall.run(0.02)
        assert [what for what, _ in hall.errors] == [action] and hall.answered == ["osc 127.0.0.1:9000"]


def tapped(hall: EarHall, *beats: float, pitch: int = KICK) -> None:
    """A hand strikes so many beats after now, where nothing plays."""
    begin_s = hall.clock.now
    for beat in beats:
        hall.run(max(0.0, begin_s + beat * BEAT_S - hall.clock.now))
        hall.strike(pitch)
    hall.run(0.06)


def test_what_is_played_while_the_song_stands_is_captured_from_its_first_note_on(tmp_path: Path) -> None:
    with EarHall(tmp_path) as hall:
        hall.run(1.234)
        tapped(hall, 0, 1, 2.5, 4, 6.02)
        hall.do("capture B", 2)
        hall.run(0.02)
        assert hits(hall.phrasing.asked[-1]) == [(step, 0) for step in (0, 4, 10, 16, 24)] and hall.errors == []
        assert hall.last("/mvae/anchor/B") == ("capture 1",)
        hall.do("capture B", 1)
        hall.run(0.02)
        assert hits(hall.phrasing.asked[-1]) == [(step, 0) for step in (0, 8, 16, 24)], "the last bar, twice"


def test_a_silence_of_two_bars_begins_anew_and_the_tempo_is_the_one_that_stands_by_then(tmp_path: Path) -> None:
    with EarHall(tmp_path) as hall:
        tapped(hall, 0, 1, 2, 3)
        hall.run(9.0)
        tapped(hall, 0, 2, 4, 6, pitch=SNARE)
        hall.do("tempo", 60.0)
        hall.run(0.02)
        hall.do("capture B", 1)
        hall.run(0.02)
        assert hits(hall.phrasing.asked[-1]) == [(step, 1) for step in (0, 4, 8, 12, 16, 20, 24, 28)]


def test_the_song_forgets_what_was_played_while_it_stood_and_once_it_stands_again_has_what_was_heard(tmp_path: Path) -> None:
    with EarHall(tmp_path) as hall:
        tapped(hall, 0, 1, 2, 3, pitch=SNARE)
        hall.play(0.1)
        hall.beats(7)
        hall.to_tick(2 * BAR + STEP)
        hall.do("stop")
        hall.run(0.1)
        hall.do("capture B", 2)
        hall.run(0.02)
        assert hits(hall.phrasing.asked[-1]) == [(step, 0) for step in range(4, 32, 4)]
        tapped(hall, 0, pitch=SNARE)
        hall.do("capture B", 2)
        hall.run(0.02)
        assert hits(hall.phrasing.asked[-1]) == [(0, 1)]


def test_silence_while_the_song_stands_says_so(tmp_path: Path) -> None:
    with EarHall(tmp_path) as hall:
        hall.do("capture B", 2)
        hall.run(0.02)
        assert hall.errors == [("capture B", "no notes in the last 2 bars")]


def test_a_take_with_a_capture_and_an_infill_at_rest_is_played_again_to_the_byte(tmp_path: Path) -> None:
    path = tmp_path / "take.mid"
    with EarHall(tmp_path, path) as hall:
        tapped(hall, 0, 1, 2.5, 4, 6)
        hall.do("capture B", 2)
        hall.do("infill", 2)
        hall.run(0.05)
        hall.do("x", 1.0)
        hall.play(4 * BAR_S)
        kicks = {step for voice, step in hall.notes() if voice == 0 and step < 32}
        assert kicks == {0, 4, 10, 16, 24}
        hall.do("stop")
        hall.run(0.5)
        hall.instrument.finish()
    assert played_again(path, ear_band()) == path.read_bytes()


def test_a_flood_of_wishes_is_one_for_each_slot(tmp_path: Path) -> None:
    with EarHall(tmp_path) as hall:
        hall.play(0.1)
        hall.beats(6)
        for bars in [1, 2] * 100:
            for action in ("capture B", "capture C", "infill"):
                hall.do(action, bars)
            hall.run(0.001, 0.001)
        assert sorted((wish.action, wish.bars) for wish in hall.capture.wishes) == [("capture B", 2), ("capture C", 2), ("infill", 2)]
        hall.to_tick(2 * BAR)
        assert len(hall.phrasing.asked) == 2 and hall.errors == [] and hall.capture.wishes == []
