"""`mvae-train report` and `listening make` from end to end, on a small corpus and untrained twins; and what they refuse."""

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mvae.core.phrase import Phrase
from mvae.core.tokens import decode, encode
from mvae.train import checkpoint, main
from mvae.train.lines import read_lines
from mvae.train.report_music import examples
from mvae.train.sources import Source
from tests.tiny_bundle import tiny_bundle, tiny_token_bundle, tiny_token_checkpoint
from tests.train.report_numbers import numbers
from tests.train.songs import Played, tune, write

FEW = ("--pairs", "4", "--samples", "8", "--again", "8")


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus of melodies `corpus` and the untrained runs `deep` and its twin `plain`."""
    folder = tmp_path_factory.mktemp("report")
    songs = {f"{n}.mid": split for n, split in enumerate(("train",) * 4 + ("validation",) + ("test",) * 3)}
    for seed, name in enumerate(songs):
        write(folder / "cre" / name, Played(0, tune(seed, 24)))
    lines = ["file,split", *(f"{name},{split}" for name, split in songs.items())]
    (folder / "cre" / "split.csv").write_text("\n".join(lines) + "\n")
    assert main.run(["prepare", str(folder / "cre"), "--kind", "melody", "--bars", "2", "--out", str(folder / "corpus")]) == 0
    for name, hierarchical in (("deep", True), ("plain", False)):
        (folder / name).mkdir()
        checkpoint.save(folder / name / "best.safetensors", tiny_token_checkpoint("melody", 2, hierarchical))
    return folder


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same twins as bundles."""
    folder = tmp_path_factory.mktemp("bundles")
    for name, hierarchical in (("deep", True), ("plain", False)):
        shutil.copytree(tiny_token_bundle("melody", 2, hierarchical), folder / name)
    return folder


@pytest.fixture(scope="module")
def report(shelf: Path) -> Path:
    arguments = ["--bundle", str(shelf / "deep"), "--twin", str(shelf / "plain"), "--data", str(shelf / "corpus"), *FEW]
    assert main.run(["report", *arguments, "--out", str(shelf / "out")]) == 0
    return shelf / "out"


def told(folder: Path) -> Mapping[str, Any]:
    return dict(json.loads((folder / "report.json").read_text(encoding="utf-8")))


def test_a_report_of_twins_measures_both_and_compares_them(report: Path) -> None:
    found = told(report)
    assert set(found["bundles"]) == {"deep", "plain"} and found["twins"] == ["plain"]
    assert [(each["hierarchical"], each["flat"]) for each in found["comparisons"]] == [("deep", "plain")]
    assert {check["model"] for check in found["checks"] if check["must"]} == {"deep"}
    assert {check["section"] for check in found["checks"]} == {1, 2, 3, 4, 5}


def test_the_page_shows_the_numbers_and_every_link_of_it_leads_somewhere(report: Path) -> None:
    text, found = (report / "report.html").read_text(encoding="utf-8"), told(report)
    for model in found["bundles"].values():
        assert f"{model['reconstruction']['sampled']['melody']:.3f}" in text
    links = re.findall(r'href="([^"#]+)"', text)
    assert len(links) > 10 and all((report / link).is_file() for link in links)


def test_the_files_beside_it_hold_the_phrases_of_the_piano_rolls(report: Path) -> None:
    shown = examples(told(report))
    assert shown
    for example in shown:
        heard = decode("melody", example.tokens)
        if not heard[0].notes:
            continue
        (lines,) = read_lines(Source(report / example.path, "x", "test"), ("melody",))
        (line,) = lines.streams["melody"]
        again = np.zeros(len(example.tokens), np.int64)
        again[: len(line)] = line[: len(again)]
        assert _onsets(again) == _onsets(encode("melody", heard)[:, 0])


def _onsets(tokens: np.ndarray[Any, np.dtype[np.int64]]) -> list[tuple[int, int]]:
    return [(step, int(token)) for step, token in enumerate(tokens) if token > 1]


def test_a_report_of_bundles_has_a_listening_test_that_names_no_source(shelf: Path, bundles: Path, tmp_path: Path) -> None:
    arguments = ["--bundle", str(bundles / "deep"), "--twin", str(bundles / "plain"), "--data", str(shelf / "corpus"), *FEW]
    assert main.run(["report", *arguments, "--parts", "reconstruction", "--out", str(tmp_path)]) == 0
    (path,) = told(tmp_path)["listening_pages"]
    text = (tmp_path / path).read_text(encoding="utf-8")
    assert '"pairs"' in text and not re.search(r"hierarchical|\bflat\b|deep|\bplain\b", text)


