"""`from mvae.live import Instrument`: the real instrument from Python, as a REPL, a notebook and a script hold it."""

import asyncio
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import mido
import pytest

from mvae.core.errors import UserError
from mvae.live import Instrument
from mvae.live.door import read_options
from mvae.live.launch import family
from tests.live.command import free_port
from tests.live.jack import Listener, undisturbed, wait_until

PATIENCE_S = 30.0

pytestmark = pytest.mark.usefixtures("jack_server")


def opened(name: str, **options: object) -> Instrument:
    return Instrument(**{"seed": 1, "tempo": 240, "osc": free_port(), "no_surface": True, "name": name, **options})  # type: ignore[arg-type]


def around() -> tuple[set[threading.Thread], set[int]]:
    """The threads and processes of this test."""
    return set(threading.enumerate()), set(family(os.getpid()))


def sounds_and_stops(foreign: Listener) -> None:
    with opened("mvae-door") as i:
        foreign.connect("mvae-door:mvae-door")
        assert not foreign.notes() and "armed" in repr(i) and not i.playing
        i.play()
        i.wait(bars=2)
        assert i.playing and i.beat >= 8 and len(foreign.notes()) > 8 and re.search(r"bar [34]", repr(i))
        i.mute.drums = True
        assert wait_until(lambda: not foreign.open_notes(), PATIENCE_S)
        i.mute.drums = False
        i.stop()
        assert wait_until(lambda: not i.playing, PATIENCE_S)
        count = len(foreign.notes())
        i.go_on()
        i.wait(bars=1)
        assert len(foreign.notes()) > count
    assert wait_until(lambda: not foreign.open_notes(), PATIENCE_S)


def test_what_is_played_sounds_at_a_port_and_nothing_is_left_behind() -> None:
    threads, processes = around()
    undisturbed(sounds_and_stops)
    assert wait_until(lambda: around()[1] <= processes, PATIENCE_S)
    assert {thread.name for thread in around()[0] - threads} == set()


def test_every_hand_of_a_repl_reaches_the_music(tmp_path: Path) -> None:
    with opened("mvae-hands", record=tmp_path / "take.mid", tempo=None) as i:
        i.knob.density = 1
        i.morph("A", "D", 0.25)
        assert (i.knob.density, i.knob.x, i.knob.y) == (1.0, 0.25, 0.25)
        i.set({"tempo": 300, "quantise": "bar"})
        i.do("reseed")
        i.play()
        i.wait(bars=1)
        i.fill(1)
        i.recall("B", beats=2)
        assert wait_until(lambda: i.knob.x == 1.0 and i.knob.y == 0.0, PATIENCE_S)  # the glide has arrived
        with pytest.raises(UserError, match="nothing is listened to"):
            i.capture("C", bars=2)
        assert "nothing is listened to" in repr(i)
        assert i.choice.quantise == "bar" and {"knob", "mute", "fill", "scene", "stop", "play"} <= set(dir(i))
    acts = (tmp_path / "take.log").read_text()
    assert '"reseed"' in acts and '"fill"' in acts
    assert i.closed and "closed" in repr(i)
    played = [message for message in mido.MidiFile(tmp_path / "take.mid").tracks[0] if message.type == "note_on"]
    assert len(played) > 8


def test_the_same_name_again_closes_the_former_so_that_a_cell_can_be_run_again() -> None:
    osc = free_port()
    first = opened("mvae-again", osc=osc)
    second = opened("mvae-again", osc=osc)
    assert first.closed and not second.closed
    with pytest.raises(UserError, match="closed: make another"):
        first.play()
    second.close()
    second.close()


def test_what_is_refused_is_raised_and_what_is_done_returns() -> None:
    with opened("mvae-refused") as i:
        for wish, told in (
            (lambda: i.capture("C", bars=2), "nothing is listened to"),
            (lambda: i.scene("nope"), "no scene 'nope'"),
            (lambda: i.do("infill 2"), "nothing is listened to"),
            (lambda: i.load("A", "nope"), "no anchor 'nope'"),
        ):
            with pytest.raises(UserError, match=told):
                wish()
        i.reseed()
        i.play()
        i.scene("store", "kept")
        i.scene("kept")
        i.fill(2)


def test_an_instrument_that_nobody_holds_ends() -> None:
    _, processes = around()
    i = opened("mvae-forgotten")
    i.play()
    del i
    assert wait_until(lambda: around()[1] <= processes, PATIENCE_S)


