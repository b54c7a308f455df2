"""Knob to note: a hand moves the knobs of a playing instrument at random times, and an oracle says which notes obeyed."""

import json
from collections.abc import Iterator
from pathlib import Path
from subprocess import Popen

from mvae.core.change import Scale
from mvae.core.patch import Patch
from mvae.live.control_log import read
from mvae.live.controllers import Controllers
from mvae.live.decoder import Decoder
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


def knob_to_note(patch_name: str, folder: Path, moves: int, seed: int = 1, lead_s: float | None = None) -> tuple[Obedience, Obedience]:
    """Play, move, and judge, by the lead and from when each move was taken; the take lies in `folder`.

    `lead_s` is the model card's unless it is given. CCs come over MIDI where a port can be made, else they enter the controllers' path
    as bytes. UserError for what stage refuses.
    """
    osc_port = free_port()
    words = ("moves", "--patch", patch_name, "--osc", str(osc_port), "--count", str(moves), "--seed", str(seed), "--name", HAND)
    with process("mvae.live.hand", *words) as hand:
        assert hand.stdin and hand.stdout
        heard_at: str = json.loads(hand.stdout.readline())[1]
        with rig(patch_name, folder, osc_port, [HAND] if heard_at else []) as playing:
            playing.wait_until_it_sounds()
            hand.stdin.write("go\n")
            hand.stdin.flush()
            made = list(follow(hand, playing, by_port=bool(heard_at)))
            status = playing.instrument.player.status()
            playing.pause(TAIL_S)
            played = Performance(dict(playing.witness.played), status.time_of_tick, playing.witness.at_s[-1] - SLACK_S)
    return judge(playing, made, folder, played, lead_s)


def follow(hand: "Popen[str]", playing: Rig, by_port: bool) -> Iterator[Move]:
    """The moves as the hand tells them; a CC that has no port is turned here."""
    assert hand.stdout
    ahead = playing.instrument.lookahead
    controllers, numbers = Controllers(ahead.patch, HAND), {knob.name: knob for knob in knobs_of_music(ahead.patch)}
    for line in hand.stdout:
        made = Move(*json.loads(line))
        if made.way == "cc" and not by_port:
            knob = numbers[made.knob]
            message = control(knob.channel or 0, knob.cc or 0, int(made.value))
            playing.instrument.panel.turn(*controllers.changes(message, playing.instrument.now_s()))
        yield made


def judge(playing: Rig, made: list[Move], folder: Path, played: Performance, lead_s: float | None) -> tuple[Obedience, Obedience]:
    """What an oracle of its own, with a decoder of its own, says of the take: by the lead, and from when each move was taken."""
    patch: Patch = playing.instrument.lookahead.patch
    take, acts = read(log_path(folder / "take.mid"))
    assert take is not None
    decoder = Decoder.open(patch.bundle_folder(patch.parts[0]))
    panel = make_panel(patch, decoder.card.temperature, take.tempo_bpm)
    turns = [Turned(move.at_s, move.way, move.knob, position(patch, move)) for move in made]
    oracle = Oracle(patch, decoder, take.seed, panel.snapshot())
    lead_s = decoder.card.lead_ms / 1000 if lead_s is None else lead_s
    return oracle.judge(turns, acts, played, lead_s), oracle.judge_when_taken(turns, acts, played)


def position(patch: Patch, move: Move) -> float:
    """Where a move puts its knob, in the knob's own unit."""
    value = patch.actions()[move.knob].read(move.value, SCALES[move.way])
    assert isinstance(value, float)
    return value
