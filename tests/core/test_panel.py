import threading
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.action_table import table
from mvae.core.actions import Action, Actions
from mvae.core.change import Change
from mvae.core.panel import MASTER, MOST_WAITING, Panel, Positions, start, wavers

ACTIONS = Actions(table("ABCD", ("density",), ("drums",)))


def cc(count: int, source: str = "midi pots") -> Change:
    return Change("density", count, 0.0, source, "7-bit")


def density(panel: Panel) -> float:
    return panel.snapshot().knobs["density"]


def test_the_latest_value_of_a_knob_wins() -> None:
    panel = Panel(ACTIONS)
    assert panel.turn(Change("density", 1.0), Change("density", -0.5)) == ("", "")
    assert density(panel) == -0.5
    assert panel.drain() == ()


def test_switches_choices_and_triggers_keep_their_order_and_are_taken_once() -> None:
    panel = Panel(ACTIONS)
    panel.turn(Change("play"), Change("mute drums"), Change("quantise", "BAR"), Change("fill", 2.0), Change("play"), Change("mute drums"))
    names = [(change.action, change.value) for change in panel.drain()]
    assert names == [("play", None), ("mute drums", True), ("quantise", "bar"), ("fill", 2), ("play", None), ("mute drums", False)]
    assert panel.drain() == ()


def test_a_snapshot_is_frozen_and_the_same_object_while_nothing_moves() -> None:
    panel = Panel(ACTIONS)
    before = panel.snapshot()
    assert panel.snapshot() is before
    panel.turn(Change("density", 1.0), Change("mute drums", True))
    assert (before.knobs["density"], before.switches["mute drums"]) == (0.0, False)
    after = panel.snapshot()
    assert (after.knobs["density"], after.switches["mute drums"]) == (1.0, True)
    with pytest.raises(TypeError):
        after.knobs["density"] = 2.0  # type: ignore[index]


def test_snapshots_that_stand_alike_are_equal_and_hash_alike() -> None:
    panel = Panel(ACTIONS)
    panel.turn(Change("density", 1.0))
    panel.turn(Change("density", 0.0))
    assert panel.snapshot() == start(ACTIONS) and hash(panel.snapshot()) == hash(start(ACTIONS))
    assert panel.snapshot() != start(ACTIONS).moved({"density": 1.0})


def test_a_change_wakes_whoever_waits_and_a_refused_one_does_not() -> None:
    panel = Panel(ACTIONS)
    refused = panel.turn(Change("densty", 1.0), Change("density", "loud"), Change("stop", "soon"), Change("density", float("nan")))
    assert all(refused) and panel.refused == 4 and not panel.changed.is_set()
    panel.turn(Change("reseed"))
    assert panel.changed.is_set()


def test_a_trigger_moves_nothing_but_wakes() -> None:
    panel = Panel(ACTIONS)
    before = panel.version
    panel.turn(Change("reseed"), Change("recall B", 4.0))
    assert panel.version == before and panel.changed.is_set()


def test_a_trigger_released_with_zero_is_neither_fired_nor_refused() -> None:
    panel = Panel(ACTIONS)
    assert panel.turn(Change("play", 1), Change("play", 0), Change("recall A", 0.0)) == ("", "", "")
    assert [change.action for change in panel.drain()] == ["play"] and panel.refused == 0


def test_one_count_of_noise_does_not_move_a_knob_and_two_counts_do() -> None:
    panel = Panel(ACTIONS)
    panel.turn(cc(64))
    at_64 = density(panel)
    for count in (65, 63, 65, 64):
        panel.turn(cc(count))
    assert density(panel) == at_64
    panel.turn(cc(66))
    assert density(panel) > at_64


def test_the_end_stops_are_reached_exactly_from_one_count_away() -> None:
    panel = Panel(ACTIONS)
    panel.turn(cc(1), cc(0))
    assert density(panel) == -2.0
    panel.turn(cc(126), cc(127))
    assert density(panel) == 2.0


def test_noise_does_not_bring_a_knob_back_that_someone_else_has_moved() -> None:
    panel = Panel(ACTIONS)
    panel.turn(cc(64), Change("density", 1.5, source="osc"), cc(65), cc(64))
    assert density(panel) == 1.5


def test_each_controller_has_its_own_deadband() -> None:
    panel = Panel(ACTIONS)
    panel.turn(cc(64, "one"), cc(65, "other"))
    assert density(panel) == ACTIONS["density"].read(65, "7-bit")


def test_an_exact_value_has_no_deadband() -> None:
    panel = Panel(ACTIONS)
    panel.turn(Change("density", 0.5), Change("density", 0.5001))
    assert density(panel) == 0.5001


@given(st.lists(st.integers(0, 127), min_size=1, max_size=60))
def test_the_accepted_count_is_never_more_than_the_deadband_away(counts: list[int]) -> None:
    panel = Panel(ACTIONS)
    for count in counts:
        panel.turn(cc(count))
        given_position, exact = ACTIONS["density"].travel(density(panel)) * 127, count in (0, 127)
        assert abs(given_position - count) <= (1e-9 if exact else 1.5)


@given(st.integers(0, 127), st.integers(0, 127))
def test_only_neighbours_waver(count: int, last: int) -> None:
    assert wavers(count, last) == (count == last or (abs(count - last) == 1 and count not in (0, 127)))
    assert not wavers(count, None)


