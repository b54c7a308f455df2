from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mvae.core.action_table import MAP_KNOBS, MELODIC_KNOBS, PART_KNOBS, table
from mvae.core.actions import Actions
from mvae.core.drums import CLASSES, NOTE_OF_CLASS
from mvae.core.feel import Feel
from mvae.core.groove import FEATURES, Array
from mvae.core.panel import Positions, start
from mvae.core.part import Part, Sound, Velocities
from mvae.core.phrase import TICKS_PER_STEP
from mvae.core.shaping import HALF_STEP_TICKS, Placed, shift_ticks
from mvae.core.shaping import place as place_standing
from mvae.core.shaping import shape as shape_standing
from mvae.core.standing import knobs_of
from mvae.core.tokens import Tokens

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


def standing_at(part: Part, positions: Positions) -> Positions:
    """These positions, with what they leave alone where the part's patch puts it."""
    usual = {f"{part.name}.{knob.name}": knob.default for knob in (*PART_KNOBS, *MELODIC_KNOBS, *MAP_KNOBS)}
    begin = {name: value for name, value in knobs_of(part).items() if positions.knobs.get(name) == usual[name]}
    return positions.moved(begin)


def shape(array: Array, part: Part, positions: Positions, tempo_bpm: float, lent: Feel | None = None) -> tuple[Placed, ...]:
    return shape_standing(array, part, standing_at(part, positions), tempo_bpm, lent)


def place(array: Tokens, after: Tokens, part: Part, positions: Positions, tempo_bpm: float, feel: Feel | None = None) -> tuple[Placed, ...]:
    return place_standing(array, after, part, standing_at(part, positions), tempo_bpm, feel)


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
    earliest = HALF_STEP_TICKS - shift_ticks(part, where.knobs, tempo_bpm)
    assert all(note.step * TICKS_PER_STEP - note.on_tick <= earliest for note in shape(array, part, where, tempo_bpm))


@given(cells, positions, st.floats(20, 400))
def test_no_class_is_lost_when_every_class_has_its_own_note(array: Array, where: Positions, tempo_bpm: float) -> None:
    notes = shape(array, DRUMS, where, tempo_bpm)
    assert {(note.step, note.voice) for note in notes} == {(step, voice) for step, voice in np.argwhere(array[:, :9] > 0.5).tolist()}


def test_swing_and_length_of_a_part_reach_a_groove() -> None:
    swung = one((1, KICK, 1.0, 0.0), positions=REST.moved({"drums.swing": 1.0}))
    assert swung.on_tick == 240 + 80 and one((2, KICK, 1.0, 0.0), positions=REST.moved({"drums.swing": 1.0})).on_tick == 480
    assert one((1, KICK, 1.0, 0.0), positions=REST.moved({"drums.length": 0.5})).off_tick == 240 + 60


def test_level_and_delay_of_a_part_are_its_own() -> None:
    assert one((0, KICK, 0.5, 0.0), positions=REST.moved({"drums.velocity": 1.5, "velocity": 0.5})).velocity == 1 + round(126 * 0.375)
    assert one((1, KICK, 1.0, 0.0), Part("drums", "toy", SOUNDS, delay_ms=10.0), REST.moved({"drums.delay_ms": 15.0})).on_tick == 240 + 48


TUNE = Part("tune", "toy", (), stream="melody", channel=3)
TUNED = start(Actions(table("AB", (), ("tune",), melodic=("tune",), humanize=True)))
NOTHING = np.zeros(0, np.int64)


def line(*events: tuple[int, int], steps: int = STEPS) -> Tokens:
    """Tokens of a melody: (step, MIDI pitch, or -1 for an end)."""
    found = np.zeros(steps, np.int64)
    for step, pitch in events:
        found[step] = 1 if pitch < 0 else pitch + 2
    return found


def test_a_melody_is_one_voice_on_its_channel_with_the_lengths_that_were_decoded() -> None:
    notes = place(line((0, 60), (4, 62), (6, -1), (8, 64)), NOTHING, TUNE, TUNED, 120)
    assert [(n.voice, n.step, n.on_tick, n.off_tick, n.channel, n.pitch, n.velocity) for n in notes] == [
        (0, 0, 0, 960, 3, 60, 96), (0, 4, 960, 1440, 3, 62, 96), (0, 8, 1920, 3840, 3, 64, 96),
    ]  # fmt: skip


