"""Ahead of the music: what is decoded, forced and handed over, with a decoder made of arithmetic and a score that plays it."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mvae.core.drums import NOTE_OF_CLASS
from mvae.core.groove import HITS
from mvae.core.panel import Positions, start
from mvae.core.part import Part, Sound
from mvae.core.patch import Knob, Patch
from mvae.core.score import BEFORE, ON, Event, Handoff, Score
from mvae.live.lookahead import Lookahead
from tests.toy_decoder import ToyDecoder

BPM = 120.0
STEP, STEPS = 240, 32
BEAT, BAR, PHRASE = 4 * STEP, 16 * STEP, STEPS * STEP
LATE = 19  # ticks: 10 ms
DRUMS = Part("drums", "toy", tuple(Sound(9, note) for note in NOTE_OF_CLASS))
CORNERS = (("A", "rock"), ("B", "funk"), ("C", "jazz"), ("D", "latin"))
PATCH = Patch(Path("toy.toml"), "Toy", "now", None, (DRUMS,), CORNERS, (Knob("density", -2, 2, axis="density"),))
REST = start(PATCH.actions()).moved({"x": 0.3, "y": 0.4})
KNOBS = {"x": (0.0, 1.0), "y": (0.0, 1.0), "density": (-2.0, 2.0), "temperature": (0.0, 1.5), "feel": (0.0, 2.0), "timing": (0.0, 2.0)}

few = settings(deadline=None, max_examples=40)
knobs = st.fixed_dictionaries({}, optional={name: st.floats(low, high) for name, (low, high) in KNOBS.items()})
pushes = st.fixed_dictionaries({}, optional={"push": st.floats(-30, 30), "variation": st.floats(0, 1)})
moves = st.lists(st.tuples(st.integers(0, 3 * PHRASE), knobs), max_size=5).map(lambda some: sorted(some, key=lambda move: move[0]))
ticks = st.integers(-160, 2 * PHRASE)
quantise = st.sampled_from(("now", "beat", "bar", "phrase"))


def chosen(positions: Positions, quantum: str = "now", muted: bool = False) -> Positions:
    return replace(positions, choices={"quantise": quantum}, switches={"mute drums": muted})


class Band:
    """A lookahead and the score that plays what it hands over: each phrase when the one before begins, each move when it is asked for."""

    def __init__(self, positions: Positions = REST, decoder: ToyDecoder | None = None, seed: int = 1, part: Part = DRUMS) -> None:
        self.at, self.decoder = positions, decoder or ToyDecoder()
        self.ahead, self.score = Lookahead(PATCH, part, 0, self.decoder, seed), Score()
        self.events: list[Event] = []
        self.tick, self.dropped = -160, 0
        self.score.accept(self.ahead.begin(positions, BPM), BEFORE)

    def run(self, tick: int) -> "Band":
        """Play on to a tick."""
        while (line := max(self.tick, (self.ahead.planned_to - STEPS) * STEP)) <= tick and self.ahead.wants_next(line):
            self.play_to(line)
            self.take(self.ahead.follow(self.at, BPM))
        self.play_to(tick)
        return self

    def play_to(self, tick: int) -> None:
        self.tick = tick
        self.events += self.score.due(tick)

    def take(self, handoff: Handoff) -> Handoff:
        self.dropped += self.score.accept(handoff, self.tick, LATE).dropped
        return handoff

    def move(self, tick: int, positions: Positions) -> Handoff:
        """Play on to a tick, and from there with other positions."""
        self.run(tick)
        self.at = positions
        return self.take(self.ahead.move(tick, positions, BPM))

    def turn(self, tick: int, to: Mapping[str, float]) -> Handoff:
        return self.move(tick, self.at.moved(to))

    def fill(self, tick: int, bars: int = 1) -> Handoff:
        self.run(tick)
        return self.take(self.ahead.fill(tick, bars, self.at, BPM))

    def heard(self, first_step: int = 0, end_step: int = 1 << 30) -> dict[tuple[int, int], tuple[int, int]]:
        """(voice, step) -> tick and velocity of what has sounded."""
        ons = (event for event in self.events if event.kind == ON and first_step <= event.step < end_step)
        return {(event.voice, event.step): (event.tick, event.velocity) for event in ons}

    def loop(self, index: int) -> dict[tuple[int, int], tuple[int, int]]:
        """What has sounded of one phrase, counted from its line."""
        line = index * STEPS
        return {(voice, step - line): (tick - line * STEP, loud) for (voice, step), (tick, loud) in self.heard(line, line + STEPS).items()}


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
    note = next(note for note in band.ahead.plans[0].placed if note.on_tick < note.step * STEP - 60 and note.step > 4)
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
    for handoff in (band.turn(tick, to), band.fill(tick), band.ahead.follow(band.at, BPM)):
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
    assert {(note.voice, note.step + index * STEPS) for note in plan.placed if note.on_tick + index * PHRASE > last} <= set(sounded)


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


@few
@given(ticks, st.integers(1, 3), quantise)
def test_a_fill_comes_and_goes_back_exactly(tick: int, bars: int, quantum: str) -> None:
    band, rest = Band(chosen(REST, quantum)), Band()
    first = band.fill(tick, bars).take_hold_step
    end = band.ahead.fills[-1].end
    assert end == (first // 16 + min(bars, 2)) * 16
    band.run(end * STEP + PHRASE), rest.run(end * STEP + PHRASE)
    assert band.heard(0, first) == rest.heard(0, first) and band.heard(end) == rest.heard(end)
    assert band.dropped or band.heard(first, end) != rest.heard(first, end)


@few
@given(ticks, st.integers(1, 2), moves)
def test_a_fill_leaves_what_comes_after_it_alone_while_the_knobs_move(
    tick: int, bars: int, some: list[tuple[int, Mapping[str, float]]]
) -> None:
    band, rest = Band(), Band()
    before = [move for move in some if move[0] <= tick]
    for at, to in before:
        band.turn(at, to), rest.turn(at, to)
    first = band.fill(tick, bars).take_hold_step
    end = band.ahead.fills[-1].end
    for at, to in some[len(before) :]:
        band.turn(at, to), rest.turn(at, to)
    for one in (band, rest):
        one.run(max(end * STEP, one.tick) + PHRASE)
    assert band.heard(0, first) == rest.heard(0, first)
    assert {note: heard for note, heard in band.heard(end).items() if note in rest.heard(end)} == rest.heard(end)
    assert {step for _, step in set(band.heard(end)) ^ set(rest.heard(end))} <= {end}  # a note too late to sound after the fill


def test_hits_of_a_fill_are_not_taken_for_the_hits_of_the_phrase_below_it() -> None:
    band, rest = Band(), Band()
    band.fill(-160)
    for tick in range(STEP, BAR, STEP):
        band.turn(tick, {"density": tick / BAR}), rest.turn(tick, {"density": tick / BAR})
        mask, other = band.decoder.asked[-1][3], rest.decoder.asked[-1][3]
        assert mask is not None and other is not None and np.array_equal(mask, other)


def test_a_fill_of_two_bars_crosses_the_line_between_two_phrases() -> None:
    band = Band()
    assert band.fill(20 * STEP - STEP // 2 - 1, 2).take_hold_step == 20
    fill = band.ahead.fills[0]
    assert (fill.start, fill.end) == (20, 48)
    band.run(3 * PHRASE)
    assert {(voice, step) for voice, step in band.heard(20, 48)} == {
        (voice, step + 20) for step, voice in np.argwhere(fill.tokens[-28:, HITS] > 0.5).tolist()
    }


def test_fills_come_in_turn_and_each_with_its_own_chance() -> None:
    band = Band()
    for tick in (0, BAR, 2 * BAR):
        band.fill(tick)
    fills = [(z[0], hits) for z, hits, forced, _ in band.decoder.asked if z[0] >= 4 and forced is None]
    assert [z for z, _ in fills] == [4, 5, 4]
    chances = [band.decoder.asked[0][1], *(hits for _, hits in fills)]
    assert not any(np.array_equal(one, two) for one, two in combinations(chances, 2))


def test_a_bundle_without_fills_plays_on() -> None:
    band, rest = Band(decoder=ToyDecoder(fills=0)), Band(decoder=ToyDecoder(fills=0))
    band.fill(BAR)
    assert band.run(2 * PHRASE).heard() == rest.run(2 * PHRASE).heard()


def test_fills_in_a_row_keep_no_more_than_what_can_still_sound() -> None:
    band = Band()
    for tick in range(0, 6 * PHRASE, BEAT):
        for _ in range(3):
            band.fill(tick)
        assert len(band.ahead.fills) <= STEPS // 4 + 4 and len(band.ahead.plans) <= 3


@few
@given(ticks, st.integers(1, PHRASE), quantise)
def test_mute_and_unmute_leave_the_loop_as_it_was(tick: int, length: int, quantum: str) -> None:
    band, rest = Band(chosen(REST, quantum)), Band()
    off = band.move(tick, chosen(REST, quantum, muted=True)).take_hold_step
    on = band.move(tick + length, chosen(REST, quantum)).take_hold_step
    band.run(on * STEP + PHRASE), rest.run(on * STEP + PHRASE)
    assert band.heard(0, off) == rest.heard(0, off) and band.heard(on + 1) == rest.heard(on + 1)
    assert set(band.heard(off, on)) <= set(rest.heard(off, off + 1))  # only what sounded before the mute


def test_a_muted_part_goes_on_in_phase_and_the_knobs_still_steer_it() -> None:
    muted, rest = Band(chosen(REST, muted=True)), Band()
    for band in (muted, rest):
        band.turn(7 * STEP, {"x": 0.9})
    assert not muted.run(PHRASE - 1).heard()
    assert muted.ahead.plans[0].placed == rest.ahead.plans[0].placed != ()


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
    handoff = band.ahead.move(2 * PHRASE + 10 * STEP, band.at.moved({"x": 0.9}), BPM)
    assert (handoff.start_step, handoff.take_hold_step) == (2 * STEPS, 2 * STEPS + 10)
    assert np.array_equal(band.ahead.plans[2].tokens[:10], first[:10])


def test_what_was_heard_the_first_time_is_still_to_come_when_a_phrase_is_repeated() -> None:
    band = Band(REST.moved({"timing": 2.0}))
    note = next(note for note in band.ahead.plans[0].placed if note.on_tick < note.step * STEP - 60 and note.step > 4)
    band.turn(note.on_tick + 10, {"timing": 1.0})  # this note is heard, the others of its step perhaps not
    band.ahead.repeated(STEPS)
    handoff = band.ahead.move(PHRASE + note.on_tick - 1, band.at.moved({"x": 0.9}), BPM)
    mask = band.decoder.asked[-1][3]
    assert handoff.start_step == STEPS and mask is not None and not mask[note.step, note.voice]


def test_a_repeat_of_what_is_planned_already_changes_nothing() -> None:
    band = Band(REST.moved({"variation": 1.0}))
    band.ahead.follow(band.at, BPM)
    plans = dict(band.ahead.plans)
    band.ahead.repeated(STEPS)
    band.ahead.repeated(40 * STEPS)  # of a song that was over
    assert band.ahead.plans == plans


def test_far_behind_the_music_one_decode_catches_up() -> None:
    band = Band()
    asked = len(band.decoder.asked)
    handoff = band.ahead.move(900 * PHRASE + 5 * STEP, band.at, BPM)
    assert handoff.start_step == 900 * STEPS and len(band.decoder.asked) == asked + 1
    assert not band.ahead.wants_next(900 * PHRASE - 1) and band.ahead.wants_next(900 * PHRASE + 5 * STEP)
    assert len(band.ahead.plans) == 1


def test_from_bar_one_again_it_is_the_same_song_with_the_same_seed() -> None:
    band = Band()
    first = band.ahead.plans[0].tokens
    band.run(3 * PHRASE)
    band.fill(3 * PHRASE)
    again = band.ahead.begin(REST, BPM)
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
        return [band.turn(500, {"x": 1.0}), band.fill(3000), band.turn(4000, {"variation": 0.5}), band.ahead.follow(band.at, BPM)]

    assert handoffs() == handoffs()
