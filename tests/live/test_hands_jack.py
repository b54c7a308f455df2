"""A controller under the hands of a performer, at the real command and a real JACK server: turn, light, learn, keep, unplug, replug."""

import time
import tomllib
from pathlib import Path

import pytest

from mvae.core.control import Control
from mvae.core.patch import shipped_folder
from tests.live.command import MvaeLive, mvae_live
from tests.live.fake_controller import FILE, FakeController
from tests.live.jack import wait_until

BACK_S = 2.0  # as promised
POT, POT_2, RING = Control("cc", 16, 0), Control("cc", 17, 0), Control("cc", 20, 0)
FADER = Control("pitchbend", 0, 0, "absolute14")
PAD, PAD_2, NEW_PAD = (Control("note", number, 0) for number in (36, 37, 38))
DIM, RED = 7, 5
WORDS = ("--patch", "four_corners", "--start", "armed", "--seed", "1", "--controller", "fake pads", "--name", "mvae-hands")

pytestmark = pytest.mark.usefixtures("jack_server")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "controllers").mkdir()
    (tmp_path / "controllers" / "fake.toml").write_text(FILE)
    monkeypatch.setenv("MVAE_HOME", str(tmp_path))
    return tmp_path


def last(instrument: MvaeLive, address: str) -> object:
    values = instrument.heard(address)
    return values[-1][0] if values else None


def note(pad: Control, velocity: int) -> bytes:
    return bytes((0x90, pad.number or 0, velocity))


def test_a_controller_turns_is_lit_learns_keeps_and_comes_back(home: Path) -> None:
    with FakeController() as pads, mvae_live(*WORDS) as instrument:
        instrument.subscribe()
        turns(instrument, pads)
        is_lit(instrument, pads)
        kept = learns(instrument, pads, home)
        comes_back(instrument, pads)
        instrument.signal("SIGTERM")
        assert instrument.end() == 0
    with FakeController() as pads, mvae_live(*WORDS, "--patch", str(kept)) as instrument:
        instrument.subscribe()
        assert pads.until(lambda: last(instrument, "/mvae/playing") == 1, NEW_PAD, 90)


def turns(instrument: MvaeLive, pads: FakeController) -> None:
    """A pot takes its knob over where it crosses it; an encoder and a motor fader have theirs at once."""
    instrument.send("/mvae/xy", 0.5, 0.5)
    instrument.wait(lambda: last(instrument, "/mvae/knob/x") == 0.5)
    assert pads.until(lambda: ("x", "up") in instrument.heard("/mvae/takeover"), POT, 20)
    assert last(instrument, "/mvae/knob/x") == 0.5
    assert pads.until(lambda: last(instrument, "/mvae/knob/x") == pytest.approx(90 / 127), POT, 90)
    instrument.wait(lambda: instrument.heard("/mvae/takeover") == [("x", "up"), ("x", "taken")])
    assert pads.until(lambda: float(str(last(instrument, "/mvae/knob/density"))) > 0.05, RING, 1, 1)
    assert pads.until(lambda: float(str(last(instrument, "/mvae/knob/density"))) < -0.05, RING, 120, 120)
    assert pads.until(lambda: last(instrument, "/mvae/tempo") == 400, FADER, 16383)


def is_lit(instrument: MvaeLive, pads: FakeController) -> None:
    """Colours, a ring and a motor show what stands, whoever has moved it; a fader that a hand moves is not fought."""
    assert pads.is_told(bytes.fromhex("F07D01F7")) and pads.is_told(note(PAD, DIM)) and pads.is_told(note(PAD_2, DIM))
    assert pads.until(lambda: last(instrument, "/mvae/part/drums/mute") == 1, PAD, 100) and pads.is_told(note(PAD, RED))
    assert pads.until(lambda: last(instrument, "/mvae/quantise") == "bar", PAD_2, 100) and pads.is_told(note(PAD_2, RED))
    instrument.send("/mvae/knob/density", 2.0)
    assert pads.is_told(bytes((0xB0, 20, 127)))
    assert b"\xe0\x7f\x7f" not in pads.lit
    instrument.send("/mvae/tempo", 20.0)
    assert pads.is_told(b"\xe0\x00\x00")
    instrument.send("/mvae/tempo", 120.0)


