"""The instrument on a master's clock: it begins with the master, anywhere in the song, at the master's tempo, and its takes play again."""

from pathlib import Path

import pytest

from mvae.core.change import Change
from mvae.live import wire
from mvae.live.bounce import Bounce
from mvae.live.control_log import Take, read
from tests.live.desk import Desk, GuestHall
from tests.live.hall import BAR, BPM, SEED, STEP, Hall, panel, toy_band
from tests.live.studio import FA, FB, FC

CLOCKS_PER_BAR = 96


def rest(bars: int) -> dict[tuple[int, int], tuple[int, int]]:
    """What the instrument plays on its own clock, by (voice, step)."""
    with Hall() as hall:
        hall.play(bars * 2.0)
        return hall.notes()


def played(hall: GuestHall) -> dict[tuple[int, int], tuple[int, int]]:
    ons = (sent for sent in hall.of(wire.Sent) if isinstance(sent, wire.Sent) and sent.on)
    return {(on.voice, on.step): (on.tick, on.velocity) for on in ons}


def test_armed_it_waits_and_begins_with_the_masters_start() -> None:
    desk = Desk().play(60).send(FA).play(4 * CLOCKS_PER_BAR + 5)
    with GuestHall(desk) as hall:
        hall.run(1.2)
        assert not hall.playing and hall.of(wire.Sent) == []
        hall.run_out()
        expected = {note: heard for note, heard in rest(4).items() if 0 < note[1] < 60}
        assert expected.items() <= played(hall).items()
        line_s = hall.link.status().time_of_tick(0)
        assert line_s == pytest.approx(desk.ticks[60], abs=1e-4)
        assert not hall.of(wire.Repeated)


def test_hits_before_the_first_line_sound_on_it() -> None:
    desk = Desk().play(60).send(FA).play(24)
    with GuestHall(desk) as hall:
        hall.run_out()
        first = {note: tick for note, (tick, _) in played(hall).items() if note[1] == 0}
        assert first and set(first) == {note for note in rest(1) if note[1] == 0}
        assert min(first.values()) >= 0 and hall.link.status().counters.dropped == 0


def test_from_a_song_position_it_plays_the_very_bar() -> None:
    desk = Desk().play(60).send(b"\xf2\x50\x00").play(12).send(FB).play(2 * CLOCKS_PER_BAR)
    with GuestHall(desk) as hall:
        hall.run_out()
        expected = {note: heard for note, heard in rest(7).items() if 80 < note[1] < 108}
        assert expected and expected.items() <= played(hall).items()
        assert min(step for _, step in played(hall)) == min(step for _, step in rest(7) if step >= 80)


def test_a_song_position_right_before_the_start_is_played_a_few_notes_late_at_most() -> None:
    desk = Desk().play(60).send(b"\xf2\x20\x00").send(FB).play(CLOCKS_PER_BAR)
    with GuestHall(desk) as hall:
        hall.run_out()
        expected = {note: heard for note, heard in rest(4).items() if 33 < note[1] < 46}
        assert expected.items() <= played(hall).items()


def test_stop_and_continue_go_on_with_the_same_loop() -> None:
    desk = Desk().play(60).send(FA).play(130).send(FC).play(50).send(FB).play(150)
    with GuestHall(desk) as hall:
        hall.run_out()
        expected = {note: heard for note, heard in rest(4).items() if 0 < note[1] < 44}
        missing = {note for note in expected if note not in played(hall)}
        assert all(abs(step * 10 / 16 - 130 * 10 / 96) < 1.5 for _, step in missing) and len(missing) <= 3
        assert {note: played(hall)[note] for note in expected if note not in missing} == {
            note: heard for note, heard in expected.items() if note not in missing
        }


def test_playing_along_begins_at_the_masters_next_bar_line() -> None:
    desk = Desk().play(60).send(FA).play(20).send(b"\xf2\x30\x00").play(3 * CLOCKS_PER_BAR)
    with GuestHall(desk) as hall:
        hall.run(80.5 * 0.5 / 24)
        hall.do("stop")
        hall.run(0.4)
        assert not hall.playing
        before = len(hall.of(wire.Sent))
        hall.do("play")
        hall.run_out()
        steps = [sent.step for sent in hall.of(wire.Sent)[before:] if sent.on]  # type: ignore[union-attr]
        assert min(steps) == 64 and hall.of(wire.Started)[-1].line_tick == 4 * BAR  # type: ignore[union-attr]
        expected = {note: heard for note, heard in rest(6).items() if 64 <= note[1] < 80}
        assert expected.items() <= played(hall).items()


def test_a_knob_moved_before_the_line_at_which_it_joins_is_heard_there_and_nothing_sooner() -> None:
    desk = Desk().play(60).send(FA).play(3 * CLOCKS_PER_BAR)
    with GuestHall(desk) as hall, GuestHall(Desk()) as other:
        hall.run(62 * 0.5 / 24)
        hall.do("stop")
        hall.run(0.3)
        hall.do("play")
        hall.run(0.1)
        assert hall.playing and hall.tick < BAR
        before = len(hall.of(wire.Sent))
        hall.do("density", 2.0)
        hall.run(0.1)
        hall.run_out()
        assert min(sent.tick for sent in hall.of(wire.Sent)[before:] if sent.on) >= BAR - STEP // 2  # type: ignore[union-attr]
        other.do("density", 2.0)
        mine = {note for note in played(hall) if 16 <= note[1] < 32}
        with Hall() as alone:
            alone.do("density", 2.0)
            alone.play(4.0)
            assert mine == {note for note in alone.notes() if 16 <= note[1] < 32}