def test_a_report_can_be_made_anew_from_its_numbers(tmp_path: Path) -> None:
    (tmp_path / "kept.json").write_text(json.dumps(numbers() | {"checks": []}))
    (tmp_path / "notes.txt").write_text("One\nline.\n\nAnother.\n")
    arguments = ["--numbers", str(tmp_path / "kept.json"), "--notes", str(tmp_path / "notes.txt"), "--out", str(tmp_path / "out")]
    assert main.run(["report", *arguments]) == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"report.html", "report.json", "music"}
    assert told(tmp_path / "out")["checks"] and told(tmp_path / "out")["notes"] == ["One line.", "Another."]


def test_grooves_without_a_corpus_stand_as_their_card_has_them(shelf: Path, tmp_path: Path) -> None:
    from mvae.train.coder import keep_facts

    shutil.copytree(tiny_bundle(), tmp_path / "beat")
    keep_facts(tmp_path / "beat", {"figures": {"test": {"timing_mae_ms": 7.125, "hit_f1_by_file": 0.75}}})
    arguments = ["--bundle", str(tmp_path / "beat"), "--data", str(shelf / "corpus"), "--again", "6", "--out", str(tmp_path / "out")]
    assert main.run(["report", *arguments]) == 0
    beat = told(tmp_path / "out")["groove"]["beat"]
    assert (beat["from"], beat["hears"]) == ("card", "all")
    again = beat["encodes_again"]
    assert (again["n"], again["same_notes"], again["encoded"]) == (6, 1.0, 1.0)
    assert [check["held"] for check in told(tmp_path / "out")["checks"] if check["must"]] == [True, True]
    assert "7.12" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_samples_and_reconstructions_are_made_for_the_ear(shelf: Path, bundles: Path, tmp_path: Path) -> None:
    twins = ["--real", str(shelf / "corpus"), "--bundle", str(bundles / "deep"), "--twin", str(bundles / "plain")]
    for clips in ("samples", "reconstructions"):
        assert main.run(["listening", "make", *twins, "--pairs", "9", "--clips", clips, "--out", str(tmp_path / clips)]) == 0
    pages = [(tmp_path / clips / "listening.html").read_text(encoding="utf-8") for clips in ("samples", "reconstructions")]
    assert pages[0] != pages[1] and all(page.count('"code"') == 18 for page in pages)


def refused(arguments: list[str], fault: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["mvae-train", *arguments])
    assert main.main() == 2, fault
    error = capsys.readouterr().err
    assert fault in error and error.count("\n") == 1, error


def test_what_cannot_be_reported_is_refused_in_one_line(
    shelf: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    deep, corpus, out = str(shelf / "deep"), str(shelf / "corpus"), ["--out", str(tmp_path / "out")]
    (tmp_path / "file").write_text("")
    (tmp_path / "no.json").write_text('{"bundles": []}')
    shutil.copytree(tiny_bundle(), tmp_path / "beat")
    cases = {
        "--bundle and --data are needed": ["report", *out],
        "two have the same name": ["report", "--bundle", deep, deep, "--data", corpus, *out],
        "no figures in its card": ["report", "--bundle", str(tmp_path / "beat"), "--data", corpus, *out],
        "cannot be made": ["report", "--bundle", deep, "--data", corpus, "--out", str(tmp_path / "file")],
        "--pairs 0": ["report", "--bundle", deep, "--data", corpus, *out, "--pairs", "0"],
        "not the numbers of a report": ["report", "--numbers", str(tmp_path / "no.json"), *out],
    }
    for fault, arguments in cases.items():
        refused(arguments, fault, capsys, monkeypatch)


def test_what_cannot_be_listened_to_is_refused_in_one_line(
    shelf: Path, bundles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    deep, plain = str(bundles / "deep"), str(bundles / "plain")
    make = ["listening", "make", "--out", str(tmp_path / "out"), "--real", str(shelf / "corpus")]
    cases = {
        "a flat model": [*make, "--bundle", plain, "--twin", plain],
        "a hierarchical model": [*make, "--bundle", deep, "--twin", deep],
        "ask for fewer pairs": [*make, "--bundle", deep, "--twin", plain, "--pairs", "500"],
        "meet in at least 3": [*make, "--bundle", deep, "--twin", plain, "--pairs", "2"],
        "--tempo 0": [*make, "--bundle", deep, "--twin", plain, "--tempo", "0"],
    }
    for fault, arguments in cases.items():
        refused(arguments, fault, capsys, monkeypatch)


def test_an_empty_phrase_is_an_empty_roll() -> None:
    from mvae.train.report_rolls import midi, roll

    empty = np.zeros((32, 3), np.int64)
    assert "<rect class=\"melody\"" not in roll("trio", empty, "nothing")
    assert midi("trio", empty, "nothing").startswith(b"MThd")
    assert decode("trio", empty)[0] == Phrase(2, ())