def test_a_note_is_held_into_what_follows_and_what_follows_brings_no_note() -> None:
    (note,) = place(line((12, 60)), line((3, 62)), TUNE, TUNED, 120)
    assert (note.on_tick, note.off_tick) == (12 * 240, 19 * 240)
    (note,) = place(line((12, 60)), line((3, -1)), TUNE, TUNED, 120)
    assert note.off_tick == 19 * 240


def test_the_parts_knobs_move_pitch_length_swing_and_velocity() -> None:
    def only(tokens: Tokens, knobs: dict[str, float], **choices: str) -> Placed:
        where = replace(TUNED.moved(knobs), choices={**TUNED.choices, **choices})
        return place(tokens, NOTHING, TUNE, where, 120)[0]

    assert only(line((0, 60)), {"tune.transpose": 2.4, "tune.octave": -1}).pitch == 50
    assert only(line((0, 61)), {}, key="C", scale="major").pitch == 60
    assert only(line((0, 60), (4, -1)), {"tune.length": 0.5}).off_tick == 480
    assert only(line((1, 60)), {"tune.swing": 1.0}).on_tick == 240 + 80
    assert only(line((0, 60)), {"velocity": 0.5}).velocity == 48 + 1


def test_a_register_of_the_part_folds_its_pitches() -> None:
    low = replace(TUNE, low=36, high=47)
    assert [note.pitch for note in place(line((0, 60), (4, 67)), NOTHING, low, TUNED, 120)] == [36, 43]


def test_humanize_takes_what_the_feel_has_at_that_step() -> None:
    feel = Feel(np.array([0.8, 0.4] * 8), np.array([0.0, 0.5] * 8))
    half, full = (place(line((0, 60), (1, 62)), NOTHING, TUNE, TUNED.moved({"tune.humanize": much}), 120, feel) for much in (0.5, 1.0))
    assert [note.on_tick for note in full] == [0, 240 + 60] and [note.on_tick for note in half] == [0, 240 + 30]
    assert full[0].velocity > half[0].velocity > 96 > half[1].velocity > full[1].velocity


def test_humanize_gives_a_groove_the_feel_in_the_place_of_its_own() -> None:
    felt = start(Actions(table("AB", (), ("drums",), humanize=True)))
    lent, hits = Feel(np.array([0.8, 0.4] * 8), np.array([0.0, 0.5] * 8)), tokens((0, KICK, 0.6, 0.4), (1, KICK, 0.6, 0.4))
    own, half, full = (shape(hits, DRUMS, felt.moved({"drums.humanize": much}), 120, lent) for much in (0.0, 0.5, 1.0))
    assert own == shape(hits, DRUMS, REST, 120)
    assert [note.on_tick for note in half] == [24, 240 + 54] and [note.on_tick for note in full] == [0, 240 + 60]
    assert full[0].velocity > half[0].velocity > own[0].velocity == own[1].velocity > half[1].velocity > full[1].velocity


def test_drums_of_tokens_sound_as_their_map_says() -> None:
    kit = Part("kit", "toy", (Sound(4, 60), *SOUNDS[1:]))
    where = start(Actions(table("AB", (), ("kit",))))
    notes = place(np.array([1 << KICK | 1 << SNARE, *[0] * 15]), NOTHING, kit, where, 120)
    assert [(note.voice, note.channel, note.pitch, note.off_tick) for note in notes] == [(KICK, 4, 60, 240), (SNARE, 9, 38, 240)]


@given(
    st.lists(st.sampled_from((0, 0, 0, 1, 62, 64, 64, 90)), min_size=16, max_size=16),
    st.lists(st.sampled_from((0, 0, 1, 62, 64)), min_size=16, max_size=16),
    st.floats(0, 2), st.floats(0, 1), st.floats(0, 2), st.none() | st.floats(1, 2000),
)  # fmt: skip
def test_whatever_a_melody_says_its_notes_do_not_overlap(
    now: list[int], after: list[int], length: float, swing: float, timing: float, gate_ms: float | None
) -> None:
    where = TUNED.moved({"tune.length": length, "tune.swing": swing, "timing": timing})
    notes = place(np.array(now), np.array(after), replace(TUNE, gate_ms=gate_ms), where, 120)
    assert {note.step for note in notes} == {step for step, token in enumerate(now) if token > 1}
    assert all(note.on_tick < note.off_tick for note in notes)
    assert all(one.off_tick <= two.on_tick - (one.pitch == two.pitch) for one, two in pairwise(notes))