def test_what_waits_is_bounded_and_the_rest_is_refused() -> None:
    panel = Panel(ACTIONS)
    answers = panel.turn(*(Change("reseed") for _ in range(MOST_WAITING + 3)))
    assert sum(map(bool, answers)) == 3 == panel.refused
    assert len(panel.drain()) == MOST_WAITING
    assert panel.turn(Change("reseed")) == ("",)


def test_several_knobs_turned_together_stand_together_in_every_snapshot() -> None:
    panel = Panel(ACTIONS)
    seen: list[Positions] = []
    stop = threading.Event()

    def watch() -> None:
        while not stop.is_set():
            seen.append(panel.snapshot())

    watcher = threading.Thread(target=watch)
    watcher.start()
    for count in range(300):
        panel.turn(Change("x", count / 300), Change("y", count / 300))
    stop.set()
    watcher.join(10)
    assert seen and all(positions.knobs["x"] == positions.knobs["y"] for positions in seen)


def test_what_only_a_master_may_do_is_refused_to_all_others_with_the_reason() -> None:
    panel = Panel(ACTIONS)
    panel.refusals["tempo"] = "the tempo is the MIDI clock's"
    assert panel.turn(Change("tempo", 90.0, source="osc"), Change("tempo", 100.0, source=MASTER)) == ("the tempo is the MIDI clock's", "")
    assert panel.snapshot().knobs["tempo"] == 100.0 and panel.refused == 1


def test_the_steps_of_an_encoder_move_a_knob_from_where_it_stands_and_stop_at_its_ends() -> None:
    panel = Panel(ACTIONS)
    panel.turn(Change("density", 1.0, source="osc"), Change("density", -10, source="midi encoder", scale="steps"))
    assert density(panel) == pytest.approx(1.0 - 10 * 4 / 127)
    panel.turn(Change("density", 63, scale="steps"), Change("density", 63, scale="steps"))
    assert density(panel) == 2.0


def test_a_smooth_knob_takes_its_time_to_where_it_was_put() -> None:
    panel = Panel(ACTIONS, {"density": 100.0})
    panel.turn(Change("density", 1.0, 10.0, "osc"))
    assert density(panel) == 0.0 and panel.aim("density") == 1.0 and panel.changed.is_set()
    for now_s, stands in ((9.9, 0.0), (10.05, 0.5), (10.1, 1.0), (11.0, 1.0)):
        panel.advance(now_s)
        assert density(panel) == pytest.approx(stands)


def test_a_smooth_knob_that_is_turned_on_its_way_goes_on_from_there() -> None:
    panel = Panel(ACTIONS, {"density": 100.0})
    panel.turn(Change("density", 1.0, 0.0, "osc"))
    panel.advance(0.05)
    panel.turn(Change("density", 1, 0.05, "midi encoder", "steps"))
    assert panel.aim("density") == pytest.approx(1.0 + 4 / 127) and density(panel) == pytest.approx(0.5)
    panel.advance(0.1)
    assert 0.5 < density(panel) < 1.0
    panel.advance(0.15)
    assert density(panel) == panel.aim("density")


def test_what_must_be_exact_is_never_smoothed() -> None:
    panel = Panel(ACTIONS, {"density": 100.0})
    panel.turn(Change("density", -1.0, 0.0, "osc"), Change("density", 1.0, 0.0, "scene"))
    panel.advance(5.0)
    assert density(panel) == 1.0


def test_a_panel_becomes_another_patchs_and_keeps_what_stays_as_far_as_that_reaches() -> None:
    panel = Panel(ACTIONS, {"density": 1000.0})
    panel.turn(Change("tempo", 300.0), Change("density", 1.0, 0.0, "hand"), Change("mute drums"), Change("fill", 2))
    version = panel.version
    others = Actions(replace(action, high=200.0) if action.name == "tempo" else action for action in table("AB", (), ("lead",), ("lead",)))
    panel.become(others, {}, {"tempo": 300.0, "quantise": "beat", "gone": 1.0, "key": "H"})
    panel.advance(99.0)
    stands = panel.snapshot()
    assert panel.version > version and stands.choices == {**start(others).choices, "quantise": "beat"}
    assert stands.knobs == start(others).moved({"tempo": 200.0}).knobs
    assert set(stands.switches.values()) == {False} and [change.action for change in panel.drain()] == ["fill"]
    assert panel.turn(Change("density", 1.0)) == ("there is no action 'density'",) and panel.aim("density") == 0.0


def test_a_masters_tempo_is_shown_as_it_is_though_the_knob_does_not_go_there() -> None:
    panel = Panel(Actions((Action("tempo", "knob", "/mvae/tempo", "", 60.0, 100.0, 90.0),)))
    assert panel.turn(Change("tempo", 500.0, source=MASTER)) == ("",) and panel.snapshot().knobs["tempo"] == 500.0
    panel.refusals["tempo"] = "the tempo is the master's"
    panel.become(panel.actions, {}, {"tempo": 500.0})
    assert panel.snapshot().knobs["tempo"] == 500.0
    del panel.refusals["tempo"]
    assert panel.turn(Change("tempo", 500.0)) == ("",) and panel.snapshot().knobs["tempo"] == 100.0
