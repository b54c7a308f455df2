"""The changes of a set as a table: what is told, when, and what is upkeep."""

from mvae.live.control_log import Act
from mvae.live.set_changes import ChangeSheet, Row, read_rows, rows

BAR, OFFSET = 3840, 3840


def told(sheet: ChangeSheet, *acts: Act, offset: int = OFFSET) -> list[tuple[float, str, str]]:
    return [(row.beat, row.name, row.value) for row in read_rows("head\n" + sheet.lines(acts, offset))]


def test_a_move_is_its_changes_and_a_deed_itself() -> None:
    assert rows(Act("move", 960, changes={"x": 0.25, "mute drums": True, "quantise": "bar"}), OFFSET) == [
        Row(5.0, 1, "change", "x", "0.25"), Row(5.0, 1, "change", "mute drums", "on"), Row(5.0, 1, "change", "quantise", "bar"),
    ]  # fmt: skip
    assert rows(Act("fill", BAR, value=2), OFFSET) == [Row(8.0, 2, "deed", "fill", "2")]
    assert rows(Act("stop", 0, value=32), 0)[0].value == "bar 3" and rows(Act("stop", 0, value=-1), 0)[0].value == "now"
    assert rows(Act("anchor", 0, points={"A": {"toy": "AAAA"}}), 0) == [Row(0.0, 1, "deed", "anchor", "A")]


def test_what_keeps_the_music_going_is_not_told() -> None:
    assert told(ChangeSheet(), Act("follow", 5), Act("repeat", 9), Act("with", 9), Act("wander", 9, value=0.1)) == []


def test_what_begins_the_music_waits_until_the_take_knows_where() -> None:
    sheet = ChangeSheet()
    assert told(sheet, Act("reseed"), Act("play", changes={"x": 0.5})) == [(4.0, "reseed", "")]
    assert told(sheet, Act("move", 10, changes={"y": 1.0})) == []
    found = read_rows("head\n" + sheet.started(5 * BAR))
    assert [(row.beat, row.name) for row in found] == [(20.0, "play"), (20.0, "x"), (20.01, "y")]


def test_what_is_done_at_rest_is_told_where_the_music_stopped() -> None:
    acts = Act("stop", 2 * BAR, value=-1), Act("anchor", 0, points={"B": {}})
    assert told(ChangeSheet(), *acts) == [(12.0, "stop", "now"), (12.0, "anchor", "B")]


def test_a_tempo_is_told_once_though_the_log_has_it_twice() -> None:
    sheet = ChangeSheet()
    assert told(sheet, Act("tempo", 9, value=90.0), Act("move", 9, changes={"tempo": 90.0})) == [(4.009, "tempo", "90")]
    assert told(sheet, Act("fill", 9), Act("fill", 9))[1:] == [(4.009, "fill", "")]


def test_a_line_cut_short_is_left_out() -> None:
    assert [row.name for row in read_rows("head\n1.000,1,change,x,0.5\n2.000,1,change,y,0.")] == ["x"]