def learns(instrument: MvaeLive, pads: FakeController, home: Path) -> Path:
    """By name; what was touched does it at once, and the file that is kept says so in its own words."""
    learn(instrument, "play")
    assert pads.until(lambda: ("play", "note 38 on channel 1 of Fake Pads") in instrument.heard("/mvae/learned"), NEW_PAD, 100)
    assert pads.until(lambda: last(instrument, "/mvae/playing") == 1, NEW_PAD, 100)
    learn(instrument, "density")
    pot = "density", "CC 17 on channel 1 of Fake Pads"
    assert pads.until(lambda: pot in instrument.heard("/mvae/learned"), POT_2, *range(10, 80, 10))
    instrument.send("/mvae/learn/keep")
    instrument.wait(lambda: instrument.heard("/mvae/learn/kept") or instrument.heard("/mvae/error"))
    assert not instrument.heard("/mvae/error")
    kept = home / "patches" / "four_corners.toml"
    shipped = (shipped_folder() / "four_corners.toml").read_text()
    text = kept.read_text()
    said = tomllib.loads(text)
    assert said["knob"]["density"]["cc"] == 17 and said["button"]["play"]["note"] == 38
    assert [line for line in shipped.splitlines() if line.startswith("#") and line not in text] == []
    return kept


def learn(instrument: MvaeLive, name: str) -> None:
    instrument.send("/mvae/learn", name)
    instrument.wait(lambda: last(instrument, "/mvae/learning") == name)


def comes_back(instrument: MvaeLive, pads: FakeController) -> None:
    """Unplugged and plugged in again in the middle of play: play goes on, and it is heard and lit within two seconds."""
    pads.unplug()
    instrument.wait(lambda: any("gone" in str(words) for words in instrument.heard("/mvae/remark")))
    instrument.wait_beats(2)
    pads.lit.clear()
    pads.plug()
    at_s = time.monotonic()
    assert wait_until(lambda: bool(pads.lit), 20) and time.monotonic() - at_s < BACK_S
    assert pads.is_told(note(PAD, RED))
    assert pads.until(lambda: last(instrument, "/mvae/part/drums/mute") == 0, PAD, 100)


def test_a_program_change_brings_another_patch_and_what_was_learned_stays_where_it_can(home: Path) -> None:
    (home / "controllers" / "fake.toml").write_text(FILE.replace('scene = "program"', '"patch load" = "program"'))
    with FakeController() as pads, mvae_live(*WORDS) as instrument:
        instrument.subscribe()
        instrument.wait(lambda: instrument.heard("/mvae/patch/list"))
        names = instrument.heard("/mvae/patch/list")[-1]
        for name, pot in (("velocity", POT_2), ("density", POT)):
            learn(instrument, name)
            assert pads.until(lambda name=name: name in [what for what, _ in instrument.heard("/mvae/learned")], pot, *range(10, 80, 10))  # type: ignore[misc]
        instrument.send("/mvae/play")
        program = Control("program", names.index("morph_melody"), 0)
        assert pads.until(lambda: last(instrument, "/mvae/patch/playing") == "morph_melody", program, 0)
        assert pads.until(lambda: float(str(last(instrument, "/mvae/knob/velocity"))) > 1.5, POT_2, 30, 120)
        assert pads.is_told(note(PAD, DIM)) and pads.until(lambda: last(instrument, "/mvae/part/melody/mute") == 1, PAD, 100)
        back = Control("program", names.index("four_corners"), 0)
        assert pads.until(lambda: last(instrument, "/mvae/patch/playing") == "four_corners", back, 0)
        assert pads.until(lambda: float(str(last(instrument, "/mvae/knob/density"))) < -1.0, POT, 120, 5)  # bound where it is a knob
        assert not instrument.heard("/mvae/error") and last(instrument, "/mvae/playing") == 1
        instrument.signal("SIGTERM")
        assert instrument.end() == 0
