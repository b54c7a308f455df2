"""Evaluation of models of tokens: figures of one that answers as it is told, which windows are taken, and the command."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from mvae.core.errors import UserError
from mvae.core.tokens import FIRST_PITCH, HOLD
from mvae.core.track import Track
from mvae.train import checkpoint
from mvae.train.configs import ModelConfig, TrainConfig
from mvae.train.main import run
from mvae.train.model import model_of
from mvae.train.token_evaluate import examine
from mvae.train.token_print import headline, plain, print_record
from mvae.train.token_test_set import Chosen, choose, headline_sets, read_windows
from tests.train.exam_toys import EchoTokens, random_melodies, random_trios, token_windows

SONGS, SETS = [0, 0, 0, 1, 1, 2, 2, 2], ["cre", "lieder", "mine"]
KEYS = ("n_phrases", "teacher_forced", "sampled", "onset_f1", "nll_bits_per_step", "kl_bits", "active_units", "sampled_shuffled_z")
TABLES = ("teacher_forced", "sampled", "onset_f1", "sampled_shuffled_z")


def windows_of(kind: str = "melody") -> tuple[EchoTokens, Chosen]:
    """A model that gives back what it hears, and eight phrases of three songs."""
    tokens = random_melodies(8) if kind == "melody" else random_trios(8)
    return EchoTokens(kind, tokens, tokens), choose(token_windows(kind, tokens, SONGS, SETS))


def test_a_model_that_gives_back_what_it_hears_is_perfect() -> None:
    told = plain(examine(*windows_of())[0])
    assert (told["teacher_forced"], told["sampled"], told["greedy"], told["onset_f1"], told["skill"]) == (1.0, 1.0, 1.0, 1.0, 1.0)
    assert told["nll_bits_per_step"] == pytest.approx(1.0)
    assert told["elbo_bits_per_step"] == pytest.approx(1.0 + told["kl_bits"] / 32, rel=0.2)
    assert told["sampled_shuffled_z"] < 0.8
    assert told["lost_sampled"] == pytest.approx(1 - told["sampled_shuffled_z"])


def test_open_licences_make_the_headline_and_every_set_has_its_row() -> None:
    told, by_song = examine(*windows_of())
    assert (told["headline_sets"], told["songs"], told["n_phrases"]) == (["cre", "lieder"], 2, 5)
    assert {name: row["n_phrases"] for name, row in told["sets"].items()} == {"cre": 3, "lieder": 2, "mine": 3}
    assert all(len(values) == 2 for values in by_song.values())
    assert headline_sets(np.array(["b", "a", "b"])) == ("a", "b")


def test_every_song_counts_the_same() -> None:
    exam, chosen = windows_of()
    exam.answers = chosen.tokens.copy()
    exam.answers[3:5] = HOLD  # all of the second song
    told = plain(examine(exam, chosen)[0])
    held = float((chosen.tokens[3:5] == HOLD).mean())
    assert told["sampled"] == pytest.approx((1 + held) / 2)
    assert told["sampled_ci"] == pytest.approx([held, 1.0])
    assert told["skill"] == pytest.approx((told["sampled"] - told["hold"]) / (1 - told["hold"]))
    assert told["onset_f1"] == 0.5


def test_the_training_windows_give_the_nearest_and_the_gap() -> None:
    exam, chosen = windows_of()
    known = random_melodies(8, seed=5)
    known[:5] = np.where(np.arange(32)[:, None] < 24, chosen.tokens[:5], known[:5])  # a bar and a half
    exam.phrases = np.concatenate([chosen.tokens, known])
    exam.answers = np.concatenate([np.where(np.arange(32)[:, None] % 2, HOLD, chosen.tokens), known])
    told = plain(examine(exam, chosen, token_windows("melody", known, SONGS, SETS))[0])
    assert told["train_sampled"] == 1.0
    assert told["train_phrases"] == 2  # one of each song of the headline's data sets
    assert told["train_test_gap"] == pytest.approx(1 - told["sampled"])
    assert 24 / 32 <= told["nearest"] < 1.0
    assert told["above_nearest"] == pytest.approx(told["skill"] - told["nearest_skill"])


def test_the_nearest_window_is_of_the_sets_that_the_model_knows() -> None:
    exam, chosen = windows_of()
    training = token_windows("melody", chosen.tokens, SONGS, SETS)
    assert plain(examine(exam, chosen, training)[0])["nearest"] == 1.0
    exam.sets = ("mine",)
    assert plain(examine(exam, chosen, training)[0])["nearest"] < 0.9


def test_a_trio_has_a_table_under_each_accuracy() -> None:
    exam, chosen = windows_of("trio")
    exam.answers = chosen.tokens.copy()
    exam.answers[..., 2] ^= 1
    told = plain(examine(exam, chosen)[0])
    assert all(set(told[key]) == {"melody", "bass", "drums"} for key in TABLES)
    assert (told["sampled"]["melody"], told["sampled"]["drums"]) == (1.0, 0.0)
    assert all(isinstance(told[key], float | int) for key in KEYS if key not in TABLES)
    assert told["sets"]["mine"]["sampled"]["bass"] == 1.0


def test_phrases_of_the_only_song_are_shuffled_with_each_other_and_it_is_said() -> None:
    """Of two phrases each has the other's z: what the model then plays is the other phrase."""
    tokens = random_melodies(2)
    told = plain(examine(EchoTokens("melody", tokens, tokens), choose(token_windows("melody", tokens, [0, 0], ["cre"])))[0])
    assert all(isinstance(told[key], float | int) for key in KEYS)
    assert told["sampled_shuffled_z"] == told["teacher_forced_shuffled_z"] == pytest.approx((tokens[0] == tokens[1]).mean())
    assert told["note"] == "shuffled_z: there is one song, so each phrase has the z of another phrase of it"
    assert "note" not in examine(*windows_of())[0]


