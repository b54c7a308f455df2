"""A bounce is the take again, byte for byte: whatever hands did in it, played live on a clock turned by hand."""

import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mvae.core.change import Value
from mvae.core.errors import UserError
from mvae.core.midifile import read_performance
from mvae.live import wire
from mvae.live.bounce import Bounce, recorded
from mvae.live.control_log import Act, Take, line_of, read
from mvae.live.deeds import Doer
from mvae.live.status import Status
from mvae.live.take import log_path
from tests.live.hall import BAR, BAR_S, BPM, PAGE_S, PHRASE, SEED, STEP, Hall, panel, toy_band
from tests.toy_decoder import ToyDecoder

TAKE = Take("toy", SEED, BPM, {})
HANDS: dict[str, st.SearchStrategy[Value]] = {
    "x": st.floats(0, 1), "density": st.floats(-2, 2), "timing": st.floats(0, 2), "push": st.floats(-30, 30), "feel": st.floats(0, 2),
    "temperature": st.floats(0, 1.5), "variation": st.floats(0, 1), "tempo": st.floats(60, 240), "nudge": st.floats(-100, 100),
    "mute drums": st.none(), "play": st.none(), "continue": st.none(), "panic": st.none(),
    "quantise": st.sampled_from(("now", "beat", "bar", "phrase")),
    "stop": st.sampled_from(("now", "bar")), "reseed": st.none(), "tap": st.none(), "fill": st.integers(1, 3), "recall C": st.floats(0, 4),
}  # fmt: skip
hands = st.sampled_from(sorted(HANDS)).flatmap(lambda action: st.tuples(st.floats(0, 1.5), st.just(action), HANDS[action]))


def again(path: Path, **other: int) -> tuple[bytes, Bounce]:
    """The .mid that a bounce makes of a take's log, and what it has to say."""
    take, acts = read(log_path(path))
    assert take is not None
    offline = Bounce(panel(), toy_band(seed=other.get("seed", take.seed)), take)
    return offline.play(acts, None), offline


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "take.mid"


@settings(deadline=None, max_examples=60)
@given(st.lists(hands, max_size=12), st.none() | st.integers(1, 4), st.booleans())
def test_whatever_hands_do_the_take_comes_out_again_byte_for_byte(
    tmp_path_factory: pytest.TempPathFactory, script: list[tuple[float, str, Value]], bars: int | None, at_once: bool
) -> None:
    path = tmp_path_factory.mktemp("take") / "take.mid"
    with Hall(path, bars) as hall:
        hall.do("x", 0.5)
        hall.do("play")
        hall.run(PAGE_S)
        for wait_s, action, value in script:
            hall.run(0.0 if at_once else wait_s)
            hall.do(action, value)
        hall.run(1.5 * BAR_S)
        hall.instrument.finish()
    data, offline = again(path)
    assert data == path.read_bytes()
    assert offline.remarks() == []


def test_a_take_with_an_hour_of_nothing_between_two_plays_comes_out_again(path: Path) -> None:
    with Hall(path) as hall:
        hall.play(BAR_S)
        hall.do("stop")
        hall.run(3600.0, page_s=10.0)
        hall.do("tempo", 97.3)
        hall.do("reseed")
        hall.play(1.3 * BAR_S)
        hall.instrument.finish()
    assert again(path)[0] == path.read_bytes()


@pytest.mark.parametrize("phase_s", [0.0, 0.005, 0.01, 0.015])
def test_what_was_done_in_the_lead_in_comes_out_again(path: Path, phase_s: float) -> None:
    """Its length on stage depends on where the MIDI clock stood."""
    with Hall(path) as hall:
        hall.run(phase_s)
        hall.do("play")
        hall.run(0.01)
        hall.do("tempo", 60.0)
        hall.do("density", 2.0)
        hall.run(BAR_S)
        hall.instrument.finish()
    assert again(path)[0] == path.read_bytes()


def test_a_stop_at_a_line_and_another_play_come_out_again(path: Path) -> None:
    with Hall(path) as hall:
        for hand in ("play", "play", "continue"):
            hall.do(hand)
            hall.run(0.7 * BAR_S)
            hall.do("stop", "bar")
            hall.run(BAR_S)
        hall.instrument.finish()
    assert len(hall.of(wire.Stopped)) == 3
    assert again(path)[0] == path.read_bytes()


