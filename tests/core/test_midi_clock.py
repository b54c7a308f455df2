"""MIDI clock heard by a slave: transport, song position, losing and finding the clock. The master is a list of messages and times."""

import pytest

from mvae.core.midi_clock import LOST_S, MidiClock
from mvae.core.sync import Beats, Begin, End, Heard, Located, Said

F8, FA, FB, FC = b"\xf8", b"\xfa", b"\xfb", b"\xfc"
TICK_S = 0.5 / 24
BEAT, BAR = 960, 3840


class Room:
    """A master at 120 BPM that has `began`, and what its slave makes of it."""

    def __init__(self, ticks: int = 48) -> None:
        self.clock, self.now = MidiClock(100), 50.0
        self.said: list[Said] = []
        self.tick(ticks)

    def tick(self, count: int, tick_s: float = TICK_S) -> "Room":
        for _ in range(count):
            self.now += tick_s
            self.send(F8)
        return self

    def send(self, message: bytes, after_s: float = 0.0) -> tuple[Said, ...]:
        said = self.clock.hear(message, self.now + after_s)
        self.said += said
        return said

    def of(self, kind: type) -> list[Said]:
        return [one for one in self.said if isinstance(one, kind)]

    def song_tick(self, begin: Begin) -> float:
        """Where the song stands now, as the last beat and a beginning say."""
        last = self.of(Beats)[-1]
        assert isinstance(last, Beats)
        return last.clock.beat_at(self.now) * BEAT - begin.clock_tick + begin.song_tick


def test_beats_follow_the_ticks_and_the_clock_is_found_once() -> None:
    room = Room(96)
    last = room.of(Beats)[-1]
    assert isinstance(last, Beats) and last.clock.bpm == pytest.approx(120) and last.clock.time_of(95 / 24) == pytest.approx(room.now)
    assert room.of(Heard) == [Heard("locked")]


def test_the_tick_that_follows_a_start_is_the_first_of_the_song() -> None:
    room = Room(50)
    (begin,) = room.send(FA, 0.004)
    assert begin == Begin(0, 50 * 40)
    room.tick(1)
    assert isinstance(begin, Begin) and room.song_tick(begin) == pytest.approx(0, abs=1e-6)
    assert room.tick(96).song_tick(begin) == pytest.approx(BAR)
    assert len(room.of(Begin)) == 1


def test_a_stop_ends_the_song_and_continue_goes_on_at_the_very_clock() -> None:
    room = Room()
    room.send(FA)
    room.tick(29)
    assert room.send(FC) == (End(),)
    room.tick(7)
    assert room.send(FB) == (Begin(29 * 40, (48 + 29 + 7) * 40, 0),)


@pytest.mark.parametrize("step", [0, 1, 16, 127, 128, 16383])
def test_a_song_position_is_where_continue_begins(step: int) -> None:
    room = Room()
    assert room.send(bytes((0xF2, step & 127, step >> 7))) == (Located(step * 240),)
    room.tick(3)
    assert room.send(FB) == (Begin(step * 240, 51 * 40),)
    assert room.send(FA) == (Begin(0, 51 * 40),)


def test_a_song_position_while_it_plays_moves_the_song_at_the_next_tick() -> None:
    room = Room()
    room.send(FA)
    room.tick(10)
    assert room.send(b"\xf2\x20\x00") == (Begin(32 * 240, 58 * 40, 0),)


def test_a_master_that_is_silent_while_stopped_begins_with_its_first_tick() -> None:
    room = Room(0)
    assert room.send(FA) == () and room.of(Begin) == []
    room.tick(1)
    assert room.of(Begin) == [Begin(0, 0)]
    assert room.tick(24).song_tick(Begin(0, 0)) == pytest.approx(BEAT)


def test_after_a_long_silence_a_start_sets_the_phase_anew() -> None:
    room = Room(96)
    room.now += 7.777
    assert room.send(FA) == ()
    room.tick(1)
    (begin,) = room.of(Begin)
    assert isinstance(begin, Begin) and room.song_tick(begin) == pytest.approx(0, abs=1e-6)
    assert room.tick(48).song_tick(begin) == pytest.approx(2 * BEAT, abs=1)


def test_a_master_whose_clock_begins_anew_with_its_song_is_believed_at_once() -> None:
    room = Room(96)
    (begin,) = room.send(FA, 0.002)
    room.tick(1, tick_s=0.0025)  # far from where the next one was due
    assert isinstance(begin, Begin) and room.song_tick(begin) == pytest.approx(0, abs=1e-6)
    assert room.tick(24).song_tick(begin) == pytest.approx(BEAT, abs=1)


def test_a_late_first_tick_does_not_move_the_song_for_long() -> None:
    room = Room(96)
    due_s = room.now + TICK_S
    (begin,) = room.send(FA)
    room.now = due_s + 0.008
    room.send(F8)
    room.now = due_s
    room.tick(24)
    assert isinstance(begin, Begin) and room.song_tick(begin) == pytest.approx(BEAT, abs=3)


def test_ticks_that_were_lost_are_in_the_song_position() -> None:
    room = Room(96)
    room.send(FA)
    room.tick(40)
    room.now += 2 * TICK_S
    room.tick(30)
    assert room.send(FC) == (End(),)
    assert room.send(FB) == (Begin(72 * 40, (96 + 72) * 40, 0),)


def test_a_clock_that_falls_silent_is_lost_and_found_again() -> None:
    room = Room()
    assert room.clock.look(room.now + 0.9 * LOST_S) == ()
    assert room.clock.look(room.now + 1.1 * LOST_S) == (Heard("lost"),)
    assert room.clock.look(room.now + 2 * LOST_S) == ()
    room.now += 3.0
    room.tick(1)
    assert room.of(Heard)[-1] == Heard("locked")


def test_joining_is_at_the_next_bar_line_of_the_song_that_plays() -> None:
    room = Room()
    room.send(FA)
    room.tick(90)  # of a bar of 96: the next clock is number 90
    assert room.clock.join(room.now, 0.05, 0) == (Begin(BAR, (48 + 96) * 40, 0),)
    assert room.clock.join(room.now, 0.2, 0) == (Begin(2 * BAR, (48 + 192) * 40, 0),)
    assert room.clock.join(room.now, 0.05, 0, 3) == (Begin(4 * BAR, (48 + 4 * 96) * 40, 3),)


def test_joining_a_song_that_stands_begins_at_a_beat_and_without_a_clock_not_at_all() -> None:
    room = Room(50)
    assert room.clock.join(room.now, 0.1, 480) == (Begin(480, 72 * 40, 0),)
    assert room.clock.join(room.now, 0.1, 480, 2) == (Begin(480, (72 + 192) * 40, 2),)
    assert Room(0).clock.join(50.0, 0.1, 0) == ()


def test_other_messages_say_nothing() -> None:
    room = Room()
    assert [room.send(message) for message in (b"\x90\x24\x40", b"\xfe", b"", b"\xf2\x01", b"\xf0\x7e\xf7")] == [()] * 5
