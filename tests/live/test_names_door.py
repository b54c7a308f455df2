"""The table of actions as names in a REPL."""

import pytest

from mvae.core.action_table import table
from mvae.core.actions import Actions
from mvae.core.errors import UserError
from mvae.core.panel import Panel
from mvae.live.names_door import Names, Trigger


@pytest.fixture
def panel() -> Panel:
    return Panel(Actions(table("ABCD", ("density",), ("drums", "bass"), ("bass",))))


def done(panel: Panel) -> list[tuple[str, object]]:
    return [(change.action, change.value) for change in panel.drain()]


def test_a_knob_is_read_and_turned_as_an_attribute_or_an_item(panel: Panel) -> None:
    knob = Names(panel, "knob")
    knob.density = 1
    knob["Wander Beats"] = 32
    assert knob.density == 1.0 == panel.snapshot().knobs["density"] and knob["wander_beats"] == 32.0
    knob.density = 99
    assert knob.density == 2.0


def test_a_name_with_dots_is_an_attribute_of_an_attribute(panel: Panel) -> None:
    knob = Names(panel, "knob")
    knob.bass.octave = -1
    knob.drums.map.kick = 35
    assert panel.snapshot().knobs["bass.octave"] == -1.0 and knob["drums.map.kick"] == 35.0
    assert "octave" in dir(knob.bass) and "octave" not in dir(knob.drums) and "map" in dir(knob.drums) and "kick" in dir(knob.drums.map)
    assert {"density", "drums", "bass", "tempo"} <= set(dir(knob)) and "drums.velocity" in list(knob)


def test_switches_and_choices_are_set_alike(panel: Panel) -> None:
    mute, choice = Names(panel, "switch", "mute "), Names(panel, "choice")
    mute.drums = True
    choice.quantise = "Bar"
    choice.drums.out = "own"
    assert mute.drums is True and mute.bass is False and choice.quantise == "bar" and choice["drums.out"] == "own"
    assert done(panel) == [("mute drums", True), ("quantise", "bar"), ("drums.out", "own")]
    assert dir(mute) == ["bass", "drums"]


def test_a_list_of_names_shows_where_each_stands_and_what_it_takes(panel: Panel) -> None:
    lines = repr(Names(panel, "knob")).splitlines()
    assert [line.split()[:4] for line in lines if line.startswith("tempo ")] == [["tempo", "120", "(20..400", "BPM)"]]
    assert "quantise" in repr(Names(panel, "choice")) and "(now, beat, bar, phrase)" in repr(Names(panel, "choice"))


@pytest.mark.parametrize(
    ("values", "named", "wanted"),
    [
        (("fill",), {}, ("fill", 1)),
        (("fill", 2), {}, ("fill", 2)),
        (("fill",), {"bars": 3}, ("fill", 3)),
        (("stop", "bar"), {}, ("stop", "bar")),
        (("recall", "a"), {}, ("recall A", 0.0)),
        (("recall", "A"), {"beats": 4}, ("recall A", 4)),
        (("recall", "A", 0), {}, ("recall A", 0.0)),
        (("scene", "chorus"), {}, ("scene", "chorus")),
        (("scene", "next"), {}, ("scene next", None)),
        (("scene", "store", "verse"), {}, ("scene store", "verse")),
        (("store", "B"), {"name": "mine"}, ("store B", "mine")),
        (("play",), {}, ("play", None)),
    ],
)
def test_a_trigger_is_called(panel: Panel, values: tuple[object, ...], named: dict[str, object], wanted: tuple[str, object]) -> None:
    Trigger(panel, str(values[0]))(*values[1:], **named)  # type: ignore[arg-type]
    assert done(panel) == [wanted]


@pytest.mark.parametrize(
    ("word", "values", "named", "told"),
    [
        ("fill", (1, 2), {}, "fill: takes bars, 1 to 16"),
        ("fill", (), {"bras": 2}, "fill: takes bars"),
        ("play", (1,), {}, "play: takes nothing more"),
        ("recall", ("Z",), {}, "no recall 'Z'; there are: A, B, C, D"),
        ("recall", (), {}, "there are: A, B, C, D"),
        ("stop", ("never",), {}, "stop takes one of now, bar"),
    ],
)
def test_what_a_trigger_does_not_take_is_one_line(
    panel: Panel, word: str, values: tuple[object, ...], named: dict[str, object], told: str
) -> None:
    with pytest.raises(UserError, match=told.replace("(", r"\(")):
        Trigger(panel, word)(*values, **named)  # type: ignore[arg-type]
    assert done(panel) == []


def test_a_name_or_a_value_that_is_not_there_is_one_line(panel: Panel) -> None:
    knob = Names(panel, "knob")
    with pytest.raises(UserError, match=r"no knob 'densty' \(did you mean 'density'\?\)"):
        knob.densty = 1
    with pytest.raises(UserError, match="no knob 'densty'"):
        print(knob.densty)
    with pytest.raises(UserError, match="density takes a number, got 'much'"):
        knob.density = "much"
    with pytest.raises(UserError, match="takes a value"):
        knob.density = None
    with pytest.raises(AttributeError):
        knob.__wrapped__  # noqa: B018  (what inspecting tools ask for)


def test_a_trigger_says_what_it_takes(panel: Panel) -> None:
    assert repr(Trigger(panel, "fill")) == "fill: a fill, and back exactly; takes bars, 1 to 16"
    assert repr(Trigger(panel, "recall")).splitlines()[3].startswith("recall D: glide to anchor D; takes beats")
