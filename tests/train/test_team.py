"""Several processes train as one: `torchrun` on two processes against one process with the whole batch."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from mvae.core.errors import UserError
from mvae.train import checkpoint as files
from mvae.train.configs import named_config
from mvae.train.corpus import Corpus
from mvae.train.lesson import drawn_batch, lesson_of
from mvae.train.loop import with_settings
from mvae.train.main import run
from mvae.train.team import ALONE, Team, team_of
from tests.train.songs import written_band

STEPS = 50  # losses are logged at the fiftieth
SIZES = ["model.z_size=8", "model.encoder_size=8", "model.decoder_size=8", "model.input_size=8"]
WHAT = {  # kind of corpus -> config and settings; dropout is the one thing that a team does not share
    "groove": ("tiny", []),
    "trio": ("trio_16bar", ["mix=", "dropout=0", "sampling=0.5", "model.bars=4", "model.conductor_size=8", *SIZES]),
    "melody": ("melody_2bar", ["mix=", "dropout=0", "model.bars=4", *SIZES]),  # its knobs are taught, and lean
}


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus of each kind."""
    folder = tmp_path_factory.mktemp("team")
    band = written_band(folder / "band", 10, bars=6)
    for kind in sorted(set(WHAT) - {"groove"}):
        assert run(["prepare", str(band), "--kind", kind, "--out", str(folder / kind), "--bars", "4"]) == 0
    (band / "split.csv").unlink()
    assert run(["prepare", str(band), "--kind", "groove", "--out", str(folder / "groove")]) == 0
    return folder


def arguments(kind: str, corpora: Path, folder: Path) -> list[str]:
    config, settings = WHAT[kind]
    sets = [word for setting in (f"steps={STEPS}", "batch=8", *settings) for word in ("--set", setting)]
    where = ["--data", str(corpora / kind), "--run-folder", str(folder), "--every", str(STEPS)]
    return ["train", config, *where, "--device", "cpu", "--precision", "float32", *sets]


def torchrun(processes: int, *words: str) -> "subprocess.CompletedProcess[str]":
    """The real command, on loopback alone."""
    rendezvous = ["--nnodes", "1", "--nproc-per-node", str(processes), "--rdzv-backend", "c10d", "--rdzv-endpoint", "127.0.0.1:0"]
    command = [sys.executable, "-m", "torch.distributed.run", *rendezvous, "--local-addr", "127.0.0.1", "-m", "mvae.train.main", *words]
    quiet = {"GLOO_SOCKET_IFNAME": "lo", "OMP_NUM_THREADS": "1"} if sys.platform == "linux" else {"OMP_NUM_THREADS": "1"}
    return subprocess.run(command, env=os.environ | quiet, capture_output=True, text=True, timeout=280, check=False)


def test_the_melody_of_these_runs_has_all_that_a_batch_can_have(corpora: Path) -> None:
    config, settings = WHAT["melody"]
    lesson = lesson_of(with_settings(named_config(config), [*settings, "batch=8"]), Corpus.open(corpora / "melody"))
    batch = drawn_batch(lesson, 0, 0)
    assert set(batch) == {"tokens", "said", "turns", "noise", "keep", "chance"} and {len(part) for part in batch.values()} == {8}
    assert not torch.equal(batch["said"], batch["tokens"]) and batch["turns"].any() and not batch["keep"].all()


def test_all_processes_end_where_the_leader_has_waited_long_enough(corpora: Path, tmp_path: Path) -> None:
    waits = [*(word for setting in ("lr=0", "patience=2") for word in ("--set", setting)), "--every", "5"]
    assert run([*arguments("groove", corpora, tmp_path / "one"), *waits]) == 0
    done = torchrun(2, *arguments("groove", corpora, tmp_path / "two"), *waits)
    assert done.returncode == 0, done.stderr[-2000:]
    one, two = (files.load(tmp_path / name / "checkpoint.safetensors") for name in ("one", "two"))
    assert one.step == two.step < STEPS and (two.facts["waited"], two.facts["processes"]) == (2, 2)
    assert done.stdout.count(f"ended at step {two.step} of {STEPS}: patience = 2") == 1


def losses(folder: Path) -> dict[str, float]:
    """What was logged of training."""
    log = EventAccumulator(str(folder / "log"))
    log.Reload()
    return {name: log.Scalars(name)[-1].value for name in log.Tags()["scalars"] if not name.startswith("validation/")}


@pytest.mark.parametrize("kind", WHAT)
def test_two_processes_train_to_what_one_does(kind: str, corpora: Path, tmp_path: Path) -> None:
    """To 1e-4: a mean of two means of four rounds otherwise than a mean of eight, by some 1e-7 a step, and Adam, which divides by the
    size of small gradients, makes that more. Other rows, or gradients that are not shared, would be off by the step itself, 1e-3."""
    assert run(arguments(kind, corpora, tmp_path / "one")) == 0
    done = torchrun(2, *arguments(kind, corpora, tmp_path / "two"))
    assert done.returncode == 0, done.stderr[-2000:]
    one, two = (files.load(tmp_path / name / "checkpoint.safetensors") for name in ("one", "two"))
    assert (one.step, two.step, one.facts["processes"], two.facts["processes"]) == (STEPS, STEPS, 1, 2)
    assert one.weights.keys() == two.weights.keys()
    for name, weight in one.weights.items():
        assert torch.allclose(weight, two.weights[name], atol=1e-4), f"{name}: {(weight - two.weights[name]).abs().max()}"
    assert losses(tmp_path / "two") == pytest.approx(losses(tmp_path / "one"), rel=1e-3, abs=1e-3)


def test_a_batch_that_cannot_be_shared_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "3")
    with pytest.raises(UserError, match="batch = 8: cannot be shared by 3 processes"), team_of(torch.device("cpu"), 8):
        pass


def test_without_torchrun_a_run_is_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    with team_of(torch.device("cpu"), 7) as team:
        assert team == ALONE and team.leads
        module, values = torch.nn.Linear(1, 1), torch.arange(3.0)
        assert team.shared(module) is module and torch.equal(team.mean(values), values) and torch.equal(team.rows(values), values)


@pytest.mark.parametrize("size", [1, 2, 4])
def test_every_row_of_a_batch_is_taken_once_and_as_many_by_each(size: int) -> None:
    batch = torch.arange(24).reshape(8, 3)
    shares = [Team(rank, size, torch.device("cpu")).rows(batch) for rank in range(size)]
    assert {share.shape for share in shares} == {(8 // size, 3)}
    assert sorted(row for share in shares for row in share[:, 0].tolist()) == batch[:, 0].tolist()
