"""The judge of knob to note: it finds an obedient instrument obedient, and every kind of disobedience."""

import random
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from mvae.core.groove import FEATURES, VOICES
from mvae.core.latent import Latent
from mvae.core.panel import Positions
from mvae.core.score import Handoff
from mvae.live import wire
from mvae.live.bounce import Bounce
from mvae.live.control_log import Act, Take
from mvae.live.ensemble import Ensemble
from mvae.live.instrument import make_panel
from mvae.live.lookahead import Lookahead
from mvae.live.models import GrooveModel
from mvae.live.oracle import Obedience, Oracle, Performance, Turned
from mvae.live.take import Recorder
from tests.toy_space import toy_patch, toy_space

TEMPO_BPM = 120.0
TICK_S = 60 / TEMPO_BPM / 960
TAKE = Take("toy", 1, TEMPO_BPM, {})
MOVES = 40
FIRST_S, EVERY_S = 0.2, 0.13
LEAD_S = 0.020
Tokens = NDArray[np.float32]


class ToyDecoder:
    """Three voices whose loudness and timing follow z, and what came before them."""

    space = toy_space()
    steps = 32

    def decode(
        self, z: Latent, hits: Tokens, temperature: float, forced: Tokens | None = None, mask: NDArray[np.bool_] | None = None
    ) -> Tokens:
        tokens, heard = np.zeros((self.steps, FEATURES), np.float32), float(z.sum())
        for step in range(self.steps):
            for voice in range(3):
                cells = [voice, VOICES + voice, 2 * VOICES + voice]
                if mask is not None and forced is not None and mask[step, voice]:
                    tokens[step, cells] = forced[step, cells]
                else:
                    hit = np.sin(7 * voice + step + 3 * heard) > -0.3
                    tokens[step, cells] = (hit, 0.5 + 0.4 * np.sin(step + 5 * heard), 0.6 * np.sin(voice + heard)) if hit else (0, 0, 0)
                heard = 0.8 * heard + float(tokens[step, VOICES + voice]) + 0.1 * float(z[0])
        return tokens


class Forgetful(ToyDecoder):
    """Hears nothing of what was played."""

    def decode(
        self, z: Latent, hits: Tokens, temperature: float, forced: Tokens | None = None, mask: NDArray[np.bool_] | None = None
    ) -> Tokens:
        return super().decode(z, hits, temperature)


class Deaf(Lookahead):
    """Does as if no knob had been turned."""

    def move(self, tick: int, positions: Positions, tempo_bpm: float) -> tuple[Handoff, ...]:
        return super().move(tick, positions.moved({"x": 0.0}), tempo_bpm)


class Ears(Recorder):
    """Remembers every note."""

    def __init__(self) -> None:
        super().__init__(None, TAKE)
        self.notes: dict[tuple[int, int, int], tuple[int, int, int]] = {}

    def hear(self, message: wire.Up) -> None:
        if isinstance(message, wire.Sent) and message.on:
            self.notes[message.part, message.voice, message.step] = (message.tick, message.pitch, message.velocity)


class Scene:
    """A patch, a hand that moved knob x, and a performance of it."""

    def __init__(self, folder: Path) -> None:
        self.patch = toy_patch(folder)
        draw = random.Random(1)
        self.turns = [Turned(FIRST_S + EVERY_S * turn, "osc", "x", draw.random()) for turn in range(MOVES)]

    def perform(self, ahead: type[Lookahead], decoder: ToyDecoder, after_s: float) -> tuple[list[Act], Performance]:
        """Each move is taken so long after it was made."""
        panel, acts = make_panel(self.patch, {}, TEMPO_BPM), [Act("play")]
        band = Ensemble(self.patch, [self.patch], [GrooveModel(decoder)], TAKE.seed)
        band.lookaheads = (ahead(self.patch, GrooveModel(decoder), TAKE.seed),)
        band._leads = {0: band.lookaheads[0]}
        bounce = Bounce(panel, band, TAKE)
        bounce.recorder = ears = Ears()
        bounce.repeat(acts[0])
        for turned in self.turns:
            tick = round((turned.at_s + after_s) / TICK_S)
            acts += [Act("move", tick, tick + 2, {"x": turned.value}), Act("follow", tick + 1)]
            bounce.repeat(acts[-2])
            bounce.repeat(acts[-1])
        end = round((self.turns[-1].at_s + 1.0) / TICK_S)
        bounce.run_to(end)
        return acts, Performance(ears.notes, lambda tick: tick * TICK_S, end * TICK_S)

    def judged(self, ahead: type[Lookahead], decoder: ToyDecoder, after_s: float) -> tuple[Obedience, Obedience]:
        acts, played = self.perform(ahead, decoder, after_s)
        oracle = Oracle(self.patch, GrooveModel(ToyDecoder()), TAKE.seed, make_panel(self.patch, {}, TEMPO_BPM).snapshot())
        return oracle.judge(self.turns, acts, played, LEAD_S), oracle.judge_when_taken(self.turns, acts, played)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def test_an_obedient_instrument_is_found_obedient(scene: Scene) -> None:
    by_lead, when_taken = scene.judged(Lookahead, ToyDecoder(), 0.005)
    assert by_lead.share == when_taken.share == 1.0
    assert by_lead.notes > MOVES and by_lead.moves == MOVES and by_lead.overtaken == 0
    assert all(4.9 < latency < 8.0 for _, latency in by_lead.latencies_ms) and len(by_lead.latencies_ms) == MOVES


def test_an_instrument_that_ignores_the_knob_is_found_out(scene: Scene) -> None:
    for judgement in scene.judged(Deaf, ToyDecoder(), 0.005):
        assert judgement.notes > MOVES and judgement.share < 0.4


def test_an_instrument_that_forgets_what_it_played_is_found_out(scene: Scene) -> None:
    for judgement in scene.judged(Lookahead, Forgetful(), 0.005):
        assert judgement.notes > MOVES and judgement.share < 0.5


def test_an_instrument_that_obeys_too_late_fails_by_the_lead_alone(scene: Scene) -> None:
    by_lead, when_taken = scene.judged(Lookahead, ToyDecoder(), 0.060)
    assert by_lead.share < 0.9 and when_taken.share == 1.0
    assert all(latency > 59 for _, latency in by_lead.latencies_ms)


def test_a_lost_note_is_found_out(scene: Scene) -> None:
    acts, played = scene.perform(Lookahead, ToyDecoder(), 0.005)
    oracle = Oracle(scene.patch, GrooveModel(ToyDecoder()), TAKE.seed, make_panel(scene.patch, {}, TEMPO_BPM).snapshot())
    lost = Performance({}, played.time_of, played.end_s)
    assert oracle.judge(scene.turns, acts, lost, LEAD_S).share < 0.5


def test_a_move_that_is_overtaken_is_counted_and_not_forgiven(scene: Scene) -> None:
    acts, played = scene.perform(Lookahead, ToyDecoder(), 0.005)
    oracle = Oracle(scene.patch, GrooveModel(ToyDecoder()), TAKE.seed, make_panel(scene.patch, {}, TEMPO_BPM).snapshot())
    ignored = Turned(scene.turns[10].at_s + EVERY_S / 3, "cc", "x", 0.123)
    turns = [*scene.turns[:11], ignored, *scene.turns[11:]]
    judgement = oracle.judge(turns, acts, played, LEAD_S)
    assert judgement.overtaken == 1 and judgement.share < 1.0
