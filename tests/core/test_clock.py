"""The clock record and the lines that things wait for."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.clock import Clock, next_boundary

BEATS = st.floats(-1e5, 1e5)
TIMES_S = st.floats(0, 1e6)
BPM = st.floats(20, 400)


@given(BEATS, TIMES_S, BPM, BEATS)
def test_a_beat_is_found_again_at_its_own_time(beat: float, at_s: float, bpm: float, wanted: float) -> None:
    clock = Clock(beat, at_s, 60 / bpm)
    assert math.isclose(clock.beat_at(clock.time_of(wanted)), wanted, abs_tol=1e-6)


@given(BEATS, TIMES_S, BPM, BPM, st.floats(0, 1e4))
def test_a_new_tempo_does_not_move_the_present(beat: float, at_s: float, bpm: float, new_bpm: float, later_s: float) -> None:
    clock, now_s = Clock(beat, at_s, 60 / bpm), at_s + later_s
    changed = clock.with_tempo(now_s, new_bpm)
    assert math.isclose(changed.beat_at(now_s), clock.beat_at(now_s), abs_tol=1e-6)
    assert math.isclose(changed.bpm, new_bpm)
    assert math.isclose(changed.beat_at(now_s + 60) - changed.beat_at(now_s), new_bpm, rel_tol=1e-6)


@given(BEATS, st.sampled_from([0.25, 1.0, 4.0, 16.0]))
def test_the_next_boundary_is_a_multiple_and_less_than_one_quantum_away(beat: float, quantum: float) -> None:
    boundary = next_boundary(beat, quantum)
    assert boundary % quantum == 0
    assert -1e-8 <= boundary - beat < quantum


def test_a_beat_on_the_line_is_its_own_boundary_even_after_rounding() -> None:
    assert next_boundary(8.0, 4.0) == 8.0
    assert next_boundary(8.0 + 1e-12, 4.0) == 8.0
    assert next_boundary(8.001, 4.0) == 12.0


def test_without_a_quantum_the_boundary_is_now() -> None:
    assert next_boundary(3.7, 0) == 3.7


@given(BEATS, st.floats(-0.1, 0.1))
def test_a_clock_that_is_later_has_the_same_beats_so_much_later(beat: float, by_s: float) -> None:
    clock = Clock(3.0, 100.0, 0.5)
    assert clock.later(by_s).time_of(beat) == pytest.approx(clock.time_of(beat) + by_s)
