"""The blind listening test without a browser: what is paired, what the answers say, and what is refused."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from mvae.core.errors import UserError
from mvae.core.tokens import FIRST_PITCH, HOLD, OFF, Tokens
from mvae.train import main
from mvae.train.listening_answers import COLUMNS, Answer, read_answers, result, told
from mvae.train.listening_clips import (
    SOURCES,
    ListeningTest,
    clips_needed,
    code,
    make_test,
    notes_of,
    page_facts,
    real_rows,
    source_of,
)
from mvae.train.token_windows import TokenSong, TokenWindows


def clip(number: int) -> Tokens:
    """A melody that tells its number."""
    tokens = np.full((32, 1), HOLD, np.int64)
    tokens[0], tokens[number // 100 + 1] = FIRST_PITCH + number % 100, OFF
    return tokens


def melodies(pairs: int, seed: int = 0) -> ListeningTest:
    clips = {source: [clip(100 * place + number) for number in range(clips_needed(pairs))] for place, source in enumerate(SOURCES)}
    return make_test("melody", clips, pairs, 120.0, seed)


def line(test: ListeningTest, pair: int, answer: str, listener: str = "anna", turned: bool = False) -> str:
    codes = [code(test.name, pair, each.source) for each in test.pairs[pair]][:: -1 if turned else 1]
    return ",".join([test.name, listener, str(pair), *codes, answer, "1", "2", "30"])


def written(folder: Path, *lines: str, name: str = "answers.csv", header: str = ",".join(COLUMNS)) -> Path:
    path = folder / name
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("pairs", [3, 7, 60])
def test_every_two_sources_meet_equally_often_and_no_clip_is_heard_twice(pairs: int) -> None:
    test = melodies(pairs)
    meetings = Counter(frozenset(each.source for each in pair) for pair in test.pairs)
    assert len(meetings) == 3 and max(meetings.values()) - min(meetings.values()) <= 1
    heard = [each.tokens.tobytes() for pair in test.pairs for each in pair]
    assert len(set(heard)) == len(heard) == 2 * pairs


def test_the_seed_changes_the_order_and_the_name_and_nothing_else_does() -> None:
    assert melodies(9).name == melodies(9).name != melodies(9, seed=1).name


def test_a_code_leads_to_its_source_in_its_own_pair_and_test_only() -> None:
    for source in SOURCES:
        assert source_of("abc", 4, code("abc", 4, source)) == source
        assert source_of("abc", 5, code("abc", 4, source)) is None
        assert source_of("abd", 4, code("abc", 4, source)) is None


def test_the_page_is_told_notes_and_codes_and_the_place_of_a_clip_tells_nothing() -> None:
    test = melodies(60)
    facts = page_facts(test)
    assert {key for pair in facts["pairs"] for each in pair for key in each} == {"code", "notes"}
    first = Counter(source_of(test.name, number, pair[0]["code"]) for number, pair in enumerate(facts["pairs"]))
    assert all(8 <= first[source] <= 32 for source in SOURCES)  # of 40 each


def test_notes_are_told_in_steps_drums_by_class() -> None:
    tokens = np.zeros((16, 3), np.int64)
    tokens[2, 0], tokens[6, 0], tokens[4, 1], tokens[8, 2] = FIRST_PITCH + 60, OFF, FIRST_PITCH + 40, 0b101
    assert notes_of("trio", tokens) == [[0, 2, 4, 60], [1, 4, 12, 40], [2, 8, 1, 0], [2, 8, 1, 2]]


def test_real_clips_are_of_as_many_songs_as_there_are_and_of_the_sets_asked_for() -> None:
    rows = np.concatenate([clip(number)[:, 0] for number in range(9)]).astype(np.uint16)
    songs = tuple(TokenSong(f"{n}.mid", "test", name, 120.0) for n, name in enumerate(("cre", "cre", "pop909")))
    song = np.array([0, 0, 0, 0, 1, 1, 2, 2, 2])
    windows = TokenWindows("melody", 2, rows, songs, np.arange(9)[:, None] * 32, song)
    assert Counter(song[real_rows(windows, ["cre"], 4, 0)].tolist()) == {0: 2, 1: 2}
    assert sorted(real_rows(windows, ["cre"], 99, 0).tolist()) == [0, 1, 2, 3, 4, 5]


def test_answers_count_for_the_source_whichever_side_it_was_on(tmp_path: Path) -> None:
    test = melodies(3)
    pair = next(n for n, both in enumerate(test.pairs) if both[0].source == "real")
    for turned, answer in ((False, "first"), (True, "second")):
        (read,) = read_answers([written(tmp_path, line(test, pair, answer, turned=turned))])
        assert read.score("real") == 1.0
        assert read.score(test.pairs[pair][1].source) == 0.0


def test_the_same_answer_in_two_files_counts_once(tmp_path: Path) -> None:
    test = melodies(3)
    early = written(tmp_path, line(test, 0, "equal"), name="early.csv")
    late = written(tmp_path, line(test, 0, "equal"), line(test, 1, "first"), name="late.csv")
    assert len(read_answers([early, late])) == 2


def test_the_result_counts_wins_and_tests_the_three_sources() -> None:
    hierarchical_wins = [Answer("t", "anna", n, ("hierarchical", "flat"), "first") for n in range(10)]
    real_wins = [Answer("t", "anna", 10 + n, ("flat", "real"), "second") for n in range(10)]
    even = [Answer("t", "ben", 20 + n, ("real", "hierarchical"), "equal") for n in range(4)]
    record = result([*hierarchical_wins, *real_wins, *even])
    assert record["listeners"] == 2 and record["answers"] == 24
    assert record["sources"]["flat"] | {"share_ci": 0} == {"won": 0, "equal": 0, "lost": 20, "share": 0.0, "share_ci": 0}
    assert record["sources"]["hierarchical"]["won"] == 10 and record["sources"]["hierarchical"]["equal"] == 4
    assert record["meetings"]["real : flat"]["won"] == 10 and record["meetings"]["real : hierarchical"]["share"] is None
    assert record["kruskal_wallis"]["degrees"] == 2 and record["kruskal_wallis"]["p"] < 1e-6
    assert "the sources differ" in told(record)


def test_without_a_judgement_on_a_source_there_is_no_result() -> None:
    with pytest.raises(UserError, match="real source"):
        result([Answer("t", "anna", 0, ("hierarchical", "flat"), "first")])


def test_bad_answers_end_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    test = melodies(3)
    good = line(test, 0, "first")
    code_of_another_pair = line(test, 1, "first").split(",")[3]
    cases = {
        "line 1: not the columns": written(tmp_path, good, name="a.csv", header="pair,answer"),
        "line 2: 8 values": written(tmp_path, good.rpartition(",")[0], name="b.csv"),
        "answer = 'perhaps'": written(tmp_path, good.replace("first", "perhaps"), name="c.csv"),
        "pair = 'x'": written(tmp_path, good.replace(",0,", ",x,", 1), name="d.csv"),
        "not the clips of a pair": written(tmp_path, good.replace(good.split(",")[3], code_of_another_pair), name="e.csv"),
        "otherwise before": written(tmp_path, good, line(test, 0, "equal"), name="f.csv"),
        "no answers": written(tmp_path, name="g.csv"),
        "cannot be read": tmp_path / "absent.csv",
        "not CSV": tmp_path / "bytes.csv",
    }
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xfe\x00\x81")
    for fault, path in cases.items():
        monkeypatch.setattr("sys.argv", ["mvae-train", "listening", "result", str(path)])
        assert main.main() == 2
        error = capsys.readouterr().err
        assert fault in error and str(path) in error and error.count("\n") == 1


def test_the_result_is_printed_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    test = melodies(6)
    path = written(tmp_path, *(line(test, pair, "first") for pair in range(6)))
    assert main.run(["listening", "result", str(path), "--json", str(tmp_path / "out.json")]) == 0
    assert "6 answers of 1 listeners" in capsys.readouterr().out
    assert '"kruskal_wallis"' in (tmp_path / "out.json").read_text()
