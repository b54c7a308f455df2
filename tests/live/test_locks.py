"""Locks: a voice goes on as it is while all else changes around it, in grooves and in tokens, and lets go when it is told."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.drums import CLASSES
from mvae.core.panel import Positions
from mvae.core.part import Part
from mvae.live.ensemble import open_band
from mvae.live.instrument import make_panel
from mvae.live.locks import Locks, Voice, voices_in
from tests.live.band import BAR, BPM, PHRASE, REST, Band, chosen, few
from tests.tiny_bundle import tiny_token_bundle

KICK, SNARE = CLASSES.index("kick"), CLASSES.index("snare")
Heard = dict[tuple[int, int], tuple[int, int]]


def locked(positions: Positions, *names: str) -> Positions:
    return replace(positions, switches=dict(positions.switches) | {f"lock {name}": True for name in names})


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


def test_a_bit_of_a_drum_set_is_put_back_and_the_other_bits_stay() -> None:
    part = Part("kit", "toy", (), stream="drums")
    locks = Locks([part], ["drums"], 4, np.zeros((0, 1), np.int64))
    at = locked(REST, "kit snare")
    locks.planned(0, np.array([[3], [1], [2], [0]]))
    locks.turn(at)
    said = locks.put_back(locks.asked(at), 0, np.array([[0], [2], [4], [7]]))
    assert said[:, 0].tolist() == [2, 0, 6, 5]


def test_what_was_offered_is_kept_for_its_voices_alone() -> None:
    part = Part("kit", "toy", (), stream="drums")
    locks = Locks([part], ["drums"], 2, np.zeros((0, 1), np.int64))
    at = locked(REST, "kit snare", "kit kick")
    locks.planned(0, np.array([[1], [1]]))
    locks.turn(at)
    locks.offer(np.array([[2.0], [0.0]], np.float32))
    assert locks.switches_of(np.array([[2], [0]])) == ("lock kit snare",)
    assert locks.put_back(locks.asked(at), 0, np.array([[0], [0]]))[:, 0].tolist() == [3, 1]


def test_the_voices_of_a_phrase_are_those_that_begin_something() -> None:
    groove = np.zeros((32, 27), np.float32)
    groove[4, SNARE] = groove[4, 9 + KICK] = 1.0
    assert voices_in(groove, 9, None) == (Voice(SNARE),)
    trio = np.array([[62, 1, 5], [0, 0, 0]])
    assert voices_in(trio, 3, 2) == (Voice(0), Voice(2), Voice(2, 0), Voice(2, 2))


@pytest.mark.parametrize(("kind", "hierarchical"), [("melody", False), ("trio", True)])
def test_a_locked_stream_of_a_real_model_goes_on_in_every_bar(tmp_path: Path, kind: str, hierarchical: bool) -> None:
    bundle = tiny_token_bundle(kind, 2, hierarchical)
    parts = ["melody"] if kind == "melody" else ["melody", "bass", "drums"]
    text = "".join(f'[[part]]\nname = "{name}"\nbundle = "{bundle}"\nstream = "{name}"\n' for name in parts)
    file = tmp_path / "band.toml"
    file.write_text(f'format = 1\nname = "Band"\n{text}[anchors]\nA = "rock"\nB = "funk"\n')
    from mvae.core.patch_file import load_patch

    opened = open_band(load_patch(str(file)), "cpu")
    ensemble, panel = opened.ensemble(1), make_panel(opened.patch, opened.temperatures, BPM)
    at = panel.snapshot()
    ahead = ensemble.lookaheads[0]
    ensemble.begin(at, BPM)
    for _ in range(3):
        ahead.follow(at, BPM)
    at = locked(at, "melody")
    line = ahead.planned_to // 32 * 32
    ensemble.move((line - 32) * 240 + 10, at, BPM)
    while ahead.planned_to < line:
        ahead.follow(at, BPM)
    kept = {unit: said.copy() for unit, said in ahead.locks._now.items()}
    moved = at.moved({"morph": 0.9})
    ensemble.move((line - 1) * 240, moved, BPM)
    for _ in range(4):
        ahead.follow(moved, BPM)
    column = 0
    changed = 0
    for unit, said in ahead.locks._now.items():
        assert said[:, column].tolist() == kept[unit][:, column].tolist()
        changed += int((said != kept[unit]).sum())
    assert changed > 0 or kind == "melody"
