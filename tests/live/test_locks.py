"""Locks: a voice goes on as it is while all else changes around it, in grooves and in tokens, and lets go when it is told."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.drums import CLASSES
from mvae.core.groove import HITS
from mvae.core.panel import Positions
from mvae.core.part import Part
from mvae.live.instrument import make_panel
from mvae.live.locks import Locks, Voice, voices_in
from mvae.live.lookahead import Lookahead
from mvae.live.models import Said
from mvae.live.plans import Fill
from tests.live.band import BAR, BPM, PHRASE, REST, STEPS, Band, chosen, few
from tests.live.orchestra import ORCHESTRA, orchestra

KICK, SNARE = CLASSES.index("kick"), CLASSES.index("snare")
Heard = dict[tuple[int, int], tuple[int, int]]


def locked(positions: Positions, *names: str) -> Positions:
    return replace(positions, switches=dict(positions.switches) | {f"lock {name}": True for name in names})


def hits_of(fill: Fill, rows: int) -> list[tuple[int, int]]:
    """Step and voice of the hits in the last steps of a fill."""
    return [(step, voice) for step, voice in np.argwhere(fill.tokens[-rows:, HITS] > 0.5).tolist()]


def of_voice(heard: Heard, voice: int) -> Heard:
    return {key: note for key, note in heard.items() if key[0] == voice}


def test_a_locked_class_keeps_its_hits_velocities_and_timing_while_the_pad_moves() -> None:
    band = Band()
    band.run(PHRASE + BAR)
    band.move(PHRASE + BAR, locked(band.at, "drums kick"))
    band.turn(2 * PHRASE - 500, {"x": 0.9, "y": 0.1, "density": 1.5, "feel": 0.0})
    band.turn(3 * PHRASE - 500, {"x": 0.0})
    band.run(5 * PHRASE)
    first = {key: note[0] for key, note in of_voice(band.loop(0), KICK).items()}
    assert first and first.keys() == of_voice(band.loop(3), KICK).keys() == of_voice(band.loop(2), KICK).keys()
    assert band.loop(3).keys() != band.loop(0).keys()
    again = of_voice(band.loop(3), KICK)
    assert again == of_voice(band.loop(4), KICK)


def test_a_locked_part_stands_still_and_one_that_is_let_go_moves() -> None:
    band = Band()
    band.run(PHRASE)
    band.move(PHRASE + 10, locked(band.at, "drums"))
    band.turn(2 * PHRASE - 500, {"x": 0.9, "density": 1.5})
    band.run(4 * PHRASE - 600)
    assert band.loop(2) == band.loop(1) | {key: note for key, note in band.loop(2).items() if key not in band.loop(1)}
    assert band.loop(2).keys() == band.loop(1).keys()
    band.move(4 * PHRASE - 500, replace(band.at, switches=dict(REST.switches)))
    band.run(6 * PHRASE)
    assert band.loop(4).keys() != band.loop(2).keys()


@few
@given(st.sets(st.sampled_from(CLASSES), max_size=9), st.floats(-2, 2), st.integers(0, PHRASE))
def test_whatever_is_locked_whenever_the_others_are_as_free_as_ever(names: set[str], density: float, tick: int) -> None:
    band = Band(REST.moved({"feel": 0.0}))
    band.move(tick, locked(band.at, *(f"drums {name}" for name in sorted(names))))
    band.turn(2 * PHRASE - 300, {"density": density})
    band.run(4 * PHRASE)
    for name in names:
        assert of_voice(band.loop(2), CLASSES.index(name)) == of_voice(band.loop(1), CLASSES.index(name))


@few
@given(st.sets(st.sampled_from(CLASSES), min_size=1, max_size=8), st.integers(PHRASE, 2 * PHRASE), st.integers(1, 2))
def test_what_is_locked_goes_on_in_a_fill_and_the_rest_is_the_fills(names: set[str], tick: int, bars: int) -> None:
    band, rest, open_ = Band(REST.moved({"feel": 0.0})), Band(REST.moved({"feel": 0.0})), Band(REST.moved({"feel": 0.0}))
    for one in (band, rest):
        one.move(BAR, locked(one.at, *(f"drums {name}" for name in sorted(names))))
    band.fill(tick, bars), open_.fill(tick, bars)
    for one in (band, rest, open_):
        one.run(4 * PHRASE)
    kept = {CLASSES.index(name) for name in names}
    fill = band.ahead.fills[-1] if band.ahead.fills else open_.ahead.fills[-1]
    inside = band.heard(fill.start, fill.end)
    assert {key: note for key, note in inside.items() if key[0] in kept} == {
        key: note for key, note in rest.heard(fill.start, fill.end).items() if key[0] in kept
    }
    free = {(voice, step) for voice, step in inside if voice not in kept}
    wanted = {(voice, fill.start + step) for step, voice in hits_of(fill, fill.end - fill.start) if voice not in kept}
    assert free <= wanted and {step for _, step in wanted - free} <= {fill.start}  # a note too late to sound


def test_a_fill_hears_what_is_locked() -> None:
    band = Band()
    band.move(BAR, locked(band.at, "drums kick"))
    band.fill(PHRASE + BAR, 2)
    _, _, forced, mask = next(asked for asked in band.decoder.asked if asked[0][0] >= 4)
    kicks, fill = band.ahead.plans[1].tokens[:, KICK], band.ahead.fills[-1]
    assert forced is not None and mask is not None and mask[:, KICK].all() and not np.delete(mask, KICK, 1).any()
    assert fill.end % STEPS == 16 and forced[:, KICK].tolist() == np.roll(kicks, 16).tolist()  # it goes over the line of the phrase


def test_the_same_moves_with_the_same_locks_give_the_same_music() -> None:
    def played() -> Heard:
        band = Band()
        band.move(3000, locked(band.at, "drums snare"))
        band.turn(5000, {"x": 0.8})
        band.move(9000, chosen(band.at))
        return band.run(3 * PHRASE).heard()

    assert played() == played()


def test_a_bar_takes_hold_of_a_lock_when_the_quantise_says() -> None:
    band = Band(chosen(REST, "phrase"))
    band.move(3000, locked(band.at, "drums kick"))
    band.turn(3000, {"x": 0.9})
    band.run(3 * PHRASE)
    assert of_voice(band.loop(1), KICK).keys() == of_voice(band.loop(0), KICK).keys()


def test_a_bit_of_a_drum_set_is_decided_and_the_other_bits_are_free() -> None:
    part = Part("kit", "toy", (), stream="drums")
    locks = Locks([part], ["drums"], 4, np.zeros((0, 1), np.int64))
    at = locked(REST, "kit snare")
    locks.planned(0, np.array([[3], [1], [2], [0]]))
    locks.turn(at)
    forced, mask, bits = locks.forced(locks.asked(at), 0)
    assert forced is not None and mask is not None and bits is not None
    assert not mask.any() and (forced & bits)[:, 0].tolist() == [2, 0, 2, 0] and bits[:, 0].tolist() == [2, 2, 2, 2]


def test_of_a_step_that_was_heard_no_bit_is_left_to_decide() -> None:
    part = Part("kit", "toy", (), stream="drums")
    locks = Locks([part], ["drums"], 2, np.zeros((0, 1), np.int64))
    at = locked(REST, "kit snare")
    locks.planned(0, np.array([[2], [2]]))
    locks.turn(at)
    forced, mask, bits = locks.forced(locks.asked(at), 0, np.array([[5], [5]]), np.array([[True], [False]]))
    assert forced is not None and mask is not None and bits is not None
    assert (forced[0, 0], mask[0, 0], bits[0, 0]) == (5, True, 0) and (forced[1, 0] & 2, mask[1, 0], bits[1, 0]) == (2, False, 2)


def test_what_was_offered_is_kept_for_its_voices_alone() -> None:
    part = Part("kit", "toy", (), stream="drums")
    locks = Locks([part], ["drums"], 2, np.zeros((0, 1), np.int64))
    at = locked(REST, "kit snare", "kit kick")
    locks.planned(0, np.array([[1], [1]]))
    locks.turn(at)
    locks.offer(np.array([[2.0], [0.0]], np.float32))
    assert locks.switches_of(np.array([[2], [0]])) == ("lock kit snare",)
    forced, _, bits = locks.forced(locks.asked(at), 0)
    assert forced is not None and bits is not None and (forced & bits)[:, 0].tolist() == [3, 1]


def test_the_voices_of_a_phrase_are_those_that_begin_something() -> None:
    groove = np.zeros((32, 27), np.float32)
    groove[4, SNARE] = groove[4, 9 + KICK] = 1.0
    assert voices_in(groove, 9, None) == (Voice(SNARE),)
    trio = np.array([[62, 1, 5], [0, 0, 0]])
    assert voices_in(trio, 3, 2) == (Voice(0), Voice(2), Voice(2, 0), Voice(2, 2))


def test_a_locked_stream_goes_on_in_every_bar_of_a_model_that_says_bars_and_a_class_of_a_drum_set_too() -> None:
    band, panel = orchestra(), make_panel(ORCHESTRA, {}, BPM)
    ahead, at = band.of(2), panel.snapshot()
    band.begin(at, BPM)
    while ahead.planned_to < 8 * 16:
        ahead.follow(at, BPM)
    kept = said_by(ahead)
    at = locked(at, "bass", "kit snare")
    band.move((8 * 16 - 2) * 240, at, BPM)
    moved = at.moved({"x": 0.95, "density": 1.5})
    band.move((8 * 16 - 1) * 240, moved, BPM)
    while ahead.planned_to < 12 * 16:
        ahead.follow(moved, BPM)
    now = said_by(ahead)
    for unit in range(4):
        assert now[unit][:, 1].tolist() == kept[unit][:, 1].tolist()
        assert (now[unit][:, 2] >> SNARE & 1).tolist() == (kept[unit][:, 2] >> SNARE & 1).tolist()
    assert any((now[unit] != kept[unit]).any() for unit in range(4))


def said_by(ahead: Lookahead) -> dict[int, Said]:
    """What each unit of the phrase says freely, in the way that the last plan asked for it."""
    asked = ahead.plans[max(ahead.plans)].asked
    return {unit: ahead._freely(asked, unit) for unit in range(ahead.model.units)}
