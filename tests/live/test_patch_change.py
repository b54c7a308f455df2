"""Another patch while playing: in the old one's place from a line on, where the old one stands in the song, and bounced alike."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mvae.core.change import Change, Value
from mvae.core.control import Control
from mvae.core.errors import UserError
from mvae.core.panel import Positions
from mvae.core.patch_file import read_patch
from mvae.live import patch_change, wire
from mvae.live.assign import Binding, of_patch
from mvae.live.controller_file import find_controller
from mvae.live.keys import bindings
from mvae.live.patch_change import deaf, staying
from mvae.live.patch_names import called, known_patches
from tests.live.hall import BAR, BAR_S, BEAT_S, PAGE_S
from tests.live.patch_hall import PATCHES, PatchHall, again
from tests.live.patch_hall import shelf as shelf

HALF_STEP_S = BEAT_S / 8
HANDS: dict[str, st.SearchStrategy[Value]] = {
    "morph": st.floats(0, 1), "push": st.floats(-30, 30), "tempo": st.floats(60, 240), "variation": st.floats(0, 1),
    "quantise": st.sampled_from(("now", "beat", "bar", "phrase")), "play": st.none(), "continue": st.none(), "reseed": st.none(),
    "stop": st.sampled_from(("now", "bar")), "fill": st.integers(1, 3), "locate": st.integers(1, 9), "sample A": st.none(),
    "load A": st.sampled_from(("latin", "")), "recall B": st.floats(0, 3), "scene store": st.just("kept"), "scene": st.just("kept"),
    "wander": st.floats(0, 1), "patch load": st.sampled_from((*PATCHES, "nothing")),
}  # fmt: skip
hands = st.sampled_from(sorted(HANDS)).flatmap(lambda action: st.tuples(st.floats(0, 1.5), st.just(action), HANDS[action]))
loads = st.tuples(st.floats(0, 3), st.just("patch load"), st.sampled_from(tuple(PATCHES)))


def errors(hall: PatchHall) -> list[tuple[object, ...]]:
    return [words[1:] for words in hall.told if words[0] == "/mvae/error"]


@pytest.mark.parametrize(("first", "second", "part"), [("drums", "flat", "lead"), ("flat", "bars", "lead"), ("bars", "drums", "drums")])
def test_from_the_next_bar_on_it_plays_what_it_would_there_had_it_played_from_the_start(
    shelf: Path, first: str, second: str, part: str
) -> None:
    with PatchHall(shelf, first) as hall, PatchHall(shelf, second) as alone, PatchHall(shelf, first) as before:
        hall.play(2.4 * BAR_S)
        hall.do("patch load", second)
        hall.run(4 * BAR_S)
        for other in (alone, before):
            other.play(6.4 * BAR_S)
        assert hall.title.casefold() == second and errors(hall) == []
        wanted, heard = alone.bars(part), hall.bars(part)
        assert all(heard[bar] == wanted[bar] for bar in (3, 4, 5)) and all(wanted[bar] for bar in (3, 4, 5))
        old = before.instrument.band.patch.parts[0].name
        kept, was = hall.bars(old), before.bars(old)
        assert all(kept.get(bar) == was.get(bar) for bar in range(3))
        gone = {each.name for each in before.instrument.band.patch.parts} - {each.name for each in alone.instrument.band.patch.parts}
        assert all(bar < 3 for name in gone for bar in hall.bars(name))
        assert not hall.of(wire.Repeated) and not hall.of(wire.Stopped)


def test_no_note_is_left_sounding_and_none_is_cut_but_by_its_own_voice(shelf: Path) -> None:
    with PatchHall(shelf, "flat") as hall:
        hall.play(1.2 * BAR_S)
        hall.do("patch load", "drums")
        hall.run(3 * BAR_S)
        lead = [sent for sent in hall.sent(ons=False) if sent.part == 0]
        last = max(place for place, sent in enumerate(lead) if sent.on)
        (off,) = [sent for sent in lead[last:] if not sent.on]
        plan_end = off.tick - lead[last].tick
        assert plan_end > 0 and lead[last].tick < 2 * BAR
        hall.do("stop")
        hall.run(0.1)
        assert hall.link.player._score.sounding() == []
        ends = {(sent.channel, sent.pitch): sent.on for sent in hall.sent(ons=False)}
        assert not any(ends.values())


def test_it_waits_for_the_line_that_the_quantise_names(shelf: Path) -> None:
    with PatchHall(shelf) as hall:
        hall.do("quantise", "phrase")
        hall.play(2.4 * BAR_S)
        hall.do("patch load", "flat")
        hall.run(0.3 * BAR_S)
        assert hall.last("/mvae/patch/waiting") == ("flat",) and hall.instrument.remark == "patch Flat from bar 5"
        hall.run(3 * BAR_S)
        assert min(hall.bars("lead")) == 4 and max(hall.bars("drums")) == 3
        assert hall.last("/mvae/patch/waiting") == ("",) and hall.last("/mvae/patch/playing") == ("flat",)


def test_where_nothing_plays_it_takes_hold_at_once_and_goes_on_where_the_song_stood(shelf: Path) -> None:
    with PatchHall(shelf) as hall, PatchHall(shelf, "bars") as alone:
        hall.do("patch load", "flat")
        hall.run(PAGE_S)
        assert hall.title == "Flat"
        hall.play(1.6 * BAR_S)
        hall.do("stop")
        hall.run(0.1)
        hall.do("patch load", "bars")
        hall.run(2 * PAGE_S)
        assert hall.title == "Bars" and not hall.playing
        hall.do("continue")
        hall.run(3 * BAR_S)
        alone.play(5 * BAR_S)
        assert hall.bars("drums")[2] == alone.bars("drums")[2] and hall.bars("lead")[3] == alone.bars("lead")[3]
        assert set(hall.bars("drums")) <= {1, 2, 3, 4}


def test_a_patch_that_does_not_open_says_why_and_changes_nothing(shelf: Path) -> None:
    (shelf / "broken.toml").write_text(PATCHES["drums"].replace("rock", "polka"))
    (shelf / "lost.toml").write_text(PATCHES["drums"].replace('"groove"', '"nowhere"'))
    (shelf / "scenic.toml").write_text(PATCHES["drums"] + '[[scene]]\nname = "one"\nanchors = {A = "polka"}\n')
    with PatchHall(shelf) as hall:
        hall.do("morph", 0.7)
        hall.play(0.5 * BAR_S)
        band, stood = hall.instrument.band, hall.panel.snapshot()
        for name, why in (("flut", "did you mean 'flat'"), ("broken", "polka"), ("lost", "nowhere"), ("scenic", "polka"),
                          (str(shelf / "none.toml"), "none.toml"), ("99", "no patch '99'")):  # fmt: skip
            hall.do("patch load", name)
            hall.run(0.1 * BAR_S)
            what, said = errors(hall)[-1]
            assert what == "patch load" and why in str(said) and "\n" not in str(said)
            assert hall.instrument.remark == said
        hall.run(2 * BAR_S)
        assert hall.instrument.band is band and hall.panel.snapshot() is stood and len(errors(hall)) == 6
        assert hall.last("/mvae/patch/waiting") == ("",) and hall.last("/mvae/patch") == ("Drums",)


def test_the_time_of_the_band_stays_and_all_else_stands_as_the_new_patch_says(shelf: Path) -> None:
    with PatchHall(shelf) as hall:
        hall.panel.turn(Change("tempo", 133.0), Change("nudge", 12.0), Change("morph", 0.9), Change("push", 20.0))
        hall.panel.turn(Change("quantise", "beat"), Change("mute drums", True))
        hall.play(0.5 * BAR_S)
        hall.do("patch load", "bars")
        hall.run(2 * BAR_S)
        positions = hall.panel.snapshot()
        assert hall.title == "Bars" and "density" not in hall.panel.actions and "low.channel" in positions.knobs
        assert [positions.knobs[name] for name in ("tempo", "nudge", "morph", "push")] == [133.0, 12.0, 0.0, 0.0]
        assert positions.choices["quantise"] == "beat" and not positions.switches["mute drums"]
        assert hall.link.status().clock.bpm == pytest.approx(133.0)
        assert hall.last("/mvae/anchor/A") == ("rock",)


def test_of_several_only_the_newest_is_played(shelf: Path) -> None:
    with PatchHall(shelf, lazy=True) as hall:
        hall.play(0.3 * BAR_S)
        hall.do("patch load", "flat")
        hall.run(PAGE_S)
        hall.do("patch load", "bars")
        hall.run(PAGE_S)
        hall.pool.work()
        hall.run(3 * BAR_S)
        assert hall.title == "Bars" and [part.name for part in hall.instrument.band.roster] == ["drums", "lead", "low"]


def test_the_same_once_more_does_not_put_it_off(shelf: Path) -> None:
    with PatchHall(shelf) as hall:
        hall.play(0.1 * BAR_S)
        for _ in range(5):
            hall.do("patch load", "flat")
            hall.run(0.3 * BAR_S)
        assert min(hall.bars("lead")) == 1 and hall.changes.asked == 2  # the last is the one that plays, anew


def test_a_patch_that_is_open_too_late_for_a_line_takes_the_next(shelf: Path) -> None:
    with PatchHall(shelf, lazy=True) as hall:
        hall.play(0.5 * BAR_S)
        hall.do("patch load", "flat")
        hall.run(0.5 * BAR_S - 0.05)
        hall.pool.work()
        hall.run(3 * BAR_S)
        assert set(hall.bars("drums")) == {0, 1} and min(hall.bars("lead")) == 2


def test_a_song_begins_with_its_first_scene(shelf: Path, tmp_path: Path) -> None:
    scenes = 'song = ["two", "one"]\n' + PATCHES["drums"].replace("format = 1\n", "") + '[[scene]]\nname = "one"\n'
    (shelf / "song.toml").write_text("format = 1\n" + scenes + '[[scene]]\nname = "two"\nanchors = {A = "latin"}\nknobs = {push = -5.0}\n')
    with PatchHall(shelf, "flat", path=tmp_path / "take.mid") as hall:
        hall.play(0.5 * BAR_S)
        hall.do("patch load", "song")
        hall.run(2 * BAR_S)
        assert hall.form.scenes.called() == ("two", "1") and hall.panel.snapshot().knobs["push"] == -5.0
        assert hall.last("/mvae/scene/list") == ("two", "one") and hall.last("/mvae/anchor/A") == ("latin",)
        hall.do("scene", "one")
        hall.run(2 * BAR_S)
        hall.instrument.finish()
    assert again(tmp_path / "take.mid", shelf, "flat") == (tmp_path / "take.mid").read_bytes()


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(hands, loads), max_size=12), st.sampled_from(tuple(PATCHES)))
def test_whatever_hands_do_the_take_comes_out_again_byte_for_byte(
    shelf: Path, tmp_path_factory: pytest.TempPathFactory, script: list[tuple[float, str, Value]], first: str
) -> None:
    path = tmp_path_factory.mktemp("take") / "take.mid"
    with PatchHall(shelf, first, path) as hall:
        hall.do("play")
        hall.run(PAGE_S)
        for wait_s, action, value in script:
            hall.run(wait_s)
            hall.do(action, value)
        hall.run(1.5 * BAR_S)
        hall.instrument.finish()
        offs = {(sent.channel, sent.pitch): sent.on for sent in hall.sent(ons=False)}
        assert not any(offs.values())
    assert again(path, shelf, first) == path.read_bytes()


def test_patches_are_called_by_name_number_or_file(shelf: Path) -> None:
    known = known_patches(shelf / "drums.toml")
    assert list(known)[:3] == ["bars", "drums", "flat"] and "four_corners" in known
    assert called("2", known) == known["drums"] == called("DRUMS", known) and called("four corners", known) == known["four_corners"]
    assert called("over/there", known) == Path("over/there") and called("there.toml", known) == Path("there.toml")
    with pytest.raises(UserError, match="no patch 'drumms' \\(did you mean 'drums'\\?\\); there are: bars"):
        called("drumms", known)


@pytest.mark.parametrize(("more", "early_s"), [("", 0.0), ("[knob.push]\nrange = [-30, 30]\ndefault = 30\n", 0.08)])
def test_the_controls_are_the_old_ones_until_shortly_before_the_earliest_note(shelf: Path, more: str, early_s: float) -> None:
    delay = "delay_ms = -50\n" if more else ""
    (shelf / "early.toml").write_text(PATCHES["drums"].replace("[[part]]\n", f"[[part]]\n{delay}").replace('"Drums"', '"Early"') + more)
    with PatchHall(shelf, "flat") as hall, PatchHall(shelf, "early") as alone:
        hall.play(0.5 * BAR_S)
        hall.do("patch load", "early")
        hall.run(0.1 * BAR_S)
        line = 1 if hall.changes._line is None else hall.changes._line // 16
        while hall.title != "Early":
            hall.run(0.005)
        line_s = hall.link.status().time_of_tick(line * BAR)
        assert early_s < line_s - hall.clock.now < HALF_STEP_S + early_s + 0.08
        hall.run(3 * BAR_S)
        alone.play(4 * BAR_S)
        assert hall.bars("drums")[line] == alone.bars("drums")[line] and not hall.link.status().counters.late


def test_a_tempo_that_the_new_patch_does_not_reach_is_said(shelf: Path) -> None:
    (shelf / "slow.toml").write_text(PATCHES["drums"] + "[knob.tempo]\nrange = [60, 100]\n")
    with PatchHall(shelf) as hall:
        hall.panel.turn(Change("tempo", 133.0))
        hall.do("patch load", "slow")
        hall.run(PAGE_S)
        assert hall.panel.snapshot().knobs["tempo"] == 100.0
        assert hall.instrument.remark == "patch Drums; tempo 100: its knob does not go to 133"


def test_a_patch_that_listens_says_so_where_there_is_nothing_to_hear(shelf: Path) -> None:
    (shelf / "led.toml").write_text(PATCHES["drums"] + '[listen]\nslot = "A"\n')
    with PatchHall(shelf) as hall:
        hall.do("patch load", "led")
        hall.run(PAGE_S)
        assert hall.instrument.remark.startswith("patch Drums; what is played in leads A, and nothing is listened to: give --listen NAME")
    assert deaf(read_patch(shelf / "led.toml"), listens=True) == [] == deaf(read_patch(shelf / "drums.toml"), listens=False)


def test_next_and_previous_go_through_the_list_and_past_what_does_not_open(shelf: Path) -> None:
    (shelf / "broken.toml").write_text('format = 1\nname = "Broken"\n[[part]]\nname = "drums"\nbundle = "none"\n')
    with PatchHall(shelf) as hall:
        names = list(known_patches(shelf / "drums.toml"))
        assert names[:4] == ["bars", "broken", "drums", "flat"]
        hall.do("patch next")
        hall.run(PAGE_S)
        assert hall.title == "Flat"
        hall.do("patch previous")
        hall.run(PAGE_S)
        hall.do("patch previous")
        hall.run(PAGE_S)
        assert hall.title == "Drums" and "broken.toml" in str(errors(hall))
        hall.do("patch previous")
        hall.run(PAGE_S)
        assert hall.title == "Bars"
        hall.do("patch previous")
        hall.run(PAGE_S)
        assert hall.changes.refused and hall.last("/mvae/patch/waiting") == ("",)


def test_what_leads_to_other_patches_leads_back_from_them(shelf: Path) -> None:
    led = PATCHES["drums"] + '[button.flat]\ndoes = "patch load flat"\nkey = "7"\nnote = 40\n[button.full]\ndoes = "fill 2"\nkey = "8"\n'
    (shelf / "bars.toml").write_text(PATCHES["bars"].replace("format = 1", 'format = 1\ncontroller = "nothing of the kind"'))
    (shelf / "led.toml").write_text(led + '[program]\ndoes = "patch"\n')
    (shelf / "own.toml").write_text(PATCHES["flat"] + '[button.bars]\ndoes = "patch load bars"\nkey = "7"\n[program]\ndoes = "scene"\n')
    with PatchHall(shelf, "led") as hall:
        for wanted, key, program in (("bars", "flat", "patch load"), ("own", "bars", "scene"), ("led", "flat", "patch load")):
            hall.do("patch load", wanted)
            hall.run(PAGE_S)
            patch = hall.instrument.band.patch
            keys = bindings(hall.panel.actions, patch)
            assert patch.file.stem == wanted and keys["7"] == ("patch load", key) and ("8" in keys) == (wanted == "led")
            assert Binding(Control("note", 40), "patch load", "flat", button=True) in of_patch(patch, find_controller("some pads"))
            assert len(patch.buttons) <= 4
            assert patch.programs == program


def test_a_part_stays_where_a_hand_has_sent_it_but_not_where_a_patch_has(shelf: Path) -> None:
    (shelf / "apart.toml").write_text(PATCHES["bars"].replace('name = "drums"\n', 'name = "drums"\nport = "virtual"\n'))
    apart, bars, drums = (read_patch(shelf / f"{name}.toml") for name in ("apart", "bars", "drums"))
    own = Positions({"tempo": 99.0, "nudge": 0.0}, {}, {"quantise": "bar", "drums.out": "own", "lead.out": "main", "low.out": "main"})
    times = {"tempo": 99.0, "nudge": 0.0, "quantise": "bar"}
    assert staying(own, bars, drums) == {**times, "drums.out": "own"}
    assert staying(own, apart, drums) == staying(own, bars, apart) == times


def test_whatever_opening_a_file_may_bring_about_what_plays_goes_on(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError("in the graph")

    with PatchHall(shelf) as hall:
        hall.play(0.5 * BAR_S)
        monkeypatch.setattr(patch_change, "prepared", fails)
        hall.do("patch load", "flat")
        hall.run(2 * BAR_S)
        assert errors(hall) == [("patch load", "flat: does not open (ZeroDivisionError: in the graph)")]
        assert hall.playing and hall.title == "Drums" and not hall.of(wire.Repeated)