def test_it_plays_inside_a_running_event_loop_as_notebooks_have() -> None:
    async def cell() -> float:
        with opened("mvae-loop") as i:
            i.play()
            await asyncio.to_thread(i.wait, 0.25)
            return i.beat

    assert asyncio.run(cell()) >= 1


def test_python_ends_with_all_notes_off_though_nobody_closes_it() -> None:
    code = f"""
from mvae.live import Instrument
i = Instrument(seed=1, osc={free_port()}, name="mvae-exit", no_surface=True)
i.play()
i.wait(1)
print(i._playing.player.status().counters.sent > 0)
"""
    ended = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "True\n", "")


def test_bars_that_were_asked_for_end_it() -> None:
    i = opened("mvae-bars", bars=1, start="now")
    assert wait_until(lambda: i.closed, PATIENCE_S) and not i.playing
    with pytest.raises(UserError, match="nothing plays"):
        i.wait(1)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"patch": "four_coners"}, r"did you mean 'four_corners'\?"),
        ({"tempo": 4}, "--tempo: 4.0 is outside 20 to 400"),
        ({"port": "nowhere"}, "nowhere"),
        ({"tmepo": 100}, r"no option 'tmepo' \(did you mean 'tempo'\?\)"),
    ],
)
def test_a_mistake_is_one_line_and_leaves_nothing_behind(options: dict[str, object], told: str) -> None:
    threads, processes = around()
    with pytest.raises(UserError, match=told) as caught:
        opened("mvae-mistake", **options)
    assert len(str(caught.value).splitlines()) == 1
    assert wait_until(lambda: around()[1] <= processes and not around()[0] - threads, PATIENCE_S)


def test_mistakes_while_it_plays_are_one_line_and_it_plays_on() -> None:
    with opened("mvae-mistakes") as i:
        i.play()
        for mistake, told in (
            (lambda: i.do("fil 2"), "did you mean 'fill'"),
            (lambda: i.morph("A", "Z", 0.5), "no slot 'Z'; there are: A, B, C, D"),
            (lambda: i.set({"density": "much"}), "density takes a number"),
        ):
            with pytest.raises(UserError, match=told):
                mistake()
        with pytest.raises(AttributeError, match="no attribute 'densty'"):
            print(i.densty)
        with pytest.raises(AttributeError, match=r"i\.knob\.density = 1"):
            i.density = 1
        i.wait(1)
        assert i.playing


def test_with_two_anchors_the_morph_is_a_knob() -> None:
    with opened("mvae-morph", patch="first_light") as i:
        i.morph("B", "A", 0.25)
        assert i.knob.morph == 0.75
        with pytest.raises(UserError, match="no slot 'C'; there are: A, B"):
            i.morph("A", "C", 0.5)


def test_options_are_read_as_the_command_reads_them() -> None:
    chosen = read_options({"controller": ["nano", "pad"], "nudge": -12, "Clock Port": "desk", "seed": None, "no_surface": True})
    assert (chosen.controller, chosen.nudge, chosen.clock_port, chosen.seed) == (["nano", "pad"], -12.0, "desk", None)


def test_the_door_is_light_until_something_is_asked_of_it() -> None:
    code = "import sys, mvae.live; print(sorted({'numpy', 'onnxruntime', 'rtmidi'} & set(sys.modules)), dir(mvae.live)[:3])"
    said = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True).stdout
    assert said == "[] ['DOORS', 'Instrument', 'Model']\n"
    with pytest.raises(ImportError, match="Instrumnt"):
        exec("from mvae.live import Instrumnt")


def test_another_patch_has_its_own_names_and_one_that_is_not_there_changes_nothing() -> None:
    with opened("mvae-patches") as i:
        assert i.patch == "four_corners"
        i.knob.tempo = 200.0
        i.play()
        i.wait(bars=1)
        i.load_patch("Morph Melody")
        assert i.patch == "morph_melody" and i.playing and i.knob.tempo == 200.0 and "melody" in dir(i.mute) and "drums" not in dir(i.mute)
        with pytest.raises(UserError, match="no patch 'morf melody' \\(did you mean 'morph_melody'"):
            i.load_patch("morf melody")
        assert i.patch == "morph_melody" and i.playing
        i.stop()
        assert wait_until(lambda: not i.playing, PATIENCE_S)
        i.load_patch("four_corners")
        assert i.patch == "four_corners" and not i.playing
