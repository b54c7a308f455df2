"""Ahead of the music: what is decoded, forced and handed over, with a decoder made of arithmetic and a score that plays it."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.score import ON, Handoff
from tests.live.band import BAR, BPM, DRUMS, PHRASE, REST, STEP, STEPS, Band, chosen, few, knobs, moves, pushes, quantise, ticks


@few
@given(st.integers(0, 2**63), knobs)
def test_with_the_knobs_at_rest_a_loop_repeats_exactly(seed: int, to: Mapping[str, float]) -> None:
    band = Band(REST.moved(to), seed=seed).run(3 * PHRASE + PHRASE // 2)
    assert band.loop(0) == band.loop(1) == band.loop(2)


def test_the_toy_decoder_is_worth_playing() -> None:
    """The other tests need hits on about a third of the cells, some early, and knobs that change them."""
    band, other = Band().run(PHRASE), Band(REST.moved({"density": 2.0})).run(PHRASE)
    early = [tick for (_, step), (tick, _) in band.loop(0).items() if tick < step * STEP]
    assert 50 < len(band.loop(0)) < 150 and len(early) > 20 and len(set(band.loop(0)) ^ set(other.loop(0))) > 20


@few
@given(moves.map(lambda some: some or [(100, {"x": 1.0})]), pushes)
def test_what_was_heard_of_the_phrase_is_forced_exactly(some: list[tuple[int, Mapping[str, float]]], push: Mapping[str, float]) -> None:
    band = Band()
    for tick, to in some:
        band.run(tick)
        plans = dict(band.ahead.plans)
        handoff = band.turn(tick, {**to, **push})
        old, new = plans.get(handoff.start_step // STEPS), band.ahead.plans[handoff.start_step // STEPS]
        within = handoff.take_hold_step - handoff.start_step
        if old is not None:
            assert np.array_equal(new.tokens[:within], old.tokens[:within])
            for voice, step in band.heard(handoff.take_hold_step, handoff.start_step + STEPS):
                assert np.array_equal(new.tokens[step % STEPS, voice::9], old.tokens[step % STEPS, voice::9])


def test_a_note_that_was_heard_stays_forced_when_its_feel_is_moved_past_the_present() -> None:
    band = Band(REST.moved({"timing": 2.0}))
    note = next(note for note in band.ahead.plans[0].placed[0] if note.on_tick < note.step * STEP - 60 and note.step > 4)
    tick, cell = note.on_tick + 10, (note.step, note.voice)
    for timing in (0.0, 0.01):  # now the model says that it comes on its line
        assert band.turn(tick, {"timing": timing, "temperature": 0.6 + timing}).take_hold_step == note.step
        mask = band.decoder.asked[-1][3]
        assert mask is not None and mask[cell] and not mask[note.step + 1 :].any()


def test_a_change_that_asks_nothing_new_of_the_decoder_keeps_the_phrase_as_it_stands() -> None:
    band = Band(REST)
    before = band.ahead.plans[0].tokens
    for to in ({"push": 10.0}, {"velocity": 0.5}, {"timing": 0.5}):
        band.turn(STEPS // 3 * STEP, to)
        assert band.ahead.plans[0].tokens is before
    assert all(mask is None for *_, mask in band.decoder.asked)  # only phrases that follow were decoded


@few
@given(ticks, knobs, quantise)
def test_no_note_handed_over_lies_before_the_take_hold_step(tick: int, to: Mapping[str, float], quantum: str) -> None:
    band = Band(chosen(REST, quantum))
    for handoff in (band.turn(tick, to), band.fill(tick), *band.ahead.follow(band.at, BPM)):
        assert all(handoff.take_hold_step <= note.step < handoff.start_step + STEPS for note in handoff.notes)
        assert handoff.start_step <= handoff.take_hold_step


@few
@given(moves, st.sets(ticks, max_size=2))
def test_moves_and_fills_sound_no_identity_twice_and_lose_none_that_is_planned(
    some: list[tuple[int, Mapping[str, float]]], fills: set[int]
) -> None:
    band = Band()
    asked: list[tuple[int, Mapping[str, float] | None]] = sorted([*some, *((tick, None) for tick in fills)], key=lambda ask: ask[0])
    for tick, to in asked:
        band.fill(tick) if to is None else band.turn(tick, to)
    index, last = max(band.ahead.plans), band.tick
    plan = band.ahead.plans[index]
    band.run((index + 1) * PHRASE + STEP)
    sounded = [(event.voice, event.step) for event in band.events if event.kind == ON]
    assert len(sounded) == len(set(sounded))
    assert {(note.voice, note.step + index * STEPS) for note in plan.placed[0] if note.on_tick + index * PHRASE > last} <= set(sounded)


@few
@given(ticks, knobs, quantise)
def test_a_change_takes_hold_at_the_boundary_and_not_before(tick: int, to: Mapping[str, float], quantum: str) -> None:
    steps = {"now": 1, "beat": 4, "bar": 16, "phrase": STEPS}[quantum]
    band, rest = Band(chosen(REST, quantum)), Band()
    hold = band.turn(tick, to).take_hold_step
    assert hold % steps == 0 and (hold - steps) * STEP - STEP // 2 <= max(tick, -STEP // 2) < hold * STEP + STEP // 2
    band.run(hold * STEP + PHRASE), rest.run(hold * STEP + PHRASE)
    assert band.heard(0, hold) == rest.heard(0, hold)
    if band.dropped == 0 and hold % STEPS == 0 and hold * STEP > tick + STEP:
        assert band.loop(hold // STEPS) == Band(band.at).run(PHRASE).loop(0)


@pytest.mark.parametrize(("quantum", "hold"), [("now", 5), ("beat", 8), ("bar", 16), ("phrase", 32)])
def test_quantise_says_which_line_a_change_waits_for(quantum: str, hold: int) -> None:
    assert Band(chosen(REST, quantum)).turn(5 * STEP, {"x": 0.9}).take_hold_step == hold


def test_a_change_on_a_boundary_of_which_nothing_was_heard_takes_hold_there() -> None:
    band = Band(chosen(REST.moved({"timing": 0.0, "feel": 0.0}), "bar"))
    assert band.turn(16 * STEP - 30, {"x": 0.9}).take_hold_step == 16
    assert Band(band.at).turn(16 * STEP + 30, {"x": 0.2}).take_hold_step == 32


def test_variation_changes_some_cells_of_each_loop_and_not_all() -> None:
    band = Band(REST.moved({"variation": 0.1})).run(6 * PHRASE)
    loops = [set(band.loop(index)) for index in range(5)]
    for one, two in pairwise(loops):
        assert 0 < len(one ^ two) < len(one | two) / 2


def test_reseed_changes_what_is_still_to_come_and_nothing_that_was_heard() -> None:
    band, rest = Band(), Band()
    band.run(9 * STEP)
    band.ahead.reseed()
    hold = band.turn(9 * STEP, {}).take_hold_step
    band.run(2 * PHRASE), rest.run(2 * PHRASE)
    assert band.heard(0, hold) == rest.heard(0, hold)
    assert band.loop(1) != rest.loop(1)


@pytest.mark.parametrize("seed", [2, 2**63])
def test_another_seed_is_another_drummer(seed: int) -> None:
    assert Band(seed=seed).run(PHRASE).loop(0) != Band(seed=1).run(PHRASE).loop(0)


def test_after_a_repeat_what_follows_continues_what_was_heard() -> None:
    band = Band(REST.moved({"variation": 1.0}))
    first = band.ahead.plans[0].tokens
    for line in (STEPS, 2 * STEPS):  # the player had nothing newer, twice
        band.ahead.repeated(line)
    assert band.ahead.planned_to == 3 * STEPS
    (handoff,) = band.ahead.move(2 * PHRASE + 10 * STEP, band.at.moved({"x": 0.9}), BPM)
    assert (handoff.start_step, handoff.take_hold_step) == (2 * STEPS, 2 * STEPS + 10)
    assert np.array_equal(band.ahead.plans[2].tokens[:10], first[:10])


def test_what_was_heard_the_first_time_is_still_to_come_when_a_phrase_is_repeated() -> None:
    band = Band(REST.moved({"timing": 2.0}))
    note = next(note for note in band.ahead.plans[0].placed[0] if note.on_tick < note.step * STEP - 60 and note.step > 4)
    band.turn(note.on_tick + 10, {"timing": 1.0})  # this note is heard, the others of its step perhaps not
    band.ahead.repeated(STEPS)
    (handoff,) = band.ahead.move(PHRASE + note.on_tick - 1, band.at.moved({"x": 0.9}), BPM)
    mask = band.decoder.asked[-1][3]
    assert handoff.start_step == STEPS and mask is not None and not mask[note.step, note.voice]


def test_a_repeat_of_what_is_planned_already_changes_nothing() -> None:
    band = Band(REST.moved({"variation": 1.0}))
    band.ahead.follow(band.at, BPM)
    plans = dict(band.ahead.plans)
    band.ahead.repeated(STEPS)
    band.ahead.repeated(40 * STEPS)  # of a song that was over
    assert band.ahead.plans == plans


def test_far_behind_the_music_what_was_decoded_before_catches_up() -> None:
    band = Band()
    asked = len(band.decoder.asked)
    (handoff,) = band.ahead.move(900 * PHRASE + 5 * STEP, band.at, BPM)
    assert handoff.start_step == 900 * STEPS and len(band.decoder.asked) == asked
    assert not band.ahead.wants_next(900 * PHRASE - 1) and band.ahead.wants_next(900 * PHRASE + 5 * STEP)
    assert len(band.ahead.plans) == 1


def test_from_bar_one_again_it_is_the_same_song_with_the_same_seed() -> None:
    band = Band()
    first = band.ahead.plans[0].tokens
    band.run(3 * PHRASE)
    band.fill(3 * PHRASE)
    (again,) = band.ahead.begin(REST, BPM)
    assert (again.start_step, again.take_hold_step) == (0, 0)
    assert np.array_equal(band.ahead.plans[0].tokens, first) and not band.ahead.fills and len(band.ahead.plans) == 1


def test_generations_count_up_so_that_no_handoff_is_taken_for_another() -> None:
    band = Band()
    handoffs = [band.turn(tick, {"x": tick / BAR}) for tick in range(0, BAR, STEP)]
    assert all(later.generation > one.generation for one, later in pairwise(handoffs))


@pytest.mark.parametrize(("delay_ms", "after_ticks", "hold"), [(0.0, -60, 5), (50.0, -60, 4), (0.0, 30, 5), (-50.0, 30, 6)])
def test_the_take_hold_step_follows_a_part_that_is_delayed(delay_ms: float, after_ticks: int, hold: int) -> None:
    band = Band(part=replace(DRUMS, delay_ms=delay_ms))
    assert band.turn(5 * STEP + after_ticks, {"x": 0.9}).take_hold_step == hold


def test_the_same_calls_give_the_same_handoffs() -> None:
    def handoffs() -> list[Handoff]:
        band = Band()
        return [band.turn(500, {"x": 1.0}), band.fill(3000), band.turn(4000, {"variation": 0.5}), *band.ahead.follow(band.at, BPM)]

    assert handoffs() == handoffs()
