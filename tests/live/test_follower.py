"""A player that follows a master, on a clock turned by hand: transport, position, phase, tempo, and a master that falls silent."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest

from mvae.core.clock import Clock
from mvae.core.midi_clock import MidiClock
from mvae.core.score import Handoff
from mvae.core.sync import Beats, Begin, Said
from mvae.live import wire
from mvae.live.follower import JOIN_LEAD_S, Follower
from mvae.live.player import Player
from tests.live.desk import Desk
from tests.live.studio import BEGIN_S, EVERY_BEAT, F8, FA, FB, FC, ManualClock, Studio, phrase

KICK, BAR = bytes((0x99, 36, 100)), 3840


class Session:
    """A master whose beat is what a test says it is."""

    patience_s, remark = 0.1, ""

    def __init__(self) -> None:
        self.said: list[Said] = [Beats(Clock(0.0, BEGIN_S, 0.5))]
        self.joins: list[tuple[Said, ...]] = []

    def take(self, now_s: float) -> Sequence[Said]:
        said, self.said = self.said, []
        return said

    def join(self, now_s: float, lead_s: float, song_tick: int, bars: int) -> Sequence[Said]:
        return self.joins.pop(0) if self.joins else ()

    def adopt(self, song_tick: int) -> None:
        pass

    def share(self, playing: bool, now_s: float) -> None:
        pass

    def next_s(self) -> float:
        return 1e9

    def close(self) -> None:
        pass


class Slave(Studio):
    """A studio whose player follows."""

    def __init__(self, master: Any, nudge_ms: float = 0.0, before: Studio | None = None) -> None:
        self.master = master
        super().__init__(before.page if before else None, before.clock if before else None, nudge_ms)

    def make_player(self, clock: ManualClock, nudge_ms: float) -> Player:
        return Follower(clock, self, self, self.page, 120.0, nudge_ms, self.master)

    def run(self, seconds: float) -> None:
        """As of a studio; the master is heard when it speaks, and every 10 ms."""
        assert isinstance(self.player, Follower)
        until_s = self.clock.now + seconds
        while (at_s := min(self.player.deadline_s(), self.master.next_s(), self.clock.now + 0.01)) <= until_s:
            self.clock.now = max(self.clock.now, at_s)
            self.player.follow(self.clock.now)
            self.player.step(self.clock.now)
        self.clock.now = until_s

    def run_out(self) -> None:
        """Until the master has said everything."""
        self.run(self.master.at_s - self.clock.now + 0.006)

    def kicks(self) -> list[float]:
        """When they were sent."""
        return [at_s for at_s, message in self.sent if message == KICK]


def bars(count: int) -> Handoff:
    return phrase(*((step, 0) for step in range(0, 16 * count, 4)), steps=16 * count)


def cued(desk: Desk, handoff: Handoff | None = None, nudge_ms: float = 0.0) -> Slave:
    slave = Slave(desk, nudge_ms)
    slave.ask(wire.Cue(0, (handoff or bars(4),)))
    return slave


def test_a_start_sounds_what_is_cued_on_the_very_next_clock() -> None:
    desk = Desk().play(48).send(FA).play(60)
    slave = cued(desk)
    slave.run_out()
    assert slave.kicks() == pytest.approx([desk.ticks[48], desk.ticks[72], desk.ticks[96]], abs=1e-4)
    assert slave.told(wire.Started) == [wire.Started(pytest.approx(-30, abs=2), 0, cued=1)]
    (start_s, _), = slave.bytes_sent(FA)
    assert desk.ticks[47] < start_s < desk.ticks[48]


def test_the_clock_that_is_sent_is_in_phase_with_the_one_that_is_heard() -> None:
    desk = Desk(jitter_s=0.001).play(240)
    slave = Slave(desk)
    slave.run_out()
    sent = [at_s for at_s, message in slave.sent if message == F8][120:]
    assert all(min(abs(at_s - tick_s - 0.0005) for tick_s in desk.ticks) < 0.0005 for at_s in sent)


@pytest.mark.parametrize("jitter_s", [0.0, 0.0013])
@pytest.mark.parametrize("to_bpm", [140, 100])
def test_a_tempo_jump_of_20_bpm_is_back_in_phase_within_a_bar(to_bpm: float, jitter_s: float) -> None:
    desk = Desk(jitter_s).play(48).send(FA).play(96).play(4 * 96, to_bpm)
    slave = cued(desk, bars(6))
    slave.run_out()
    due_s = [desk.ticks[48 + 24 * beat] for beat in range(20)]
    late_ms = [1000 * (at_s - due) for at_s, due in zip(slave.kicks(), due_s, strict=True)]
    assert len(late_ms) == 20 and max(map(abs, late_ms[8:])) < 1.3, late_ms
    assert max(map(abs, late_ms)) < 40


def test_a_single_late_tick_moves_no_note() -> None:
    desk = Desk().play(48).send(FA).play(192)
    desk.came[60] = (desk.came[60][0] + 0.015, F8)
    slave = cued(desk)
    slave.run_out()
    assert slave.kicks() == pytest.approx([desk.ticks[48 + 24 * beat] for beat in range(8)], abs=1e-4)


def test_stop_silences_and_continue_goes_on_where_the_master_does() -> None:
    desk = Desk().play(48).send(FA).play(48 + 13).send(FC).play(40).send(FB).play(40)
    slave = cued(desk, phrase(*((step, 0) for step in range(0, 32, 2)), steps=32, length=900))
    slave.run_out()
    assert [message for _, message in slave.bytes_sent(FA, FB, FC, b"\xf2\x0a\x00")] == [FA, FC, b"\xf2\x0a\x00", FB]
    stop_s = slave.bytes_sent(FC)[0][0]
    assert slave.told(wire.Stopped) == [wire.Stopped(pytest.approx(60 * 40, abs=10))]
    ons = [tick for tick, on, _ in slave.notes() if on]
    assert ons == [480 * turn for turn in range(len(ons))]
    again_s = [at_s for at_s in slave.kicks() if at_s > stop_s]
    assert again_s[0] == pytest.approx(desk.ticks[48 + 61 + 40 + 11], abs=1e-4)  # clock 72 of the song, counted from 61


def test_a_song_position_is_told_and_what_is_cued_for_it_plays_from_there() -> None:
    desk = Desk().play(48).send(b"\xf2\x50\x00").play(12).send(FB).play(60)
    slave = cued(desk)
    slave.run(51 * 0.5 / 24)
    assert slave.told(wire.Located) == [wire.Located(80 * 240)]
    slave.ask(wire.Cue(80, (phrase((80, 0), (84, 0), (88, 0), start=64, steps=32),)))
    slave.run_out()
    assert slave.kicks() == pytest.approx([desk.ticks[60 + 24 * beat] for beat in range(3)], abs=1e-4)
    assert slave.told(wire.Started) == [wire.Started(pytest.approx(80 * 240 - 30, abs=2), 80 * 240, cued=1)]


def test_what_is_handed_over_a_little_too_late_joins_in() -> None:
    desk = Desk().play(48).send(b"\xf2\x10\x00").send(FB).play(60)
    slave = cued(desk)
    slave.run(49 * 0.5 / 24 + 0.008)
    assert slave.kicks() == [] and len(slave.told(wire.Started)) == 1
    slave.ask(phrase((16, 0), (20, 0), (24, 0), start=16, steps=16))
    slave.run_out()
    assert len(slave.kicks()) == 3 and slave.kicks()[1:] == pytest.approx([desk.ticks[72], desk.ticks[96]], abs=1e-4)


def test_joining_waits_for_the_next_bar_line_and_tells_where_that_is() -> None:
    desk = Desk().play(48).send(FA).play(96 + 50)
    slave = cued(desk)
    slave.run(49 * 0.5 / 24 + 0.001)
    slave.ask(wire.Stop(wire.STOP_NOW))
    slave.run(0.5)
    before = len(slave.kicks())
    slave.ask(wire.Join(0))
    (_, started) = slave.told(wire.Started)
    assert isinstance(started, wire.Started) and started.line_tick == BAR and BAR - started.tick > JOIN_LEAD_S / 0.5 * 960
    slave.ask(phrase((16, -20), (20, 0), (24, 0), start=16))
    slave.run_out()
    assert slave.kicks()[before:] == pytest.approx([desk.ticks[144] - 20 * 0.5 / 960, desk.ticks[168], desk.ticks[192]], abs=1e-4)


def test_who_joins_before_there_is_a_clock_begins_when_there_is_one() -> None:
    desk = Desk()
    slave = Slave(desk)
    slave.ask(wire.Join(0))
    slave.run(1.0)
    assert not slave.told(wire.Started)
    desk.at_s += 1.0
    desk.play(60)
    slave.run_out()
    assert slave.told(wire.Started) and slave.told(wire.Sync) == [wire.Sync("locked", 0)]


def test_a_stop_takes_back_a_join_that_waits() -> None:
    desk = Desk()
    slave = Slave(desk)
    slave.ask(wire.Join(0))
    slave.ask(wire.Stop(wire.STOP_NOW))
    desk.play(60)
    slave.run_out()
    assert not slave.told(wire.Started)


@pytest.mark.parametrize("ms", [-30.0, 25.0])
def test_a_nudge_is_against_the_masters_beat(ms: float) -> None:
    desk = Desk().play(48).send(FA).play(96)
    slave = cued(desk, nudge_ms=ms)
    slave.run_out()
    due_s = [desk.ticks[48] + 0.5 * beat + ms / 1000 for beat in range(1, len(slave.kicks()))]
    assert len(due_s) > 2 and slave.kicks()[1:] == pytest.approx(due_s, abs=1e-4)
    sent = [at_s for at_s, message in slave.sent if message == F8][60:]
    assert all(min(abs(at_s - tick_s) for tick_s in desk.ticks) < 0.0004 for at_s in sent)


def test_when_the_master_falls_silent_the_music_plays_on_and_it_is_told() -> None:
    desk = Desk().play(48).send(FA).play(24)
    slave = cued(desk)
    slave.run_out()
    slave.run(1.0)
    assert len(slave.kicks()) == 3 and slave.told(wire.Sync) == [wire.Sync("locked", 0), wire.Sync("lost", 0)]
    desk.at_s += 1.0
    slave.run(desk.at_s - slave.clock.now)
    desk.play(48)
    slave.run_out()
    due_s = [desk.ticks[48] + 0.5 * beat for beat in range(len(slave.kicks()))]
    assert slave.kicks() == pytest.approx(due_s, abs=2e-4) and slave.told(wire.Sync)[-1] == wire.Sync("locked", 0)


def test_the_tempo_is_the_masters_and_told_as_it_moves() -> None:
    desk = Desk().play(96, 133)
    slave = Slave(desk)
    slave.ask(wire.Tempo(60.0))
    slave.run_out()
    assert slave.told(wire.TempoAt)[-1] == wire.TempoAt(0, pytest.approx(133.0, abs=0.05))
    assert slave.player.clock.bpm == pytest.approx(133.0)


def test_what_a_performer_starts_and_stops_is_shared() -> None:
    desk = Desk()
    slave = Slave(desk)
    slave.ask(wire.Share(True))
    slave.ask(wire.Share(False))
    assert desk.shared == [True, False]


def test_a_beat_that_jumps_ends_the_notes_and_the_song_goes_on_at_a_line_of_the_other_session() -> None:
    session = Session()
    slave = Slave(session)
    session.joins.append((Begin(0, 4 * 960),))
    slave.ask(wire.Join(0))
    slave.ask(phrase((0, 0), length=3000))
    slave.run(2.2)
    assert slave.open_notes() and len(slave.told(wire.Started)) == 1
    session.said.append(Beats(Clock(100.5, slave.clock.now, 0.4)))
    session.joins.append((Begin(104 * 960, 104 * 960),))
    slave.run(0.02)
    assert not slave.open_notes() and len(slave.told(wire.Stopped)) == 1
    slave.ask(phrase((416, 0), start=416))
    begin_s = slave.clock.now
    slave.run(2.0)
    assert slave.kicks()[-1] == pytest.approx(begin_s - 0.01 + 3.5 * 0.4, abs=0.011)
    assert slave.told(wire.Started)[-1].line_tick == 104 * 960  # type: ignore[union-attr]
    clocks = [at_s for at_s, message in slave.sent if message == F8 and at_s > begin_s]
    assert all(abs(b - a - 0.4 / 24) < 1e-6 for a, b in pairwise(clocks))


def test_a_start_while_it_plays_begins_anew() -> None:
    desk = Desk().play(48).send(FA).play(30).send(FA).play(30)
    slave = cued(desk, EVERY_BEAT)
    slave.run_out()
    assert slave.kicks() == pytest.approx([desk.ticks[48], desk.ticks[72], desk.ticks[78], desk.ticks[102]], abs=1e-4)


@pytest.mark.parametrize("nudge_ms", [0.0, 20.0])
def test_a_successor_finds_the_masters_beat_and_the_song_goes_on(nudge_ms: float) -> None:
    desk = Desk().play(48).send(FA).play(60).play(200, 121).send(FC)
    dead = cued(desk, nudge_ms=nudge_ms)
    dead.run(100 * 0.5 / 24)
    desk.clock = MidiClock(120.0)
    dead.clock.now += 0.3  # nobody hears these ticks
    desk.take(dead.clock.now)
    desk.clock = MidiClock(120.0)
    after = Slave(desk, nudge_ms, dead)
    after.ask(wire.Resume((bars(6),)))
    after.run_out()
    due_s = [desk.ticks[48 + 24 * beat] + nudge_ms / 1000 for beat in range(3, 11)]
    assert len(after.kicks()) > 5 and after.kicks() == pytest.approx(due_s, abs=1.5e-3)
    assert after.open_notes() == set() and after.bytes_sent(FC)


def test_after_a_death_joining_again_is_still_at_the_masters_bar_line() -> None:
    desk = Desk().play(48).send(FA).play(340)
    dead = cued(desk)
    dead.run(100 * 0.5 / 24)
    desk.clock = MidiClock(120.0)
    after = Slave(desk, 0.0, dead)
    after.ask(wire.Resume((bars(6),)))
    after.run(1.0)
    after.ask(wire.Stop(wire.STOP_NOW))
    after.run(0.2)
    after.ask(wire.Join(0))
    (started,) = after.told(wire.Started)
    assert isinstance(started, wire.Started) and started.line_tick == 2 * BAR
    status = after.page.read()
    assert status is not None and status.time_of_tick(2 * BAR) == pytest.approx(desk.ticks[48 + 2 * 96], abs=1e-3)
