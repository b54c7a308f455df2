"""The line through the ticks of a master: jitter, late ticks, tempo jumps and ramps, losses, bursts. Masters are simulated."""

import random
from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mvae.core.phase import Line, PhaseLock, fit

BAR = 96  # ticks
Late = Callable[[int], float]


def period_s(bpm: float) -> float:
    return 60 / bpm / 24


def times(bpms: Sequence[float], begin_s: float = 100.0) -> list[float]:
    """When a master that plays each tick in its tempo sends it."""
    return list(accumulate((period_s(bpm) for bpm in bpms), initial=begin_s))


def jitter(seconds: float, seed: int = 1) -> Late:
    """Late by any time up to this, as a port that delivers once a period is."""
    draw = random.Random(seed)
    return lambda tick: draw.uniform(0, seconds)


def on_time(tick: int) -> float:
    return 0.0


def off_by(due_s: Sequence[float], late: Late = on_time, lost: Callable[[int], bool] = lambda tick: False) -> list[float]:
    """What the lock says of each tick that it hears, less when the master meant it; by the master's count of ticks."""
    lock, off = PhaseLock(period_s(120)), []
    for tick, at_s in enumerate(due_s):
        if not lost(tick):
            lock.hear(at_s + late(tick))
        off.append(lock.line.time_of(tick) - at_s)
    return off


def worst(off: Sequence[float]) -> float:
    return max(map(abs, off))


@pytest.mark.parametrize("bpm", [20, 87.5, 120, 240, 999])
def test_a_steady_clock_is_followed_from_its_second_tick(bpm: float) -> None:
    lock = PhaseLock(period_s(120))
    due_s = times([bpm] * BAR)
    for at_s in due_s:
        lock.hear(at_s)
    assert lock.line.tick == BAR and lock.line.at_s == pytest.approx(due_s[-1], abs=1e-9)
    assert lock.line.period_s == pytest.approx(period_s(bpm), rel=1e-9)
    assert worst(off_by(due_s)[1:]) < 1e-9


def test_jitter_of_a_port_is_averaged_out() -> None:
    off = off_by(times([120] * (8 * BAR)), jitter(0.0013))
    assert worst([each - 0.00065 for each in off[BAR:]]) < 0.0004


@pytest.mark.parametrize("late_s", [0.004, 0.015, 0.05, 0.3, -0.004])
def test_a_single_late_tick_changes_nothing(late_s: float) -> None:
    noise = jitter(0.0005)
    off = off_by(times([120] * (2 * BAR)), lambda tick: late_s if tick == BAR else noise(tick))
    assert worst([after - before for before, after in pairwise(off[BAR - 2 : BAR + 12])]) < 0.0002


def test_a_few_late_ticks_in_a_row_change_nothing() -> None:
    late = {BAR: 0.06, BAR + 1: 0.04, BAR + 2: 0.02, BAR + 3: 0.003}
    off = off_by(times([120] * (2 * BAR)), lambda tick: late.get(tick, 0.0))
    assert worst(off[2:]) < 1e-6


@pytest.mark.parametrize("to_bpm", [140, 100, 125, 60, 240, 121])
def test_after_a_tempo_jump_it_is_back_in_phase_within_a_bar(to_bpm: float) -> None:
    due_s = times([120] * (2 * BAR) + [to_bpm] * (2 * BAR))
    assert worst(off_by(due_s)[3 * BAR :]) < 0.0005
    noise = jitter(0.0013)
    assert worst([each - 0.00065 for each in off_by(due_s, noise)[3 * BAR :]]) < 0.0012


def test_a_jump_of_20_bpm_is_followed_within_a_quarter_note() -> None:
    off = off_by(times([120] * (2 * BAR) + [140] * BAR), jitter(0.0005))
    assert worst(off[2 * BAR + 24 :]) < 0.001


def test_a_tempo_that_ramps_is_followed() -> None:
    ramp = [120 + 10 * tick / 48 for tick in range(2 * BAR)]  # 10 BPM a second
    off = off_by(times([120.0] * BAR + ramp + [160.0] * BAR), jitter(0.0005))
    assert worst(off[BAR:]) < 0.004
    assert worst(off[-24:]) < 0.001