def test_of_several_songs_none_is_shuffled_with_itself() -> None:
    """Two songs of equal phrases: another song's z never gives the phrase back, another phrase's of the same song would."""
    tokens = np.repeat(random_melodies(2), 6, axis=0)
    tokens[:, -1] = np.arange(12)[:, None] % 6 + FIRST_PITCH  # so that they are distinct
    windows = choose(token_windows("melody", tokens, [0] * 6 + [1] * 6, ["cre", "cre"]))
    told = plain(examine(EchoTokens("melody", tokens, tokens), windows)[0])
    assert told["sampled_shuffled_z"] <= (tokens[0, :-1] == tokens[6, :-1]).mean() * 31 / 32 + 1 / 32


def test_a_single_phrase_has_no_other_to_shuffle_with() -> None:
    tokens = random_melodies(1)
    told = plain(examine(EchoTokens("melody", tokens, tokens), choose(token_windows("melody", tokens, [0], ["cre"])))[0])
    assert told["sampled_shuffled_z"] is None and told["lost_sampled"] is None and told["sampled"] == 1.0
    assert "note" not in told


def test_windows_are_distinct_within_a_song_and_spread_where_there_are_many() -> None:
    tokens = random_melodies(12)
    tokens[3] = tokens[1]  # the same song: once
    tokens[11] = tokens[0]  # another song: again
    windows = token_windows("melody", tokens, [0] * 9 + [1] * 3, ["cre", "lieder"])
    everything, some = choose(windows), choose(windows, budget_steps=7 * 32)
    assert (len(everything.tokens), everything.distinct, everything.per_song) == (11, 11, None)
    assert (len(some.tokens), some.distinct, some.per_song) == (7, 11, 4)
    assert np.bincount(some.song).tolist() == [4, 3]
    assert len(choose(windows, per_song=1).tokens) == 2


def test_the_card_keeps_rounded_figures_and_no_rows(capsys: pytest.CaptureFixture[str]) -> None:
    told = {"bundle": "b", "midi": ["m"], "split": "test", "kind": "melody", "bars": 2, "files_left_out": 0} | examine(*windows_of())[0]
    kept = headline(told)
    assert kept["sampled"] == 1.0
    assert kept["songs_by_set"] == {"cre": 1, "lieder": 1, "mine": 1}
    assert not {"sets", "midi", "per_song"} & set(kept)
    assert kept["kl_bits"] == round(told["kl_bits"], 4)
    print_record(told)
    shown = capsys.readouterr().out
    assert "5 phrases of 2 songs in cre, lieder, 2 bars" in shown
    assert "mine" in shown


