"""Splicing, repeating, choking and silencing: what the player will play, in ticks."""

from collections import Counter
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from mvae.core.score import BEFORE, OFF, ON, REPEAT, SKIPPED, Due, Event, Handoff, Score

STEPS = 16
END = (STEPS - 2) * 240  # before a phrase of 16 steps repeats
LATE = 19


def due(voice: int, step: int, offset: int = 0, length: int = 100, velocity: int = 100, pitch: int | None = None) -> Due:
    on = step * 240 + offset
    return Due(voice, step, on, on + length, 9, 36 + voice if pitch is None else pitch, velocity)


def phrase(*notes: Due, start: int = 0, take_hold: int | None = None, part: int = 0, generation: int = 1, steps: int = STEPS) -> Handoff:
    return Handoff(part, generation, start, steps, start if take_hold is None else take_hold, notes)


def ons(events: Iterable[Event]) -> list[tuple[int, int, int]]:
    return [(event.tick, event.voice, event.step) for event in events if event.kind == ON]


def identities(events: Iterable[Event]) -> Counter[tuple[int, int, int]]:
    return Counter((event.part, event.voice, event.step) for event in events if event.kind == ON)


CELLS = st.tuples(st.integers(0, 3), st.integers(0, STEPS - 1))
PLACED = st.tuples(st.integers(-100, 100), st.integers(1, 500), st.integers(1, 127))
PHRASES = st.dictionaries(CELLS, PLACED, max_size=24).map(
    lambda cells: phrase(*(due(voice, step, *placed) for (voice, step), placed in cells.items()))
)
TAKES = st.tuples(PHRASES, st.integers(0, STEPS), st.integers(-200, END)).map(
    lambda take: (Handoff(0, 2, 0, STEPS, take[1], take[0].notes), take[2])
)
SPLICES = st.lists(TAKES, max_size=4).map(lambda takes: sorted(takes, key=lambda take: take[1]))


def play(first: Handoff, splices: list[tuple[Handoff, int]], looks: Iterable[int] = ()) -> list[Event]:
    """Everything up to END, with `due` asked at every splice or at other ticks too."""
    score, events, todo = Score(), [], sorted(looks)
    score.accept(first, BEFORE)
    for handoff, tick in splices:
        while todo and todo[0] <= tick:
            events += score.due(todo.pop(0))
        score.accept(handoff, tick, LATE)
    for tick in todo:
        events += score.due(tick)
    return events + score.due(END) + score.silence(END)


@given(PHRASES, SPLICES, st.lists(st.integers(-300, END), max_size=20))
def test_the_same_splices_give_the_same_events_however_often_due_is_asked(
    first: Handoff, splices: list[tuple[Handoff, int]], looks: list[int]
) -> None:
    assert play(first, splices, looks) == play(first, splices)


@given(PHRASES, SPLICES)
def test_no_identity_sounds_twice(first: Handoff, splices: list[tuple[Handoff, int]]) -> None:
    assert all(count == 1 for count in identities(play(first, splices)).values())


@given(PHRASES, PHRASES, st.integers(0, STEPS), st.integers(-200, END))
def test_a_splice_loses_no_identity_that_both_phrases_hold(old: Handoff, new: Handoff, take_hold: int, tick: int) -> None:
    sounded = identities(play(old, [(Handoff(0, 2, 0, STEPS, take_hold, new.notes), tick)]))
    both = {note[:2] for note in old.notes} & {note[:2] for note in new.notes}
    assert {(0, voice, step) for voice, step in both if step < STEPS - 3} <= set(sounded)


@given(PHRASES, PHRASES, st.integers(0, STEPS), st.integers(-200, END))
def test_from_the_take_hold_step_on_only_the_new_phrase_sounds_and_before_it_only_the_old(
    old: Handoff, new: Handoff, take_hold: int, tick: int
) -> None:
    events = play(old, [(Handoff(0, 2, 0, STEPS, take_hold, new.notes), tick)])
    held = {note[:2] for note in new.notes}
    for event in (event for event in events if event.kind == ON):
        if event.step < take_hold:
            assert (event.voice, event.step) in {note[:2] for note in old.notes}
        elif event.tick > tick:
            assert (event.voice, event.step) in held


