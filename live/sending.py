"""How late notes are sent: by the instrument, calm and under load, and in the same seconds by a do-nothing spinner and a bare sender.

The load: knobs that move at 50 Hz, so that decodes never stop, in 2,000 OSC messages a second from another process. Calm and loaded
stretches alternate, so that whatever else this machine does hits both.
"""

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from mvae.live import spinner
from mvae.live.launch import memory_mb
from mvae.live.osc_ports import OscPorts
from mvae.live.rig import Rig, free_port, process, rig

ROUNDS: Final = 2  # of a calm and a loaded stretch each
SENDER: Final = "mvae-reference"
EXTRA_S: Final = 5.0  # a flood lasts longer than the stretch it is measured in, for processes that start late


@dataclass(slots=True)
class Late:
    """Lateness in ms over some stretches: of the instrument's notes, the spinner's deadlines, the bare sender's notes."""

    notes: list[float] = field(default_factory=list)
    spinner: list[float] = field(default_factory=list)
    sender: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Sending:
    """All of a measurement. Rates are those of the loaded stretches; memory growth is None where the system does not tell."""

    calm: Late = field(default_factory=Late)
    loaded: Late = field(default_factory=Late)
    late_phrases: int = 0
    decodes: int = 0
    osc_messages: int = 0
    loaded_s: float = 0.0
    growth_mb: float | None = None
    port: str = ""


def measure_sending(patch: str, folder: Path, seconds: float) -> Sending:
    """`seconds` of calm and as many of load. UserError for what stage refuses."""
    found, osc_port = Sending(), free_port()
    with rig(patch, folder, osc_port) as playing:
        playing.wait_until_it_sounds()
        player = playing.instrument.player
        found.port = f"{player.port} ({player.ready.api})" if player.port else player.remark
        begin_mb = None
        for _ in range(ROUNDS):
            stretch(playing, seconds / ROUNDS, found.calm)
            begin_mb = begin_mb or memory_mb(playing.pid)
            loaded_stretch(playing, patch, seconds / ROUNDS, found)
        end_mb = memory_mb(playing.pid)
        found.growth_mb = None if begin_mb is None or end_mb is None else end_mb - begin_mb
    return found


def loaded_stretch(playing: Rig, patch: str, seconds: float, found: Sending) -> None:
    """One stretch with the flood on."""
    instrument, osc = playing.instrument, playing.witness.out
    words = ("flood", "--patch", patch, "--osc", str(playing.osc_port), "--seconds", str(seconds + EXTRA_S))
    with process("mvae.live.hand", *words) as hand:
        assert hand.stdout
        json.loads(hand.stdout.readline())
        before = instrument.player.status().counters.repeats, instrument.gauges.count, received(osc), time.monotonic()
        stretch(playing, seconds, found.loaded)
        found.late_phrases += instrument.player.status().counters.repeats - before[0]
        found.decodes += instrument.gauges.count - before[1]
        found.osc_messages += received(osc) - before[2]
        found.loaded_s += time.monotonic() - before[3]


def received(osc: object) -> int:
    return osc.counts.received if isinstance(osc, OscPorts) else 0


def stretch(playing: Rig, seconds: float, late: Late) -> None:
    """Let it play beside a spinner and a bare sender, and keep what was sent while both ran."""
    spinning, sending = spinner.start(seconds), spinner.start(seconds, SENDER)
    try:
        spun = spinner.lateness_us(spinning)
        first_end_s = time.monotonic()
        sent = spinner.lateness_us(sending)
        begin_s = time.monotonic() - seconds
    finally:
        for process_ in (spinning, sending):
            process_.kill()
            process_.wait()
    playing.pause(0.1)  # what was sent has been reported
    late.notes += playing.witness.late_between(begin_s, first_end_s)
    late.spinner += [us / 1000 for us in spun]
    late.sender += [us / 1000 for us in sent]
