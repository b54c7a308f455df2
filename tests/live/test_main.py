"""`mvae-live` reads its arguments: what each command gets, and mistakes in one line with exit code 2."""

import argparse
import json
from pathlib import Path
from typing import NamedTuple

import pytest

from mvae.core.errors import UserError, command
from mvae.core.patch import list_patches
from mvae.live import bounce_command, midi_ports, stage
from mvae.live.main import COMMANDS, parser, run


class Port(NamedTuple):
    name: str
    api: str


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, argparse.Namespace]]:
    """The commands that were run, and what they got."""
    found: list[tuple[str, argparse.Namespace]] = []

    def play(chosen: argparse.Namespace) -> int:
        found.append(("play", chosen))
        return 0

    def bounced(chosen: argparse.Namespace) -> int:
        found.append(("bounce", chosen))
        return 0

    monkeypatch.setattr(stage, "play", play)
    monkeypatch.setattr(bounce_command, "bounce", bounced)
    return found


@pytest.mark.parametrize("words", [[], ["play"], ["--tempo", "120"], ["play", "--tempo", "120"]])
def test_without_a_command_it_plays(ran: list[tuple[str, argparse.Namespace]], words: list[str]) -> None:
    assert run(words) == 0
    ((name, chosen),) = ran
    assert name == "play" and chosen.tempo == (120.0 if "--tempo" in words else None)


def test_by_default_it_plays_the_default_patch_to_a_port_of_its_own(ran: list[tuple[str, argparse.Namespace]]) -> None:
    run([])
    chosen = vars(ran[0][1])
    assert chosen == {
        "command": "play", "patch": "four_corners", "port": None, "controller": [], "osc": "127.0.0.1:7770", "tempo": None, "seed": None,
        "bars": None, "record": None, "name": "mvae", "start": None, "provider": "auto",
        "sync": "internal", "clock_port": None, "nudge": 0.0, "count_in": 0, "takeover": "cross", "listen": None, "listen_as": "channel",
        "listen_latency": 0.0, "notes_to": [], "surface_port": None, "no_surface": False,
    }  # fmt: skip


def test_every_option_of_play_arrives(ran: list[tuple[str, argparse.Namespace]]) -> None:
    words = "--patch first_light --port IAC --controller a --controller b --osc 0.0.0.0:9000 --tempo 97.5 --seed 0 --bars 8"
    run([*words.split(), "--record", "take.mid", "--name", "second", "--start", "armed", "--provider", "cpu"])
    chosen = ran[0][1]
    assert (chosen.patch, chosen.port, chosen.controller, chosen.osc) == ("first_light", "IAC", ["a", "b"], "0.0.0.0:9000")
    assert (chosen.tempo, chosen.seed, chosen.bars, chosen.record) == (97.5, 0, 8, Path("take.mid"))
    assert (chosen.name, chosen.start, chosen.provider) == ("second", "armed", "cpu")


