"""The same seed and control log give the same .mid, byte for byte: offline twice, and a take of the real command played again."""

import json
from pathlib import Path

import pytest

from tests.live.command import MvaeLive, mvae_live, run

TAKES = 4  # tries at a take in which the machine does not stall for 100 ms, which nothing can repeat
HAND_WRITTEN = (
    {"tick": 0, "changes": {"x": 0.25}},
    {"tick": 1930, "changes": {"x": 0.75, "density": 1.0}},
    {"tick": 5000, "changes": {"temperature": 1.0, "variation": 0.5}},
    {"tick": 9000, "changes": {"push": 12.0, "feel": 2.0}},
)


def bounce(out: Path, *words: str) -> bytes:
    done = run("bounce", "--out", str(out), *words)
    assert done.returncode == 0, done.stderr
    return out.read_bytes()


def test_the_same_seed_and_log_give_the_same_file_in_another_process_and_another_seed_another(tmp_path: Path) -> None:
    log = tmp_path / "hand.log"
    log.write_text("".join(json.dumps(line) + "\n" for line in HAND_WRITTEN))
    words = ("--controls", str(log), "--bars", "8", "--tempo", "120", "--seed")
    one, two, three = (bounce(tmp_path / f"{name}.mid", *words, seed) for name, seed in (("one", "7"), ("two", "7"), ("three", "8")))
    assert one == two and one != three


def a_set(stage: MvaeLive) -> None:
    """Moves, a fill, new chance, another tempo, a mute, a stop at the bar, a move at rest, and play again."""
    stage.subscribe()
    stage.send("/mvae/play")
    stage.wait_beats(2)
    for turn in range(12):
        stage.send("/mvae/knob/x", turn / 12)
        stage.send("/mvae/knob/density", 1 - turn / 6)
        stage.wait(lambda turn=turn: stage.heard("/mvae/knob/x")[-1:] == [(pytest.approx(turn / 12),)])
    stage.send("/mvae/fill", 1)
    stage.wait_beats(3)
    stage.send("/mvae/reseed")
    stage.wait_beats(2)
    stage.send("/mvae/tempo", 300.0)
    stage.send("/mvae/knob/push", 20.0)
    stage.wait_beats(3)
    stage.send("/mvae/part/drums/mute", 1)
    stage.wait_beats(3)
    stage.send("/mvae/part/drums/mute", 0)
    stage.send("/mvae/quantise", "beat")
    stage.send("/mvae/knob/y", 1.0)
    stage.wait_beats(3)
    stage.send("/mvae/panic")
    stage.send("/mvae/stop", "bar")
    stage.wait(lambda: stage.heard("/mvae/playing")[-1] == (0,))
    stage.send("/mvae/knob/y", 0.5)
    stage.send("/mvae/tempo", 260.0)
    stage.wait(lambda: stage.heard("/mvae/tempo")[-1] == (260.0,))
    stage.send("/mvae/continue")
    stage.wait_beats(3)
    stage.send("/mvae/stop")
    stage.wait(lambda: stage.heard("/mvae/playing")[-1] == (0,))
    stage.send("/mvae/play")
    stage.wait_beats(9)
    stage.send("/mvae/anchor/B/recall", 2.0)
    stage.wait_beats(3)
    stage.signal("SIGTERM")
    assert stage.end() == 0, stage.said()


def test_a_take_of_the_real_command_plays_again_byte_for_byte(tmp_path: Path) -> None:
    take, log = tmp_path / "take.mid", tmp_path / "take.log"
    for _ in range(TAKES):
        with mvae_live("--seed", "3", "--tempo", "240", "--start", "armed", "--record", str(take)) as stage:
            a_set(stage)
        done = {json.loads(line).get("do") for line in log.read_text().splitlines()}
        if "stall" not in done:
            break
    assert {"play", "follow", "move", "fill", "reseed", "tempo", "stop", "panic", "continue"} <= done
    again = run("bounce", "--controls", str(log), "--out", str(tmp_path / "again.mid"))
    assert again.returncode == 0 and "differs" not in again.stdout, again.stdout + again.stderr
    assert (tmp_path / "again.mid").read_bytes() == take.read_bytes()
    assert bounce(tmp_path / "third.mid", "--controls", str(log)) == take.read_bytes()
