"""The clock record."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.clock import Clock

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


@given(BEATS, st.floats(-0.1, 0.1))
def test_a_clock_that_is_later_has_the_same_beats_so_much_later(beat: float, by_s: float) -> None:
    clock = Clock(3.0, 100.0, 0.5)
    assert clock.later(by_s).time_of(beat) == pytest.approx(clock.time_of(beat) + by_s)
