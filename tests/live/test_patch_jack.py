"""Other patches while the real command plays: a foreign JACK client hears bar after bar, each as its patch plays it there by itself."""

import json
from itertools import pairwise
from pathlib import Path

import mido
import pytest

from mvae.core.control import Control
from mvae.core.patch import find_patch
from mvae.live.launch import memory_mb
from tests.live.command import mvae_live, run
from tests.live.fake_controller import FakeController
from tests.live.jack import Listener, listener, undisturbed, wait_until

TEMPO_BPM, BAR, BARS, SEED = 150.0, 3840, 13, 4
BAR_S = 4 * 60 / TEMPO_BPM
NAME = "mvae-patch"
CLOCK, START, STOP = b"\xf8", b"\xfa", b"\xfc"
ORDER = ("four_corners", "morph_melody", "trio", "four_corners")
MOST_MB = 400
Bar = set[tuple[int, int, int]]  # (tick of the bar, pitch, velocity)

pytestmark = pytest.mark.usefixtures("jack_server")


def bars_of(path: Path) -> list[Bar]:
    """The note-ons of a file whose song begins a bar after it does, by the line that they are nearest to."""
    tick, found = -BAR, [Bar() for _ in range(BARS)]
    for message in mido.MidiFile(path).tracks[0]:
        tick += message.time
        bar = (tick + 120) // BAR
        if message.type == "note_on" and 0 <= bar < BARS:
            found[bar].add((tick - bar * BAR, message.note, message.velocity))
    return found


def alone(folder: Path, patch: str) -> list[Bar]:
    """The bars of a patch that plays by itself from the start."""
    out = folder / f"{patch}.mid"
    made = run("bounce", "--patch", patch, "--bars", str(BARS), "--seed", str(SEED), "--tempo", str(TEMPO_BPM), "--out", str(out))
    assert made.returncode == 0, made.stderr
    return bars_of(out)


def perform(folder: Path, foreign: Listener) -> Path:
    """Three patches after the first, and one that is not there. Gives the set."""
    place = folder / f"set{len(list(folder.iterdir()))}"
    options = ("--seed", str(SEED), "--tempo", str(TEMPO_BPM), "--bars", str(BARS), "--start", "armed", "--name", NAME)
    with mvae_live(*options, "--record", str(place)) as instrument:
        instrument.subscribe()
        foreign.connect(f"{NAME}:{NAME}")
        instrument.send("/mvae/play")
        for wanted in ORDER[1:]:
            instrument.wait_beats(4)
            instrument.send("/mvae/patch/load", "nonsense")
            instrument.wait(lambda: instrument.heard("/mvae/error"))
            assert "no patch 'nonsense'" in str(instrument.heard("/mvae/error").pop())
            instrument.send("/mvae/patch/load", wanted.replace("_", " ").title())
            instrument.wait(lambda wanted=wanted: instrument.heard("/mvae/patch/playing")[-1] == (wanted,))  # type: ignore[misc]
        assert (memory_mb(instrument.process.pid) or 0) < MOST_MB
        assert instrument.end(BARS * BAR_S + 30) == 0, instrument.said()
    return place


