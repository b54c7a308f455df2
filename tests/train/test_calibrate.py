"""The command `calibrate` completes a real bundle from a real, if very small, corpus."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from mvae.core.bundle import read_space, verify
from mvae.core.errors import UserError
from mvae.core.track import Track
from mvae.train.attributes import ATTRIBUTES
from mvae.train.main import run
from tests.tiny_bundle import tiny_bundle

HEADER = "drummer,session,id,style,bpm,beat_type,time_signature,midi_filename,audio_filename,duration,split\n"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six performances with styles, among them a fill, and validation and test files."""
    folder, out = tmp_path_factory.mktemp("midi"), tmp_path_factory.mktemp("out") / "corpus"
    rows = [("rock", "beat", "train"), ("funk", "beat", "train"), ("jazz/swing", "beat", "train"), ("rock", "fill", "train")]
    rows += [("rock", "beat", "validation"), ("funk", "beat", "validation"), ("rock", "beat", "test"), ("funk", "beat", "test")]
    lines = []
    for number, (style, kind, split) in enumerate(rows):
        draw, track = np.random.default_rng(number), Track()
        for step in range(96):
            for pitch in (36, 38, 42, 45, 51):
                if draw.random() < 0.25 or (pitch == 36 and step % 8 == 0):
                    at = step * 240 + int(draw.integers(0, 60))
                    track.note(at, True, 9, pitch, int(draw.integers(40, 120)))
                    track.note(at + 60, False, 9, pitch, 0)
        (folder / f"{number}.mid").write_bytes(track.file())
        lines.append(f"d,s,{number},{style},120,{kind},4-4,{number}.mid,,1,{split}\n")
    (folder / "info.csv").write_text(HEADER + "".join(lines))
    assert run(["prepare", str(folder), "--kind", "groove", "--out", str(out)]) == 0
    return out


@pytest.fixture(scope="module")
def calibrated(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle")
    shutil.copytree(tiny_bundle(), folder / "tiny")
    assert run(["calibrate", "--bundle", str(folder / "tiny"), "--data", str(corpus), "--figures", str(folder)]) == 0
    return folder / "tiny"


def test_the_bundle_verifies_and_has_anchors_fills_a_prior_and_feel(calibrated: Path) -> None:
    space = read_space(calibrated, verify(calibrated))
    assert {"rock", "funk", "jazz"} <= set(space.anchors)
    assert space.fills
    assert space.mixture is not None and space.mixture.mean.shape[1] == space.z_size
    assert space.residual is not None and space.residual.velocity_sd.shape == (9,)


def test_the_card_tells_where_anchors_come_from_and_of_every_axis(calibrated: Path) -> None:
    card = verify(calibrated)
    assert card.latents["anchors"]["funk"]["file"] == "1.mid"
    assert set(card.axes) == set(ATTRIBUTES)
    shipped = {name for name, fact in card.axes.items() if fact["shipped"]}
    assert shipped == set(read_space(calibrated, card).axes)
    assert all(fact["because"] for fact in card.axes.values())


def test_the_picture_is_written_under_the_bundles_name(calibrated: Path) -> None:
    assert (calibrated.parent / "axes_tiny.svg").read_text().startswith("<svg")


def test_an_anchor_is_the_point_of_its_performance(calibrated: Path, corpus: Path) -> None:
    from mvae.live.decoder import Decoder
    from mvae.train.corpus import Corpus

    decoder, windows = Decoder.open(calibrated, "cpu"), Corpus.open(corpus).windows("train", 2)
    bar = decoder.card.latents["anchors"]["funk"]["bar"]
    row = int(np.flatnonzero(windows.song == 1)[bar - 1])
    assert decoder.space.anchors["funk"] == pytest.approx(decoder.encode(windows.batch([row])[0])[0], abs=1e-5)


def test_the_bundle_is_evaluated_with_its_feel_and_measured_for_realism(calibrated: Path, corpus: Path, tmp_path: Path) -> None:
    import json

    out = tmp_path / "realism.json"
    assert run(["realism", "--bundle", str(calibrated), "--data", str(corpus), "--temperatures", "0.5", "--json", str(out), "--keep"]) == 0
    found = json.loads(out.read_text())["temperatures"]["0.5"]
    assert set(found) == {"normal", "mixture", "midpoints", "morph", "anchors"}
    card = verify(calibrated)
    assert card.temperature == 0.5 and set(card.axes) == set(ATTRIBUTES)
    assert card.figures["test_realism"]["morph"] == pytest.approx(found["morph"], abs=1e-4)
    assert read_space(calibrated, card).anchors


@pytest.mark.parametrize("options", [("--figures", "nowhere/figures"), ("--data", "nowhere"), ("--bundle", "nowhere")])
def test_bad_input_is_one_line_that_names_it(options: tuple[str, str], corpus: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_bundle(), tmp_path / "tiny")
    given = {"--bundle": str(tmp_path / "tiny"), "--data": str(corpus)} | {options[0]: str(tmp_path / options[1])}
    with pytest.raises(UserError, match="nowhere"):
        run(["calibrate", *(part for pair in given.items() for part in pair)])
