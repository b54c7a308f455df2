"""Models of tokens behind one door: chance by roll, any number of phrases, bundles and runs."""

from pathlib import Path

import numpy as np
import pytest

from mvae.core.chance import gumbel
from mvae.core.errors import UserError
from mvae.train.token_coder import BLOCK_STEPS, TorchTokens, chance, decode_tokens, encode_tokens, kind_at, open_tokens
from tests.tiny_bundle import tiny_bundle, tiny_token_bundle, tiny_token_checkpoint
from tests.train.token_toys import Keys

KEYS = Keys()
POINTS = np.random.default_rng(0).standard_normal((BLOCK_STEPS // 32 + 5, 3)).astype(np.float32)  # more than a block


def test_more_phrases_than_a_block_are_as_one_by_one() -> None:
    tokens = decode_tokens(KEYS, POINTS, 1.0)
    last = len(POINTS) - 1
    assert (decode_tokens(KEYS, POINTS[last:], 1.0, np.array([last])) == tokens[last:]).all()
    assert (encode_tokens(KEYS, tokens)[0] == KEYS.encode(tokens)[0]).all()


def test_the_same_roll_is_the_same_chance_and_another_is_another() -> None:
    one = chance(np.array([4, 7, 4]), "melody", 2)
    assert one.shape == (3, 32, 130) and one.dtype == np.float32
    assert (one[0] == one[2]).all() and (one[0] != one[1]).any()
    assert one[1].ravel() == pytest.approx(gumbel(0, 7, 0, 32 * 130), rel=1e-5)


def test_nothing_is_decoded_of_nothing() -> None:
    assert decode_tokens(KEYS, POINTS[:0]).shape == (0, 32, 1)
    assert encode_tokens(KEYS, np.zeros((0, 32, 1), np.int64))[0].shape == (0, 3)


@pytest.mark.parametrize(("kind", "hierarchical"), [("melody", False), ("trio", True)])
def test_a_bundle_and_the_run_it_comes_from_say_the_same(kind: str, hierarchical: bool) -> None:
    bundle, run = open_tokens(tiny_token_bundle(kind, 2, hierarchical)), TorchTokens(tiny_token_checkpoint(kind, 2, hierarchical).model())
    assert (bundle.kind, bundle.bars, bundle.z_size) == (run.kind, run.bars, run.z_size)
    z = np.random.default_rng(1).standard_normal((3, run.z_size)).astype(np.float32)
    tokens = decode_tokens(run, z, 0.7)
    assert tokens.dtype == np.int64 and len(np.unique(tokens)) > 4
    assert (decode_tokens(bundle, z, 0.7) == tokens).mean() > 0.95  # the bundle's weights are rounded
    for ours, theirs in zip(encode_tokens(bundle, tokens), encode_tokens(run, tokens), strict=True):
        assert ours == pytest.approx(theirs, abs=0.02)


def test_the_kind_of_a_bundle_is_read_from_its_card() -> None:
    assert kind_at(tiny_bundle()) == "groove"
    assert kind_at(tiny_token_bundle("melody")) == "melody"


def test_a_folder_that_is_nothing_is_named(tmp_path: Path) -> None:
    for opening in (open_tokens, kind_at):
        with pytest.raises(UserError, match="nowhere"):
            opening(tmp_path / "nowhere")
