"""The picture the terminal shows, taken of an instrument on a clock turned by hand."""

from collections.abc import Iterator

import pytest

from mvae.core.change import Change
from mvae.core.drums import CLASSES
from mvae.live import wire
from mvae.live.gauges import left_s
from mvae.live.screen import ScreenState, render
from mvae.live.view import view
from tests.live.hall import BAR_S, BEAT_S, Hall
from tests.live.orchestra import orchestra

FIXED = ScreenState(patch="Toy", provider="cpu", osc="127.0.0.1:7770", message="seed 3")


@pytest.fixture
def hall() -> Iterator[Hall]:
    with Hall() as made:
        yield made


def seen(hall: Hall) -> ScreenState:
    return view(hall.instrument, FIXED)


def test_before_play_it_shows_where_the_knobs_stand_and_how_to_begin(hall: Hall) -> None:
    state = seen(hall)
    assert not state.playing and (state.bar, state.beat, state.step) == (1, 1, 0)
    assert state.message == "seed 3; space or /mvae/play starts" and state.port == "none"
    assert {knob.name: knob.value for knob in state.knobs}["x"] == 0.3 and "tempo" not in {knob.name for knob in state.knobs}
    render(state, 80)


def test_the_playhead_is_on_the_step_that_sounds(hall: Hall) -> None:
    hall.play(BAR_S + 1.5 * BEAT_S)
    state = seen(hall)
    assert (state.bar, state.beat, state.step) == (2, 2, 22) and state.playing and state.message == "seed 3"
    hall.run(2 * BAR_S)
    assert (seen(hall).bar, seen(hall).step) == (4, 22)
    render(state, 80)


def test_the_bar_is_counted_from_its_line_and_the_playhead_is_on_the_nearest_one(hall: Hall) -> None:
    hall.play(BAR_S - 0.03)
    assert (seen(hall).bar, seen(hall).beat, seen(hall).step) == (1, 4, 16)


def test_the_grid_is_what_the_phrase_will_sound_like_from_line_to_line(hall: Hall) -> None:
    hall.play(2 * BAR_S - 0.2)
    grid = seen(hall).hits
    assert len(grid) == len(CLASSES) and all(len(row) == 32 for row in grid)
    for (voice, step), (_, loud) in hall.notes().items():
        assert grid[voice][step % 32] == loud


def test_a_muted_part_is_shown_as_it_goes_on_in_phase(hall: Hall) -> None:
    hall.play(BEAT_S)
    before = seen(hall).hits
    hall.do("mute drums")
    hall.run(0.1)
    assert seen(hall).muted == ("drums",) and seen(hall).hits == before


def test_the_machine_is_shown(hall: Hall) -> None:
    hall.play(1.0)
    hall.instrument.gauges.decoded(0.00349)
    hall.link.run_to(hall.clock.now + 9 * BAR_S)  # suspended
    hall.run(0.1)
    state = seen(hall)
    assert state.late_phrases == len(hall.of(wire.Repeated)) > 0
    assert state.tempo_bpm == 120.0 and state.decode_ms == 0.0 and state.provider == "cpu"


def test_what_the_performer_should_know_wins_over_the_seed(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(hall.recorder), "remark", "take.mid: the recording is not being written (full)")
    assert seen(hall).message.startswith("take.mid: the recording is not being written")
    hall.instrument.remark = "the player died and was replaced"
    assert seen(hall).message == "take.mid: the recording is not being written (full); the player died and was replaced"


def test_how_choices_and_switches_stand_is_told_mutes_and_ports_aside(hall: Hall) -> None:
    assert seen(hall).standing == ("quantise now",)
    hall.panel.turn(Change("quantise", "bar"), Change("lock drums kick", True), Change("solo drums", True), Change("mute drums", True))
    assert seen(hall).standing == ("quantise bar", "solo drums", "lock drums kick")
    with Hall(band=orchestra()) as other:
        other.panel.turn(Change("key", "A"), Change("scale", "minor"))
        assert seen(other).standing == ("quantise now", "A minor")


def test_headroom_is_what_a_decode_leaves_free_of_the_time_that_is_left(hall: Hall) -> None:
    hall.play(0.5)
    assert 0.9 < seen(hall).headroom <= 1.0
    hall.instrument.gauges.decoded(0.9 * left_s(hall.link.status(), hall.clock.now))
    assert seen(hall).headroom == pytest.approx(0.1, abs=0.01)


def test_of_a_band_every_melodic_part_has_a_row_above_the_drums_and_only_knobs_of_parts_that_were_moved_are_shown() -> None:
    with Hall(band=orchestra()) as hall:
        hall.play(2 * BAR_S + 0.2)
        state = seen(hall)
        assert state.names == (*CLASSES, "bass", "melody", "lead", *CLASSES) and len(state.hits) == len(state.names)
        assert all(len(row) == 32 for row in state.hits)
        sounded = {(s.part, s.voice, s.step % 32) for s in hall.of(wire.Sent) if isinstance(s, wire.Sent) and s.on and s.step >= 32}
        rows = [*((4, voice) for voice in range(9)), (3, 0), (2, 0), (1, 0), *((0, voice) for voice in range(9))]
        for part, voice, step in sounded:
            assert state.hits[rows.index((part, voice))][step]
        assert not [knob for knob in state.knobs if "." in knob.name]
        hall.do("bass.swing", 0.5)
        assert [knob.value for knob in seen(hall).knobs if knob.name == "bass.swing"] == [0.5]
        assert [line for line in render(state, 80).plain.split("\n") if line.startswith("bass")]
