"""The bench: what it sums up, what it says of it, and one short run of the real command."""

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from mvae.core.patch_file import load_patch
from mvae.live.bench import decode_row, figures, obedience, record_of
from mvae.live.bench_table import PROMISES, allowed_ms, table, verdict
from mvae.live.decode_bench import record_of as decodes_of
from mvae.live.decode_bench import table as decode_table
from mvae.live.hand import FARTHER, SHORTEST_S, knobs_of_music, travels
from mvae.live.hops import Decoding, Hops, eager_ms
from mvae.live.launch import family, memory_mb
from mvae.live.memory import Memory
from mvae.live.oracle import Obedience
from mvae.live.sending import Late, Load, Sending
from tests.live.command import COMMAND
from tests.parts import need

TIMEOUT_S = 240  # on a busy machine
MOVED = Obedience(20.0, 3, 1, 8, 6, (("cc", 5.0), ("osc", 9.0)))
SPREAD_KEYS = ("decode_ms", "send_lateness_ms", "send_lateness_loaded_ms", "spinner_ms", "reference_ms", "knob_to_note_ms")


def record(loaded_ms: float = 0.2, spinner_ms: float = 0.1, torch: list[float] | None = None, no_torch: str = "") -> dict[str, Any]:
    hops = Hops(
        {"decode": [1.0, 2.0, 3.0], "steer": [0.1]},
        torch or [],
        no_torch,
        "tiny",
        2,
        "cpu",
        [Decoding("tiny", 2, 1, [1.0, 2.0, 3.0], torch or [])],
    )
    memory = Memory(os.getpid(), 1.0)
    memory.samples = [(0.0, 90.0), (60.0, 90.5), (120.0, 90.2)]
    loaded = Late([loaded_ms], [spinner_ms], [0.1])
    sending = Sending(memory, Late([0.1], [0.1], [0.1]), loaded, Load(0, 100, 4000, 2.0), "none")
    machine = {"cpu": "abacus", "cores": 2, "system": "wood", "load": 0.0, "onnxruntime": "1"}
    return record_of(machine, "four_corners", hops, sending, MOVED, [(0.9, 100.0), (0.5, 120.0), (0.7, 90.0)])


def test_figures_are_the_median_the_99th_percentile_and_the_largest() -> None:
    assert figures(range(1, 1001)) == {"p50": 500, "p99": 990, "max": 1000, "n": 1000}
    assert figures([]) is None


def test_obedience_tells_all_moves_and_those_of_each_way() -> None:
    told = obedience(MOVED)
    assert (told["obeyed"], told["notes"], told["moves"], told["overtaken"], told["lead_ms"]) == (0.75, 8, 3, 1, 20.0)
    assert told["max"] == 9.0 and told["by"]["cc"]["max"] == 5.0 and told["by"]["osc"]["n"] == 1


def test_the_record_has_the_median_launch_the_largest_memory_and_rates() -> None:
    told = record(torch=[8.0])
    assert (told["first_note_s"], told["rss_mb"], told["decode_speedup"]) == (0.7, 120.0, 4.0)
    assert (told["decodes_per_s"], told["osc_messages_per_s"]) == (50.0, 2000.0)


@pytest.mark.parametrize(("loaded_ms", "holds"), [(0.55, True), (0.65, False)])
def test_the_verdict_is_the_spinners_99th_percentile_and_half_a_millisecond(loaded_ms: float, holds: bool) -> None:
    told = record(loaded_ms, 0.1)
    assert told["promises"]["send_lateness_loaded_ms"] is holds and verdict(told).endswith("yes" if holds else "no")


def test_without_torch_its_figures_are_null_and_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    times, why = eager_ms(tmp_path, 2)
    told = record(no_torch=why)
    assert times == [] and told["decode_ms_torch"] is None and told["decode_speedup"] is None
    assert any("torch is not installed" in remark for remark in told["remarks"])
    assert "torch is not installed" in table(told) and "null" in table(told)


def test_weights_that_torch_cannot_read_are_a_remark_not_an_end(tmp_path: Path) -> None:
    need("PyTorch", importlib.util.find_spec("torch") is not None, "pip install '.[train]'")
    times, why = eager_ms(tmp_path / "nosuch", 2)
    assert times == [] and "nosuch" in why


def test_the_table_names_every_promise() -> None:
    shown = table(record())
    assert all(f"{key} " in shown and text in shown for key, (text, _) in PROMISES.items()) and "abacus" in shown


def test_a_promise_not_measured_is_neither_held_nor_broken() -> None:
    assert record()["promises"] == dict.fromkeys(PROMISES, True) | {"decode_speedup": None, "knob_to_note_ms": False}


@pytest.mark.parametrize(("bars", "streams", "most_ms"), [(2, 1, 5.0), (1, 1, 2.5), (4, 1, 10.0), (1, 3, 15.0)])
def test_a_part_may_take_5_ms_for_two_bars_and_a_trio_15_for_each(bars: int, streams: int, most_ms: float) -> None:
    assert allowed_ms(bars, streams) == most_ms
    for p50, holds in ((most_ms, True), (most_ms + 0.1, False)):
        told = decode_row(Decoding("tiny", bars, streams, [0.0, p50, 100.0], [10 * most_ms]))
        assert (told["holds"], told["ms"]["p50"], told["ms"]["max"], told["speedup"]) == (holds, p50, 100.0, round(10 * most_ms / p50, 2))


