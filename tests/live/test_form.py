"""Position, count-in and walk; and whatever hands do with the form of a set, its take comes out again byte for byte."""

import io
from dataclasses import replace
from pathlib import Path

import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mvae.core.change import Change, Value
from mvae.core.scene import Scene
from mvae.live import output, wire
from mvae.live.count_in import LOUD, SIDE_STICK, SOFT, clicks
from tests.live.desk import Desk, GuestHall
from tests.live.form_hall import FormHall, band_of, played_again
from tests.live.hall import BAR, BAR_S, PAGE_S, Hall
from tests.live.orchestra import orchestra

SCENES = (
    Scene("one", {"A": "latin"}, knobs={"density": 1.0, "x": 0.1}, roll=4, bars=1, then="random"),
    Scene("two", {"B": "rock", "C": "rock"}, knobs={"push": -12.0}, switches={"mute drums": True}, bars=1, glide_beats=1.5),
    Scene("three", knobs={"wander": 0.5}, switches={"mute drums": False}),
)
HANDS: dict[str, st.SearchStrategy[Value]] = {
    "x": st.floats(0, 1), "push": st.floats(-30, 30), "tempo": st.floats(60, 240), "variation": st.floats(0, 1),
    "quantise": st.sampled_from(("now", "beat", "bar", "phrase")), "play": st.none(), "continue": st.none(), "reseed": st.none(),
    "stop": st.sampled_from(("now", "bar")), "fill": st.integers(1, 3), "locate": st.integers(1, 9), "glide": st.floats(0, 4),
    "wander": st.floats(0, 1), "wander_beats": st.floats(1, 8), "scene": st.sampled_from(("one", "two", "three", "4")),
    "scene store": st.sampled_from(("three", "four")), "scene next": st.none(), "sample A": st.none(), "store B": st.just("kept"),
    "load A": st.sampled_from(("latin", "kept", "")), "load C": st.just("kept"), "recall B": st.floats(0, 3),
}  # fmt: skip
hands = st.sampled_from(sorted(HANDS)).flatmap(lambda action: st.tuples(st.floats(0, 1.5), st.just(action), HANDS[action]))


def ons(hall: Hall) -> list[wire.Sent]:
    """Every note-on so far."""
    return [sent for sent in hall.of(wire.Sent) if isinstance(sent, wire.Sent) and sent.on]


@settings(deadline=None, max_examples=15)
@given(st.lists(hands, max_size=12), st.booleans(), st.sampled_from((0, 0, 1)))
def test_whatever_hands_do_the_take_comes_out_again_byte_for_byte(
    tmp_path_factory: pytest.TempPathFactory, script: list[tuple[float, str, Value]], at_once: bool, count_in: int
) -> None:
    path = (folder := tmp_path_factory.mktemp("take")) / "take.mid"
    with FormHall(folder, path, band_of(SCENES), count_in) as hall:
        hall.do("play")
        hall.run(PAGE_S)
        for wait_s, action, value in script:
            hall.run(0.0 if at_once else wait_s)
            hall.do(action, value)
        hall.run(1.5 * BAR_S)
        hall.instrument.finish()
    assert played_again(path, band_of()) == path.read_bytes()


@pytest.mark.parametrize("bar", [1, 2, 3, 8])
def test_after_a_locate_the_phrase_plays_from_that_bar(tmp_path: Path, bar: int) -> None:
    with FormHall(tmp_path) as rest, FormHall(tmp_path) as hall:
        rest.play(9 * BAR_S)
        hall.do("locate", bar)
        hall.run(0.05)
        assert hall.link.status().stopped_tick == (bar - 1) * BAR and not hall.playing
        hall.do("continue")
        hall.run(1.2 * BAR_S)
        heard = {(on.voice, on.step): (on.tick, on.velocity) for on in ons(hall) if on.step < bar * 16}
        assert len(heard) > 20 and heard == {key: found for key, found in rest.notes().items() if key in heard}
        assert {step for _, step in heard} <= set(range((bar - 1) * 16, bar * 16))


def test_a_locate_while_something_plays_goes_on_from_the_bar_and_tells_those_who_follow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[bytes] = []
    monkeypatch.setattr(output.NoOutput, "send", lambda _, message, slot: sent.append(message) is None)
    with FormHall(tmp_path) as hall:
        hall.play(1.3 * BAR_S)
        hall.do("locate", 7)
        hall.run(BAR_S)
        assert hall.playing and 6 * BAR < hall.tick < 7 * BAR
        transport = [message for message in sent if message[:1] in (b"\xfa", b"\xfb", b"\xfc", b"\xf2")]
        assert transport == [b"\xfa", b"\xfc", output.song_position(96), b"\xfb"]
        assert len({(on.tick, on.pitch) for on in ons(hall)}) == len(ons(hall))


