"""Oracles of a band, one for each bundle, hold a take of it against its log."""

import random
from dataclasses import replace

import pytest

from mvae.live import wire
from mvae.live.control_log import Act, read
from mvae.live.moves import own, together
from mvae.live.oracle import Obedience, Oracle, Performance, Turned, concerning
from mvae.live.take import log_path
from tests.live.hall import SEED, Hall
from tests.live.orchestra import orchestra

MOVES = 30
EVERY_S = 0.4
KNOBS = ("x", "hits", "y")


def test_each_part_sees_of_an_act_what_was_its_own() -> None:
    acts = [
        Act("play"), Act("move", 100, at=98, part=0), Act("with", 101, part=1), Act("with", 102, part=2), Act("follow", 200, part=1),
    ]  # fmt: skip
    assert concerning(acts, (1, 2)) == [acts[0], replace(acts[1], tick=102), acts[4]]
    assert concerning(acts, (0,)) == [acts[0], acts[1], replace(acts[4], do="with")]
    assert [act.do for act in concerning(acts, (3,))] == ["play", "with", "with"]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Turned], list[Act], Performance, list[Oracle]]:
    """Moves of a band's knobs, the acts of its log, what was played, and an oracle for each bundle."""
    path, draw = tmp_path_factory.mktemp("take") / "take.mid", random.Random(2)
    with Hall(path, band=orchestra()) as hall:
        start = hall.panel.snapshot()
        hall.play(0.3)
        turns = []
        for turn in range(MOVES):
            knob = KNOBS[turn % len(KNOBS)]
            turns.append(Turned(hall.clock.now, "osc", knob, draw.random()))
            hall.do(knob, turns[-1].value)
            hall.run(EVERY_S)
        hall.run(1.0)
        notes = {(s.part, s.voice, s.step): (s.tick, s.pitch, s.velocity) for s in hall.of(wire.Sent) if isinstance(s, wire.Sent) and s.on}
        status = hall.link.status()
        played = Performance(notes, status.time_of_tick, hall.clock.now - 0.25)
        hall.instrument.finish()
    take, acts = read(log_path(path))
    assert take is not None
    oracles = [Oracle(ahead.patch, ahead.model, SEED, start, ahead.numbers) for ahead in orchestra().lookaheads]
    return turns, acts, played, oracles


def judged(scene: tuple[list[Turned], list[Act], Performance, list[Oracle]]) -> list[Obedience]:
    turns, acts, played, oracles = scene
    return [oracle.judge_when_taken(turns, acts, own(oracle, played)) for oracle in oracles]


def test_an_obedient_band_is_found_obedient(scene: tuple[list[Turned], list[Act], Performance, list[Oracle]]) -> None:
    judgements = judged(scene)
    assert [judgement.share for judgement in judgements] == [1.0] * 3
    assert min(judgement.notes for judgement in judgements) > 5
    whole = together(judgements)
    assert whole.notes == sum(judgement.notes for judgement in judgements) and whole.moves == MOVES and whole.share == 1.0


def test_a_band_that_plays_something_else_is_found_out(scene: tuple[list[Turned], list[Act], Performance, list[Oracle]]) -> None:
    turns, acts, played, oracles = scene
    bent = {note: (tick, pitch + (note[0] == 3), loud) for note, (tick, pitch, loud) in played.notes.items()}
    judgements = judged((turns, acts, replace(played, notes=bent), oracles))
    assert judgements[0].share == judgements[1].share == 1.0 > judgements[2].share