@pytest.mark.parametrize(("before_ticks", "hits"), [(70, 0), (63, 1), (25, 2), (1, 2)])
def test_a_stop_that_comes_to_the_player_after_early_hits_of_its_line_comes_out_again(path: Path, before_ticks: int, hits: int) -> None:
    """Two are 62 and 24 ticks early, and 3 ticks pass before the player has the stop: of the last, the line itself has passed by then."""
    with Hall(path) as hall:
        hall.do("push", -30.0)
        hall.play(1.9 * BAR_S)
        hall.run(hall.link.status().time_of_tick(2 * BAR - before_ticks) - hall.clock.now)
        hall.do("stop", "bar")
        hall.run(BAR_S, page_s=0.0001)
        hall.instrument.finish()
    early = [sent.tick - 2 * BAR for sent in hall.of(wire.Sent) if isinstance(sent, wire.Sent) and sent.on and sent.step == 32]
    assert early == [-62, -24][:hits]
    assert again(path)[0] == path.read_bytes()


@pytest.mark.parametrize("bars", [None, 4])
def test_a_take_that_is_left_while_a_start_is_on_its_way_ends_there(path: Path, bars: int | None) -> None:
    with Hall(path, bars) as hall:
        hall.play(1.2 * BAR_S)
        hall.do("stop")
        hall.run(BAR_S)
        hall.do("continue")
        hall.run(PAGE_S)
        assert not hall.playing
        hall.instrument.finish()
        assert not hall.playing and len(hall.of(wire.Stopped)) == 2
    data, offline = again(path)
    assert data == path.read_bytes() and offline.remarks() == []


def test_late_phrases_come_out_again(path: Path) -> None:
    with Hall(path) as hall:
        hall.play(1.0)
        hall.link.run_to(hall.clock.now + 3 * PHRASE / BAR * BAR_S)  # suspended
        hall.run(0.3)
        hall.do("x", 0.9)
        hall.run(2 * BAR_S)
        assert hall.of(wire.Repeated)
        hall.instrument.finish()
    data, offline = again(path)
    assert data == path.read_bytes() and offline.remarks() == []


def test_a_take_cut_short_by_a_kill_comes_out_to_its_last_line(path: Path, tmp_path: Path) -> None:
    with Hall(path) as hall:
        hall.play(5 * BAR_S)
    whole = log_path(path).read_text().splitlines(keepends=True)  # a thread writes it, and has done so by now
    log_path(path).write_text("".join(whole[:-1]) + whole[-1][:10])
    data, offline = again(path)
    (tmp_path / "again.mid").write_bytes(data)
    first, second = (read_performance(file).notes for file in (path, tmp_path / "again.mid"))
    assert offline.bars() >= 4 and len(first) > 20 and second[:20] == first[:20]


def test_another_seed_or_machine_is_told_with_the_first_bar_that_differs(path: Path) -> None:
    with Hall(path) as hall:
        hall.play(3 * BAR_S)
        hall.instrument.finish()
    assert again(path, seed=SEED + 1)[1].remarks() == ["bar 1 is the first that differs from the take (other machine or bundle)"]
    lines = log_path(path).read_text().splitlines(keepends=True)
    _, acts = read(log_path(path))
    later = next(place for place, act in enumerate(acts) if act.phrase and act.tick >= BAR)
    lines[later + 1] = line_of(replace(acts[later], phrase="0123"))
    log_path(path).write_text("".join(lines))
    (remark,) = again(path)[1].remarks()
    assert remark.startswith(f"bar {acts[later].tick // BAR + 1} is the first")


@pytest.mark.parametrize("message", [wire.Stall(BAR + 5, 200, 1, BAR), wire.Succeeded(BAR + 5, 20)])
def test_a_stall_and_a_death_of_the_player_are_told(path: Path, message: wire.Up) -> None:
    with Hall(path) as hall:
        hall.play(1.2 * BAR_S)
        hall.link.inbox.messages.append(message)
        hall.run(BAR_S)
        hall.instrument.finish()
    (remark,) = again(path)[1].remarks()
    assert "at bar 2: from there it may differ" in remark


def by_hand(acts: list[Act], bars: int = 4, decoder: ToyDecoder | None = None) -> dict[tuple[int, int], int]:
    """(tick from the first line, pitch) -> velocity of a bounce with lines by hand."""
    offline = Bounce(panel(), toy_band(decoder), TAKE)
    offline.play(acts, bars)
    assert offline.bars() == bars
    return notes(offline)