@given(PHRASES, SPLICES)
def test_every_note_on_is_closed_and_offs_come_before_ons(first: Handoff, splices: list[tuple[Handoff, int]]) -> None:
    sounding: set[tuple[int, int]] = set()
    last = (BEFORE, ON)
    for event in play(first, splices):
        if event.kind not in (ON, OFF):
            continue
        assert event.tick >= last[0]
        key = (event.channel, event.pitch)
        assert (key in sounding) == (event.kind == OFF)
        sounding ^= {key}
        last = (event.tick, event.kind)
    assert not sounding


def test_a_splice_sounds_a_new_note_at_once_if_it_is_a_little_late_and_drops_it_if_it_is_very_late() -> None:
    score = Score()
    score.accept(phrase(), BEFORE)
    spliced = score.accept(phrase(due(0, 4), due(1, 3)), 4 * 240 + 10, LATE)
    assert (spliced.late, spliced.dropped) == (1, 1)
    events = score.due(3000)
    assert ons(events) == [(970, 0, 4)]
    assert [event.tick for event in events if event.kind == OFF] == [1070]  # it keeps its length


def test_an_old_note_stays_where_the_new_phrase_has_the_same_one_too_early_to_sound() -> None:
    score = Score()
    score.accept(phrase(due(0, 4, offset=100)), BEFORE)
    spliced = score.accept(phrase(due(0, 4, offset=-100)), 960, LATE)
    assert (spliced.kept, spliced.replaced, spliced.dropped) == (1, 0, 0)
    assert ons(score.due(2000)) == [(1060, 0, 4)]


def test_a_sounding_note_keeps_its_end_across_a_splice_that_lacks_it() -> None:
    score = Score()
    score.accept(phrase(due(0, 4, length=700)), BEFORE)
    score.due(1000)
    score.accept(phrase(), 1000)
    assert [(event.tick, event.kind) for event in score.due(3000)] == [(1660, OFF)]


def test_a_sounding_note_ends_earlier_if_the_new_phrase_says_so_but_not_later() -> None:
    for length, end in ((200, 1160), (20, 1000), (900, 1660)):
        score = Score()
        score.accept(phrase(due(0, 4, length=700)), BEFORE)
        score.due(1000)
        assert score.accept(phrase(due(0, 4, length=length)), 1000).kept == 1
        assert [(event.tick, event.kind) for event in score.due(3000)] == [(end, OFF)]


def test_a_sounding_note_ends_earlier_though_the_new_phrase_has_it_at_another_pitch() -> None:
    score = Score()
    score.accept(phrase(due(0, 4, length=700)), BEFORE)
    score.due(1000)
    score.accept(phrase(due(0, 4, length=200, pitch=48)), 1000)
    assert [(event.tick, event.kind, event.pitch) for event in score.due(3000)] == [(1160, OFF, 36)]


def test_a_silent_part_ends_what_sounds_and_what_is_to_begin_at_its_line_and_leaves_others_alone() -> None:
    score = Score()
    score.accept(phrase(due(0, 4, length=3000), due(1, 6, length=3000), due(2, 9)), BEFORE)
    score.accept(phrase(due(5, 4, length=2000), part=1), BEFORE)
    score.due(1000)
    score.accept(Handoff(0, 2, 0, STEPS, 8, (), silent=True), 1000)
    found = [(event.tick, event.kind, event.voice) for event in score.due(3100)]
    assert found == [(1440, ON, 1), (1920, OFF, 0), (1920, OFF, 1), (2960, OFF, 5)]


def test_note_off_precedes_next_note_on_of_the_same_pitch_and_of_the_same_voice() -> None:
    score = Score()
    score.accept(phrase(due(0, 1, length=999), due(1, 2, length=999, pitch=36), due(1, 3, pitch=50)), BEFORE)
    kinds = [(event.tick, event.kind, event.pitch) for event in score.due(740)]
    assert kinds == [(240, ON, 36), (480, OFF, 36), (480, ON, 36), (720, OFF, 36), (720, ON, 50)]


