"""Play, stop and continue, bars that are counted, and the end: the instrument and a real player on a clock turned by hand."""

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mvae.core.score import Handoff
from mvae.live import wire
from mvae.live.instrument import ANSWER_S
from tests.live.hall import BAR, BAR_S, PAGE_S, PHRASE, STEP, Hall

few = settings(deadline=None, max_examples=25)


def kinds(hall: Hall) -> list[str]:
    """What was sent to the player besides handoffs, in order."""
    return [type(message).__name__ for message in hall.link.sent if not isinstance(message, Handoff)]


def test_play_from_standstill_begins_at_bar_one_and_no_phrase_is_late() -> None:
    with Hall() as hall:
        hall.play(5 * PHRASE / BAR * BAR_S)
        assert hall.tick >= 5 * PHRASE - 1
        assert not hall.of(wire.Repeated) and hall.link.status().counters.late == 0
        assert {step // 32 for _, step in hall.notes()} >= set(range(5))


def test_before_play_nothing_is_decoded_and_nothing_sounds() -> None:
    with Hall() as hall:
        for action, value in (("x", 0.9), ("fill", None), ("stop", None)):
            hall.do(action, value)
        assert hall.decodes(2.0) == 0
        assert not hall.playing and kinds(hall) == []


def test_play_while_playing_begins_again_at_bar_one() -> None:
    with Hall() as hall:
        hall.play(3.3)
        first = dict(list(hall.notes().items())[:20])
        hall.play(3.3)
        assert kinds(hall) == ["Play", "Stop", "Play"] and [message.line_tick for message in hall.of(wire.Started)] == [0, 0]  # type: ignore[union-attr]
        assert dict(list(hall.notes().items())[:20]) == first


@pytest.mark.parametrize(
    ("hands", "plays", "told"),
    [
        (["play", "stop"], False, ["Play", "Stop"]),
        (["play", "stop", "play"], True, ["Play", "Stop", "Play"]),
        (["play", "play"], True, ["Play", "Stop", "Play"]),
        (["play", "stop", "continue"], True, ["Play", "Stop", "Continue"]),
        (["stop", "continue", "stop"], False, ["Play", "Stop"]),
        (["play", "continue"], True, ["Play"]),
        (["play", "panic"], True, ["Play", "Panic"]),
    ],
)
def test_hands_faster_than_the_pipe_are_obeyed_in_order(hands: list[str], plays: bool, told: list[str]) -> None:
    with Hall() as hall:
        for hand in hands:
            hall.do(hand)
            hall.run(0.0005)
        hall.run(0.5)
        assert hall.playing == plays and kinds(hall) == told


def test_what_was_asked_after_a_start_waits_until_the_song_has_begun() -> None:
    with Hall() as hall:
        hall.do("play")
        hall.do("fill")
        hall.do("stop", "bar")
        hall.run(0.5)
        assert hall.ahead.fills[0].start in (0, 4)
        hall.run(2 * BAR_S)
        assert not hall.playing and hall.of(wire.Stopped)[-1].tick == BAR  # type: ignore[union-attr]


def test_stop_bar_plays_to_the_line_and_while_stopped_it_means_nothing() -> None:
    with Hall() as hall:
        hall.do("stop", "bar")
        hall.play(0.7 * BAR_S)
        hall.do("stop", "bar")
        hall.run(BAR_S)
        assert [message.tick for message in hall.of(wire.Stopped)] == [BAR]  # type: ignore[union-attr]
        assert max(step for _, step in hall.notes()) == 15
        hall.do("stop", "bar")
        hall.play(1.2 * BAR_S)
        assert hall.playing


@few
@given(st.floats(0.0, 2 * BAR_S), st.sampled_from(("now", "bar")))
def test_continue_goes_on_with_the_same_loop_from_where_it_stopped(after_s: float, when: str) -> None:
    with Hall() as rest, Hall() as hall:
        rest.play(4 * BAR_S)
        hall.play(after_s)
        hall.do("stop", when)
        hall.run(BAR_S + 0.1)
        stopped = hall.link.status().stopped_tick
        before = hall.notes()
        hall.do("continue")
        hall.run(2 * BAR_S)
        (line,) = (message.line_tick for message in hall.of(wire.Started)[1:])  # type: ignore[union-attr]
        assert abs(line - max(0, stopped)) <= STEP // 2 and line % STEP == 0
        end = min(line + 2 * BAR, 4 * BAR) // STEP - 4
        expected = {note: heard for note, heard in rest.notes().items() if line // STEP <= note[1] < end}
        again = {note: heard for note, heard in hall.notes().items() if note[1] < end}
        assert expected.items() <= again.items()
        assert {note: heard for note, heard in rest.notes().items() if note in before} == before


def test_continue_where_nothing_was_played_begins_at_bar_one_and_while_playing_means_nothing() -> None:
    with Hall() as hall:
        hall.do("continue")
        hall.run(BAR_S)
        hall.do("continue")
        hall.run(BAR_S)
        assert kinds(hall) == ["Play"] and len(hall.of(wire.Started)) == 1


def test_knobs_moved_while_stopped_are_heard_from_the_next_start_on() -> None:
    with Hall() as hall, Hall() as moved:
        for one in (hall, moved):
            one.play(0.9)
            one.do("stop")
            one.run(0.1)
        moved.do("density", 2.0)
        for one in (hall, moved):
            one.do("continue")
            one.run(BAR_S)
        assert moved.notes() != hall.notes()
        hall.do("density", 2.0)
        for one in (hall, moved):
            one.do("stop")
            one.run(0.1)
        assert moved.play(BAR_S).notes() == hall.play(BAR_S).notes()


def test_so_many_bars_and_it_is_over_whoever_stops_in_between() -> None:
    with Hall(bars=2) as hall:
        hall.play(0.6 * BAR_S)
        hall.do("stop")
        hall.run(0.5)
        assert not hall.instrument.over and not hall.playing
        hall.do("continue")
        hall.run(5 * BAR_S)
        assert hall.instrument.over and hall.of(wire.Stopped)[-1].tick == 2 * BAR
        assert max(step for _, step in hall.notes()) == 31


def test_played_again_from_bar_one_all_its_bars_are_played() -> None:
    with Hall(bars=1) as hall:
        hall.play(0.6 * BAR_S)
        hall.play(0.9 * BAR_S)
        assert hall.playing and not hall.instrument.over
        assert hall.run(BAR_S).instrument.over


def test_a_tempo_turned_in_one_go_with_play_is_the_tempo_of_the_first_bar() -> None:
    with Hall() as hall:
        hall.do("play")
        hall.do("tempo", 90.0)
        hall.run(0.2)
        assert kinds(hall) == ["Tempo", "Play"] and hall.link.status().clock.bpm == pytest.approx(90.0)


def test_a_player_that_does_not_answer_is_not_waited_for_for_ever() -> None:
    with Hall() as hall:
        hall.play(1.0)
        hall.link.deaf = True
        hall.do("stop")
        hall.do("fill")
        hall.run(ANSWER_S / 2)
        assert hall.instrument.awaited is not None and not hall.ahead.fills
        hall.run(ANSWER_S)
        assert hall.ahead.fills
        hall.link.deaf = False
        hall.run(0.2)
        assert not hall.playing


def test_a_death_ends_the_waiting_and_is_told() -> None:
    with Hall() as hall:
        hall.play(1.0)
        hall.link.deaf = True
        hall.do("stop")
        hall.run(PAGE_S)
        hall.link.inbox.messages.append(wire.Died("the player died and was replaced"))
        hall.run(PAGE_S)
        assert hall.instrument.awaited is None and hall.instrument.remark == "the player died and was replaced"


def test_at_the_end_everything_is_silent_and_heard() -> None:
    with Hall() as hall:
        hall.play(1.0)
        hall.instrument.finish()
        ons, offs = ([message for message in hall.of(wire.Sent) if message.on is on] for on in (True, False))  # type: ignore[union-attr]
        assert not hall.playing and len(ons) == len(offs) and hall.of(wire.Stopped)
        hall.instrument.finish()  # where nothing plays there is nothing to wait for
        assert kinds(hall) == ["Play", "Stop"]


def test_the_end_by_a_signal_takes_no_lock_that_the_loop_may_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """A handler runs within the thread that it interrupts: waiting there for that thread's own lock would be for ever."""
    with Hall() as hall:
        monkeypatch.setattr(hall.panel, "changed", None)
        monkeypatch.setattr(hall.panel, "_lock", None)
        hall.instrument.end()
        assert hall.instrument.over


def test_run_plays_until_it_is_over() -> None:
    with Hall(bars=1) as hall:
        hall.do("play")

        class Turning(threading.Event):
            """Lets the time pass instead of waiting."""

            def wait(self, timeout: float | None = None) -> bool:
                hall.link.run_to(hall.clock.now + max(timeout or 0.0, 0.001))
                return True

        hall.panel.changed = Turning()
        hall.instrument.run()
        assert hall.of(wire.Stopped)[-1].tick == BAR  # type: ignore[union-attr]
