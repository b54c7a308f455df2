"""The player when things go wrong: panic, the instrument's end, stalls, a dead port, its own death."""

from mvae.live import wire
from tests.live.studio import BEGIN_S, EVERY_BEAT, F8, FB, FC, TICK_S, Studio, line_s, phrase, playing

OFF = b"\x89\x24\x00"  # once as the score has it, and once more for a port that lost one


def test_panic_ends_every_note_resets_the_channels_used_and_plays_on() -> None:
    studio = playing(phrase((0, 0), (4, 0), length=900))
    studio.run(line_s(studio) - BEGIN_S + 0.1)
    before = len(studio.sent)
    studio.ask(wire.Panic())
    assert [message for _, message in studio.sent[before:]] == [OFF, OFF, b"\xb9\x7b\x00", b"\xb9\x79\x00", b"\xb9\x78\x00"]
    assert studio.told(wire.Panicked) == [wire.Panicked(192)]
    studio.run(0.5)
    assert studio.notes()[-1] == (960, True, 36)


def test_the_end_of_the_instrument_silences_everything_and_stops_the_listeners() -> None:
    studio = playing(phrase((0, 0), length=900))
    studio.run(line_s(studio) - BEGIN_S + 0.1)
    before = len(studio.sent)
    studio.player.shut()
    assert [message for _, message in studio.sent[before:]] == [OFF, OFF, b"\xb9\x7b\x00", b"\xb9\x79\x00", FC]
    assert studio.page.sounding() == []


def test_after_a_stall_note_offs_go_first_overdue_note_ons_are_skipped_and_the_clocks_catch_up() -> None:
    studio = playing(phrase((0, 0), (1, 0), (2, 0), (3, 0), (4, 0)))
    studio.run(line_s(studio) - BEGIN_S + 0.01)
    studio.clock.now += 0.43
    studio.player.step(studio.clock.now)
    assert studio.notes() == [(0, True, 36), (100, False, 36)]
    (stall,) = studio.told(wire.Stall)
    assert isinstance(stall, wire.Stall) and (stall.skipped, stall.tick, stall.oldest_tick) == (3, 844, 825)
    assert len(studio.bytes_sent(F8)) == (120 + 844) // 40
    studio.run(0.1)
    assert studio.notes()[2:] == [(960, True, 36)]


def test_a_short_delay_is_no_stall_and_everything_is_sent() -> None:
    studio = playing(phrase((0, 0), (1, 0)))
    studio.run(line_s(studio) - BEGIN_S - 0.01)
    studio.clock.now += 0.08
    studio.player.step(studio.clock.now)
    assert studio.notes() == [(0, True, 36), (100, False, 36)] and studio.told(wire.Stall) == []
    status = studio.page.read()
    assert status is not None and abs(status.worst_lateness_s - 0.07) < 1e-6


def test_after_a_very_long_stall_at_most_four_beats_of_clocks_are_sent() -> None:
    studio = Studio()
    studio.clock.now += 60
    studio.player.step(studio.clock.now)
    assert len(studio.sent) == 96
    studio.run(0.5)
    assert len(studio.sent) == 96 + 24


def test_a_port_that_takes_nothing_is_counted_and_the_music_goes_on() -> None:
    studio = playing()
    studio.takes = False
    studio.run(1.0)
    status = studio.page.read()
    assert status is not None and status.counters.send_errors == len(studio.sent) > 40


def test_a_successor_ends_what_sounded_and_plays_on_where_the_clock_stands() -> None:
    dead = playing(phrase(*((step, 0) for step in range(16)), length=230))
    dead.run(line_s(dead) - BEGIN_S + 0.6)
    zero_s = line_s(dead)
    assert dead.open_notes() == {(9, 36)}
    dead.clock.now += 0.2
    successor = Studio(dead.page, dead.clock)
    assert successor.notes() == []
    successor.ask(wire.Resume((phrase(*((step, 0) for step in range(16)), length=230),)))
    assert [message for _, message in successor.sent][:3] == [OFF, b"\xb9\x7b\x00", b"\xf2\x08\x00"]
    assert successor.notes() == [(1536, False, 36)]
    successor.run(0.5)
    assert successor.notes()[1:4] == [(1920, True, 36), (2150, False, 36), (2160, True, 36)]
    assert line_s(successor) == zero_s
    (go_s, _), = successor.bytes_sent(FB)
    assert abs(go_s - (zero_s + (1920 - 8) * TICK_S)) < 1e-9
    assert successor.told(wire.Succeeded) == [wire.Succeeded(1536, 8)]
    status = successor.page.read()
    assert status is not None and status.counters.successors == 1


def test_a_successor_with_old_phrases_repeats_them_up_to_the_present() -> None:
    dead = playing()
    dead.run(line_s(dead) - BEGIN_S + 5.3)
    successor = Studio(dead.page, dead.clock)
    successor.ask(wire.Resume((EVERY_BEAT,)))
    successor.run(0.8)
    assert [tick for tick, on, _ in successor.notes() if on] == [11 * 960, 12 * 960]
