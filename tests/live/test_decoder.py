"""A bundle, opened: forced steps are honoured, the same chance gives the same phrase, and what does not reproduce PyTorch is refused."""

import ctypes
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from mvae.core.bundle import GOLDEN_FILE, Arrays, read_arrays, seal, with_latents, write_arrays
from mvae.core.card import CARD_FILE, read_card
from mvae.core.chance import phrase_noise
from mvae.core.errors import UserError
from mvae.core.groove import HITS, OFFSETS, VELOCITIES
from mvae.core.latent import Residual, Space
from mvae.live import providers
from mvae.live.decoder import Decoder, add_feel, golden_fault
from tests.tiny_bundle import Z, tiny_bundle, tiny_latents

Singles = NDArray[np.float32]
STEPS = 32


@pytest.fixture(scope="module")
def decoder() -> Decoder:
    return Decoder.open(tiny_bundle(), "cpu")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_bundle(), tmp_path / "copy"))


def latents(count: int) -> Singles:
    return np.random.default_rng(4).normal(size=(count, Z)).astype(np.float32)


def chance(seed: int = 1) -> Singles:
    return phrase_noise(seed, 0, 0, 0, 0.0, STEPS, 9).hits


def some_forced(seed: int) -> tuple[Singles, NDArray[np.bool_]]:
    """Cells to force here and there: hits or rests, with velocities and offsets."""
    draw = np.random.default_rng(seed)
    hits = draw.random((STEPS, 9)) < 0.5
    forced = np.concatenate([hits, hits * draw.random((STEPS, 9)), hits * draw.uniform(-1, 1, (STEPS, 9))], axis=1).astype(np.float32)
    return forced, draw.random((STEPS, 9)) < 0.4


def test_tokens_are_hits_with_their_velocities_and_offsets(decoder: Decoder) -> None:
    tokens = decoder.decode(latents(1)[0], chance(), 1.0)
    hits = tokens[:, HITS]
    assert tokens.shape == (STEPS, 27) and tokens.dtype == np.float32
    assert set(np.unique(hits)) == {0.0, 1.0}
    assert (tokens[:, VELOCITIES][hits == 0] == 0).all() and (tokens[:, OFFSETS][hits == 0] == 0).all()
    assert tokens[:, VELOCITIES].min() >= 0 and tokens[:, VELOCITIES].max() <= 1 and np.abs(tokens[:, OFFSETS]).max() <= 1
    assert len(np.unique(tokens[:, VELOCITIES])) > 10


def test_the_same_chance_gives_the_same_phrase_and_another_another(decoder: Decoder) -> None:
    z = latents(1)[0]
    first = decoder.decode(z, chance(), 1.0)
    assert (decoder.decode(z, chance(), 1.0) == first).all()
    assert (decoder.decode(z, chance(2), 1.0) != first).any()


def test_at_temperature_zero_chance_does_not_matter(decoder: Decoder) -> None:
    z = latents(1)[0]
    assert (decoder.decode(z, chance(1), 0.0) == decoder.decode(z, chance(2), 0.0)).all()
    extremes = np.where(chance() < 0.5, np.float32(2**-24), np.float32(1 - 2**-24))
    assert (decoder.decode(z, extremes, 0.0) == decoder.decode(z, chance(1), 0.0)).all()


def test_without_noise_a_batch_is_decoded_at_even_chance(decoder: Decoder) -> None:
    z = latents(3)
    assert (decoder.decode_batch(z, None, 0.0) == np.stack([decoder.decode(point, chance(), 0.0) for point in z])).all()


@pytest.mark.parametrize("seed", range(3))
def test_forced_cells_are_taken_exactly_and_only_they(seed: int, decoder: Decoder) -> None:
    forced, mask = some_forced(seed)
    tokens = decoder.decode(latents(1)[0], chance(seed), 1.0, forced, mask)
    whole = np.tile(mask, 3)
    assert (tokens[whole] == forced[whole]).all()
    other = decoder.decode(latents(1)[0], chance(seed), 1.0, np.where(whole, forced, 1 - forced).astype(np.float32), mask)
    assert (tokens == other).all()


