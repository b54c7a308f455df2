"""What the surface is told of an instrument on a clock turned by hand."""

from collections.abc import Iterator

import pytest

from mvae.live import wire
from mvae.live.surface_news import News, merge
from mvae.live.surface_portrait import Portrait, facts_of
from tests.live.hall import BAR_S, BEAT_S, PATCH, Hall
from tests.live.orchestra import ORCHESTRA, orchestra


class Told:
    """A portrait of a hall, and all that it has told."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        self.published: dict[str, tuple[object, ...]] = {"/mvae/anchor/A": ("rock",), "/mvae/tempo": (120.0,)}
        self.portrait = Portrait(hall.instrument, lambda: self.published)
        hall.instrument.overhear(self.portrait.overhear)
        self.known: News = {}

    def look(self) -> News:
        news = self.portrait.look(self.hall.clock.now)
        merge(self.known, news)
        return news


@pytest.fixture
def hall() -> Iterator[Hall]:
    with Hall() as made:
        yield made


def test_the_first_look_tells_everything_and_the_next_nothing(hall: Hall) -> None:
    told = Told(hall)
    first = told.look()
    assert set(first) == {"positions", "published", "phrases", "status", "remark", "gauges"}
    assert set(first["positions"]) == {action.name for action in hall.panel.actions.values() if action.kind != "trigger"}
    assert told.look() == {}


def test_of_the_positions_only_what_moved_is_told(hall: Hall) -> None:
    told = Told(hall)
    told.look()
    hall.do("x", 0.75)
    hall.do("mute drums", True)
    assert told.look() == {"positions": {"x": 0.75, "mute drums": True}}


def test_state_with_an_address_is_told_unless_it_is_an_actions(hall: Hall) -> None:
    told = Told(hall)
    assert told.look()["published"] == {"/mvae/anchor/A": ("rock",)}
    told.published["/mvae/scene/playing"] = ("verse",)
    assert told.look() == {"published": {"/mvae/scene/playing": ("verse",)}}


def test_whoever_comes_after_the_first_is_told_everything_again(hall: Hall) -> None:
    told = Told(hall)
    hall.play(BEAT_S)
    first = told.look()
    told.portrait.forget()
    assert told.look() == first


def test_the_phrases_are_what_the_player_was_handed(hall: Hall) -> None:
    told = Told(hall)
    hall.play(BAR_S)
    told.look()
    units = told.known["phrases"]["0"]["units"]
    assert told.known["phrases"]["0"]["steps"] == 32 and units[0][0] == 0
    notes = {(note[1], note[0]): (note[4], note[3]) for note in units[0][1]}
    assert {key: value for key, value in hall.notes().items() if key[1] < 16}.items() <= notes.items()


def test_a_knob_that_bends_the_phrase_tells_its_new_notes(hall: Hall) -> None:
    told = Told(hall)
    hall.play(BEAT_S)
    told.look()
    assert "phrases" not in told.look()
    hall.do("density", 2.0)
    hall.run(0.1)
    before = told.known["phrases"]
    assert told.look()["phrases"] != before


def test_every_part_of_a_band_is_told() -> None:
    with Hall(band=orchestra()) as hall:
        told = Told(hall)
        hall.play(0.1)
        told.look()
        hall.run(BAR_S)
        told.look()
        assert set(told.known["phrases"]) == {"0", "1", "2", "3", "4"}
        sounded = {(sent.part, sent.voice, sent.step) for sent in hall.of(wire.Sent) if isinstance(sent, wire.Sent) and sent.on}
        shown = {(int(part), note[1], note[0]) for part, of in told.known["phrases"].items() for _, notes in of["units"] for note in notes}
        assert sounded <= shown


def test_each_note_is_told_once_with_the_time_it_was_meant_for(hall: Hall) -> None:
    told, rings = Told(hall), list[int]()
    told.portrait.rung = lambda: rings.append(1)
    hall.play(2 * BEAT_S)
    status = hall.link.status()
    notes = [note for note in told.portrait.notes()["notes"] if note[1] is True]
    sent = [message for message in hall.of(wire.Sent) if isinstance(message, wire.Sent) and message.on]
    assert [(note[3], note[4], note[6]) for note in notes] == [(on.voice, on.pitch, on.step) for on in sent] and rings
    assert [note[0] for note in notes] == pytest.approx([status.time_of_tick(on.tick) for on in sent], abs=1e-4)
    assert told.portrait.notes() == {}


def test_a_panic_is_silence(hall: Hall) -> None:
    told = Told(hall)
    hall.play(BEAT_S)
    told.portrait.notes()
    hall.do("panic")
    hall.run(0.05)
    assert "silence" in [note[1] for note in told.portrait.notes()["notes"]]


def test_between_two_looks_the_song_goes_on_by_the_clock_that_was_told(hall: Hall) -> None:
    told = Told(hall)
    hall.play(BAR_S)
    status = told.look()["status"]
    hall.run(BEAT_S)
    assert "status" not in told.look()
    beat = status["beat"] + (hall.clock.now - status["at_s"]) / status["seconds_per_beat"]
    assert beat * 960 - status["origin_tick"] == pytest.approx(hall.tick, abs=1)


def test_the_gauges_know_what_the_player_still_holds(hall: Hall) -> None:
    told = Told(hall)
    assert told.look()["gauges"]["left_ms"] == 60_000
    hall.play(BAR_S)
    told.look()
    hall.run(0.3)
    gauges = told.look()["gauges"]
    assert 0 < gauges["left_ms"] <= 3 * BAR_S * 1000 and gauges["late_phrases"] == 0 and gauges["decodes"] > 0
    hall.link.deaf = True
    hall.run(9 * BAR_S)
    assert told.look()["gauges"]["left_ms"] == 0


def test_what_others_add_is_a_section_of_its_own(hall: Hall) -> None:
    told, bound = Told(hall), ["", ""]
    told.portrait.sources["learn"] = lambda: list(bound)
    assert told.look()["learn"] == ["", ""]
    bound[0] = "density"
    assert told.look() == {"learn": ["density", ""]}


def test_a_page_knows_the_parts_and_what_lies_at_the_corners() -> None:
    assert facts_of(PATCH)["anchors"] == {"A": ["rock"], "B": ["funk"], "C": ["jazz"], "D": ["latin"]}
    facts = facts_of(ORCHESTRA, sync="link")
    assert facts["anchors"]["A"] == ["rock", "latin"] and facts["sync"] == "link"
    assert [part["name"] for part in facts["parts"] if part["melodic"]] == ["lead", "melody", "bass"]
