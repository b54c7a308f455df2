"""Folders of MIDI files become a corpus of tokens of each kind, and what cannot be is one clear line."""

import json
from pathlib import Path

import numpy as np
import pytest

from mvae.core.errors import UserError
from mvae.core.tokens import STREAMS, VOCABULARY
from mvae.train.corpus import Corpus
from mvae.train.main import run
from mvae.train.prepare import prepare_tokens
from mvae.train.sources import SPLITS
from tests.train.songs import Played, band, tune, write, written_band


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten songs of 5 bars: 8 in train, one in validation, one in test; two data sets."""
    return written_band(tmp_path_factory.mktemp("midi") / "band", 10, bars=5)


@pytest.mark.parametrize("kind", STREAMS)
def test_a_folder_becomes_a_corpus_of_each_kind(kind: str, folder: Path, tmp_path: Path) -> None:
    facts = prepare_tokens(kind, [folder], tmp_path / "out", (2, 4), progress=False)
    corpus = Corpus.open(tmp_path / "out")
    assert corpus.kind == kind and facts["streams"] == list(STREAMS[kind])
    for split, songs in zip(SPLITS, (8, 1, 1), strict=True):
        assert sum(facts["splits"][split]["songs"].values()) == songs
        for bars in (2, 4):
            windows = corpus.tokens(split, bars)
            tokens = windows.batch(slice(None))
            assert len(windows) == songs * (6 - bars) == sum(facts["splits"][split]["windows"][str(bars)].values())
            assert tokens.shape == (len(windows), 16 * bars, len(STREAMS[kind]))
            assert (tokens >= 0).all() and (tokens < [VOCABULARY[name] for name in STREAMS[kind]]).all()
            assert {song.set for song in windows.songs} <= {"even", "odd"} and {song.split for song in windows.songs} == {split}
            assert windows.distinct().size == sum(facts["splits"][split]["distinct"][str(bars)].values())


def test_the_windows_on_disk_are_the_music_of_the_file(folder: Path, tmp_path: Path) -> None:
    prepare_tokens("melody", [folder], tmp_path / "out", (2,), progress=False)
    windows = Corpus.open(tmp_path / "out").tokens("validation", 2)
    assert [song.file for song in windows.songs] == ["0.mid"]
    onsets = windows.batch([1])[0, ::4, 0]
    assert (onsets - 2).tolist() == [pitch for _, pitch, _ in tune(0, 5)[4:12]]


def test_several_folders_are_several_sets(tmp_path: Path) -> None:
    for name in ("one", "two"):
        for number in range(20):
            write(tmp_path / name / f"{number}.mid", Played(0, tune(number, 3)))
    facts = prepare_tokens("melody", [tmp_path / "one", tmp_path / "two"], tmp_path / "out", (2,), progress=False)
    assert set(facts["splits"]["train"]["songs"]) == {"one", "two"}


def pop_and_folk(folder: Path) -> list[Path]:
    """Two sets of songs of two tracks: MELODY of 4 bars and PIANO of 9; one set is called pop909."""
    for name in ("pop909", "folk"):
        write(folder / name / "a.mid", Played(0, tune(0, 4), 0, "MELODY"), Played(0, tune(1, 9), 1, "PIANO"))
        (folder / name / "split.csv").write_text("file,split\na.mid,train\n")
    return [folder / "pop909", folder / "folk"]


def test_of_pop909_the_melody_is_its_track_of_that_name_beside_sets_that_are_read_whole(tmp_path: Path) -> None:
    facts = prepare_tokens("melody", pop_and_folk(tmp_path), tmp_path / "out", (2,), progress=False)
    assert facts["splits"]["train"]["windows"]["2"] == {"folk": 3 + 8, "pop909": 3}
    windows = Corpus.open(tmp_path / "out").tokens("train", 2)
    of_pop = [windows.songs[song].set == "pop909" for song in windows.song]
    pitches = [pitch for _, pitch, _ in tune(0, 4)]
    assert [(each[::4, 0] - 2).tolist() for each in windows.batch(np.flatnonzero(of_pop))] == [pitches[4 * n : 4 * n + 8] for n in range(3)]


def test_of_pop909_a_long_phrase_may_end_in_rests_while_others_play_on(tmp_path: Path) -> None:
    """8 bars of melody in 9 of music: windows of 8 bars with a rest at the end of the second."""
    write(tmp_path / "pop909" / "a.mid", Played(0, tune(0, 8), 0, "MELODY"), Played(0, tune(1, 9), 1, "PIANO"))
    (tmp_path / "pop909" / "split.csv").write_text("file,split\na.mid,train\n")
    facts = prepare_tokens("melody", [tmp_path / "pop909"], tmp_path / "out", (8,), progress=False)
    assert facts["splits"]["train"]["windows"]["8"] == {"pop909": 2}


def test_tracks_that_are_asked_for_are_read_of_every_set(tmp_path: Path) -> None:
    folders = [str(folder) for folder in pop_and_folk(tmp_path)]
    command = ["prepare", *folders, "--kind", "melody", "--bars", "2", "--out", str(tmp_path / "out"), "--tracks"]
    for pattern, windows in (("PIANO", 8), (".", 3 + 8)):
        assert run([*command, pattern]) == 0
        assert Corpus.open(tmp_path / "out").facts["splits"]["train"]["windows"]["2"] == {"folk": windows, "pop909": windows}


def test_the_command_prints_how_many_windows_a_set_has_and_at_how_many_places(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "two" / "a.mid", *band(0, 5), Played(34, tune(9, 5, 40), 2))  # two basses
    (tmp_path / "two" / "split.csv").write_text("file,split\na.mid,train\n")
    assert run(["prepare", str(tmp_path / "two"), "--kind", "trio", "--bars", "4", "--out", str(tmp_path / "trio")]) == 0
    assert "4 (4) at 2" in capsys.readouterr().out
    assert run(["prepare", str(folder), "--kind", "melody", "--bars", "2", "--bars", "4", "--out", str(tmp_path / "melody")]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["validation", "even", "1", "4", "(4)", "2", "(2)"] in rows and not any("at" in row for row in rows[:6])


def test_no_window_crosses_a_change_of_metre(tmp_path: Path) -> None:
    write(tmp_path / "midi" / "a.mid", Played(0, tune(0, 8)), metres=[(0, 4, 4), (3, 3, 4), (4, 4, 4)])
    (tmp_path / "midi" / "split.csv").write_text("file,split\na.mid,train\n")
    prepare_tokens("melody", [tmp_path / "midi"], tmp_path / "out", (2,), progress=False)
    windows = Corpus.open(tmp_path / "out").tokens("train", 2)
    pitches = [pitch for _, pitch, _ in tune(0, 8)]
    found = [(window[::4, 0] - 2).tolist() for window in windows.batch(slice(None))]
    assert found == [pitches[4 * bar : 4 * bar + 8] for bar in (0, 1, 4, 5, 6)]


def test_the_command_prints_what_was_made(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["prepare", str(folder), "--kind", "trio", "--bars", "4", "--out", str(tmp_path / "out"), "--tracks", ""]
    assert run(arguments) == 0
    printed = capsys.readouterr().out
    assert "4-bar windows" in printed and "0 files left out" in printed


def test_files_that_hold_nothing_of_the_kind_are_listed_with_the_reason(folder: Path, tmp_path: Path) -> None:
    write(tmp_path / "more" / "waltz.mid", Played(0, tune(0, 4)), metres=[(0, 3, 4)])
    facts = prepare_tokens("bass", [folder, tmp_path / "more"], tmp_path / "out", (2,), progress=False)
    assert facts["skipped"] == [{"file": "waltz.mid", "reason": "metre 3/4; only 4/4 is read"}]
    assert json.loads((tmp_path / "out" / "corpus.json").read_text()) == facts


def one_line(error: pytest.ExceptionInfo[UserError]) -> str:
    text = str(error.value)
    assert text and "\n" not in text
    return text


def test_a_folder_with_nothing_of_the_kind_is_one_clear_line(tmp_path: Path) -> None:
    write(tmp_path / "midi" / "a.mid", Played(0, tune(0, 4)))
    with pytest.raises(UserError, match="no bass in 4/4") as error:
        prepare_tokens("bass", [tmp_path / "midi"], tmp_path / "out", (2,), progress=False)
    assert "midi" in one_line(error) and not (tmp_path / "out").exists()


def test_a_pattern_that_is_none_is_one_clear_line(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"--tracks .*: not a pattern") as error:
        prepare_tokens("melody", [folder], tmp_path / "out", (2,), tracks="(", progress=False)
    assert "regular expression" in one_line(error)


@pytest.mark.parametrize("arguments", [["--bars", "0"], ["--bars", "-2"]])
def test_a_window_of_no_bars_is_one_clear_line(folder: Path, tmp_path: Path, arguments: list[str]) -> None:
    with pytest.raises(UserError, match="at least a bar"):
        run(["prepare", str(folder), "--kind", "melody", "--out", str(tmp_path / "out"), *arguments])


@pytest.mark.parametrize(("split", "bars"), [("train", 3), ("dev", 2)])
def test_a_length_or_split_that_is_not_there_is_one_clear_line(folder: Path, tmp_path: Path, split: str, bars: int) -> None:
    prepare_tokens("melody", [folder], tmp_path / "out", (2, 4), progress=False)
    with pytest.raises(UserError, match="no windows of") as error:
        Corpus.open(tmp_path / "out").tokens(split, bars)
    assert "[2, 4] bars" in one_line(error)


def test_a_corpus_that_was_cut_short_is_one_clear_line(folder: Path, tmp_path: Path) -> None:
    prepare_tokens("melody", [folder], tmp_path / "out", (2,), progress=False)
    np.save(tmp_path / "out" / "train.npy", np.zeros(8, np.uint16))
    with pytest.raises(UserError, match="shorter than its windows say") as error:
        Corpus.open(tmp_path / "out").tokens("train", 2)
    one_line(error)


def train(config: str, corpus: Path, folder: Path, *more: str) -> None:
    run(["train", config, "--data", str(corpus), "--run", str(folder), "--device", "cpu", *more])


def test_a_config_refuses_a_corpus_of_another_kind(folder: Path, tmp_path: Path) -> None:
    prepare_tokens("bass", [folder], tmp_path / "out", (2,), progress=False)
    for config, kind in (("melody_2bar", "melody"), ("trio_16bar", "trio"), ("groove_4bar", "groove")):
        with pytest.raises(UserError, match=f"a corpus of kind 'bass'; {config} learns '{kind}'") as error:
            train(config, tmp_path / "out", tmp_path / "run")
        one_line(error)


def test_a_config_of_other_bars_refuses_the_corpus(folder: Path, tmp_path: Path) -> None:
    prepare_tokens("melody", [folder], tmp_path / "out", (2,), progress=False)
    with pytest.raises(UserError, match="no windows of 16 bars") as error:
        train("melody_16bar", tmp_path / "out", tmp_path / "run")
    one_line(error)


def test_a_set_of_the_mix_that_the_corpus_lacks_is_named(folder: Path, tmp_path: Path) -> None:
    prepare_tokens("melody", [folder], tmp_path / "out", (2,), progress=False)
    with pytest.raises(UserError, match=r"mix.cre: the corpus has no such data set; it has even, odd") as error:
        train("melody_2bar", tmp_path / "out", tmp_path / "run")
    one_line(error)


def test_songs_too_short_for_a_window_are_one_clear_line(folder: Path, tmp_path: Path) -> None:
    prepare_tokens("melody", [folder], tmp_path / "out", (16,), progress=False)
    with pytest.raises(UserError, match="no training windows of 16 bars"):
        train("melody_16bar_paper", tmp_path / "out", tmp_path / "run")