def test_on_one_tick_the_offs_come_before_the_ons_of_other_voices() -> None:
    score = Score()
    score.accept(phrase(due(0, 1, length=240), due(1, 2)), BEFORE)
    assert [(event.kind, event.voice) for event in score.due(480)] == [(ON, 0), (OFF, 0), (ON, 1)]


def test_of_two_notes_that_strike_one_pitch_on_one_tick_the_louder_sounds() -> None:
    score = Score()
    score.accept(phrase(due(0, 1, velocity=40), due(1, 1, velocity=90, pitch=36)), BEFORE)
    assert [(event.kind, event.velocity) for event in score.due(1000)] == [(ON, 90), (OFF, 0)]


def test_an_early_hit_belongs_to_its_step_and_not_to_the_bar_it_sounds_in() -> None:
    score = Score()
    score.accept(phrase(due(0, 0)), BEFORE)
    score.accept(phrase(due(0, 16, offset=-100), start=16), BEFORE)
    score.accept(phrase(due(1, 15)), 0)  # the first phrase again: the early hit of the second is not its own
    assert ons(score.due(3999)) == [(0, 0, 0), (3600, 1, 15), (3740, 0, 16)]


def test_a_phrase_repeats_until_a_new_one_comes() -> None:
    score = Score()
    score.accept(phrase(due(0, 0), due(1, 15)), BEFORE)
    events = score.due(3 * 3840 - 500)
    assert [(event.tick, event.step) for event in events if event.kind == REPEAT] == [(3840 - 360, 16), (2 * 3840 - 360, 32)]
    assert ons(events) == [(0, 0, 0), (3600, 1, 15), (3840, 0, 16), (7440, 1, 31), (7680, 0, 32)]


def test_a_handoff_that_comes_after_the_repeat_began_is_spliced_into_it() -> None:
    score = Score()
    score.accept(phrase(due(0, 0), due(1, 15)), BEFORE)
    score.due(4000)
    score.accept(phrase(due(2, 24), start=16, take_hold=20), 4000)
    assert ons(score.due(7670)) == [(5760, 2, 24)]


def test_a_handoff_in_time_prevents_the_repeat() -> None:
    score = Score()
    score.accept(phrase(due(0, 0)), BEFORE)
    score.accept(phrase(due(1, 16), start=16), 3840 - 361)
    events = score.due(3900)
    assert ons(events) == [(0, 0, 0), (3840, 1, 16)] and not any(event.kind == REPEAT for event in events)


def test_a_repeat_comes_early_enough_for_the_earliest_hit_of_the_phrase() -> None:
    score = Score()
    score.accept(phrase(due(0, 0, offset=-300)), BEFORE)
    assert [event.tick for event in score.due(3839) if event.kind in (REPEAT, ON)] == [-300, 3840 - 240 - 300, 3540]


def test_a_repeat_holds_what_splices_made_of_the_phrase() -> None:
    score = Score()
    score.accept(phrase(due(0, 1), due(0, 8)), BEFORE)
    score.accept(phrase(due(1, 1), due(1, 8), take_hold=4), 700)
    assert ons(score.due(7000)) == [(240, 0, 1), (1920, 1, 8), (4080, 0, 17), (5760, 1, 24)]


def test_parts_repeat_by_themselves() -> None:
    score = Score()
    score.accept(phrase(due(0, 0)), BEFORE)
    score.accept(phrase(due(5, 0), part=1, steps=32), BEFORE)
    repeats = [(event.part, event.step) for event in score.due(2 * 3840 - 300) if event.kind == REPEAT]
    assert repeats == [(0, 16), (0, 32), (1, 32)]


def test_after_a_stall_overdue_note_ons_are_skipped_and_note_offs_are_not() -> None:
    score = Score()
    score.accept(phrase(due(0, 0), due(0, 2), due(1, 3)), BEFORE)
    score.due(0)
    events = score.due(720, oldest_on_tick=700)
    assert [(event.tick, event.kind, event.voice) for event in events] == [(100, OFF, 0), (480, SKIPPED, 0), (720, ON, 1)]


