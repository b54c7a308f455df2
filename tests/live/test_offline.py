"""sample, interpolate and reconstruct, with real bundles of every family, small and untrained."""

import atexit
import functools
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest

from mvae.core.bundle import with_latents
from mvae.core.errors import UserError, command
from mvae.core.midifile import read_performance
from mvae.core.png import SIGNATURE
from mvae.core.roll import Lane
from mvae.core.tokens import FIRST_PITCH, STREAMS, decode
from mvae.live.main import run
from mvae.live.offline import columns_of, find_bundle, numbered, open_decoder
from mvae.live.phrase_files import midi_bytes
from mvae.live.phrasing import phrasing_of
from tests.tiny_bundle import tiny_bundle, tiny_latents, tiny_token_bundle

FAMILIES = ("groove", "melody", "trio")
LANES = {"groove": ("drums",), "melody": ("melody",), "trio": ("melody", "bass", "drums")}


@functools.cache
def bundle_of(family: str) -> Path:
    """A bundle of the family, made when it is first asked for."""
    if family != "groove":
        return tiny_token_bundle(family, hierarchical=family == "trio")
    folder = Path(tempfile.mkdtemp(prefix="mvae-tiny-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with_latents(Path(shutil.copytree(tiny_bundle(), folder / "tiny")), tiny_latents(), {})
    return folder / "tiny"


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two bars of a trio, and the same a fifth higher, as files; and drums alone."""
    folder = tmp_path_factory.mktemp("songs")
    tokens = np.zeros((32, 3), np.int64)
    tokens[::4] = np.array([[FIRST_PITCH + 60 + step, FIRST_PITCH + 36 + step, 1 + step] for step in range(8)])
    found = {}
    for name, transposed in (("low", 0), ("high", 7)):
        phrases = decode("trio", tokens + np.array([transposed, transposed, 0]) * (tokens > 1))
        lanes = [Lane(stream, phrase, stream == "drums") for stream, phrase in zip(STREAMS["trio"], phrases, strict=True)]
        found[name] = folder / f"{name}.mid"
        found[name].write_bytes(midi_bytes(lanes, 100.0))
        (folder / "drums.mid").write_bytes(midi_bytes(lanes[2:], 100.0))
    return {**found, "drums": folder / "drums.mid"}


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def live(*words: object) -> int:
    return run([*map(str, words), "--provider", "cpu"])


@pytest.mark.parametrize("family", FAMILIES)
def test_samples_are_as_many_as_asked_and_the_same_again(tmp_path: Path, family: str) -> None:
    for folder, seed in (("one", 3), ("two", 3), ("other", 4)):
        assert live("sample", "--bundle", bundle_of(family), "--n", 3, "--seed", seed, "--out", tmp_path / folder) == 0
    one = files(tmp_path / "one")
    assert sorted(one) == [f"sample_0{n}.{kind}" for n in (1, 2, 3) for kind in ("mid", "png")]
    assert one == files(tmp_path / "two") != files(tmp_path / "other")
    assert len({one[f"sample_0{n}.mid"] for n in (1, 2, 3)}) > 1
    assert all(data.startswith(b"MThd" if name.endswith("mid") else SIGNATURE) for name, data in one.items())


@pytest.mark.parametrize(("family", "channels"), [("groove", {9}), ("melody", {0}), ("trio", {0, 1, 9})])
def test_parts_play_on_their_channels_at_the_tempo_asked_for(tmp_path: Path, family: str, channels: set[int]) -> None:
    assert live("sample", "--bundle", bundle_of(family), "--tempo", 93, "--temperature", 1, "--out", tmp_path) == 0
    read = [read_performance(path) for path in tmp_path.glob("*.mid")]
    assert {note.channel for each in read for note in each.notes} == channels
    assert len(read) == 8 and all(each.bpm_at(0.0) == pytest.approx(93, abs=1e-3) for each in read)


@pytest.mark.parametrize("family", FAMILIES)
def test_an_interpolation_begins_and_ends_with_the_two_reconstructions(songs: dict[str, Path], tmp_path: Path, family: str) -> None:
    way = ("--from", songs["low"], "--to", songs["high"], "--steps", 4)
    assert live("interpolate", "--bundle", bundle_of(family), *way, "--seed", 5, "--out", tmp_path / "way") == 0
    for name in ("low", "high"):
        assert live("reconstruct", "--bundle", bundle_of(family), "--midi", songs[name], "--seed", 5, "--out", tmp_path / name) == 0
    steps = files(tmp_path / "way")
    assert [name for name in steps if name.endswith("mid")] == [f"step_0{n}.mid" for n in (1, 2, 3, 4)]
    assert "contact_sheet.png" in steps
    assert steps["step_01.mid"] == files(tmp_path / "low")["output.mid"]
    assert steps["step_04.mid"] == files(tmp_path / "high")["output.mid"]


def test_the_ends_of_an_interpolation_may_be_anchors(songs: dict[str, Path], tmp_path: Path) -> None:
    way = ("--from", "Funk", "--to", songs["drums"], "--steps", 2)
    assert live("interpolate", "--bundle", bundle_of("groove"), *way, "--out", tmp_path) == 0
    bundle = phrasing_of(open_decoder(bundle_of("groove"), "cpu"))
    funk = bundle.lanes(bundle.decode(bundle.space.anchors["funk"], 0.5, 0, 0))
    assert files(tmp_path)["step_01.mid"] == midi_bytes(funk, 100.0)  # the tempo of the one file


@pytest.mark.parametrize("family", FAMILIES)
def test_a_reconstruction_says_how_much_came_back(
    songs: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], family: str
) -> None:
    assert live("reconstruct", "--bundle", bundle_of(family), "--midi", songs["low"], "--out", tmp_path) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith(f"{tmp_path}: {songs['low']}, bars 1 to 2; ")
    assert [line.split(":")[0] for line in said[1:]] == list(LANES[family]) and all(" % of the steps" in line for line in said[1:])
    assert sorted(files(tmp_path)) == ["input.mid", "input.png", "output.mid", "output.png", "side_by_side.png"]
    if family == "trio":
        assert files(tmp_path)["input.mid"] == songs["low"].read_bytes()


@pytest.mark.parametrize("family", FAMILIES)
def test_likeness_counts_the_steps_that_are_the_same(songs: dict[str, Path], family: str) -> None:
    bundle = phrasing_of(open_decoder(bundle_of(family), "cpu"))
    music = bundle.read(read_performance(songs["low"]), None).music
    assert all(": 100.0 % of the steps" in line for line in bundle.likeness(music, music))
    changed = music.copy()
    changed[:8] = 1 - changed[:8]
    assert all(": 75.0 % of the steps" in line for line in bundle.likeness(music, changed))


def test_a_bundle_without_a_mixture_is_sampled_around_zero_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert live("sample", "--bundle", tiny_bundle(), "--n", 1, "--out", tmp_path) == 0
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 2 and "no mixture" in said[0] and "N(0, 1)" in said[0]


@pytest.mark.parametrize(
    ("family", "words", "told"),
    [
        ("melody", "reconstruct --midi DRUMS", "DRUMS: no melody (notes off channel 10"),
        ("trio", "reconstruct --midi DRUMS", "DRUMS: no melody (notes off channel 10"),
        ("melody", "reconstruct --midi LOW --bar 2", "LOW: bar 2: it has 2 bars"),
        ("melody", "reconstruct --midi nowhere.mid", "nowhere.mid: not a readable MIDI file"),
        ("groove", "interpolate --from LOW --to fonk", "no anchor of the bundle 'fonk' (did you mean 'funk'?); there are: funk, rock"),
        ("groove", "interpolate --from LOW --to HIGH --steps 1", "--steps: 1 is outside 2 to 1000"),
        ("groove", "sample --n 0", "--n: 0 is outside"),
        ("groove", "sample --temperature -1", "--temperature: -1.0 is outside"),
        ("polka", "sample", "no bundle 'polka'; there are: "),
    ],
)
def test_what_does_not_fit_is_one_line_and_writes_nothing(
    songs: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], family: str, words: str, told: str
) -> None:
    for name, path in songs.items():
        words, told = words.replace(name.upper(), str(path)), told.replace(name.upper(), str(path))
    bundle = bundle_of(family) if family in FAMILIES else family
    assert command(run, "mvae-live", [*words.split(), "--bundle", str(bundle), "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr()
    assert said.out == "" and len(said.err.splitlines()) == 1 and told in said.err
    assert not (tmp_path / "out").exists()


def test_a_bundle_is_found_by_name_or_by_folder(tmp_path: Path) -> None:
    assert find_bundle("Groove 4-bar").name == "groove_4bar"
    assert find_bundle(str(bundle_of("groove"))) == bundle_of("groove")
    assert find_bundle(str(tmp_path)) == tmp_path  # no bundle: its reader says so
    with pytest.raises(UserError, match="did you mean 'groove_4bar'"):
        find_bundle("groove_5bar")


def test_numbers_sort_and_sheets_fit_a_screen() -> None:
    assert numbered("step", 2) == ["step_01", "step_02"]
    assert sorted(numbered("step", 120)) == numbered("step", 120)
    assert [columns_of(9, 100), columns_of(9, 700), columns_of(2, 1300), columns_of(2, 5000)] == [3, 2, 1, 1]
