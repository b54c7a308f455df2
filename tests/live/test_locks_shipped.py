"""Locks on the token bundles that come with mvae: what is locked goes on exactly, the rest moves, and the model hears it."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from mvae.core.chance import token_noise
from mvae.core.drums import CLASSES
from mvae.core.panel import Positions
from mvae.core.part import Part, Sound
from mvae.core.patch import Knob, Patch, shipped_folder
from mvae.core.tokens import STREAMS
from mvae.live.instrument import make_panel
from mvae.live.lookahead import Lookahead
from mvae.live.models import Said, TokenModel
from mvae.live.token_decoder import TokenDecoder

BPM, STEP_TICKS, BAR_STEPS = 120.0, 240, 16
SOUNDS = tuple(Sound(9, note) for note in range(36, 36 + len(CLASSES)))
SEED = 7


@cache
def decoder(bundle: str) -> TokenDecoder:
    return TokenDecoder.open(shipped_folder() / "bundles" / bundle, "cpu")


class Stand:
    """A lookahead over a shipped bundle, played a unit at a time."""

    def __init__(self, bundle: str) -> None:
        self.decoder = decoder(bundle)
        space, streams = self.decoder.space, STREAMS[self.decoder.kind]
        parts = tuple(Part(name, bundle, SOUNDS if name == "drums" else (), stream=name) for name in streams)
        corners = tuple(zip("ABCD", list(space.anchors)[:4], strict=True))
        self.patch = Patch(Path("shipped.toml"), bundle, "now", None, parts, corners, (Knob("y", 0, 1),))
        self.at = make_panel(self.patch, {bundle: self.decoder.card.temperature}, BPM).snapshot()
        self.ahead = Lookahead(self.patch, TokenModel(self.decoder), SEED, range(len(parts)))
        self.ahead.begin(self.at, BPM)
        self.units = self.ahead.model.units

    def phrase(self, positions: Positions | None = None) -> Said:
        """The next whole phrase as it is planned, (steps, streams)."""
        self.at = self.at if positions is None else positions
        if positions is not None:
            self.ahead.move((self.ahead.planned_to - 1) * STEP_TICKS, self.at, BPM)
        said = []
        for _ in range(self.units):
            self.ahead.follow(self.at, BPM)
            said.append(self.ahead.plans[max(self.ahead.plans)].tokens)
        return np.concatenate(said)

    def locked(self, *names: str) -> Positions:
        return replace(self.at, switches=dict(self.at.switches) | {f"lock {name}": True for name in names})


def started(bundle: str) -> tuple[Stand, Said]:
    """What plays, and its second phrase, from its line to its end."""
    stand = Stand(bundle)
    for _ in range(stand.units - 1):
        stand.ahead.follow(stand.at, BPM)
    return stand, stand.phrase()


def moved(positions: Positions) -> Positions:
    return positions.moved({"x": 0.95, "y": 0.9, "temperature": 1.0})


@pytest.mark.parametrize(
    "bundle, lock", [("melody_2bar", "melody"), ("drums_2bar", "drums"), ("trio_16bar", "bass"), ("trio_16bar", "drums")]
)
def test_a_locked_stream_of_a_shipped_bundle_stands_while_the_pad_moves(bundle: str, lock: str) -> None:
    stand, before = started(bundle)
    column = stand.decoder.streams.index(lock)
    stand.phrase(stand.locked(lock))
    after = stand.phrase(moved(stand.at))
    assert after[:, column].tolist() == before[:, column].tolist()
    others = np.delete(np.arange(len(stand.decoder.streams)), column)
    assert all((after[:, other] != before[:, other]).any() for other in others)
    free = stand.phrase(replace(stand.at, switches=dict.fromkeys(stand.at.switches, False)))
    assert (stand.phrase()[:, column] != before[:, column]).any() or (free[:, column] != before[:, column]).any()


@pytest.mark.parametrize("bundle", ["drums_2bar", "trio_16bar"])
@pytest.mark.parametrize("names", [("kick",), ("kick", "snare"), ("closed_hat",)])
def test_a_locked_class_of_a_shipped_bundle_stands_and_the_other_classes_move(bundle: str, names: tuple[str, ...]) -> None:
    stand, before = started(bundle)
    column, bits = stand.decoder.streams.index("drums"), sum(1 << CLASSES.index(name) for name in names)
    stand.phrase(stand.locked(*(f"drums {name}" for name in names)))
    after = stand.phrase(moved(stand.at))
    assert (after[:, column] & bits).tolist() == (before[:, column] & bits).tolist()
    assert ((after[:, column] ^ before[:, column]) & ~bits).any()


@pytest.mark.parametrize("temperature", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("bundle", ["drums_2bar", "trio_16bar"])
def test_each_step_is_what_the_model_chooses_that_heard_the_locked_class_so_far(bundle: str, temperature: float) -> None:
    stand, _ = started(bundle)
    column, bit = stand.decoder.streams.index("drums"), 1 << CLASSES.index("kick")
    stand.phrase(stand.locked("drums kick"))
    said = stand.phrase(moved(stand.at).moved({"temperature": temperature}))
    asked = stand.ahead.plans[max(stand.ahead.plans)].asked
    noise = token_noise(SEED, 0, 0, 0, 0.0, stand.decoder.steps, stand.decoder.vocabulary)
    logits = stand.decoder.logits_batch(asked.latent[None], said[None])[0]
    own = slice(sum(stand.decoder.vocabulary[:column]), sum(stand.decoder.vocabulary[: column + 1]))
    scores = (logits + np.float32(asked.temperatures[column]) * noise)[:, own]
    agrees = (np.arange(512) & bit)[None] == (said[:, column] & bit)[:, None]
    best = np.where(agrees, scores, -np.inf)
    assert (best.max(axis=1) - scores[np.arange(len(said)), said[:, column]]).max() < 1e-3
    assert (scores.argmax(axis=1) != said[:, column]).any()  # the lock decided something


def test_a_locked_class_goes_on_in_a_fill_over_a_shipped_bundle() -> None:
    stand, before = started("drums_2bar")
    stand.phrase(stand.locked("drums kick"))
    space = stand.ahead.model.space
    stand.ahead.model.space = replace(space, fills={"a fill": list(space.anchors.values())[-1]})
    stand.ahead.fill((stand.ahead.planned_to - 32) * STEP_TICKS - 500, 2, stand.at, BPM)
    fill = stand.ahead.fills[-1]
    rows, kick = fill.end - fill.start, 1 << CLASSES.index("kick")
    assert rows > BAR_STEPS and (fill.tokens[-rows:, 0] != before[-rows:, 0]).any()
    assert (fill.tokens[-rows:, 0] & kick).tolist() == (before[-rows:, 0] & kick).tolist()
