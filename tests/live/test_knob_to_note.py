"""Knob to note with the real instrument under real JACK: moves at random times by CC and OSC, held against the oracle."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

MOVES = 50
TRIES = 3
SHARE = 0.99
IDLE_LOAD = 0.5  # processes that want to run, for each core, below which a machine counts as idle

pytestmark = pytest.mark.usefixtures("jack_server")


def measured(folder: Path, seed: int) -> tuple[dict[str, Any], dict[str, Any], bool]:
    """One take: the judgement by the lead, the one from when moves were taken, and whether scheduling was real-time."""
    command = [sys.executable, "-P", str(Path(__file__).with_name("knob_to_note_run.py")), str(folder), str(MOVES), str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    by_lead, when_taken, realtime = json.loads(done.stdout)
    return by_lead, when_taken, realtime


def share(judgement: dict[str, Any]) -> float:
    return float(judgement["obeyed"] / judgement["notes"])


def test_moves_by_cc_and_by_osc_are_obeyed_within_the_lead(tmp_path: Path) -> None:
    for turn in range(TRIES):
        by_lead, when_taken, realtime = measured(tmp_path, seed=turn)
        assert by_lead["moves"] == MOVES and when_taken["notes"] > MOVES // 3
        assert {way for way, _ in by_lead["latencies_ms"]} == {"cc", "osc"}
        assert by_lead["overtaken"] <= MOVES // 10
        assert share(when_taken) >= SHARE  # on any machine: what was taken is what is played
        latencies = sorted(latency for _, latency in by_lead["latencies_ms"])
        if share(by_lead) >= SHARE and latencies[len(latencies) * 9 // 10] <= by_lead["lead_ms"]:
            return
    # the lead itself can be asked of a machine that has time for it
    assert not realtime and os.getloadavg()[0] > IDLE_LOAD * (os.cpu_count() or 1), by_lead
