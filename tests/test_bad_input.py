"""Whatever a performer gets wrong, each command says so in one line, ends with exit code 2, and leaves every file as it was."""

import importlib.util
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest

from tests.parts import need

BIN = Path(sys.executable).parent
PATCH = """format = 1
name = "Bad"
[[part]]
bundle = "groove_2bar"
[anchors]
A = "rock"
B = "funk"
"""
PATCHES = {
    "knob": PATCH + "[knob.wobble]\ncc = 1\n",
    "key": PATCH + "[knob.morph]\ncolour = 3\n",
    "value": PATCH + '[knob.morph]\nrange = "wide"\n',
    "anchor": PATCH.replace('"rock"', '"polka"'),
    "axis": PATCH + '[knob.wobble]\naxis = "wobble"\n',
    "bundle": PATCH.replace("groove_2bar", "melody_64bar"),
    "action": PATCH + '[button.one]\ndoes = "explode"\nnote = 36\n',
    "version": PATCH.replace("format = 1", "format = 99"),
    "malformed": PATCH + "[knob.morph\n",
    "empty": "",
    "garbled": PATCH.replace('"groove_2bar"', '"garbled"'),
}
PROGRESS = "files/s]"  # in each line of a progress bar
READ_ONLY = "/sys" if hasattr(os, "geteuid") and os.geteuid() == 0 else "{folder}/locked"  # no mode stops root, but sysfs does
LIVE = (
    # what is wrong, the command, what its line names
    ("port", "mvae-live --port nosuch", "nosuch"),
    ("controller", "mvae-live --controller nosuch --record {folder}/take.mid", "nosuch"),
    ("patch", "mvae-live --patch nosuch", "four_corners"),
    ("patch file", "mvae-live --patch {folder}/nosuch.toml", "nosuch.toml"),
    ("knob", "mvae-live --patch {folder}/knob.toml", "wobble"),
    ("knob to set", "mvae-live bounce --bars 1 --out {folder}/take.mid --set wobble=1", "wobble"),
    ("value to set", "mvae-live bounce --bars 1 --out {folder}/take.mid --set x=much", "x=much"),
    ("range to set", "mvae-live bounce --bars 1 --out {folder}/take.mid --set x=7", "x=7"),
    ("key", "mvae-live --patch {folder}/key.toml", "colour"),
    ("value", "mvae-live --patch {folder}/value.toml", "wide"),
    ("anchor", "mvae-live --patch {folder}/anchor.toml --record {folder}/take.mid", "polka"),
    ("axis", "mvae-live --patch {folder}/axis.toml", "wobble"),
    ("bundle", "mvae-live --patch {folder}/bundle.toml --record {folder}/take.mid", "melody_64bar"),
    ("bundle that is none", "mvae-live --patch {folder}/garbled.toml", "garbled"),
    ("action", "mvae-live --patch {folder}/action.toml", "explode"),
    ("format of a patch", "mvae-live --patch {folder}/version.toml", "99"),
    ("malformed TOML", "mvae-live --patch {folder}/malformed.toml", "malformed.toml"),
    ("empty patch", "mvae-live --patch {folder}/empty.toml", "empty.toml"),
    ("folder of a recording", "mvae-live --record {folder}/nosuch/take.mid", "nosuch"),
    ("recording where nothing can be written", "mvae-live --record {read_only}/take.mid", "take.mid"),
    ("set in a folder of other things", "mvae-live --record {folder}/texts", "texts"),
    ("port of OSC that is taken", "mvae-live --osc {taken} --record {folder}/take.mid", "{taken}"),
    ("port of OSC", "mvae-live --osc nosuch", "nosuch"),
    ("port of the page that is taken", "mvae-live --osc {free} --surface-port {taken} --record {folder}/take.mid", "{taken}"),
    ("port of the page", "mvae-live --surface-port 70000", "70000"),
    ("tempo", "mvae-live --tempo 5", "tempo"),
    ("provider", "mvae-live --provider abacus", "abacus"),
    ("option", "mvae-live --nosuch", "nosuch"),
    ("folder of a bounce", "mvae-live bounce --bars 1 --out {folder}/nosuch/take.mid", "nosuch"),
    ("bounce where nothing can be written", "mvae-live bounce --bars 1 --out {read_only}/take.mid", "take.mid"),
    ("patch of a bounce", "mvae-live bounce --bars 1 --patch nosuch --out {folder}/take.mid", "nosuch"),
    ("bars of a bounce", "mvae-live bounce --out {folder}/take.mid", "--bars"),
    ("log", "mvae-live bounce --controls {folder}/nosuch.log --out {folder}/take.mid", "nosuch.log"),
    ("log that is none", "mvae-live bounce --controls {folder}/text.mid --bars 1 --out {folder}/take.mid", "text.mid"),
    ("set or log", "mvae-live bounce --controls {folder}/nosuch", "nosuch: not there"),
    ("patch of a bench", "mvae-live bench --patch nosuch", "nosuch"),
    ("command", "mvae-live plya", "did you mean 'play'"),
    ("set of a picture", "mvae-live picture {folder}/nosuch", "no set lies there"),
)
TRAIN = (
    ("folder", "mvae-train prepare {folder}/nosuch --kind groove --out {folder}/out", "nosuch"),
    ("folder without drums", "mvae-train prepare {folder}/melody --kind groove --out {folder}/out", "melody"),
    ("folder without music", "mvae-train prepare {folder}/empty --kind groove --out {folder}/out", "empty"),
    ("text named .mid", "mvae-train prepare {folder}/texts --kind groove --out {folder}/out", "texts"),
    ("folder of a corpus", "mvae-train prepare {folder}/melody --kind groove --out {folder}/nosuch/out", "nosuch"),
    ("corpus where nothing can be written", "mvae-train prepare {folder}/drums --kind groove --out {read_only}/out", "out"),
    ("kind", "mvae-train prepare {folder}/drums --kind opera --out {folder}/out", "opera"),
    ("config", "mvae-train train nosuch --data {folder}/out --run {folder}/run", "nosuch"),
    ("corpus", "mvae-train train tiny --data {folder}/nosuch --run {folder}/run", "nosuch"),
    ("bundle", "mvae-train evaluate --bundle {folder}/nosuch --midi {folder}/drums", "nosuch"),
    ("bundle that is none", "mvae-train evaluate --bundle {folder}/garbled --midi {folder}/drums", "garbled"),
    ("set without drums", "mvae-train evaluate --bundle {bundle} --midi {folder}/melody", "melody"),
    ("set of texts", "mvae-train evaluate --bundle {bundle} --midi {folder}/texts", "texts"),
    ("folder of figures", "mvae-train evaluate --bundle {bundle} --midi {folder}/drums --json {folder}/nosuch/a.json", "nosuch"),
    ("subcommand", "mvae-train dance", "dance"),
    ("run", "mvae-export {folder}/nosuch {folder}/bundle", "nosuch"),
    ("run that is none", "mvae-export {folder}/text.mid {folder}/bundle", "text.mid"),
    ("place that is no bundle", "mvae-export {folder}/text.mid {folder}/melody", "text.mid"),
    ("arguments", "mvae-export", "RUN"),
)


