"""Phrases become clips of Ableton Live: as loops, into empty slots and over clips that are there, and Live's troubles are told."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from mvae.core.shaping import Placed
from mvae.live.clip_feature import Clips
from mvae.live.clips import Place, clip_of, phrase_units, read_place, writes
from mvae.live.osc_codec import address_of, arguments
from tests.live.ableton import Ableton, LiveClip
from tests.live.command import free_port
from tests.live.hall import BAR_S, Hall
from tests.live.jack import wait_until
from tests.live.network import private

WAIT_S = 20.0


def placed(step: int, on_tick: int, lasts: int = 120) -> Placed:
    return Placed(0, step, on_tick, on_tick + lasts, 9, 36, 100)


@contextmanager
def beside_live(peer_listens: bool = True) -> Iterator[tuple[Hall, Ableton]]:
    """An instrument beside a set of Live."""
    reply_port = free_port()
    live = Ableton(reply_port)
    with Hall() as hall:
        clips = Clips(hall.instrument, ("127.0.0.1", live.port if peer_listens else free_port()), reply_port)
        hall.instrument.add(clips)
        yield hall, live
        clips.close()
    live.close()


def until(hall: Hall, reached: Callable[[], object]) -> None:
    """Play on until something is so: Live answers in a thread of its own."""

    def plays_on() -> bool:
        hall.run(0.01)
        return bool(reached())

    assert wait_until(plays_on, WAIT_S), (hall.instrument.remark, hall.told[-5:])


@pytest.mark.parametrize(
    ("text", "place", "part"), [("1 1", Place(1, 1), ""), ("3 12 bass", Place(3, 12), "bass"), ("  2  8 ", Place(2, 8), "")]
)
def test_a_place_is_numbered_as_live_shows_it(text: str, place: Place, part: str) -> None:
    assert read_place(text, ("drums", "bass")) == (place, part)
    assert place.counted == (place.track - 1, place.slot - 1)


@pytest.mark.parametrize("text", ["", "1", "0 1", "1 0", "one 1", "1 1 flute", "1 1 bass more", "9999 1"])
def test_what_is_no_place_is_answered(text: str) -> None:
    with pytest.raises(ValueError, match=r"TRACK SLOT|no part"):
        read_place(text, ("drums", "bass"))


def test_a_clip_is_a_loop_and_what_comes_before_its_line_comes_at_its_end() -> None:
    clip = clip_of("drums", [[placed(0, -48), placed(4, 960)], [placed(0, 24)]], 16)
    assert clip.beats == 8.0
    assert clip.notes == ((36, 1.0, 0.125, 100), (36, 4.025, 0.125, 100), (36, 7.95, 0.125, 100))


def test_of_bars_the_whole_phrase_that_plays_is_taken_or_the_one_before() -> None:
    bars = {index: [placed(index, 0)] for index in range(9)}
    assert phrase_units(6, 4, bars) == [bars[index] for index in range(4, 8)]
    assert phrase_units(8, 4, bars) == [bars[index] for index in range(4, 8)]
    assert phrase_units(1, 4, {0: [], 1: []}) is None


def test_many_notes_are_written_in_several_messages() -> None:
    clip = clip_of("drums", [[placed(step, step * 60) for step in range(64)] * 3], 16)
    sent = [(address_of(one), arguments(one)) for one in writes(Place(2, 3), clip, is_there=False)]
    notes = [values for address, values in sent if address == b"/live/clip/add/notes"]
    assert sum(len(values) - 2 for values in notes) == 5 * 192 and len(notes) == 3
    assert all(values[:2] == (1, 2) for _, values in sent) and sent[0] == (b"/live/clip_slot/create_clip", (1, 2, 4.0))


def test_the_phrase_that_plays_is_written_into_an_empty_slot() -> None:
    with beside_live() as (hall, live):
        hall.play(BAR_S)
        hall.do("clip write", "2 3")
        until(hall, lambda: (1, 2) in live.clips and live.clips[1, 2].name)
        clip = live.clips[1, 2]
        plan = hall.ahead.plans[0]
        wanted = sorted((note.pitch, note.on_tick % 7680, note.velocity) for note in plan.placed[0])
        assert sorted((pitch, round(start * 960), velocity) for pitch, start, _, velocity, _ in clip.notes) == wanted
        assert clip.length == 8.0 and clip.name == "Toy drums" and not live.errors
        assert ("/mvae/clip/written", "drums", 2, 3, len(clip.notes)) in hall.told


def test_a_clip_that_is_there_is_written_over_and_stays_itself() -> None:
    with beside_live() as (hall, live):
        live.clips[0, 0] = mine = LiveClip(4.0, "mine", [(60, 0.0, 1.0, 100, False)], (2.0, 4.0))
        hall.play(BAR_S)
        hall.do("clip write", "1 1 drums")
        until(hall, lambda: mine.name == "Toy drums")
        assert live.clips[0, 0] is mine and mine.loop == (0.0, 8.0) and not live.errors
        assert mine.notes and all(pitch < 60 for pitch, *_ in mine.notes)


def test_what_live_refuses_and_what_is_no_place_is_told_and_the_music_goes_on() -> None:
    with beside_live() as (hall, _):
        hall.do("clip write", "1 1")
        hall.run(0.1)
        assert "no whole phrase" in hall.instrument.remark
        hall.play(BAR_S)
        hall.do("clip write", "99 1")
        until(hall, lambda: "Live: Error" in hall.instrument.remark)
        hall.do("clip write", "here")
        until(hall, lambda: "TRACK SLOT" in hall.instrument.remark)
        assert hall.playing and [words[1] for words in hall.told if words[0] == "/mvae/error"] == ["clip write"] * 3


def test_where_no_live_is_it_is_said_after_a_second_and_the_port_is_free_again() -> None:
    with beside_live(peer_listens=False) as (hall, live):
        hall.play(BAR_S)
        hall.do("clip write", "1 1")
        until(hall, lambda: "does not answer" in hall.instrument.remark)
        hall.do("clip to", f"127.0.0.1:{live.port}")
        hall.do("clip write", "1 1")
        until(hall, lambda: (0, 0) in live.clips)


def test_where_another_program_has_the_port_of_answers_an_empty_slot_is_written_unasked() -> None:
    with beside_live() as (hall, live), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", live._reply_port))
        hall.play(BAR_S)
        hall.do("clip write", "1 1")
        until(hall, lambda: (0, 0) in live.clips and live.clips[0, 0].name)


def test_a_peer_to_which_no_way_leads_is_told_and_the_next_one_is_written_to() -> None:
    with beside_live() as (hall, live):
        hall.play(BAR_S)
        hall.do("clip to", f"255.255.255.255:{live.port}")
        hall.do("clip write", "1 1")
        until(hall, lambda: ("/mvae/error", "clip write") in [words[:2] for words in hall.told])
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind(("127.0.0.1", live._reply_port))
        hall.do("clip to", f"127.0.0.1:{live.port}")
        hall.do("clip write", "1 1")
        until(hall, lambda: (0, 0) in live.clips and live.clips[0, 0].name)


def test_answers_of_a_peer_elsewhere_are_heard_at_the_address_that_faces_it_alone() -> None:
    with private("10.9.0.1/24"), Hall() as hall, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        clips = Clips(hall.instrument, ("10.9.0.2", 11000), other.getsockname()[1])
        clips.open()
        assert clips._socket and clips._hears and clips._socket.getsockname() == ("10.9.0.1", clips.reply_port)
        clips.close()


def test_a_song_that_begins_again_is_written_from_its_first_phrase_on() -> None:
    with beside_live() as (hall, live):
        hall.play(9 * BAR_S)
        hall.do("stop")
        hall.run(BAR_S)
        hall.do("x", 0.9)
        hall.play(BAR_S)
        hall.do("clip write", "1 1")
        until(hall, lambda: hall.instrument.remark or ((0, 0) in live.clips and live.clips[0, 0].name))
        assert not hall.instrument.remark
        wanted = sorted((note.pitch, note.on_tick % 7680, note.velocity) for note in hall.ahead.plans[0].placed[0])
        assert sorted((pitch, round(start * 960), velocity) for pitch, start, _, velocity, _ in live.clips[0, 0].notes) == wanted