def notes(offline: Bounce) -> dict[tuple[int, int], int]:
    tick, found = -BAR, {}
    for message in messages(offline):
        tick += message.time
        if message.type == "note_on":
            found[tick, message.note] = message.velocity
    return found


def messages(offline: Bounce) -> list[mido.Message]:
    return list(mido.MidiFile(file=io.BytesIO(offline.recorder.track.file())).tracks[0])


def steps(one: dict[tuple[int, int], int], other: dict[tuple[int, int], int]) -> set[int]:
    """The steps in which two differ."""
    return {(tick + STEP // 2) // STEP for tick, pitch in {*one, *other} if one.get((tick, pitch)) != other.get((tick, pitch))}


def test_without_a_log_it_is_what_the_stage_would_hear() -> None:
    with Hall() as hall:
        hall.play(4.2 * BAR_S)
        heard = {(tick, voice): loud for (voice, _), (tick, loud) in hall.notes().items() if tick < 4 * BAR - STEP}
    bounced = by_hand([])
    assert len(heard) > 50 and {tick for tick, _ in heard} == {tick for tick, _ in bounced if tick < 4 * BAR - STEP}


def test_changes_by_hand_take_hold_at_their_ticks() -> None:
    rest = by_hand([])
    assert by_hand([Act(tick=-5, changes={"x": 0.3})]) == rest
    moved = by_hand([Act(tick=BAR + 5 * STEP, changes={"x": 0.9}), Act(tick=2 * BAR, changes={"x": 0.3})])
    assert steps(moved, rest) and min(steps(moved, rest)) >= 21 and max(steps(moved, rest)) <= 32
    muted = by_hand([Act(tick=BAR, changes={"mute drums": True})])
    assert max(tick for tick, _ in muted) < BAR + STEP


def test_fills_reseeds_and_tempi_by_hand_are_heard() -> None:
    rest = by_hand([])
    filled = by_hand([Act("fill", BAR + 1)])
    assert steps(filled, rest) and steps(filled, rest) <= set(range(16, 32))
    assert max(steps(by_hand([Act("reseed", 2 * BAR)]), rest)) > 32
    offline = Bounce(panel(), toy_band(), TAKE)
    offline.play([Act(tick=BAR, changes={"tempo": 90.0})], 2)
    assert [round(60e6 / message.tempo) for message in messages(offline) if message.type == "set_tempo"] == [120, 90]


@pytest.mark.parametrize("changes", [{"wobble": 1}, {"x": "far"}, {"quantise": "never"}])
def test_a_change_that_no_action_has_is_told(changes: dict[str, float | bool | str]) -> None:
    with pytest.raises(UserError, match=f"control log: {next(iter(changes))} = "):
        by_hand([Act(tick=0, changes=changes)])


@pytest.mark.parametrize("do", ["follow", "move", "fill", "continue"])
def test_a_take_that_does_not_begin_with_play_is_told(do: str) -> None:
    offline = Bounce(panel(), toy_band(), TAKE)
    with pytest.raises(UserError, match=f"control log: {do} at tick 7: nothing was played before it"):
        offline.play([Act(do, 7), Act("play")], None)
    offline.page.close()


def test_recorded_is_what_begins_with_play() -> None:
    assert recorded([Act("tempo"), Act("play")]) and not recorded([]) and not recorded([Act("move"), Act("fill")])


class Smoothing:
    """Moves smooth knobs on, as the hands of an instrument do."""

    does: Mapping[str, Doer] = {}

    def __init__(self, hall: Hall) -> None:
        self.hall = hall

    def advance(self, status: Status, now_s: float) -> None:
        self.hall.panel.advance(now_s)

    def stopped(self) -> None:
        pass


def test_a_take_with_smooth_knobs_comes_out_again_with_every_place_they_were_at(path: Path) -> None:
    with Hall(path) as hall:
        hall.panel.smooth_ms.update({"x": 300.0, "density": 80.0})
        hall.instrument.add(Smoothing(hall))
        hall.play(0.5)
        for x in (0.9, 0.1, 1.0):
            hall.do("x", x)
            hall.do("density", 2.0 * x)
            hall.run(0.2)
        hall.run(BAR_S)
        hall.instrument.finish()
    _, acts = read(log_path(path))
    assert len({act.changes["x"] for act in acts if "x" in act.changes}) > 20
    data, offline = again(path)
    assert data == path.read_bytes() and offline.remarks() == []
