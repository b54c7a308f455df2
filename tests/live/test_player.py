"""The player on a clock that a test turns by hand: MIDI bytes and their times, messages up, the page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.live import wire
from tests.live.studio import BEGIN_S, EVERY_BEAT, F8, FA, FB, FC, TICK_S, Studio, line_s, phrase, playing


def test_the_midi_clock_ticks_24_times_a_beat_also_while_stopped() -> None:
    studio = Studio()
    studio.run(1.0)
    times = [at_s - BEGIN_S for at_s, message in studio.sent if message == F8]
    assert len(times) == 48
    assert all(abs(at_s - (n + 1) / 48) < 1e-9 for n, at_s in enumerate(times))


def test_play_starts_with_a_midi_clock_on_the_line_and_a_start_just_before_it() -> None:
    studio = playing()
    studio.run(0.5)
    zero_s = line_s(studio)
    assert 0.0625 - 1e-9 <= zero_s - BEGIN_S <= 0.0625 + 0.0209  # half a step, and what is left of a MIDI clock
    (start_s, _), = studio.bytes_sent(FA)
    assert abs(zero_s - start_s - 8 * TICK_S) < 1e-9
    at_zero = [message for at_s, message in studio.sent if abs(at_s - zero_s) < 1e-9]
    assert at_zero == [F8, bytes((0x99, 36, 100))]
    assert [message for at_s, message in studio.sent if start_s <= at_s < zero_s] == [FA]
    assert studio.told(wire.Started) == [wire.Started(round((BEGIN_S - zero_s) / TICK_S), 0)]


def test_the_lead_in_is_long_enough_for_early_hits_and_longer_by_lead_ticks() -> None:
    studio = playing(phrase((0, -300)), lead_ticks=100)
    studio.run(1.0)
    assert line_s(studio) - BEGIN_S >= 400 * TICK_S - 1e-9
    assert studio.notes()[0] == (-300, True, 36)
    assert abs(studio.sent[[m for _, m in studio.sent].index(bytes((0x99, 36, 100)))][0] - (line_s(studio) - 300 * TICK_S)) < 1e-9


def test_notes_go_out_at_their_ticks_and_every_one_is_marked_before_it_is_sent() -> None:
    studio = playing()
    studio.run(1.9)
    assert studio.notes()[:4] == [(0, True, 36), (100, False, 36), (960, True, 36), (1060, False, 36)]
    assert studio.unmarked == []
    assert studio.page.sounding() == []
    assert all(abs(sent.lateness_us) <= 1 for sent in studio.told(wire.Sent) if isinstance(sent, wire.Sent))


def test_a_tempo_change_moves_notes_already_handed_over() -> None:
    studio = playing()
    studio.run(line_s(studio) - BEGIN_S + 0.25)
    studio.ask(wire.Tempo(60.0))
    (changed,) = studio.told(wire.TempoAt)
    assert changed == wire.TempoAt(480, 60.0)
    studio.run(0.5)
    first_s, second_s = (at_s for at_s, message in studio.sent if message == bytes((0x99, 36, 100)))
    assert abs(second_s - first_s - (0.25 + 0.5)) < 1e-9


@given(st.lists(st.tuples(st.floats(0.001, 0.7), st.floats(20, 400)), min_size=1, max_size=6))
def test_the_tempo_map_told_up_gives_the_times_that_were_played(changes: list[tuple[float, float]]) -> None:
    studio = playing()
    zero_s = line_s(studio)
    studio.run(zero_s - BEGIN_S)
    for wait_s, bpm in changes:
        studio.run(wait_s)
        studio.ask(wire.Tempo(bpm))
    studio.run(1.0)
    times = [at_s for at_s, message in studio.sent if message[0] in (0x99, 0x89)]
    tempi = [(0, 120.0), *((told.tick, told.bpm) for told in studio.told(wire.TempoAt) if isinstance(told, wire.TempoAt))]
    for (tick, _, _), at_s in zip(studio.notes(), times, strict=True):
        expected_s = zero_s
        for (begin, bpm), (end, _) in zip(tempi, [*tempi[1:], (1 << 40, 0.0)], strict=True):
            expected_s += max(0, min(tick, end) - begin) * 60 / bpm / 960
        assert -1e-6 < at_s - expected_s < 60 / 20 / 960  # late at most by the tick in which the tempo changed


def test_all_that_is_due_is_sent_before_a_message_is_taken() -> None:
    studio = playing()
    studio.run(line_s(studio) - BEGIN_S - 0.001)
    studio.clock.now += 0.01  # the kick is 9 ms overdue when the splice that lacks it comes
    studio.ask(phrase((2, 0), generation=2))
    assert studio.notes() == [(0, True, 36)]
    accepted = studio.told(wire.Accepted)[-1]
    assert isinstance(accepted, wire.Accepted) and (accepted.generation, accepted.tick, accepted.replaced) == (2, 17, 3)


def test_a_note_that_a_splice_brings_5_ms_late_sounds_at_once_and_one_15_ms_late_never() -> None:
    studio = playing(phrase())
    studio.run(line_s(studio) - BEGIN_S + 0.005)
    studio.ask(phrase((0, 0), generation=2))
    assert studio.notes() == [(9, True, 36)]
    studio.run(0.5 + 0.015 - 0.005)
    studio.ask(phrase((4, 0), generation=3))
    assert [sent.tick for sent in studio.told(wire.Sent) if isinstance(sent, wire.Sent)] == [9, 109]
    status = studio.page.read()
    assert status is not None and (status.counters.late, status.counters.dropped) == (1, 1)


def test_stop_silences_at_once_and_continue_goes_on_from_the_nearest_16th() -> None:
    studio = playing(phrase(*((step, 0) for step in range(16)), length=230))
    studio.run(line_s(studio) - BEGIN_S + 0.6)
    studio.ask(wire.Stop(wire.STOP_NOW))
    assert studio.open_notes() == set() and studio.sent[-1][1] == FC
    assert studio.told(wire.Stopped) == [wire.Stopped(1152)]
    studio.run(0.3)
    assert [message for _, message in studio.sent[-14:]] == [F8] * 14
    studio.ask(wire.Continue(0, ()))
    assert studio.sent[-1][1] == b"\xf2\x05\x00"
    studio.run(0.2)
    (go_s, _), = studio.bytes_sent(FB)
    status = studio.page.read()
    assert status is not None and abs(status.time_of_tick(1200) - go_s - 8 * TICK_S) < 1e-9
    assert [tick for tick, on, _ in studio.notes() if on] == [0, 240, 480, 720, 960, 1200]


def test_phrases_handed_over_with_continue_sound_from_the_step_on_and_not_before() -> None:
    studio = playing(phrase(*((step, 0) for step in range(16))))
    studio.run(line_s(studio) - BEGIN_S + 0.52)
    studio.ask(wire.Stop(wire.STOP_NOW))
    before = len(studio.notes())
    studio.ask(wire.Continue(0, (phrase((2, 0), (4, 30), (6, 0), generation=2),)))
    studio.run(0.4)
    assert [tick for tick, on, _ in studio.notes()[before:] if on] == [990, 1440]


def test_a_stop_at_a_step_silences_at_its_line_and_leaves_out_its_early_hits() -> None:
    studio = playing(phrase((0, 0), (15, 60), (16, -60), steps=32, length=400))
    studio.ask(wire.Stop(16))
    studio.run(4.0)
    assert studio.notes() == [(0, True, 36), (400, False, 36), (3660, True, 36), (3840, False, 36)]
    assert studio.told(wire.Stopped) == [wire.Stopped(3840)]
    status = studio.page.read()
    assert status is not None and not status.playing and status.tick_at(studio.clock.now) == 3840


def test_a_stop_while_stopped_is_answered() -> None:
    studio = Studio()
    studio.ask(wire.Stop(wire.STOP_NOW))
    assert studio.told(wire.Stopped) == [wire.Stopped(0)] and studio.sent == []
    studio.ask(wire.Stop(16))
    assert studio.up[1:] == [wire.Stopping(16, 0), wire.Stopped(0)]


def test_play_while_playing_begins_again_with_the_new_phrases_only() -> None:
    studio = playing(phrase((0, 0), (1, 0), length=900))
    studio.run(line_s(studio) - BEGIN_S + 0.13)
    studio.ask(wire.Play(0, (phrase((2, 0), generation=9),)))
    assert studio.open_notes() == set()
    studio.run(0.6)
    assert [message for _, message in studio.bytes_sent(FA, FC)] == [FA, FC, FA]
    assert studio.notes()[-2:] == [(480, True, 36), (580, False, 36)]
    assert studio.told(wire.Stopped) != [] and len(studio.told(wire.Started)) == 2


def test_a_late_phrase_is_repeated_counted_and_told() -> None:
    studio = playing()
    studio.run(2.2)
    assert studio.told(wire.Repeated) == [wire.Repeated(0, 16, 3840 - 360)]
    status = studio.page.read()
    assert status is not None and status.counters.repeats == 1 and status.part(0) is not None


def test_located_elsewhere_it_continues_there_with_the_song_position_told() -> None:
    studio = playing(phrase((0, 0), (1, 0)))
    studio.run(line_s(studio) - BEGIN_S + 0.05)
    studio.ask(wire.Locate(36))
    assert studio.open_notes() == set() and studio.told(wire.Located) == [wire.Located(36 * 240)]
    status = studio.page.read()
    assert status is not None and not status.playing and status.tick_at(studio.clock.now) == 36 * 240
    before = len(studio.notes())
    studio.ask(wire.Continue(0, (phrase((36, 0), (38, -20), start=32),)))
    studio.run(0.5)
    assert studio.bytes_sent(b"\xf2\x24\x00") and len(studio.bytes_sent(FB)) == 1
    assert [tick for tick, on, _ in studio.notes()[before:] if on] == [36 * 240, 38 * 240 - 20]


@given(st.floats(-100, 100), st.floats(40, 300))
def test_nudged_notes_are_later_than_the_midi_clock_of_their_line(ms: float, bpm: float) -> None:
    studio = Studio()
    studio.ask(wire.Tempo(bpm))
    studio.ask(wire.Nudge(ms))
    studio.ask(wire.Play(0, (EVERY_BEAT,)))
    studio.run(60 / bpm + 0.5)
    ((start_s, _),) = studio.bytes_sent(FA)
    line_s = next(at_s for at_s, message in studio.sent if message == F8 and at_s > start_s)
    note_s = next(at_s for at_s, message in studio.sent if message == bytes((0x99, 36, 100)))
    assert abs(note_s - line_s - ms / 1000) < 60 / bpm / 960
    clocks = [at_s for at_s, message in studio.sent if message == F8 and at_s > start_s]
    assert all(abs(at_s - line_s - n * 60 / bpm / 24) < 60 / bpm / 960 for n, at_s in enumerate(clocks))
    assert [tick for tick, on, _ in studio.notes() if on][:2] == [0, 960][: len(studio.notes())]


def test_a_nudge_turned_while_it_plays_moves_the_next_note() -> None:
    studio = playing()
    zero_s = line_s(studio)
    studio.run(zero_s - BEGIN_S + 0.3)
    studio.ask(wire.Nudge(-25.0))
    studio.run(0.4)
    kicks = [at_s - zero_s for at_s, message in studio.sent if message == bytes((0x99, 36, 100))]
    assert kicks[1] == pytest.approx(0.475, abs=1e-6)
    studio.ask(wire.Nudge(40.0))
    studio.run(0.5)
    kicks = [at_s - zero_s for at_s, message in studio.sent if message == bytes((0x99, 36, 100))]
    assert kicks[2] == pytest.approx(1.04, abs=1e-6)
    assert all(abs(sent.lateness_us) <= 1 for sent in studio.told(wire.Sent) if isinstance(sent, wire.Sent))


def test_where_a_nudge_sets_the_clock_back_the_song_stands_until_it_has_come_there_again() -> None:
    studio = playing()
    studio.run(line_s(studio) - BEGIN_S + 0.3)
    studio.ask(wire.Nudge(50.0))
    studio.run(0.02)
    studio.ask(phrase((2, 90), take_hold=2, generation=2))  # 570 has passed: the song is at 576
    studio.run(0.02)
    studio.ask(wire.Tempo(240.0))
    studio.run(0.1)
    (accepted,) = [told for told in studio.told(wire.Accepted) if isinstance(told, wire.Accepted) and told.generation == 2]
    assert accepted.tick == 576 and studio.told(wire.TempoAt) == [wire.TempoAt(576, 240.0)]
    assert [tick for tick, on, _ in studio.notes() if on] == [0, 576]


def test_what_a_nudge_makes_due_sounds_at_once_and_is_no_stall() -> None:
    studio = playing()
    studio.ask(wire.Nudge(100.0))
    studio.run(line_s(studio) - BEGIN_S + 0.35)
    studio.ask(wire.Nudge(-100.0))
    assert [tick for tick, on, _ in studio.notes() if on] == [0, 960]
    assert not studio.told(wire.Stall) and studio.player.counters.skipped == 0
    assert all(abs(sent.lateness_us) <= 1 for sent in studio.told(wire.Sent) if isinstance(sent, wire.Sent))


def test_a_successor_keeps_the_nudge_of_the_page() -> None:
    studio = playing()
    studio.ask(wire.Nudge(30.0))
    studio.run(0.3)
    after = Studio(studio.page, studio.clock, nudge_ms=30.0)
    before, now = studio.page.read(), after.page.read()
    assert before is not None and now is not None and now.clock == before.clock
    after.run(0.3)
    lags = [after.player.clock.beat_at(at_s) * 24 % 1 for at_s, _ in after.bytes_sent(F8)]
    assert lags and all(abs(lag - (1 - 0.03 * 2 * 24 % 1)) < 0.02 for lag in lags)
