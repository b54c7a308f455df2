from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mvae.core.actions import Actions, table
from mvae.core.drums import CLASSES, NOTE_OF_CLASS
from mvae.core.groove import FEATURES, Array
from mvae.core.panel import Positions, start
from mvae.core.part import Part, Sound, Velocities
from mvae.core.phrase import TICKS_PER_STEP
from mvae.core.shaping import Placed, earliest_ticks, shape

SOUNDS = tuple(Sound(9, note) for note in NOTE_OF_CLASS)
DRUMS = Part("drums", "toy", SOUNDS)
REST = start(Actions(table("AB", (), ("drums",))))
KICK, SNARE = CLASSES.index("kick"), CLASSES.index("snare")
STEPS = 16


def tokens(*cells: tuple[int, int, float, float]) -> Array:
    """Hits as (step, voice, velocity, offset)."""
    array = np.zeros((STEPS, FEATURES), np.float32)
    for step, voice, velocity, offset in cells:
        array[step, [voice, 9 + voice, 18 + voice]] = 1.0, velocity, offset
    return array


def one(cell: tuple[int, int, float, float], part: Part = DRUMS, positions: Positions = REST, tempo_bpm: float = 120.0) -> Placed:
    (note,) = shape(tokens(cell), part, positions, tempo_bpm)
    return note


def test_a_hit_becomes_a_note_at_its_step_and_offset() -> None:
    assert one((4, SNARE, 100 / 127, 0.5)) == Placed(SNARE, 4, 4 * 240 + 60, 4 * 240 + 180, 9, 38, 100)


def test_a_hit_of_step_zero_may_sound_before_the_line() -> None:
    assert one((0, KICK, 1.0, -1.0)).on_tick == -120


@pytest.mark.parametrize(("timing", "offset", "ticks"), [(0, 0.9, 0), (1, 0.5, 60), (2, 0.25, 60), (2, -0.9, -120), (2, 0.9, 118)])
def test_timing_scales_the_offset_up_to_half_a_step(timing: float, offset: float, ticks: int) -> None:
    assert one((1, KICK, 1.0, offset), positions=REST.moved({"timing": timing})).on_tick == TICKS_PER_STEP + ticks


def test_push_is_ahead_delay_is_behind_and_both_are_milliseconds_at_the_tempo() -> None:
    pushed = REST.moved({"push": 25.0})
    assert one((1, KICK, 1.0, 0.0), positions=pushed, tempo_bpm=120).on_tick == 240 - 48
    assert one((1, KICK, 1.0, 0.0), positions=pushed, tempo_bpm=60).on_tick == 240 - 24
    late = Part("drums", "toy", SOUNDS, delay_ms=25.0)
    assert one((1, KICK, 1.0, 0.0), late).on_tick == 240 + 48
    assert one((1, KICK, 1.0, 0.0), late, pushed).on_tick == 240


def test_velocity_goes_through_gain_then_the_curve_of_the_part() -> None:
    part = Part("drums", "toy", SOUNDS, Velocities(20, 120, 2.0))
    assert one((0, KICK, 0.5, 0.0), part).velocity == 20 + 25
    assert one((0, KICK, 0.5, 0.0), part, REST.moved({"velocity": 2.0})).velocity == 120
    assert one((0, KICK, 0.5, 0.0), DRUMS, REST.moved({"velocity": 0.0})).velocity == 1


def test_each_class_has_its_own_note_and_channel() -> None:
    part = Part("drums", "toy", (Sound(0, 60), *SOUNDS[1:]))
    assert (one((0, KICK, 1.0, 0.0), part).channel, one((0, KICK, 1.0, 0.0), part).pitch) == (0, 60)
    assert one((0, SNARE, 1.0, 0.0), part).channel == 9


def test_of_two_classes_on_one_note_the_louder_is_heard() -> None:
    part = Part("drums", "toy", (Sound(9, 38), *SOUNDS[1:]))
    notes = shape(tokens((0, KICK, 0.4, 0.0), (0, SNARE, 0.8, 0.5), (4, KICK, 0.9, 0.5), (4, SNARE, 0.3, 0.0)), part, REST, 120)
    assert [(note.step, note.voice) for note in notes] == [(0, SNARE), (4, KICK)]


def test_the_gate_is_half_a_step_or_what_the_part_says() -> None:
    long = Part("drums", "toy", SOUNDS, gate_ms=250)
    assert one((0, KICK, 1.0, 0.0)).off_tick == 120
    assert one((0, KICK, 1.0, 0.0), long).off_tick == 480
    first, second = shape(tokens((0, KICK, 1.0, 0.0), (1, KICK, 1.0, 0.0)), long, REST, 120)
    assert (first.off_tick, second.off_tick) == (239, 720)


cells = arrays(np.float32, (STEPS, FEATURES), elements=st.floats(-1, 1, width=32))
pitches = st.lists(st.sampled_from((36, 38, 42)), min_size=9, max_size=9)
parts = st.builds(
    lambda notes, delay_ms, gate_ms: Part("drums", "toy", tuple(Sound(9, note) for note in notes), delay_ms=delay_ms, gate_ms=gate_ms),
    pitches,
    st.floats(-50, 50),
    st.none() | st.floats(1, 2000),
)
positions = st.builds(
    lambda timing, push, velocity: REST.moved({"timing": timing, "push": push, "velocity": velocity}),
    st.floats(0, 2),
    st.floats(-30, 30),
    st.floats(0, 2),
)


@given(cells, parts, positions, st.floats(20, 400))
def test_whatever_is_decoded_each_pitch_sounds_one_note_at_a_time(array: Array, part: Part, where: Positions, tempo_bpm: float) -> None:
    notes = shape(array, part, where, tempo_bpm)
    assert list(notes) == sorted(notes, key=lambda note: note.on_tick)
    assert all(note.on_tick < note.off_tick and 1 <= note.velocity <= 127 for note in notes)
    for pitch in {note.pitch for note in notes}:
        line = [note for note in notes if note.pitch == pitch]
        assert all(earlier.off_tick < later.on_tick for earlier, later in pairwise(line))


@given(cells, parts, positions, st.floats(20, 400))
def test_no_note_is_earlier_than_the_largest_early_offset(array: Array, part: Part, where: Positions, tempo_bpm: float) -> None:
    notes = shape(array, part, where, tempo_bpm)
    assert all(note.step * TICKS_PER_STEP - note.on_tick <= earliest_ticks(part, where, tempo_bpm) for note in notes)


@given(cells, positions, st.floats(20, 400))
def test_no_class_is_lost_when_every_class_has_its_own_note(array: Array, where: Positions, tempo_bpm: float) -> None:
    notes = shape(array, DRUMS, where, tempo_bpm)
    assert {(note.step, note.voice) for note in notes} == {(step, voice) for step, voice in np.argwhere(array[:, :9] > 0.5).tolist()}