@pytest.mark.parametrize("count", [1, 2, 5, 96])
def test_ticks_that_were_lost_are_counted(count: int) -> None:
    off = off_by(times([120] * (4 * BAR)), jitter(0.0008), lost=lambda tick: BAR <= tick < BAR + count)
    assert worst(off[BAR + count + 13 :]) < 0.0012


def test_a_master_that_stops_for_a_moment_and_goes_on_later_is_followed_without_counting_ticks_it_never_sent() -> None:
    due_s = times([120] * (2 * BAR))
    due_s = due_s[:BAR] + [at_s + 0.033 for at_s in due_s[BAR:]]  # a tick and a half
    assert worst(off_by(due_s)[BAR + 14 :]) < 0.0005


def test_a_master_that_stalls_and_then_catches_up_is_not_misunderstood() -> None:
    due_s = times([120] * (2 * BAR))
    stall = {tick: due_s[BAR + 10] - due_s[tick] for tick in range(BAR, BAR + 10)}
    off = off_by(due_s, lambda tick: stall.get(tick, 0.0))
    assert worst(off) < 1e-6


def test_a_clock_that_comes_in_bursts_is_followed_through_the_middle_of_them() -> None:
    bunch = 3  # ticks that come at once
    noise = jitter(0.001)
    off = off_by(times([120] * (8 * BAR)), lambda tick: (bunch - 1 - tick % bunch) * period_s(120) + noise(tick))
    middle_s = (bunch - 1) / 2 * period_s(120) + 0.0005
    assert worst([each - middle_s for each in off[BAR:]]) < 0.004


def test_a_bursty_clock_that_jumps_by_20_bpm_is_back_within_a_bar() -> None:
    due_s = times([120] * (4 * BAR) + [140] * (3 * BAR))
    off = off_by(due_s, lambda tick: (2 - tick % 3) * 0.006)
    assert worst([each - 0.006 for each in off[5 * BAR :]]) < 0.003


def test_a_pause_among_the_first_ticks_begins_anew() -> None:
    lock = PhaseLock(period_s(120))
    for at_s in (1.0, 9.0, *times([100] * 24, 20.0)):
        lock.hear(at_s)
    assert lock.line.period_s == pytest.approx(period_s(100), rel=1e-3)


def test_a_tick_that_counts_from_now_on_is_where_the_line_is() -> None:
    lock = PhaseLock(period_s(120))
    due_s = times([120] * BAR)
    for at_s in due_s:
        lock.hear(at_s)
    lock.restart(due_s[-1] + 0.007)
    assert lock.line == Line(BAR + 1, due_s[-1] + 0.007, pytest.approx(period_s(120)))
    for at_s in times([120] * 24, due_s[-1] + 0.007)[1:]:
        lock.hear(at_s)
    assert lock.line.at_s == pytest.approx(due_s[-1] + 0.007 + 24 * period_s(120), abs=1e-6)


@settings(deadline=None, max_examples=40)
@given(st.floats(30, 300), st.floats(-20, 20), st.floats(0, 0.0015), st.integers(0, 1000), st.integers(1, BAR))
def test_whatever_the_tempo_a_jump_is_followed_within_a_bar(bpm: float, by_bpm: float, noise_s: float, seed: int, before: int) -> None:
    due_s = times([bpm] * (BAR + before) + [max(20.0, bpm + by_bpm)] * (2 * BAR))
    off = off_by(due_s, jitter(noise_s, seed))
    assert worst([each - noise_s / 2 for each in off[2 * BAR + before :]]) < 0.0015


def test_the_fit_is_least_squares() -> None:
    assert fit([(3, 1.0), (4, 2.0), (6, 4.0)]) == Line(6, pytest.approx(4.0), pytest.approx(1.0))
    assert fit([(0, 0.0), (1, 1.3), (2, 1.7)]) == Line(2, pytest.approx(1.85), pytest.approx(0.85))
