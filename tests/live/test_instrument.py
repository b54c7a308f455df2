"""The instrument's page with a real player, on a clock turned by hand: moves, fills, chance, and what it survives."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mvae.core.change import Change, Value
from mvae.live import wire
from mvae.live.instrument import ANSWER_S, DECODE_EVERY_S, PATIENCE_S, Instrument
from mvae.live.status import Status
from tests.live.form_hall import FormHall
from tests.live.hall import BAR, BAR_S, BPM, PAGE_S, PHRASE, STEP, Hall

few = settings(deadline=None, max_examples=25)
hands = st.one_of(
    st.tuples(st.sampled_from(("play", "stop", "continue", "panic", "reseed", "tap", "mute drums")), st.none()),
    st.tuples(st.just("stop"), st.just("bar")),
    st.tuples(st.just("fill"), st.integers(1, 16)),
    st.tuples(st.sampled_from(("recall A", "recall D")), st.floats(0, 8)),
    st.tuples(st.sampled_from(("x", "variation")), st.floats(0, 1)),
    st.tuples(st.just("push"), st.floats(-30, 30)),
    st.tuples(st.just("tempo"), st.floats(20, 400)),
    st.tuples(st.just("quantise"), st.sampled_from(("now", "beat", "bar", "phrase"))),
    st.tuples(st.sampled_from(("the instrument is suspended", "the player is suspended")), st.floats(0, 20)),
)


def test_at_rest_the_player_is_given_a_phrase_a_phrase_and_nothing_more() -> None:
    with Hall() as hall:
        hall.play()
        assert hall.decodes(10 * PHRASE / BAR * BAR_S) <= 11


def test_a_move_decodes_at_most_once_in_ten_milliseconds_and_the_last_position_wins() -> None:
    with Hall() as hall:
        hall.play(0.5)
        decodes = 0
        for turn in range(400):
            hall.do("x", (turn % 2 + turn / 400) / 2)
            decodes += hall.decodes(0.001, page_s=0.001)
        assert 0.3 / DECODE_EVERY_S < decodes <= 0.4 / DECODE_EVERY_S + 1
        hall.run(0.1)
        assert hall.instrument.heard == hall.panel.snapshot() and not hall.instrument.moving


def test_a_move_is_heard_in_what_is_due_after_it() -> None:
    with Hall() as hall, Hall() as rest:
        hall.play(1.0), rest.play(1.0)
        hall.do("density", 2.0)
        hall.run(2 * BAR_S), rest.run(2 * BAR_S)
        differ = {note for note in {*hall.notes(), *rest.notes()} if hall.notes().get(note) != rest.notes().get(note)}
        assert differ and min(step for _, step in differ) * STEP >= 2 * 960 - STEP
        assert any(step * STEP < 2 * 960 + 3 * STEP for _, step in differ)


def test_taps_set_the_tempo() -> None:
    with Hall() as hall:
        hall.play()
        for _ in range(4):
            hall.do("tap")
            hall.run(0.6)
        assert hall.link.status().clock.bpm == pytest.approx(100.0, abs=0.5)
        assert hall.instrument.tempo_bpm == hall.panel.snapshot().knobs["tempo"]


def test_at_400_bpm_with_a_hand_that_never_rests_no_phrase_is_late() -> None:
    with Hall() as hall:
        hall.do("tempo", 400.0)
        hall.play()
        for turn in range(800):
            hall.do("x", (turn % 100) / 100)
            hall.run(0.01)
        assert hall.tick > 6 * PHRASE and not hall.of(wire.Repeated)


def test_reseed_gives_another_loop_and_many_at_once_are_one() -> None:
    with Hall() as hall, Hall() as rest:
        hall.play(0.4), rest.play(0.4)
        for _ in range(50):
            hall.do("reseed")
        assert hall.decodes(PAGE_S) == 1
        hall.run(2 * BAR_S), rest.run(2 * BAR_S)
        assert hall.ahead.roll == 1 and hall.notes() != rest.notes()


def test_reseed_while_stopped_is_heard_at_the_next_play() -> None:
    with Hall() as hall, Hall() as rest:
        hall.do("reseed")
        assert hall.play(BAR_S).notes() != rest.play(BAR_S).notes()


def test_a_fill_comes_and_goes_and_a_mute_is_silent_in_phase() -> None:
    with Hall() as hall, Hall() as rest:
        hall.play(0.9), rest.play(0.9)
        hall.do("fill")
        hall.run(BAR_S - 0.8)
        hall.do("mute drums")
        hall.run(1.0)
        hall.do("mute drums")
        hall.run(2 * BAR_S), rest.run(3.2 * BAR_S)
        begin, end = hall.ahead.fills[0].start, hall.ahead.fills[0].end
        ours, theirs = ({note: heard for note, heard in one.notes().items() if note[1] < 48} for one in (hall, rest))
        differ = {step for _, step in {note for note in {*ours, *theirs} if ours.get(note) != theirs.get(note)}}
        assert differ & set(range(begin, end)) and differ <= set(range(begin, end)) | set(range(end, end + 10))
        assert not any(end + 2 <= step < end + 8 for _, step in ours)


def test_suspended_for_many_phrases_the_instrument_catches_up_with_few_decodes() -> None:
    with Hall() as hall:
        hall.play(1.0)
        hall.link.run_to(hall.clock.now + 100 * PHRASE / BAR * BAR_S)
        assert hall.decodes(1.0) <= 2
        repeats = len(hall.of(wire.Repeated))
        assert repeats >= 98
        hall.run(3 * PHRASE / BAR * BAR_S)
        assert len(hall.of(wire.Repeated)) == repeats
        hall.do("x", 0.9)
        hall.run(0.1)
        assert hall.instrument.heard == hall.panel.snapshot()


def test_suspended_so_long_that_the_pipe_overflowed_it_catches_up_too() -> None:
    with Hall() as hall:
        hall.play(1.0)
        hall.link.lossy = True
        hall.link.run_to(hall.clock.now + 100 * PHRASE / BAR * BAR_S)
        hall.link.events()
        hall.link.lossy = False
        assert hall.decodes(1.0) <= 3
        repeats = len(hall.of(wire.Repeated))
        hall.run(3 * PHRASE / BAR * BAR_S)
        assert len(hall.of(wire.Repeated)) == repeats and len(hall.ahead.plans) <= 3


def test_the_loop_sleeps_long_at_rest_and_no_longer_than_a_decode_waits_when_a_hand_moves() -> None:
    with Hall() as hall:
        hall.play(1.0)
        assert hall.instrument.patience() == PATIENCE_S
        for x in (0.8, 0.9):
            hall.do("x", x)
            hall.run(0.001, page_s=0.001)
        assert 0.0 < hall.instrument.patience() <= DECODE_EVERY_S
        hall.do("stop")
        hall.run(0.001, page_s=0.001)
        assert hall.instrument.patience() < PATIENCE_S


def test_a_fill_of_a_bundle_without_fills_changes_nothing() -> None:
    with Hall(fills=0) as hall, Hall(fills=0) as rest:
        hall.play(0.5), rest.play(0.5)
        hall.do("fill", 2)
        assert hall.run(BAR_S).notes() == rest.run(BAR_S).notes()


@few
@given(st.lists(st.tuples(st.floats(0, 1), hands), max_size=15), st.none() | st.integers(1, 8))
def test_whatever_happens_it_plays_on_and_in_the_end_every_note_is_closed(
    script: list[tuple[float, tuple[str, Value]]], bars: int | None
) -> None:
    with Hall(bars=bars) as hall:
        hall.do("play")
        for wait_s, (action, value) in script:
            hall.run(wait_s)
            if "suspended" not in action:
                hall.do(action, value)
                continue
            hall.link.deaf = action.startswith("the player")
            hall.link.run_to(hall.clock.now + float(value or 0))
            hall.run(ANSWER_S)
            hall.link.deaf = False
        hall.run(0.1)
        assert not hall.playing or hall.tick < hall.ahead.planned_to * STEP
        assert len(hall.ahead.plans) <= 3 and not hall.instrument.asked
        hall.instrument.finish()
        sounding: set[tuple[int, int]] = set()
        for message in hall.of(wire.Sent):
            assert isinstance(message, wire.Sent)
            key = (message.channel, message.pitch)
            assert (key in sounding) != message.on
            sounding ^= {key}
        assert not sounding and not hall.playing


def test_changed_names_what_stands_elsewhere() -> None:
    with Hall() as hall:
        before = hall.panel.snapshot()
        hall.panel.turn(Change("x", 0.9), Change("mute drums", True), Change("quantise", "bar"))
        assert hall.panel.snapshot().changed_from(before) == {"x": 0.9, "mute drums": True, "quantise": "bar"}
        assert before.changed_from(before) == {}


def test_the_instrument_starts_where_the_panel_stands() -> None:
    with Hall() as hall:
        instrument: Instrument = hall.instrument
        assert instrument.tempo_bpm == BPM and instrument.heard == hall.panel.snapshot() and not instrument.playing


def test_a_flood_of_triggers_is_one_decode_a_round_and_a_stop_goes_before_it(tmp_path: Path) -> None:
    with FormHall(tmp_path) as hall:
        hall.play(0.5)
        for number in range(1000):
            hall.do(("sample A", "sample B", "store C", "fill")[number % 4])
        assert all(hall.decodes(PAGE_S) <= 1 for _ in range(3))
        assert hall.instrument.patience() == 0.0, "what waits is done without a pause"
        hall.do("stop")
        hall.run(PAGE_S)
        assert isinstance(hall.link.sent[-1], wire.Stop)


def test_a_flood_of_deeds_that_take_long_leaves_the_music_its_rounds(tmp_path: Path) -> None:
    with FormHall(tmp_path) as hall:
        done: list[float] = []

        def slow(change: Change, status: Status) -> None:
            hall.clock.now += 0.015
            done.append(hall.clock.now)

        hall.instrument.does["tap"] = slow
        for _ in range(10):
            hall.do("tap")
        hall.run(0.001)
        assert len(done) == 2


def test_a_flood_of_locates_stops_once_and_a_stop_that_comes_then_is_the_last_word(tmp_path: Path) -> None:
    for stops in (False, True):
        with FormHall(tmp_path) as hall:
            hall.play(0.5)
            for number in range(1000):
                hall.do("locate", number % 20 + 1)
            hall.run(0.0001)
            hall.do("locate", 9)
            if stops:
                hall.do("stop")
            hall.run(0.5)
            assert sum(isinstance(message, wire.Stop) for message in hall.link.sent) == 1 and not hall.instrument.asked
            assert hall.playing != stops and (stops or hall.of(wire.Started)[-1].line_tick == 8 * BAR)  # type: ignore[union-attr]