def test_a_forced_rest_has_no_velocity_or_offset_whatever_is_given(decoder: Decoder) -> None:
    untidy = np.full((STEPS, 27), 0.5, np.float32)
    untidy[:, HITS] = 0
    assert (decoder.decode(latents(1)[0], chance(), 1.0, untidy, np.ones((STEPS, 9), bool)) == 0).all()


@pytest.mark.parametrize("heard", [1, 7, 16, 20, 31])
def test_what_was_heard_forced_with_the_same_chance_continues_as_before(heard: int, decoder: Decoder) -> None:
    z, mask = latents(1)[0], np.zeros((STEPS, 9), bool)
    free = decoder.decode(z, chance(), 1.0)
    mask[:heard] = True
    assert (decoder.decode(z, chance(), 1.0, free, mask) == free).all()
    changed = free.copy()
    changed[:heard, HITS] = 1 - changed[:heard, HITS]
    changed[:heard, VELOCITIES] = changed[:heard, HITS]
    assert (decoder.decode(z, chance(), 1.0, changed, mask)[heard:] != free[heard:]).any()


def test_a_decoder_that_hears_what_is_forced_does_not_hear_itself_and_hears_that_across_the_bar_line() -> None:
    decoder = Decoder.open(tiny_bundle("forced"))
    draw = np.random.default_rng(3)
    z, noise = draw.normal(size=Z).astype(np.float32), draw.uniform(0.05, 0.95, (32, 9)).astype(np.float32)
    free = decoder.decode(z, noise, 1.0)
    silence, everything = np.zeros((1, 32, 27), np.float32), draw.uniform(size=(32, 27)).astype(np.float32)
    said = decoder.logits_batch(z[None], silence)[0]
    assert np.array_equal(free[:, :9] > 0.5, said[:, :9] + np.log(noise / (1 - noise)) > 0)
    everything[:, :9] = 1
    for forced_steps in (5, 16):
        mask = np.zeros((32, 9), bool)
        mask[forced_steps - 1] = True
        continued = decoder.decode(z, noise, 1.0, everything, mask)
        assert np.array_equal(continued[: forced_steps - 1], free[: forced_steps - 1])
        assert not np.allclose(continued[forced_steps:, 9:], free[forced_steps:, 9:])


def test_bars_before_from_bar_are_kept_whole(decoder: Decoder) -> None:
    first, second = latents(2)
    heard = decoder.decode(first, chance(), 1.0)
    tokens = decoder.decode(second, chance(), 1.0, heard, None, from_bar=1)
    mask = np.repeat([[True], [False]], 16, axis=0) & np.ones((STEPS, 9), bool)
    assert (tokens[:16] == heard[:16]).all() and (tokens[16:] != heard[16:]).any()
    assert (tokens == decoder.decode(second, chance(), 1.0, heard, mask)).all()


@pytest.mark.parametrize("count", [0, 1, 5, 130])
def test_a_batch_of_any_size_gives_what_single_phrases_give(count: int, decoder: Decoder) -> None:
    z, noise = latents(count), np.stack([chance(seed) for seed in range(count)] or [chance()])[:count]
    forced, mask = (np.stack([some_forced(seed)[part] for seed in range(count)] or [some_forced(0)[part]])[:count] for part in (0, 1))
    together = decoder.decode_batch(z, noise, 1.0, forced, mask)
    assert together.shape == (count, STEPS, 27)
    for row in range(0, count, 7):
        assert together[row] == pytest.approx(decoder.decode(z[row], noise[row], 1.0, forced[row], mask[row]), abs=1e-5)


def test_logits_say_what_free_running_decided(decoder: Decoder) -> None:
    z, noise = latents(4), np.stack([chance(seed) for seed in range(4)])
    tokens = decoder.decode_batch(z, noise, 1.0)
    logits = decoder.logits_batch(z, tokens)
    distance = logits[..., HITS] + np.log(noise) - np.log(1 - noise)
    sure = np.abs(distance) > 1e-4
    assert ((distance > 0) == (tokens[..., HITS] == 1))[sure].all()
    assert np.allclose(logits[..., VELOCITIES][tokens[..., HITS] == 1], tokens[..., VELOCITIES][tokens[..., HITS] == 1], atol=1e-5)


