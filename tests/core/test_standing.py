"""What the knobs of a part make of it: channel, port, map, curve, gate, accent, and who is heard when parts are muted or solo."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvae.core.drums import CLASSES, NOTE_OF_CLASS
from mvae.core.groove import FEATURES, Array
from mvae.core.panel import Positions, start
from mvae.core.part import CHANNELS, MAIN, Part, Sound, Velocities
from mvae.core.patch import Patch
from mvae.core.shaping import place, shape
from mvae.core.standing import accent, silent, standing

SOUNDS = (*(Sound(9, note) for note in NOTE_OF_CLASS[:8]), Sound(12, 20))  # the ride on a channel of its own
DRUMS = Part("drums", "toy", SOUNDS, Velocities(10, 120, 2.0), gate_ms=80.0, slot=1, accent=0.5)
BASS = Part("bass", "toy", (), stream="bass", channel=1, port="Synth", slot=2, octave=-1, transpose=3)
PATCH = Patch(Path("toy.toml"), "Toy", "now", None, (DRUMS, BASS), (("A", "rock"), ("B", "funk")))
REST = start(PATCH.actions())


def hits(*steps: int) -> Array:
    """Kicks at half velocity."""
    array = np.zeros((16, FEATURES), np.float32)
    array[list(steps), 0], array[list(steps), 9] = 1.0, 0.5
    return array


def test_at_rest_a_part_is_as_its_patch_says() -> None:
    found = standing(DRUMS, REST)
    assert (found.sounds, found.velocities, found.gate_ms, found.channel) == (SOUNDS, DRUMS.velocities, 80.0, 9)
    own = standing(BASS, REST)
    assert (own.channel, own.gate_ms) == (2 * CHANNELS + 1, None)
    assert REST.knobs["bass.octave"] == -1 and REST.knobs["bass.transpose"] == 3 and REST.knobs["drums.accent"] == 0.5


def test_a_channel_moves_the_drums_that_have_no_channel_of_their_own() -> None:
    moved = standing(DRUMS, REST.moved({"drums.channel": 1.2})).sounds
    assert {sound.channel for sound in moved[:8]} == {0} and moved[8] == SOUNDS[8]


@pytest.mark.parametrize("name", CLASSES)
def test_each_class_has_a_note_that_can_be_turned(name: str) -> None:
    sounds = standing(DRUMS, REST.moved({f"drums.map.{name}": 99.0})).sounds
    assert [sound.pitch for sound in sounds] == [99 if other == name else sound.pitch for other, sound in zip(CLASSES, SOUNDS, strict=True)]


def test_a_part_is_sent_to_its_own_port_or_to_the_instruments() -> None:
    home = replace(REST, choices={**REST.choices, "bass.out": "main", "drums.out": "own"})
    assert standing(BASS, home).channel == 1
    assert {sound.channel // CHANNELS for sound in standing(DRUMS, home).sounds} == {DRUMS.slot}
    assert {note.channel for note in shape(hits(0), DRUMS, home, 120)} == {CHANNELS + 9}
    assert standing(replace(BASS, slot=MAIN), REST).channel == 1


def test_a_gate_of_zero_is_as_decoded() -> None:
    (gated,), (free,) = (shape(hits(0), DRUMS, REST.moved({"drums.gate_ms": ms}), 120) for ms in (250.0, 0.0))
    assert (gated.off_tick, free.off_tick) == (480, 120)


def test_a_curve_makes_soft_notes_softer_or_louder() -> None:
    loud = [shape(hits(0), DRUMS, REST.moved({"drums.curve": curve}), 120)[0].velocity for curve in (0.5, 1.0, 2.0)]
    assert loud == [10 + round(110 * 0.5**curve) for curve in (0.5, 1.0, 2.0)]


def test_an_accent_leaves_the_downbeat_and_softens_what_lies_off_it() -> None:
    flat, full = (shape(hits(0, 1, 2, 4), DRUMS, REST.moved({"drums.accent": much, "drums.curve": 1.0}), 120) for much in (0.0, 1.0))
    assert len({note.velocity for note in flat}) == 1
    assert [note.velocity for note in full] == [10 + round(110 * 0.5 * share) for share in (1.0, 0.25, 0.5, 0.75)]
    tune = place(np.array([62, 0, 0, 64, *[0] * 12]), np.zeros(0, np.int64), BASS, REST.moved({"bass.accent": 1.0}), 120)
    assert tune[1].velocity < tune[0].velocity


@given(st.integers(0, 1024), st.floats(0, 1))
def test_an_accent_never_makes_louder_nor_silent(step: int, amount: float) -> None:
    assert 0.25 <= accent(step, amount) <= 1.0 and accent(step, 0.0) == 1.0 and accent(16 * step, amount) == 1.0


@pytest.mark.parametrize(
    ("on", "heard"),
    [
        ((), {"drums", "bass"}),
        (("mute drums",), {"bass"}),
        (("solo drums",), {"drums"}),
        (("solo drums", "solo bass"), {"drums", "bass"}),
        (("solo drums", "mute drums"), set()),
    ],
)
def test_of_parts_those_are_heard_that_are_solo_and_not_muted(on: tuple[str, ...], heard: set[str]) -> None:
    switches = {**REST.switches, **dict.fromkeys(on, True)}
    assert {part.name for part in PATCH.parts if not silent(part, switches)} == heard


def test_every_knob_of_a_part_begins_within_its_range() -> None:
    actions = PATCH.actions()
    assert all(actions[name].low <= value <= actions[name].high for name, value in Positions(REST.knobs, {}, {}).knobs.items())
