"""Evaluation: figures of a model that answers as it is told, and the command on a real bundle."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from mvae.core.bundle import verify
from mvae.core.errors import UserError
from mvae.core.track import Track
from mvae.train.evaluate import evaluate, partners
from mvae.train.main import run
from tests.tiny_bundle import tiny_bundle
from tests.train.toys import Echo, random_phrases, song_of, windows_over

KEYS = (
    "n_phrases", "hit_precision", "hit_recall", "hit_f1", "velocity_mae", "timing_mae_ms", "timing_kl", "velocity_kl", "kl_bits",
    "active_units", "f1_with_shuffled_z", "timing_sd_ratio", "velocity_sd_ratio", "hit_f1_by_file",
)  # fmt: skip
SONGS = [song_of("a.mid"), song_of("b.mid"), song_of("c.mid")]
PLACES = [0, 0, 0, 1, 1, 2, 2, 2]


def test_a_model_that_gives_back_what_it_hears_is_perfect() -> None:
    notes = windows_over(random_phrases(8), SONGS, PLACES)
    heard = notes.batch(slice(None))
    told = evaluate(Echo(heard, heard), notes)
    assert (told["n_phrases"], told["hit_f1"], told["hit_f1_by_file"]) == (8, 1.0, 1.0)
    assert (told["velocity_mae"], told["timing_mae_ms"], told["timing_kl"]) == (0.0, 0.0, 0.0)
    assert told["timing_sd_ratio"] == pytest.approx(1.0)
    assert told["f1_with_shuffled_z"] < 0.5
    assert told["hit_f1_ci"] == [1.0, 1.0]


def test_every_figure_has_its_interval_and_counts_what_was_done() -> None:
    notes = windows_over(random_phrases(8), SONGS, PLACES)
    heard = notes.batch(slice(None))
    answers = heard.copy()
    answers[3:5, ::2] = 0  # song b loses its even steps
    answers[..., 9:18] *= 0.8
    told = evaluate(Echo(heard, answers), notes)
    for key in KEYS:
        assert isinstance(told[key], float), key
        low, high = told[f"{key}_ci"]
        assert low <= told[key] <= high, key
    assert told["hit_precision"] == 1.0
    kept = heard[3:5, 1::2, :9].sum() / heard[3:5, :, :9].sum()
    assert told["hit_f1_by_file"] == pytest.approx((2 + 2 * kept / (1 + kept)) / 3)
    assert told["velocity_sd_ratio"] == pytest.approx(0.8, abs=0.01)
    assert told["velocity_sd_ratio_feel_0"] == told["velocity_sd_ratio"]


def test_the_training_windows_give_baselines_and_the_gap() -> None:
    test, train = windows_over(random_phrases(8), SONGS, PLACES), windows_over(random_phrases(8, seed=5), SONGS, PLACES)
    heard = np.concatenate([test.batch(slice(None)), train.batch(slice(None))])
    answers = heard.copy()
    answers[:8, ::2] = 0
    told = evaluate(Echo(heard, answers), test, train)
    assert told["train_test_gap"] == pytest.approx(1.0 - told["hit_f1_by_file"])
    nearest = told["baselines"]["nearest_training_window"]
    assert 0 < nearest["hit_f1_by_file"] < 0.6
    assert told["above_nearest_training_window"] == pytest.approx(told["hit_f1_by_file"] - nearest["hit_f1_by_file"])
    assert told["baselines"]["class_means"]["velocity_mae"] > 0.1
    assert told["baselines"]["bar_2_is_bar_1"]["hit_f1"] < 0.5


def test_one_file_has_no_other_to_shuffle_with() -> None:
    notes = windows_over(random_phrases(3), SONGS[:1], [0, 0, 0])
    heard = notes.batch(slice(None))
    assert evaluate(Echo(heard, heard), notes)["f1_with_shuffled_z"] is None


def test_partners_are_of_another_file() -> None:
    place = np.array([0] * 50 + [1] * 3 + [2])
    chosen = partners(place)
    assert (place[chosen] != place).all()
    assert len(set(place[chosen][:50])) == 2


@pytest.fixture(scope="module")
def midi(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of two drum files, the second a little different, and one that is no MIDI file."""
    folder = tmp_path_factory.mktemp("midi")
    for number in range(2):
        track = Track()
        for step in range(0, 64, 2 + number):
            track.note(step * 240, True, 9, 36 if step % 4 else 38, 60 + step)
            track.note(step * 240 + 100, False, 9, 36 if step % 4 else 38, 0)
        (folder / f"take{number}.mid").write_bytes(track.file())
    (folder / "words.mid").write_text("not music")
    return folder


def test_the_command_writes_the_figures_of_a_bundle(midi: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evaluate", "--bundle", str(tiny_bundle()), "--midi", str(midi), "--json", str(tmp_path / "told.json")]) == 0
    told = json.loads((tmp_path / "told.json").read_text())
    assert set(KEYS) | {f"{key}_ci" for key in KEYS} | {"baselines"} <= set(told)
    assert (told["files"], told["files_left_out"], told["n_phrases"]) == (2, 1, 6)
    assert "hit_f1_by_file" in capsys.readouterr().out


def test_the_card_keeps_the_figures(midi: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_bundle(), tmp_path / "tiny")
    assert run(["evaluate", "--bundle", str(tmp_path / "tiny"), "--midi", str(midi), "--keep", "--json", str(tmp_path / "told.json")]) == 0
    figures = verify(tmp_path / "tiny").figures["all"]
    assert figures["hit_f1"] == pytest.approx(json.loads((tmp_path / "told.json").read_text())["hit_f1"], abs=1e-4)
    assert len(figures["hit_f1_ci"]) == 2


@pytest.mark.parametrize("wrong", ["bundle", "midi", "json", "empty"])
def test_bad_input_is_one_line_that_names_it(wrong: str, midi: Path, tmp_path: Path) -> None:
    bundle, folder, out = tiny_bundle(), midi, tmp_path / "told.json"
    if wrong == "bundle":
        bundle = tmp_path / "nowhere"
    elif wrong == "midi":
        folder = tmp_path / "nowhere"
    elif wrong == "json":
        out = tmp_path / "nowhere" / "told.json"
    else:
        folder = tmp_path / "words"
        folder.mkdir()
        shutil.copy(midi / "words.mid", folder)
    with pytest.raises(UserError, match=r"nowhere|words"):
        run(["evaluate", "--bundle", str(bundle), "--midi", str(folder), "--json", str(out)])