def test_every_decoded_phrase_encodes_again(decoder: Decoder) -> None:
    tokens = decoder.decode_batch(latents(130), None, 0.0)
    mu, sigma = decoder.encode(tokens)
    one_mu, one_sigma = decoder.encode(tokens[3])
    assert mu.shape == sigma.shape == (130, Z) and (sigma > 0).all() and np.isfinite(mu).all()
    assert one_mu == pytest.approx(mu[3], abs=1e-5) and one_sigma == pytest.approx(sigma[3], abs=1e-5)
    assert decoder.encode(tokens[:0])[0].shape == (0, Z)


def test_an_opened_bundle_says_what_it_is_and_where_it_runs(copy: Path) -> None:
    with_latents(copy, tiny_latents(), {})
    opened = Decoder.open(copy, "cpu", threads=2)
    assert (opened.bars, opened.steps, opened.card.name, opened.provider) == (2, STEPS, "tiny", "cpu")
    assert list(opened.space.anchors) == ["funk", "rock"]
    assert opened.choice.reason == "golden pair reproduced"


def test_auto_takes_what_is_there_and_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    opened = Decoder.open(tiny_bundle(), "auto")
    assert opened.provider in ("cuda", "coreml", "cpu")
    assert opened.choice.reason.startswith("golden pair reproduced")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("asked", ["cuda", "coreml", "tpu"])
