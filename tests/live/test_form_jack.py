"""What was kept is there after a restart of the real command: a foreign JACK client hears the same bars, after a count-in."""

import json
from pathlib import Path

import mido
import pytest

from mvae.live.count_in import SIDE_STICK
from tests.live.command import mvae_live, run
from tests.live.jack import Listener, undisturbed, wait_until

TEMPO_BPM, BAR, BARS = 240.0, 3840, 8
PHRASE = range(4 * BAR, 8 * BAR)  # ticks of the song: the second time round, when all is as it will stay
STOP = b"\xfc"
NAME = "mvae-form"
Notes = list[tuple[int, int, int]]

pytestmark = pytest.mark.usefixtures("jack_server")


def phrase_of(path: Path, bars_before: int) -> Notes:
    """(song tick, pitch, velocity) of the note-ons of the phrase in a recording that begins so many bars before the song."""
    tick, found = -bars_before * BAR, []
    for message in mido.MidiFile(path).tracks[0]:
        tick += message.time
        if message.type == "note_on" and tick in PHRASE:
            found.append((tick, message.note, message.velocity))
    return found


def heard_last(foreign: Listener, count: int) -> list[tuple[int, int]]:
    """Pitch and velocity of the last notes that the foreign client heard before the stop."""
    assert wait_until(lambda: any(heard.message == STOP for heard in foreign.heard), 10)
    ons = [(heard.message[1], heard.message[2]) for heard in foreign.notes() if heard.is_on]
    return ons[-count:]


def perform(path: Path, foreign: Listener, seed: int, hands: list[tuple[str, str | float]], *words: str) -> None:
    """Hands, and then eight bars; stored as a scene in the first of them where it is not one of yesterday's."""
    options = ("--seed", str(seed), "--tempo", str(TEMPO_BPM), "--bars", str(BARS), "--start", "armed", "--name", NAME, "--no-surface")
    with mvae_live(*options, "--record", str(path), *words) as instrument:
        instrument.subscribe()
        foreign.connect(f"{NAME}:{NAME}")
        for address, value in hands:
            instrument.send(address, value)
        instrument.send("/mvae/play")
        instrument.wait_beats(3)
        if words:
            assert instrument.heard("/mvae/scene/playing")[-1] == ("late night",)
        else:
            instrument.send("/mvae/scene/store", "late night")
            instrument.send("/mvae/anchor/D/store", "first light")
        assert instrument.end(40) == 0, instrument.said()


def test_a_scene_of_yesterday_plays_the_same_bars_today(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MVAE_HOME", str(tmp_path / "home"))
    one, two = tmp_path / "one.mid", tmp_path / "two.mid"

    def yesterday(foreign: Listener) -> None:
        perform(one, foreign, 3, [("/mvae/anchor/A/sample", ""), ("/mvae/knob/x", 0.2), ("/mvae/knob/density", 0.8), ("/mvae/reseed", 1)])
        heard.append(heard_last(foreign, len(phrase_of(one, 1))))

    def today(foreign: Listener) -> None:
        perform(two, foreign, 4, [("/mvae/scene/late_night", 1)], "--count-in", "1")
        heard.append(heard_last(foreign, len(phrase_of(two, 2))))
        clicks = [note.message[1] for note in foreign.notes() if note.is_on][:4]
        assert clicks == [SIDE_STICK] * 4

    heard: list[list[tuple[int, int]]] = []
    undisturbed(yesterday)
    undisturbed(today)
    assert len(phrase_of(one, 1)) > 30 and phrase_of(one, 1) == phrase_of(two, 2)
    assert heard[0] == heard[-1] == [(pitch, velocity) for _, pitch, velocity in phrase_of(one, 1)]
    kept = {json.loads(file.read_text())["name"] for file in (tmp_path / "home").rglob("*.json")}
    assert kept == {"late night", "first light"}
    again = run("bounce", "--controls", str(two.with_suffix(".log")), "--out", str(tmp_path / "again.mid"))
    assert again.returncode == 0 and (tmp_path / "again.mid").read_bytes() == two.read_bytes(), again.stdout + again.stderr
