"""A count-in on a master's clock: clicks from where the master starts, then the music, bars later, in phase with the master's song."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mvae.core.change import Value
from mvae.core.scene import Scene
from mvae.live import wire
from mvae.live.bounce import Bounce
from mvae.live.control_log import read
from mvae.live.count_in import LOUD, SIDE_STICK, SOFT, VOICE
from mvae.live.form import form
from mvae.live.library import Library
from tests.live.desk import Desk, GuestHall
from tests.live.form_hall import band_of
from tests.live.hall import BAR, Hall, panel, toy_band
from tests.live.studio import FA, FB, FC

CLOCKS_PER_BAR = 96
HANDS: dict[str, st.SearchStrategy[Value]] = {
    "x": st.floats(0, 1), "density": st.floats(-2, 2), "push": st.floats(-30, 30), "variation": st.floats(0, 1),
    "nudge": st.floats(-100, 100), "quantise": st.sampled_from(("now", "beat", "bar", "phrase")), "play": st.none(),
    "mute drums": st.none(), "continue": st.none(), "stop": st.sampled_from(("now", "bar")), "reseed": st.none(),
    "panic": st.none(), "fill": st.integers(1, 3),
}  # fmt: skip
hands = st.sampled_from(sorted(HANDS)).flatmap(lambda action: st.tuples(st.floats(0, 1.5), st.just(action), HANDS[action]))
BAR_2, MID = b"\xf2\x10\x00", b"\xf2\x17\x00"
words = st.sampled_from(((FA,), (FB,), (FC,), (BAR_2,), (MID,), (FC, BAR_2, FB), (MID, FB), (FC, FA)))
deeds = st.lists(st.tuples(words, st.integers(4, 150), st.sampled_from((120, 120, 97, 140))), max_size=6)


def ons(hall: Hall) -> list[wire.Sent]:
    """Every note-on so far."""
    return [sent for sent in hall.of(wire.Sent) if isinstance(sent, wire.Sent) and sent.on]


def clicked(hall: Hall) -> list[int]:
    """The song ticks of the clicks so far, each loud or soft as it has to be."""
    found = [on for on in ons(hall) if on.voice == VOICE]
    assert all((on.pitch, on.velocity) == (SIDE_STICK, SOFT if on.tick % BAR else LOUD) for on in found)
    return [on.tick for on in found]


def music(hall: Hall) -> dict[tuple[int, int], tuple[int, int]]:
    """(voice, step) -> tick and velocity of all that is no click."""
    return {(on.voice, on.step): (on.tick, on.velocity) for on in ons(hall) if on.voice != VOICE}


def rest(bars: int, first: int) -> dict[tuple[int, int], tuple[int, int]]:
    """What the instrument plays on its own clock from a step on."""
    with Hall() as hall:
        hall.play(bars * 2.0)
        return {note: heard for note, heard in hall.notes().items() if first <= note[1] < 16 * bars - 2}


def beats(first: int, bars: int) -> list[int]:
    return list(range(first, first + bars * BAR, BAR // 4))


def again(path: Path) -> bytes:
    take, acts = read(path.with_suffix(".log"))
    assert take is not None
    offline = Bounce(panel(), toy_band(), take)
    data = offline.play(acts, None)
    assert offline.remarks() == []
    return data


@settings(deadline=None, max_examples=30)
@given(deeds, st.lists(hands, max_size=6), st.sampled_from((0, 1, 1, 2)), st.sampled_from((0.0, 0.001)))
def test_whatever_master_and_hands_do_the_take_comes_out_again_byte_for_byte(
    tmp_path_factory: pytest.TempPathFactory,
    deeds: Sequence[tuple[tuple[bytes, ...], int, int]],
    script: Sequence[tuple[float, str, Value]],
    count_in: int,
    jitter_s: float,
) -> None:
    path = tmp_path_factory.mktemp("take") / "take.mid"
    desk = Desk(jitter_s).play(60).send(FA).play(100)
    for sent, ticks, bpm in deeds:
        for word in sent:
            desk.send(word)
        desk.play(ticks, bpm)
    with GuestHall(desk.play(200), path, count_in=count_in) as hall:
        for wait_s, action, value in script:
            hall.run(wait_s)
            hall.do(action, value)
        hall.run_out()
        hall.instrument.finish()
    if path.exists():
        assert again(path) == path.read_bytes()


@pytest.mark.parametrize("bars", [1, 2])
def test_a_start_is_counted_in_and_the_music_enters_on_the_masters_bar_line(tmp_path: Path, bars: int) -> None:
    path = tmp_path / "take.mid"
    desk = Desk().play(60).send(FA).play((bars + 2) * CLOCKS_PER_BAR + 5)
    with GuestHall(desk, path, count_in=bars) as hall:
        hall.run_out()
        assert clicked(hall) == beats(0, bars)
        line_s = hall.link.status().time_of_tick(bars * BAR)
        assert line_s == pytest.approx(desk.ticks[60 + bars * CLOCKS_PER_BAR], abs=1e-4)
        assert music(hall).items() >= rest(bars + 2, 16 * bars).items()
        assert min(step for _, step in music(hall)) // 16 == bars
        assert hall.link.status().counters.dropped == 0 and not hall.of(wire.Repeated)
        hall.instrument.finish()
    assert again(path) == path.read_bytes()


@pytest.mark.parametrize(("step", "bar"), [(0x50, 5), (0x55, 6)])
def test_from_a_song_position_whole_bars_are_counted_and_the_music_enters_at_a_bar_line(tmp_path: Path, step: int, bar: int) -> None:
    path = tmp_path / "take.mid"
    desk = Desk().play(60).send(bytes((0xF2, step, 0))).play(12).send(FB).play(4 * CLOCKS_PER_BAR)
    with GuestHall(desk, path, count_in=1) as hall:
        hall.run_out()
        assert clicked(hall) == beats(bar * BAR, 1)
        assert music(hall).items() >= rest(bar + 3, 16 * (bar + 1)).items() and min(music(hall).values())[0] >= (bar + 1) * BAR - 120
        hall.instrument.finish()
    assert again(path) == path.read_bytes()


def test_where_the_song_went_on_before_it_was_known_what_is_played_there_it_is_counted_in_all_the_same() -> None:
    with GuestHall(Desk().play(60).send(b"\xf2\x20\x00").send(FB).play(3 * CLOCKS_PER_BAR), count_in=1) as hall:
        hall.run_out()
        assert clicked(hall)[-3:] == beats(2 * BAR, 1)[1:] and music(hall).items() >= rest(5, 48).items()


def test_the_song_goes_on_after_a_stop_without_another_count_in(tmp_path: Path) -> None:
    path = tmp_path / "take.mid"
    desk = Desk().play(60).send(FA).play(CLOCKS_PER_BAR + 50).send(FC).play(30).send(FB).play(200)
    with GuestHall(desk, path, count_in=1) as hall:
        hall.run_out()
        assert clicked(hall) == beats(0, 1) and len(hall.of(wire.Started)) == 2 and hall.tick > 3 * BAR
        hall.instrument.finish()
    assert again(path) == path.read_bytes()


def test_a_stop_in_the_count_in_silences_it_and_who_goes_on_is_counted_in_anew(tmp_path: Path) -> None:
    path = tmp_path / "take.mid"
    desk = Desk().play(60).send(FA).play(50).send(FC).play(60).send(FB).play(3 * CLOCKS_PER_BAR)
    with GuestHall(desk, path, count_in=1) as hall:
        hall.run(130 * 0.5 / 24)
        assert not hall.playing and clicked(hall) == beats(0, 1)[:3] and music(hall) == {}
        hall.run_out()
        assert clicked(hall)[3:] == beats(BAR, 1) and min(step for _, step in music(hall)) == 32
        hall.instrument.finish()
    assert again(path) == path.read_bytes()


def test_a_locate_moves_the_music_and_in_the_count_in_begins_that_anew(tmp_path: Path) -> None:
    path = tmp_path / "take.mid"
    desk = Desk().play(60).send(FA).play(50).send(b"\xf2\x40\x00").play(CLOCKS_PER_BAR + 50).send(b"\xf2\x00\x00").play(150)
    with GuestHall(desk, path, count_in=1) as hall:
        hall.run((60 + 50 + CLOCKS_PER_BAR + 48) * 0.5 / 24)
        assert clicked(hall) == [*beats(0, 1)[:3], *beats(4 * BAR, 1)] and min(step for _, step in music(hall)) // 16 == 5
        hall.run_out()
        assert len(clicked(hall)) == 7 and hall.of(wire.Started)[-1].line_tick == 0  # type: ignore[union-attr]
        hall.instrument.finish()
    assert again(path) == path.read_bytes()


def test_nothing_but_clicks_sounds_in_the_count_in_whatever_hands_do_and_what_they_did_is_heard_after_it(tmp_path: Path) -> None:
    path = tmp_path / "take.mid"
    with GuestHall(Desk().play(60).send(FA).play(4 * CLOCKS_PER_BAR), path, count_in=2) as hall, Hall() as alone:
        hall.run(1.5)
        for action, value in (("density", 2.0), ("reseed", None), ("x", 0.9), ("quantise", "now"), ("density", 1.0)):
            hall.do(action, value)
            hall.run(0.4)
        assert music(hall) == {}
        hall.run_out()
        assert clicked(hall) == beats(0, 2)
        for action, value in (("density", 1.0), ("reseed", None), ("x", 0.9)):
            alone.do(action, value)
        alone.play(8.0)
        assert music(hall).items() >= {note: heard for note, heard in alone.notes().items() if 32 <= note[1] < 60}.items()
        hall.instrument.finish()
    assert again(path) == path.read_bytes()


def test_a_fill_asked_for_in_the_count_in_is_played_after_it(tmp_path: Path) -> None:
    path = tmp_path / "take.mid"
    with GuestHall(Desk().play(60).send(FA).play(4 * CLOCKS_PER_BAR), path, count_in=1) as hall:
        hall.run(2.0)
        hall.do("fill", 1)
        hall.run(0.5)
        assert music(hall) == {}
        hall.run_out()
        differ = {note for note, _ in music(hall).items() ^ rest(5, 16).items() if note[1] < 60}
        assert differ and min(step for _, step in differ) >= 16 and max(step for _, step in differ) < 48
        hall.instrument.finish()
    assert again(path) == path.read_bytes()


def test_so_many_bars_are_bars_of_music() -> None:
    with GuestHall(Desk().play(60).send(FA).play(5 * CLOCKS_PER_BAR), bars=2, count_in=1) as hall:
        hall.run_out()
        assert hall.instrument.over and hall.of(wire.Stopped)[-1].tick == 3 * BAR  # type: ignore[union-attr]


def test_who_plays_while_the_masters_song_stands_is_counted_in_and_begins_at_bar_1(tmp_path: Path) -> None:
    path = tmp_path / "take.mid"
    desk = Desk().play(400)
    with GuestHall(desk, path, count_in=1) as hall:
        hall.run(1.0)
        hall.do("play")
        hall.run_out()
        assert clicked(hall) == beats(-BAR, 1) and min(step for _, step in music(hall)) == 0
        assert any(abs(hall.link.status().time_of_tick(0) - at_s) < 1e-4 for at_s in desk.ticks[::24])
        hall.instrument.finish()
    assert again(path) == path.read_bytes()


@pytest.mark.parametrize(("action", "entry", "counted"), [("play", 3, 1), ("continue", 2, 0)])
def test_who_plays_along_is_counted_in_from_the_next_bar_line_and_who_goes_on_is_not(
    tmp_path: Path, action: str, entry: int, counted: int
) -> None:
    path = tmp_path / "take.mid"
    with GuestHall(Desk().play(60).send(FA).play(5 * CLOCKS_PER_BAR), path, count_in=1) as hall:
        hall.run((60 + CLOCKS_PER_BAR + 40) * 0.5 / 24)
        hall.do("stop")
        hall.run(0.1)
        before = len(ons(hall))
        hall.do(action)
        hall.run_out()
        joined = ons(hall)[before:]
        assert [on.tick for on in joined if on.voice == VOICE] == beats((entry - 1) * BAR, counted)
        assert min(on.step for on in joined if on.voice != VOICE) // 16 == entry
        hall.instrument.finish()
    assert again(path) == path.read_bytes()


@pytest.mark.parametrize("asked", [False, True])
def test_a_scene_begins_with_the_music_and_its_bars_are_counted_from_there(tmp_path: Path, asked: bool) -> None:
    scenes = (Scene("one", knobs={"density": 1.5}, bars=2, then="next"), Scene("two", knobs={"density": -1.5}))
    band = band_of(scenes, ("one", "two"))
    desk = Desk().play(60).send(FA).play(6 * CLOCKS_PER_BAR)
    with GuestHall(desk, count_in=2, band=band) as hall, form(hall.instrument, {"toy": "1"}, Library(tmp_path), 2):
        hall.run(2.0)
        assert hall.panel.snapshot().knobs["density"] == 1.5
        if asked:
            hall.do("scene", "one")
        hall.run(60 * 0.5 / 24 + 3.8 * 2.0 - 2.0)
        assert hall.panel.snapshot().knobs["density"] == 1.5
        hall.run(0.6)
        assert hall.panel.snapshot().knobs["density"] == -1.5