def test_every_option_of_bounce_arrives(ran: list[tuple[str, argparse.Namespace]]) -> None:
    words = "bounce --patch p --bars 4 --seed 2 --tempo 90 --out o.mid --set x=1 --set y=0 --controls c.log"
    run(words.split())
    ((name, chosen),) = ran
    assert name == "bounce" and (chosen.set, chosen.controls, chosen.out) == (["x=1", "y=0"], Path("c.log"), Path("o.mid"))
    assert (chosen.patch, chosen.bars, chosen.seed, chosen.tempo) == ("p", 4, 2, 90.0)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("--tempo 19.9", "--tempo: 19.9 is outside 20 to 400"),
        ("--tempo nan", "--tempo: nan is outside"),
        ("--tempo fast", "--tempo: fast is not a number"),
        ("--bars 0", "--bars: 0 is outside 1 to 100000"),
        ("--bars 1.5", "--bars: 1.5 is not a whole number"),
        ("--seed -1", "--seed"),
        ("--seed one", "--seed: one is not a whole number"),
        ("--start later", "--start"),
        ("--provider abacus", "--provider"),
        ("--sync other", "--sync"),
        ("dance", "dance"),
        ("bounce", "--out"),
        ("bounce --out a.mid --bars 0", "--bars"),
        ("ports --verbose", "--verbose"),
        ("bench --seconds 0", "--seconds"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(
    ran: list[tuple[str, argparse.Namespace]], capsys: pytest.CaptureFixture[str], words: str, told: str
) -> None:
    assert command(run, "mvae-live", words.split()) == 2
    said = capsys.readouterr()
    assert said.out == "" and len(said.err.splitlines()) == 1
    assert said.err.startswith("mvae-live: ") and told in said.err and "--help" in said.err
    assert ran == []


@pytest.mark.parametrize("words", [["--help"], *([name, "--help"] for name in COMMANDS)])
def test_help_is_there_for_every_command(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        run(words)
    assert left.value.code == 0 and "usage: mvae-live" in capsys.readouterr().out


def test_ports_are_listed_for_people_and_for_programs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(midi_ports, "list_outputs", lambda: (Port("Bus 1", "CoreMIDI"), Port('a "b"', "JACK")))
    monkeypatch.setattr(midi_ports, "list_inputs", lambda: ())
    assert run(["ports"]) == 0
    assert capsys.readouterr().out == 'outputs:\n  Bus 1  (CoreMIDI)\n  a "b"  (JACK)\ninputs:\n  none\n'
    assert run(["ports", "--json"]) == 0
    outputs = [{"name": "Bus 1", "api": "CoreMIDI"}, {"name": 'a "b"', "api": "JACK"}]
    assert json.loads(capsys.readouterr().out) == {"outputs": outputs, "inputs": []}


def test_patches_are_listed_with_the_default_marked(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["patches"]) == 0
    *lines, last = capsys.readouterr().out.splitlines()
    assert last.startswith("companions for Max") and (Path(last.partition(": ")[2]) / "README.md").is_file()
    assert [line.split(":")[0].removesuffix(" (default)") for line in lines] == [file.stem for file in list_patches()]
    assert [line for line in lines if "(default)" in line] == [line for line in lines if line.startswith("four_corners")]
    assert run(["patches", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [Path(row["file"]) for row in rows] == list(list_patches()) and {row["title"] for row in rows} >= {"First light", "Four corners"}


def test_a_patch_of_the_users_is_listed_and_meant_before_one_of_its_name_that_comes_with_mvae(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MVAE_HOME", str(tmp_path))
    own = tmp_path / "patches" / "first_light.toml"
    own.parent.mkdir()
    own.write_text(next(file for file in list_patches() if file.stem == "first_light").read_text().replace("First light", "Mine"))
    assert run(["patches"]) == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("first_light")]
    assert line.startswith("first_light: Mine;") and line.endswith(f"yours, {own}")
    out = tmp_path / "a.mid"
    own.write_text(own.read_text().replace('A = "rock"', 'A = "nonsense"'))
    with pytest.raises(UserError, match="nonsense"):
        run(["bounce", "--patch", "First Light", "--bars", "1", "--out", str(out)])


def test_every_command_is_known_to_the_parser() -> None:
    for name in COMMANDS:
        offline = ["--bundle", "b", "--out", "folder"]
        needed = {"bounce": ["--out", "a.mid"], "sample": offline, "interpolate": [*offline, "--from", "a.mid", "--to", "funk"]}
        words = {**needed, "picture": ["set"], "reconstruct": [*offline, "--midi", "a.mid"]}.get(name, [])
        assert parser().parse_args([name, *words]).command == name


def test_ctrl_c_is_no_traceback() -> None:
    def interrupted(words: object) -> int:
        raise KeyboardInterrupt

    assert command(interrupted, "mvae-live", []) == 130
