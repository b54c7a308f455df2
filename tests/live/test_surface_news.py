"""News as lines: what is merged, what is kept, and the table of actions there and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.action_table import table
from mvae.core.actions import Actions
from mvae.core.change import Change
from mvae.live.surface_news import MOST_NOTES, News, actions_of, actions_record, change_of, line_of, merge, news_of, turn_record

ACTIONS = Actions(table("ABCD", ["density"], ["drums", "bass"], ["bass"], humanize=True))
TEXTS = st.text(max_size=20)
VALUES = st.none() | st.booleans() | st.integers(-1000, 1000) | st.floats(-1e6, 1e6) | TEXTS
SECTIONS = {"positions": st.dictionaries(TEXTS, VALUES), "published": st.dictionaries(TEXTS, st.lists(VALUES))}
KEYED = st.fixed_dictionaries({}, optional=SECTIONS)


def test_the_table_of_actions_goes_through_a_line_as_it_is() -> None:
    read = actions_of(news_of(line_of({"actions": actions_record(ACTIONS)}))["actions"])
    assert list(read.values()) == list(ACTIONS.values())


@given(st.lists(KEYED))
def test_however_news_is_merged_on_the_way_the_newest_is_known(told: list[News]) -> None:
    one_by_one: News = {}
    for news in told:
        merge(one_by_one, news)
    half, rest, together = News(), News(), News()
    for number, news in enumerate(told):
        merge(half if number < len(told) // 2 else rest, news)
    for news in (half, rest):
        merge(together, news)
    assert together == one_by_one


def test_news_that_is_merged_leaves_what_was_told_before_alone() -> None:
    first = {"positions": {"x": 0.1}}
    known: News = {}
    merge(known, first)
    merge(known, {"positions": {"y": 0.2}})
    assert known["positions"] == {"x": 0.1, "y": 0.2} and first == {"positions": {"x": 0.1}}


def test_notes_are_events_and_of_too_many_the_oldest_are_lost() -> None:
    known: News = {}
    for number in range(MOST_NOTES + 10):
        merge(known, {"notes": [[number]]})
    assert known["notes"][0] == [10] and len(known["notes"]) == MOST_NOTES
    merge(known, {"notes": [[0]]}, notes=False)
    assert known["notes"][0] == [10]


@given(TEXTS, VALUES, st.sampled_from(["own", "normalized"]), TEXTS)
def test_a_change_goes_up_as_it_is(action: str, value: float | str | bool | None, scale: str, source: str) -> None:
    change = Change(action, value, 3.0, source, scale)  # type: ignore[arg-type]
    assert change_of(news_of(line_of(turn_record(change)))["turn"], 3.0) == change


def test_a_page_may_leave_out_all_but_the_action() -> None:
    assert change_of(["play"], 1.0) == Change("play", None, 1.0, "page", "own")
    assert change_of(["x", 0.5, "normalized"], 1.0) == Change("x", 0.5, 1.0, "page", "normalized")


NONSENSE = (None, [], "play", [3], ["x", [1]], ["x", {}], ["x", 1, "loud"], ["x", 1, "own", "page", 5], ["x", 1, "own", 2])


@pytest.mark.parametrize("turn", NONSENSE)
def test_nonsense_is_no_change(turn: object) -> None:
    with pytest.raises(ValueError):
        change_of(turn, 0.0)


@pytest.mark.parametrize("line", ["", "3", "[]", "{", "null"])
def test_a_line_that_is_no_object_is_refused(line: str) -> None:
    with pytest.raises(ValueError):
        news_of(line)
