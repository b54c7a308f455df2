"""The paper's experiments, on models whose latents are dials that somebody can read."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mvae.core import tokens as codec
from mvae.core.errors import UserError
from mvae.core.latent import Axis, Mixture
from mvae.core.phrase import Phrase
from mvae.train.exp_attributes import attribute_experiment, attribute_vectors, largest, matrices, quartiles, rank_correlation
from mvae.train.exp_interpolation import crossfade, distances, interpolation, pairs
from mvae.train.exp_prior import encodes_again, figures, known_marks, prior
from mvae.train.exp_subject import Options, Subject, of_sets, subject_of, thinned
from mvae.train.experiments import experiments
from mvae.train.token_attributes import MONO, measures, parts
from mvae.train.token_windows import TokenWindows
from tests.train.exam_toys import DialTokens, EchoTokens, random_melodies, token_windows

SMALL = Options(pairs=40, samples=30, again=20, draws=50)
SONGS, SETS = [n // 10 for n in range(60)], ["cre", "cre", "lieder", "lieder", "mine", "mine"]


def dialled(count: int = 60, seed: int = 0) -> TokenWindows:
    """Melodies that the dials can play, of six songs."""
    z = np.random.default_rng(seed).normal(0, 1, (count, 2)).astype(np.float32)
    return token_windows("melody", DialTokens().decode(z, np.random.default_rng(seed).gumbel(size=(count, 32, 1)), 1.0), SONGS, SETS)


@dataclass
class Shelved:
    """A corpus that is not on disk."""

    folder: Path = Path("shelf")
    kind: str = "melody"

    def __post_init__(self) -> None:
        self.facts: dict[str, Any] = {"bars": [2]}

    def tokens(self, split: str, bars: int) -> TokenWindows:
        assert bars == 2
        return dialled(seed=int(split == "train"))


@pytest.fixture(scope="module")
def subject() -> Subject:
    return subject_of(DialTokens(), Shelved(), SMALL)  # type: ignore[arg-type]


def test_the_test_phrases_are_the_headline_and_the_training_is_what_the_model_knows() -> None:
    exam = DialTokens()
    exam.sets = ("mine",)
    told = subject_of(exam, Shelved(), SMALL)  # type: ignore[arg-type]
    assert told.sets == ("cre", "lieder")
    assert set(told.song.tolist()) == {0, 1, 2, 3}
    assert set(told.training.song.tolist()) == {4, 5}
    assert len(of_sets(dialled(), ("lieder",))) == 20
    assert thinned(10, 3).tolist() == [0, 4, 9]


def test_test_songs_can_be_of_some_sets_alone() -> None:
    told = subject_of(DialTokens(), Shelved(), replace(SMALL, sets=("mine",)))  # type: ignore[arg-type]
    assert told.sets == ("mine",) and set(told.song.tolist()) == {4, 5}
    assert set(told.training.song.tolist()) == set(range(6))
    with pytest.raises(UserError, match="--sets theirs: shelf has no test songs of it; choose from cre, lieder, mine"):
        subject_of(DialTokens(), Shelved(), replace(SMALL, sets=("mine", "theirs")))  # type: ignore[arg-type]


def test_a_corpus_without_the_music_that_a_model_learnt_is_told() -> None:
    exam = DialTokens()
    exam.sets = ("pop909",)
    with pytest.raises(UserError, match=r"--data shelf: none of the data sets that the model learnt \(pop909\); prepare them, too"):
        subject_of(exam, Shelved(), SMALL)  # type: ignore[arg-type]


def test_interpolation_goes_from_a_to_b(subject: Subject) -> None:
    told = interpolation(subject)
    assert told["pairs"] == 40
    assert (told["hamming_decoded"][0], told["hamming_decoded"][-1]) == (0.0, 1.0)
    assert told["hamming"][-1] == 1.0
    assert told["hamming_data"] == pytest.approx(told["alpha"], abs=0.06)
    assert (told["lm_cost_data"][0], told["lm_cost_data"][-1]) == (pytest.approx(1.0), pytest.approx(1.0))
    low, high = told["lm_cost_ci"][5]
    assert low <= told["lm_cost"][5] <= high
    assert told["monotone"] == (told["hamming"] == sorted(told["hamming"]) and told["hamming_decoded"] == sorted(told["hamming_decoded"]))
    assert np.array(told["examples"][0]["tokens"]).shape == (11, 32, 1)


def test_pairs_are_of_different_songs_where_there_are_two() -> None:
    song = np.array([0] * 50 + [1])
    first, second = pairs(song, 30, 0)
    assert (song[first] != song[second]).all()
    assert len(pairs(np.zeros(4, np.int64), 9, 0)[0]) == 9


def test_the_data_baseline_mixes_steps_and_keeps_them_whole() -> None:
    a, b = np.zeros((50, 32, 3), np.int64), np.ones((50, 32, 3), np.int64)
    mixed = crossfade(a, b, 0.25, 1)
    assert mixed.mean() == pytest.approx(0.25, abs=0.05)
    assert set(np.unique(mixed.sum(2))) == {0, 3}
    assert distances([a, mixed, b], a)[2] == 1.0
    assert distances([a, a], a) == [0.0, 0.0]


def test_a_dial_moves_its_own_attribute(subject: Subject) -> None:
    told = attribute_experiment(subject)
    density, diatonic = (told["names"].index(name) for name in ("density", "diatonic"))
    for n in (density, diatonic):
        assert told["monotone"][n]
        assert told["spearman"][n] > 0.9
        assert told["curve"][n][3] == pytest.approx(told["base"][n])
        assert told["percent"][n][n] == pytest.approx((told["percent_plus"][n][n] - told["percent_minus"][n][n]) / 2)
        assert told["largest_of_row_sd"][n]
    assert told["in_sd"][density][density] > 3 * abs(told["in_sd"][density][diatonic])
    assert np.array(told["curve_ci"])[diatonic].shape == (7, 2)


def test_the_axes_that_a_bundle_ships_are_measured_as_well(subject: Subject) -> None:
    knob, dialled_up = np.linspace(-2, 2, 17), DialTokens()
    dialled_up.axes = {
        "diatonic": Axis("diatonic", np.array([0, 1], np.float32), knob, knob, -2.0, 2.0),
        "velocity": Axis("velocity", np.array([1, 0], np.float32), knob, knob, -2.0, 2.0),  # nothing that is measured here
    }
    told = attribute_experiment(replace(subject, exam=dialled_up))
    assert told["axes"]["names"] == ["diatonic"]
    assert told["axes"]["diagonally_dominant"]
    assert told["axes"]["monotone"] == [True]
    assert told["axes"]["base"][0] == told["base"][told["names"].index("diatonic")]


def test_a_vector_goes_from_the_bottom_quartile_to_the_top() -> None:
    tokens = random_melodies(40)
    tokens[:10, 1:] = 0  # ten phrases with one note or none: no interval
    mu = np.stack([(tokens[..., 0] > 1).mean(1), np.ones(40)], 1).astype(np.float32)
    vector = attribute_vectors("melody", mu, tokens)["density"]
    order = np.sort(mu[:, 0])
    assert vector == pytest.approx([order[-10:].mean() - order[:10].mean(), 0.0])
    assert np.isfinite(np.stack(list(attribute_vectors("melody", mu, tokens).values()))).all()


def test_the_matrix_is_in_per_cent_of_the_base() -> None:
    means = np.full((2, 7, 2), 10.0)
    means[0, 5], means[0, 1] = (12.0, 11.0), (9.0, 10.0)
    told = matrices(means, np.array([2.0, 0.5]), np.zeros((2, 2), np.bool_))
    assert told["percent"][0] == pytest.approx([15.0, 5.0])
    assert told["in_sd"][0] == pytest.approx([0.75, 1.0])
    assert told["largest_of_row"] == [True, False]  # the second moves nothing
    assert told["largest_of_row_sd"] == [False, False]
    assert largest(np.array([[-3.0, 1.0], [0.0, np.nan]]), np.zeros((2, 2), np.bool_)) == [False, False]


def test_a_whole_is_not_asked_to_move_more_than_its_parts() -> None:
    """Eight hits more of twenty, five of them of a part that had ten: 40 % of the whole, 50 % of the part."""
    matrix, part = np.array([[40.0, 50.0], [60.0, 50.0]]), np.array([[False, True], [False, False]])
    assert largest(matrix, part) == [True, False]
    assert largest(matrix, np.zeros_like(part)) == [False, False]
    assert parts("drums") == {"density": ["kick", "hats", "toms"]} and parts("melody") == {}
    assert parts("trio") == {"drums_density": ["drums_kick", "drums_hats", "drums_toms"]}
    assert {name for each in parts("trio").values() for name in each} < set(measures("trio"))


def test_ranks_of_equal_values_are_shared() -> None:
    assert rank_correlation(np.array([1.0, 2.0, 3.0])) == pytest.approx(1.0)
    assert rank_correlation(np.array([1.0, 1.0, 3.0])) == pytest.approx(0.866, abs=1e-3)
    assert rank_correlation(np.ones(3)) is None


def test_what_stands_in_training_is_known(subject: Subject) -> None:
    marks = known_marks(subject.training)
    known, fresh = subject.training.batch(slice(4)), random_melodies(4)
    turned = np.concatenate([known[:2, :16], known[2:, :16]], axis=1)  # known bars, in an order of their own
    told = [figures(subject, tokens, *marks) for tokens in (known, turned, fresh)]
    assert [told[0][name] for name in ("bars_known", "memorised", "copied")] == [1.0, 1.0, 1.0]
    assert (told[1]["memorised"], told[1]["copied"]) == (1.0, 0.0)
    assert (told[2]["bars_known"], told[2]["memorised"]) == (0.0, 0.0)
    assert told[0]["density"]["melody"] == pytest.approx((known >= 2).sum() / 8)
    assert told[2]["lm_bits_per_step"] > told[0]["lm_bits_per_step"]


def test_samples_stand_beside_the_test(subject: Subject) -> None:
    told = prior(subject)
    assert set(told["sources"]) == {"normal", "midpoints", "test"}
    assert (told["sources"]["normal"]["n"], told["sources"]["test"]["n"]) == (30, 30)
    fitted = DialTokens()
    fitted.mixture = Mixture(np.ones(1, np.float32), np.full((1, 2), 2.0, np.float32), np.full((1, 2), 0.1, np.float32))
    told = prior(replace(subject, exam=fitted))
    assert told["sources"]["mixture"]["density"]["melody"] > 12
    assert np.array(told["examples"]["mixture"]).shape == (8, 32, 1)


def test_what_it_plays_is_encoded_again(subject: Subject) -> None:
    told = encodes_again(subject)
    assert (told["n"], told["same_tokens"], told["encoded"]) == (20, 1.0, 1.0)
    broken = DialTokens()
    broken.encode = lambda tokens: (np.full((len(tokens), 2), np.nan, np.float32), np.ones((len(tokens), 2), np.float32))  # type: ignore[method-assign]
    assert encodes_again(replace(subject, exam=broken))["encoded"] == 0.0


def test_phrases_that_come_back_with_other_tokens_are_counted(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    encode, seen = codec.encode, list[int]()

    def forgetful(kind: str, parts: Sequence[Phrase]) -> codec.Tokens:
        """Loses the first note of every fourth phrase."""
        tokens = encode(kind, parts)
        seen.append(0)
        if len(seen) % 4 == 0:
            tokens[np.flatnonzero(tokens[:, 0] >= codec.FIRST_PITCH)[:1]] = codec.HOLD
        return tokens

    monkeypatch.setattr("mvae.core.tokens.encode", forgetful)
    told = encodes_again(subject)
    assert (told["n"], told["same_tokens"], told["encoded"]) == (20, 0.75, 1.0)


def test_all_of_it_is_plain_data_and_twins_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    phrases = np.concatenate([Shelved().tokens(split, 2).batch(slice(None)) for split in ("test", "train")])
    flat = EchoTokens("melody", phrases, np.where(np.arange(32)[:, None] < 24, phrases, 1))
    deep = EchoTokens("melody", phrases, phrases)
    deep.hierarchical = True
    said = list[str]()
    wanted = replace(SMALL, parts=("reconstruction", "posterior", "encodes_again"))
    told = experiments({"flat": flat, "deep": deep}, [Shelved()], wanted, said.append)  # type: ignore[list-item]
    assert json.loads(json.dumps(told)) == told
    assert said[:2] == ["flat: reconstruction", "flat: encodes_again"]
    [twins] = told["comparisons"]
    assert (twins["hierarchical"], twins["flat"], twins["songs"]) == ("deep", "flat", 4)
    assert twins["sampled"]["melody"] == pytest.approx(0.25)
    assert twins["excludes_zero"]["sampled"]["melody"]
    assert told["bundles"]["deep"]["reconstruction"]["sampled"]["melody"] == 1.0
    assert told["bundles"]["deep"]["posterior"]["nll_bits_per_step"] == pytest.approx(1.0)
    assert "prior" not in told["bundles"]["flat"]


@pytest.mark.parametrize("change", [{"kind": "drums"}, {"facts": {"bars": [4]}}])
def test_a_model_without_a_corpus_is_told_which(change: dict[str, Any]) -> None:
    corpus = Shelved()
    for name, value in change.items():
        setattr(corpus, name, value)
    with pytest.raises(UserError, match="no corpus of melody with 2 bars for mine"):
        experiments({"mine": DialTokens()}, [corpus], SMALL)  # type: ignore[list-item]


def test_music_has_a_matrix_of_its_own() -> None:
    tokens = random_melodies(40)
    told = quartiles("melody", tokens)
    names, value = list(MONO), MONO["density"](tokens[..., 0])
    order, row = np.sort(value), names.index("density")
    apart = order[-10:].mean() - order[:10].mean()
    assert told["percent"][row][row] == pytest.approx(100 * apart / value.mean())
    assert told["in_sd"][row][row] == pytest.approx(apart / value.std())
