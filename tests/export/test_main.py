"""`mvae-export` writes a bundle from a run, or says in one line why not."""

from dataclasses import replace
from pathlib import Path

import pytest

from mvae.core.bundle import WEIGHTS_FILE, write_arrays
from mvae.core.errors import command
from mvae.export.main import run
from mvae.live.decoder import Decoder
from mvae.train import checkpoint as checkpoints
from tests.tiny_bundle import tiny_checkpoint, tiny_latents

SHIPPED = Path(__file__).parents[2] / "patches" / "bundles"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    first = replace(tiny_checkpoint(), step=30, facts={"hours": 0.25, "began_from": []})
    second = replace(tiny_checkpoint(), step=12, facts={"hours": 0.5} | checkpoints.beginning([first]))
    checkpoints.save(folder / "best.safetensors", second)
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
    the_card_and_the_weights_name_the_runs_that_the_model_comes_from(tmp_path / "bundles" / "b")
    assert "largest difference" in printed.out and "0 of them not within it" in printed.out and printed.err == ""


def the_card_and_the_weights_name_the_runs_that_the_model_comes_from(bundle: Path) -> None:
    training = Decoder.open(bundle, "cpu").card.training
    assert (training["steps"], training["hours"]) == (12, 0.5)
    assert (training["began_from"], training["steps_before"], training["hours_before"]) == ([["tiny", 30, 0.25]], 30, 0.25)
    assert checkpoints.load(bundle / WEIGHTS_FILE).legs() == [["tiny", 30, 0.25], ["tiny", 12, 0.5]]


@pytest.mark.parametrize("bundle", sorted(path.parent for path in SHIPPED.glob(f"*/{WEIGHTS_FILE}")), ids=lambda folder: folder.name)
def test_every_shipped_bundle_has_weights_to_go_on_from(bundle: Path) -> None:
    weights = checkpoints.load(bundle / WEIGHTS_FILE)
    legs = weights.legs()
    assert weights.model() and legs[-1] == [weights.config.name, weights.step, weights.facts["hours"]]
    assert checkpoints.beginning([weights, weights])["began_from"] == legs


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
