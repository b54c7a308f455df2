"""`mvae-export` writes a bundle from a run, or says in one line why not."""

from pathlib import Path

import pytest

from mvae.core.bundle import write_arrays
from mvae.core.errors import command
from mvae.export.main import run
from mvae.live.decoder import Decoder
from mvae.train import checkpoint as checkpoints
from tests.tiny_bundle import tiny_checkpoint, tiny_latents


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    checkpoints.save(folder / "checkpoint.safetensors", tiny_checkpoint())
    return folder


def test_a_run_becomes_a_bundle_with_its_latents_facts_and_name(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_arrays(tmp_path / "found.npz", tiny_latents())
    (tmp_path / "facts.json").write_text('{"training": {"licence": "CC BY 4.0"}, "temperature": 0.75}')
    options = ["--latents", str(tmp_path / "found.npz"), "--facts", str(tmp_path / "facts.json"), "--name", "first"]
    assert command(run, "mvae-export", [str(trained), str(tmp_path / "bundles" / "b"), *options]) == 0
    opened = Decoder.open(tmp_path / "bundles" / "b", "cpu")
    assert (opened.card.name, opened.card.temperature, opened.card.training["licence"]) == ("first", 0.75, "CC BY 4.0")
    assert list(opened.space.anchors) == ["funk", "rock"]
    printed = capsys.readouterr()
    assert "largest difference" in printed.out and "0 of them not within it" in printed.out and printed.err == ""


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one line on stderr of a command that exits with 2."""
    assert command(run, "mvae-export", arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and printed.err.count("\n") == 1 and printed.err.startswith("mvae-export: ")
    return printed.err


def test_what_is_not_there_is_refused(trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no-run: is not there" in refused([str(tmp_path / "no-run"), str(tmp_path / "b")], capsys)
    assert "no.npz: is not there" in refused([str(trained), str(tmp_path / "b"), "--latents", str(tmp_path / "no.npz")], capsys)
    assert "no checkpoint is there" in refused([str(tmp_path), str(tmp_path / "b")], capsys)


def test_what_is_malformed_is_refused_and_nothing_is_written(trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = tmp_path / "text"
    text.write_text("[1]")
    assert "cannot be read as a checkpoint" in refused([str(text), str(tmp_path / "b")], capsys)
    assert "text: holds a pickle" in refused([str(trained), str(tmp_path / "b"), "--latents", str(text)], capsys)
    assert "not a JSON object" in refused([str(trained), str(tmp_path / "b"), "--facts", str(text)], capsys)
    text.write_text("{")
    assert "not JSON" in refused([str(trained), str(tmp_path / "b"), "--facts", str(text)], capsys)
    assert [path.name for path in tmp_path.iterdir()] == ["text"]


def test_an_output_folder_that_cannot_be_made_is_refused(trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert "choose a folder that can be written" in refused([str(trained), str(tmp_path / "file" / "b")], capsys)