def midi(channel: int, pitch: int, bars: int = 4) -> bytes:
    """A file of one note on every beat."""
    events = b"".join(b"\x00" + bytes((0x90 | channel, pitch, 90)) + b"\x60" + bytes((0x80 | channel, pitch, 0)) for _ in range(4 * bars))
    track = events + b"\x00\xff\x2f\x00"
    return struct.pack(">4sIHHH", b"MThd", 6, 0, 1, 96) + struct.pack(">4sI", b"MTrk", len(track)) + track


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A performer's folder: an earlier take, patches with mistakes, music of all kinds."""
    for name, text in PATCHES.items():
        (tmp_path / f"{name}.toml").write_text(text)
    for name in ("melody", "empty", "texts", "drums", "locked", "garbled"):
        (tmp_path / name).mkdir()
    (tmp_path / "take.mid").write_bytes(b"an earlier take")
    (tmp_path / "take.log").write_text("an earlier log\n")
    for path in (tmp_path / "text.mid", tmp_path / "texts" / "song.mid", tmp_path / "garbled" / "card.toml"):
        path.write_text("this is not what its name says")
    (tmp_path / "melody" / "song.mid").write_bytes(midi(0, 60))
    (tmp_path / "drums" / "song.mid").write_bytes(midi(9, 36))
    (tmp_path / "locked").chmod(0o555)
    yield tmp_path
    (tmp_path / "locked").chmod(0o755)


@contextmanager
def taken_port() -> Iterator[str]:
    """For datagrams and for connections."""
    with socket.socket() as listener, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        holder.bind(listener.getsockname())
        yield str(holder.getsockname()[1])


def free_port() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def contents(folder: Path) -> dict[str, str]:
    """Every file and folder, and what is in it."""
    return {str(path): sha256(path.read_bytes()).hexdigest() if path.is_file() else "" for path in sorted(folder.rglob("*"))}


def is_refused(command: str, names: str, folder: Path) -> None:
    before = contents(folder)
    with taken_port() as taken:
        known = {"folder": str(folder), "taken": taken, "free": free_port(), "bundle": "patches/bundles/groove_2bar"}
        known["read_only"] = READ_ONLY.format(**known)
        program, *words = [word.format(**known) for word in command.split()]
        words.insert(0, str(BIN / program))
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL)
        names = names.format(**known)
    assert done.returncode == 2, (done.stdout, done.stderr)
    told = [line for line in done.stderr.splitlines() if line.strip() and PROGRESS not in line]
    assert len(told) == 1 and told[0].startswith(f"{program}: ") and done.stderr.endswith(f"{told[0]}\n"), done.stderr
    assert names in done.stderr and "Traceback" not in done.stderr + done.stdout
    assert contents(folder) == before


@pytest.mark.parametrize(("command", "names"), [pytest.param(*case[1:], id=case[0]) for case in LIVE])
def test_a_mistake_on_stage_is_one_line(command: str, names: str, folder: Path) -> None:
    is_refused(command, names, folder)


@pytest.mark.parametrize(("command", "names"), [pytest.param(*case[1:], id=case[0]) for case in TRAIN])
def test_a_mistake_in_training_is_one_line(command: str, names: str, folder: Path) -> None:
    need("PyTorch", importlib.util.find_spec("torch") is not None, "pip install '.[train,export]'")
    is_refused(command, names, folder)