def test_going_on_from_a_step_sounds_it_and_all_later_ones_again() -> None:
    score = Score()
    score.accept(phrase(due(0, 0), due(0, 4), due(0, 8)), BEFORE)
    score.due(1000)
    score.silence(1000)
    score.seek(4)
    assert score.early_ticks(4) == 120
    assert ons(score.due(2000)) == [(960, 0, 4), (1920, 0, 8)]


def test_a_stop_at_a_bar_line_keeps_the_early_hits_after_it_silent() -> None:
    score = Score()
    score.accept(phrase(due(0, 15), due(0, 16, offset=-50), steps=32), BEFORE)
    score.stop_at(16)
    assert ons(score.due(3840)) == [(3600, 0, 15)]
    score.silence(3840)
    score.seek(16)
    assert ons(score.due(4000)) == [(3790, 0, 16)]


def test_a_song_that_stops_at_the_end_of_a_phrase_does_not_repeat_it() -> None:
    score = Score()
    score.accept(phrase(due(0, 15)), BEFORE)
    score.stop_at(16)
    assert not any(event.kind == REPEAT for event in score.due(5000))
    score.stop_at(17)
    assert any(event.kind == REPEAT for event in score.due(5000))


def test_next_tick_names_the_next_event_and_nothing_when_there_is_none() -> None:
    score = Score()
    assert score.next_tick() is None
    score.accept(phrase(due(0, 1)), BEFORE)
    ticks = []
    while (tick := score.next_tick()) is not None and tick < 3840:
        ticks.append(tick)
        score.due(tick)
    assert ticks == [240, 340, 3480]


def test_what_is_held_is_told_per_part() -> None:
    score = Score()
    score.accept(phrase(due(0, 2), generation=7), BEFORE)
    score.due(500)
    assert score.parts() == [(0, 7, 16, 3)] and score.sounding() == [(9, 36)]


def test_memory_stays_flat_over_a_thousand_bars() -> None:
    score = Score()
    for bar in range(1000):
        score.accept(phrase(*(due(0, bar * 16 + step) for step in range(16)), start=bar * 16), bar * 3840 - 2000)
    part = score._parts[0]
    assert len(part.held) < 100 and len(part.played) < 100 and len(part.phrases) < 5


def test_from_the_line_where_others_come_nothing_of_what_was_held_plays_or_repeats() -> None:
    score = Score()
    score.accept(phrase(due(0, 0), due(0, 12), due(1, 15), steps=16), BEFORE)
    score.accept(phrase(due(2, 4), steps=16, part=1), BEFORE)
    events = score.due(100)
    score.leave(12, 100)
    score.accept(phrase(due(5, 13), start=8, take_hold=12, steps=8, generation=2), 100, LATE)
    events += score.due(15 * 240)
    assert ons(events) == [(0, 0, 0), (4 * 240, 2, 4), (13 * 240, 5, 13)]
    assert [row[0] for row in score.parts()] == [0]  # the other part has gone
    assert [event.part for event in score.due(40 * 240) if event.kind == REPEAT] == [0] * 3


def test_a_note_that_sounds_when_others_come_keeps_its_end() -> None:
    score = Score()
    score.accept(phrase(due(0, 10, length=1500), part=0), BEFORE)
    score.accept(phrase(due(0, 10, length=1500, pitch=60), part=1), BEFORE)
    score.leave(12, 10 * 240)
    score.accept(phrase(due(0, 13, pitch=62), part=1, start=12, take_hold=12, steps=4, generation=2), 10 * 240, LATE)
    offs = [(event.tick, event.part) for event in score.due(17 * 240) if event.kind == OFF]
    assert offs == [(13 * 240, 1), (13 * 240 + 100, 1), (10 * 240 + 1500, 0)]  # but where its own voice begins again


def test_what_was_played_before_others_came_is_not_repeated_with_their_phrase() -> None:
    score = Score()
    score.accept(phrase(due(0, 2), due(0, 6)), BEFORE)
    events = score.due(7 * 240)
    score.leave(8, 7 * 240)
    score.accept(phrase(due(1, 9), take_hold=8, generation=2), 7 * 240, LATE)
    assert ons(events + score.due(30 * 240))[2:] == [(9 * 240, 1, 9), (25 * 240, 1, 25)]
