"""A band of three toy bundles: groove drums, a flat melody, and a trio that is decoded bar by bar."""

from pathlib import Path

import numpy as np

from mvae.core.drums import NOTE_OF_CLASS
from mvae.core.feel import Feel, feel_of
from mvae.core.groove import FEATURES
from mvae.core.part import Part, Sound
from mvae.core.patch import Knob, Patch
from mvae.core.phrase import STEPS_PER_BAR
from mvae.live.ensemble import Ensemble
from mvae.live.models import GrooveModel, TokenModel
from tests.toy_decoder import ToyDecoder
from tests.toy_space import toy_space
from tests.toy_tokens import ToyTokens

SOUNDS = tuple(Sound(9, note) for note in NOTE_OF_CLASS)
KIT = tuple(Sound(10, note) for note in NOTE_OF_CLASS)
CORNERS = (("A", "rock"), ("B", "funk"), ("C", "jazz"), ("D", "latin"))
TURNED = (("A", "latin"), ("B", "jazz"), ("C", "funk"), ("D", "rock"))
PARTS = (
    Part("drums", "groove", SOUNDS, slot=1),
    Part("lead", "tunes", SOUNDS, stream="melody", channel=0, slot=2),
    Part("melody", "trio", SOUNDS, stream="melody", channel=1, delay_ms=10.0, slot=3),
    Part("bass", "trio", SOUNDS, stream="bass", channel=2, slot=4),
    Part("kit", "trio", KIT, stream="drums", channel=10, slot=5),
)
KNOBS = (Knob("density", -2, 2, axis="density"), Knob("hits", -2, 2, axis="drums.density"))
ORCHESTRA = Patch(
    Path("toy.toml"), "Orchestra", "now", None, PARTS, CORNERS, KNOBS, own_anchors=(("lead", TURNED),), humanize=("groove", "funk")
)
TRIO_BARS = 4
BUNDLES = ("groove", "tunes", "trio")


def a_feel() -> Feel:
    """Late and loud by turns."""
    tokens = np.zeros((STEPS_PER_BAR, FEATURES), np.float32)
    tokens[:, 0], tokens[::2, 9], tokens[1::2, 9], tokens[1::2, 18] = 1.0, 0.9, 0.4, 0.3
    return feel_of(tokens)


def orchestra(seed: int = 3) -> Ensemble:
    """The band."""
    models = (
        GrooveModel(ToyDecoder(), a_feel()),
        TokenModel(ToyTokens("melody", 2), a_feel()),  # type: ignore[arg-type]
        TokenModel(ToyTokens("trio", TRIO_BARS, hierarchical=True), a_feel()),  # type: ignore[arg-type]
    )
    return Ensemble(ORCHESTRA, ORCHESTRA.models(dict.fromkeys(BUNDLES, toy_space())), models, seed)
