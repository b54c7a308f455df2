"""What waits to be done: the newest of each deed, stop and panic first, and never more than a few, whatever comes."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.change import Change, Value
from mvae.live.asked import MOST, Asked

said = st.tuples(st.sampled_from(("play", "continue", "stop", "panic", "tap", "fill", "store A")), st.sampled_from((None, "bar", "now")))


def left(*changes: Change | tuple[str, Value] | str) -> list[Change]:
    """What is done of changes, in order."""
    asked = Asked()
    asked.take(change if isinstance(change, Change) else Change(*((change,) if isinstance(change, str) else change)) for change in changes)
    return [asked.next() for _ in range(len(asked))]


def names(*changes: tuple[str, Value] | str) -> list[str]:
    return [change.action for change in left(*changes)]


def test_of_each_deed_the_newest_is_done_where_it_was_asked_for() -> None:
    assert left(("load A", "one"), "reseed", ("load B", "one"), ("load A", "two")) == [
        Change("reseed"), Change("load B", "one"), Change("load A", "two"),
    ]  # fmt: skip


def test_taps_and_steps_through_a_song_count_each_and_so_does_what_is_kept_by_another_name() -> None:
    assert names("tap", "scene next", "tap", "scene next") == ["tap", "scene next", "tap", "scene next"]
    assert names("patch next", "patch next", "patch previous") == ["patch next", "patch next", "patch previous"]
    assert left(("store A", "one"), ("store A", "two"), ("store A", "one")) == [Change("store A", "two"), Change("store A", "one")]


@pytest.mark.parametrize(
    ("asked", "done"),
    [
        (["sample A", "play", "fill"], ["sample A", "play", "fill"]),
        (["locate", "fill", "stop"], ["stop", "locate", "fill"]),
        (["locate", "stop", "panic"], ["panic", "stop", "locate"]),
        (["fill", ("stop", "bar")], ["stop", "fill"]),
        (["play", "fill", ("stop", "bar")], ["play", "fill", "stop"]),
        (["play", "stop"], ["stop"]),
        (["play", "stop", "play"], ["stop", "play"]),
        (["continue", "play"], ["play"]),
        (["play", "continue"], ["play"]),
        (["play", "panic", "play", "play"], ["panic", "play"]),
    ],
)
def test_stop_and_panic_come_first_and_undo_nothing_that_was_asked_for_after_them(
    asked: list[tuple[str, Value] | str], done: list[str]
) -> None:
    assert names(*asked) == done


def test_what_could_not_be_done_comes_before_all_that_waits_and_a_newer_one_takes_its_place() -> None:
    asked = Asked()
    asked.take([Change("locate", 3), Change("fill")])
    asked.again(asked.next())
    assert asked.next() == Change("locate", 3)
    asked.again(Change("locate", 3))
    asked.take([Change("locate", 5)])
    assert [asked.next() for _ in range(len(asked))] == [Change("fill"), Change("locate", 5)]


def test_a_flood_is_taken_in_no_time_and_what_is_one_too_many_is_left_out_but_never_a_stop() -> None:
    asked, begin_s = Asked(), time.perf_counter()
    asked.take(Change("store A", f"name {number}") for number in range(20 * MOST))
    asked.take([Change("stop")])
    assert time.perf_counter() - begin_s < 2.0 and len(asked) == MOST + 1 and asked.next() == Change("stop")


@given(st.lists(said, max_size=20))
def test_whatever_is_asked_the_last_stop_is_followed_by_no_start_that_came_before_it(asked: list[tuple[str, Value]]) -> None:
    done = left(*asked)
    stops = [place for place, (action, value) in enumerate(asked) if action == "stop" and value != "bar"]
    starts = [place for place, (action, _) in enumerate(asked) if action in ("play", "continue")]
    begins = any(change.action in ("play", "continue") for change in done)
    assert begins == bool(starts and (not stops or starts[-1] > stops[-1]))
    assert {action for action, _ in asked} - {"play", "continue"} == {change.action for change in done} - {"play", "continue"}


def test_what_another_patch_cannot_do_waits_no_more() -> None:
    asked = Asked()
    asked.take([Change("recall C"), Change("fill", 2), Change("store C", "here")])
    asked.keep(("fill", "recall A"))
    assert len(asked) == 1 and asked.next().action == "fill"