def test_one_bundle_that_is_too_slow_breaks_the_promise_and_is_named() -> None:
    decodings = [Decoding("quick", 2, 1, [1.0]), Decoding("slow", 1, 3, [15.1], [30.2])]
    told = decodes_of(
        {"cpu": "abacus", "cores": 2, "system": "wood", "load": 0.0, "onnxruntime": "1"}, decodings, ["", "no weights", "no weights"]
    )
    assert told["promises"] == {"decode_ms": False} and told["remarks"] == ["no PyTorch: no weights"]
    lines = decode_table(told).splitlines()
    assert [line.split()[0] for line in lines if line.endswith(": no")] == ["slow,"] and any(
        line.endswith("at most 5: yes") for line in lines
    )
    assert not told["decodes"][0]["torch_ms"] and told["decodes"][1]["speedup"] == 2.0


def test_a_hand_leaves_the_deadband_and_takes_its_time() -> None:
    patch = load_patch("four_corners")
    moves = list(travels(patch, 300, 5))
    assert {way for _, way, _, _ in moves} == {"cc", "osc"}
    assert {knob.name for _, _, knob, _ in moves} == {knob.name for knob in knobs_of_music(patch)}
    assert all(pause_s >= SHORTEST_S for pause_s, *_ in moves)
    by_cc: dict[str, list[int]] = {}
    for _, way, knob, count in moves:
        assert 0 <= count <= 127
        if way == "cc":
            by_cc.setdefault(knob.name, []).append(count)
    assert all(abs(later - count) >= FARTHER for counts in by_cc.values() for count, later in pairwise(counts))


def test_memory_is_told_as_it_grew() -> None:
    told = record()
    assert told["rss_growth_mb"] == 0.2 and "memory over 120 s, MB: 90 90.5 90.2" in table(told)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is told by Linux alone")
def test_memory_over_time_is_the_instruments_own() -> None:
    holds = "held = bytes(range(256)) * 400_000; print(); input()"
    with subprocess.Popen([sys.executable, "-c", holds], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout
        child.stdout.readline()
        memory = Memory(os.getpid(), 12.0)
        memory.look()  # not due yet
        assert memory.samples == [] and memory.growth_mb is None
        memory.sample(5.0)
        memory.sample(65.0)
        child.kill()
    alone = memory_mb(os.getpid())
    assert alone is not None and [at_s for at_s, _ in memory.samples] == [0.0, 60.0] and memory.samples[-1][1] < alone + 50


@pytest.mark.skipif(sys.platform != "linux", reason="memory is told by Linux alone")
def test_memory_counts_a_process_and_its_children() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        mine, own, alone = family(os.getpid()), family(child.pid), memory_mb(child.pid)
        child.kill()
    assert child.pid in mine and own == [child.pid] and alone is not None and 1.0 < alone < 100.0


def spreads(told: Mapping[str, Any]) -> list[dict[str, float]]:
    return [told[key] for key in SPREAD_KEYS]


def test_a_short_run_of_the_real_command_gives_every_figure() -> None:
    words = ["bench", "--json", "--seconds", "2", "--moves", "6"]
    done = subprocess.run([*COMMAND, *words], capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert all(0 <= spread["p50"] <= spread["p99"] <= spread["max"] for spread in spreads(told))
    assert told["decode_ms_torch"] is None or told["decode_speedup"] > 1
    assert told["knob_to_note_ms"]["moves"] == 6 and told["osc_messages_per_s"] > 500 and told["decodes_per_s"] > 5
    assert 0 < told["first_note_s"] < 60 and told["machine"]["cores"] >= 1 and told["provider"] == "cpu"
    assert told["rss_mb"] is None or (20 < told["rss_mb"] < 400 and len(told["rss_over_time_mb"]) > 1)
    assert "decode_ms" in table(told)
    assert [(row["bundle"], row["bars"], row["streams"], row["allowed_ms"]) for row in told["decodes"]] == [("groove_2bar", 2, 1, 5.0)]
    assert told["promises"]["decode_ms"] is (told["decodes"][0]["ms"]["p50"] <= 5.0)


def test_a_run_of_the_real_command_measures_the_decodes_of_bundles_by_name() -> None:
    done = subprocess.run(
        [*COMMAND, "bench", "--json", "--decode", "melody_16bar"], capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    (row,) = told["decodes"]
    assert (row["bundle"], row["bars"], row["streams"], row["allowed_ms"]) == ("melody_16bar", 1, 1, 2.5)
    assert row["ms"]["n"] == 200 and 0 < row["ms"]["p50"] <= row["ms"]["p99"] <= row["ms"]["max"]
    assert row["torch_ms"] is None or row["torch_ms"]["n"] == 100
    assert told["promises"]["decode_ms"] is row["holds"] is (row["ms"]["p50"] <= 2.5)


def test_a_bundle_that_does_not_exist_is_told_with_those_that_do() -> None:
    done = subprocess.run([*COMMAND, "bench", "--decode", "melody_15bar"], capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "melody_16bar" in done.stderr
