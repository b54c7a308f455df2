"""How late notes are sent: by the instrument, calm and under load, and in the same seconds by a do-nothing spinner and a bare sender.

The load: knobs that move at 50 Hz, so that decodes never stop, in 2,000 OSC messages a second from another process. Calm and loaded
stretches alternate, so that whatever else this machine does hits both. Nothing is recorded, so that memory has no reason to grow.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from mvae.live import spinner
from mvae.live.flood import flooding
from mvae.live.memory import Memory
from mvae.live.osc_ports import Counts, OscPorts
from mvae.live.rig import Rig, free_port, rig

ROUNDS: Final = 2  # of a calm and a loaded stretch each
SENDER: Final = "mvae-reference"
LOOK_S: Final = 0.5  # between two looks at whether memory is due
RATE_HZ: Final = 2000  # OSC messages of the flood


@dataclass(slots=True)
class Late:
    """Lateness in ms over some stretches: of the instrument's notes, the spinner's deadlines, the bare sender's notes."""

    notes: list[float] = field(default_factory=list)
    spinner: list[float] = field(default_factory=list)
    sender: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Load:
    """What the instrument did in the loaded stretches."""

    late_phrases: int = 0
    decodes: int = 0
    osc_messages: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class Sending:
    """All of a measurement, and what the instrument's processes held meanwhile."""

    memory: Memory
    calm: Late = field(default_factory=Late)
    loaded: Late = field(default_factory=Late)
    load: Load = field(default_factory=Load)
    port: str = ""


def measure_sending(patch: str, seconds: float) -> Sending:
    """`seconds` of calm and as many of load. UserError for what stage refuses."""
    found, osc_port = Sending(Memory(os.getpid(), 2 * seconds)), free_port()
    with rig(patch, None, osc_port) as playing:
        playing.wait_until_it_sounds()
        found.port = port_of(playing)
        for _ in range(ROUNDS):
            stretch(playing, seconds / ROUNDS, found.calm, found.memory)
            with flooding(patch, osc_port, RATE_HZ), counted(playing, found.load):
                stretch(playing, seconds / ROUNDS, found.loaded, found.memory)
    return found


def port_of(playing: Rig) -> str:
    """Where the notes go, or why they go nowhere."""
    player = playing.instrument.player
    return f"{player.port} ({player.ready.api})" if player.port else player.remark


@contextmanager
def counted(playing: Rig, load: Load) -> Iterator[None]:
    """Add what the instrument does within the block."""
    instrument = playing.instrument
    before = instrument.player.status().counters.repeats, instrument.gauges.count, counts(playing).received, time.monotonic()
    yield
    load.late_phrases += instrument.player.status().counters.repeats - before[0]
    load.decodes += instrument.gauges.count - before[1]
    load.osc_messages += counts(playing).received - before[2]
    load.seconds += time.monotonic() - before[3]


def counts(playing: Rig) -> Counts:
    """What came in over OSC."""
    osc = playing.witness.out
    assert isinstance(osc, OscPorts)
    return osc.counts


def stretch(playing: Rig, seconds: float, late: Late, memory: Memory) -> None:
    """Let it play beside a spinner and a bare sender, and keep what was sent while both ran."""
    spinning, sending = spinner.start(seconds), spinner.start(seconds, SENDER)
    try:
        until_s = time.monotonic() + seconds
        while time.monotonic() < until_s:
            memory.look()
            playing.pause(min(LOOK_S, seconds))
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