@pytest.fixture(scope="module")
def midi(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two tunes of eight bars, and one file that is no MIDI file."""
    folder = tmp_path_factory.mktemp("tunes")
    for number in range(2):
        track = Track()
        for at, pitch in enumerate(np.random.default_rng(number).integers(60, 72, 64).tolist()):
            track.note(at * 480, True, 0, pitch, 80)
            track.note(at * 480 + 400, False, 0, pitch, 0)
        (folder / f"tune{number}.mid").write_bytes(track.file())
    (folder / "words.mid").write_text("not music")
    return folder


def test_any_folder_is_read(midi: Path) -> None:
    windows = read_windows("melody", [midi, midi], 2)
    assert (len(windows), len(windows.skipped), len(windows.songs)) == (4 * 7, 2, 4)
    assert not len(read_windows("drums", [midi], 2))
    with pytest.raises(UserError, match="not a pattern"):
        read_windows("melody", [midi], 2, tracks="(")


@pytest.fixture(scope="module")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of a small melody model that has learned nothing."""
    return untrained(tmp_path_factory.mktemp("runs") / "small", ModelConfig(2, 8, 8, 1, 8, 1, kind="melody", input_size=8))


def untrained(folder: Path, sizes: ModelConfig) -> Path:
    """A run's folder with fresh weights."""
    folder.mkdir()
    torch.manual_seed(0)
    weights = model_of(sizes).state_dict()
    checkpoint.save(folder / "best.safetensors", checkpoint.Checkpoint(TrainConfig("small", sizes, steps=1), 1, weights, {}))
    return folder


def test_the_melody_of_pop909_is_its_track_of_that_name_unless_others_are_asked_for(tmp_path: Path) -> None:
    folder = tmp_path / "pop909"
    folder.mkdir()
    for name in ("MELODY", "BRIDGE"):
        track = Track(name)
        for at, pitch in enumerate(np.random.default_rng(len(name)).integers(60, 72, 32).tolist()):
            track.note(at * 480, True, 0, pitch, 80)
            track.note(at * 480 + 400, False, 0, pitch, 0)
        (folder / f"{name}.mid").write_bytes(track.file())
    assert [song.file for song in read_windows("melody", [folder], 2).songs] == ["MELODY.mid"]
    assert len(read_windows("melody", [folder], 2, tracks="MELODY|BRIDGE").songs) == 2


def test_the_command_writes_plain_numbers(midi: Path, small_run: Path, tmp_path: Path) -> None:
    out, corpus = tmp_path / "told.json", tmp_path / "corpus"
    assert run(["prepare", str(midi), "--kind", "melody", "--bars", "2", "--out", str(corpus)]) == 0
    asked = ["evaluate", "--bundle", str(small_run), "--midi", str(midi), "--split", "all", "--data", str(corpus), "--json", str(out)]
    assert run(asked) == 0
    told = json.loads(out.read_text())
    assert all(isinstance(told[key], float | int) for key in KEYS)
    assert (told["n_phrases"], told["files_left_out"], told["headline_sets"]) == (14, 1, [midi.name])
    assert 0 <= told["sampled"] < 0.2
    assert told["nll_bits_per_step"] == pytest.approx(np.log2(130), abs=0.7)
    assert told["nearest"] >= told["sampled"]


def test_the_command_writes_plain_numbers_of_a_folder_with_one_song(
    midi: Path, small_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, folder = tmp_path / "told.json", tmp_path / "one"
    folder.mkdir()
    (folder / "tune.mid").write_bytes((midi / "tune0.mid").read_bytes())
    assert run(["evaluate", "--bundle", str(small_run), "--midi", str(folder), "--json", str(out)]) == 0
    told = json.loads(out.read_text())
    assert all(isinstance(told[key], float | int) for key in KEYS)
    assert told["note"].startswith("shuffled_z: there is one song") and told["note"] in capsys.readouterr().out.splitlines()


def test_a_trio_is_told_part_by_part(tmp_path: Path) -> None:
    folder, out = tmp_path / "bands", tmp_path / "told.json"
    folder.mkdir()
    for number in range(2):
        track = Track()
        track.program(0, 1, 33)
        for at, pitch in enumerate(np.random.default_rng(number).integers(60, 72, 32).tolist()):
            for channel, key in ((0, pitch), (1, pitch - 24), (9, 36 + 2 * (at % 2))):
                track.note(at * 480, True, channel, key, 80)
            for channel, key in ((0, pitch), (1, pitch - 24), (9, 36 + 2 * (at % 2))):
                track.note(at * 480 + 400, False, channel, key, 0)
        (folder / f"band{number}.mid").write_bytes(track.file())
    model = untrained(tmp_path / "run", ModelConfig(2, 8, 8, 1, 8, 1, kind="trio", input_size=8, conductor_size=8))
    assert run(["evaluate", "--bundle", str(model), "--midi", str(folder), "--split", "all", "--json", str(out)]) == 0
    told = json.loads(out.read_text())
    assert all(set(told[key]) == {"melody", "bass", "drums"} for key in TABLES)
    assert told["nll_bits_per_step"] == pytest.approx(sum(told["nll_bits_per_step_by_stream"].values()))


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        (["--tracks", "("], r"--tracks \(: not a pattern"),
        (["--split", "best"], "--split best"),
        (["--tracks", "nobody"], "no melody in 4/4 for 2 bars"),
        (["--per-song", "0"], "--per-song 0"),
        (["--data", "nowhere"], "nowhere: not a corpus"),
    ],
)
def test_bad_input_is_one_line_that_names_it(extra: list[str], said: str, midi: Path, small_run: Path) -> None:
    with pytest.raises(UserError, match=said):
        run(["evaluate", "--bundle", str(small_run), "--midi", str(midi), *extra])