def test_a_provider_that_is_not_there_is_refused_with_a_list(asked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(providers, "absence", lambda kind: None if kind == "cpu" else "switched off for this test")
    with pytest.raises(UserError, match=f"--provider {asked}: .*usable here: cpu"):
        Decoder.open(tiny_bundle(), asked)


def test_auto_survives_a_provider_that_seems_there_and_does_not_start(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(providers, "cuda_absence", lambda load: None)
    opened = Decoder.open(tiny_bundle(), "auto")
    assert opened.provider != "cpu" or "cuda: " in opened.choice.reason
    assert capfd.readouterr() == ("", "")


class Driver(ctypes.CDLL):
    """A stand-in for the NVIDIA driver with some devices."""

    def __init__(self, devices: int, fault: int = 0):
        self.devices, self.fault = devices, fault

    def cuInit(self, flags: int) -> int:
        return self.fault

    def cuDeviceGetCount(self, count: object) -> int:
        ctypes.cast(count, ctypes.POINTER(ctypes.c_int))[0] = self.devices  # type: ignore[arg-type]
        return 0


def refuse(name: str) -> ctypes.CDLL:
    raise OSError(f"{name}: cannot open shared object file")


def test_cuda_is_looked_for_before_it_is_tried(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(providers, "CUDA_LIBRARIES", ("__init__.py",))  # a file that is there in every onnxruntime
    loads: dict[str, Callable[[str], ctypes.CDLL]] = {
        "no NVIDIA driver": refuse,
        "the NVIDIA driver sees no device": lambda name: Driver(0),
        "a CUDA library is missing": lambda name: Driver(1) if name == providers.DRIVER else refuse(name),
    }
    for reason, load in loads.items():
        found = providers.cuda_absence(load)
        assert found is not None and found.startswith(reason)
    assert providers.cuda_absence(lambda name: Driver(1, fault=100)) == "the NVIDIA driver sees no device"
    assert providers.cuda_absence(lambda name: Driver(1)) is None
    assert capfd.readouterr().out == ""


def golden_without(folder: Path, change: Callable[[Arrays], object]) -> None:
    golden = read_arrays(folder / GOLDEN_FILE)
    change(golden)
    write_arrays(folder / GOLDEN_FILE, golden)
    seal(folder, read_card(folder))


@pytest.mark.parametrize("name", ["mu", "sigma", "state", "logits", "tokens"])
def test_a_bundle_that_does_not_reproduce_its_golden_pair_is_refused(name: str, copy: Path) -> None:
    golden_without(copy, lambda golden: golden[name].__iadd__(np.float32(0.001)))
    with pytest.raises(UserError, match=f"no provider can play it \\(.*cpu: .*{name} differ from PyTorch's by 1.0e-03, more than 1e-04"):
        Decoder.open(copy, "auto")


def test_a_golden_pair_of_no_number_or_another_size_is_refused(copy: Path) -> None:
    golden_without(copy, lambda golden: golden["mu"].fill(np.nan))
    with pytest.raises(UserError, match="mu differ from PyTorch's by inf"):
        Decoder.open(copy, "cpu")
    golden_without(copy, lambda golden: golden.update(mu=golden["mu"][:, :-1]))
    with pytest.raises(UserError, match="no provider can play it"):
        Decoder.open(copy, "cpu")
    golden_without(copy, lambda golden: golden.pop("mu"))
    with pytest.raises(UserError, match=r"golden\.npz: 'mu' is missing"):
        Decoder.open(copy, "cpu")


def test_free_running_tokens_are_held_to_the_golden_ones_up_to_the_first_close_decision(decoder: Decoder) -> None:
    golden = read_arrays(tiny_bundle() / GOLDEN_FILE)
    golden["tokens"][0, 20:] = 9
    assert "free-running tokens" in (golden_fault(decoder, golden, 1e-4) or "")
    golden["margins"][0, 20, 4] = 0.5e-4
    assert golden_fault(decoder, golden, 1e-4) is None
    golden["tokens"][0, 19] = 9
    assert "free-running tokens" in (golden_fault(decoder, golden, 1e-4) or "")


REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "wrong version": (lambda b: (b / CARD_FILE).write_text("format = 99"), "format = 99: this version reads"),
    "truncated graph": (lambda b: (b / "decoder.onnx").write_bytes((b / "decoder.onnx").read_bytes()[:5000]), "decoder.onnx: truncated"),
    "missing graph": (lambda b: (b / "start.onnx").unlink(), "start.onnx: No such file"),
    "text for a graph": (lambda b: (b / "start.onnx").write_text("hello") and seal(b, read_card(b)), "start.onnx: not an ONNX file"),
    "graph of nothing": (lambda b: (b / "start.onnx").write_bytes(b"") == 0 and seal(b, read_card(b)), "no provider can play it"),
    "another graph": (lambda b: shutil.copy(b / "start.onnx", b / "decoder.onnx") and seal(b, read_card(b)), "no provider can play it"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_bundle_that_cannot_be_played_is_refused_in_one_line(what: str, copy: Path, capfd: pytest.CaptureFixture[str]) -> None:
    change, message = REFUSED[what]
    change(copy)
    with pytest.raises(UserError, match=message) as refusal:
        Decoder.open(copy)
    assert "\n" not in str(refusal.value)
    assert capfd.readouterr() == ("", "")


def test_feel_moves_hits_by_the_residual_spread_and_nothing_else(decoder: Decoder) -> None:
    noise = phrase_noise(3, 0, 0, 0, 0.0, STEPS, 9)
    tokens = decoder.decode(latents(1)[0], noise.hits, 1.0)
    space = Space(Z, {}, residual=Residual(np.full(9, 0.1), np.linspace(0, 0.4, 9)))
    felt, hits = add_feel(tokens, noise.feel, space, 1.0), tokens[:, HITS]
    assert (felt[:, HITS] == hits).all() and (felt[np.tile(hits, 3) == 0] == 0).all()
    assert felt[:, VELOCITIES].min() >= 0 and felt[:, VELOCITIES].max() <= 1 and np.abs(felt[:, OFFSETS]).max() <= 1
    wanted = hits * np.clip(tokens[:, VELOCITIES] + 0.1 * noise.feel[:, :9], 0, 1)
    assert felt[:, VELOCITIES] == pytest.approx(wanted, abs=1e-6)
    assert (felt[:, OFFSETS][:, 0] == tokens[:, OFFSETS][:, 0]).all() and (felt[:, OFFSETS][:, 8] != tokens[:, OFFSETS][:, 8]).any()
    assert (add_feel(tokens, noise.feel, space, 0.0) == tokens).all()
    assert (add_feel(tokens, noise.feel, Space(Z, {}), 1.0) == tokens).all()


def test_a_bundle_is_played_without_torch_or_onnx() -> None:
    code = (
        "import sys; from pathlib import Path; from mvae.live.decoder import Decoder; "
        f"Decoder.open(Path({str(tiny_bundle())!r})); sys.exit(bool({{'torch', 'onnx', 'safetensors'}} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 0
