"""The command `calibrate` completes bundles of tokens."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from mvae.core.bundle import read_space, verify
from mvae.core.errors import UserError
from mvae.core.latent import Axis
from mvae.train import token_calibrate
from mvae.train.corpus import Corpus
from mvae.train.main import run
from mvae.train.token_calibrate import Budget, Taught, budget_of, measure_tokens
from tests.tiny_bundle import tiny_bundle, tiny_token_bundle
from tests.train.token_toys import Keys, folder_of_tunes

SMALL = Budget(train=60, check=30, phrases=12, around=64, each_song=3)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, out = tmp_path_factory.mktemp("midi"), tmp_path_factory.mktemp("out") / "corpus"
    assert run(["prepare", str(folder_of_tunes(folder, songs=30)), "--kind", "melody", "--out", str(out)]) == 0
    return out


def test_a_dial_is_found_as_an_axis_that_ships(corpus: Path) -> None:
    arrays, facts, axes = measure_tokens(Keys(), Corpus.open(corpus), {}, 0.5, Taught({}))
    density = next(axis for axis in axes if axis.axis.name == "density")
    direction = density.axis.direction / np.linalg.norm(density.axis.direction)
    assert direction[0] > 0.9
    assert facts["axes"]["density"]["shipped"] == ("density" in arrays.get("axis_names", []))
    assert density.response.follow > 0.9
    assert isinstance(density.axis, Axis) and density.axis.move(0.0).tolist() == [0, 0, 0]
    assert len(arrays["mixture_weight"]) == facts["latents"]["mixture"]["components"]


def test_anchors_are_named_points_of_test_songs(corpus: Path) -> None:
    opened = Corpus.open(corpus)
    arrays, facts, _ = measure_tokens(Keys(), opened, {}, 0.5, Taught({}))
    tests, told = opened.tokens("test", 2), facts["latents"]["anchors"]
    files = {song.file: number for number, song in enumerate(tests.songs)}
    assert list(told) == arrays["anchor_names"].tolist() and len(told) == len(files)
    for name, point in zip(arrays["anchor_names"], arrays["anchors"], strict=True):
        row = np.flatnonzero(tests.song == files[told[name]["file"]])[told[name]["window"] - 1]
        assert point == pytest.approx(Keys().encode(tests.batch([row]))[0][0])
        assert name.startswith("tune")
    assert set(facts["latents"]["corners"]) <= set(told) and len(facts["latents"]["corners"]) == 4


def test_the_command_writes_into_the_bundle(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_calibrate, "budget_of", lambda kind, bars: SMALL)
    shutil.copytree(tiny_token_bundle("melody"), tmp_path / "tiny")
    assert run(["calibrate", "--bundle", str(tmp_path / "tiny"), "--data", str(corpus), "--figures", str(tmp_path)]) == 0
    card = verify(tmp_path / "tiny")
    space = read_space(tmp_path / "tiny", card)
    assert set(space.anchors) == set(card.latents["anchors"]) and len(space.anchors) == 12
    assert {name for name, fact in card.axes.items() if fact["shipped"]} == set(space.axes)
    assert space.mixture is not None and not space.fills and space.residual is None
    assert (tmp_path / "axes_tiny.svg").read_text().startswith("<svg")
    assert run(["realism", "--bundle", str(tmp_path / "tiny"), "--data", str(corpus), "--temperatures", "0.25", "--keep"]) == 0
    kept = verify(tmp_path / "tiny")
    assert kept.temperature == 0.25 and kept.axes == card.axes
    assert set(kept.figures["test_realism"]) == {"temperature", "real", "normal", "mixture", "midpoints", "morph", "anchors", "mu"}


def test_a_corpus_of_another_kind_is_refused(corpus: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_bundle(), tmp_path / "tiny")
    with pytest.raises(UserError, match="kind melody, the bundle is of groove"):
        run(["calibrate", "--bundle", str(tmp_path / "tiny"), "--data", str(corpus)])


def test_longer_and_wider_phrases_are_heard_less_often() -> None:
    short, long, trio = budget_of("melody", 2), budget_of("melody", 16), budget_of("trio", 16)
    assert short.phrases > long.phrases > trio.phrases
    assert short.around > long.around == trio.around