def changes_of(place: Path) -> list[tuple[str, int]]:
    """Each patch and the bar from which it plays, as the log says."""
    acts = [json.loads(line) for line in (place / "set.log").read_text().splitlines()]
    later = [(act["patch"], act["tick"] // BAR) for act in acts if act.get("do") == "patch"]
    entered = [act["value"] // 16 for act in acts if act.get("do") == "enter"]
    assert [bar for _, bar in later] == entered
    return [(acts[0]["patch"], 0), *later]


def test_patches_follow_each_other_without_a_gap_and_the_set_bounces_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MVAE_HOME", str(tmp_path / "home"))

    def plays(foreign: Listener) -> None:
        place = perform(tmp_path, foreign)
        changes = changes_of(place)
        assert tuple(patch for patch, _ in changes) == ORDER
        heard, ends = bars_of(place / "set.mid"), [bar for _, bar in changes[1:]] + [BARS]
        for (patch, first), end in zip(changes, ends, strict=True):
            wanted = alone(tmp_path, patch)
            assert end > first and heard[first:end] == wanted[first:end] and all(heard[first:end]), (patch, first, end)
        assert wait_until(lambda: any(said.message == STOP for said in foreign.heard), 10)
        messages = [said.message for said in foreign.heard]
        assert messages.count(START) == messages.count(STOP) == 1 and foreign.open_notes() == set()
        clocks = [said.at_s for said in foreign.heard[messages.index(START) : messages.index(STOP)] if said.message == CLOCK]
        assert len(clocks) in (BARS * 96, BARS * 96 + 1) and max(later - before for before, later in pairwise(clocks)) < BAR_S / 4
        ons = [(note.message[1], note.message[2]) for note in foreign.notes() if note.is_on]
        assert sorted(ons) == sorted((pitch, velocity) for bar in heard for _, pitch, velocity in bar)
        again = run("bounce", "--controls", str(place))
        assert again.returncode == 0 and "the same, byte for byte" in again.stdout, again.stdout + again.stderr

    undisturbed(plays)


def test_program_changes_and_a_pad_lead_to_other_patches_and_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MVAE_HOME", str(tmp_path / "home"))
    way = '[program]\ndoes = "patch"\n[button.home]\ndoes = "patch load led"\nnote = 40\ncontroller = "fake"\n'
    (tmp_path / "led.toml").write_text(find_patch("first_light").read_text() + way)
    words = ("--patch", str(tmp_path / "led.toml"), "--start", "now", "--seed", "1", "--name", "mvae-led", "--controller", "fake pads")
    with FakeController() as pads, mvae_live(*words) as instrument:
        instrument.subscribe()

        def plays(patch: str) -> bool:
            return instrument.heard("/mvae/patch/playing")[-1] == (patch,)

        instrument.wait(lambda: instrument.heard("/mvae/patch/list"))
        names = [str(name) for name in instrument.heard("/mvae/patch/list")[-1]]
        for wanted in ("four_corners", "first_light"):
            assert pads.until(lambda wanted=wanted: plays(wanted), Control("program", None), names.index(wanted)), instrument.said()
        assert pads.until(lambda: plays("led"), Control("note", 40, 0), 100), instrument.said()
        instrument.signal("SIGTERM")
        assert instrument.end() == 0


def test_a_part_gets_the_port_that_another_patch_names_and_where_there_is_none_nothing_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MVAE_HOME", str(tmp_path / "home"))
    text = find_patch("four_corners").read_text()
    for name, port in (("own", "virtual"), ("lost", "no such port")):
        (tmp_path / f"{name}.toml").write_text(text.replace("[[part]]", f'[[part]]\nport = "{port}"', 1))

    def plays(foreign: Listener) -> None:
        take = tmp_path / "take.mid"
        with mvae_live("--seed", "1", "--tempo", "300", "--start", "now", "--name", "mvae-own", "--record", str(take)) as instrument:
            instrument.subscribe()
            foreign.connect("mvae-own:mvae-own")
            instrument.wait_beats(2)
            instrument.send("/mvae/patch/load", str(tmp_path / "lost.toml"))
            instrument.wait(lambda: [why for what, why in instrument.heard("/mvae/error") if what == "patch load"])
            assert "no such port" in str(instrument.heard("/mvae/error"))
            assert instrument.heard("/mvae/patch/playing")[-1] == ("four_corners",)
            instrument.send("/mvae/patch/load", str(tmp_path / "own.toml"))
            instrument.wait(lambda: instrument.heard("/mvae/patch/playing")[-1] == ("own",))
            instrument.wait_beats(5)
            assert foreign.open_notes() == set()
            before = len(foreign.notes())
            with listener("other") as other:
                other.connect("mvae-own drums:mvae-own drums")
                instrument.wait_beats(4)
                assert len(foreign.notes()) == before and len(other.notes()) > 4
                instrument.send("/mvae/patch/load", "four_corners")
                instrument.wait(lambda: instrument.heard("/mvae/patch/playing")[-1] == ("four_corners",))
                instrument.wait_beats(5)
                assert len(foreign.notes()) > before and other.open_notes() == set()
            instrument.signal("SIGTERM")
            assert instrument.end() == 0, instrument.said()
        again = run("bounce", "--controls", str(take.with_suffix(".log")), "--out", str(tmp_path / "again.mid"))
        assert again.returncode == 0 and (tmp_path / "again.mid").read_bytes() == take.read_bytes(), again.stdout + again.stderr
        assert "differs" not in again.stdout

    undisturbed(plays)