def test_the_tempo_is_refused_to_hands_and_taken_from_the_master() -> None:
    desk = Desk().play(120, 100)
    with GuestHall(desk) as hall:
        for action, value in (("tempo", 140.0), ("tap", None)):
            assert hall.panel.turn(Change(action, value, 0.0, "osc")) == ("the tempo is the MIDI clock's",)
        hall.run_out()
        assert hall.panel.snapshot().knobs["tempo"] == pytest.approx(100, abs=0.1)
        assert hall.instrument.tempo_bpm == pytest.approx(100, abs=0.1)
        assert [words[1:] for words in hall.told if words[0] == "/mvae/sync"] == [("waiting", 0), ("locked", 0)]
        assert hall.instrument.remark == ""


def test_so_many_bars_from_wherever_the_song_began() -> None:
    desk = Desk().play(60).send(b"\xf2\x50\x00").play(12).send(FB).play(4 * CLOCKS_PER_BAR)
    with GuestHall(desk, bars=2) as hall:
        hall.run_out()
        assert hall.instrument.over and hall.of(wire.Stopped)[-1].tick == 7 * BAR  # type: ignore[union-attr]


def test_a_lost_clock_is_told_and_the_music_plays_on() -> None:
    desk = Desk().play(60).send(FA).play(48)
    with GuestHall(desk) as hall:
        hall.run_out()
        hall.run(5.0)
        assert hall.playing and "lost" in hall.instrument.remark and hall.tick > 2 * BAR
        assert max(step for _, step in played(hall)) > 40


def test_a_nudge_turned_reaches_the_player() -> None:
    desk = Desk().play(60).send(FA).play(96)
    with GuestHall(desk) as hall:
        hall.do("nudge", 30.0)
        hall.run_out()
        assert wire.Nudge(30.0) in hall.link.sent
        assert hall.link.status().time_of_tick(0) == pytest.approx(desk.ticks[60] + 0.03, abs=1e-4)


def test_a_take_with_a_master_is_played_again_note_for_note(tmp_path: Path) -> None:
    desk = Desk().play(60).send(FA).play(100).play(100, 140).send(FC).play(30, 140)
    desk.send(b"\xf2\x40\x00").play(20, 140).send(FB).play(130, 140)
    with GuestHall(desk, tmp_path / "take.mid") as hall:
        hall.run(3.0)
        hall.do("density", 1.0)
        hall.run_out()
        hall.instrument.finish()
    take, acts = read(tmp_path / "take.log")
    assert take is not None
    offline = Bounce(panel(), toy_band(), Take("toy", SEED, BPM, {}))
    again = offline.play(acts, None)
    assert offline.remarks() == []
    assert again == (tmp_path / "take.mid").read_bytes()


def test_a_take_with_a_lock_set_before_the_song_began_is_played_again_note_for_note(tmp_path: Path) -> None:
    desk = Desk().play(60).send(FA).play(2 * CLOCKS_PER_BAR).send(FC).play(60).send(FA).play(CLOCKS_PER_BAR)
    hands = (("lock drums kick", None, 0.3), ("density", 1.5, 0.3), ("x", 0.9, 2.0), ("lock drums snare", None, 2.5))
    with GuestHall(desk, tmp_path / "take.mid") as hall:
        hall.run(0.4)
        for action, value, wait_s in hands:
            hall.do(action, value)
            hall.run(wait_s)
        assert not hall.playing, "the next ones are set while the song stands"
        for action, value in (("lock drums", None), ("density", -1.5), ("lock drums kick", None), ("density", 0.5)):
            hall.do(action, value)
            hall.run(0.1)
        hall.run_out()
        assert hall.playing
        hall.instrument.finish()
    take, acts = read(tmp_path / "take.log")
    assert take is not None
    offline = Bounce(panel(), toy_band(), take)
    again = offline.play(acts, None)
    assert offline.remarks() == []
    assert again == (tmp_path / "take.mid").read_bytes()


@pytest.mark.parametrize("played_ticks", [7, 60, 77, 96, 150])
@pytest.mark.parametrize(("bpm", "push", "jitter_s"), [(120.0, 0.0, 0.0), (131.0, 30.0, 0.001)])
def test_a_take_that_stops_and_goes_on_where_it_stopped_is_played_again_note_for_note(
    tmp_path: Path, played_ticks: int, bpm: float, push: float, jitter_s: float
) -> None:
    desk = Desk(jitter_s).play(60).send(FA).play(played_ticks).send(FC).play(19, bpm).send(FB).play(160, bpm)
    desk.send(FC).play(20, bpm + 12).send(FB).play(2 * CLOCKS_PER_BAR, bpm + 12)
    with GuestHall(desk, tmp_path / "take.mid") as hall:
        hall.do("push", push)
        hall.run(1.5)
        hall.do("density", 1.0)
        hall.run_out()
        hall.instrument.finish()
    take, acts = read(tmp_path / "take.log")
    assert take is not None
    offline = Bounce(panel(), toy_band(), take)
    again = offline.play(acts, None)
    assert offline.remarks() == []
    assert again == (tmp_path / "take.mid").read_bytes()
