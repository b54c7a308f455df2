"""The control log: what is written is read back, in the order things were done, and what cannot be meant is told in one line."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.errors import UserError
from mvae.core.score import Due, Handoff
from mvae.live.control_log import ACTS, Act, Log, Take, line_of, phrase_hash, read

TAKE = Take("four_corners", 7, 120.0, {"groove_2bar": "0123456789abcdef"})
numbers = st.floats(allow_nan=False, allow_infinity=False)
acts = st.builds(
    Act,
    st.sampled_from(ACTS).filter(lambda do: do not in ("tempo", "patch")),
    st.integers(-960, 1 << 31),
    st.none() | st.integers(-960, 1 << 31),
    st.dictionaries(st.text(max_size=5), numbers | st.booleans() | st.text(max_size=5), max_size=3),
    numbers,
    st.text("0123456789abcdef", max_size=12),
    st.integers(0, 15),
    patch=st.text(max_size=9),
    bundles=st.dictionaries(st.text(), st.text(), max_size=2),
    bars=st.integers(0, 16),
)
takes = st.builds(Take, st.text(min_size=1), st.integers(0, 2**64), st.floats(20, 400), st.dictionaries(st.text(), st.text(), max_size=2))


def written(folder: Path, *lines: str) -> Path:
    path = folder / "take.log"
    path.write_text("".join(lines), encoding="utf-8")
    return path


@given(takes, st.lists(acts, max_size=5))
def test_a_log_is_read_back_as_it_was_written(tmp_path_factory: pytest.TempPathFactory, take: Take, some: list[Act]) -> None:
    path = written(tmp_path_factory.mktemp("log"), line_of(take), *map(line_of, some))
    assert read(path) == (take, some)
    path.write_text("".join(map(line_of, some)), encoding="utf-8")
    assert read(path) == (None, some)


def test_a_seed_and_a_heard_tick_of_nought_are_not_lost() -> None:
    assert json.loads(line_of(Take("p", 0, 120.0, {})))["seed"] == 0
    assert json.loads(line_of(Act("move", 3, at=0)))["at"] == 0


def test_an_act_shows_only_what_it_says() -> None:
    assert line_of(Act("follow", 0)) == '{"do":"follow","tick":0}\n'


def test_what_is_handed_over_to_several_parts_has_a_hash_of_its_own_and_that_of_one_is_as_ever() -> None:
    one, two = (Handoff(part, 1, 0, 16, 0, (Due(0, 4, 960, 1080, 9, 36, 100),)) for part in (0, 1))
    assert phrase_hash(one) == "c88585595679" and phrase_hash(one, two) != phrase_hash(one)


def test_a_line_by_hand_needs_only_a_tick_and_changes(tmp_path: Path) -> None:
    assert read(written(tmp_path, '{"tick":960,"changes":{"x":1}}\n')) == (None, [Act("move", 960, changes={"x": 1})])


def test_a_last_line_cut_short_by_a_kill_is_left_out(tmp_path: Path) -> None:
    assert read(written(tmp_path, line_of(TAKE), line_of(Act("play")), '{"do":"mo')) == (TAKE, [Act("play")])


def test_a_last_line_without_a_newline_counts_if_it_is_whole_and_a_lone_line_always(tmp_path: Path) -> None:
    path = tmp_path / "take.log"
    path.write_text('{"tick":0,"changes":{"x":1}}\n{"tick":960,"changes":{"x":0}}')
    assert [act.tick for act in read(path)[1]] == [0, 960]
    path.write_text("a letter to a friend")
    with pytest.raises(UserError, match="not JSON"):
        read(path)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("play", "line 2: not JSON"),
        ("[1]", "not an object"),
        ('{"do":"dance"}', "do = dance: not an act; known: play"),
        ('{"tick":1.5}', "tick = 1.5"),
        ('{"tick":true}', "tick = true"),
        ('{"at":"now"}', 'at = "now"'),
        ('{"value":"fast"}', 'value = "fast"'),
        ('{"value":null}', "value = null"),
        ('{"changes":[1]}', r"changes = \[1\]"),
        ('{"changes":{"x":[1]}}', r"changes: x = \[1\]"),
        ('{"value":Infinity}', "value = Infinity"),
        ('{"do":"tempo","value":0}', "value = 0: a tempo is 10 to 1000 BPM"),
        ('{"phrase":1}', "phrase = 1"),
        ('{"when":1}', "when: not a key; known: do, tick"),
        ('{"seed":1,"format":1}', "seed: not a key"),
    ],
)
def test_a_line_that_cannot_be_meant_is_told_with_its_number_and_key(tmp_path: Path, line: str, told: str) -> None:
    path = written(tmp_path, line_of(TAKE), line + "\n")
    with pytest.raises(UserError, match=told) as refused:
        read(path)
    assert str(refused.value).startswith(f"{path}, line 2: ") and "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"seed":1}', "format = None"),
        ('{"seed":1,"format":2}', "format = 2"),
        ('{"seed":1,"format":1}', "patch is missing"),
        ('{"seed":"one","format":1}', 'seed = "one"'),
        ('{"seed":1,"tempo_bpm":"fast","format":1}', 'tempo_bpm = "fast"'),
    ],
)
def test_a_first_line_that_is_no_take_is_told(tmp_path: Path, line: str, told: str) -> None:
    with pytest.raises(UserError, match=told):
        read(written(tmp_path, line + "\n"))


def test_a_log_that_is_not_there_or_not_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        read(tmp_path / "none.log")
    (tmp_path / "take.log").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="not text"):
        read(tmp_path / "take.log")


def test_acts_stay_in_the_order_they_were_done_each_with_the_tick_at_which_it_was_taken() -> None:
    log = Log(TAKE)
    assert log.ready() == [TAKE]
    log.act(Act("move", at=5), "generation 2")
    log.act(Act("repeat", 90))
    log.act(Act("tempo", value=100.0), "tempo")
    log.act(Act("tempo", value=101.0), "tempo")
    log.settle("tempo", 70)
    assert log.ready() == []  # the first still waits
    log.settle("generation 2", 60)
    lines = (Act("move", 60, at=5), Act("repeat", 90), Act("tempo", 70, value=100.0))
    assert log.ready() == list(lines)
    log.settle("tempo", 80)
    assert log.ready() == [Act("tempo", 80, value=101.0)] and log.ready() == []


def test_what_the_player_did_by_itself_comes_before_what_it_had_not_taken_by_then() -> None:
    log = Log(TAKE)
    log.ready()
    log.act(Act("move"), "generation 2")
    log.act(Act("follow"), "generation 3")
    log.settle("generation 2", 3000)
    log.happened(Act("stop", 3840, value=-1))
    log.happened(Act("start", 0))
    log.settle("generation 3", 7)
    assert log.ready() == [Act("move", 3000), Act("stop", 3840, value=-1), Act("start", 0), Act("follow", 7)]


def test_what_nobody_waits_for_settles_nothing() -> None:
    log = Log(TAKE)
    log.ready()
    log.act(Act("stop"), "stop")
    log.settle("panic", 5)
    assert log.ready() == []


def test_a_dead_player_holds_back_nothing() -> None:
    log = Log(TAKE)
    log.ready()
    log.act(Act("move", at=1), "generation 1")
    log.act(Act("reseed", 3))
    log.act(Act("stop"), "stop")
    log.settle_all(50)
    assert log.ready() == [Act("move", 50, at=1), Act("reseed", 3), Act("stop", 50)]


@given(st.integers(0, 5))
def test_the_hash_of_a_phrase_tells_every_note_and_the_step_it_takes_hold(place: int) -> None:
    def hashed(note: Due, hold: int = 0) -> str:
        return phrase_hash(Handoff(0, 1, 0, 16, hold, (note, Due(1, 5, 1200, 1300, 9, 38, 90))))

    note = Due(0, 0, -20, 100, 9, 36, 100)
    other = note._replace(**{Due._fields[place]: note[place] + 1})
    assert hashed(note) == hashed(note) != hashed(other)
    assert hashed(note) != hashed(note, 1)
