"""Knob to note: a hand moves the knobs of a playing instrument at random times, and an oracle says which notes obeyed."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from subprocess import Popen

from mvae.core.change import Scale
from mvae.core.patch import Patch
from mvae.live.control_log import read
from mvae.live.controllers import Controllers
from mvae.live.ensemble import open_band
from mvae.live.hand import Move, knobs_of_music
from mvae.live.instrument import make_panel
from mvae.live.oracle import Obedience, Oracle, Performance, Turned
from mvae.live.output import control
from mvae.live.rig import Rig, free_port, process, rig
from mvae.live.take import log_path

HAND = "mvae-hand"
TAIL_S = 1.5  # of music after the last move
SLACK_S = 0.25  # before the last send that was reported: what was due earlier has been reported, too
SCALES: dict[str, Scale] = {"cc": "7-bit", "osc": "normalized"}


@dataclass(frozen=True, slots=True)
class Hand:
    """A hand that waits to begin, and the MIDI port at which it can be heard; empty where no port can be made."""

    process: "Popen[str]"
    port: str

    @property
    def controllers(self) -> list[str]:
        """What the instrument should listen to."""
        return [HAND] if self.port else []


def knob_to_note(patch_name: str, folder: Path, moves: int, seed: int = 1, lead_s: float | None = None) -> tuple[Obedience, Obedience]:
    """Play, move, and judge, by the lead and from when each move was taken; the take lies in `folder`.

    `lead_s` is the model card's unless it is given. CCs come over MIDI where a port can be made, else they enter the controllers' path
    as bytes. UserError for what stage refuses.
    """
    osc_port = free_port()
    with a_hand(patch_name, osc_port, moves, seed) as hand, rig(patch_name, folder, osc_port, hand.controllers) as playing:
        playing.wait_until_it_sounds()
        made, played = moved(hand, playing)
    return judge(playing, made, folder, played, lead_s)


@contextmanager
def a_hand(patch_name: str, osc_port: int, moves: int, seed: int = 1) -> Iterator[Hand]:
    """A hand that is there before the instrument is."""
    words = ("--patch", patch_name, "--osc", str(osc_port), "--count", str(moves), "--seed", str(seed), "--name", HAND)
    with process("mvae.live.hand", *words) as made:
        assert made.stdout
        yield Hand(made, json.loads(made.stdout.readline())[1])


def moved(hand: Hand, playing: Rig) -> tuple[list[Move], Performance]:
    """Let the hand make all its moves; they, and what was played until a moment after them."""
    assert hand.process.stdin
    hand.process.stdin.write("go\n")
    hand.process.stdin.flush()
    made = list(follow(hand.process, playing, by_port=bool(hand.port)))
    status = playing.instrument.player.status()
    playing.pause(TAIL_S)
    return made, Performance(dict(playing.witness.played), status.time_of_tick, playing.witness.at_s[-1] - SLACK_S)


def follow(hand: "Popen[str]", playing: Rig, by_port: bool) -> Iterator[Move]:
    """The moves as the hand tells them; a CC that has no port is turned here."""
    assert hand.stdout
    patch = playing.instrument.band.patch
    controllers, numbers = Controllers(patch, HAND), {knob.name: knob for knob in knobs_of_music(patch)}
    for line in hand.stdout:
        made = Move(*json.loads(line))
        if made.way == "cc" and not by_port:
            knob = numbers[made.knob]
            message = control(knob.channel or 0, knob.cc or 0, int(made.value))
            playing.instrument.panel.turn(*controllers.changes(message, playing.instrument.now_s()))
        yield made


def judge(playing: Rig, made: list[Move], folder: Path, played: Performance, lead_s: float | None) -> tuple[Obedience, Obedience]:
    """What oracles with models of their own, one for each bundle, say of the take: by the lead, and from when each move was taken."""
    take, acts = read(log_path(folder / "take.mid"))
    assert take is not None
    opened = open_band(playing.instrument.band.patch)
    start = make_panel(opened.patch, opened.temperatures, take.tempo_bpm).snapshot()
    turns = [Turned(move.at_s, move.way, move.knob, position(opened.patch, move)) for move in made]
    band = opened.ensemble(take.seed).lookaheads
    oracles = [Oracle(ahead.patch, ahead.model, take.seed, start, ahead.numbers) for ahead in band]
    lead_s = max(decoder.card.lead_ms for decoder in opened.decoders.values()) / 1000 if lead_s is None else lead_s
    by_lead = [oracle.judge(turns, acts, own(oracle, played), lead_s) for oracle in oracles]
    return together(by_lead), together([oracle.judge_when_taken(turns, acts, own(oracle, played)) for oracle in oracles])


def own(oracle: Oracle, played: Performance) -> Performance:
    """What the oracle's parts played."""
    return replace(played, notes={note: struck for note, struck in played.notes.items() if note[0] in oracle.numbers})


def together(judgements: Sequence[Obedience]) -> Obedience:
    """The judgements of one set of moves, added up; a move has come through when all have taken it."""
    first = judgements[0]
    each_move = zip(*(one.latencies_ms for one in judgements), strict=True)
    latencies = tuple((of_all[0][0], max(ms for _, ms in of_all)) for of_all in each_move)
    notes, obeyed = sum(one.notes for one in judgements), sum(one.obeyed for one in judgements)
    return replace(first, notes=notes, obeyed=obeyed, latencies_ms=latencies)


def position(patch: Patch, move: Move) -> float:
    """Where a move puts its knob, in the knob's own unit."""
    value = patch.actions()[move.knob].read(move.value, SCALES[move.way])
    assert isinstance(value, float)
    return value
