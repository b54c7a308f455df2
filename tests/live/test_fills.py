"""A fill comes and goes back exactly, a mute leaves the loop as it was: nothing that is laid over a phrase changes it."""

from collections.abc import Mapping
from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.groove import HITS
from tests.live.band import BAR, BEAT, PHRASE, REST, STEP, STEPS, Band, chosen, few, moves, quantise, ticks
from tests.toy_decoder import ToyDecoder


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
