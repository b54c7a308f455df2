"""The models that hear less than they say, as they ship: taps become a groove, a stiff pattern a played one."""

import numpy as np
import pytest
from numpy.typing import NDArray

from mvae.core.groove import FEATURES, HITS, OFFSETS, VELOCITIES, VOICES, encode
from mvae.core.heard import TAP, HeardNote, drum_phrase, tap_phrase
from mvae.core.patch import shipped_folder
from mvae.live.decoder import Decoder

BAR = 3840
KICK, SNARE, HAT = 36, 38, 42


def opened(name: str) -> Decoder:
    return Decoder.open(shipped_folder() / "bundles" / name, "cpu")


def pattern(velocity: int = 100, late: int = 0) -> list[HeardNote]:
    """Two bars of the plainest rock beat, machine-made."""
    rows = ((0, 2, HAT), (0, 8, KICK), (4, 8, SNARE))  # from which step on, every so many
    hits = [(step, pitch) for first, every, pitch in rows for step in range(first, 32, every)]
    return [HeardNote(step * 240 + late, pitch, velocity, 9, step * 240 + 60) for step, pitch in hits]


def said(decoder: Decoder, music: NDArray[np.float32]) -> NDArray[np.float32]:
    """What the model makes of it, nothing left to chance."""
    return np.asarray(decoder.decode(decoder.encode(music)[0], np.full((32, VOICES), 0.5, np.float32), 0.0))


def test_the_tap_model_hears_the_same_in_a_groove_and_in_its_taps() -> None:
    decoder = opened("drumify_2bar")
    assert decoder.card.hears == "taps"
    whole, taps = encode(drum_phrase(pattern(), 2 * BAR, 2, 2)), encode(tap_phrase(pattern(), 2 * BAR, 2, 2))
    assert np.allclose(decoder.encode(whole)[0], decoder.encode(taps)[0], atol=1e-4) and set(np.nonzero(taps)[1] % VOICES) == {TAP}


def test_taps_become_a_groove_of_several_drums_where_the_taps_were() -> None:
    decoder = opened("drumify_2bar")
    taps = encode(tap_phrase(pattern(), 2 * BAR, 2, 2))
    groove = said(decoder, taps)[:, HITS] > 0.5
    tapped = taps[:, TAP] > 0.5
    assert groove.any(0).sum() >= 2
    assert (groove.any(1) & tapped).sum() >= 0.7 * tapped.sum() and (groove.any(1) & ~tapped).sum() <= 4


def test_the_humanizer_hears_hits_alone_and_plays_them_with_a_drummers_hands() -> None:
    decoder = opened("humanize_2bar")
    assert decoder.card.hears == "hits"
    stiff, other = (encode(drum_phrase(pattern(velocity, late), 2 * BAR, 2, 2)) for velocity, late in ((100, 0), (40, 60)))
    assert np.array_equal(decoder.encode(stiff)[0], decoder.encode(other)[0])
    played = said(decoder, stiff)
    both = (played[:, HITS] > 0.5) & (stiff[:, HITS] > 0.5)
    assert both.sum() >= 0.95 * (stiff[:, HITS] > 0.5).sum() and (played[:, HITS] > 0.5).sum() <= both.sum() + 2
    assert played[:, VELOCITIES][both].std() > 0.05 and np.abs(played[:, OFFSETS][both]).mean() > 0.02


@pytest.mark.parametrize("name", ["drumify_2bar", "humanize_2bar"])
def test_silence_is_encoded_as_well(name: str) -> None:
    assert np.isfinite(opened(name).encode(np.zeros((32, FEATURES), np.float32))[0]).all()
