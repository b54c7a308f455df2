"""What is played in is kept, aligned to the beat: in song ticks of the player, for 16 bars, and no longer than the song has been."""

from pathlib import Path

from mvae.core.heard import HeardNote
from mvae.live.ears import KEPT_BARS
from tests.live.ear_hall import KICK, SNARE, EarHall
from tests.live.hall import BAR, BAR_S, BEAT_S, STEP


def test_notes_are_kept_where_the_song_was_when_they_were_struck(tmp_path: Path) -> None:
    with EarHall(tmp_path) as hall:
        hall.play(BEAT_S)
        hall.strike(SNARE, 77)
        hall.run(0.1)
        (note,) = hall.ears.notes
        assert note.step == 4 and abs(note.tick - 960) <= 2 and (note.pitch, note.velocity, note.channel) == (SNARE, 77, 9)
        assert note.off_tick is not None and note.off_tick - note.tick == 96  # 50 ms


def test_a_note_is_open_until_it_ends_or_is_struck_again(tmp_path: Path) -> None:
    with EarHall(tmp_path) as hall:
        hall.play(0.1)
        hall.ears.hear(bytes((0x90, 60, 90)), hall.clock.now)
        hall.run(0.1)
        assert hall.ears.notes[-1].off_tick is None
        hall.ears.hear(bytes((0x90, 60, 80)), hall.clock.now)
        hall.ears.hear(bytes((0x90, 60, 0)), hall.clock.now + 0.01)
        hall.run(0.1)
        assert [note.velocity for note in hall.ears.notes] == [90, 80] and all(note.off_tick for note in hall.ears.notes)


def test_the_nudge_moves_what_is_heard_with_what_is_played(tmp_path: Path) -> None:
    with EarHall(tmp_path) as hall:
        hall.play(BEAT_S)
        hall.do("nudge", 50.0)
        hall.run(BEAT_S)
        status = hall.link.status()
        hall.to_tick(4 * 960)
        hall.strike()
        hall.run(0.02)
        assert abs(hall.ears.notes[-1].tick - 4 * 960) <= 2 and status.time_of_tick(4 * 960) > 0


def test_the_latency_of_an_input_is_taken_off(tmp_path: Path) -> None:
    with EarHall(tmp_path) as hall:
        hall.ears._latency_s = 0.010
        hall.play(BEAT_S)
        hall.strike()
        hall.run(0.02)
        assert abs(hall.ears.notes[-1].tick - (960 - 19)) <= 2


def test_sixteen_bars_are_kept_and_no_more(tmp_path: Path) -> None:
    with EarHall(tmp_path) as hall:
        hall.play(0.01)
        for bar in range(0, KEPT_BARS + 8, 4):
            hall.to_tick(bar * BAR + STEP)
            hall.strike()
        hall.run(0.1)
        assert [note.step // 16 for note in hall.ears.notes] == [4, 8, 12, 16, 20]


def test_a_song_that_begins_again_has_heard_nothing_and_one_that_stands_hears_nothing(tmp_path: Path) -> None:
    with EarHall(tmp_path) as hall:
        hall.strike()
        hall.play(BAR_S)
        hall.beats(2)
        assert len(hall.ears.notes) == 2
        hall.do("stop")
        hall.run(0.1)
        hall.strike()
        hall.run(0.1)
        assert len(hall.ears.notes) == 2, "kept, for a capture after the stop"
        hall.play(0.2)
        assert hall.ears.notes == []


def test_what_is_no_note_is_not_heard(tmp_path: Path) -> None:
    with EarHall(tmp_path) as hall:
        hall.play(0.1)
        for message in (b"\xb0\x01\x40", b"\xf8", b"\xc0\x05", b"\xe0\x00\x40", b"\x80\x3c\x00"):
            hall.ears.hear(message, hall.clock.now)
        hall.run(0.1)
        assert hall.ears.notes == []


def test_a_note_knows_its_step() -> None:
    assert [HeardNote(tick, KICK, 1, 9).step for tick in (-120, -121, 119, 120)] == [0, -1, 0, 1]