def test_play_after_a_locate_begins_at_bar_1_and_a_second_continue_where_it_stopped(tmp_path: Path) -> None:
    with FormHall(tmp_path) as hall:
        hall.do("locate", 5)
        hall.run(0.05)
        hall.play(0.5 * BAR_S)
        assert 0 <= hall.tick < BAR
        hall.do("stop")
        hall.run(0.1)
        stopped = hall.tick
        hall.do("continue")
        hall.run(0.3)
        assert stopped <= hall.tick < stopped + BAR


def test_a_guest_is_told_that_the_position_is_the_masters(tmp_path: Path) -> None:
    with GuestHall(Desk()) as hall:
        (answer,) = hall.panel.turn(Change("locate", 3))
        assert answer == "the position is the MIDI clock's"


@pytest.mark.parametrize("bars", [1, 2])
def test_a_count_in_clicks_every_beat_and_then_the_song_begins_in_time(tmp_path: Path, bars: int) -> None:
    path = tmp_path / "take.mid"
    with FormHall(tmp_path, path, count_in=bars) as hall, FormHall(tmp_path) as rest:
        hall.do("play")
        hall.run((bars + 2.1) * BAR_S)
        rest.play(2 * BAR_S)
        clicked = [(on.tick, on.pitch, on.velocity) for on in ons(hall) if on.step < 0]
        beats = range(-bars * BAR, 0, BAR // 4)
        assert clicked == [(tick, SIDE_STICK, LOUD if tick % BAR == 0 else SOFT) for tick in beats]
        music = {(on.tick, on.pitch, on.velocity) for on in ons(hall) if 0 <= on.step < 28}
        assert music == {(on.tick, on.pitch, on.velocity) for on in ons(rest) if on.step < 28}
        hall.do("tempo", 90.0)
        hall.run(0.1)
        hall.do("stop")
        hall.run(0.1)
        hall.do("play")
        hall.run(0.4 * BAR_S)
        hall.do("tempo", 140.0)  # in the second count-in
        hall.do("x", 0.9)
        hall.run((bars + 1) * BAR_S)
        hall.instrument.finish()
    assert played_again(path, band_of()) == path.read_bytes()
    messages = mido.MidiFile(file=io.BytesIO(path.read_bytes())).tracks[0]
    first = next(place for place, message in enumerate(messages) if message.type == "note_on")
    assert sum(message.time for message in messages[: first + 1]) % BAR == 0  # the clicks lie on the lines of the take's bars


def test_a_count_in_with_bars_stops_after_so_many_bars_of_music(tmp_path: Path) -> None:
    path = tmp_path / "take.mid"
    with FormHall(tmp_path, path, count_in=1, bars=2) as hall:
        hall.do("play")
        hall.run(5 * BAR_S)
        assert hall.instrument.over and hall.tick == 2 * BAR
    assert played_again(path, band_of()) == path.read_bytes()


def test_a_band_without_drums_is_counted_in_on_the_drum_channel(tmp_path: Path) -> None:
    band = orchestra()
    for ahead in band.lookaheads:
        ahead.parts = tuple(replace(part, stream="melody") for part in ahead.parts)
    band.patch = replace(band.patch, parts=tuple(replace(part, stream="melody") for part in band.patch.parts))
    with FormHall(tmp_path) as hall:
        (handoff,) = clicks(band, 1, hall.panel.snapshot())
    assert handoff.part == 0 and {note.channel for note in handoff.notes} == {9} and len(handoff.notes) == 4


def test_a_walk_strays_within_its_radius_and_repeats_with_the_seed(tmp_path: Path) -> None:
    def strayed(seed: int, radius: float) -> list[list[float]]:
        with FormHall(tmp_path, band=band_of(seed=seed)) as hall:
            hall.do("wander", radius), hall.do("wander_beats", 2.0)
            hall.play(0.0)
            found = []
            for _ in range(12):
                hall.run(BAR_S / 4)
                found.append(hall.band.points(hall.instrument.heard)["toy"].tolist())
            return found

    still, near, far = strayed(1, 0.0), strayed(1, 0.2), strayed(1, 1.0)
    assert len({tuple(here) for here in still}) == 1 and len({tuple(here) for here in near}) > 10
    assert near == strayed(1, 0.2) != strayed(2, 0.2)
    gone = [max(abs(a - b) for a, b in zip(here, still[0], strict=True)) for here in near]
    assert 0 < max(gone) <= 0.2 * 2.0 < max(max(abs(a - b) for a, b in zip(here, still[0], strict=True)) for here in far)


def test_a_walk_costs_a_decode_of_what_plays_and_one_of_what_follows_a_beat_and_none_when_it_rests(tmp_path: Path) -> None:
    with FormHall(tmp_path) as hall:
        hall.play(0.7 * BAR_S)
        asked = hall.ahead.model.decoder.asked  # type: ignore[attr-defined]
        before = len(asked)
        hall.run(2 * BAR_S)
        resting = len(asked) - before
        hall.do("wander", 0.5)
        hall.run(2 * BAR_S)
        assert resting == 0 and 8 <= len(asked) - before <= 17
